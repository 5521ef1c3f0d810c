"""What a move does besides: `then: [{set: {lost_at: now}}, {create: {entity: account, copy: {name: company}}}]`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.blueprint.conditions import ALWAYS
from engine.blueprint.entities import Field
from engine.blueprint.workflows import Action
from engine.compiler.conditions import kind_of, read_condition, read_value
from engine.compiler.draft import Draft, frozen
from engine.compiler.entities import points_to, writable
from engine.compiler.formulas import TEXTS
from engine.compiler.spot import Spot


def read_actions(draft: Draft, entity: str, spot: Spot | None) -> tuple[Action, ...]:
    actions = []
    for item in spot.each() if spot else ():
        for kind, at in item.items():
            read = ACTIONS.get(kind)
            if read is None:
                draft.unknown(at, kind, "something that a move can do", ACTIONS, at_key=True)
            elif at.node.is_map:
                actions.append(Action(kind, read(draft, entity, at), at.source))
    return tuple(actions)


def _set(draft: Draft, entity: str, spot: Spot) -> Mapping[str, Any]:
    """Field -> value or Word."""
    values = {}
    for name, at in spot.items():
        field = _writable(draft, entity, name, at)
        value = read_value(draft, entity, field, at) if field else None
        if value is not None:
            values[name] = value
    return frozen(values)


def _writable(draft: Draft, entity: str, name: str, spot: Spot) -> Field | None:
    field = draft.field_named(entity, spot, name, at_key=True)
    if field is None or writable(field):
        return field
    hint = "A stage is changed by a transition only." if field.type == "stage" else "Take it out."
    draft.tell(spot, "wrong-value", f"{name} of {entity} cannot be set: it is of type {field.type}.", hint, at_key=True)
    return None


def _create(draft: Draft, entity: str, spot: Spot) -> Mapping[str, Any]:
    """entity; copy: their field -> ours; set: their field -> value; link, keep_in: a field or None; when: Condition."""
    theirs = draft.entity_named(spot.get("entity"))
    if theirs is None:
        return frozen({"entity": None})
    settings = {
        "entity": theirs,
        "copy": _copies(draft, entity, theirs, spot.get("copy")),
        "set": _set(draft, theirs, spot.get("set")) if spot.get("set") else frozen({}),
        "link": _link(draft, theirs, entity, spot.get("link")),
        "keep_in": _link(draft, entity, theirs, spot.get("keep_in")),
        "when": read_condition(draft, entity, spot.get("when")) if spot.get("when") else ALWAYS,
    }
    _check_complete(draft, theirs, settings, spot)
    return frozen(settings)


def _copies(draft: Draft, entity: str, theirs: str, spot: Spot | None) -> Mapping[str, str]:
    copies = {}
    for name, at in spot.items() if spot else ():
        target = _writable(draft, theirs, name, at)
        source = draft.field_named(entity, at)
        if target is not None and source is not None and _fits(draft, theirs, target, entity, source, at):
            copies[name] = source.name
    return frozen(copies)


def _fits(draft: Draft, theirs: str, target: Field, entity: str, source: Field, spot: Spot) -> bool:
    if _alike(draft, target, source):
        return True
    message = f"{entity}.{source.name} ({source.type}) does not fit into {theirs}.{target.name} ({target.type})."
    draft.tell(spot, "wrong-value", message, "Copy fields of the same type.")
    return False


def _alike(draft: Draft, target: Field, source: Field) -> bool:
    if target.type in ("text", "long_text"):
        return source.type in (*TEXTS, "user") or kind_of(source) == "text"
    if "entity" in target.options or "entities" in target.options:
        fits = source.options.get("entity")
        return fits is not None and (points_to(target, fits) or target.type == source.type == "references")
    if target.type in ("choice", "choices"):
        return target.type == source.type and set(draft.choices_of(source) or ()) <= set(draft.choices_of(target) or ())
    return target.type == kind_of(source)


def _link(draft: Draft, entity: str, to: str, spot: Spot | None) -> str | None:
    """A reference field of `entity` that can hold a record of `to`."""
    if spot is None or spot.word is None:
        return None
    field = draft.fields[entity].get(spot.word)
    if field is not None and points_to(field, to):
        return field.name
    if draft.can_judge("entities"):
        known = [f.name for f in draft.fields[entity].values() if points_to(f, to) and not f.system]
        draft.unknown(spot, spot.word, f"a reference from {entity} to {to}", known)
    return None


def _check_complete(draft: Draft, theirs: str, settings: Mapping[str, Any], spot: Spot) -> None:
    told = {*settings["copy"], *settings["set"], settings["link"]}
    written = {key for part in ("copy", "set") for key, _ in (spot.get(part).items() if spot.get(part) else ())}
    for field in draft.fields[theirs].values():
        if field.required and field.default is None and field.name not in told | written and writable(field):
            message = f"A new {theirs} needs its {field.name}, and nothing fills it here."
            draft.tell(spot, "missing-field", message, f"Add {field.name} to `copy` or `set`.")


ACTIONS: Mapping[str, Callable[[Draft, str, Spot], Mapping[str, Any]]] = {"set": _set, "create": _create}
