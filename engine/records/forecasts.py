"""A report with a forecast, as a table for one reader: the months that are over, the running one, and those to come.

All that it is told from is asked as the reader, by month, in at most six questions whatever the number of records: what was
sold; how records came in and were closed; what they come from; what is expected to close; the target; people's own numbers.
What the reader may not read, and what a narrowed page does not narrow, takes no part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from engine.actor import Actor
from engine.blueprint.conditions import ALWAYS, AllOf, AnyOf, Condition, Test
from engine.blueprint.entities import Field
from engine.blueprint.reports import Measure, Override, Pipeline, Report, Series
from engine.blueprint.values import Money, Ref
from engine.parts.derived import effective
from engine.parts.tables import Axis, Column, Line, Table, size_of
from engine.parts.telling import currency_of, key_of
from engine.parts.words import Span, months_on
from engine.records import reporting
from engine.records.columns import value_of
from engine.records.database import Connection
from engine.records.forecast_words import Words
from engine.records.query import MOST, Query
from engine.rules.forecasting import Error, Forecast, Past, Told, forecast
from engine.rules.pipelines import Flow, Move
from engine.words import said

if TYPE_CHECKING:
    from engine.records.read import Reads

LOOKS_BACK = 36  # full months from which it is told
SHOWN = 12  # full months that are shown before those to come
PEOPLE = 6  # whose own numbers stand beside it
METHOD = Field("method", "text", "Method")


def forecast_table(
    reads: Reads, actor: Actor, report: Report, sales: Series, asked: reporting.Asked, lent: Connection
) -> Table:
    """`sales`: the report's series, which the reader may read."""
    return _Making(reads, actor, report, sales, replace(asked, period=None), lent).table()


@dataclass(frozen=True, slots=True)
class _Making:
    reads: Reads
    actor: Actor
    report: Report
    sales: Series
    asked: reporting.Asked
    lent: Connection

    def table(self) -> Table:
        made = _Made(self)
        lines = tuple(made.line(at) for at in range(made.first_shown, len(made.months)))
        left_out = (reporting.PARTLY,) if self.is_partly else ()
        axis = replace(made.axis, values=tuple(line.keys[0] for line in lines))
        return Table(
            self.report, (axis,), made.columns, lines, None, self.reads.clock(), None, left_out, notes=tuple(made.notes()),
            behind=tuple(made.behind()),
        )  # fmt: skip

    @property
    def measure(self) -> Measure:
        return next(iter(self.sales.measures.values()))

    @property
    def running(self) -> date:
        """The first day of the month that is not over."""
        return self.reads.reading(self.actor).today.replace(day=1)

    @property
    def ahead(self) -> int:
        """How many months are told, the running one among them."""
        return self.report.forecast.months + 1 if self.report.forecast is not None else 0

    # -- what takes part

    @property
    def is_narrowed(self) -> bool:
        return self.sales.entity in self.asked.where

    @property
    def is_partly(self) -> bool:
        """Whether something that takes part is not for this reader's eyes."""
        assert self.report.forecast is not None
        whole = [one for one in self.report.forecast.series if reporting.readable_series(self.reads, self.actor, one) != one]
        pipeline = self.report.forecast.pipeline
        return bool(whole) or (pipeline is not None and self.flow_question(pipeline) is None)

    def part(self, series: Series | None) -> Series | None:
        """None where the reader may not read it, or where it would be of the whole beside a part."""
        if series is None or (self.is_narrowed and series.entity not in self.asked.where):
            return None
        kept = reporting.readable_series(self.reads, self.actor, series)
        return kept if kept is not None and kept.measures else None

    # -- asking

    def by_month(self, series: Series, start: date, end: date) -> dict[date, Any]:
        """The series' one measure by month."""
        found = self.reads.aggregate(
            self.actor, series.entity, self.where(series, start, end), series.group_by, series.measures, connection=self.lent
        )
        return {month: number for month, number in found.rows if month is not None}

    def where(self, series: Series, start: date, end: date) -> Condition:
        return reporting.where_of(series, Span(start, end), self.asked)

    def flow_question(self, pipeline: Pipeline) -> Series | None:
        """By month of coming in and of closing: how many there were, were won, and are open. None where the reader may not
        read all of it."""
        counts = {"all": ALWAYS, "won": AllOf((self.sales.when, self.measure.when)), "open": pipeline.open}
        measures = {name: Measure(name, name, "count", when=when) for name, when in counts.items()}
        groups = (f"{pipeline.entered} by month", f"{self.sales.over} by month")
        asked = Series("flow", "", self.sales.entity, groups, measures, over=pipeline.entered)
        kept = reporting.readable_series(self.reads, self.actor, asked)
        return kept if kept is not None and kept == asked else None

    def flow(self, start: date, origins: tuple[int, ...]) -> Flow | None:
        assert self.report.forecast is not None
        pipeline = self.report.forecast.pipeline
        question = self.flow_question(pipeline) if pipeline is not None else None
        if pipeline is None or question is None:
            return None
        late = AnyOf((Test(self.sales.over, "at_least", start), pipeline.open))
        where = AllOf((late, self.asked.where.get(self.sales.entity, ALWAYS)))
        found = self.reads.aggregate(
            self.actor, question.entity, where, question.group_by, question.measures, connection=self.lent
        )
        return Flow(_moves(found.rows, start), origins)

    def given(self, months: Iterable[date]) -> dict[tuple[Ref, date], Any]:
        """What people whose numbers the reader may read expect of a month; of several the last that was changed."""
        assert self.report.forecast is not None
        override, known = self.report.forecast.override, list(months)
        if override is None or self.is_narrowed or not reads_override(self.reads, self.actor, override):
            return {}
        named = ("owner", override.month, override.value)
        where = _in_months(override.month, known[0], months_on(known[-1], 1))
        query = Query(override.entity, named, where, sort=(("updated_at", True),), limit=MOST)
        page = self.reads.page(self.actor, query, connection=self.lent)
        found: dict[tuple[Ref, date], Any] = {}
        for row in page.rows:
            owner, day, value = (value_of(column, row) for column in page.columns)
            if owner is not None and day is not None and value is not None:
                found.setdefault((owner, day.replace(day=1)), value)
        return found


def reads_override(reads: Reads, actor: Actor, override: Override) -> bool:
    """Whether this reader may read what people expect themselves."""
    fields = reads.sight.fields(actor.role, override.entity) if reads.sight.may_open(actor, override.entity) else {}
    return all(name in fields for name in ("owner", override.month, override.value))


def _moves(rows: Iterable[tuple[Any, ...]], start: date) -> Iterator[Move]:
    """What was closed and is open again counts as open since it came in."""
    for entered, closed, all_, won, still in rows:
        if entered is None:
            continue
        since = max(_between(start, entered), -1)
        if still:
            yield Move(since, None, still, 0)
        if closed is not None and all_ > still:
            yield Move(since, _between(start, closed), all_ - still, won)


def _between(start: date, month: date) -> int:
    return (month.year - start.year) * 12 + month.month - start.month


def _in_months(field: str, start: date, end: date) -> Condition:
    return AllOf((Test(field, "at_least", start), Test(field, "before", end)))


# ---- what was asked, put together


class _Made:
    """`months`: all that were asked for, the first with a sale first, then the running one and those to come."""

    def __init__(self, making: _Making) -> None:
        self.making, self.words = making, Words(making.reads, making.actor)
        running = making.running
        end = months_on(running, making.ahead)
        self.sold = making.by_month(making.sales, months_on(running, -LOOKS_BACK), months_on(running, 1))
        first = min((month for month, number in self.sold.items() if size_of(number) != 0), default=running)
        self.months = [months_on(first, at) for at in range(_between(first, end))]
        self.running = _between(first, running)
        self.currencies = sorted({c for number in self.sold.values() for c in _currencies(number)})
        self.forecast = self.told(first) if len(self.currencies) <= 1 else None
        self.beside = {one.name: (one, making.by_month(one, self.shown[0], end)) for one in self.parts()}
        self.given = making.given(self.shown)
        self.columns = tuple(self.make_columns())

    @property
    def first_shown(self) -> int:
        return max(0, self.running - SHOWN)

    @property
    def shown(self) -> list[date]:
        return self.months[self.first_shown :]

    def parts(self) -> Iterator[Series]:
        asked = self.making.report.forecast
        assert asked is not None
        expected = asked.pipeline.expected if asked.pipeline is not None else None
        yield from (part for one in (expected, asked.target) if (part := self.making.part(one)) is not None)

    def told(self, first: date) -> Forecast | None:
        sold = tuple(size_of(self.sold.get(month)) or Decimal(0) for month in self.months[: self.running])
        flow = self.making.flow(first, self.origins(first)) if sold else None
        return forecast(Past(sold, flow), self.making.ahead)

    @property
    def origin(self) -> Series | None:
        asked = self.making.report.forecast
        return self.making.part(asked.comes_from) if asked is not None else None

    def origins(self, first: date) -> tuple[int, ...]:
        series = self.origin
        if series is None:
            return ()
        counts = self.making.by_month(series, first, self.making.running)
        return tuple(counts.get(month, 0) for month in self.months[: self.running])

    # -- columns

    @property
    def axis(self) -> Axis:
        sales = self.making.sales
        fields = self.making.reads.blueprint.entities[sales.entity].fields
        return Axis(sales.group_by[0], self.words.heading("month"), effective(fields[sales.over]), "month", ())

    @property
    def sales_column(self) -> Column:
        making = self.making
        return reporting.column_of(making.reads.blueprint, making.sales.entity, making.measure, "")

    def column(self, take: str, label: str = "", series: str = "beside") -> Column:
        """In the unit of what is sold. Its records are not those of the sales, so it has a series of its own."""
        label = label or self.words.heading(take)
        measure, name = Measure(take, label, take), self.name(take if series == "beside" else f"expected_by_{series}")
        return replace(self.sales_column, name=name, label=label, series=series, measure=measure)

    def name(self, name: str) -> str:
        """As files name it; the report's own measure comes first."""
        return f"{name}_beside" if name == self.making.measure.name else name

    def make_columns(self) -> Iterator[Column]:
        yield self.sales_column
        yield from (self.column(take) for take in ("forecast", "low", "high"))
        for person in self.people:
            own = person.id == self.making.actor.user
            label = self.words.heading("mine") if own else person.title or self.words.heading("given")
            yield self.column("mine" if own else "given", label, f"{person.id}")
        for name, (series, _) in self.beside.items():
            (measure,) = series.measures.values()
            column = reporting.column_of(self.making.reads.blueprint, series.entity, measure, name)
            yield replace(column, name=self.name(name), label=self.words.heading(name))

    @property
    def people(self) -> list[Ref]:
        """The reader first, then those who gave the most recent numbers."""
        all_ = list(dict.fromkeys(person for person, _ in self.given))
        return sorted(all_[:PEOPLE], key=lambda person: person.id != self.making.actor.user)

    # -- lines

    def line(self, at: int) -> Line:
        month = self.months[at]
        numbers = [self.sold_in(at), *self.told_numbers(self.month_told(at))]
        numbers += [self.given.get((person, month)) for person in self.people]
        numbers += [counts.get(month) for _, counts in self.beside.values()]
        return Line((month,), tuple(numbers), self.opens(at))

    def told_numbers(self, told: Told | None) -> tuple[Any, Any, Any]:
        if told is None:
            return None, None, None
        return self.as_sold(told.value), self.as_sold(told.low), self.as_sold(told.high)

    def sold_in(self, at: int) -> Any:
        """Nothing for a month to come; nought for one that is over and had none."""
        if at > self.running:
            return None
        return self.sold.get(self.months[at], self.as_sold(Decimal(0)) if at < self.running else None)

    def month_told(self, at: int) -> Told | None:
        """What is sold already in the running month is sold."""
        if self.forecast is None or at < self.running:
            return None
        told = self.forecast.months[at - self.running]
        so_far = size_of(self.sold.get(self.months[at]))
        if at > self.running or so_far is None:
            return told
        low, high = (None if number is None else max(number, so_far) for number in (told.low, told.high))
        return Told(max(told.value, so_far), low, high)

    def as_sold(self, number: Decimal | None) -> Any:
        """In the unit of what is sold, to three digits: more would look surer than it is."""
        if number is None:
            return None
        column = self.sales_column
        if column.field is not None and column.field.type == "money":
            return Money(rounded(number), self.currency)
        is_whole = column.field is None or column.field.type == "integer"
        return int(rounded(number)) if is_whole else rounded(number, whole=False)

    @property
    def currency(self) -> str:
        return self.currencies[0] if self.currencies else self.making.reads.blueprint.manifest.currency

    def opens(self, at: int) -> Mapping[str, tuple[str, Condition]]:
        month, asked = self.months[at], self.making.report.forecast
        ends = (month, months_on(month, 1))
        found = {name: (one.entity, self.making.where(one, *ends)) for name, (one, _) in self.beside.items()}
        if at <= self.running:
            found[""] = (self.making.sales.entity, self.making.where(self.making.sales, *ends))
        if asked is not None and asked.override is not None:
            where = _in_months(asked.override.month, *ends)
            for person in self.people:
                found[f"{person.id}"] = (asked.override.entity, AllOf((Test("owner", "is", person.id), where)))
        return found

    # -- what is said of it

    def notes(self) -> Iterator[str]:
        if len(self.currencies) > 1:
            yield self.words.currencies(self.currencies)
        elif self.forecast is None:
            yield self.words.too_short(self.running)
        else:
            yield from self.words.of(self.forecast, self.shown_size, self.origin_told())
        so_far = self.sold.get(self.months[self.running])
        if so_far is not None and self.forecast is not None:
            yield self.words.running(self.month(self.running), self.shown_number(so_far))
        if self.making.is_narrowed and self.making.report.forecast and self.making.report.forecast.override:
            yield self.words.say(said("Numbers given by hand are of the whole, so they do not stand beside a part."))

    def origin_told(self) -> str | None:
        series = self.origin
        return self.making.reads.blueprint.entities[series.entity].plural if series is not None else None

    def shown_number(self, number: Any) -> str:
        return self.words.number(self.sales_column, number)

    def shown_size(self, error: Error) -> str:
        return self.shown_number(self.as_sold(error.size))

    def month(self, at: int) -> str:
        return key_of(self.axis, self.months[at], self.words.formats)

    def behind(self) -> Iterator[tuple[str, Table]]:
        if self.forecast is not None:
            yield self.words.say(said("Methods that were tried")), self.tried(self.forecast)
            yield self.words.say(said("The last months, each held back from the choice")), self.held(self.forecast)

    def tried(self, told: Forecast) -> Table:
        """How far off each method was; the one that is taken first."""
        axis = Axis("method", self.words.heading("method"), METHOD, None, ())
        columns = (self.column("error"), self.percent("part"))
        ordered = sorted(told.errors.items(), key=lambda one: (one[1].size, one[0] != told.method))
        lines = [Line((self.words.method(name),), (self.as_sold(e.size), e.part)) for name, e in ordered]
        return self.beneath((axis,), columns, lines)

    def held(self, told: Forecast) -> Table:
        columns = (self.sales_column, *(self.column(take) for take in ("forecast", "low", "high", "naive")))
        method = Axis("method", self.words.heading("method"), METHOD, None, ())
        lines = [
            Line(
                (self.months[one.at], self.words.method(one.method)),
                (self.sold_in(one.at), *self.told_numbers(one.told), self.as_sold(one.naive)),
            )
            for one in told.held
        ]
        return self.beneath((self.axis, method), columns, lines)

    def percent(self, take: str) -> Column:
        label = self.words.heading(take)
        return Column(take, label, "percent", None, Measure(take, label, take), "beside")

    def beneath(self, axes: tuple[Axis, ...], columns: tuple[Column, ...], lines: list[Line]) -> Table:
        return Table(self.making.report, axes, columns, tuple(lines), None, self.making.reads.clock())


def _currencies(number: Any) -> Iterator[str]:
    for one in number if isinstance(number, tuple) else (number,):
        if (currency := currency_of(one)) is not None:
            yield currency


def rounded(number: Decimal, whole: bool = True) -> Decimal:
    """To three digits, and to a whole number."""
    places = number.adjusted() - 2 if number else 0
    if whole:
        places = max(places, 0)
    return number.quantize(Decimal(1).scaleb(places), ROUND_HALF_UP) + 0


__all__ = ["forecast_table", "reads_override", "rounded"]
