"""The one door for reading: every row that leaves the database leaves through a question asked for an actor.

- Statements are compiled once per role and shape of question and kept with the blueprint.
- A page is raw rows with a plan of their columns; `json` writes them, the web renders them.
- What an actor may not see is not there: not found, not counted, not sorted by, not named in a title.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import orjson

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.blueprint.conditions import Condition
from engine.blueprint.entities import Field
from engine.blueprint.values import Ref
from engine.clock import Clock, system_clock
from engine.errors import BadRequest, NotFound, Refused
from engine.formats import Formats, Reading
from engine.records import cursor, lists
from engine.records.aggregate import Aggregates
from engine.records.columns import ID, TITLE, VERSION, Row, Shown, Values, value_of
from engine.records.computed import computed
from engine.records.database import Connection, Database, Statement
from engine.records.explain import explained
from engine.records.few import Few, Fewness
from engine.records.items import Items, items_of
from engine.records.late import fill
from engine.records.lists import Edge, Listed, Parent
from engine.records.query import MOST, Query, both, parse
from engine.records.scope import Scope, Who, values_of
from engine.records.search import Hunt, hunt
from engine.records.sight import NOT_FOUND, Sight
from engine.records.single import NOTHING, Beside, One, Singles
from engine.records.spelling import Spelling
from engine.records.statement import Kept, Prepared
from engine.records.tables import Tables, searched
from engine.words import said

COUNTED = 10_001
STATEMENTS = 2_000


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` are raw: id, version, then the slices that `columns` tell. `next` and `previous` are cursors."""

    entity: str
    rows: list[Row]
    columns: tuple[Shown, ...]
    next: str | None = None
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One record as an actor may see it: `values` holds the fields that the role may read, references with titles."""

    entity: str
    id: int
    version: int
    title: str
    values: Mapping[str, Any]
    row: Row
    columns: tuple[Shown, ...]
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """A record, which of the actions that were asked about the actor may do to it, and the counts that were asked for."""

    record: Record
    rights: frozenset[str]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Export:
    """Rows by the batch, in the same raw form as a page's, without holding them all."""

    columns: tuple[Shown, ...]
    batches: Iterator[list[Row]]


class Reads:
    """Made once for a blueprint and its database; safe to use from many threads."""

    def __init__(self, blueprint: Blueprint, database: Database, tables: Tables, clock: Clock = system_clock) -> None:
        self.blueprint, self.database, self.tables, self.clock = blueprint, database, tables, clock
        self.sight = Sight(blueprint)
        self.dialect = database.engine.dialect
        self._kept: Kept[Any] = Kept(STATEMENTS)
        self._formats: dict[tuple[str, str], Formats] = {}
        self._items: dict[int, tuple[tuple[Shown, ...], Items]] = {}
        self.fewness = Fewness(self)
        self.aggregates = Aggregates(self)
        self.singles = Singles(self)
        self.spelling = Spelling(self)

    # ---- questions

    def query(self, actor: Actor, entity: str, given: Iterable[tuple[str, str]]) -> Query:
        """The query that an address means. Raises NotFound for the entity, BadRequest with every complaint."""
        return parse(self.sight, actor, entity, given, self.reading(actor))

    def page(
        self, actor: Actor, query: Query, *, parent: Parent | None = None, of: int = 0,
        connection: Connection | None = None, most: int = MOST,
    ) -> Page:  # fmt: skip
        """Raises NotFound for an entity that the actor may not read, BadRequest for a field or a cursor. `most`: rows that
        the caller can take, whatever the query asks for."""
        self.sight.entity(actor, query.entity)
        limit = min(max(query.limit, 1), most)
        place = self._place(actor, query)
        few = None if parent else self.few(actor, query, connection)
        hunt = self.hunt(actor, query, few)
        plan = self._listed(actor, query, hunt, place, parent, few)
        values = self._values(actor, plan.prepared, hunt, few, limit=limit + 1, parent=of, **_edge(place))
        with self.lent(connection, once=_is_whole(plan)) as lent:
            rows = asked(lent, query)(plan.prepared.statement, values)
            return self._page(lent, actor, query, plan, rows, limit, place)

    def count(
        self, actor: Actor, query: Query, cap: int = COUNTED, *, parent: Parent | None = None, of: int = 0,
        connection: Connection | None = None,
    ) -> int:  # fmt: skip
        """How many the actor would find, but no more than `cap`: a larger number is not looked for."""
        self.sight.entity(actor, query.entity)
        few = None if parent else self.few(actor, query, connection)
        hunt = self.hunt(actor, query, few)
        key = ("count", *_shape(actor, query, hunt, parent, few))
        prepared = self.kept(
            key, lambda: lists.counted(self.scope(actor), self.dialect, query, hunt, parent, few),
            lambda made: made.lasting,
        )  # fmt: skip
        values = self._values(actor, prepared, hunt, few, limit=cap, parent=of)
        with self.lent(connection, once=True) as lent:
            return asked(lent, query)(prepared.statement, values)[0][0]

    def related(self, actor: Actor, entity: str, id: int, field: str, query: Query | None = None) -> Page:
        """The records behind a children field; the record itself must be one that the actor may read."""
        child = self._children(actor, entity, id, field)
        return self.page(actor, query or Query(child), parent=Parent(entity, field), of=id)

    def related_count(self, actor: Actor, entity: str, id: int, field: str, cap: int = 1_001) -> int:
        child = self._children(actor, entity, id, field)
        return self.count(actor, Query(child), cap, parent=Parent(entity, field), of=id)

    def pick(
        self, actor: Actor, entity: str, text: str | None = None, limit: int = 20, when: Condition | None = None
    ) -> list[Ref]:
        """What a picker offers: records that the actor may read, with titles, newest first."""
        page = self.page(actor, Query(entity, ("title",), when, (text or "").strip() or None, limit=limit))
        return [Ref(entity, row[ID], value_of(page.columns[0], row)) for row in page.rows]

    def search(self, actor: Actor, text: str, each: int = 5) -> dict[str, list[Ref]]:
        """The newest matches of every entity that has searched fields; see finding.find."""
        from engine.records.finding import find

        found: dict[str, list[Ref]] = {}
        with self.lent(None) as lent:
            for group in find(self, lent, actor, text, each):
                found.setdefault(group.entity, []).extend(Ref(hit.entity, hit.id, hit.name) for hit in group.hits)
        return found

    def export(self, actor: Actor, query: Query) -> Export:
        """Every row of the query. Raises Refused, with the roles that may, where the role may not export."""
        self.sight.entity(actor, query.entity)
        if not self.sight.rights(actor.role, query.entity).may_export:
            who = [r.label for r in self.blueprint.roles.values() if self.sight.rights(r.name, query.entity).may_export]
            raise Refused(said(
                "Your role may not export {plural}.", plural=self.blueprint.entities[query.entity].plural
            ), who)
        few = self.few(actor, query)
        hunt = self.hunt(actor, query, few)
        plan = self._listed(actor, replace(query, cursor=None), hunt, None, None, few)
        values = self._values(actor, plan.prepared, hunt, few, limit=2**31 - 1)
        return Export(plan.columns, self._batches(actor, query.entity, plan, values))

    # ---- single records: see single.py

    def record(
        self, actor: Actor, entity: str, id: int, *, deleted: bool = False, connection: Connection | None = None
    ) -> Record:
        """Raises NotFound, the same for a record that is missing and for one that the actor may not see."""
        row, plan = self._one(actor, entity, id, deleted, connection)
        return self._record(entity, row, plan, deleted)

    def whole(
        self, actor: Actor, entity: str, id: int, actions: tuple[str, ...], children: tuple[str, ...], cap: int,
        connection: Connection,
    ) -> Whole:  # fmt: skip
        """A record with what its page asks beside it, in one select: which of `actions` the actor may do to it, and how
        many records each of its `children` fields has, up to `cap`. Raises NotFound as `record` does, BadRequest for a
        field that the actor may not read."""
        row, plan = self._one(actor, entity, id, False, connection, Beside(actions, children), cap)
        width = plan.listed.width
        may, counts = row[width : width + len(actions)], row[width + len(actions) :]
        rights = frozenset(action for action, answer in zip(actions, may, strict=True) if answer)
        return Whole(self._record(entity, row, plan, False), rights, counts)

    def allowed(
        self, actor: Actor, action: str, entity: str, id: int, connection: Connection | None = None
    ) -> bool:
        """Whether the actor may read this record and do `action` (read, update, delete) to it."""
        if not self.sight.may_open(actor, entity):
            return False
        with self.lent(connection) as lent:
            return self.singles.allowed(lent, actor, action, entity, id)

    def holds(
        self, connection: Connection, actor: Actor, entity: str, id: int, condition: Condition, *, deleted: bool = False
    ) -> bool:
        """Whether a set's own condition holds for a record; into other records it looks with the actor's eyes.

        The record itself need not be in the actor's scope: for guards, for `create` and for `assign` (entity user).
        `deleted`: it must lie in the bin."""
        return self.singles.holds(connection, actor, entity, id, condition, deleted)

    def titles(
        self, actor: Actor, refs: Iterable[Ref], connection: Connection | None = None
    ) -> dict[tuple[str, int], str]:
        """Titles by (entity, id) of those records that the actor may read; one query for each entity."""
        with self.lent(connection) as lent:
            return self.singles.titles(lent, actor, refs)

    def why(self, actor: Actor, entity: str, id: int) -> list[str]:
        """In sentences: which right lets the actor see this record, or why they do not. For those who administer."""
        return explained(self, actor, entity, id)

    # ---- numbers

    def aggregate(
        self, actor: Actor, entity: str, where: Condition | None = None, group_by: Sequence[str] = (),
        measures: Mapping[str, Any] | None = None, search: str | None = None, connection: Connection | None = None,
    ) -> Any:  # fmt: skip
        """See aggregate.Aggregates.of."""
        return self.aggregates.of(actor, entity, where, tuple(group_by), measures or {}, search, connection)

    # ---- JSON

    def json(self, page: Page) -> bytes:
        """`{"items": [...], "next": ...}`"""
        return orjson.dumps({"items": self.items(page.columns, page.rows), "next": page.next})

    def record_json(self, actor: Actor, entity: str, id: int) -> bytes:
        return orjson.dumps(self.item(actor, entity, id))

    def item(
        self, actor: Actor, entity: str, id: int, *, deleted: bool = False, connection: Connection | None = None
    ) -> dict[str, Any]:
        """One record as `json` would write it. Raises NotFound."""
        row, plan = self._one(actor, entity, id, deleted, connection)
        return self.items(plan.listed.columns, [row])[0]

    def items(self, columns: tuple[Shown, ...], rows: list[Row]) -> list[dict[str, Any]]:
        found = self._items.get(id(columns))
        if found is None or found[0] is not columns:
            if len(self._items) > STATEMENTS:
                self._items.clear()
            found = self._items[id(columns)] = (columns, items_of(columns))  # holds them, so that the id stays theirs
        return found[1](rows)

    # ---- what the other files of this room build on

    def scope(self, actor: Actor) -> Scope:
        return Scope(self.sight, self.tables, Who.of(actor), self.reading(actor), computed)

    def kept(self, key: Any, make: Any, keep: Any = lambda made: True) -> Any:
        try:
            return self._kept.get(key, make, keep)
        except TypeError as wrong:
            if "unhashable" not in str(wrong):
                raise
            return make()

    def formats(self, actor: Actor) -> Formats:
        found = self._formats.get((actor.language, actor.zone))
        if found is None:
            manifest = self.blueprint.manifest
            found = Formats(actor.language, actor.zone, manifest.currency, manifest.country)
            self._formats[actor.language, actor.zone] = found
        return found

    def reading(self, actor: Actor) -> Reading:
        manifest = self.blueprint.manifest
        return Reading(self.formats(actor), self.clock(), actor.user, manifest.financial_year_starts)

    def searched(self, actor: Actor, entity: str) -> tuple[Field, ...]:
        """The searched fields that the actor may read."""
        return tuple(f for f in self.sight.fields(actor.role, entity).values() if f.search)

    def few(self, actor: Actor, query: Query, connection: Connection | None = None) -> Few | None:
        """The actor's rows, or what the search finds, where they are so few that a question had better begin with them."""
        if not self.fewness.asks(actor, query):
            return None
        with self.lent(connection, once=True) as lent:
            return self.fewness.of(actor, query, lent)

    def hunt(self, actor: Actor, query: Query, few: Few | None = None) -> Hunt | None:
        if not query.search:
            return None
        if few is not None and few.hunt is not None:
            return few.hunt
        fields = self.searched(actor, query.entity)
        every = len(fields) == len(searched(self.blueprint.entities[query.entity]))
        dialect = self.dialect.name
        return hunt(query.search, fields, self.formats(actor), dialect, all_fields=every, few=few is not None)

    @contextmanager
    def lent(self, connection: Connection | None, *, once: bool = False) -> Iterator[Connection]:
        """The caller's connection, so that a transaction sees its own writes; else one for reading. `once`: for one
        select, which is of one moment by itself."""
        if connection is not None:
            yield connection
            return
        with self.database.glance() if once else self.database.reading() as lent:
            yield lent

    def values(self, actor: Actor, prepared: Prepared, **given: Any) -> Mapping[str, Any]:
        return prepared.values({**values_of(actor, Who.of(actor)), **given}, self.reading(actor))

    # ---- inside

    def _values(
        self, actor: Actor, prepared: Prepared, hunt: Hunt | None, few: Few | None = None, **given: Any
    ) -> Mapping[str, Any]:
        values = {**values_of(actor, Who.of(actor)), **given, **(hunt.values if hunt else {})}
        if few:
            values["few"] = few.ids
        return prepared.values(values, self.reading(actor)) if prepared.live else values

    def _listed(
        self, actor: Actor, query: Query, hunt: Hunt | None, place: tuple[bool, cursor.Edge] | None,
        parent: Parent | None, few: Few | None = None,
    ) -> Listed:  # fmt: skip
        edge = Edge(place[0], tuple(v is None for v in place[1])) if place else None
        key = ("list", *_shape(actor, query, hunt, parent, few), query.columns, query.sort, edge)

        def make() -> Listed:
            names = query.columns or self._usual_columns(actor, query.entity)
            return lists.listed(self.scope(actor), self.dialect, query, names, hunt, edge, parent, few=few)

        return self.kept(key, make, lambda made: made.prepared.lasting)

    def _usual_columns(self, actor: Actor, entity: str) -> tuple[str, ...]:
        fields, described = self.sight.fields(actor.role, entity), self.blueprint.entities[entity]
        return tuple(c for c in described.list.columns if c == "title" or self._is_visible(actor, fields, c))

    def _is_visible(self, actor: Actor, fields: Mapping[str, Field], column: str) -> bool:
        first, dot, rest = column.partition(".")
        if first not in fields:
            return False
        targets = lists.targets_of(fields[first])
        return not dot or any(rest in self.sight.fields(actor.role, target) for target in targets)

    def _place(self, actor: Actor, query: Query) -> tuple[bool, cursor.Edge] | None:
        if not query.cursor:
            return None
        kinds = self._listed(actor, replace(query, search=None, where=None), None, None, None).kinds
        return cursor.place(query.cursor, sort_name(query), kinds)

    def _page(
        self, lent: Connection, actor: Actor, query: Query, plan: Listed, rows: list[Row], limit: int,
        place: tuple[bool, cursor.Edge] | None,
    ) -> Page:  # fmt: skip
        more, backwards = len(rows) > limit, bool(place and place[0])
        rows = rows[:limit]
        if backwards:
            rows.reverse()
        after = (more or backwards) and bool(rows)
        before = (place is not None if not backwards else more) and bool(rows)
        name = sort_name(query)
        next = cursor.token(False, name, _edge_of(rows[-1], plan)) if after else None
        previous = cursor.token(True, name, _edge_of(rows[0], plan)) if before else None
        return Page(query.entity, self.filled(lent, actor, query.entity, plan, rows), plan.columns, next, previous)

    def edge(self, lent: Connection, actor: Actor, query: Query) -> cursor.Edge | None:
        """The place of the query's first row in its order; None without rows."""
        plan = self._listed(actor, query, None, None, None)
        rows = lent.rows(plan.prepared.statement, self._values(actor, plan.prepared, None, limit=1))
        return _edge_of(rows[0], plan) if rows else None

    def filled(self, lent: Connection, actor: Actor, entity: str, plan: Listed, rows: list[Row]) -> list[Row]:
        """With the titles and many-references that only a second look can tell."""
        return rows if plan.is_whole else fill(self, lent, actor, entity, plan.columns, rows)

    def _batches(self, actor: Actor, entity: str, plan: Listed, values: Mapping[str, Any]) -> Iterator[list[Row]]:
        statement = plan.prepared.statement
        with self.database.reading(snapshot=True) as lent:
            for rows in lent.stream(statement.text, statement.bind(values)):
                yield self.filled(lent, actor, entity, plan, rows)

    def _one(
        self, actor: Actor, entity: str, id: int, deleted: bool, connection: Connection | None,
        beside: Beside = NOTHING, cap: int = 0,
    ) -> tuple[Row, One]:  # fmt: skip
        self.sight.entity(actor, entity)
        plan = self.singles.plan(actor, entity, deleted, beside)
        listed = plan.listed
        with self.lent(connection, once=_is_whole(listed)) as lent:
            values = self._values(actor, listed.prepared, None, record=id, parent=id, limit=cap)
            rows = lent.rows(listed.prepared.statement, values)
            if not rows:
                raise NotFound(NOT_FOUND)
            return self.filled(lent, actor, entity, listed, rows)[0], plan

    def _record(self, entity: str, row: Row, plan: One, deleted: bool) -> Record:
        values, columns = Values(plan.fields, row), plan.listed.columns
        title = row[columns[-1].start] if columns[-1].field is TITLE else values.get("title")
        named = title or f"{self.blueprint.entities[entity].label} {row[ID]}"
        return Record(entity, row[ID], row[VERSION], named, values, row, columns, deleted)

    def _children(self, actor: Actor, entity: str, id: int, field: str) -> str:
        self.sight.entity(actor, entity)
        found = self.sight.field(actor.role, entity, field)
        if found.type != "children":
            raise BadRequest(said("{label} is not a list of records.", label=found.label))
        if not self.allowed(actor, "read", entity, id):
            raise NotFound(NOT_FOUND)
        return found.options["entity"]


def asked(connection: Connection, query: Query) -> Callable[[Statement, Mapping[str, Any]], list[Row]]:
    """How to ask: a way that suits `status = 'NEW'`, which half of all rows have, does not suit a word that no row has."""
    return connection.rows_afresh if query.where is not None or query.search else connection.rows


def _is_whole(plan: Listed) -> bool:
    """Whether the plan's one select tells all."""
    return plan.is_whole


def _shape(
    actor: Actor, query: Query, hunt: Hunt | None, parent: Parent | None, few: Few | None
) -> tuple[Any, ...]:
    shape = hunt.shape if hunt else None
    return Who.of(actor), query.entity, query.where, query.deleted, shape, parent, few is not None


def _edge(place: tuple[bool, cursor.Edge] | None) -> dict[str, Any]:
    return {f"edge{i}": value for i, value in enumerate(place[1])} if place else {}


def _edge_of(row: Row, plan: Listed) -> tuple[Any, ...]:
    return (*row[plan.width :], row[ID])


def sort_name(query: Query) -> str:
    """The order of a list, as its places are called by."""
    return ",".join(f"{'-' if down else ''}{name}" for name, down in query.sort or lists.NEWEST)


__all__ = ["COUNTED", "Export", "Page", "Parent", "Query", "Reads", "Record", "Whole", "both", "sort_name"]
