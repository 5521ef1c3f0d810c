"""Every kind of chart on the design page, drawn from numbers that stand here: usual, broken and without any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from engine.blueprint.entities import Choice, Field
from engine.blueprint.reports import Forecast, Measure, Report, Series
from engine.parts.charts.contract import Chart, Look
from engine.parts.charts.table import sheet
from engine.parts.registry import charts
from engine.parts.tables import Axis, Column, Line, Table
from engine.web.frame import Screen
from engine.web.render import world
from engine.web.render_reports import Drawn
from engine.words import direction

LONG = "A source with a name that somebody pasted from a letter and that goes on and on"
SPECIAL = {"forecast", "funnel", "map", "waterfall"}  # what has tables of its own
USUAL_NAMES = ("Google", "Website", "Facebook", "Referral", "Hoarding")
WITHOUT_A_GAP = "Donaudampfschifffahrtsgesellschaft" * 3
BROKEN_NAMES = (LONG, WITHOUT_A_GAP, "محمد بن عبد الله", "<script>alert(1)</script>", "👩‍👧 Family")


@dataclass(frozen=True, slots=True)
class Shown:
    """A kind of chart: its word, what it is for, and its pictures, each with what it shows."""

    word: str
    doc: str
    states: list[tuple[str, Drawn]]


def chart_kinds(seen: Screen) -> Iterator[Shown]:
    for word, kind in sorted(charts().items()):
        states = [(label, _drawn(seen, word, kind, table)) for label, table in _tables(word, kind)]
        nothing = Drawn(_report(f"{word}_none"), None, None, (), "", None)
        yield Shown(word, str(kind.doc), [*states, ("Nothing to count", nothing)])


def _drawn(seen: Screen, word: str, kind: Chart, table: Table) -> Drawn:
    mirrored = direction(seen.actor.language) == "rtl"
    look = Look(seen.formats, seen.say, mirrored=mirrored, world=world())
    twin = None if kind.is_text else sheet(table, look)
    return Drawn(_report(word), kind.draw(table, look), twin, (), "", None, is_text=kind.is_text)


def _tables(word: str, kind: Chart) -> Iterator[tuple[str, Table]]:
    if word in SPECIAL:
        yield "Usual", _special(word)
    else:
        one = 2 if kind.axes == (2,) else 1
        for label, names in (("Usual", USUAL_NAMES), ("Broken names", BROKEN_NAMES)):
            table = _counted(names, one)
            yield label, _turned(table) if word == "gauge" else table


# ---- numbers

NUMBERS = (48, 37, 31, 12, 5)
MONTHS = tuple(date(2026, month, 1) for month in range(1, 11))
COUNT = Column("count", "Number", "count", None, Measure("count", "Number", "count"))
WON = Column("second", "Second", "count", None, Measure("second", "Second", "count"))


def _report(name: str) -> Report:
    return Report(name, "Example", {"": Series("", "Example", "example", ("source",), {"count": COUNT.measure})})


def _axis(names: Sequence[str]) -> Axis:
    choices = tuple(Choice(name, name) for name in names)
    return Axis("source", "Source", Field("source", "choice", "Source", options={"choices": choices}), None, tuple(names))


def _table(axes: tuple[Axis, ...], columns: tuple[Column, ...], lines: list[Line]) -> Table:
    total = Line((), tuple(sum(line.numbers[at] or 0 for line in lines) for at in range(len(columns))))
    return Table(_report("example"), axes, columns, tuple(lines), total, datetime(2026, 11, 22, tzinfo=UTC))


def _counted(names: Sequence[str], groups: int) -> Table:
    axis = _axis(names)
    if groups == 1:
        lines = [Line((name,), (size, size // 3)) for name, size in zip(names, NUMBERS, strict=True)]
        return _table((axis,), (COUNT, WON), lines)
    time = Axis("month", "Month", Field("month", "date", "Month"), "month", MONTHS)
    pairs = [(at, month, k, name) for at, month in enumerate(MONTHS) for k, name in enumerate(names)]
    return _table((time, axis), (COUNT, WON), [Line((m, name), ((at * 3 + k * 5) % 9, k)) for at, m, k, name in pairs])


def _turned(table: Table) -> Table:
    """Its second measure first, as a part of the other."""
    lines = tuple(replace(line, numbers=line.numbers[::-1]) for line in table.lines)
    total = replace(table.total, numbers=table.total.numbers[::-1]) if table.total is not None else None
    return replace(table, columns=table.columns[::-1], lines=lines, total=total)


def _special(word: str) -> Table:
    if word == "map":
        names = ("India", "United Arab Emirates", "DE", "Brasil", "Atlantis")
        return _counted(names, 1)
    if word == "waterfall":
        told = {"start": 120, "new": 60, "raised": 12, "won": -45, "lost": -30, "end": 117}
        return _table((_axis(tuple(told)),), (COUNT,), [Line((name,), (size,)) for name, size in told.items()])
    if word == "funnel":
        part = Column("went_on", "Went on", "percent", None, Measure("went_on", "Went on", "stages"))
        stages = {"NEW": (90, "0.7"), "FOLLOW-UP": (63, "0.5"), "PROPOSAL SENT": (31, "0.4"), "WON": (12, "0")}
        lines = [Line((name,), (size, Decimal(share))) for name, (size, share) in stages.items()]
        return _table((_axis(tuple(stages)),), (COUNT, part), lines)
    return _forecast()


def _forecast() -> Table:
    takes = ("forecast", "low", "high", "mine")
    columns = (COUNT, *(Column(take, take, "count", None, Measure(take, take, take)) for take in takes))
    past = (31, 44, 28, 36, 47, 30, 38)
    ahead: tuple[tuple[Any, ...], ...] = ((12, 49, 40, 58, None), (None, 33, 22, 44, 41), (None, 41, 27, 55, None))
    numbers = [*((size, None, None, None, None) for size in past), *ahead]
    time = Axis("month", "Month", Field("month", "date", "Month"), "month", MONTHS)
    table = _table((time,), columns, [Line((month,), row) for month, row in zip(MONTHS, numbers, strict=True)])
    return replace(table, report=replace(table.report, forecast=Forecast(2)))


__all__ = ["Shown", "chart_kinds"]
