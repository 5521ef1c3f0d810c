"""Rows and columns of numbers, with a total."""

from __future__ import annotations

from engine.markup import Html, join, tag
from engine.parts.charts.contract import Chart, Look
from engine.parts.tables import Axis, Column, Line, Table
from engine.parts.telling import key_of, number_of
from engine.words import said

EMPTY = tag("span", "–", class_="nil", aria_label="empty")


class Kind(Chart):
    label = said("Table")
    doc = "Every group with its numbers, and a total. What every other chart can be read as, too."
    axes = (0, 1, 2)
    is_text = True
    of_changes = True

    def draw(self, table: Table, look: Look) -> Html:
        return sheet(table, look)


def sheet(table: Table, look: Look) -> Html:
    """The table of a report; also what stands beside each chart for those who do not see it."""
    heads = [tag("th", axis.label, scope="col") for axis in table.axes]
    heads += [tag("th", column.label, scope="col", class_="num") for column in table.columns]
    rows = [tag("tr", *_keys(table.axes, line, look), *_numbers(table.columns, line, look)) for line in table.lines]
    foot = [tag("tfoot", tag("tr", *_total(table, look)))] if table.total is not None and len(table.lines) > 1 else []
    return tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *rows), *foot, class_="table is-inset is-sums")


def _keys(axes: tuple[Axis, ...], line: Line, look: Look) -> list[Html]:
    told = [key_of(axis, value, look.formats, look.say) for axis, value in zip(axes, line.keys, strict=True)]
    if line.is_rest and told:
        told[0] = str(look.say("Others"))
    return [tag("th" if not at else "td", tag("bdi", text), scope=None if at else "row") for at, text in enumerate(told)]


def _numbers(columns: tuple[Column, ...], line: Line, look: Look) -> list[Html]:
    return [tag("td", opened(line, c, n, look), class_="num") for c, n in zip(columns, line.numbers, strict=True)]


def _total(table: Table, look: Look) -> list[Html]:
    assert table.total is not None
    head = tag("th", str(look.say("Total")), scope="row", colspan=len(table.axes) if len(table.axes) > 1 else None)
    return [head, *_numbers(table.columns, table.total, look)]


def opened(line: Line, column: Column, number: object, look: Look) -> Html:
    """A number, with the way to the records that it counts."""
    told = number_of(column, number, look.formats)
    place = look.opens(line, column) if told and not look.plain else None
    return join(tag("a", told, href=place) if place else told or EMPTY)


__all__ = ["Kind", "opened", "sheet"]
