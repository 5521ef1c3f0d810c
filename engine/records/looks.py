"""What a view asks and how it looks, as values; and as the JSON in which a view that somebody keeps is stored.

    {"where": {"status": {"is": "NEW"}}, "q": "asha", "columns": [["name", null], ["budget", 140]], "sort": ["-budget"],
     "group": "source", "options": {"by": "status"}}

It means the same to every reader, and is judged anew for each: what he may not read is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import orjson

from engine.blueprint.conditions import ALWAYS, Condition
from engine.blueprint.entities import Field
from engine.blueprint.views import View
from engine.errors import BadRequest
from engine.formats import Reading
from engine.parts.fields.contract import Unreadable
from engine.parts.registry import view_kind, view_kinds
from engine.records.groups import check_groupable
from engine.records.query import Query, Sort
from engine.records.sight import Sight
from engine.records.where import read_tree, where_tree
from engine.words import said

Columns = tuple[tuple[str, int | None], ...]  # names, with the width in pixels that some were given
LONGEST = 20_000  # characters of a kept view
NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Looks:
    """A question and how its answer looks. Without columns, sort: those of the entity's list."""

    kind: str = "list"
    when: Condition = ALWAYS
    search: str | None = None
    columns: Columns = ()
    sort: Sort = ()
    group: str | None = None
    options: Mapping[str, Any] = field(default_factory=lambda: NO_OPTIONS)


def of_set(sight: Sight, role: str, entity: str, view: View) -> Looks:
    """A set's view for a role. Raises BadRequest where it asks about what the role may not read."""
    sight.check(role, entity, view.when)
    columns = tuple((name, None) for name in view.columns)
    looks = Looks(view.kind, view.when, None, columns, view.sort, view.group, view.options)
    return judged(sight, role, entity, looks)


def judged(sight: Sight, role: str, entity: str, looks: Looks) -> Looks:
    """Without the order that the role may not read. Raises BadRequest for a group or an option that it may not."""
    for name in view_kind(looks.kind).fields(looks.options):
        sight.field(role, entity, name)
    if looks.group:
        name, _, size = looks.group.partition(" by ")
        check_groupable(sight.field(role, entity, name), size)
    readable = sight.fields(role, entity)
    return replace(looks, sort=tuple(one for one in looks.sort if one[0] in readable))


def asked(query: Query, kind: str, columns: Columns, options: Mapping[str, Any]) -> Looks:
    """What an address asks, as a view could keep it."""
    return Looks(kind, query.where or ALWAYS, query.search, columns, query.sort, query.group, options)


# ---- as JSON


def stored(fields: Mapping[str, Mapping[str, Field]], entity: str, looks: Looks) -> str:
    """Raises BadRequest for more than is kept."""
    content: dict[str, Any] = {}
    if looks.when != ALWAYS:
        content["where"] = where_tree(fields, entity, looks.when)
    if looks.search:
        content["q"] = looks.search
    if looks.columns:
        content["columns"] = [list(one) for one in looks.columns]
    if looks.sort:
        content["sort"] = [f"{'-' if down else ''}{name}" for name, down in looks.sort]
    if looks.group:
        content["group"] = looks.group
    if looks.options:
        content["options"] = dict(looks.options)
    text = orjson.dumps(content).decode()
    if len(text) > LONGEST:
        raise BadRequest(said("This view asks for more than is kept. Take some of its filters out."))
    return text


def loaded(sight: Sight, role: str, entity: str, kind: str, text: str, at: Reading) -> Looks:
    """What was stored, for a reader. Raises BadRequest where it asks about what is gone, or is not his to read."""
    content = orjson.loads(text)
    if kind not in view_kinds():
        raise BadRequest(said('There is no kind of view "{kind}" any more.', kind=kind))
    described = sight.blueprint.entities[entity]
    try:
        options = view_kind(kind).read(described, content.get("options", {}))
    except Unreadable as problem:
        raise BadRequest(problem.message) from None
    sort = tuple((name.removeprefix("-"), name.startswith("-")) for name in content.get("sort", ()))
    looks = Looks(
        kind,
        read_tree(sight, role, entity, content.get("where", {}), at),
        content.get("q"),
        tuple((name, width) for name, width in content.get("columns", ())),
        sort,
        content.get("group"),
        options,
    )
    return judged(sight, role, entity, looks)


__all__ = ["Columns", "Looks", "asked", "judged", "loaded", "of_set", "stored"]
