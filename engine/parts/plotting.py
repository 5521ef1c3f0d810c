"""A plane with steps at its side and groups along its foot, on which bars, lines and areas are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from engine.markup import Html, join, tag
from engine.parts.charts.contract import Look
from engine.parts.drawing import LETTER, Scale, cut, rule, scale, svg, words
from engine.parts.tables import Axis, Column, Line, Table, size_of
from engine.parts.telling import currency_of, days, key_of, number_of, percent, short

HEIGHT, TOP, FOOT = 240.0, 10.0, 26.0


@dataclass(frozen=True, slots=True)
class Series:
    """What is drawn in one colour: a measure, or the second group of a single measure. `lines`: by place on the foot."""

    name: str
    column: Column
    lines: tuple[Line | None, ...]

    def number(self, table: Table, at: int) -> Any:
        line = self.lines[at]
        return line.numbers[table.columns.index(self.column)] if line is not None else None

    def sizes(self, table: Table) -> list[Decimal | None]:
        return [size_of(self.number(table, at)) for at in range(len(self.lines))]


def series_of(table: Table, look: Look) -> list[Series]:
    """The measures of one unit; or, where there are two groups, the second group's values by the first measure."""
    first = table.columns[0]
    if len(table.axes) == 2:
        by_key = {line.keys: line for line in table.lines}
        heads = heads_of(table)
        return [
            Series(key_of(table.axes[1], other, look.formats, look.say), first, tuple(by_key.get((h, other)) for h in heads))
            for other in table.axes[1].values
        ]
    alike = [column for column in table.columns if (column.kind, column.field is None) == (first.kind, first.field is None)]
    return [Series(column.label, column, table.lines) for column in alike]


def names_of(table: Table, look: Look) -> list[str]:
    """Of the series where there are several."""
    series = series_of(table, look)
    return [one.name for one in series] if len(series) > 1 else []


def heads_of(table: Table) -> list[Any]:
    """The values along the foot, in the order of the lines; the rest last."""
    if len(table.axes) == 2 and not table.rest:
        return list(table.axes[0].values)
    return list(dict.fromkeys(line.keys[0] for line in table.lines))


def heads_told(table: Table, look: Look) -> list[str]:
    if len(table.axes) == 2:
        return [key_of(table.axes[0], head, look.formats, look.say) for head in heads_of(table)]
    others = str(look.say("Others"))
    return [others if one.is_rest else key_of(table.axes[0], one.keys[0], look.formats, look.say) for one in table.lines]


@dataclass(frozen=True, slots=True)
class Plane:
    """Where things stand: `x(at)` is the middle of a group's slot, `y(number)` a number's height."""

    look: Look
    up: Scale
    left: float
    slot: float
    count: int

    def x(self, at: int) -> float:
        place = self.left + self.slot * (at + 0.5)
        return self.look.width - place if self.look.mirrored else place

    def y(self, number: Decimal) -> float:
        return HEIGHT - FOOT - self.up.at(number)


def plane(look: Look, numbers: Sequence[Decimal], count: int, told: Callable[[Decimal], str]) -> Plane:
    up = scale(numbers, HEIGHT - FOOT - TOP)
    left = max(len(told(tick)) for tick in up.ticks) * LETTER + 12
    return Plane(look, up, left, (look.width - left - 4) / max(count, 1), count)


def axis_words(table: Table, column: Column, look: Look) -> Callable[[Decimal], str]:
    currency = next((c for line in table.lines for number in line.numbers if (c := currency_of(number))), None)
    if column.kind == "percent":
        return lambda number: percent(number, look.formats)
    if column.kind == "days":
        return lambda number: days(timedelta(days=float(number)), look.formats)
    return lambda number: short(number, look.formats, currency if column.kind == "value" else None)


def plotted(on: Plane, heads: Sequence[str], told: Callable[[Decimal], str], marks: Html) -> Html:
    """The plane with its rules, steps and heads, and the marks upon it."""
    look, ticks = on.look, on.up.ticks
    edge = look.width - on.left if look.mirrored else on.left
    far = 4 if look.mirrored else look.width - 4
    rules = [rule(look, edge, on.y(tick), far, on.y(tick)) for tick in ticks]
    beside = edge + 6 if look.mirrored else edge - 6
    steps = [words(look, beside, on.y(t) + 4, told(t), "start" if look.mirrored else "end", faint=True) for t in ticks]
    each = max(1, -(-len(heads) // max(1, int((look.width - on.left) / 74))))  # every so many heads have room
    feet = [
        words(look, on.x(at), HEIGHT - 8, cut(head, on.slot * each), "middle", faint=True)
        for at, head in enumerate(heads)
        if at % each == 0
    ]
    return svg(look, HEIGHT, join(*rules), join(*steps), join(*feet), marks)


def told_of(table: Table, series: Series, at: int, head: str, look: Look, several: bool) -> str:
    """`Nov 2026 · Website: 12`"""
    number = number_of(series.column, series.number(table, at), look.formats)
    return f"{head} · {series.name}: {number}" if several else f"{head}: {number}"


def place_of(series: Series, at: int, look: Look) -> str | None:
    line = series.lines[at]
    return look.opens(line, series.column) if line is not None else None


def rectangle(look: Look, x: float, y: float, width: float, height: float, **kind: Any) -> Html:
    from engine.parts.drawing import n

    return tag("rect", x=n(x), y=n(y), width=n(max(width, 0.5)), height=n(max(height, 0)), rx="1.5", **kind)


__all__ = [
    "HEIGHT", "Axis", "Plane", "Series", "axis_words", "heads_of", "heads_told", "names_of",
    "place_of", "plane", "plotted", "rectangle", "series_of", "told_of",
]  # fmt: skip
