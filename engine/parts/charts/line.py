"""A line for each measure, or for each of the second group, over time."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from engine.markup import Html, join, tag
from engine.parts.charts.contract import Chart, Look
from engine.parts.drawing import both_sizes, colour, legend, mark, n
from engine.parts.plotting import (
    Plane,
    Series,
    axis_words,
    heads_told,
    names_of,
    place_of,
    plane,
    plotted,
    series_of,
    told_of,
)
from engine.parts.tables import Table
from engine.words import said


class Kind(Chart):
    label = said("Lines")
    doc = "A line over time for each measure of one unit, or for each of the second group; broken where there is no number."
    axes = (1, 2)

    def draw(self, table: Table, look: Look) -> Html:
        return both_sizes(look, lambda one: lines(table, one))

    def keys(self, table: Table, look: Look) -> list[str]:
        return names_of(table, look)


def lines(table: Table, look: Look, filled: bool = False) -> Html:
    series, heads = series_of(table, look), heads_told(table, look)
    told = axis_words(table, series[0].column, look)
    numbers = [size for one in series for size in one.sizes(table) if size is not None]
    on = plane(look, numbers, len(heads), told)
    drawn = [_line(table, on, one, number, heads, look, filled, len(series) > 1) for number, one in enumerate(series)]
    whole = plotted(on, heads, told, join(*drawn))
    return join(whole, legend(look, [one.name for one in series])) if len(series) > 1 and not look.plain else whole


def _line(
    table: Table, on: Plane, series: Series, number: int, heads: list[str], look: Look, filled: bool, several: bool
) -> Html:
    parts = list(_stretches(on, series.sizes(table)))
    shapes = [tag("path", d=_path(points), **colour(look, number, line=True)) for points in parts]
    if filled:
        ground = on.y(Decimal(0))
        bodies = [f"{_path(p)}L{n(p[-1][0])},{n(ground)}L{n(p[0][0])},{n(ground)}Z" for p in parts]
        shapes = [*(tag("path", d=d, opacity="0.16", **colour(look, number)) for d in bodies), *shapes]
    dots = [
        mark(look, tag("circle", cx=n(on.x(at)), cy=n(on.y(size)), r="3.5", **colour(look, number)),
             told_of(table, series, at, heads[at], look, several), place_of(series, at, look), number)
        for at, size in enumerate(series.sizes(table)) if size is not None
    ]  # fmt: skip
    return join(tag("g", *shapes, data_series=number), *dots)


def _stretches(on: Plane, sizes: list[Decimal | None]) -> Iterator[list[tuple[float, float]]]:
    """The points that follow one another without a gap."""
    points: list[tuple[float, float]] = []
    for at, size in enumerate(sizes):
        if size is not None:
            points.append((on.x(at), on.y(size)))
        elif points:
            yield points
            points = []
    if points:
        yield points


def _path(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{n(x)},{n(y)}" for x, y in points)
