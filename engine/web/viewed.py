"""Which view an address shows: `view=KEY` alone is the view as it was kept; with anything beside it, the address says all,
and what differs from the view is an unsaved change. A bare address shows what the role sees first, else everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from engine.blueprint.conditions import ALWAYS, AllOf, Condition
from engine.blueprint.entities import Entity, Field
from engine.errors import BadRequest
from engine.parts.fields.contract import Unreadable
from engine.parts.registry import view_kind
from engine.records.database import Connection
from engine.records.looks import Columns, Looks, asked
from engine.records.query import Query, columns_in
from engine.records.views import EVERYTHING, Named, Shelf, current_key
from engine.records.where import where_text, where_tree
from engine.web.frame import Screen
from engine.web.render import address
from engine.web.render_addresses import pair_of

Pairs = list[tuple[str, str]]
PLACE = frozenset({"cursor", "limit", "open"})  # where one is in a list, not which list it is


@dataclass(frozen=True, slots=True)
class Viewed:
    """`view` is None for everything. `pairs` say all that the address means but for the place in it."""

    shelf: Shelf
    view: Named | None
    kind: str
    pairs: Pairs

    def is_changed(self, entity: Entity, query: Query, fields: Mapping[str, Mapping[str, Field]]) -> bool:
        """Whether what is asked differs from the view that it began as."""
        if self.view is None or self.view.wrong is not None:
            return False
        now = looks_of(entity, self.kind, query, self.pairs)
        return _measure(fields, entity, now) != _measure(fields, entity, self.view.looks)


def viewed(seen: Screen, entity: Entity, given: Pairs, kind: str = "list", connection: Connection | None = None) -> Viewed:
    """What the pairs of an address mean. A view that is not there is passed over, as a link may outlive it."""
    shelf = seen.crm.views.shelf(seen.actor, entity.name, connection)
    said = [(name, text) for name, text in given if name not in PLACE]
    key = next((text for name, text in said if name == "view"), None)
    rest = [pair for pair in said if pair[0] != "view"]
    if key is None:
        view = shelf.first if not rest and shelf.first and shelf.first.looks.kind == kind else None
    else:
        view = None if key == EVERYTHING else shelf.get(current_key(entity, key))
    if view is None:
        return Viewed(shelf, None, kind, rest)
    if not rest and view.wrong is None:
        rest = pairs_of(seen, entity, view.looks)
    return Viewed(shelf, view, kind, [("view", view.key), *rest])


def place_of_view(entity: Entity, shelf: Shelf, view: Named | None) -> str:
    """Where a view is seen as it was kept."""
    base = f"/{entity.name}{view_kind(view.looks.kind).place if view else ''}"
    if view is None:
        return address(base, [("view", EVERYTHING)] if shelf.first else [])
    return address(base, [("view", view.key)])


def place_of_pairs(base: str, entity: Entity, shelf: Shelf, pairs: Iterable[tuple[str, str]]) -> str:
    """Where exactly these pairs are meant: an address that says nothing would show a view as it was kept."""
    said = list(pairs)
    if not [pair for pair in said if pair[0] != "view"]:
        if said:
            order = ",".join(f"{'-' if down else ''}{name}" for name, down in entity.list.sort) or "-created_at"
            said.append(("sort", order))
        elif shelf.first:
            said = [("view", EVERYTHING)]
    return address(base, said)


# ---- a view's looks and the pairs of an address


def pairs_of(seen: Screen, entity: Entity, looks: Looks) -> Pairs:
    """As an address says them to this reader: each plain test by itself, what is nested in one `where`."""
    pairs: Pairs = []
    if looks.search:
        pairs.append(("q", looks.search))
    pairs += condition_pairs(seen, entity, looks.when)
    if looks.columns:
        pairs.append(("columns", columns_text(looks.columns)))
    if looks.sort:
        pairs.append(("sort", ",".join(f"{'-' if down else ''}{name}" for name, down in looks.sort)))
    if looks.group:
        pairs.append(("group", looks.group))
    return [*pairs, *view_kind(looks.kind).pairs(looks.options)]


def condition_pairs(seen: Screen, entity: Entity, when: Condition) -> Pairs:
    if when == ALWAYS:
        return []
    pairs: Pairs = []
    rest: list[Condition] = []
    taken: set[str] = set()
    for part in parts_of(when):
        pair = _pair(seen, entity, part)
        if pair is None or pair[0] in taken:  # a second list of the same name would be added to the first
            rest.append(part)
            continue
        taken.add(pair[0])
        pairs.append(pair)
    return [*pairs, *nested_pairs(seen, entity, rest)]


def _pair(seen: Screen, entity: Entity, part: Condition) -> tuple[str, str] | None:
    """What says just this in an address, if anything does: a moment of a second's precision is not typed. The numbers of a
    table ask for the same few parts thousands of times."""
    key = (entity.name, part)
    if key not in seen.kept:
        pair = pair_of(seen.crm.blueprint, entity.fields, part, seen.formats)
        seen.kept[key] = pair if pair is not None and _means(seen, entity, pair, part) else None
    found: tuple[str, str] | None = seen.kept[key]
    return found


def _means(seen: Screen, entity: Entity, pair: tuple[str, str], part: Condition) -> bool:
    try:
        read = seen.crm.reads.query(seen.actor, entity.name, [pair]).where
    except BadRequest:
        return False
    fields = fields_of(seen)
    return read is not None and where_tree(fields, entity.name, read) == where_tree(fields, entity.name, part)


def nested_pairs(seen: Screen, entity: Entity, parts: list[Condition]) -> Pairs:
    if not parts:
        return []
    condition = parts[0] if len(parts) == 1 else AllOf(tuple(parts))
    return [("where", where_text(fields_of(seen), entity.name, condition))]


def parts_of(condition: Condition) -> tuple[Condition, ...]:
    """What must all hold, group within group of the same sort taken apart."""
    if isinstance(condition, AllOf):
        return tuple(inner for part in condition.parts for inner in parts_of(part))
    return (condition,)


def fields_of(seen: Screen) -> Mapping[str, Mapping[str, Field]]:
    key = ("fields of all",)
    return seen.face.once(key, lambda: {name: one.fields for name, one in seen.crm.blueprint.entities.items()})


def columns_text(columns: Columns) -> str:
    return ",".join(name if width is None else f"{name}:{width}" for name, width in columns)


def looks_of(entity: Entity, kind: str, query: Query, pairs: Pairs) -> Looks:
    """What an address asks, as a view could keep it. Raises BadRequest."""
    given = dict(pairs)
    part = view_kind(kind)
    try:
        options = part.read(entity, {name: given[name] for name in part.words if name in given})
    except Unreadable as problem:
        raise BadRequest(problem.message) from None
    return asked(query, kind, tuple(columns_in(given.get("columns", ""))), options)


def _measure(fields: Mapping[str, Mapping[str, Field]], entity: Entity, looks: Looks) -> Any:
    """Something that is equal for looks that mean the same."""
    trees = (where_tree(fields, entity.name, one) for one in parts_of(looks.when))
    parts = sorted(orjson.dumps(tree, option=orjson.OPT_SORT_KEYS) for tree in trees)
    columns = () if looks.columns == tuple((name, None) for name in entity.list.columns) else looks.columns
    sort = () if looks.sort == entity.list.sort else looks.sort
    return looks.kind, parts, looks.search or "", columns, sort, looks.group, sorted(looks.options.items())


__all__ = [
    "Viewed",
    "columns_text",
    "condition_pairs",
    "fields_of",
    "looks_of",
    "nested_pairs",
    "pairs_of",
    "parts_of",
    "place_of_pairs",
    "place_of_view",
    "viewed",
]
