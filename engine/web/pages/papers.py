"""A report or a dashboard as a file, as it is asked for on its page: only for who may export what it counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from starlette.responses import Response

from engine.blueprint.reports import Dashboard, Report
from engine.errors import BadRequest, NotFound, Refused
from engine.parts.tables import Table
from engine.records.arranging import arrangement_of
from engine.records.database import Connection
from engine.records.period_words import period_told
from engine.records.report_paper import MEDIA, Paper, Reader, Tile, file_of, pdf_of
from engine.records.reporting import period_of, table_of
from engine.records.tiles import reports_on
from engine.serving import Ask
from engine.web.frame import Screen, screen
from engine.web.pages.exports import one_of_few
from engine.web.pages.reports import (
    Shown,
    dashboard_of,
    desk_asked,
    entities_on,
    may_export,
    report_asked,
    tiles_of,
    told_of,
)
from engine.web.render_counting import counting
from engine.web.render_narrowing import Filters
from engine.words.bidi import isolated


def report(ask: Ask) -> Response:
    """GET /reports/NAME/export?format=pdf and the report's own filters."""
    seen = screen(ask)
    found, filters = report_asked(seen)
    kind = ask.request.query_params.get("format", "csv")
    if kind not in MEDIA:
        raise BadRequest(seen.say("There is no such kind of file. Known: {kinds}.", kinds=", ".join(MEDIA)))
    _must_make_sense(filters)
    table = table_of(seen.crm.reads, seen.actor, found, filters.asked)
    _must(seen, told_of(found))
    with one_of_few(ask):
        content = file_of(table, kind, _reader(seen), _facts(seen, found, filters), _counts(seen, found, filters))
    return _sent(content, f"{found.name}.{kind}", MEDIA[kind])


def desk(ask: Ask) -> Response:
    """GET /dashboards/NAME/export: the page on paper, arranged as its reader has it."""
    seen = screen(ask)
    found = dashboard_of(seen)
    filters = desk_asked(seen, found)
    _must_make_sense(filters)
    _must(seen, (entity.name for entity in entities_on(seen.crm.blueprint, found)))
    with seen.crm.database.reading() as lent:
        liked = arrangement_of(lent, seen.actor.user, found)
        tiles = [_tile(seen, one) for one in tiles_of(seen, found, liked, filters, lent)]
        reports = reports_on(seen.crm.blueprint, found)
        shown = [reports[p.name] for p in liked.of("charts", reports.values()) if not p.hidden]
        tables = list(_tables(seen, shown, filters, lent))
    with one_of_few(ask):
        content = pdf_of(_paper(seen, found, filters, tables, tiles), _reader(seen))
    return _sent(content, f"{found.name}.pdf", MEDIA["pdf"])


# ---- what stands on it


def _paper(seen: Screen, found: Dashboard, filters: Filters, tables: list[Table], tiles: list[Tile]) -> Paper:
    """Where reports ask of different times, each says its own."""
    periods = [_period(seen, table.report, filters) for table in tables]
    one = len(set(periods)) == 1
    facts = [*([(seen.say("Period"), periods[0])] if one else []), *_narrowed(filters)]
    return Paper(found.label, seen.ask.now, tables, None, facts, tiles, (), () if one else periods)


def _tables(seen: Screen, reports: list[Report], filters: Filters, lent: Connection) -> Iterator[Table]:
    """Those of which there is something for this reader."""
    for report in reports:
        try:
            yield table_of(seen.crm.reads, seen.actor, report, filters.asked, lent)
        except (NotFound, BadRequest):
            continue


def _tile(seen: Screen, shown: Shown) -> Tile:
    mirrored = seen.words.direction == "rtl"
    note = f"{isolated(shown.change, mirrored)} {seen.say('to the period before')}" if shown.change else None
    return Tile(shown.tile.label, str(shown.number), note)


def _facts(seen: Screen, found: Report, filters: Filters) -> list[tuple[str, str]]:
    return [(seen.say("Period"), _period(seen, found, filters)), *_narrowed(filters)]


def _period(seen: Screen, found: Report, filters: Filters) -> str:
    return period_told(seen.crm.reads, seen.actor, period_of(found, filters.asked), seen.words)


def _narrowed(filters: Filters) -> Iterator[tuple[str, str]]:
    for choice in filters.choices:
        if choice.chosen:
            yield choice.label, dict(choice.options).get(choice.chosen, choice.chosen)


def _counts(seen: Screen, found: Report, filters: Filters) -> list[tuple[str, str]]:
    why = counting(seen, found, filters)
    return [*((one.label, " · ".join(filter(None, (one.which, one.time)))) for one in why.counted), *why.measures]


# ---- rights, and the answer


def _must(seen: Screen, entities: Iterable[str]) -> None:
    if not may_export(seen, entities):
        raise Refused(seen.say("Your role may not export this."))


def _must_make_sense(filters: Filters) -> None:
    if filters.complaints:
        raise BadRequest(filters.complaints[0])


def _reader(seen: Screen) -> Reader:
    return Reader.of(seen.crm.reads, seen.actor)


def _sent(content: bytes, name: str, media: str) -> Response:
    return Response(content, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


__all__ = ["desk", "report"]
