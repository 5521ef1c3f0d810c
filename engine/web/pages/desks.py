"""Dashboards and reports: numbers that open the list that they count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import RedirectResponse, Response

from engine.blueprint.conditions import AllOf, Test
from engine.blueprint.reports import Dashboard, Report, Tile
from engine.blueprint.values import Ref
from engine.errors import BadRequest, CrmError, NotFound
from engine.markup import Html, join, tag
from engine.parts import field_type
from engine.parts.derived import effective
from engine.records.aggregate import Group, Summary
from engine.records.query import Query
from engine.records.read import COUNTED
from engine.records.sight import NOT_FOUND
from engine.records.today import has_day, works_alone
from engine.rules.words import listed
from engine.serving import Ask
from engine.web.frame import Screen, in_menu, screen
from engine.web.render import NIL, counted, shown
from engine.web.render_addresses import place_of

MOST_ROWS = 100


def home(ask: Ask) -> Response:
    """Where the role begins, as the set says. Else the day of those who attend to their own records and to no others',
    the role's first dashboard, the day, the first list that it may read."""
    seen = screen(ask)
    place = next(_homes(seen), None)
    if place is not None:
        return RedirectResponse(place, 303)
    return seen.page(seen.say("Nothing yet"), seen.render("nothing.html", role=seen.role_label(), who=_administrators(seen)))


def _homes(seen: Screen) -> Iterator[str]:
    blueprint, actor = seen.crm.blueprint, seen.actor
    role = blueprint.roles.get(actor.role)
    desks = [d.name for d in blueprint.dashboards.values() if actor.role in d.roles]
    has_a_day = has_day(seen.crm.reads, actor)
    if role is not None and role.home is not None:
        yield from _said_home(seen, role.home, desks)
    if has_a_day and works_alone(seen.crm.reads, actor):
        yield "/today"
    yield from (f"/dashboards/{name}" for name in desks)
    if has_a_day:
        yield "/today"
    yield from (f"/{entity.name}" for entity in in_menu(seen))


def _said_home(seen: Screen, home: str, desks: list[str]) -> Iterator[str]:
    if home == "today" and has_day(seen.crm.reads, seen.actor):
        yield "/today"
    elif home in desks:
        yield f"/dashboards/{home}"
    elif seen.sight.may_open(seen.actor, home):
        yield f"/{home}"


def show(ask: Ask) -> Response:
    seen = screen(ask)
    desk = seen.crm.blueprint.dashboards.get(ask.path["name"])
    if desk is None or seen.actor.role not in desk.roles:
        raise NotFound(NOT_FOUND)
    tiles = [tile for tile in (_tile(seen, t) for t in desk.tiles.values()) if tile]
    body = seen.render("desk.html", desk=desk, tiles=tiles, reports=_reports(seen, desk), today=_today(seen))
    return seen.page(desk.label, body, f"dashboards/{desk.name}")


def report(ask: Ask) -> Response:
    seen = screen(ask)
    found = seen.crm.blueprint.reports.get(ask.path["name"])
    if found is None or not _may(seen, found):
        raise NotFound(NOT_FOUND)
    chart = _chart(seen, found, MOST_ROWS * 10)
    return seen.page(found.label, seen.render("report.html", chart=chart), f"reports/{found.name}")


# ---- tiles


def _tile(seen: Screen, tile: Tile) -> dict[str, Any] | None:
    """None where the role may not read what the tile speaks of."""
    try:
        number = _number(seen, tile)
    except CrmError:
        return None
    place = place_of(seen.crm.blueprint, tile.entity, tile.when, seen.formats)
    return {"label": tile.label, "number": number, "place": place, "hue": tile.hue}


def _number(seen: Screen, tile: Tile) -> Html | str:
    if tile.measure.take == "count":
        return counted(
            seen.crm.reads.count(seen.actor, Query(tile.entity, where=tile.when), COUNTED), COUNTED
        )
    summary = seen.crm.reads.aggregate(seen.actor, tile.entity, tile.when, (), {"it": tile.measure})
    return _measured(seen, tile.entity, tile.measure.field, summary.total)


def _measured(seen: Screen, entity: str, name: str | None, value: Any) -> Html | str:
    if name is None:
        return f"{value:,}"
    field = effective(seen.crm.blueprint.entities[entity].fields[name])
    values = value if isinstance(value, tuple) else (value,)
    return (
        join(", ".join(field_type(field.type).show(field, v, seen.formats) for v in values if v is not None))
        or NIL
    )


# ---- reports


@dataclass(frozen=True, slots=True)
class Line:
    cells: tuple[Html, ...]  # of the groups
    numbers: tuple[Html | str, ...]
    size: float  # of the first measure, for the bar
    place: str | None
    hue: str | None


@dataclass(frozen=True, slots=True)
class Chart:
    report: Report
    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    most: float
    more: bool
    is_bar: bool


def _reports(seen: Screen, desk: Dashboard) -> list[Chart]:
    named = [seen.crm.blueprint.reports[name] for name in desk.reports]
    return [chart for chart in (_chart(seen, r, MOST_ROWS) for r in named if _may(seen, r)) if chart]


def _may(seen: Screen, report: Report) -> bool:
    return (report.roles is None or seen.actor.role in report.roles) and seen.sight.may_open(
        seen.actor, report.entity
    )


def _chart(seen: Screen, report: Report, most_rows: int) -> Chart | None:
    try:
        summary = seen.crm.reads.aggregate(
            seen.actor, report.entity, report.when, report.group_by, report.measures
        )
    except (BadRequest, NotFound):
        return None  # it speaks of a field that this role does not see
    lines = tuple(_line(seen, report, summary, row) for row in summary.rows[:most_rows])
    heads = (*(g.field.label for g in summary.groups), *(m.label for m in report.measures.values()))
    most = max((line.size for line in lines), default=0)
    is_bar = report.chart == "bar" and len(summary.groups) == 1
    return Chart(report, heads, lines, most, len(summary.rows) > most_rows, is_bar)


def _line(seen: Screen, report: Report, summary: Summary, row: tuple[Any, ...]) -> Line:
    count = len(summary.groups)
    cells = tuple(_cell(seen, g, v) for g, v in zip(summary.groups, row, strict=False))
    measures = tuple(report.measures.values())
    numbers = tuple(
        _measured(seen, report.entity, m.field if m.take != "count" else None, v)
        for m, v in zip(measures, row[count:], strict=True)
    )
    hue = _hue(summary.groups[0], row[0]) if summary.groups else None
    return Line(cells, numbers, _size(row[count]), _place(seen, report, summary.groups, row), hue)


def _cell(seen: Screen, group: Group, value: Any) -> Html:
    if value is None:
        return tag("span", "Not said", class_="faint")
    if group.bucket == "hour":
        return join(f"{value:%H}:00, {_day(seen, value.date())}")
    if group.bucket == "month":
        return join(f"{value:%Y-%m}")
    if group.bucket in ("year", "financial_year"):
        return join(f"{value:%Y}" if group.bucket == "year" else f"{value:%Y}-{value.year % 100 + 1:02}")
    if group.bucket:
        return join(_day(seen, value))
    return shown(effective(group.field), value, seen.formats)


def _day(seen: Screen, day: Any) -> str:
    from engine.web.render_moments import DAY

    return field_type("date").show(DAY, day, seen.formats)


def _hue(group: Group, value: Any) -> str | None:
    choices = group.field.options.get("stages") or group.field.options.get("choices") or ()
    return next((c.hue for c in choices if c.value == value), None)


def _place(seen: Screen, report: Report, groups: tuple[Group, ...], row: tuple[Any, ...]) -> str | None:
    """The list of the records that a line counts."""
    if any(g.bucket for g in groups) or len(groups) != 1:
        return None
    value = row[0].id if isinstance(row[0], Ref) else row[0]
    name = groups[0].field.name
    test = Test(name, "empty", True) if value is None else Test(name, "is", value)
    parts = report.when.parts if isinstance(report.when, AllOf) else (report.when,)
    return place_of(seen.crm.blueprint, report.entity, AllOf((*parts, test)), seen.formats)


def _size(value: Any) -> float:
    amount = getattr(value, "amount", value)
    return float(amount) if isinstance(amount, (int, float)) or hasattr(amount, "as_tuple") else 0.0


# ---- words


def _today(seen: Screen) -> str:
    return _day(seen, seen.ask.now.astimezone(seen.formats.zoneinfo).date())


def _administrators(seen: Screen) -> str:
    roles: Mapping[str, Any] = seen.crm.blueprint.roles
    return listed([role.label for role in roles.values() if role.administers])
