"""Where in the world: countries the darker, the larger their number."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.blueprint.reports import Report
from engine.markup import Html, join, tag
from engine.parts.charts.contract import Chart, Look, World
from engine.parts.charts.table import sheet
from engine.parts.countries import country_of
from engine.parts.drawing import mark
from engine.parts.tables import Line, Table, put_together, size_of
from engine.parts.telling import key_of, number_of
from engine.words import said

SHADES = 5
MOST_NAMED = 5  # of what is not on the map


class Kind(Chart):
    label = said("Map")
    doc = (
        "The first measure of each country on a map of the world, grouped by a field with countries' names, in any language "
        "of the program, or codes. What is no country is told beneath it. Never mirrored; nothing is asked elsewhere."
    )
    axes = (1,)
    on_pages_only = True

    def refusal(self, report: Report) -> str | None:
        if any(" by " in group for group in report.group_by):
            return "a map is drawn of countries, not of stretches of time"
        return super().refusal(report)

    def draw(self, table: Table, look: Look) -> Html:
        """Where no outline goes along, in a mail, the table."""
        if look.world is None or look.plain:
            return sheet(table, look)
        there, elsewhere = _found(table, look, look.world)
        steps = _steps([one.size for one in there])
        marks = [_mark(table, one, steps, look, look.world) for one in there]
        land = tag("use", href=f"{look.world.address}#land", class_="land")
        drawing = tag("svg", land, *marks, viewBox=look.world.box, class_="drawing map")
        return join(drawing, _legend(table, there, steps, look), *_elsewhere(table, elsewhere, look))


@dataclass(frozen=True, slots=True)
class _Country:
    """All lines that mean it: `UK` and `United Kingdom` are two."""

    code: str
    lines: tuple[Line, ...]
    number: Any
    size: Decimal


def _found(table: Table, look: Look, world: World) -> tuple[list[_Country], list[Line]]:
    """Countries with a number, the largest first, so that a small one beside it is drawn above; and all other lines."""
    by_code: dict[str, list[Line]] = {}
    elsewhere = []
    for line in table.lines:
        code = None if line.is_rest or line.keys[0] is None else country_of(_name(table, line, look), look.formats.language)
        if code in world.codes and code is not None:
            by_code.setdefault(code, []).append(line)
        else:
            elsewhere.append(line)
    measure = table.columns[0].measure
    put = [(code, lines, put_together(measure, [line.numbers[0] for line in lines])) for code, lines in by_code.items()]
    single = [(c, lines, lines[0].numbers[0] if len(lines) == 1 else number) for c, lines, number in put]
    there = [_Country(c, tuple(lines), n, size) for c, lines, n in single if (size := size_of(n))]
    return sorted(there, key=lambda one: -one.size), elsewhere


def _name(table: Table, line: Line, look: Look) -> str:
    return key_of(table.axes[0], line.keys[0], look.formats, look.say)


def _steps(sizes: Sequence[Decimal]) -> list[Decimal]:
    """Where each shade but the first begins: as many countries in each, so that one large one leaves the others apart."""
    known = sorted(set(sizes))
    if len(known) <= SHADES:
        return known[1:]
    return [known[len(known) * at // SHADES] for at in range(1, SHADES)]


def _shade(size: Decimal, steps: Sequence[Decimal]) -> int:
    """Of few steps the darkest are taken."""
    return bisect_right(steps, size) + SHADES - len(steps)


def _mark(table: Table, one: _Country, steps: Sequence[Decimal], look: Look, world: World) -> Html:
    column = table.columns[0]
    told = f"{_name(table, one.lines[0], look)}: {number_of(column, one.number, look.formats)}"
    place = look.opens(one.lines[0], column) if len(one.lines) == 1 else None
    return mark(look, tag("use", href=f"{world.address}#{one.code}", class_=f"map-{_shade(one.size, steps)}"), told, place)


def _legend(table: Table, there: Sequence[_Country], steps: Sequence[Decimal], look: Look) -> Html:
    """From the smallest number of a shade to its largest."""
    keys = []
    for shade in range(SHADES - len(steps), SHADES + 1):
        some = [one for one in there if _shade(one.size, steps) == shade]
        if some:
            ends = dict.fromkeys(number_of(table.columns[0], one.number, look.formats) for one in (some[-1], some[0]))
            key = tag("span", class_=f"key map-{shade}")
            keys.append(tag("li", key, tag("bdi", " – ".join(ends))))
    return tag("ul", *keys, class_="legend", role="list")


def _elsewhere(table: Table, lines: Sequence[Line], look: Look) -> Iterable[Html]:
    named = [line for line in lines if size_of(line.numbers[0])]
    if not named:
        return
    told = [_told(table, line, look) for line in named[:MOST_NAMED]]
    text = look.say("Not on the map: {names}.").replace("{names}", ", ".join(told))
    if len(named) > MOST_NAMED:
        text = look.say("Not on the map: {names}, and others.").replace("{names}", ", ".join(told))
    yield tag("p", text, class_="faint chart-note")


def _told(table: Table, line: Line, look: Look) -> str:
    name = str(look.say("Others")) if line.is_rest else _name(table, line, look)
    return f"{name} ({number_of(table.columns[0], line.numbers[0], look.formats)})"


__all__ = ["Kind"]
