"""Counts, sums and averages over the rows that an actor may read, in groups: for tiles and reports.

The database groups; moments are grouped by the reader's local day there and gathered into months and years here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import FromClause

from engine.actor import Actor
from engine.blueprint.conditions import ALWAYS, Condition
from engine.blueprint.entities import Field
from engine.blueprint.reports import Measure
from engine.blueprint.values import Ref
from engine.errors import BadRequest
from engine.parts import field_type
from engine.parts.derived import effective
from engine.parts.sql_functions import day_number, month_number
from engine.parts.tables import AGE
from engine.records import buckets, lists
from engine.records.columns import Layout
from engine.records.few import among
from engine.records.query import Query
from engine.records.scope import Scope, Sql, Who
from engine.records.sight import targets_of
from engine.records.spans import age_of, entered, lasting, offset, rest, values_at
from engine.records.statement import Prepared, prepare
from engine.records.tables import linked
from engine.records.titles import POINTERS
from engine.words import said

if TYPE_CHECKING:
    from engine.records.read import Reads

MOST_GROUPS = 20_000
MOST_DAYS = 10 * MOST_GROUPS  # groups of single days, which are gathered into months and years here
EXACT = ("distinct", "median")  # cannot be put together from the numbers of single days
NUMBERS = frozenset({"integer", "decimal", "money", "percent", "duration"})
MOMENTS = frozenset({"date", "datetime"})
TOO_MANY = said("There are too many groups. Group by something coarser, or filter first.")
Gathered: TypeAlias = "dict[tuple[Any, ...], dict[str, Any]]"  # the values of the groups -> measures by name
COUNT = Measure("count", "Count", "count")


@dataclass(frozen=True, slots=True)
class Group:
    """What is grouped by: a field, and for dates how long a stretch; `start:stop` are its raw columns.

    `exact`: the column tells the stretch itself, not a day of it."""

    name: str  # as asked for
    field: Field
    bucket: str | None
    start: int
    stop: int
    label: str = ""
    exact: bool = False


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
        measures: Mapping[str, Measure], search: str | None, connection: Any = None,
    ) -> Summary:  # fmt: skip
        """Raises NotFound for the entity, BadRequest for a field that the actor may not read or that cannot be used so."""
        reads = self.reads
        reads.sight.entity(actor, entity)
        asked = tuple(measures.values()) or (COUNT,)
        added = tuple(measure for measure in asked if measure.take not in EXACT) or (COUNT,)
        query = Query(entity, where=where, search=search)
        few = reads.few(actor, query)
        hunt = reads.hunt(actor, query, few)
        shape = (hunt.shape if hunt else None, few is not None)
        who = (Who.of(actor), actor.zone, entity, where, group_by)
        key = ("sum", *who, added, shape)
        plan = reads.kept(
            key, lambda: self._plan(actor, query, group_by, added, hunt, few), lambda made: made.prepared.lasting
        )
        values = reads._values(actor, plan.prepared, hunt, few, **values_at(reads.reading(actor)))
        with reads.lent(connection) as lent:
            rows = lent.rows_afresh(plan.prepared.statement, values)
            gathered = self._gathered(plan, rows)
            for measure in asked:
                if measure.take in EXACT:
                    self._add_exact(lent, actor, query, group_by, measure, (who, shape, hunt, few), gathered)
            return self._summary(lent, actor, plan, asked, gathered)

    def _add_exact(
        self, lent: Any, actor: Actor, query: Query, group_by: tuple[str, ...], measure: Measure, asked: Any,
        gathered: Gathered,
    ) -> None:  # fmt: skip
        """What cannot be put together from the numbers of single days: a statement of its own, by the stretch itself."""
        who, shape, hunt, few = asked
        plan = self.reads.kept(
            ("exact", *who, measure, shape), lambda: self._exact_plan(actor, query, group_by, measure, hunt, few),
            lambda made: made.prepared.lasting,
        )  # fmt: skip
        values = self.reads._values(actor, plan.prepared, hunt, few, **values_at(self.reads.reading(actor)))
        rows = lent.rows_afresh(plan.prepared.statement, values)
        year_starts = self.reads.blueprint.manifest.financial_year_starts
        found: dict[tuple[Any, ...], list[Any]] = {}
        for row in rows:
            found.setdefault(tuple(group_value(group, row, year_starts) for group in plan.groups), []).append(row)
        for key, some in found.items():
            if key in gathered:
                gathered[key][measure.name] = _measured(plan.taken[0], some)

    def _exact_plan(
        self, actor: Actor, query: Query, group_by: tuple[str, ...], measure: Measure, hunt: Any, few: Any
    ) -> Plan:
        scope = self.reads.scope(actor)
        row = scope.table(query.entity)
        select = Select(scope, query.entity, row, actor.zone, exact=self.reads.blueprint.manifest.financial_year_starts)
        groups = tuple(select.group(name) for name in group_by)
        source, found = lists.source_of(scope, query.entity, row, hunt)
        where = [*lists.conditions(scope, query, row, None), *found, *among(few, row, self.reads.dialect)]
        grouped, taken = select.of_exact(measure, source, where)
        return Plan(prepare(grouped, self.reads.dialect, scope.live), groups, (taken,))

    def _plan(
        self, actor: Actor, query: Query, group_by: tuple[str, ...], asked: tuple[Measure, ...], hunt: Any, few: Any
    ) -> Plan:
        scope = self.reads.scope(actor)
        row = scope.table(query.entity)
        # The days of one date times those of another would be too many to gather: then the stretches themselves.
        several = sum(" by " in name for name in group_by) > 1
        exact = self.reads.blueprint.manifest.financial_year_starts if several else None
        select = Select(scope, query.entity, row, actor.zone, exact)
        groups = tuple(select.group(name) for name in group_by)
        taken = tuple(select.take(measure) for measure in asked)
        source, found = lists.source_of(scope, query.entity, row, hunt)
        where = [*lists.conditions(scope, query, row, None), *found, *among(few, row, self.reads.dialect)]
        grouped = sa.select(*select.sql).select_from(source).where(*where)
        if select.grouped:
            grouped = grouped.group_by(*(sa.literal_column(str(at + 1)) for at in select.grouped))
            grouped = grouped.limit(sa.literal_column(str(MOST_DAYS + 1)))
        return Plan(prepare(grouped, self.reads.dialect, scope.live), groups, taken)

    # ---- from raw groups to a summary

    def _gathered(self, plan: Plan, rows: list[Any]) -> Gathered:
        """The measures by name for each group; single days are put together to the stretches asked for."""
        if len(rows) > MOST_DAYS:
            raise BadRequest(TOO_MANY)
        year_starts = self.reads.blueprint.manifest.financial_year_starts
        found: dict[tuple[Any, ...], list[Any]] = {}
        for row in rows:
            key = tuple(group_value(group, row, year_starts) for group in plan.groups)
            found.setdefault(key, []).append(row)
        if len(found) > MOST_GROUPS:
            raise BadRequest(TOO_MANY)
        return {key: {t.measure.name: _measured(t, some) for t in plan.taken} for key, some in found.items()}

    def _summary(
        self, lent: Any, actor: Actor, plan: Plan, asked: tuple[Measure, ...], gathered: Gathered
    ) -> Summary:
        titles = self.reads.titles(actor, {v for key in gathered for v in key if isinstance(v, Ref)}, lent)
        found = [
            (*(titled(v, titles) for v in key), *(values.get(measure.name) for measure in asked))
            for key, values in gathered.items()
        ]
        found.sort(key=lambda row: _rank(plan, row))
        return Summary(plan.groups, asked, found)


class Select:
    """The select in the making: groups first, then the parts that each measure is put together from.

    `exact` (when the financial year starts): stretches are told as they are, not by their days."""

    def __init__(
        self, scope: Scope, entity: str, row: FromClause, zone: str, exact: tuple[int, int] | None = None
    ) -> None:
        self.scope, self.entity, self.row, self.zone, self.exact = scope, entity, row, zone, exact
        self.sql: list[Sql] = []
        self.grouped: list[int] = []

    def group(self, name: str) -> Group:
        first, by, bucket = name.partition(" by ")
        field, columns, label = self.there(first) if "." in first else self.here(first)
        kind, is_own_stage = effective(field).type, field.type == "stage" and "." not in first
        is_aged = bucket == AGE and (kind in MOMENTS or is_own_stage)
        if bool(by) and not is_aged and (kind not in MOMENTS or bucket not in buckets.BUCKETS):
            raise BadRequest(said('{label} cannot be grouped by "{bucket}".', label=field.label, bucket=bucket[:30]))
        if linked(field) or field.type == "children" or getattr(field_type(field.type), "many", False):
            raise BadRequest(said("Rows cannot be grouped by {label}.", label=field.label))
        size = bucket or ("day" if effective(field).type == "datetime" else None)
        return self._grouped(name, field, size, label, self.bucketed(field, size, columns))

    def here(self, name: str) -> tuple[Field, tuple[Sql, ...], str]:
        field = self.field(name)
        return field, () if linked(field) else self.scope.columns(field, self.entity, self.row), field.label

    def there(self, name: str) -> tuple[Field, tuple[Sql, ...], str]:
        """A field of the record that this one points to; empty where the actor may not read that record."""
        layout = Layout(self.scope, self.entity, self.row)
        layout.add(name)
        shown = layout.shown[0]
        return shown.field, tuple(layout.sql[shown.start : shown.stop]), shown.label

    def field(self, name: str) -> Field:
        return self.scope.sight.field(self.scope.who.role, self.entity, name)

    def bucketed(self, field: Field, bucket: str | None, columns: tuple[Sql, ...]) -> tuple[Sql, ...]:
        if bucket == AGE:
            column = entered(self.scope, field, self.row) if field.type == "stage" else columns[0]
            return (age_of(column, effective(field).type == "date"),)
        if self.exact is not None and bucket not in (None, "hour", "day"):
            return (self._stretch(field, bucket, columns[0]),)
        if effective(field).type != "datetime":
            if bucket == "hour":
                raise BadRequest(said("{label} has no hours to group by.", label=field.label))
            return columns
        size = buckets.HOUR if bucket == "hour" else buckets.DAY
        local = columns[0] + offset(columns[0], self.zone)
        if bucket == "week":
            weeks = local - _whole(buckets.MONDAY)
            return ((weeks - rest(weeks, buckets.WEEK) + _whole(buckets.MONDAY)) // size,)
        return ((local - rest(local, size)) // size,)

    def _stretch(self, field: Field, bucket: str | None, column: Sql) -> Sql:
        """The number of the week or of the stretch of months that a day or a moment falls into."""
        month, first = self.exact or (1, 1)
        if bucket != "financial_year":
            month, first = 1, 1
        if effective(field).type != "datetime" and bucket != "week" and first == 1:
            return _gathered_months(_month_written(column) - _whole(month - 1), bucket)
        if effective(field).type == "datetime":
            local = column + offset(column, self.zone)
            day: Sql = (local - rest(local, buckets.DAY)) // buckets.DAY
        else:
            day = day_number(column)
        if bucket == "week":
            return (day + _whole(3) - rest(day + _whole(3), 7)) // _whole(7)  # the first day of all was a Thursday
        return _gathered_months(month_number(day - _whole(first - 1)) - _whole(month - 1), bucket)

    def _grouped(
        self, name: str, field: Field, bucket: str | None, label: str, columns: tuple[Sql, ...]
    ) -> Group:
        start = self._add(columns)
        self.grouped += range(start, len(self.sql))
        exact = self.exact is not None and bucket not in (None, "hour", "day", AGE)
        return Group(name, field, bucket, start, len(self.sql), label, exact)

    def take(self, measure: Measure) -> Taken:
        held = self._held(measure)
        if measure.take == "count":
            start = self._add((sa.func.count() if held is None else sa.func.count(sa.case((held, 1))),))
            return Taken(measure, None, start, len(self.sql))
        if measure.stretch is not None:
            long = lasting(self.scope, self.entity, self.row, self.zone, measure.stretch)
            start = self._add(_parts(measure.take, long if held is None else sa.case((held, long))))
            return Taken(measure, None, start, len(self.sql))
        field = self.field(measure.field or "")
        kind = effective(field).type
        if kind not in NUMBERS and not (kind in MOMENTS and measure.take in ("smallest", "largest")):
            raise BadRequest(said("{label} cannot be measured by {take}.", label=field.label, take=measure.take))
        columns = self.scope.columns(field, self.entity, self.row)
        if len(columns) > 1:  # an amount is only added to others of its currency
            self.grouped.append(self._add((columns[1],)))
        value = columns[0] * self._chance() if measure.take == "weighted" else columns[0]
        start = self._add(_parts(measure.take, value if held is None else sa.case((held, value))))
        return Taken(measure, field, start, len(self.sql))

    def _held(self, measure: Measure) -> Sql | None:
        """What must hold of a row for it to be measured."""
        if measure.when == ALWAYS:
            return None
        self.scope.sight.check(self.scope.who.role, self.entity, measure.when)
        return self.scope.holds(measure.when, self.entity, self.row)

    def _chance(self) -> Sql:
        """The percentage of the stage that a row is in: what is won is certain, what is lost or not said is nothing."""
        found: list[tuple[Sql, Any]] = []
        for workflow in self.scope.sight.blueprint.workflows_of(self.entity):
            stage = self.scope.columns(self.field(workflow.field), self.entity, self.row)[0]
            follows = [] if workflow.applies == ALWAYS else [self.scope.holds(workflow.applies, self.entity, self.row)]
            for one in workflow.stages.values():
                chance = one.probability if one.probability is not None else 100 if one.ends == "won" else 0
                found.append((sa.and_(stage == one.name, *follows), _whole(chance)))
        return sa.case(*found, else_=_whole(0)) if found else _whole(0)

    def of_exact(self, measure: Measure, source: FromClause, where: list[Sql]) -> tuple[sa.Select[Any], Taken]:
        """Different values are counted; a value in the middle is found by each row's place among its group."""
        held = self._held(measure)
        only = [*where, *([held] if held is not None else [])]
        if measure.stretch is not None:
            long = lasting(self.scope, self.entity, self.row, self.zone, measure.stretch)
            return self._middle(measure, None, long, source, only)
        field = self.field(measure.field or "")
        columns = self.scope.columns(field, self.entity, self.row)
        if linked(field) or field.type == "children":
            raise BadRequest(said("{label} cannot be measured by {take}.", label=field.label, take=measure.take))
        if measure.take == "distinct":
            start = self._add((sa.func.count(sa.distinct(columns[0] if held is None else sa.case((held, columns[0])))),))
            return self._by_group(sa.select(*self.sql).select_from(source).where(*where)), Taken(
                measure, None, start, len(self.sql)
            )
        if effective(field).type not in NUMBERS:
            raise BadRequest(said("{label} cannot be measured by {take}.", label=field.label, take=measure.take))
        if len(columns) > 1:
            self.grouped.append(self._add((columns[1],)))
        return self._middle(measure, field, columns[0], source, only)

    def _by_group(self, select: sa.Select[Any]) -> sa.Select[Any]:
        if not self.grouped:
            return select
        select = select.group_by(*(sa.literal_column(str(at + 1)) for at in self.grouped))
        return select.limit(sa.literal_column(str(MOST_DAYS + 1)))

    def _middle(
        self, measure: Measure, field: Field | None, value: Sql, source: FromClause, where: list[Sql]
    ) -> tuple[sa.Select[Any], Taken]:
        by = [self.sql[at] for at in self.grouped]
        place = sa.func.row_number().over(partition_by=by or None, order_by=value).label("place")
        count = sa.func.count().over(partition_by=by or None).label("count")
        named = [column.label(f"g{at}") for at, column in enumerate(self.sql)]
        inner = sa.select(*named, value.label("value"), place, count).select_from(source)
        all_ = inner.where(*where, value.is_not(None)).subquery()
        halves = (all_.c.count + 1) // _whole(2), (all_.c.count + 2) // _whole(2)
        start = len(named)
        outer = sa.select(*(all_.c[f"g{at}"] for at in range(start)), sa.func.sum(all_.c.value), sa.func.count())
        outer = outer.where(sa.or_(*(all_.c.place == half for half in halves)))
        if start:
            outer = outer.group_by(*(sa.literal_column(str(at + 1)) for at in range(start)))
        return outer, Taken(measure, field, start, start + 2)

    def _add(self, columns: tuple[Sql, ...]) -> int:
        self.sql += columns
        return len(self.sql) - len(columns)


def _gathered_months(number: Sql, bucket: str | None) -> Sql:
    size = {"month": 1, "quarter": 3}.get(bucket or "", 12)
    return number if size == 1 else (number - rest(number, size)) // _whole(size)


def _month_written(day: Sql) -> Sql:
    """Months since the year 0 of a day that is kept as a text; to read its digits costs a third of asking a calendar."""
    year, month = (sa.cast(sa.func.substr(day, _whole(at), _whole(n)), sa.BigInteger()) for at, n in ((1, 4), (6, 2)))
    return year * _whole(12) + month - _whole(1)


def _whole(number: int) -> Sql:
    return sa.literal_column(str(number), sa.BigInteger())


def _parts(take: str, column: Sql) -> tuple[Sql, ...]:
    if take in ("sum", "average", "weighted"):
        return sa.func.sum(column), sa.func.count(column)
    least_or_most = sa.func.min if take == "smallest" else sa.func.max
    return (least_or_most(column),)


def group_value(group: Group, row: tuple[Any, ...], year_starts: tuple[int, int]) -> Any:
    raw = row[group.start : group.stop]
    if raw[0] is None:
        return None
    if group.bucket == AGE:
        return int(raw[0])
    if group.exact:
        return buckets.stretch(int(raw[0]), group.bucket or "", year_starts)
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


def titled(value: Any, titles: Mapping[tuple[str, int], str]) -> Any:
    return Ref(value.entity, value.id, titles.get((value.entity, value.id))) if isinstance(value, Ref) else value


def _measured(taken: Taken, rows: list[Any]) -> Any:
    if taken.measure.stretch is not None:
        return _long(taken, rows)
    if taken.field is None:
        return sum(row[taken.start] for row in rows)
    field = taken.field
    if len(_raw_columns(field)) == 1:
        return _loaded(taken, rows, ())
    currencies = sorted({row[taken.start - 1] for row in rows if row[taken.start] is not None})
    amounts = [_loaded(taken, [r for r in rows if r[taken.start - 1] == c], (c,)) for c in currencies]
    return tuple(amounts) or None


def _long(taken: Taken, rows: list[Any]) -> timedelta | None:
    found = [row for row in rows if row[taken.start] is not None]
    if not found:
        return None
    if taken.measure.take in ("average", "median"):
        whole = Decimal(int(sum(row[taken.start] for row in found))) / sum(row[taken.start + 1] for row in found)
        return timedelta(milliseconds=int(whole))
    return timedelta(milliseconds=int(COMBINED[taken.measure.take](row[taken.start] for row in found)))


def _raw_columns(field: Field) -> tuple[Any, ...]:
    return field_type(field.type).columns(field)


def _loaded(taken: Taken, rows: list[Any], currency: tuple[str, ...]) -> Any:
    assert taken.field is not None
    found = [row for row in rows if row[taken.start] is not None]
    if not found:
        return None
    if taken.measure.take in ("average", "median"):
        return _average(taken, found, currency)
    if taken.measure.take == "weighted":
        whole = Decimal(int(sum(row[taken.start] for row in found))) / 100
        return field_type(taken.field.type).load(taken.field, (int(whole.quantize(Decimal(1), ROUND_HALF_EVEN)), *currency))
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
    if group.bucket == AGE:
        return (0, value)
    if group.bucket:
        return (0, value.isoformat())
    choices = group.field.options.get("choices") or group.field.options.get("stages") or ()
    known = [choice.value for choice in choices]
    return (0, known.index(value) if value in known else 0)
