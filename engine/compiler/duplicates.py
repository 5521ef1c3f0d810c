"""entities.yaml, third pass: `duplicates`, by what a record that comes in is known again, and `checks`, what must hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.blueprint.conditions import ALWAYS, Condition
from engine.blueprint.duplicates import Alike, Among, Check, DuplicateRule, Match, Same, Together, fields_of
from engine.blueprint.entities import Field
from engine.compiler.conditions import read_condition, read_value
from engine.compiler.draft import Draft, frozen
from engine.compiler.entities import writable
from engine.compiler.spot import Spot

# What is compared as the same thing, whatever the field's type says besides.
FAMILIES = {"text": "text", "url": "text", "phone": "phone", "email": "email", "integer": "integer", "date": "date",
            "choice": "word", "yes_no": "yes_no", "reference": "record", "user": "user", "team": "team"}  # fmt: skip


def build_duplicates(draft: Draft) -> None:
    for name, entity in tuple(draft.entities.items()):
        spot = draft.section("entities").get(name)
        if spot is not None:
            rules = tuple(_rules(draft, name, spot.get("duplicates")))
            checks = tuple(_checks(draft, name, spot.get("checks")))
            draft.entities[name] = replace(entity, duplicates=rules, checks=checks)


def _rules(draft: Draft, entity: str, spot: Spot | None) -> Iterator[DuplicateRule]:
    for name, at in spot.items() if spot is not None and spot.node.is_map else ():
        if at.node.is_map:
            yield _rule(draft, entity, name, at)


def _rule(draft: Draft, entity: str, name: str, spot: Spot) -> DuplicateRule:
    match = tuple(_matches(draft, entity, spot.get("match")))
    rule = DuplicateRule(
        name=name,
        outcome=spot.text("outcome") or "duplicate",
        match=match,
        among=_among(draft, entity, match, spot) if spot.get("match") else (),
        when=_condition(draft, entity, spot.get("when")),
        set=_values(draft, entity, spot.get("set")),
        block=spot.flag("block"),
        source=spot.source,
    )
    _check_says_something(draft, spot)
    return rule


def _check_says_something(draft: Draft, spot: Spot) -> None:
    if not spot.get("match") and not spot.get("when"):
        message = "This rule says neither what has to be the same (match) nor which records it means (when)."
        draft.tell(spot, "missing-key", message, "Write match: [phone, email].", at_key=True)
    if spot.get("among") and not spot.get("match"):
        _no_effect(draft, spot.get("among"), "Without match nothing is looked for, so among has no effect.")
    if spot.get("set") and spot.flag("block"):
        _no_effect(draft, spot.get("set"), "What is refused gets no values: block and set contradict each other.")


def _no_effect(draft: Draft, spot: Spot | None, message: str) -> None:
    if spot is not None:
        draft.tell(spot, "no-effect", message, "Remove one of the two.", at_key=True)


def _condition(draft: Draft, entity: str, spot: Spot | None) -> Condition:
    return read_condition(draft, entity, spot) if spot is not None else ALWAYS


def _values(draft: Draft, entity: str, spot: Spot | None) -> Mapping[str, Any]:
    values = {}
    for name, at in spot.items() if spot is not None and spot.node.is_map else ():
        field = draft.field_named(entity, at, name, at_key=True)
        if field is None:
            continue
        if not writable(field):
            hint = "A stage is changed by a transition only." if field.type == "stage" else "Take it out."
            draft.tell(at, "wrong-value", f"{name} cannot be set: it is of type {field.type}.", hint, at_key=True)
        elif (value := read_value(draft, entity, field, at)) is not None:
            values[name] = value
    return frozen(values)


# ---- what has to be the same


def _matches(draft: Draft, entity: str, spot: Spot | None) -> Iterator[Match]:
    for at in spot.each() if spot is not None and spot.node.is_list else ():
        every = at.get("all") if at.node.is_map else None
        if every is not None:
            parts = tuple(p for one in every.each() if (p := _part(draft, entity, one)) is not None)
            if parts:
                yield Together(parts)
        elif (part := _part(draft, entity, at)) is not None:
            yield part


def _part(draft: Draft, entity: str, spot: Spot) -> Same | Alike | None:
    if not spot.node.is_map:
        field = _comparable(draft, entity, spot)
        return Same((field.name,)) if field else None
    if spot.get("any"):
        fields = [f for _, at in spot.words("any") if (f := _comparable(draft, entity, at))]
        _check_family(draft, fields, spot.get("any"))
        return Same(tuple(f.name for f in fields)) if fields else None
    fields = [f for _, at in spot.words("alike") if (f := _text(draft, entity, at))]
    return Alike(tuple(f.name for f in fields)) if fields else None


def _comparable(draft: Draft, entity: str, spot: Spot) -> Field | None:
    field = draft.field_named(entity, spot)
    if field is None or field.type in FAMILIES:
        return field
    message = f"Records cannot be known again by {field.name}, a field of type {field.type}."
    draft.tell(spot, "wrong-value", message, f"Types that can be compared: {', '.join(FAMILIES)}.")
    return None


def _text(draft: Draft, entity: str, spot: Spot) -> Field | None:
    field = draft.field_named(entity, spot)
    if field is None or field.type == "text":
        return field
    draft.tell(spot, "wrong-value", f"Only texts sound alike; {field.name} is of type {field.type}.", "Name a text field.")
    return None


def _check_family(draft: Draft, fields: list[Field], spot: Spot | None) -> None:
    if spot is not None and len({FAMILIES[f.type] for f in fields}) > 1:
        told = ", ".join(f"{f.name} ({f.type})" for f in fields)
        draft.tell(spot, "contradiction", f"These never hold the same value: {told}.", "Name fields of one type.")


# ---- where it is looked for


def _among(draft: Draft, entity: str, match: tuple[Match, ...], spot: Spot) -> tuple[Among, ...]:
    given = spot.get("among")
    if given is None:
        return (Among(entity),)
    named: list[tuple[str | None, Spot, Spot | None]]
    if given.node.is_list:
        named = [(draft.entity_named(at), at, None) for at in given.each()]
    else:
        named = [(_entity_key(draft, key, at), at, at) for key, at in given.items()]
    found = [_one(draft, entity, name, match, at, said) for name, at, said in named if name is not None]
    return tuple(found)


def _entity_key(draft: Draft, name: str, spot: Spot) -> str | None:
    if name in draft.fields:
        return name
    if draft.can_judge("entities"):
        draft.unknown(spot, name, "an entity", draft.fields, at_key=True)
    return None


def _one(draft: Draft, entity: str, other: str, match: tuple[Match, ...], at: Spot, said: Spot | None) -> Among:
    told = said.get("fields") if said is not None else None
    among = Among(other, _condition(draft, other, said.get("when") if said else None), _renamed(draft, entity, match, told))
    if other != entity or among.fields:
        for name in dict.fromkeys(n for one in match for n in fields_of(one)):
            _check_there(draft, entity, name, among, at)
    return among


def _renamed(draft: Draft, entity: str, match: tuple[Match, ...], spot: Spot | None) -> Mapping[str, str]:
    names = {}
    matched = {name for one in match for name in fields_of(one)}
    for name, at in spot.items() if spot is not None else ():
        if name in matched and at.word is not None:
            names[name] = at.word
        elif matched and name not in matched:
            draft.unknown(at, name, "a field that this rule matches", matched, at_key=True)
    return frozen(names)


def _check_there(draft: Draft, entity: str, name: str, among: Among, spot: Spot) -> None:
    theirs, ours = among.theirs(name), draft.fields[entity][name]
    field = draft.fields[among.entity].get(theirs)
    if field is None:
        if draft.is_unknown(among.entity, theirs):
            message = f"{among.entity} has no field {theirs}, so {name} cannot be looked for there."
            hint = f"Say what it is called there: among: {{{among.entity}: {{fields: {{{name}: ...}}}}}}."
            draft.tell(spot, "unknown-name", message, hint)
    elif FAMILIES.get(field.type) != FAMILIES[ours.type]:
        message = f"{among.entity}.{theirs} ({field.type}) and {entity}.{name} ({ours.type}) never hold the same value."
        draft.tell(spot, "contradiction", message, "Name a field of the same type.")


# ---- checks


def _checks(draft: Draft, entity: str, spot: Spot | None) -> Iterator[Check]:
    for name, at in spot.items() if spot is not None and spot.node.is_map else ():
        if not at.node.is_map:
            continue
        field = draft.field_named(entity, at.get("field")) if at.get("field") else None  # type: ignore[arg-type]
        must, when = _condition(draft, entity, at.get("must")), _condition(draft, entity, at.get("when"))
        yield Check(name, must, at.text("refusal") or "", when, field.name if field else None, at.source)


__all__ = ["FAMILIES", "build_duplicates"]
