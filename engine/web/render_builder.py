"""The page on which a condition is put together: for each row its field, its question and the control that fits them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.blueprint.entities import Field
from engine.blueprint.values import Ref
from engine.errors import BadRequest
from engine.markup import Html, join, tag, trusted
from engine.parts import field_type, operator
from engine.parts.derived import effective
from engine.parts.stays import ANY_TIME
from engine.records.sight import targets_of
from engine.records.where import operators_of
from engine.web.builder import DEEPEST, ROOT, Group, Node, Row, choices_of
from engine.web.frame import Screen
from engine.web.render_filters import SPANS, UNASKED, USUAL
from engine.words import said

POINTS = (
    ("today", said("Today")), ("yesterday", said("Yesterday")), ("tomorrow", said("Tomorrow")), ("now", said("Now")),
    ("in 3 days", said("In 3 days")), ("7 days ago", said("7 days ago")), ("30 days ago", said("30 days ago")),
)  # fmt: skip
PEOPLE = (("me", said("Me")), ("my team", said("My team")), ("my subordinates", said("My people")))
FAR = frozenset({"created_by", "updated_by"})  # references whose own fields are not offered


@dataclass(frozen=True, slots=True)
class Line:
    """A row as the template draws it. `fields`: (group's label, [(name, label)])."""

    path: str
    fields: list[tuple[str, list[tuple[str, str]]]]
    field: str
    ops: list[tuple[str, str]]
    op: str
    control: Html
    inner: Lines | None
    wrong: str | None


@dataclass(frozen=True, slots=True)
class Lines:
    path: str
    join: str
    parts: list[Line | Lines]
    may_nest: bool
    is_root: bool = False


def lines(seen: Screen, entity: str, tree: Group) -> Lines:
    made = _lines(seen, entity, tree, ROOT, 1)
    return replace(made, is_root=True)


def _lines(seen: Screen, entity: str, group: Group, path: str, depth: int) -> Lines:
    parts = [_part(seen, entity, part, f"{path}.{n}", depth) for n, part in enumerate(group.parts)]
    return Lines(path, group.join, parts, depth < DEEPEST)


def _part(seen: Screen, entity: str, node: Node, path: str, depth: int) -> Line | Lines:
    if isinstance(node, Group):
        return _lines(seen, entity, node, path, depth + 1)
    return _line(seen, entity, node, path, depth)


def _line(seen: Screen, entity: str, row: Row, path: str, depth: int) -> Line:
    found = _field(seen, entity, row.field)
    if found is None:
        return Line(path, fields_offered(seen, entity), row.field, [], "", trusted(""), None, row.wrong)
    there, field = found
    known = [word for word in operators_of(field) if "." not in row.field or operator(word).takes != "condition"]
    op = row.op if row.op in known else usual(field, known)
    ops = [(word, seen.say(operator(word).label)) for word in known]
    values = row.values if op == row.op else ()
    inner = None
    if operator(op).takes == "condition":
        inner = _lines(seen, targets_of(field)[0], row.inner or Group("all", (Row(),)), path, depth + 1)
    control = _control(seen, there, field, op, f"{path}.value", values)
    return Line(path, fields_offered(seen, entity), row.field, ops, op, control, inner, row.wrong)


def _field(seen: Screen, entity: str, name: str) -> tuple[str, Field] | None:
    """The field of a row and its entity; None where none is chosen, or none that the reader may read."""
    first, _, rest = name.partition(".")
    role, sight = seen.actor.role, seen.sight
    field = sight.fields(role, entity).get(first)
    if field is None or not rest:
        return (entity, field) if field is not None else None
    targets = targets_of(field)
    there = sight.fields(role, targets[0]).get(rest) if len(targets) == 1 else None
    return (targets[0], there) if there is not None else None


def usual(field: Field, known: list[str]) -> str:
    """What is asked first of a field."""
    wanted = [word for word in (*USUAL, *known) if word in known]
    if not choices_of(field):
        wanted = [word for word in wanted if word not in ("in", "has_any")] or wanted
    if not wanted:
        raise BadRequest(said("Nothing can be asked of {label}.", label=field.label))
    return wanted[0]


# ---- the fields that can be asked about


def fields_offered(seen: Screen, entity: str) -> list[tuple[str, list[tuple[str, str]]]]:
    key = ("builder", seen.actor.role, seen.actor.language, entity)
    return seen.face.once(key, lambda: list(_offered(seen, entity)))


def _offered(seen: Screen, entity: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    sight, role = seen.sight, seen.actor.role
    own = [f for f in sight.fields(role, entity).values() if f.name not in UNASKED and operators_of(f)]
    yield "", [(field.name, field.label) for field in own]
    for field in own:
        targets = targets_of(field)
        if "where" not in operators_of(field) or field.name in FAR or len(targets) != 1 or targets[0] == entity:
            continue
        there = [f for f in sight.fields(role, targets[0]).values() if f.name not in UNASKED and not f.system]
        asked = [f for f in there if any(operator(word).takes != "condition" for word in operators_of(f))]
        if asked:
            yield field.label, [(f"{field.name}.{one.name}", f"{field.label}: {one.label}") for one in asked]


# ---- the control of a row


def _control(seen: Screen, entity: str, field: Field, op: str, name: str, values: tuple[str, ...]) -> Html:
    takes, plain = operator(op).takes, effective(field)
    label = {"aria_label": seen.say("{label}, value", label=field.label)}
    if takes == "condition":
        return trusted("")
    if takes == "flag":
        words = (("true", seen.say("Yes")), ("false", seen.say("No")))
        return _menu(name, words, ("true" if not values or values[0] in ("true", "yes") else "false",), None, label)
    if takes == "stay":
        stages = [(choice.value, choice.label) for choice in choices_of(field)]
        spans = ((ANY_TIME, seen.say("Any time")), *SPANS)
        when = _typed(seen, name, values[1:2] or (ANY_TIME,), spans, "spans", label)
        return join(_menu(name, stages, values[:1], "", label), when)
    if takes == "span":
        return _typed(seen, name, values[:1], SPANS, "spans", label)
    if op == "between":
        both = (*values, "", "")[:2]
        return join(*(_input(seen, plain, name, (one,), label) for one in both))
    if choices := choices_of(field):
        options = [(choice.value, choice.label) for choice in choices]
        if op in ("contains", "starts_with"):
            return _input(seen, plain, name, values, label)
        return _ticks(name, options, values) if takes == "list" else _menu(name, options, values, "", label)
    if targets_of(field):
        return _pick(seen, entity, field, name, values, takes == "list")
    if plain.type == "yes_no":
        return _menu(name, (("yes", seen.say("Yes")), ("no", seen.say("No"))), values, "", label)
    return _input(seen, plain, name, values if takes != "list" else (", ".join(values),), label)


def _input(seen: Screen, field: Field, name: str, values: tuple[str, ...], label: Mapping[str, Any]) -> Html:
    text = values[0] if values else ""
    if field.type in ("date", "datetime"):
        return _typed(seen, name, (text,), POINTS, "points", label)
    mode = {"inputmode": "decimal"} if field_type(field.type).numeric else {}
    return tag("input", class_="input", type="text", name=name, value=text, autocomplete="off", **mode, **label)


def _typed(
    seen: Screen, name: str, values: tuple[str, ...], words: tuple[tuple[str, str], ...], words_id: str,
    label: Mapping[str, Any],
) -> Html:  # fmt: skip
    """A day, a moment or a span of time: in words or as a date."""
    return tag(
        "input", class_="input", type="text", name=name, value=values[0] if values else "", list=f"builder-{words_id}",
        autocomplete="off", placeholder=words[0][0] if words_id == "spans" else "2026-01-31", **label,
    )  # fmt: skip


def _menu(name: str, choices: Any, chosen: tuple[str, ...], none: str | None, label: Mapping[str, Any]) -> Html:
    rows = [*([("", none)] if none is not None else []), *choices]
    rows += [(text, text) for text in chosen if text and text not in dict(rows)]
    options = [tag("option", told or "–", value=value, selected=value in chosen) for value, told in rows]
    return tag("select", *options, class_="input", name=name, **label)


def _ticks(name: str, choices: list[tuple[str, str]], chosen: tuple[str, ...]) -> Html:
    boxes = [
        tag("label", tag("input", type="checkbox", class_="check", name=name, value=value, checked=value in chosen),
            tag("span", told), class_="option")
        for value, told in choices
    ]  # fmt: skip
    return tag("div", *boxes, class_="options builder-ticks")


def _pick(seen: Screen, entity: str, field: Field, name: str, values: tuple[str, ...], several: bool) -> Html:
    target = targets_of(field)
    people = PEOPLE if target == ("user",) else PEOPLE[1:2] if target == ("team",) else ()
    rows = {value: seen.say(told) for value, told in people}
    ids = [Ref(target[0], int(text)) for text in values if text.isascii() and text.isdigit() and len(text) < 19]
    titles = seen.crm.reads.titles(seen.actor, ids) if ids else {}
    rows |= {str(ref.id): titles.get((ref.entity, ref.id)) or seen.say("not open to you") for ref in ids}
    rows |= {text: text for text in values if text not in rows}
    options = [tag("option", told, value=value, selected=value in values) for value, told in rows.items()]
    first = [] if several else [tag("option", "", value="")]
    pick = f"/{entity}/pick/{field.name}"
    label = {"data_pick": pick, "aria_label": field.label}
    return tag("select", *first, *options, class_="input", name=name, multiple=several, **label)


def word_lists(seen: Screen) -> dict[str, list[tuple[str, str]]]:
    """What is proposed where days and spans of time are typed."""
    return {
        "spans": [(value, seen.say(told)) for value, told in SPANS],
        "points": [(value, seen.say(told)) for value, told in POINTS],
    }


__all__ = ["Line", "Lines", "fields_offered", "lines", "word_lists"]
