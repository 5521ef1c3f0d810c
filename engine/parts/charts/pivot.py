"""One group down, the other across."""

from __future__ import annotations

from collections.abc import Iterable

from engine.markup import Html, tag
from engine.parts.charts.contract import Chart, Look
from engine.parts.charts.table import EMPTY, opened
from engine.parts.plotting import heads_of
from engine.parts.tables import Column, Line, Table, put_together
from engine.parts.telling import key_of, number_of
from engine.words import said


class Kind(Chart):
    label = said("Pivot")
    doc = "The first group down, the second across, the first measure in the cells, and sums at both ends."
    axes = (2,)
    is_text = True

    def draw(self, table: Table, look: Look) -> Html:
        heads, across, column = heads_of(table), table.axes[1].values, table.columns[0]
        by_key = {line.keys: line for line in table.lines}
        total = str(look.say("Total"))
        told = [key_of(table.axes[1], value, look.formats, look.say) for value in across]
        labels = enumerate([table.axes[0].label, *told, total])
        top = [tag("th", label, scope="col", class_="num" if at else None) for at, label in labels]
        rows = [_row(table, head, [by_key.get((head, other)) for other in across], look) for head in heads]
        foot = [_sum(column, [by_key.get((head, other)) for head in heads], look) for other in across]
        whole = _sum(column, table.lines, look)
        return tag(
            "table", tag("thead", tag("tr", *top)), tag("tbody", *rows),
            tag("tfoot", tag("tr", tag("th", total, scope="row"), *foot, whole)), class_="table is-inset is-sums is-pivot",
        )  # fmt: skip


def _row(table: Table, head: object, lines: list[Line | None], look: Look) -> Html:
    rest = any(line is not None and line.is_rest for line in lines)
    told = str(look.say("Others")) if rest else key_of(table.axes[0], head, look.formats, look.say)
    column = table.columns[0]
    cells = [tag("td", opened(one, column, one.numbers[0], look) if one else EMPTY, class_="num") for one in lines]
    return tag("tr", tag("th", tag("bdi", told), scope="row"), *cells, _sum(column, lines, look))


def _sum(column: Column, lines: Iterable[Line | None], look: Look) -> Html:
    number = put_together(column.measure, [line.numbers[0] for line in lines if line is not None])
    return tag("td", number_of(column, number, look.formats) or EMPTY, class_="num is-sum")
