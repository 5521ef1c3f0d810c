"""A report on a page: its chart, the table beside it for those who do not see it, and what can be asked of its numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.blueprint.conditions import AllOf, Condition, Test
from engine.blueprint.reports import Report
from engine.errors import BadRequest, NotFound
from engine.markup import Html, trusted
from engine.parts.charts.contract import Look
from engine.parts.charts.table import sheet
from engine.parts.registry import charts
from engine.parts.tables import Column, Line, Table
from engine.records.reporting import Asked, table_of
from engine.records.where import where_text
from engine.web.frame import Screen
from engine.web.render import address
from engine.web.render_addresses import pair_of
from engine.web.render_moments import moment
from engine.web.render_tables import table as sheet_of
from engine.words import direction


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a template needs. `chart` is None where there is nothing to draw; `twin` where the chart is read as it is."""

    report: Report
    chart: Html | None
    twin: Html | None
    left_out: tuple[str, ...]
    as_of: Html | str
    opens: str | None
    refusal: str | None = None
    rest: int = 0
    is_text: bool = False


def drawn(seen: Screen, report: Report, asked: Asked, connection: Any = None) -> Drawn | None:
    """None for a report of which nothing is for this reader."""
    try:
        table = table_of(seen.crm.reads, seen.actor, report, asked, connection)
    except NotFound:
        return None
    except BadRequest as error:
        return Drawn(report, None, None, (), "", None, error.message)
    look, kind = look_of(seen), charts()[report.chart]
    as_of = moment(table.as_of, seen.formats)
    opens = _whole(seen, table)
    if table.page is not None:
        entity = seen.crm.blueprint.entities[report.entity]
        chart = trusted(sheet_of(seen, entity, table.page, "table is-inset")) if table.page.rows else None
        return Drawn(report, chart, None, table.left_out, as_of, opens, is_text=True)
    if table.is_empty:
        return Drawn(report, None, None, table.left_out, as_of, opens)
    twin = None if kind.is_text else sheet(table, look)
    return Drawn(report, kind.draw(table, look), twin, table.left_out, as_of, opens, rest=table.rest, is_text=kind.is_text)


def look_of(seen: Screen) -> Look:
    return Look(
        seen.formats, seen.say, lambda line, column: opened(seen, line, column),
        mirrored=direction(seen.actor.language) == "rtl",
    )  # fmt: skip


def _whole(seen: Screen, table: Table) -> str | None:
    """All the records that a report of one series counts."""
    line = table.total or (table.lines[0] if len(table.lines) == 1 else None)
    return place(seen, *line.opens[""]) if line is not None and "" in line.opens else None


def opened(seen: Screen, line: Line, column: Column) -> str | None:
    """The address of the records that a number counts; of a derived number none."""
    found = line.opens.get(column.series)
    if found is None or column.measure.is_derived:
        return None
    entity, condition = found
    return place(seen, entity, AllOf((condition, column.measure.when)))


def place(seen: Screen, entity: str, condition: Condition) -> str:
    """The list of the records for which a condition holds."""
    blueprint = seen.crm.blueprint
    tests = list(_flat(condition))
    pairs = [pair_of(blueprint, blueprint.entities[entity].fields, test, seen.formats) for test in tests]
    if None not in pairs and len({pair[0] for pair in pairs if pair}) == len(pairs):
        return address(f"/{entity}", [pair for pair in pairs if pair])
    fields = {name: one.fields for name, one in blueprint.entities.items()}
    return address(f"/{entity}", [("where", where_text(fields, entity, AllOf(tuple(tests))))])


def _flat(condition: Condition) -> Iterable[Condition]:
    """The parts that must all hold."""
    if isinstance(condition, AllOf):
        for part in condition.parts:
            yield from _flat(part)
    else:
        yield condition


def test_of(entity: Any, name: str, value: Any) -> Condition | None:
    """A page's filter as a condition of one of its entities; None where it has no such field."""
    return Test(name, "is", value) if name in entity.fields else None


__all__ = ["Drawn", "drawn", "look_of", "opened", "place", "test_of"]
