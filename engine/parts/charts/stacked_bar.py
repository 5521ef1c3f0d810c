"""The second group in layers upon one another."""

from __future__ import annotations

from decimal import Decimal

from engine.markup import Html, join
from engine.parts.charts.contract import Chart, Look
from engine.parts.drawing import both_sizes, colour, legend, mark
from engine.parts.plotting import (
    axis_words,
    heads_told,
    names_of,
    place_of,
    plane,
    plotted,
    rectangle,
    series_of,
    told_of,
)
from engine.parts.tables import Table
from engine.words import said


class Kind(Chart):
    label = said("Stacked bars")
    doc = "A bar for each of the first group, with a layer for each of the second, or for each measure of one unit."
    axes = (1, 2)

    def draw(self, table: Table, look: Look) -> Html:
        return both_sizes(look, lambda one: stacked(table, one))

    def keys(self, table: Table, look: Look) -> list[str]:
        return names_of(table, look)


def stacked(table: Table, look: Look) -> Html:
    series, heads = series_of(table, look), heads_told(table, look)
    sizes = [[size if size and size > 0 else Decimal(0) for size in one.sizes(table)] for one in series]
    sums = [sum((some[at] for some in sizes), Decimal(0)) for at in range(len(heads))]
    told = axis_words(table, series[0].column, look)
    on = plane(look, sums, len(heads), told)
    width, foot, marks = min(on.slot * 0.72, 46.0), [Decimal(0)] * len(heads), []
    for number, one in enumerate(series):
        for at, size in enumerate(sizes[number]):
            if size:
                top = on.y(foot[at] + size)
                shape = rectangle(look, on.x(at) - width / 2, top, width, on.y(foot[at]) - top, **colour(look, number))
                tip = told_of(table, one, at, heads[at], look, True)
                marks.append(mark(look, shape, tip, place_of(one, at, look), number))
                foot[at] += size
    drawn = plotted(on, heads, told, join(*marks))
    return drawn if look.plain else join(drawn, legend(look, [one.name for one in series]))
