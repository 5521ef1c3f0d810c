"""How many came how far."""

from __future__ import annotations

from engine.markup import Html, join
from engine.parts.charts.contract import Chart, Look
from engine.parts.drawing import both_sizes, colour, cut, mark, svg, words
from engine.parts.plotting import heads_told, rectangle
from engine.parts.tables import Table, size_of
from engine.parts.telling import number_of
from engine.words import said

ROW = 34.0


class Kind(Chart):
    label = said("Funnel")
    doc = "A bar in the middle for each stage, as long as its first measure, with the part that went on. For stages."
    axes = (1,)

    def draw(self, table: Table, look: Look) -> Html:
        return both_sizes(look, lambda one: funnel(table, one))


def funnel(table: Table, look: Look) -> Html:
    names, most = heads_told(table, look), max((size_of(line.numbers[0]) or 0 for line in table.lines), default=0) or 1
    left = min(look.width * 0.34, 190.0)
    room, rows = look.width - left - 64, []
    for at, (line, name) in enumerate(zip(table.lines, names, strict=True)):
        size, y = size_of(line.numbers[0]) or 0, at * ROW
        width = float(size / most) * room
        told = number_of(table.columns[0], line.numbers[0], look.formats)
        pairs = zip(table.columns, line.numbers, strict=True)
        note = next((number_of(c, v, look.formats) for c, v in pairs if c.kind == "percent"), "")
        middle = left + room / 2
        shape = rectangle(look, _x(look, middle - width / 2, width), y + 4, width, ROW - 8, **colour(look, 0))
        tip = f"{name}: {told}" + (f" · {_percent(table)}: {note}" if note else "")
        rows.append(mark(look, shape, tip, look.opens(line, table.columns[0]), 0))
        rows.append(words(look, _at(look, 0), y + ROW / 2 + 4, cut(name, left - 8), "end" if look.mirrored else "start"))
        rows.append(words(look, _at(look, look.width - 60), y + ROW / 2 + 4, told, "end" if look.mirrored else "start"))
        if note and at < len(names) - 1:
            rows.append(words(look, _at(look, look.width - 22), y + ROW + 4, note, "middle", faint=True))
    return svg(look, len(names) * ROW + 4, join(*rows))


def _percent(table: Table) -> str:
    return next((column.label for column in table.columns if column.kind == "percent"), "")


def _at(look: Look, x: float) -> float:
    return look.width - x if look.mirrored else x


def _x(look: Look, x: float, width: float) -> float:
    return look.width - x - width if look.mirrored else x

