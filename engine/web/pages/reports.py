"""Dashboards and reports: numbers that open the records that they count, for a period and what the page is narrowed to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from engine.blueprint import Blueprint
from engine.blueprint.conditions import ALWAYS, AllOf, Condition, Test, Word
from engine.blueprint.entities import Entity, Field
from engine.blueprint.reports import Dashboard, Report, Series, Tile
from engine.errors import BadRequest, NotFound, Refused
from engine.markup import Html
from engine.parts import field_type
from engine.parts.fields.contract import Unreadable
from engine.parts.telling import change_told, number_of
from engine.parts.words import Span, span_word
from engine.records import report_files
from engine.records.database import Connection
from engine.records.periods import Period, earlier_of
from engine.records.query import Query
from engine.records.read import COUNTED
from engine.records.reporting import Asked, column_of, period_of, readable_series, table_of, where_of
from engine.records.sight import NOT_FOUND
from engine.rules.deriving import change
from engine.rules.permissions import may
from engine.serving import Ask
from engine.web.frame import Screen, screen
from engine.web.render import counted
from engine.web.render_forms import offered
from engine.web.render_reports import drawn, place
from engine.web.render_where import told
from engine.words import said

OFFERED = 50  # people or records in a filter's menu
PERIODS = (
    ("", said("Any time")), ("today", said("Today")), ("yesterday", said("Yesterday")), ("this week", said("This week")),
    ("last 7 days", said("Last 7 days")), ("this month", said("This month")), ("last month", said("Last month")),
    ("this quarter", said("This quarter")),
    ("last quarter", said("Last quarter")), ("this financial year", said("This financial year")),
    ("last financial year", said("Last financial year")),
)  # fmt: skip
FURTHEST = timedelta(days=366 * 30)


def desk(ask: Ask) -> Response:
    seen = screen(ask)
    found = seen.crm.blueprint.dashboards.get(ask.path["name"])
    if found is None or seen.actor.role not in found.roles:
        raise NotFound(NOT_FOUND)
    filters = _filters(seen, _entities(seen.crm.blueprint, found), found.filters, found.period)
    with seen.crm.database.reading() as lent:
        tiles = [one for one in (_tile(seen, tile, filters.asked, lent) for tile in found.tiles.values()) if one]
        named = [seen.crm.blueprint.reports[name] for name in found.reports]
        charts = [one for one in (drawn(seen, report, filters.asked, lent) for report in named) if one]
    body = seen.render(
        "desk.html", desk=found, tiles=tiles, charts=charts, filters=filters, place=f"/dashboards/{found.name}",
    )  # fmt: skip
    return seen.page(found.label, body, f"dashboards/{found.name}", filters.status)


def report(ask: Ask) -> Response:
    seen = screen(ask)
    found, filters = _asked(seen)
    made = drawn(seen, found, filters.asked)
    if made is None:
        raise NotFound(NOT_FOUND)
    body = seen.render(
        "report.html", chart=made, filters=filters, place=f"/reports/{found.name}",
        counts=list(_counts(seen, found, filters.asked)), exports=may_export(seen, found),
        asked=[(n, t) for n, t in ask.request.query_params.multi_items() if n != "format"],
    )  # fmt: skip
    return seen.page(found.label, body, f"reports/{found.name}", filters.status)


def export(ask: Ask) -> Response:
    """The report as it is asked for, as a file. Raises Refused for who may not export what it counts."""
    seen = screen(ask)
    found, filters = _asked(seen)
    kind = ask.request.query_params.get("format", "csv")
    if kind not in report_files.KINDS:
        raise BadRequest(seen.say("There is no such kind of file. Known: {kinds}.", kinds=", ".join(report_files.KINDS)))
    if filters.complaints:
        raise BadRequest(filters.complaints[0])
    table = table_of(seen.crm.reads, seen.actor, found, filters.asked)
    if not may_export(seen, found):
        raise Refused(seen.say("Your role may not export this."))
    content = report_files.content_of(table, kind, seen.formats, seen.say)
    named = {"Content-Disposition": f'attachment; filename="{found.name}.{kind}"'}
    return Response(content, media_type=report_files.MEDIA[kind], headers=named)


def _asked(seen: Screen) -> tuple[Report, Filters]:
    """The report of the address, and what it is narrowed to. Raises NotFound."""
    found = seen.crm.blueprint.reports.get(seen.ask.path["name"])
    if found is None:
        raise NotFound(NOT_FOUND)
    entities = [seen.crm.blueprint.entities[one.entity] for one in found.series.values()]
    return found, _filters(seen, entities, ("period", *_usual(entities)), found.period)


def may_export(seen: Screen, found: Report) -> bool:
    return all(may(seen.crm.blueprint, seen.actor, "export", one.entity) for one in found.series.values())


def _entities(blueprint: Blueprint, found: Dashboard) -> list[Entity]:
    names = [tile.entity for tile in found.tiles.values()]
    names += [series.entity for name in found.reports for series in blueprint.reports[name].series.values()]
    return [blueprint.entities[name] for name in dict.fromkeys(names)]


def _usual(entities: list[Entity]) -> Iterator[str]:
    """What a report alone can be narrowed by: whose the records are."""
    if any(entity.owned for entity in entities):
        yield "owner"


# ---- tiles


@dataclass(frozen=True, slots=True)
class Shown:
    """A tile as its template wants it. `change`: against the period before, with `up` or `down`."""

    tile: Tile
    number: Html | str
    place: str
    change: str | None = None
    way: str = ""


def _tile(seen: Screen, tile: Tile, asked: Asked, lent: Connection) -> Shown | None:
    """None where the reader may not read what the tile speaks of."""
    series = Series(tile.name, tile.label, tile.entity, (), {tile.name: tile.measure}, tile.when, tile.over)
    kept = readable_series(seen.crm.reads, seen.actor, series)
    if kept is None or not kept.measures:
        return None
    where = where_of(kept, asked.period, asked)
    whole = AllOf((where, tile.measure.when)) if tile.measure.when != ALWAYS else where
    if tile.measure.take == "count" and asked.period is None:
        count = seen.crm.reads.count(seen.actor, Query(tile.entity, where=whole), COUNTED, connection=lent)
        return Shown(tile, counted(count, COUNTED), place(seen, tile.entity, whole))
    number = _number(seen, kept, where, lent)
    return _compared(seen, tile, kept, number, place(seen, tile.entity, whole), asked, lent)


def _number(seen: Screen, series: Series, where: Condition, lent: Connection) -> Any:
    return seen.crm.reads.aggregate(seen.actor, series.entity, where, (), series.measures, connection=lent).total


def _compared(
    seen: Screen, tile: Tile, series: Series, number: Any, place: str, asked: Asked, lent: Connection
) -> Shown:
    column = column_of(seen.crm.blueprint, tile.entity, tile.measure, "")
    told_number = number_of(column, number, seen.formats) or "–"
    if asked.period is None:
        return Shown(tile, told_number, place)
    before = _number(seen, series, where_of(series, earlier_of(seen.crm.reads, seen.actor, asked.period), asked), lent)
    part = change(number, before)
    if part is None:
        return Shown(tile, told_number, place)
    return Shown(tile, told_number, place, change_told(part, seen.formats), "up" if part > 0 else "down" if part < 0 else "")


# ---- what the page is narrowed by


@dataclass(frozen=True, slots=True)
class Choice:
    """A menu of the page: its name in the address, what it offers and what is chosen."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class Filters:
    asked: Asked
    periods: tuple[tuple[str, str], ...] | None
    period: str
    start: str
    end: str
    choices: tuple[Choice, ...]
    complaints: tuple[str, ...]

    @property
    def status(self) -> int:
        return 400 if self.complaints else 200

    @property
    def is_narrowed(self) -> bool:
        return bool(self.asked.where) or bool(self.start or self.end)


def _filters(seen: Screen, entities: list[Entity], names: tuple[str, ...], begins: Word | None) -> Filters:
    """Of the address; what makes no sense is told and passed over."""
    query, complaints = seen.ask.request.query_params, []
    period: Period | None = None
    text = query.get("period", begins.text if begins is not None else "").strip()
    start, end = query.get("from", "").strip(), query.get("until", "").strip()
    if "period" in names:
        try:
            period = _period(text, start, end)
        except Unreadable as problem:
            complaints.append(str(problem))
    where: dict[str, list[Condition]] = {}
    choices = []
    for name in names:
        found = next((e for e in entities if name in seen.sight.fields(seen.actor.role, e.name)), None)
        if found is None:
            continue
        chosen = query.get(name, "").strip()
        choices.append(_choice(seen, found, found.fields[name], chosen))
        if chosen:
            complaints += _narrow(seen, entities, name, chosen, where)
    any_time = "period" in names and "period" in query and period is None and not complaints
    asked = Asked(period, any_time, {entity: AllOf(tuple(tests)) for entity, tests in where.items()})
    offered_periods = tuple((value, seen.say(label)) for value, label in PERIODS) if "period" in names else None
    return Filters(asked, offered_periods, text, start, end, tuple(choices), tuple(complaints))


def _period(text: str, start: str, end: str) -> Period | None:
    """Raises Unreadable."""
    if start or end:
        first = date.fromisoformat(start) if _is_day(start) else None
        last = date.fromisoformat(end) if _is_day(end) else None
        if first is None or last is None or not first <= last <= first + FURTHEST:
            raise Unreadable(said("A period of one's own has a first and a last day, of at most 30 years."))
        return Span(first, last + timedelta(days=1))
    return span_word(text) if text else None


def _is_day(text: str) -> bool:
    try:
        return 1000 < date.fromisoformat(text).year < 9000
    except ValueError:
        return False


def _narrow(
    seen: Screen, entities: list[Entity], name: str, chosen: str, where: dict[str, list[Condition]]
) -> Iterator[str]:
    """Adds the condition to every entity that has the field; gives what is wrong with it."""
    for entity in entities:
        field = seen.sight.fields(seen.actor.role, entity.name).get(name)
        if field is None:
            continue
        try:
            value = field_type(field.type).read(field, chosen, seen.crm.reads.reading(seen.actor))
        except Unreadable as problem:
            yield f"{field.label}: {problem}"
            return
        where.setdefault(entity.name, []).append(Test(name, "is", value))


def _choice(seen: Screen, entity: Entity, field: Field, chosen: str) -> Choice:
    known = field.options.get("stages") or field.options.get("choices")
    if known:
        options = [(choice.value, choice.label) for choice in known]
    elif field.type == "yes_no":
        options = [("yes", seen.say("Yes")), ("no", seen.say("No"))]
    else:
        options = list(offered(seen, entity, field, None, OFFERED))
    return Choice(field.name, field.label, tuple(options), chosen)


# ---- what is counted


def _counts(seen: Screen, found: Report, asked: Asked) -> Iterator[tuple[str, str, str]]:
    """(what, in words, its records) of each series: why the numbers are what they are."""
    for series in found.series.values():
        kept = readable_series(seen.crm.reads, seen.actor, series)
        if kept is not None:
            condition = where_of(kept, period_of(found, asked), asked)
            entity = seen.crm.blueprint.entities[series.entity]
            yield entity.plural, told(seen, entity.name, condition), place(seen, entity.name, condition)


__all__ = ["desk", "export", "report"]
