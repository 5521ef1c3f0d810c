"""What was sold as a line, and what is to be expected as a dashed one within its range; beside it what people expect
themselves, and the target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from engine.blueprint.reports import Report
from engine.markup import Html, join, tag
from engine.parts.charts.contract import Chart, Look
from engine.parts.drawing import COLOURS, both_sizes, colour, mark, n
from engine.parts.plotting import Plane, axis_words, heads_told, plane, plotted
from engine.parts.tables import Column, Table, size_of
from engine.parts.telling import currency_of, number_of
from engine.words import said

SOLD, AHEAD, MINE, GIVEN, TARGET = 0, 1, 2, 3, 4  # colours, and what a click on the legend hides
DASHES = "5 4"
KEYS = (("forecast", AHEAD, "is-stroke is-dashed"), ("mine", MINE, "is-diamond"), ("given", GIVEN, "is-diamond is-open"))


class Kind(Chart):
    label = said("Forecast")
    doc = "Past months as a line, those to come as a dashed one within its range; with the target and people's own numbers."

    def refusal(self, report: Report) -> str | None:
        return "it has no forecast" if report.forecast is None else super().refusal(report)

    def draw(self, table: Table, look: Look) -> Html:
        drawing = _Drawing(table)
        whole = both_sizes(look, drawing.on)
        return whole if look.plain else join(whole, drawing.legend())

    def keys(self, table: Table, look: Look) -> list[str]:
        known = {one.series: one.name for one in _Drawing(table).signs()}
        return [known.get(series, "") for series in (SOLD, AHEAD, MINE, GIVEN, TARGET)]


@dataclass(frozen=True)
class _Drawing:
    table: Table

    # -- what there is

    def takes(self, take: str) -> list[int]:
        """The places of the columns that say this, in the unit of what was sold."""
        return [at for at, one in enumerate(self.table.columns) if one.measure.take == take and self.is_alike(one)]

    def is_alike(self, column: Column) -> bool:
        first = self.table.columns[0]
        return (column.kind, column.field is None) == (first.kind, first.field is None)

    @cached_property
    def currency(self) -> str | None:
        return next((c for line in self.table.lines if (c := currency_of(line.numbers[0]))), None)

    def sizes(self, column: int) -> list[Decimal | None]:
        """What is in another currency cannot stand on the same plane."""
        numbers = [line.numbers[column] for line in self.table.lines]
        return [size_of(number) if currency_of(number) in (None, self.currency) or not self.currency else None
                for number in numbers]  # fmt: skip

    def of(self, take: str) -> list[Decimal | None]:
        found = self.takes(take)
        return self.sizes(found[0]) if found else [None] * len(self.table.lines)

    @cached_property
    def targets(self) -> list[int]:
        return [at for at, one in enumerate(self.table.columns) if one.series == "target" and self.is_alike(one)]

    @cached_property
    def drawn(self) -> list[int]:
        """The places of all columns that are drawn."""
        takes = ("forecast", "low", "high", "mine", "given")
        return [0, *(at for take in takes for at in self.takes(take)), *self.targets]

    @cached_property
    def ahead(self) -> int:
        """The place of the running month: all after it are to come."""
        asked, months = self.table.report.forecast, len(self.table.lines)
        return max(0, months - asked.months - 1) if asked is not None else months

    # -- the picture

    def on(self, look: Look) -> Html:
        heads = heads_told(self.table, look)
        numbers = [size for at in self.drawn for size in self.sizes(at) if size is not None]
        told = axis_words(self.table, self.table.columns[0], look)
        on = plane(look, numbers, len(heads), told)
        marks = (*self.band(on), *self.lines(on), *self.steps(on, heads), *self.dots(on, heads), *self.own(on, heads))
        return plotted(on, heads, told, join(*marks))

    def band(self, on: Plane) -> Iterator[Html]:
        """From the last full month to the last that has a range."""
        low, high = self.of("low"), self.of("high")
        there = [at for at, size in enumerate(low) if size is not None and high[at] is not None]
        before = self.sizes(0)[self.ahead - 1] if 0 < self.ahead <= len(low) else None
        if not there:
            return
        start = [(on.x(self.ahead - 1), on.y(before))] if before is not None else []
        upper = [(on.x(at), on.y(size)) for at in there if (size := high[at]) is not None]
        lower = [(on.x(at), on.y(size)) for at in reversed(there) if (size := low[at]) is not None]
        body = tag("path", d=_path([*start, *upper, *lower]) + "Z", opacity="0.16", **colour(on.look, AHEAD))
        yield tag("g", body, data_series=AHEAD)

    def lines(self, on: Plane) -> Iterator[Html]:
        sold, told = self.sizes(0), self.of("forecast")
        past = [(on.x(at), on.y(size)) for at, size in enumerate(sold[: self.ahead]) if size is not None]
        coming = [(on.x(at), on.y(size)) for at, size in enumerate(told) if size is not None]
        if len(past) > 1:
            yield tag("g", tag("path", d=_path(past), **colour(on.look, SOLD, line=True)), data_series=SOLD)
        if coming:
            kind = {"stroke_dasharray": DASHES, **colour(on.look, AHEAD, line=True)}
            yield tag("g", tag("path", d=_path([*past[-1:], *coming]), **kind), data_series=AHEAD)

    def dots(self, on: Plane, heads: Sequence[str]) -> Iterator[Html]:
        """What is sold of the running month is no full point yet."""
        for at, size in enumerate(self.sizes(0)):
            if size is not None:
                kind = _hollow(on.look, SOLD) if at >= self.ahead else colour(on.look, SOLD)
                yield self.point(on, at, size, 0, SOLD, heads[at], kind)
        for column in self.takes("forecast"):
            for at, size in enumerate(self.sizes(column)):
                if size is not None:
                    yield self.point(on, at, size, column, AHEAD, heads[at], _hollow(on.look, AHEAD))

    def point(
        self, on: Plane, at: int, size: Decimal, column: int, series: int, head: str, kind: dict[str, object]
    ) -> Html:
        shape = tag("circle", cx=n(on.x(at)), cy=n(on.y(size)), r="3.5", **kind)
        return self.marked(on, at, column, series, head, shape)

    def steps(self, on: Plane, heads: Sequence[str]) -> Iterator[Html]:
        """The target of each month, as a short line across it."""
        half = min(on.slot * 0.36, 22.0)
        for column in self.targets:
            for at, size in enumerate(self.sizes(column)):
                if size is not None:
                    ends = _path([(on.x(at) - half, on.y(size)), (on.x(at) + half, on.y(size))])
                    shape = tag("path", d=ends, **colour(on.look, TARGET, line=True))
                    yield self.marked(on, at, column, TARGET, heads[at], shape)

    def own(self, on: Plane, heads: Sequence[str]) -> Iterator[Html]:
        """What people expect: the reader's own number full, those of others hollow."""
        for take, series in (("given", GIVEN), ("mine", MINE)):
            for column in self.takes(take):
                for at, size in enumerate(self.sizes(column)):
                    if size is not None:
                        kind = colour(on.look, series) if take == "mine" else _hollow(on.look, series)
                        shape = tag("path", d=_diamond(on.x(at), on.y(size)), **kind)
                        yield self.marked(on, at, column, series, heads[at], shape)

    def marked(self, on: Plane, at: int, column: int, series: int, head: str, shape: Html) -> Html:
        line, known = self.table.lines[at], self.table.columns[column]
        return mark(on.look, shape, self.told(at, known, column, head, on.look), on.look.opens(line, known), series)

    def told(self, at: int, known: Column, column: int, head: str, look: Look) -> str:
        """`Dec 2026 · Forecast: 1,130,000 (927,000 – 1,340,000)`"""
        numbers = self.table.lines[at].numbers
        number = f"{head} · {known.label}: {number_of(known, numbers[column], look.formats)}"
        ends = [number_of(known, numbers[place], look.formats) for take in ("low", "high") for place in self.takes(take)]
        return f"{number} ({' – '.join(ends)})" if known.measure.take == "forecast" and all(ends) else number

    # -- what is what

    def legend(self) -> Html:
        return tag("ul", *(one.html() for one in self.signs()), class_="legend", role="list")

    def signs(self) -> Iterator[_Sign]:
        yield _Sign(SOLD, "is-stroke", self.table.columns[0].label)
        for take, series, kind in KEYS:
            found = [at for at in self.takes(take) if any(size is not None for size in self.sizes(at))]
            if found:
                yield _Sign(series, kind, ", ".join(self.table.columns[at].label for at in found))
        for at in self.targets:
            if any(size is not None for size in self.sizes(at)):
                yield _Sign(TARGET, "is-stroke", self.table.columns[at].label)


@dataclass(frozen=True, slots=True)
class _Sign:
    """What a colour means, and how its sign looks."""

    series: int
    kind: str
    name: str

    def html(self) -> Html:
        sign = tag("span", class_=f"key c{self.series} {self.kind}")
        return tag("li", sign, tag("bdi", self.name), data_series=self.series)


def _hollow(look: Look, series: int) -> dict[str, object]:
    if not look.plain:
        return {"class_": f"c{series} is-hollow"}
    return {"fill": "#ffffff", "stroke": COLOURS[series], "stroke_width": 2}


def _diamond(x: float, y: float, half: float = 6.0) -> str:
    return _path([(x, y - half), (x + half, y), (x, y + half), (x - half, y)]) + "Z"


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{n(x)},{n(y)}" for x, y in points)


__all__ = ["Kind"]
