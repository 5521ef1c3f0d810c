"""Dashboards and reports: numbers that open the records that they count, for a period and what the page is narrowed to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from starlette.responses import Response

from engine.blueprint import Blueprint
from engine.blueprint.entities import Entity
from engine.blueprint.reports import Dashboard, Report, Tile
from engine.errors import NotFound
from engine.markup import Html
from engine.parts.registry import charts
from engine.parts.telling import change_told, number_of
from engine.records.arranging import Arrangement, arrangement_of
from engine.records.database import Connection
from engine.records.read import COUNTED
from engine.records.sight import NOT_FOUND
from engine.records.tiles import figure_of, reports_on
from engine.rules.permissions import may
from engine.serving import Ask
from engine.web.frame import Screen, screen
from engine.web.render import address, counted
from engine.web.render_changes import moves
from engine.web.render_counting import counting
from engine.web.render_desk import WHOLE, charts_of, is_broad, one_of
from engine.web.render_moments import moment
from engine.web.render_narrowing import Filters, filters_of, not_narrowed
from engine.web.render_reports import drawn, place
from engine.words import said

# (a kind of file, what it is called, its icon, whether it is a picture of the chart)
FILES = (
    ("pdf", "PDF", "printer", False), ("xlsx", said("Spreadsheet"), "file-spreadsheet", False),
    ("csv", "CSV", "file-text", False), ("json", "JSON", "file-text", False),
    ("png", said("Picture (PNG)"), "image", True), ("svg", said("Picture (SVG)"), "image", True),
)  # fmt: skip


def desk(ask: Ask) -> Response:
    seen = screen(ask)
    found = dashboard_of(seen)
    filters = desk_asked(seen, found)
    with seen.crm.database.reading() as lent:
        liked = arrangement_of(lent, seen.actor.user, found)
        tiles = list(tiles_of(seen, found, liked, filters, lent))
        charts = list(charts_of(seen, found, liked, filters, lent))
    at = f"/dashboards/{found.name}"
    body = seen.render(
        "desk.html", desk=found, tiles=tiles, charts=charts, filters=filters, place=at,
        arrange=address(f"{at}/arrange", filters.pairs), as_of=moment(ask.now, seen.formats),
        whole=address(at, [*filters.pairs, (WHOLE, "yes")]),
        paper=address(f"{at}/export", filters.pairs) if may_export(seen, _named(seen, found)) else None,
    )  # fmt: skip
    return seen.page(found.label, body, f"dashboards/{found.name}", filters.status)


def dashboard_of(seen: Screen) -> Dashboard:
    """Of the address, by its name or the one that it had before. Raises NotFound, the same for one of other roles."""
    dashboards, name = seen.crm.blueprint.dashboards, seen.ask.path["name"]
    found = dashboards.get(name) or next((one for one in dashboards.values() if one.was == name), None)
    if found is None or seen.actor.role not in found.roles:
        raise NotFound(NOT_FOUND)
    return found


def _named(seen: Screen, found: Dashboard) -> list[str]:
    return [entity.name for entity in entities_on(seen.crm.blueprint, found)]


def desk_asked(seen: Screen, found: Dashboard) -> Filters:
    return filters_of(seen, entities_on(seen.crm.blueprint, found), found.filters, found.period)


def tiles_of(
    seen: Screen, found: Dashboard, liked: Arrangement, filters: Filters, lent: Connection
) -> Iterator[Shown]:
    for piece in liked.of("tiles", found.tiles.values()):
        shown = None if piece.hidden else _tile(seen, found.tiles[piece.name], filters, lent)
        if shown is not None:
            yield replace(shown, wide=piece.wide)


def chart(ask: Ask) -> Response:
    """GET /dashboards/NAME/charts/REPORT: one that the page did not wait for, as it stands there."""
    seen = screen(ask)
    found = dashboard_of(seen)
    report = reports_on(seen.crm.blueprint, found).get(ask.path["report"])
    if report is None:
        raise NotFound(NOT_FOUND)
    with seen.crm.database.reading() as lent:
        liked = arrangement_of(lent, seen.actor.user, found)
        wide = is_broad(report) or any(piece.wide for piece in liked.of("charts", [report]))
        made = list(one_of(seen, report, desk_asked(seen, found), wide, lent))
    if not made:
        raise NotFound(NOT_FOUND)
    return seen.piece(seen.render("desk_chart.html", charts=made))


def report(ask: Ask) -> Response:
    seen = screen(ask)
    found, filters = report_asked(seen)
    made = drawn(seen, found, filters, None, True)
    if made is None:
        raise NotFound(NOT_FOUND)
    line = ask.request.query_params.get("line")
    body = seen.render(
        "report.html", chart=made, filters=filters, place=f"/reports/{found.name}",
        moves=moves(seen, found, filters.asked, line) if line else None,
        why=counting(seen, found, filters),
        files=FILES if may_export(seen, told_of(found)) else (),
        pictures=made.chart is not None and charts()[found.chart].is_picture,
        asked=[(n, t) for n, t in ask.request.query_params.multi_items() if n != "format"],
    )  # fmt: skip
    return seen.page(found.label, body, f"reports/{found.name}", filters.status)


def report_asked(seen: Screen) -> tuple[Report, Filters]:
    """The report of the address, and what it is narrowed to. Raises NotFound."""
    blueprint, name = seen.crm.blueprint, seen.ask.path["name"]
    found = blueprint.reports.get(name) or next((one for one in blueprint.reports.values() if one.was == name), None)
    if found is None:
        raise NotFound(NOT_FOUND)
    entities = [blueprint.entities[one.entity] for one in found.every_series]
    return found, filters_of(seen, entities, list(dict.fromkeys(_usual(seen, found, entities))), found.period)


def _usual(seen: Screen, found: Report, entities: list[Entity]) -> Iterator[str]:
    """What a report alone can be narrowed by: whose the records are, and as on the pages where it stands."""
    if found.forecast is None:  # which is told from all that is over
        yield "period"
    if any(entity.owned for entity in entities):
        yield "owner"
    for page in seen.crm.blueprint.dashboards.values():
        if found.name in page.reports and seen.actor.role in page.roles:
            yield from (name for name in page.filters if name != "period")


def may_export(seen: Screen, entities: Iterable[str]) -> bool:
    """Of those that the reader may read at all: what is not theirs is in no file of theirs."""
    readable = [name for name in entities if seen.sight.may_open(seen.actor, name)]
    return all(may(seen.crm.blueprint, seen.actor, "export", name) for name in readable)


def told_of(found: Report) -> tuple[str, ...]:
    """The entities whose records a report tells of."""
    override = found.forecast.override if found.forecast is not None else None
    named = (*(one.entity for one in found.every_series), *((override.entity,) if override is not None else ()))
    return tuple(dict.fromkeys(named))


def entities_on(blueprint: Blueprint, found: Dashboard) -> list[Entity]:
    names = [tile.entity for tile in found.tiles.values()]
    names += [name for report in reports_on(blueprint, found).values() for name in told_of(report)]
    return [blueprint.entities[name] for name in dict.fromkeys(names)]


# ---- tiles


@dataclass(frozen=True, slots=True)
class Shown:
    """A tile as its template wants it. `change`: against the period before, with `up` or `down`. `missed`: which of the
    page's filters do not narrow it."""

    tile: Tile
    number: Html | str
    place: str
    change: str | None = None
    way: str = ""
    missed: tuple[str, ...] = ()
    wide: bool = False


def _tile(seen: Screen, tile: Tile, filters: Filters, lent: Connection) -> Shown | None:
    figure = figure_of(seen.crm.reads, seen.actor, tile, filters.asked, lent)
    if figure is None:
        return None
    number = counted(figure.number, COUNTED) if figure.more else number_of(figure.column, figure.number, seen.formats)
    part = figure.part
    change = change_told(part, seen.formats) if part is not None else None
    way = "" if not part else "up" if part > 0 else "down"
    missed = not_narrowed(seen, filters, (tile.entity,))
    return Shown(tile, number or "–", place(seen, tile.entity, figure.where), change, way, missed)


__all__ = [
    "chart",
    "dashboard_of", "desk", "desk_asked", "entities_on", "may_export", "report", "report_asked",
    "tiles_of", "told_of",
]  # fmt: skip
