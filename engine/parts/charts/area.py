"""Lines whose ground is filled."""

from __future__ import annotations

from engine.markup import Html
from engine.parts.charts.contract import Chart, Look
from engine.parts.charts.line import lines
from engine.parts.drawing import both_sizes
from engine.parts.plotting import names_of
from engine.parts.tables import Table
from engine.words import said


class Kind(Chart):
    label = said("Area")
    doc = "As lines, with the ground beneath filled."
    axes = (1, 2)

    def draw(self, table: Table, look: Look) -> Html:
        return both_sizes(look, lambda one: lines(table, one, filled=True))

    def keys(self, table: Table, look: Look) -> list[str]:
        return names_of(table, look)
