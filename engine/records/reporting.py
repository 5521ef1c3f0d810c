"""Reports: each is a table for one reader at one moment, put together from what the read door counts for them.

1. Each series asks its entity once for all that can be added, and once more for each middle and each count of different
   values. What its reader may not read is left out, and that is said.
2. The series are put side by side by the values of their groups; stretches of time between the first and the last that
   have nothing are rows too.
3. What is derived is worked out in the order of time; then the rows are ordered, and the rest is put together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.blueprint.conditions import ALWAYS, AllOf, Condition, Not, Test, Word
from engine.blueprint.entities import Field
from engine.blueprint.reports import Measure, Report, Series
from engine.blueprint.values import Ref
from engine.errors import BadRequest, NotFound
from engine.parts.derived import effective
from engine.parts.tables import AGE, AGES, Axis, Column, Line, Table, size_of
from engine.records import movement, reached
from engine.records.aggregate import Group, Summary
from engine.records.database import Connection
from engine.records.periods import Period, after, between, earlier_of, told, within
from engine.records.query import Query
from engine.records.sight import NOT_FOUND
from engine.rules import deriving
from engine.rules.deriving import Compared, Numbers
from engine.words import said

if TYPE_CHECKING:
    from engine.records.read import Reads

Rows: TypeAlias = "Mapping[tuple[Any, ...], Numbers]"  # by the values of the groups
LISTED = 100  # records of a list that does not say how many
PARTLY = said("Part of this report speaks of something that your role does not see.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page asks beside the report: a period (a word or two days), and further conditions by entity. `any_time`: no
    period, not even the report's own."""

    period: Period | None = None
    any_time: bool = False
    where: Mapping[str, Condition] = field(default_factory=dict)


NOTHING_ASKED = Asked()


def may_see(reads: Reads, actor: Actor, report: Report) -> bool:
    """Whether there is anything of a report for this reader."""
    return bool(_visible(reads, actor, report))


def table_of(
    reads: Reads, actor: Actor, report: Report, asked: Asked = NOTHING_ASKED, connection: Connection | None = None
) -> Table:
    """Raises NotFound for a report of which nothing is for this reader, BadRequest where there are too many groups."""
    series = _visible(reads, actor, report)
    if not series:
        raise NotFound(NOT_FOUND)
    with reads.lent(connection) as lent:
        if report.forecast is not None:
            from engine.records.forecasts import forecast_table  # it builds on this file

            return forecast_table(reads, actor, report, series[""], asked, lent)
        making = _Making(reads, actor, report, series, asked, lent)
        if report.columns:
            return making.listed()
        if report.changes:
            return making.changes()
        return making.stages() if report.stages else making.table()


# ---- what the reader may read


def _visible(reads: Reads, actor: Actor, report: Report) -> dict[str, Series]:
    """Nothing for whom the report is not."""
    if report.roles is not None and actor.role not in report.roles:
        return {}
    found = {name: readable_series(reads, actor, one) for name, one in report.series.items()}
    kept = {name: one for name, one in found.items() if one is not None}
    if report.columns or report.stages or report.changes:
        return {name: one for name, one in kept.items() if _may_list(reads, actor, report, one)}
    return {name: one for name, one in kept.items() if one.measures}


def readable_series(reads: Reads, actor: Actor, series: Series) -> Series | None:
    """The series with those measures that the reader may read."""
    if not reads.sight.may_open(actor, series.entity):
        return None
    entity, named = series.entity, (*filter(None, [series.over]), *(group.partition(" by ")[0] for group in series.group_by))
    if not all(_there(reads, actor, entity, name) for name in named) or not _readable(reads, actor, entity, series.when):
        return None
    return replace(series, measures={n: m for n, m in series.measures.items() if _measurable(reads, actor, entity, m)})


def _measurable(reads: Reads, actor: Actor, entity: str, measure: Measure) -> bool:
    named = all(_there(reads, actor, entity, name) for name in measure.fields)
    weighed = measure.take != "weighted" or all(
        _there(reads, actor, entity, flow.field) for flow in reads.blueprint.workflows_of(entity)
    )
    return named and weighed and _readable(reads, actor, entity, measure.when)


def _may_list(reads: Reads, actor: Actor, report: Report, series: Series) -> bool:
    if one := report.stages or report.changes:
        return _there(reads, actor, series.entity, one)
    return bool(_listed(reads, actor, report, series.entity))


def _listed(reads: Reads, actor: Actor, report: Report, entity: str) -> tuple[str, ...]:
    """The columns that the reader may read."""
    return tuple(name for name in report.columns if name == "title" or _there(reads, actor, entity, name))


def _there(reads: Reads, actor: Actor, entity: str, name: str) -> bool:
    """Whether the reader may read `amount`, or both halves of `account.industry`."""
    first, _, rest = name.partition(".")
    known = reads.sight.fields(actor.role, entity).get(first)
    if known is None or not rest:
        return known is not None
    return all(reads.sight.may_open(actor, t) and rest in reads.sight.fields(actor.role, t) for t in known.targets)


def _readable(reads: Reads, actor: Actor, entity: str, condition: Condition) -> bool:
    try:
        reads.sight.check(actor.role, entity, condition)
    except BadRequest:
        return False
    return True


# ---- the table in the making


@dataclass
class _Making:
    reads: Reads
    actor: Actor
    report: Report
    series: Mapping[str, Series]
    asked: Asked
    lent: Connection

    @property
    def period(self) -> Period | None:
        return period_of(self.report, self.asked)

    def table(self) -> Table:
        summaries = {name: self.summary(one, self.period) for name, one in self.series.items()}
        columns = self.columns()
        measures = {column.name: column.measure for column in columns}
        axes, rows = self.side_by_side(summaries)
        total = self.total(measures, rows)
        before, whole = self.before(axes, rows, measures)
        time = [at for at, axis in enumerate(axes) if axis.is_time]
        compared = [
            Compared(numbers, before.get(key), tuple(value for at, value in enumerate(key) if at not in time))
            for key, numbers in rows.items()
        ]
        deriving.derive(measures, compared, Compared(total, whole))
        lines = [self.line(axes, columns, key, numbers) for key, numbers in rows.items()]
        lines, rest = self.first(axes, columns, self.ordered(axes, columns, lines))
        sums = Line((), tuple(total.get(c.name) for c in columns), self.opens((), ())) if axes else None
        return self.done(axes, columns, lines, sums, rest)

    def done(
        self, axes: tuple[Axis, ...], columns: tuple[Column, ...], lines: list[Line], total: Line | None, rest: int = 0,
        page: Any = None,
    ) -> Table:  # fmt: skip
        whole = {name for one in self.report.series.values() for name in one.measures}
        seen = {name for one in self.series.values() for name in one.measures}
        left_out = (PARTLY,) if seen < whole or len(self.series) < len(self.report.series) else ()
        period = told(self.period)
        return Table(self.report, axes, columns, tuple(lines), total, self.reads.clock(), period, left_out, rest, page)

    # -- asking

    def where(self, series: Series, period: Period | None) -> Condition:
        return where_of(series, period, self.asked)

    def summary(self, series: Series, period: Period | None, *, grouped: bool = True) -> Summary:
        groups = series.group_by if grouped else ()
        return self.reads.aggregate(
            self.actor, series.entity, self.where(series, period), groups, series.measures, connection=self.lent
        )

    def columns(self) -> tuple[Column, ...]:
        """Those of the series, then what is derived from what is there."""
        found: dict[str, Column] = {}
        for name, one in self.series.items():
            for measure in one.measures.values():
                found[measure.name] = column_of(self.reads.blueprint, one.entity, measure, name)
        for measure in self.report.derived.values():
            if all(of in found for of in measure.of):
                found[measure.name] = _derived_column(measure, found)
        return tuple(found.values())

    # -- side by side

    def side_by_side(
        self, summaries: Mapping[str, Summary]
    ) -> tuple[tuple[Axis, ...], dict[tuple[Any, ...], Numbers]]:
        """The axes, and the numbers by the values of the groups, in the order of the axes."""
        first = next(iter(summaries.values()))
        size = len(first.groups)
        rows: dict[tuple[Any, ...], Numbers] = {}
        for name, summary in summaries.items():
            for row in summary.rows:
                numbers = rows.setdefault(tuple(row[:size]), {})
                numbers.update(zip(self.series[name].measures, row[size:], strict=True))
        axes = tuple(self.axis(group, at, rows) for at, group in enumerate(first.groups))
        if size == 1 and axes[0].bucket:
            rows = {(value,): rows.get((value,), {}) for value in axes[0].values}
        places = [{value: place for place, value in enumerate(axis.values)} for axis in axes]
        ordered = sorted(rows, key=lambda key: tuple(place[value] for place, value in zip(places, key, strict=True)))
        rows = {key: rows[key] for key in ordered} or ({} if size else {(): {}})
        return axes, {key: {**self.nothing(), **numbers} for key, numbers in rows.items()}

    def axis(self, group: Group, at: int, rows: Rows) -> Axis:
        """Its values: time in order, choices as the set lists them, all else by the first measure, largest first."""
        values = list(dict.fromkeys(key[at] for key in rows))
        known = group.field.options.get("stages") or group.field.options.get("choices") or ()
        places = {choice.value: place for place, choice in enumerate(known)}
        if group.bucket == AGE:
            values = [*sorted({*range(len(AGES)), *values} - {None}), *([None] if None in values else [])]
        elif group.bucket:
            values = self.stretches(group.bucket, values)
        elif places:
            values.sort(key=lambda value: places.get(value, len(places)))
        else:
            sizes = self.sizes(at, rows)
            values.sort(key=lambda value: (value is None, -sizes[value], _named(value)))
        return Axis(group.name, group.label or group.field.label, group.field, group.bucket, tuple(values))

    def sizes(self, at: int, rows: Rows) -> Mapping[Any, Decimal]:
        first = next(iter(next(iter(self.series.values())).measures))
        sizes: dict[Any, Decimal] = {}
        for key, numbers in rows.items():
            sizes[key[at]] = sizes.get(key[at], Decimal(0)) + (size_of(numbers.get(first)) or 0)
        return sizes

    def stretches(self, bucket: str, found: list[Any]) -> list[Any]:
        """All of them from the first to the last; of a period that is over, its own first and last."""
        there = sorted(value for value in found if value is not None)
        filled = between(there[0], there[-1], bucket) if there else []
        return [*(filled if filled else there), *([None] if None in found else [])]

    # -- totals and comparisons

    def total(self, measures: Mapping[str, Measure], rows: Rows) -> Numbers:
        """What can be added is added up; the rest is asked again without groups."""
        numbers: Numbers = {}
        for series in self.series.values():
            again = {n: m for n, m in series.measures.items() if m.take not in (*deriving.ADDED, "smallest", "largest")}
            if again and series.group_by:
                found = self.summary(replace(series, measures=again), self.period, grouped=False)
                numbers.update(zip(again, found.rows[0] if found.rows else (), strict=False))
        return {**self.sums(measures, rows), **numbers}

    def before(
        self, axes: tuple[Axis, ...], rows: Rows, measures: Mapping[str, Measure]
    ) -> tuple[Mapping[tuple[Any, ...], Numbers | None], Numbers | None]:
        """What each row is compared with: the stretch before it, else the same of the period before; and the total."""
        if not any(measure.take == "change_of" for measure in measures.values()):
            return {}, None
        at = next((at for at, axis in enumerate(axes) if axis.is_time), None)
        if at is not None:
            values = axes[at].values
            earlier = dict(zip(values[1:], values, strict=False))
            there = {key: (*key[:at], earlier[key[at]], *key[at + 1 :]) for key in rows if key[at] in earlier}
            return {key: rows.get(other, self.nothing()) for key, other in there.items()}, None
        if self.period is None:
            return {}, None
        span = earlier_of(self.reads, self.actor, self.period)
        found = self.side_by_side({name: self.summary(one, span) for name, one in self.series.items()})[1]
        return {key: found.get(key, self.nothing()) for key in rows}, self.sums(measures, found)

    def nothing(self) -> Numbers:
        return {m.name: 0 for one in self.series.values() for m in one.measures.values() if m.take in ("count", "distinct")}

    def sums(self, measures: Mapping[str, Measure], rows: Rows) -> Numbers:
        taken = {name: measure for name, measure in measures.items() if not measure.is_derived}
        return {n: deriving.put_together(m, [row.get(n) for row in rows.values()]) for n, m in taken.items()}

    # -- lines

    def line(self, axes: tuple[Axis, ...], columns: tuple[Column, ...], key: tuple[Any, ...], numbers: Numbers) -> Line:
        return Line(key, tuple(numbers.get(c.name) for c in columns), self.opens(axes, key))

    def opens(self, axes: tuple[Axis, ...], key: tuple[Any, ...]) -> Mapping[str, tuple[str, Condition]]:
        """By series, the records that a line counts."""
        return _Behind(self, axes, key)

    @cached_property
    def counted(self) -> dict[str, Condition]:
        """By series, what it counts, of all groups."""
        return {name: self.where(one, self.period) for name, one in self.series.items()}

    def ordered(self, axes: tuple[Axis, ...], columns: tuple[Column, ...], lines: list[Line]) -> list[Line]:
        """As the report says; else as the axes are."""
        for name, descending in reversed(self.report.order):
            at = next((at for at, column in enumerate(columns) if column.name == name), None)
            place = next((at for at, axis in enumerate(axes) if axis.name == name), None)
            if at is not None:
                lines = sorted(lines, key=partial(_rank, at, descending), reverse=descending)
            elif place is not None:
                lines = sorted(lines, key=partial(_key, place), reverse=descending)
        return lines

    def first(self, axes: tuple[Axis, ...], columns: tuple[Column, ...], lines: list[Line]) -> tuple[list[Line], int]:
        """The first so many of the first axis; the others as one line."""
        top = self.report.top
        heads = list(dict.fromkeys(line.keys[0] for line in lines)) if axes else []
        if top is None or len(heads) <= top:
            return lines, 0
        kept = set(heads[:top])
        rest = [line for line in lines if line.keys[0] not in kept]
        by_second: dict[tuple[Any, ...], list[Line]] = {}
        for line in rest:
            by_second.setdefault(line.keys[1:], []).append(line)
        others = [self.rest(columns, key, some) for key, some in by_second.items()]
        return [*(line for line in lines if line.keys[0] in kept), *others], len(heads) - top

    def rest(self, columns: tuple[Column, ...], key: tuple[Any, ...], lines: list[Line]) -> Line:
        numbers: Numbers = {}
        for at, column in enumerate(columns):
            if not column.measure.is_derived:
                numbers[column.name] = deriving.put_together(column.measure, [line.numbers[at] for line in lines])
            elif column.measure.take == "ratio":
                numbers[column.name] = deriving.quotient(*(numbers.get(of) for of in column.measure.of))
            elif column.measure.take == "share_of":
                numbers[column.name] = deriving.added(line.numbers[at] for line in lines)
        return Line((None, *key), tuple(numbers.get(c.name) for c in columns), {}, is_rest=True)

    def tests(self, series: Series, axes: tuple[Axis, ...], key: tuple[Any, ...]) -> Iterable[Condition]:
        for group, axis, value in zip(series.group_by, axes, key, strict=False):
            yield self.test(series.entity, group.partition(" by ")[0], axis, value)

    def test(self, entity: str, name: str, axis: Axis, value: Any) -> Condition:
        """What holds of the records of one group."""
        first, _, rest = name.partition(".")
        if value is None and rest:  # there is nobody, who has none; or one whom the reader may not know
            return Not(Test(first, "where", Test(rest, "empty", False)))
        if value is None:
            return Test(first, "empty", True)
        if rest:
            target = self.reads.blueprint.entities[entity].fields[first].targets[0]
            return Test(first, "where", self.test(target, rest, axis, value))
        if axis.bucket == AGE:
            field = self.reads.blueprint.entities[entity].fields[first]
            return Test(first, "since" if field.type == "stage" else "within", self.ago(value))
        if not axis.bucket:
            return Test(first, "is", value.id if isinstance(value, Ref) else value)
        ends = [value, after(value, axis.bucket)]
        if axis.bucket == "hour":
            ends = [moment.replace(tzinfo=self.reads.formats(self.actor).zoneinfo) for moment in ends]
        return AllOf((Test(first, "at_least", ends[0]), Test(first, "before", ends[1])))

    def ago(self, step: int) -> Word:
        """The days of a step of an age."""
        today = self.reads.reading(self.actor).today
        if step < 0:
            return Word(f"from {today + timedelta(days=1):%Y-%m-%d}")
        first, last = AGES[step]
        newest = today - timedelta(days=first)
        oldest = today - timedelta(days=last) if last is not None else None
        return Word(f"{oldest:%Y-%m-%d} to {newest:%Y-%m-%d}" if oldest is not None else f"until {newest:%Y-%m-%d}")

    # -- stages and lists

    def stages(self) -> Table:
        (series,) = self.series.values()
        axes, columns, lines, total = reached.table(
            self.reads, self.actor, self.report, series, self.where(series, None), self.period, self.lent,
            lambda axes, keys: self.tests(series, axes, keys),
        )
        return self.done(axes, columns, lines, total)

    def changes(self) -> Table:
        (series,) = self.series.values()
        axes, columns, lines, total = movement.table(
            self.reads, self.actor, self.report, series, self.where(series, None), since_when(self.report, self.asked),
            self.lent,
        )  # fmt: skip
        return replace(self.done(axes, columns, lines, total), period=told(since_when(self.report, self.asked)))

    def listed(self) -> Table:
        (series,) = self.series.values()
        columns = _listed(self.reads, self.actor, self.report, series.entity)
        order = tuple(one for one in self.report.order if _there(self.reads, self.actor, series.entity, one[0]))
        where = self.where(series, self.period)
        query = Query(series.entity, columns, where, sort=order, limit=self.report.top or LISTED)
        page = self.reads.page(self.actor, query, connection=self.lent)
        made = self.done((), (), [], Line((), (), {"": (series.entity, where)}), 0, page)
        return replace(made, left_out=(PARTLY,)) if columns != self.report.columns else made


def period_of(report: Report, asked: Asked) -> Period | None:
    return asked.period or (None if asked.any_time else report.period)


def since_when(report: Report, asked: Asked) -> Period:
    """The period of a report about what changed, which always has one."""
    period = asked.period or report.period
    assert period is not None, report.name
    return period


def moved_of(
    reads: Reads, actor: Actor, report: Report, asked: Asked, line: str, connection: Connection | None = None
) -> tuple[list[movement.Moved], int]:
    """The records of a line of a report about what changed, and how many there are. Raises NotFound as `table_of` does."""
    found = _visible(reads, actor, report)
    if not found or not report.changes:
        raise NotFound(NOT_FOUND)
    (series,) = found.values()
    with reads.lent(connection) as lent:
        where, period = where_of(series, None, asked), since_when(report, asked)
        return movement.records_of(reads, actor, report, series, where, period, line, lent)


class _Behind(Mapping[str, tuple[str, Condition]]):
    """By series, the records that a line counts; put together when they are asked for, as few of many lines are."""

    def __init__(self, making: _Making, axes: tuple[Axis, ...], key: tuple[Any, ...]) -> None:
        self.making, self.axes, self.key = making, axes, key
        self.made: dict[str, tuple[str, Condition]] = {}  # each measure of a series asks for the same

    def __getitem__(self, name: str) -> tuple[str, Condition]:
        if name not in self.made:
            one = self.making.series[name]
            tests = self.making.tests(one, self.axes, self.key)
            self.made[name] = one.entity, AllOf((self.making.counted[name], *tests))
        return self.made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.making.series)

    def __len__(self) -> int:
        return len(self.making.series)


def where_of(series: Series, period: Period | None, asked: Asked) -> Condition:
    """Which records a series counts."""
    parts = [series.when, asked.where.get(series.entity, ALWAYS), *(within(series.over, period) if series.over else ())]
    return AllOf(tuple(part for part in parts if part != ALWAYS))


def column_of(blueprint: Blueprint, entity: str, measure: Measure, series: str) -> Column:
    if measure.stretch is not None:
        return Column(measure.name, measure.label, "days", None, measure, series)
    if measure.field is None or measure.take == "distinct":
        return Column(measure.name, measure.label, "count", None, measure, series)
    known = blueprint.entities[entity].fields[measure.field]
    return Column(measure.name, measure.label, "value", effective(known), measure, series)


def _derived_column(measure: Measure, known: Mapping[str, Column]) -> Column:
    if measure.take == "running":
        of = known[measure.of[0]]
        return Column(measure.name, measure.label, of.kind, of.field, measure)
    kind, field = _kind_of(measure, [known[of] for of in measure.of])
    return Column(measure.name, measure.label, kind, field, measure)


def _kind_of(measure: Measure, of: list[Column]) -> tuple[str, Field | None]:
    """A product is of the kind of its value; the quotient of unlike things of that of the first."""
    if measure.take == "product":
        return next((("value", one.field) for one in of if one.kind == "value"), ("number", None))
    if measure.take != "ratio" or of[0].kind == of[-1].kind:
        return "percent", None
    if of[0].kind == "value":
        return ("value", of[0].field) if of[-1].kind in ("count", "days", "number") else ("percent", None)
    return ("number", None) if "days" in (of[0].kind, of[-1].kind) else ("percent", None)


def _rank(at: int, descending: bool, line: Line) -> tuple[bool, Decimal]:
    """What is empty comes last, whichever way."""
    size = size_of(line.numbers[at])
    return ((size is None) != descending, size or Decimal(0))


def _key(at: int, line: Line) -> tuple[bool, str]:
    return _named(line.keys[at])


def _named(value: Any) -> tuple[bool, str]:
    if isinstance(value, Ref):
        return (False, value.title or "")
    return (value is None, value.isoformat() if hasattr(value, "isoformat") else str(value))


__all__ = [
    "NOTHING_ASKED", "Asked", "column_of", "may_see", "moved_of", "period_of", "readable_series", "since_when", "table_of",
    "where_of",
]  # fmt: skip
