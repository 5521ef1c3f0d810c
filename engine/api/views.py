"""Views as JSON: those of the set, one's own, and those that are shared with one. A list is asked for one by `view=KEY`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from engine.api.body import json_object, only
from engine.api.records import answer
from engine.blueprint.conditions import ALWAYS
from engine.blueprint.entities import Entity
from engine.errors import Complaint, Invalid, Refused
from engine.parts.fields.contract import Unreadable
from engine.parts.registry import view_kinds
from engine.records.looks import Looks, judged
from engine.records.query import NARROWEST, WIDEST
from engine.records.views import Named, Sharing
from engine.records.where import read_tree, where_tree
from engine.serving import Ask

WITH = {"": "private", "team": "team", "role": "role", "all": "everybody"}
LOOKS = ("kind", "where", "q", "columns", "sort", "group", "options")


def index(ask: Ask) -> Response:
    """GET /api/v1/deal/views"""
    entity = _entity(ask)
    shelf = ask.crm.views.shelf(ask.who(), entity.name)
    return answer({"items": [_told(ask, entity, view) for view in shelf.views], "next": None})


def show(ask: Ask) -> Response:
    entity = _entity(ask)
    return answer(_told(ask, entity, ask.crm.views.view(ask.who(), entity.name, ask.path["key"])))


def create(ask: Ask) -> Response:
    """POST {"label": "Hot", "where": {...}, "columns": [{"name": "name", "width": 200}], "sort": ["-budget"]}"""
    entity, given = _writable(ask), json_object(ask)
    label, sharing = _label(given), _sharing(given)
    looks = _looks(ask, entity, given, Looks())
    only(given)
    key = ask.crm.views.keep(ask.who(), entity.name, label or "", looks, sharing or Sharing())
    told = _told(ask, entity, ask.crm.views.view(ask.who(), entity.name, key))
    return answer(told, 201, {"Location": f"/api/v1/{entity.name}/views/{key}"})


def update(ask: Ask) -> Response:
    """PATCH: what is left out stays; `pinned` and `position` alone are one's own habit, of any view."""
    entity, given = _writable(ask), json_object(ask)
    actor, views = ask.who(), ask.crm.views
    view = views.view(actor, entity.name, ask.path["key"])
    if isinstance(given.get("pinned"), bool) and "shared" not in given:
        views.pin(actor, entity.name, view.key, given.pop("pinned"))
    label, sharing = _label(given), _sharing(given)
    looks = _looks(ask, entity, given, view.looks) if any(name in given for name in LOOKS) else None
    only(given)
    if label is not None or sharing is not None or looks is not None:
        views.change(actor, entity.name, view.key, label=label, looks=looks, sharing=sharing)
    return answer(_told(ask, entity, views.view(actor, entity.name, view.key)))


def delete(ask: Ask) -> Response:
    entity = _writable(ask)
    ask.crm.views.delete(ask.who(), entity.name, ask.path["key"])
    return answer({"key": ask.path["key"]})


# ---- as JSON


def _told(ask: Ask, entity: Entity, view: Named) -> dict[str, Any]:
    fields = {name: one.fields for name, one in ask.crm.blueprint.entities.items()}
    looks = view.looks
    return {
        "key": view.key,
        "label": view.label,
        "kind": looks.kind,
        "where": where_tree(fields, entity.name, looks.when) if looks.when != ALWAYS else {},
        "q": looks.search,
        "columns": [{"name": name, "width": width} for name, width in looks.columns],
        "sort": [f"{'-' if down else ''}{name}" for name, down in looks.sort],
        "group": looks.group,
        "options": {name: list(one) if isinstance(one, tuple) else one for name, one in looks.options.items()},
        "shared": {"with": WITH[view.sharing.kind] if view.made_by is not None else "set", "of": view.sharing.of or None},
        "pinned": view.pinned,
        "first": view.first,
        "may_change": view.may_change,
        "wrong": view.wrong,
    }


# ---- from JSON


def _entity(ask: Ask) -> Entity:
    return ask.crm.reads.sight.entity(ask.who(), ask.path["entity"])


def _writable(ask: Ask) -> Entity:
    """Raises Refused for a token that was narrowed: what it may do says nothing of views."""
    entity = _entity(ask)
    if ask.who().only is not None:
        raise Refused("This token may not keep views.")
    return entity


def _label(given: dict[str, Any]) -> str | None:
    label = given.pop("label", None)
    if label is not None and not isinstance(label, str):
        raise Invalid([Complaint("label", "A view's name is a text.")])
    return label


def _sharing(given: dict[str, Any]) -> Sharing | None:
    if "shared" not in given:
        if given.pop("first", None) is not None or given.pop("pinned", None) not in (None, True):
            raise Invalid([Complaint("shared", "Say with whom the view is shared.")])
        return None
    shared, pinned, first = given.pop("shared"), given.pop("pinned", False), given.pop("first", False)
    kinds = {told: kind for kind, told in WITH.items()}
    if not isinstance(shared, Mapping) or shared.get("with") not in kinds or not _is_text(shared.get("of")):
        message = 'Write {"with": "private"}, or role with "of": NAME, team with "of": ID, or everybody.'
        raise Invalid([Complaint("shared", message)])
    if not isinstance(pinned, bool) or not isinstance(first, bool):
        raise Invalid([Complaint("pinned", "pinned and first are true or false.")])
    return Sharing(kinds[shared["with"]], shared.get("of") or "", pinned, first)


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _looks(ask: Ask, entity: Entity, given: dict[str, Any], now: Looks) -> Looks:
    """What is left out stays as it is now."""
    reads, actor = ask.crm.reads, ask.who()
    kind = given.pop("kind", now.kind)
    part = view_kinds().get(kind) if isinstance(kind, str) else None
    if part is None or not part.suits(entity):
        raise Invalid([Complaint("kind", f"A view of {entity.plural.lower()} is one of: {', '.join(_kinds(entity))}.")])
    told = [("q", _text(given, "q", now.search)), ("group", _text(given, "group", now.group))]
    sort = given.pop("sort", None)
    told += [("sort", ",".join(map(str, sort)))] if isinstance(sort, list) else []
    query = reads.query(actor, entity.name, [(name, text) for name, text in told if text])
    where = given.pop("where", None)
    when = read_tree(reads.sight, actor.role, entity.name, where, reads.reading(actor)) if where is not None else now.when
    looks = Looks(
        kind, when, query.search, _columns(given, now), query.sort if sort is not None else now.sort, query.group,
        _options(entity, part, given, now if kind == now.kind else Looks(kind)),
    )  # fmt: skip
    return judged(reads.sight, actor.role, entity.name, looks)


def _kinds(entity: Entity) -> list[str]:
    return [word for word, part in view_kinds().items() if part.suits(entity)]


def _text(given: dict[str, Any], name: str, now: str | None) -> str | None:
    value = given.pop(name, now)
    if not _is_text(value):
        raise Invalid([Complaint(name, f"{name} is a text.")])
    return value


def _columns(given: dict[str, Any], now: Looks) -> tuple[tuple[str, int | None], ...]:
    if "columns" not in given:
        return now.columns
    columns = given.pop("columns")
    if not isinstance(columns, list) or len(columns) > 100:
        raise Invalid([Complaint("columns", 'Columns are a list such as [{"name": "name", "width": 200}].')])
    return tuple(dict(_column(one) for one in columns).items())


def _column(one: Any) -> tuple[str, int | None]:
    given = {"name": one} if isinstance(one, str) else one if isinstance(one, Mapping) else {}
    name: Any = given.get("name")
    width: Any = given.get("width")
    fits = width is None or (isinstance(width, int) and NARROWEST <= width <= WIDEST)
    if not isinstance(name, str) or not name or "," in name or ":" in name or not fits:
        raise Invalid([Complaint("columns", f"A column has a name, and a width of {NARROWEST} to {WIDEST} pixels or none.")])
    return name, width


def _options(entity: Entity, part: Any, given: dict[str, Any], now: Looks) -> Mapping[str, Any]:
    options = given.pop("options", None)
    if options is None:
        return now.options
    if not isinstance(options, Mapping) or set(options) - set(part.words):
        known = ", ".join(part.words) or "none"
        raise Invalid([Complaint("options", f"The options of a {part.label.lower()} are: {known}.")])
    try:
        return part.read(entity, options)
    except (Unreadable, TypeError) as problem:
        raise Invalid([Complaint("options", str(problem))]) from None
