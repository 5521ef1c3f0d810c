"""A report on a page: its chart, the table beside it for those who do not see it, and what can be asked of its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from engine.blueprint.conditions import ALWAYS, AllOf, Condition
from engine.blueprint.reports import Report
from engine.errors import BadRequest, NotFound
from engine.markup import Html, trusted
from engine.parts.charts.contract import Look
from engine.parts.charts.table import sheet
from engine.parts.registry import charts
from engine.parts.tables import Column, Line, Table
from engine.parts.telling import key_of
from engine.records.forecasts import reads_override
from engine.records.query import Query
from engine.records.read import COUNTED
from engine.records.reporting import Asked, table_of
from engine.records.views import EVERYTHING
from engine.web.frame import Screen
from engine.web.render import address, counted, world
from engine.web.render_moments import moment
from engine.web.render_narrowing import Filters, period_named
from engine.web.render_tables import table as sheet_of
from engine.web.viewed import condition_pairs
from engine.words import direction

MOST_DRAWN = 300  # groups in a picture; beyond, nobody can tell them apart
NORMAL, BROAD = 640, 1120  # pixels of a picture in a column and over the whole page
MOST_LINES = 500  # of a table on a page; a file has all of them
MOST_LISTED, MOST_TABLED = 8, 60  # records of a list and lines of a table among other things


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
    cut: int = 0  # groups that are not on the page
    missed: tuple[str, ...] = ()  # which of the page's filters do not narrow it
    place: str = ""  # of the report's own page, narrowed alike
    wide: bool = False
    later: str | None = None  # the address of the figure, where the page did not wait for it
    more: str | None = None  # how many a list or a table has, where it stands among other things and does not show all
    period: str | None = None  # in words, where it is the report's own and not the page's
    notes: tuple[str, ...] = ()
    behind: tuple[tuple[str, Html], ...] = ()
    own: tuple[tuple[str, str], ...] = ()  # the months of which the reader may say what they expect, each with its form


def drawn(
    seen: Screen, report: Report, filters: Filters, connection: Any = None, wide: bool = False, brief: bool = False
) -> Drawn | None:
    """None for a report of which nothing is for this reader. `brief`: it stands among other things."""
    found, asked = _drawn(seen, report, filters, connection, BROAD if wide else NORMAL, brief), filters.asked
    own = report.period.text if report.period and asked.period is None and not asked.any_time else None
    return replace(found, wide=wide, period=period_named(seen, own) if own else None) if found is not None else None


def _drawn(
    seen: Screen, report: Report, filters: Filters, connection: Any, width: int, brief: bool
) -> Drawn | None:
    try:
        table = table_of(seen.crm.reads, seen.actor, report, filters.asked, connection)
    except NotFound:
        return None
    except BadRequest as error:
        return Drawn(report, None, None, (), "", None, error.message)
    look = replace(look_of(seen, report, filters), width=width)
    kind = charts()[report.chart if len(table.lines) <= MOST_DRAWN else "table"]
    most, count = MOST_TABLED if brief and kind is charts()["table"] else MOST_LINES, len(table.lines)
    table = replace(table, lines=table.lines[:most])
    as_of = moment(table.as_of, seen.formats)
    opens = _whole(seen, table)
    if table.page is not None:
        return _list(seen, report, table, as_of, connection, MOST_LISTED if brief else MOST_LINES)
    if table.is_empty:
        return Drawn(report, None, None, table.left_out, as_of, opens, notes=table.notes)
    twin = None if kind.is_text else sheet(table, look)
    return Drawn(
        report, kind.draw(table, look), twin, table.left_out, as_of, opens,
        rest=table.rest, is_text=kind.is_text, cut=max(0, count - most), notes=table.notes,
        more=counted(count, count + 1) if brief and count > most else None,
        behind=tuple((heading, sheet(one, look)) for heading, one in table.behind),
        own=tuple(_own(seen, table, filters.asked)),
    )  # fmt: skip


def _list(seen: Screen, report: Report, table: Table, as_of: Html | str, connection: Any, most: int) -> Drawn:
    """The first records, and how many there are in all."""
    entity = seen.crm.blueprint.entities[report.entity]
    condition = table.total.opens[""][1] if table.total is not None else ALWAYS
    page, more = replace(table.page, rows=table.page.rows[:most]), None
    if len(table.page.rows) > most or table.page.next:
        query = Query(entity.name, where=condition)
        more = counted(seen.crm.reads.count(seen.actor, query, COUNTED, connection=connection), COUNTED)
    chart = trusted(sheet_of(seen, entity, page, "table is-inset")) if page.rows else None
    opens = place(seen, entity.name, condition, report.order)
    return Drawn(report, chart, None, table.left_out, as_of, opens, is_text=True, more=more)


def _own(seen: Screen, table: Table, asked: Asked) -> Iterator[tuple[str, str]]:
    """The running month and those to come, for who may say what they expect of them; not of a part of the whole."""
    ahead = table.report.forecast
    override = ahead.override if ahead is not None else None
    if ahead is None or override is None or table.report.entity in asked.where:
        return
    if reads_override(seen.crm.reads, seen.actor, override) and seen.crm.writes.can_create(seen.actor, override.entity):
        for month in table.axes[0].values[-ahead.months - 1 :]:
            pairs = [(override.month, month.isoformat()), ("back", f"/reports/{table.report.name}")]
            yield key_of(table.axes[0], month, seen.formats), address(f"/{override.entity}/new", pairs)


def look_of(seen: Screen, report: Report, filters: Filters) -> Look:
    found: dict[Any, str | None] = {}

    def opens(line: Line, column: Column) -> str | None:
        """Asked for a chart, for its table, and for each measure of the same records: worked out once."""
        key = (column.series, line.keys, column.measure.when, column.measure.is_derived, line.is_rest)
        if key not in found:
            found[key] = opened(seen, line, column) or (_moved_place(report, filters, line) if report.changes else None)
        return found[key]

    return Look(seen.formats, seen.say, opens, mirrored=direction(seen.actor.language) == "rtl", world=world())


def _moved_place(report: Report, filters: Filters, line: Line) -> str:
    """Where the records of a line of what changed are listed: on the report's own page, narrowed as this one is."""
    return f"{address(f'/reports/{report.name}', [('line', str(line.keys[0])), *filters.pairs])}#moved"


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


def place(seen: Screen, entity: str, condition: Condition, order: tuple[tuple[str, bool], ...] = ()) -> str:
    """The list of just these records, whatever view the reader's list begins with."""
    pairs = condition_pairs(seen, seen.entity(entity), condition) or [("view", EVERYTHING)]
    readable = seen.sight.fields(seen.actor.role, entity)
    sort = [f"{'-' if down else ''}{name}" for name, down in order if name in readable]
    return address(f"/{entity}", [*pairs, *([("sort", ",".join(sort))] if sort else [])])


__all__ = ["Drawn", "drawn", "place"]
