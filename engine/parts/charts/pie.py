"""Parts of a whole."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import cos, pi, sin

from engine.markup import Html, join, tag
from engine.parts.charts.contract import Chart, Look
from engine.parts.charts.table import opened
from engine.parts.drawing import COLOURS, PAPER, colour, mark, n, svg, words
from engine.parts.plotting import heads_told
from engine.parts.tables import Table, size_of
from engine.parts.telling import number_of, percent
from engine.words import said

SIZE, RADIUS, HOLE = 200.0, 92.0, 58.0


class Kind(Chart):
    label = said("Ring")
    doc = "The first measure of each group as a part of the whole. Use top to keep the groups few."
    axes = (1,)

    def draw(self, table: Table, look: Look) -> Html:
        ring = _ring(table, replace(look, width=int(SIZE)))
        return ring if look.plain else tag("div", tag("div", ring, class_="ring"), _keys(table, look), class_="ring-parts")

    def keys(self, table: Table, look: Look) -> list[str]:
        numbers = (number_of(table.columns[0], line.numbers[0], look.formats) for line in table.lines)
        return [f"{name}: {told}" for name, told in zip(heads_told(table, look), numbers, strict=True)]


def _ring(table: Table, look: Look) -> Html:
    sizes = [max(size_of(line.numbers[0]) or Decimal(0), Decimal(0)) for line in table.lines]
    whole, names, turned, slices = sum(sizes, Decimal(0)), heads_told(table, look), 0.0, []
    for at, (line, size) in enumerate(zip(table.lines, sizes, strict=True)):
        if size and whole:
            turn = float(size / whole)
            number = number_of(table.columns[0], line.numbers[0], look.formats)
            told = f"{names[at]}: {number} ({percent(size / whole, look.formats)})"
            slices.append(mark(look, _slice(look, at, turned, turn), told, look.opens(line, table.columns[0]), at))
            turned += turn
    middle = number_of(table.columns[0], table.total.numbers[0], look.formats) if table.total is not None else ""
    return svg(look, SIZE, join(*slices), words(look, SIZE / 2, SIZE / 2 + 5, middle if len(middle) < 15 else "", "middle"))


def _slice(look: Look, number: int, start: float, turn: float) -> Html:
    if turn >= 0.9999:  # an arc that ends where it began is none
        edge = {"stroke": COLOURS[0]} if look.plain else {"class_": "c0 is-line"}
        width, middle = RADIUS - HOLE, n(SIZE / 2)
        return tag("circle", cx=middle, cy=middle, r=n(HOLE + width / 2), fill="none", stroke_width=n(width), **edge)
    far = 1 if turn > 0.5 else 0
    (x1, y1), (x2, y2) = _at(start, RADIUS), _at(start + turn, RADIUS)
    (x3, y3), (x4, y4) = _at(start + turn, HOLE), _at(start, HOLE)
    outer = f"M{n(x1)},{n(y1)}A{n(RADIUS)},{n(RADIUS)},0,{far},1,{n(x2)},{n(y2)}"
    d = f"{outer}L{n(x3)},{n(y3)}A{n(HOLE)},{n(HOLE)},0,{far},0,{n(x4)},{n(y4)}Z"
    return tag("path", d=d, stroke=PAPER if look.plain else None, **colour(look, number))


def _at(turn: float, radius: float) -> tuple[float, float]:
    """Clockwise from the top."""
    return SIZE / 2 + radius * sin(2 * pi * turn), SIZE / 2 - radius * cos(2 * pi * turn)


def _keys(table: Table, look: Look) -> Html:
    rows = [
        tag("tr", tag("th", tag("span", class_=f"key c{at % len(COLOURS)}"), tag("bdi", name), scope="row"),
            tag("td", opened(line, table.columns[0], line.numbers[0], look), class_="num"), data_series=at)
        for at, (line, name) in enumerate(zip(table.lines, heads_told(table, look), strict=True))
    ]  # fmt: skip
    return tag("table", tag("tbody", *rows), class_="keys")
