"""How one number became another: from what was there at the start, by what came and went, to what is there at the end."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from engine.blueprint.reports import Report
from engine.markup import Html, join
from engine.parts.charts.contract import Chart, Look
from engine.parts.charts.table import sheet
from engine.parts.drawing import LETTER, both_sizes, colour, cut, mark, rule, scale, svg, words
from engine.parts.plotting import heads_told, rectangle
from engine.parts.tables import Column, Line, Table, size_of
from engine.parts.telling import currency_of, number_of, short
from engine.words import said

ROW = 30.0
WHOLE, UP, DOWN = 0, 1, 4  # colours
ENDS = ("start", "end")  # lines that say how much there is, not how it changed
NARROW = 500


class Kind(Chart):
    label = said("Waterfall")
    doc = "What was there at the start, a step for all that came and went, and what is there at the end. For changes."
    axes = (1,)
    of_changes = True

    def refusal(self, report: Report) -> str | None:
        return None if report.changes else "it is drawn from a report about what changed"

    def draw(self, table: Table, look: Look) -> Html:
        """Amounts of several currencies have no common scale: they are a table."""
        if any(isinstance(line.numbers[0], tuple) and len(line.numbers[0]) > 1 for line in table.lines):
            return sheet(table, look)
        return both_sizes(look, lambda one: waterfall(table, one))


@dataclass(frozen=True, slots=True)
class Step:
    """A bar between two heights, and the height that the next one starts from."""

    line: Line
    low: Decimal
    high: Decimal
    after: Decimal
    series: int


def waterfall(table: Table, look: Look) -> Html:
    steps, names, column = steps_of(table), heads_told(table, look), table.columns[0]
    told = [number_told(column, step, look) for step in steps]
    left = min(look.width * 0.3, max((len(name) for name in names), default=0) * LETTER + 16)
    right = max((len(text) for text in told), default=0) * LETTER + 12
    room = scale([height for step in steps for height in (step.low, step.high)], look.width - left - right)
    drawn = []
    for at, (step, name, text) in enumerate(zip(steps, names, told, strict=True)):
        y, start, end = at * ROW, left + room.at(step.low), left + room.at(step.high)
        shape = rectangle(look, _x(look, start, end - start), y + 5, end - start, ROW - 10, **colour(look, step.series))
        tip = f"{name}: {text} ({number_of(table.columns[-1], step.line.numbers[-1], look.formats)})"
        drawn.append(words(look, _at(look, 0), y + ROW / 2 + 4, cut(name, left - 8), "end" if look.mirrored else "start"))
        if at < len(steps) - 1:  # the next bar begins where this one ends
            x = _at(look, left + room.at(step.after))
            drawn.append(rule(look, x, y + ROW - 5, x, y + ROW + 5))
        drawn.append(mark(look, shape, tip, look.opens(step.line, column), step.series))
        drawn.append(words(look, _at(look, look.width), y + ROW / 2 + 4, text, "start" if look.mirrored else "end"))
    return svg(look, len(steps) * ROW + 2, join(*drawn))


def steps_of(table: Table) -> list[Step]:
    found, height = [], Decimal(0)
    for line in table.lines:
        size = size_of(line.numbers[0]) or Decimal(0)
        if line.keys[0] in ENDS:
            found.append(Step(line, min(size, Decimal(0)), max(size, Decimal(0)), size, WHOLE))
            height = size
        else:
            found.append(Step(line, min(height, height + size), max(height, height + size), height + size, _way(size)))
            height += size
    return found


def _way(size: Decimal) -> int:
    return UP if size >= 0 else DOWN


def number_told(column: Column, step: Step, look: Look) -> str:
    """`+₹1,200`; short where there is little room."""
    number = step.line.numbers[0]
    size = size_of(number) or Decimal(0)
    if look.width < NARROW and not look.plain:
        text = short(size, look.formats, currency_of(number))
    else:
        text = number_of(column, number, look.formats) or "0"
    signed = f"+{text}" if step.series == UP and size else text.replace("-", "\u2212")
    return f"\u2066{signed}\u2069" if look.mirrored else signed  # else the sign would stand at the other side


def _at(look: Look, x: float) -> float:
    return look.width - x if look.mirrored else x


def _x(look: Look, x: float, width: float) -> float:
    return look.width - x - width if look.mirrored else x


__all__ = ["Kind", "steps_of", "waterfall"]
