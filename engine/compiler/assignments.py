"""roles.yaml, `assignments`: to whom a record goes by itself."""

from __future__ import annotations

from collections.abc import Iterator

from engine.blueprint.assignments import Assignment, Territory
from engine.blueprint.conditions import ALWAYS, NEVER, AllOf, Condition, Test
from engine.blueprint.roles import Rights
from engine.compiler.conditions import read_condition
from engine.compiler.draft import Draft, label_from, rule_of_names, tidy_name
from engine.compiler.spot import Spot

SKILLS = ("text", "choice", "choices", "tags")  # fields that a person's skills can be compared with


def build_assignments(draft: Draft) -> None:
    for name, spot in draft.section("assignments").items():
        entity = draft.entity_named(spot.get("entity"))
        if entity is not None and spot.node.is_map:
            draft.assignments[name] = _assignment(draft, name, entity, spot)
    for name, made in draft.assignments.items():
        _check_overflow(draft, made, draft.section("assignments")[name])


def _assignment(draft: Draft, name: str, entity: str, spot: Spot) -> Assignment:
    wrong = rule_of_names(name)
    if wrong:
        message = f'"{name}" cannot name an assignment: {wrong}.'
        draft.tell(spot, "bad-name", message, f'Write "{tidy_name(name)}".', at_key=True)
    if not draft.owned[entity]:
        message = f"{entity} has no owner, so it cannot be assigned."
        draft.tell(spot.get("entity") or spot, "no-effect", message, "Name an entity with an owner.")
    among = _people(draft, entity, spot.get("among"))
    how, counts, capacity = spot.text("how") or "round_robin", spot.get("counts"), spot.number("capacity")
    if counts is not None and how != "least_loaded" and capacity is None and not _have_capacity(draft):
        message = "Nobody's load is looked at here."
        draft.tell(counts, "no-effect", message, "Say a capacity, or how: least_loaded.", at_key=True)
    return Assignment(
        name=name,
        label=spot.text("label") or label_from(name),
        entity=entity,
        how=how,
        among=among,
        counts=read_condition(draft, entity, counts) if counts else ALWAYS,
        capacity=capacity,
        skill=_skill(draft, entity, spot.get("skill")),
        working_hours_only=_waits(draft, spot.get("only_in")),
        territories=_territories(draft, entity, spot.get("territories")),
        overflow=_overflow(draft, spot.get("overflow")),
        source=spot.source,
    )


def _have_capacity(draft: Draft) -> bool:
    return "capacity" in draft.fields["user"]


def _people(draft: Draft, entity: str, spot: Spot | None) -> Condition:
    if spot is None:
        return ALWAYS
    among = read_condition(draft, "user", spot)
    for role in _roles_named(among):
        if role in draft.roles and draft.roles[role].rights.get(entity, Rights()).read == NEVER:
            message = f"{role} may not read {entity}, so nobody of that role can be given one."
            draft.tell(spot, "contradiction", message, f"Give the role a right to read {entity}, or name another.")
    return among


def _roles_named(condition: Condition) -> Iterator[str]:
    match condition:
        case Test("role", "is", str(role)):
            yield role
        case Test("role", "in", tuple(roles)):
            yield from roles
        case AllOf(parts):
            for part in parts:
                yield from _roles_named(part)


def _skill(draft: Draft, entity: str, spot: Spot | None) -> str | None:
    field = draft.field_named(entity, spot) if spot is not None else None
    if spot is None or field is None:
        return None
    if field.type not in SKILLS:
        message = f"{field.name} is of type {field.type}, which is no skill."
        draft.tell(spot, "wrong-value", message, f"Name a field of type {', '.join(SKILLS[:-1])} or {SKILLS[-1]}.")
        return None
    if "skills" not in draft.fields["user"]:
        draft.tell(spot, "no-effect", "People have no skills: user has no field skills.", "Keep that field of user.")
    return field.name


def _waits(draft: Draft, spot: Spot | None) -> bool:
    if spot is not None and not draft.manifest.hours.week and draft.can_judge("manifest"):
        message = "The firm has no working hours, so it is always open."
        draft.tell(spot, "no-effect", message, "Write working_hours in crm.yaml, or take this out.")
    return spot is not None


def _territories(draft: Draft, entity: str, spot: Spot | None) -> tuple[Territory, ...]:
    return tuple(_territory(draft, entity, name, at) for name, at in spot.items() if at.node.is_map) if spot else ()


def _territory(draft: Draft, entity: str, name: str, spot: Spot) -> Territory:
    when = spot.get("when")
    return Territory(
        name=name,
        label=spot.text("label") or label_from(name),
        when=read_condition(draft, entity, when) if when else ALWAYS,
        among=_people(draft, entity, spot.get("among")),
        territories=_territories(draft, entity, spot.get("territories")),
    )


# ---- overflow


def _overflow(draft: Draft, spot: Spot | None) -> str | None:
    known = draft.section("assignments").node.value or {}
    if spot is None or spot.word is None or spot.word in known:
        return spot.word if spot is not None else None
    if draft.can_judge("roles", "assignments"):
        draft.unknown(spot, spot.word, "an assignment", known)
    return None


def _check_overflow(draft: Draft, made: Assignment, spot: Spot) -> None:
    other = draft.assignments.get(made.overflow or "")
    if other is not None and other.entity != made.entity:
        message = f"{other.name} gives out records of {other.entity}, and {made.name} those of {made.entity}."
        draft.tell(spot["overflow"], "contradiction", message, f"Name an assignment of {made.entity}.")
    chain = [made.name]
    while other is not None and other.name not in chain:
        chain.append(other.name)
        other = draft.assignments.get(other.overflow or "")
    if other is not None and other.name == made.name and made.name == min(chain):
        message = f"What overflows goes round in a circle: {' -> '.join([*chain, made.name])}."
        draft.tell(spot["overflow"], "circle", message, "Let one of them overflow to nobody.")
