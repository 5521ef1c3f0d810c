"""notifications.yaml: who is told what, and when."""

from __future__ import annotations

from engine.blueprint.notifications import Notification
from engine.blueprint.triggers import Happening
from engine.compiler.conditions import read_condition
from engine.compiler.draft import Draft, label_from
from engine.compiler.spot import Spot
from engine.compiler.templates import read_template

WORDS = ("title", "actor", "link")  # beside the fields: the record's title, who did it, the record's address
PEOPLE = ("owner", "manager of owner", "actor")


def build_notifications(draft: Draft) -> None:
    for name, spot in draft.section("notifications").items():
        entity = draft.entity_named(spot.get("entity"))
        if entity is not None:
            draft.notifications[name] = _notification(draft, name, entity, spot)


def _notification(draft: Draft, name: str, entity: str, spot: Spot) -> Notification:
    on = spot.text("on") or "created"
    _check_key_fits(draft, spot, "fields", on, "changed")
    _check_key_fits(draft, spot, "into", on, "moved")
    text = spot.get("text")
    return Notification(
        name=name,
        label=spot.text("label") or label_from(name),
        entity=entity,
        text=read_template(draft, entity, text if text is not None else spot, WORDS),
        to=_recipients(draft, entity, spot),
        trigger=Happening(on, _fields(draft, entity, spot), _stages(draft, entity, spot, on)),
        when=read_condition(draft, entity, spot.get("when")),
        source=spot.source,
    )


def _check_key_fits(draft: Draft, spot: Spot, key: str, on: str, needed: str) -> None:
    at = spot.get(key)
    if at is not None and on != needed:
        message = f'"{key}" goes with on: {needed}; this one is on: {on}.'
        draft.tell(at, "no-effect", message, f"Remove it, or write on: {needed}.", at_key=True)


def _fields(draft: Draft, entity: str, spot: Spot) -> tuple[str, ...]:
    named = [draft.field_named(entity, at) for _, at in spot.words("fields")]
    return tuple(field.name for field in named if field is not None)


def _stages(draft: Draft, entity: str, spot: Spot, on: str) -> tuple[str, ...]:
    workflows = [w for w in draft.workflows.values() if w.entity == entity]
    if on == "moved" and not workflows and draft.can_judge("workflows"):
        message = f"{entity} has no workflow, so it never moves."
        draft.tell(spot.get("on") or spot, "contradiction", message, "Use on: created, changed or assigned.")
        return ()
    known = tuple(dict.fromkeys(stage for w in workflows for stage in w.stages))
    for word, at in spot.words("into"):
        if word not in known and workflows and draft.can_judge("workflows"):
            draft.unknown(at, word, f"a stage of {entity}", known)
    return tuple(word for word, _ in spot.words("into") if word in known)


def _recipients(draft: Draft, entity: str, spot: Spot) -> tuple[str, ...]:
    to = spot.get("to")
    found = [_recipient(draft, entity, at) for at in to.each()] if to else []
    return tuple(dict.fromkeys(word for word in found if word))


def _recipient(draft: Draft, entity: str, spot: Spot) -> str | None:
    if spot.node.is_map:
        return _role_or_field(draft, entity, spot)
    if spot.word is None:
        return None
    if spot.word not in PEOPLE:
        return _tell_recipient(draft, spot)
    if "owner" in spot.word and not draft.owned[entity]:
        draft.tell(spot, "no-effect", f"{entity} has no owner who could be told.", "Name a role or a field.")
        return None
    return spot.word


def _tell_recipient(draft: Draft, spot: Spot) -> None:
    if spot.word in draft.section("roles").node.value:
        draft.tell(spot, "unknown-name", f'"{spot.word}" is a role.', f"Write {{role: {spot.word}}}.")
    else:
        draft.unknown(spot, spot.word, "somebody who can be told", (*PEOPLE, "role: NAME", "field: NAME"))


def _role_or_field(draft: Draft, entity: str, spot: Spot) -> str | None:
    role, field = spot.get("role"), spot.get("field")
    if role is not None:
        named = draft.role_named(role)
        return f"role:{named}" if named else None
    return _field_of_person(draft, entity, field) if field is not None else None


def _field_of_person(draft: Draft, entity: str, spot: Spot) -> str | None:
    field = draft.field_named(entity, spot)
    if field is None:
        return None
    if field.options.get("entity") == "user" and field.type in ("user", "reference", "references"):
        return f"field:{field.name}"
    known = [f.name for f in draft.fields[entity].values() if f.type == "user"]
    draft.unknown(spot, field.name, f"a field of {entity} that holds a person", known)
    return None
