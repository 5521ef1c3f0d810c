"""What a rule does, and a move besides: `then: [{set: {lost_at: now}}, {assign: new_leads}, {notify: lost_lead}]`.

Notifications, assignments and channels are built later: here they are known by their names.
"""

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
from engine.parts.registry import actions as parts

MAPS = ("set", "create", "move", "send_file")  # the others are a name


def read_actions(draft: Draft, entity: str, spot: Spot | None, *, of_rule: bool = False) -> tuple[Action, ...]:
    """What was understood of them; what is wrong has been told. A rule's ask for the workflows too."""
    known = [word for word, part in parts().items() if of_rule or part.in_moves]
    actions = []
    for item in spot.each() if spot else ():
        for kind, at in item.items():
            if kind not in known:
                _tell_unknown(draft, at, kind, known)
            elif at.node.is_map == (kind in MAPS):
                settings = READERS[kind](draft, entity, at)
                actions += [] if settings is None else [Action(kind, settings, at.source)]
                if of_rule:
                    _check_nobody(draft, kind, at)
    return tuple(actions)


def _tell_unknown(draft: Draft, spot: Spot, kind: str, known: list[str]) -> None:
    if kind in parts():
        message = "A move cannot make another move of the same record."
        hint = "Write a rule in `rules`: on: moved, by: [this move], then: [{move: ...}]."
        draft.tell(spot, "contradiction", message, hint, at_key=True)
    else:
        draft.unknown(spot, kind, "something that can be done", known, at_key=True)


def _check_nobody(draft: Draft, kind: str, spot: Spot) -> None:
    """`me` is whoever moves a record; a rule is nobody."""
    given = spot if kind == "set" else spot.get("set")
    for name, at in given.items() if given else ():
        if at.word == "me":
            hint = "Use assign, or take it out."
            draft.tell(at, "contradiction", f"A rule runs by itself, so there is no me for {name}.", hint)


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
    by_move = "A stage is changed by a move only: {move: {transition: ...}} in a rule."
    hint = by_move if field.type == "stage" else "Take it out."
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
        "set": _set(draft, theirs, spot["set"]) if spot.get("set") else frozen({}),
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
    written = {key for part in ("copy", "set") for key, _ in (spot[part].items() if spot.get(part) else ())}
    for field in draft.fields[theirs].values():
        if field.required and field.default is None and field.name not in told | written and writable(field):
            message = f"A new {theirs} needs its {field.name}, and nothing fills it here."
            draft.tell(spot, "missing-field", message, f"Add {field.name} to `copy` or `set`.")


# ---- to whom


def _assign(draft: Draft, entity: str, spot: Spot) -> str | None:
    name = _name_in(draft, "assignments", "roles", spot, "an assignment")
    if name is None:
        return None
    theirs = draft.section("assignments")[name].text("entity")
    if not draft.owned[entity]:
        draft.tell(spot, "no-effect", f"{entity} has no owner, so it cannot be assigned.", "Take it out.")
    elif theirs is not None and theirs != entity:
        message = f"{name} gives out records of {theirs}, and this is about {entity}."
        draft.tell(spot, "contradiction", message, f"Name an assignment of {entity}.")
    else:
        return name
    return None


# ---- moves


def _move(draft: Draft, entity: str, spot: Spot) -> Mapping[str, Any] | None:
    """transition; set: field -> value or Word, of what the move asks for."""
    at = spot.get("transition")
    known = {t.name: t for w in draft.workflows.values() if w.entity == entity for t in w.transitions.values()}
    if at is None or at.word is None:
        return None
    if at.word not in known:
        if draft.can_judge("workflows"):
            draft.unknown(at, at.word, f"a transition of {entity}", known)
        return None
    given = spot.get("set")
    values = _set(draft, entity, given) if given else frozen({})
    for name, where in given.items() if given else ():
        if name in values and name not in known[at.word].asks:
            message = f"The move {at.word} does not ask for {name}."
            draft.tell(where, "contradiction", message, "Write {set: {...}} before the move.", at_key=True)
    return frozen({"transition": at.word, "set": values})


# ---- what leaves the house


def _notify(draft: Draft, entity: str, spot: Spot) -> str | None:
    name = _name_in(draft, "notifications", "notifications", spot, "a notification")
    theirs = draft.section("notifications")[name].text("entity") if name else None
    if theirs is not None and theirs != entity:
        message = f"{name} is about {theirs}, and this is about {entity}."
        draft.tell(spot, "contradiction", message, f"Name a notification about {entity}.")
        return None
    return name


def _call(draft: Draft, entity: str, spot: Spot) -> str | None:
    name = _name_in(draft, "channels", "notifications", spot, "a channel")
    kind = draft.section("channels")[name].text("kind") if name else None
    if kind is not None and kind != "webhook":
        message = f"{name} is of kind {kind}, which carries messages, not records."
        draft.tell(spot, "contradiction", message, "Name a channel of kind webhook, or use notify.")
        return None
    return name


def _send_file(draft: Draft, entity: str, spot: Spot) -> Mapping[str, Any] | None:
    file, told = spot.get("file"), spot.get("with")
    name = _notify(draft, entity, told) if told else None
    found = _file_of_set(draft, file) if file else None
    return frozen({"file": found, "with": name}) if name and found else None


def _file_of_set(draft: Draft, spot: Spot) -> str | None:
    if spot.word is None:
        return None
    for layer in reversed(draft.merged.layers):
        folder = (layer.folder / "files").resolve()
        file = (folder / spot.word).resolve()
        if file.is_relative_to(folder) and file.is_file():
            return spot.word
    draft.wrong(spot, "a file in the set's folder `files`", "Put it there, and write its name.")
    return None


def _name_in(draft: Draft, section: str, file: str, spot: Spot, what: str) -> str | None:
    known = draft.section(section).node.value or {}
    if spot.word is None or spot.word in known:
        return spot.word
    if draft.can_judge(section, file):
        draft.unknown(spot, spot.word, what, known)
    return None


READERS: Mapping[str, Callable[[Draft, str, Spot], Any]] = {
    "set": _set, "create": _create, "assign": _assign, "reassign": _assign, "move": _move, "notify": _notify,
    "call": _call, "send_file": _send_file,
}  # fmt: skip
