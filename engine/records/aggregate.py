"""Counts, sums and averages over the rows that an actor may read, in groups: for tiles and reports.

The database groups; moments are grouped by the reader's local day there and gathered into months and years here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import FromClause

from engine.actor import Actor
from engine.blueprint.conditions import Condition
from engine.blueprint.entities import Field
from engine.blueprint.reports import Measure
from engine.blueprint.values import Ref
from engine.errors import BadRequest
from engine.parts import field_type
from engine.parts.derived import effective
from engine.records import buckets, lists
from engine.records.few import among
from engine.records.query import Query
from engine.records.scope import Scope, Sql, Who
from engine.records.sight import targets_of
from engine.records.statement import Prepared, prepare
from engine.records.tables import linked
from engine.records.titles import POINTERS

if TYPE_CHECKING:
    from engine.records.read import Reads

MOST_GROUPS = 20_000
MOST_DAYS = 10 * MOST_GROUPS  # groups of single days, which are gathered into months and years here
NUMBERS = frozenset({"integer", "decimal", "money", "percent", "duration"})
MOMENTS = frozenset({"date", "datetime"})
TOO_MANY = "There are too many groups. Group by something coarser, or filter first."
COUNT = Measure("count", "Count", "count")


@dataclass(frozen=True, slots=True)
class Group:
    """What is grouped by: a field, and for dates how long a stretch; `start:stop` are its raw columns."""

    name: str  # as asked for
    field: Field
    bucket: str | None
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Taken:
    measure: Measure
    field: Field | None  # as its value is read and shown
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Summary:
    """`rows`: the values of the groups, then of the measures. Dates stand for their stretch's first day; hours are
    local; references carry titles; money of several currencies is a tuple of amounts."""

    groups: tuple[Group, ...]
    measures: tuple[Measure, ...]
    rows: list[tuple[Any, ...]]

    @property
    def total(self) -> Any:
        """The one number of a tile."""
        return self.rows[0][len(self.groups)] if self.rows else None


@dataclass(frozen=True, slots=True)
class Plan:
    prepared: Prepared
    groups: tuple[Group, ...]
    taken: tuple[Taken, ...]


class Aggregates:
    def __init__(self, reads: Reads) -> None:
        self.reads = reads

    def of(
        self, actor: Actor, entity: str, where: Condition | None, group_by: tuple[str, ...],
        measures: Mapping[str, Measure], search: str | None,
    ) -> Summary:  # fmt: skip
        """Raises NotFound for the entity, BadRequest for a field that the actor may not read or that cannot be used so."""
        reads = self.reads
        reads.sight.entity(actor, entity)
        asked = tuple(measures.values()) or (COUNT,)
        query = Query(entity, where=where, search=search)
        few = reads.few(actor, query)
        hunt = reads.hunt(actor, query, few)
        shape = (hunt.shape if hunt else None, few is not None)
        key = ("sum", Who.of(actor), actor.zone, entity, where, group_by, asked, shape)
        plan = reads.kept(
            key, lambda: self._plan(actor, query, group_by, asked, hunt, few), lambda made: made.prepared.lasting
        )
        values = reads._values(actor, plan.prepared, hunt, few)
        with reads.lent(None) as lent:
            rows = lent.rows_afresh(plan.prepared.statement, values)
            return self._summary(lent, actor, plan, asked, rows)

    def _plan(
        self, actor: Actor, query: Query, group_by: tuple[str, ...], asked: tuple[Measure, ...], hunt: Any, few: Any
    ) -> Plan:
        scope = self.reads.scope(actor)
        row = scope.table(query.entity)
        select = _Select(scope, query.entity, row, actor.zone)
        groups = tuple(select.group(name) for name in group_by)
        taken = tuple(select.take(measure) for measure in asked)
        source, found = lists._source(scope, query.entity, row, hunt)
        where = [*lists.conditions(scope, query, row, None), *found, *among(few, row, self.reads.dialect)]
        grouped = sa.select(*select.sql).select_from(source).where(*where)
        if select.grouped:
            grouped = grouped.group_by(*(sa.literal_column(str(at + 1)) for at in select.grouped))
            grouped = grouped.limit(sa.literal_column(str(MOST_DAYS + 1)))
        return Plan(prepare(grouped, self.reads.dialect, scope.live), groups, taken)

    # ---- from raw groups to a summary

    def _summary(self, lent: Any, actor: Actor, plan: Plan, asked: tuple[Measure, ...], rows: list[Any]) -> Summary:
        if len(rows) > MOST_DAYS:
            raise BadRequest(TOO_MANY)
        year_starts = self.reads.blueprint.manifest.financial_year_starts
        gathered: dict[tuple[Any, ...], list[Any]] = {}
        for row in rows:
            key = tuple(_group_value(group, row, year_starts) for group in plan.groups)
            gathered.setdefault(key, []).append(row)
        if len(gathered) > MOST_GROUPS:
            raise BadRequest(TOO_MANY)
        titles = self.reads.titles(actor, {v for key in gathered for v in key if isinstance(v, Ref)}, lent)
        found = [
            (*(_titled(v, titles) for v in key), *(_measured(t, some) for t in plan.taken))
            for key, some in gathered.items()
        ]
        found.sort(key=lambda row: _rank(plan, row))
        return Summary(plan.groups, asked, found)


class _Select:
    """The select in the making: groups first, then the parts that each measure is put together from."""

    def __init__(self, scope: Scope, entity: str, row: FromClause, zone: str) -> None:
        self.scope, self.entity, self.row, self.zone = scope, entity, row, zone
        self.sql: list[Sql] = []
        self.grouped: list[int] = []

    def group(self, name: str) -> Group:
        first, by, bucket = name.partition(" by ")
        field = self.field(first)
        if bool(by) and (effective(field).type not in MOMENTS or bucket not in buckets.BUCKETS):
            raise BadRequest(f'{field.label} cannot be grouped by "{bucket[:30]}".')
        if linked(field) or field.type == "children" or getattr(field_type(field.type), "many", False):
            raise BadRequest(f"Rows cannot be grouped by {field.label}.")
        columns = self.scope.columns(field, self.entity, self.row)
        size = bucket or ("day" if effective(field).type == "datetime" else None)
        return self._grouped(name, field, size, self.bucketed(field, size, columns))

    def field(self, name: str) -> Field:
        return self.scope.sight.field(self.scope.who.role, self.entity, name)

    def bucketed(self, field: Field, bucket: str | None, columns: tuple[Sql, ...]) -> tuple[Sql, ...]:
        if effective(field).type != "datetime":
            if bucket == "hour":
                raise BadRequest(f"{field.label} has no hours to group by.")
            return columns
        size = buckets.HOUR if bucket == "hour" else buckets.DAY
        local = columns[0] + _offset(columns[0], self.zone)
        if bucket == "week":
            weeks = local - _whole(buckets.MONDAY)
            return ((weeks - _rest(weeks, buckets.WEEK) + _whole(buckets.MONDAY)) // size,)
        return ((local - _rest(local, size)) // size,)

    def _grouped(self, name: str, field: Field, bucket: str | None, columns: tuple[Sql, ...]) -> Group:
        start = self._add(columns)
        self.grouped += range(start, len(self.sql))
        return Group(name, field, bucket, start, len(self.sql))

    def take(self, measure: Measure) -> Taken:
        if measure.take == "count":
            start = self._add((sa.func.count(),))
            return Taken(measure, None, start, len(self.sql))
        field = self.field(measure.field or "")
        kind = effective(field).type
        if kind not in NUMBERS and not (kind in MOMENTS and measure.take in ("smallest", "largest")):
            raise BadRequest(f"{field.label} cannot be measured by {measure.take}.")
        columns = self.scope.columns(field, self.entity, self.row)
        if len(columns) > 1:  # an amount is only added to others of its currency
            self.grouped.append(self._add((columns[1],)))
        start = self._add(_parts(measure.take, columns[0]))
        return Taken(measure, field, start, len(self.sql))

    def _add(self, columns: tuple[Sql, ...]) -> int:
        self.sql += columns
        return len(self.sql) - len(columns)


def _rest(number: Sql, size: int) -> Sql:
    """Of a division that rounds down, also below nothing."""
    return ((number % _whole(size)) + _whole(size)) % _whole(size)


def _whole(number: int) -> Sql:
    return sa.literal_column(str(number), sa.BigInteger())


def _offset(column: Sql, zone: str) -> Any:
    first, *turns = buckets.offsets(zone)
    if not turns:
        return sa.literal_column(str(first[1]), sa.BigInteger())
    spans = [(column < until, sa.literal_column(str(added), sa.BigInteger())) for (_, added), (until, _) in _pairs(zone)]
    return sa.case(*spans, else_=sa.literal_column(str(turns[-1][1]), sa.BigInteger()))


def _pairs(zone: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    turns = buckets.offsets(zone)
    return list(pairwise(turns))


def _parts(take: str, column: Sql) -> tuple[Sql, ...]:
    if take in ("sum", "average"):
        return sa.func.sum(column), sa.func.count(column)
    least_or_most = sa.func.min if take == "smallest" else sa.func.max
    return (least_or_most(column),)


def _group_value(group: Group, row: tuple[Any, ...], year_starts: tuple[int, int]) -> Any:
    raw = row[group.start : group.stop]
    if raw[0] is None:
        return None
    kind = effective(group.field).type
    if kind == "datetime":
        if group.bucket == "hour":
            return buckets.hour_of(int(raw[0]))
        return buckets.bucket(buckets.day_of(int(raw[0])), group.bucket or "day", year_starts)
    if group.bucket:
        return buckets.bucket(date.fromisoformat(raw[0]), group.bucket, year_starts)
    if group.field.type in POINTERS:
        return Ref(targets_of(group.field)[0], raw[0])
    return field_type(group.field.type).load(group.field, raw)


def _titled(value: Any, titles: Mapping[tuple[str, int], str]) -> Any:
    return Ref(value.entity, value.id, titles.get((value.entity, value.id))) if isinstance(value, Ref) else value


def _measured(taken: Taken, rows: list[Any]) -> Any:
    if taken.field is None:
        return sum(row[taken.start] for row in rows)
    field = taken.field
    if len(_raw_columns(field)) == 1:
        return _loaded(taken, rows, ())
    currencies = sorted({row[taken.start - 1] for row in rows if row[taken.start] is not None})
    amounts = [_loaded(taken, [r for r in rows if r[taken.start - 1] == c], (c,)) for c in currencies]
    return tuple(amounts) or None


def _raw_columns(field: Field) -> tuple[Any, ...]:
    return field_type(field.type).columns(field)


def _loaded(taken: Taken, rows: list[Any], currency: tuple[str, ...]) -> Any:
    assert taken.field is not None
    found = [row for row in rows if row[taken.start] is not None]
    if not found:
        return None
    if taken.measure.take == "average":
        return _average(taken, found, currency)
    raw = COMBINED[taken.measure.take](row[taken.start] for row in found)
    return field_type(taken.field.type).load(taken.field, (int(raw) if isinstance(raw, Decimal) else raw, *currency))


COMBINED: dict[str, Callable[[Any], Any]] = {"sum": sum, "smallest": min, "largest": max}


def _average(taken: Taken, rows: list[Any], currency: tuple[str, ...]) -> Any:
    """Rounded half to even, to the places of the field; of whole numbers to two."""
    assert taken.field is not None
    exact = Decimal(int(sum(r[taken.start] for r in rows))) / sum(r[taken.start + 1] for r in rows)
    if effective(taken.field).type == "integer":
        return exact.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    return field_type(taken.field.type).load(taken.field, (int(exact.quantize(Decimal(1), ROUND_HALF_EVEN)), *currency))


def _rank(plan: Plan, row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Stretches of time in order, choices as the set lists them, all else by the first measure, largest first."""
    first = row[len(plan.groups)]
    size = -first if isinstance(first, (int, Decimal)) else 0
    return (*(_place(g, v) for g, v in zip(plan.groups, row, strict=False)), size, str(row))


def _place(group: Group, value: Any) -> tuple[Any, ...]:
    if value is None:
        return (1, 0)
    if group.bucket:
        return (0, value.isoformat())
    choices = group.field.options.get("choices") or group.field.options.get("stages") or ()
    known = [choice.value for choice in choices]
    return (0, known.index(value) if value in known else 0)
