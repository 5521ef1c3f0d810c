"""Reports and dashboards as JSON: the numbers of whoever asks, each with the list of the records that it counts.

GET /api/v1/reports/leads_by_source?period=last month&owner=42
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from engine.api.records import answer
from engine.blueprint.conditions import ALWAYS, AllOf, Condition, Word
from engine.blueprint.reports import Dashboard, Report
from engine.errors import BadRequest, NotFound
from engine.parts.derived import effective
from engine.parts.tables import Axis, Column, Line, Table
from engine.parts.words import Span, span_of
from engine.records.database import Connection
from engine.records.narrowing import asked_by
from engine.records.periods import Period
from engine.records.report_files import key_as_json, number_as_json
from engine.records.reporting import Asked, may_see, period_of, readable_series, table_of
from engine.records.sight import NOT_FOUND
from engine.records.tiles import Figure, figure_of, reports_on
from engine.records.where import where_text
from engine.serving import Ask

LINKS = "links"  # `links=false` leaves the addresses of the records out

Item = dict[str, Any]


def index(ask: Ask) -> Response:
    """Those of which there is something for whoever asks."""
    reports = ask.crm.blueprint.reports.values()
    return answer({"items": [_brief(ask, one) for one in reports if may_see(ask.crm.reads, ask.who(), one)], "next": None})


def show(ask: Ask) -> Response:
    """Raises NotFound for a report of which nothing is theirs, BadRequest for what it cannot be narrowed by."""
    found = ask.crm.blueprint.reports.get(ask.path["name"])
    if found is None or not may_see(ask.crm.reads, ask.who(), found):
        raise NotFound(NOT_FOUND)
    asked = asked_by(ask.crm.reads, ask.who(), _entities(found), _given(ask))
    return answer(_told(ask, table_of(ask.crm.reads, ask.who(), found, asked), asked))


def desks(ask: Ask) -> Response:
    return answer({"items": [{"name": one.name, "label": one.label} for one in _theirs(ask)], "next": None})


def desk(ask: Ask) -> Response:
    """Its tiles and reports, as its page begins unless the address says another period."""
    found = next((one for one in _theirs(ask) if one.name == ask.path["name"]), None)
    if found is None:
        raise NotFound(NOT_FOUND)
    reports = list(reports_on(ask.crm.blueprint, found).values())
    entities = [*(tile.entity for tile in found.tiles.values()), *(name for one in reports for name in _entities(one))]
    begins = {"period": found.period.text} if found.period is not None else {}
    asked = asked_by(ask.crm.reads, ask.who(), entities, {**begins, **_given(ask)})
    with ask.crm.database.reading() as lent:
        figures = [figure_of(ask.crm.reads, ask.who(), tile, asked, lent) for tile in found.tiles.values()]
        there = [one for one in reports if may_see(ask.crm.reads, ask.who(), one)]
        told = [_told_or_refused(ask, one, asked, lent) for one in there]
    tiles = [_figure(ask, one) for one in figures if one is not None]
    return answer({
        "name": found.name, "label": found.label, "period": _period(ask, asked.period), "tiles": tiles,
        "reports": told,
    })  # fmt: skip


def _theirs(ask: Ask) -> Iterator[Dashboard]:
    return (one for one in ask.crm.blueprint.dashboards.values() if ask.who().role in one.roles)


def _given(ask: Ask) -> Mapping[str, str]:
    return {name: text for name, text in ask.request.query_params.multi_items() if name != LINKS}


def _entities(report: Report) -> list[str]:
    return [one.entity for one in report.series.values()]


# ---- what is told of a report


def _brief(ask: Ask, report: Report) -> Item:
    """What of it is there for whoever asks."""
    kept = [one for s in report.series.values() if (one := readable_series(ask.crm.reads, ask.who(), s)) is not None]
    taken = {name: measure.label for one in kept for name, measure in one.measures.items()}
    for measure in report.derived.values():
        if all(of in taken for of in measure.of):
            taken[measure.name] = measure.label
    return {
        "name": report.name, "label": report.label, "help": report.help, "chart": report.chart,
        "entities": list(dict.fromkeys(one.entity for one in kept)), "group_by": list(kept[0].group_by) if kept else [],
        "measures": [{"name": name, "label": label} for name, label in taken.items()], "columns": list(report.columns),
    }  # fmt: skip


def _told_or_refused(ask: Ask, report: Report, asked: Asked, lent: Connection) -> Item:
    """What is too much to be counted says so beside the others."""
    try:
        return _told(ask, table_of(ask.crm.reads, ask.who(), report, asked, lent), asked)
    except BadRequest as error:
        return {"name": report.name, "label": report.label, "refusal": error.message}


def _told(ask: Ask, table: Table, asked: Asked) -> Item:
    report, as_of = table.report, table.as_of.isoformat(timespec="seconds").replace("+00:00", "Z")
    told = {
        "name": report.name, "label": report.label, "as_of": as_of,
        "period": _period(ask, period_of(report, asked)), "left_out": [str(sentence) for sentence in table.left_out],
    }  # fmt: skip
    if table.page is not None:
        return {**told, "items": ask.crm.reads.items(table.page.columns, table.page.rows)}
    return {
        **told, "axes": [_axis(axis) for axis in table.axes], "columns": [_column(column) for column in table.columns],
        "rows": [_row(ask, table, line) for line in table.lines],
        "total": _row(ask, table, table.total) if table.total is not None else None, "others": table.rest,
        "notes": list(table.notes),
    }  # fmt: skip


def _period(ask: Ask, period: Period | None) -> Item | None:
    if period is None:
        return None
    span: Span = span_of(period, ask.crm.reads.reading(ask.who())) if isinstance(period, Word) else period
    return {
        "asked": period.text if isinstance(period, Word) else None,
        "from": span.start.isoformat(), "before": span.end.isoformat(),
    }  # fmt: skip


def _axis(axis: Axis) -> Item:
    return {"name": axis.name, "label": axis.label, "type": effective(axis.field).type, "by": axis.bucket}


def _column(column: Column) -> Item:
    return {"name": column.name, "label": column.label, "kind": column.kind}


def _row(ask: Ask, table: Table, line: Line) -> Item:
    """A row without keys is the total; one that is told as `others` has an empty first key."""
    keys = {axis.name: key_as_json(axis, key) for axis, key in zip(table.axes, line.keys, strict=False)}
    numbers = {c.name: number_as_json(number) for c, number in zip(table.columns, line.numbers, strict=True)}
    told: Item = {"keys": keys, "numbers": numbers, **({"others": True} if line.is_rest else {})}
    return {**told, "records": _records(ask, table, line)} if _wants_links(ask) else told


def _records(ask: Ask, table: Table, line: Line) -> dict[str, str]:
    """By measure, the list of the records that it counts."""
    found = {}
    for column in table.columns:
        behind = line.opens.get(column.series)
        if behind is not None and not column.measure.is_derived:
            found[column.name] = _list(ask, behind[0], AllOf((behind[1], column.measure.when)))
    return found


def _figure(ask: Ask, figure: Figure) -> Item:
    told = {
        "name": figure.tile.name, "label": figure.tile.label, "number": number_as_json(figure.number), "more": figure.more,
        "change": number_as_json(figure.part),
    }  # fmt: skip
    return {**told, "records": _list(ask, figure.tile.entity, figure.where)} if _wants_links(ask) else told


def _wants_links(ask: Ask) -> bool:
    return ask.request.query_params.get(LINKS) != "false"


def _list(ask: Ask, entity: str, condition: Condition) -> str:
    """The same records as a list of the API."""
    parts = AllOf(tuple(_parts(condition)))
    if not parts.parts:
        return f"/api/v1/{entity}"
    fields = {name: one.fields for name, one in ask.crm.blueprint.entities.items()}
    return f"/api/v1/{entity}?{urlencode({'where': where_text(fields, entity, parts)})}"


def _parts(condition: Condition) -> Iterator[Condition]:
    """What must all hold, group within group taken apart: an address has room for so many."""
    if isinstance(condition, AllOf):
        for part in condition.parts:
            yield from _parts(part)
    elif condition != ALWAYS:
        yield condition


__all__ = ["desk", "desks", "index", "show"]
