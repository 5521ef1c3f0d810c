"""The records behind a line of what changed: each with its number at the start and at the end, and what it adds."""

from __future__ import annotations

from dataclasses import dataclass

from engine.blueprint.conditions import Test
from engine.blueprint.reports import Measure, Report
from engine.errors import BadRequest
from engine.parts.derived import effective
from engine.parts.tables import Column
from engine.parts.telling import CLOSED, number_of
from engine.records.movement import NAMES, Moved
from engine.records.reporting import Asked, moved_of
from engine.web.frame import Screen
from engine.web.render_reports import place

MOST_NAMED = 200  # records that an address names one by one


@dataclass(frozen=True, slots=True)
class Row:
    """`place` is None for a record that cannot be opened."""

    title: str
    place: str | None
    was: str
    now: str
    change: str


@dataclass(frozen=True, slots=True)
class Moves:
    """`cut`: how many records are not shown. `opens`: the same records as a list."""

    label: str
    rows: tuple[Row, ...]
    count: int
    cut: int
    opens: str | None


def moves(seen: Screen, report: Report, asked: Asked, line: str) -> Moves | None:
    """None where there is no such line, or where the report itself says what is wrong. Raises NotFound as it does."""
    if not report.changes or line not in NAMES:
        return None
    try:
        found, count = moved_of(seen.crm.reads, seen.actor, report, asked, line)
    except BadRequest:
        return None
    field = seen.crm.blueprint.entities[report.entity].fields[report.changes]
    column = Column("value", field.label, "value", effective(field), Measure("value", field.label, "changes"))
    rows = tuple(_row(seen, column, one) for one in found)
    return Moves(seen.say(NAMES[line]), rows, count, count - len(rows), _opens(seen, report, found, count))


def _row(seen: Screen, column: Column, one: Moved) -> Row:
    was, now, change = (number_of(column, number, seen.formats) for number in (one.was, one.now, one.change))
    title = one.record.title or seen.say(CLOSED)
    return Row(title, None if one.in_bin else f"/{one.record.entity}/{one.record.id}", was, now, change)


def _opens(seen: Screen, report: Report, found: list[Moved], count: int) -> str | None:
    if any(one.in_bin for one in found) or not 0 < count <= MOST_NAMED:
        return None
    return place(seen, report.entity, Test("id", "in", tuple(one.record.id for one in found)))


__all__ = ["Moves", "moves"]
