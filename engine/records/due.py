"""Which records may be due: those whose date, stay or last sign of life lies in a span, and for which `when` holds.

A page holds (value, record) pairs in their order; the next page begins after the last pair, so that memory is bounded
however many are due at once. `when` is asked as the robot, whose eyes see everything, and beside the search, not in it: a
database would begin with some index for the condition and read half of the table, each second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import FromClause

from engine.actor import Actor
from engine.blueprint.conditions import Condition
from engine.blueprint.entities import Field
from engine.blueprint.triggers import Around, Every, Idle, Staying
from engine.records.database import Connection
from engine.records.keys import AHEAD, EPOCH, MILLISECOND
from engine.records.read import Reads
from engine.records.scope import NOBODY, Scope, Who, pointing
from engine.records.statement import Prepared, prepare

PAGE = 200
Value = int | str
Pair = tuple[Any, int]  # the value as the database keeps it, the record's id


@dataclass(frozen=True, slots=True)
class Candidates:
    """The records of one time rule. Made once per blueprint."""

    reads: Reads
    robot: Actor
    name: str
    entity: str
    trigger: Around | Staying | Idle | Every
    when: Condition

    def pages(self, connect: Callable[[], Any], low: Value, high: Value) -> Iterator[list[Pair]]:
        """All whose value is from `low` up to but not including `high`; `connect` lends a connection for each page."""
        after: Pair = (low, -1)
        while True:
            with connect() as connection:
                page = self._page(connection, after, high)
            if found := [(value, id) for value, id, holds in page if holds]:
                yield found
            if len(page) < PAGE:
                return
            after = page[-1][:2]

    def _page(self, connection: Connection, after: Pair, high: Value) -> list[Any]:
        prepared: Prepared = self.reads.kept(
            ("due", self.name, Who.of(self.robot)), self._prepared, lambda made: made.lasting
        )
        given = self.reads.values(self.robot, prepared, low=after[0], id=after[1], high=high)
        return connection.rows(prepared.statement, given)

    def _prepared(self) -> Prepared:
        scope = self.reads.scope(self.robot)
        row = scope.table(self.entity)
        source, value, narrowed = self._source(scope, row)
        nothing = "" if isinstance(value.type, sa.Text) else 0  # a list in a condition wants all values to be there
        low, high = (sa.bindparam(name, nothing, type_=value.type) for name in ("low", "high"))
        id, holds = sa.bindparam("id", 0, type_=sa.BigInteger()), scope.holds(self.when, self.entity, row)
        told: Any = sa.case((holds, 1), else_=0)
        if isinstance(self.trigger, Every):  # all records: here an index for the condition may help
            told, narrowed = sa.literal_column("1"), [holds]
        # As the field's index has it: PostgreSQL sorts the whole span for each page otherwise.
        order = value.nulls_first() if isinstance(self.trigger, Around | Idle) else value
        select = (
            sa.select(value, row.c.id, told)
            .select_from(source)
            .where(value >= low, value < high, sa.or_(value > low, row.c.id > id), row.c.deleted_at.is_(None), *narrowed)
            .order_by(order, row.c.id)
            .limit(PAGE)
        )
        return prepare(select, self.reads.dialect, scope.live)

    def _source(self, scope: Scope, row: FromClause) -> tuple[FromClause, Any, list[Any]]:
        match self.trigger:
            case Around(field=field):
                return row, row.c[field], []
            case Idle():
                return row, row.c.updated_at, []
            case Every():
                return row, row.c.id, []
            case Staying(field=field, stages=stages):
                return _stays(scope, row, self.entity, field, stages)

    # ---- signs of life beneath a record

    def beneath(self) -> tuple[Beneath, ...]:
        fields = self.reads.blueprint.entities[self.entity].fields_of("children")
        return tuple(Beneath(self.reads, self.robot, self.entity, field) for field in fields)

    def signs(
        self, connect: Callable[[], Any], pages: Iterator[list[Pair]], low: int, high: int
    ) -> Iterator[list[Pair]]:
        """The pages as they are; for silence, with the last sign of life of each record, its own or beneath it, and the
        records beneath which something was added in the span besides."""
        if not isinstance(self.trigger, Idle):
            yield from pages
            return
        for page in pages:
            yield self._last_signs(connect, {id: at for at, id in page})
        for beneath in self.beneath():
            for parents in beneath.pages(connect, low, high):
                with connect() as connection:
                    alive = self.among(connection, parents)
                yield self._last_signs(connect, alive)

    def _last_signs(self, connect: Callable[[], Any], own: dict[int, int]) -> list[Pair]:
        last = dict(own)
        with connect() as connection:
            for beneath in self.beneath():
                for id, at in beneath.last(connection, list(own)).items():
                    last[id] = max(last[id], at)
        return [(at, id) for id, at in last.items()]

    def among(self, connection: Connection, records: list[int]) -> dict[int, int]:
        """updated_at of those of the records that are alive and for which `when` holds."""
        scope = self.reads.scope(self.robot)
        row = scope.table(self.entity)
        select = sa.select(row.c.id, row.c.updated_at).where(
            row.c.id.in_(records), row.c.deleted_at.is_(None), scope.holds(self.when, self.entity, row)
        )
        prepared = prepare(select, self.reads.dialect, scope.live)
        return dict(map(tuple, connection.rows(prepared.statement, self.reads.values(self.robot, prepared))))


def _stays(
    scope: Scope, row: FromClause, entity: str, field: str, stages: tuple[str, ...]
) -> tuple[FromClause, Any, list[Any]]:
    stay = scope.tables.system("stage_time").alias("stay")
    narrowed = [
        stay.c.entity == sa.literal_column(f"'{entity}'"), stay.c.field == sa.literal_column(f"'{field}'"),
        stay.c.stage.in_(stages), stay.c.left_at.is_(None),
    ]  # fmt: skip
    return stay.join(row, row.c.id == stay.c.record), stay.c.entered_at, narrowed


@dataclass(frozen=True, slots=True)
class Beneath:
    """The records of one children field: when the last was added to each parent."""

    reads: Reads
    robot: Actor
    entity: str
    field: Field

    @property
    def child(self) -> str:
        return str(self.field.options["entity"])

    def pages(self, connect: Callable[[], Any], low: int, high: int) -> Iterator[list[int]]:
        """Parents to which something was added from the one moment up to but not including the other, ms, and few besides:
        an id is made of the moment of its creation, or of one a little later."""
        first, end = _first_id(low), _first_id(high + AHEAD)
        while True:
            with connect() as connection:
                page = self._rows(connection, "added", self._added, first=first, end=end)
            if page:
                yield list(dict.fromkeys(parent for _, parent in page if parent is not None))
            if len(page) < PAGE:
                return
            first = page[-1][0] + 1

    def last(self, connection: Connection, parents: list[int]) -> dict[int, int]:
        """By parent, when the last was added, ms."""
        places = [*parents, *(NOBODY for _ in range(PAGE - len(parents)))]  # one statement for any number
        given = {f"p{n}": id for n, id in enumerate(places)}
        return dict(map(tuple, self._rows(connection, "last", self._last, **given)))

    def _rows(self, connection: Connection, what: str, make: Callable[[], Prepared], **given: Any) -> list[Any]:
        prepared = self.reads.kept((what, self.entity, self.field.name), make)
        return connection.rows(prepared.statement, given)

    def _added(self) -> Prepared:
        table, parent, narrowed = self._child()
        first, end = (sa.bindparam(name, 0, type_=sa.BigInteger()) for name in ("first", "end"))
        select = sa.select(table.c.id, parent).where(table.c.id >= first, table.c.id < end, *narrowed)
        return prepare(select.order_by(table.c.id).limit(PAGE), self.reads.dialect, [])

    def _last(self) -> Prepared:
        table, parent, narrowed = self._child()
        places = [sa.bindparam(f"p{n}", NOBODY, type_=sa.BigInteger()) for n in range(PAGE)]
        select = sa.select(parent, sa.func.max(table.c.created_at)).where(parent.in_(places), *narrowed)
        return prepare(select.group_by(parent), self.reads.dialect, [])

    def _child(self) -> tuple[FromClause, Any, list[Any]]:
        """The child's table, its column with the parent's id, and what narrows its rows."""
        table = self.reads.tables.of(self.child).alias("child")
        through = self.reads.blueprint.entities[self.child].fields[self.field.options["through"]]
        columns = tuple(table.c[c.name] for c in self.reads.tables.columns(self.child, through.name))
        parent = next(c for c in columns if not isinstance(c.type, sa.String))
        narrowed: list[Any] = [table.c.deleted_at.is_(None)]
        if through.type == "reference_any":
            narrowed.append(pointing(columns, through, self.entity, parent))
        return table, parent, narrowed


def _first_id(moment: int) -> int:
    return max(0, moment - EPOCH) * MILLISECOND
