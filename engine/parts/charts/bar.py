"""A bar for each group: columns over time, lines of a table for all else."""

from __future__ import annotations

from decimal import Decimal

from engine.markup import Html, join, tag
from engine.parts.charts.contract import Chart, Look
from engine.parts.charts.table import opened
from engine.parts.drawing import LETTER, both_sizes, colour, cut, legend, mark, svg, words
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
from engine.parts.tables import Line, Table, size_of
from engine.parts.telling import number_of
from engine.words import said

LONG = 16  # letters; what is longer may be cut on a narrow page
FLAT = 24.0  # pixels of a lying bar's row


class Kind(Chart):
    label = said("Bars")
    doc = "A bar for each group: upright over time, lying beside its name for all else. Measures of one unit stand together."
    axes = (1, 2)

    def draw(self, table: Table, look: Look) -> Html:
        if len(table.axes) == 1 and not table.axes[0].bucket:
            return flat(table, look) if look.plain else lying(table, look)
        return both_sizes(look, lambda one: upright(table, one))

    def keys(self, table: Table, look: Look) -> list[str]:
        return names_of(table, look) if len(table.axes) == 2 or table.axes[0].bucket else []


def upright(table: Table, look: Look) -> Html:
    series, heads = series_of(table, look), heads_told(table, look)
    numbers = [size for one in series for size in one.sizes(table) if size is not None]
    told = axis_words(table, series[0].column, look)
    on = plane(look, numbers, len(heads), told)
    width = min(on.slot * 0.76, 40.0 * len(series)) / len(series)
    marks = []
    for number, one in enumerate(series):
        side = len(series) - 1 - number if look.mirrored else number
        for at, size in enumerate(one.sizes(table)):
            if size:
                left = on.x(at) + (side - len(series) / 2) * width + width * 0.06
                top, foot = min(on.y(size), on.y(0 * size)), abs(on.y(size) - on.y(0 * size))
                shape = rectangle(look, left, top, width * 0.88, foot, **colour(look, number))
                tip = told_of(table, one, at, heads[at], look, len(series) > 1)
                marks.append(mark(look, shape, tip, place_of(one, at, look), number))
    drawn = plotted(on, heads, told, join(*marks))
    return join(drawn, legend(look, [one.name for one in series])) if len(series) > 1 and not look.plain else drawn


def lying(table: Table, look: Look) -> Html:
    """A table in which the first measure has a bar: it is read as well as seen."""
    most = max((size for line in table.lines if (size := size_of(line.numbers[0])) is not None), default=0)
    names = heads_told(table, look)
    rows = [_bar(table, line, name, float(most), look) for line, name in zip(table.lines, names, strict=True)]
    return tag("table", tag("tbody", *rows), class_="bars")


def flat(table: Table, look: Look) -> Html:
    """The same as a picture: a name, its bar, the first measure."""
    sizes = [max(size_of(line.numbers[0]) or Decimal(0), Decimal(0)) for line in table.lines]
    told = [number_of(table.columns[0], line.numbers[0], look.formats) for line in table.lines]
    names = [cut(name, look.width * 0.3) for name in heads_told(table, look)]
    left, right = (max(map(len, texts), default=0) * LETTER + 10 for texts in (names, told))
    room, most, marks = look.width - left - right, max(sizes, default=Decimal(0)) or Decimal(1), []
    for at, (size, name, number) in enumerate(zip(sizes, names, told, strict=True)):
        width, foot = float(size / most) * room, at * FLAT + FLAT - 7
        x = look.width - left - width if look.mirrored else left
        marks.append(rectangle(look, x, at * FLAT + 3, width, FLAT - 6, **colour(look, 0)))
        near, far = (look.width, x - 6) if look.mirrored else (0.0, left + width + 6)
        ends = ("end", "end") if look.mirrored else ("start", "start")
        marks += [words(look, near, foot, name, ends[0]), words(look, far, foot, number, ends[1])]
    return svg(look, len(names) * FLAT, join(*marks))


def _bar(table: Table, line: Line, name: str, most: float, look: Look) -> Html:
    size = size_of(line.numbers[0])
    drawn = tag("progress", class_="progress", max=most or 1, value=max(float(size or 0), 0.0), aria_hidden="true")
    numbers = [tag("td", opened(line, c, n, look), class_="num") for c, n in zip(table.columns, line.numbers, strict=True)]
    head = tag("th", tag("bdi", name, title=name if len(name) > LONG else None), scope="row")
    return tag("tr", head, tag("td", drawn), *numbers, data_hue=_hue(table, line))


def _hue(table: Table, line: Line) -> str | None:
    options = table.axes[0].field.options
    known = options.get("stages") or options.get("choices") or ()
    return next((choice.hue for choice in known if choice.value == line.keys[0]), None)
