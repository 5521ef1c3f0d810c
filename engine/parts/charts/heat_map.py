"""Where much happens: a table whose cells are the darker, the larger their number."""

from __future__ import annotations

from decimal import Decimal

from engine.markup import Html, tag
from engine.parts.charts.contract import Chart, Look
from engine.parts.charts.table import opened
from engine.parts.plotting import heads_of
from engine.parts.tables import Line, Table, size_of
from engine.parts.telling import key_of
from engine.words import said

SHADES = 5


class Kind(Chart):
    label = said("Heat map")
    doc = "The first group down, the second across, the darker a cell the larger its number: who is busy at which hour."
    axes = (2,)
    is_text = True

    def draw(self, table: Table, look: Look) -> Html:
        heads, across = heads_of(table), table.axes[1].values
        by_key = {line.keys: line for line in table.lines}
        most = max((size_of(line.numbers[0]) or Decimal(0) for line in table.lines), default=Decimal(0))
        top = [tag("th", key_of(table.axes[1], value, look.formats, look.say), scope="col") for value in across]
        rows = [
            tag("tr", tag("th", tag("bdi", key_of(table.axes[0], head, look.formats, look.say)), scope="row"),
                *(_cell(table, by_key.get((head, other)), most, look) for other in across))
            for head in heads
        ]  # fmt: skip
        corner = tag("th", table.axes[0].label, scope="col")
        return tag("table", tag("thead", tag("tr", corner, *top)), tag("tbody", *rows), class_="heat")


def _cell(table: Table, line: Line | None, most: Decimal, look: Look) -> Html:
    size = size_of(line.numbers[0]) if line is not None else None
    if line is None or not size:
        return tag("td")
    shade = max(1, int((size / most) * SHADES + Decimal("0.5"))) if most > 0 and size > 0 else 0
    return tag("td", opened(line, table.columns[0], line.numbers[0], look), class_=f"heat-{min(shade, SHADES)}")
