"""One large number."""

from __future__ import annotations

from engine.markup import Html, tag
from engine.parts.charts.contract import Chart, Look
from engine.parts.charts.table import opened
from engine.parts.tables import Line, Table
from engine.parts.telling import number_of
from engine.words import said


class Kind(Chart):
    label = said("Number")
    doc = "The first measure as a large number, and the others small beneath it: of the report's total."
    axes = (0, 1, 2)
    is_text = True

    def draw(self, table: Table, look: Look) -> Html:
        line = table.total or (table.lines[0] if table.lines else None)
        if line is None:
            return tag("p", "–", class_="figure")
        first = tag("p", opened(line, table.columns[0], line.numbers[0], look), class_="figure")
        return tag("div", first, *_others(table, line, look), class_="figures")


def _others(table: Table, line: Line, look: Look) -> list[Html]:
    told = [(c.label, number_of(c, v, look.formats)) for c, v in zip(table.columns[1:], line.numbers[1:], strict=True)]
    return [tag("p", tag("span", label), " ", tag("b", number), class_="figure-note") for label, number in told if number]
