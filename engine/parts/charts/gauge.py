"""A number against its target."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import cos, pi, sin

from engine.markup import Html, join, tag
from engine.parts.charts.contract import Chart, Look
from engine.parts.drawing import LINE, colour, mark, n, svg, words
from engine.parts.tables import Line, Table, size_of
from engine.parts.telling import number_of, percent
from engine.words import said

WIDTH, HEIGHT, RADIUS, THICK = 220.0, 132.0, 92.0, 20


class Kind(Chart):
    label = said("Gauge")
    doc = "The first measure as a part of the second, its target, in a half circle. The total, or the only line."
    axes = (0, 1, 2)
    measures = 2

    def draw(self, table: Table, look: Look) -> Html:
        line = table.total or (table.lines[0] if table.lines else None)
        if line is None:
            return join()
        return tag("div", gauge(table, line, replace(look, width=int(WIDTH))), class_="gauge")


def gauge(table: Table, line: Line, look: Look) -> Html:
    have, want = (size_of(number) or Decimal(0) for number in line.numbers[:2])
    part = have / want if want else Decimal(0)
    pairs = zip(table.columns[:2], line.numbers, strict=False)
    told = [number_of(column, number, look.formats) or "–" for column, number in pairs]
    tip = f"{table.columns[0].label}: {told[0]} · {table.columns[1].label}: {told[1]}"
    whole = {"stroke": LINE} if look.plain else {"class_": "rule is-thick"}
    ground = tag("path", d=_arc(1.0), fill="none", stroke_width=THICK, **whole)
    done = _arc(float(min(max(part, Decimal(0)), Decimal(1))))
    kind = colour(look, 0, line=True)
    shape = tag("path", d=done, **{**kind, "fill": "none", "stroke_width": THICK}) if part > 0 else join()
    middle = WIDTH / 2
    return svg(
        look, HEIGHT, ground, mark(look, shape, tip, look.opens(line, table.columns[0])),
        words(look, middle, 100, percent(part, look.formats) if want else "–", "middle"),
        words(look, middle, 122, f"{told[0]} / {told[1]}", "middle", faint=True),
    )  # fmt: skip


def _arc(part: float) -> str:
    """From the left over the top to the right."""
    x, y = WIDTH / 2, RADIUS + 14
    end = pi * (1 - part)
    return f"M{n(x - RADIUS)},{n(y)}A{n(RADIUS)},{n(RADIUS)},0,0,1,{n(x + RADIUS * cos(end))},{n(y - RADIUS * sin(end))}"
