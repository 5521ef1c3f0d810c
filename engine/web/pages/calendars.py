"""The calendar: everything that has a date or a moment, by month, week and day, and as an agenda.

All that it shows is in its address (calendar_state.py). It works as links and forms; calendar.js makes events movable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from engine.blueprint.conditions import Condition
from engine.blueprint.entities import Entity
from engine.blueprint.values import Ref
from engine.errors import BadRequest, NotFound
from engine.markup import Html
from engine.parts.registry import view_kinds
from engine.records.boards import is_board_of
from engine.records.calendar import (
    Event,
    Found,
    Kind,
    Wanted,
    events,
    kind_of,
    kinds_of,
    people_of,
    place_text,
)
from engine.records.sight import NOT_FOUND
from engine.rules.days import Days, days_of, turned
from engine.rules.hours import OpenHours
from engine.serving import Ask
from engine.web.frame import Screen, screen
from engine.web.pages.calendar_state import ALL, SPANS, State, state_of
from engine.web.render import address, hidden
from engine.web.render_calendar import (
    Canvas,
    Column,
    agenda,
    column_of,
    columns,
    first_weekday,
    hour_labels,
    month,
    shown_hours,
    title_of,
    weekday_names,
)
from engine.web.render_filters import filters_of

MOST_PLACES = 8  # rooms side by side
NOBODYS = "–"


def show(ask: Ask) -> Response:
    """All kinds together."""
    seen = screen(ask)
    state = _state(seen, "/calendar", everybody=False)
    kinds = kinds_of(seen.crm.reads, seen.actor)
    chosen = [k for k in kinds if (k.is_planned if state.kinds is None else k.name in state.kinds)]
    return _page(seen, state, chosen, kinds, None, None)


def of_entity(ask: Ask) -> Response:
    """One entity's records, with the filters of its list."""
    seen = screen(ask)
    entity = seen.entity()
    state = _state(seen, f"/{entity.name}/calendar", everybody=True)
    kind = kind_of(seen.crm.reads, seen.actor, entity, state.at)
    if kind is None:
        raise NotFound(NOT_FOUND)
    try:
        query = seen.crm.reads.query(seen.actor, entity.name, [p for p in state.others if p[0] not in PLACE_OF_LIST])
    except BadRequest as error:
        body = seen.render("list_misread.html", entity=entity, complaints=error.complaints, message=error.message)
        return seen.page(entity.plural, body, entity.name, error.status)
    return _page(seen, state, [kind], (kind,), entity, query.where, query.search)


PLACE_OF_LIST = frozenset({"sort", "limit", "columns", "cursor", "group", "view"})


def _state(seen: Screen, path: str, *, everybody: bool) -> State:
    request = seen.ask.request
    today = seen.ask.now.astimezone(seen.formats.zoneinfo).date()
    usual = "agenda" if _is_telephone(request) else "week"
    pairs = request.query_params.multi_items()
    return state_of(path, pairs, today, seen.actor.user, usual, everybody=everybody)  # type: ignore[arg-type]


def _is_telephone(request: Request) -> bool:
    told = request.headers.get("sec-ch-ua-mobile")
    return told == "?1" if told else "Mobi" in request.headers.get("user-agent", "")


# ---- one page


@dataclass(frozen=True, slots=True)
class Look:
    """What a calendar's page is drawn from."""

    seen: Screen
    state: State
    days: Days
    kinds: Sequence[Kind]  # that are switched on
    every: Sequence[Kind]
    people: list[Ref]
    found: Found
    canvas: Canvas


def _page(
    seen: Screen, state: State, chosen: Sequence[Kind], every: Sequence[Kind], entity: Entity | None,
    where: Condition | None, search: str | None = None,
) -> Response:  # fmt: skip
    days = days_of(state.span, state.on, first_weekday(seen.formats))
    since, until = days.moments(seen.formats.zoneinfo)
    wanted = Wanted(days.first, days.last, since, until, state.whose or None, where, search)
    reads = seen.crm.reads
    with seen.crm.database.reading() as lent:
        people = people_of(reads, seen.actor, every, lent)
        found = events(reads, seen.actor, chosen, wanted, lent)
    look = Look(seen, state, days, chosen, every, people, found, _canvas(seen, state, days, chosen))
    title = entity.plural if entity is not None else seen.say("Calendar")
    body = _drawn(look, entity, title)
    return seen.page(f"{title}, {title_of(seen.formats, days)}", body, entity.name if entity else "calendar")


def _canvas(seen: Screen, state: State, days: Days, kinds: Sequence[Kind]) -> Canvas:
    back = urlencode({"back": state.address()})
    movable = frozenset(k.name for k in kinds if k.at.name in seen.crm.writes.writable(seen.actor, k.name))
    return Canvas(
        seen, days, state.today, open_hours(seen),
        open=lambda event: f"/calendar/{event.kind.name}/{event.id}?{back}",
        to_day=lambda day: state.address(span="day", on=day),
        add=lambda day: f"/calendar/new?{urlencode({'on': day.isoformat()})}&{back}",
        movable=movable, several=len(state.whose) != 1,
    )  # fmt: skip


def open_hours(seen: Screen) -> OpenHours:
    def make() -> OpenHours:
        from zoneinfo import ZoneInfo

        manifest = seen.crm.blueprint.manifest
        return OpenHours(manifest.hours, ZoneInfo(manifest.zone))

    found: OpenHours = seen.face.once(("open hours",), make)
    return found


def _drawn(look: Look, entity: Entity | None, title: str) -> Html:
    seen, state, days = look.seen, look.state, look.days
    return seen.render(
        "calendar.html", entity=entity, title=title, state=state, days=days, name=title_of(seen.formats, days),
        before=state.address(on=turned(days, -1)), after=state.address(on=turned(days, 1)), 
        now=state.address(on=state.today), zone_name=seen.formats.zone,
        spans=[(span, state.address(span=span)) for span in SPANS], kinds=_switches(look), people=_chosen_people(look),
        whose=_whose(look), bys=_bys(look), zone=_zone(look), capped=[k.entity.plural for k in look.found.capped],
        cap=seen.say("Only the first are shown: this is more than a calendar can hold."), view=_view(look),
        makes=makes(seen, look.every), back=state.address(), kept=hidden(state.without("whose")), all_word=ALL,
        hours_link=None if state.span in ("month", "agenda") else state.address(all_hours=not state.all_hours),
        plain=f"/{entity.name}" if entity else None, sieve=_sieve(seen, entity, state) if entity else None,
    )  # fmt: skip


def _sieve(seen: Screen, entity: Entity, state: State) -> dict[str, Any]:
    """The filters of the entity's list, for its calendar."""
    filters = filters_of(seen, entity, state.pairs(), state.path)
    chips = filters.chips() if state.others else []
    active = {chip.field.name: chip.field for chip in chips if chip.field is not None}
    return {
        "chips": chips, "active": [(f, filters.form(f)) for f in active.values()],
        "quick": [(f, filters.form(f)) for f in filters.quick() if f.name not in active and f.name != "owner"],
        "looks": _looks(seen, entity, state),
        "search": dict(state.others).get("q"), "kept": hidden(filters.without(["q"])), "bare": state.address(others=()),
    }  # fmt: skip


def _looks(seen: Screen, entity: Entity, state: State) -> list[tuple[str, str, str, bool]]:
    """The other ways to look at the same records, with the same filters."""
    readable = seen.sight.fields(seen.actor.role, entity.name)
    fit = (k for word, k in view_kinds().items() if k.suits(entity) and (word != "board" or is_board_of(entity, readable)))
    return [
        (seen.say(k.label), k.icon, address(f"/{entity.name}{k.place}", state.others), k.place == "/calendar") for k in fit
    ]


def _switches(look: Look) -> list[tuple[Kind, bool, str]]:
    """Each kind with the address in which it is turned round."""
    on = [kind.name for kind in look.kinds]
    found = []
    for kind in look.every:
        names = tuple(k.name for k in look.every if (k.name in on) != (k is kind))
        usual = names == tuple(k.name for k in look.every if k.is_planned)
        found.append((kind, kind.name in on, look.state.address(kinds=None if usual else names)))
    return found if len(look.every) > 1 else []


def _chosen_people(look: Look) -> list[tuple[Ref, bool]]:
    return [(person, person.id in look.state.whose) for person in look.people] if len(look.people) > 1 else []


def _whose(look: Look) -> str:
    state = look.state
    if not state.whose:
        return look.seen.say("Everybody")
    if state.is_mine:
        return look.seen.say("Mine")
    names = [p.title or "" for p in look.people if p.id in state.whose]
    return names[0] if len(names) == 1 else look.seen.say_n("{n} person", "{n} people", len(state.whose))


def _bys(look: Look) -> list[tuple[str, str, bool]]:
    """How a day may be arranged: by time alone, by people, by places."""
    if look.state.span != "day":
        return []
    found = [("day", look.seen.say("Together"))]
    if len(look.people) > 1:
        found.append(("people", look.seen.say("By person")))
    if any(kind.activity is not None and kind.activity.place for kind in look.kinds):
        found.append(("place", look.seen.say("By place")))
    return [(label, look.state.address(by=by), by == look.state.by) for by, label in found] if len(found) > 1 else []


def _zone(look: Look) -> str | None:
    """Told when the reader's clocks are not the firm's."""
    mine, firm = look.seen.formats.zone, look.seen.crm.blueprint.manifest.zone
    now = look.seen.ask.now
    zones = (look.seen.formats.zoneinfo, open_hours(look.seen).zone)
    if mine == firm or len({now.astimezone(zone).utcoffset() for zone in zones}) == 1:
        return None
    names = {"mine": _city(mine), "firm": _city(firm)}
    return look.seen.say("Times are those of {mine}; the firm keeps those of {firm}.", **names)


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def makes(seen: Screen, kinds: Sequence[Kind]) -> list[Kind]:
    """What the actor may add on a day: what can be planned, with a field of time that is his to fill."""
    able = (k for k in kinds if k.is_planned and k.activity is not None and seen.crm.writes.can_create(seen.actor, k.name))
    return [k for k in able if k.at.name in seen.crm.writes.writable(seen.actor, k.name)]


# ---- the views


def _view(look: Look) -> Html:
    state = look.state
    if state.span == "month":
        return _month(look)
    if state.span == "agenda":
        days = agenda(look.canvas, look.found.events)
        return look.seen.render("calendar_agenda.html", days=days, empty=not look.found.events, seen=look.seen)
    return _grid(look)


def _month(look: Look) -> Html:
    formats = look.seen.formats
    weeks = month(look.canvas, look.found.events)
    wide, short = (weekday_names(formats, width) for width in ("wide", "abbreviated"))
    names = [(wide[day.weekday()], short[day.weekday()]) for day in (cell.day for cell in weeks[0])]
    return look.seen.render("calendar_month.html", weeks=weeks, names=names)


def _grid(look: Look) -> Html:
    first, last = shown_hours(look.canvas, look.found.events, list(look.days), look.state.all_hours)
    made = _columns(look, first, last)
    now = look.seen.ask.now.astimezone(look.seen.formats.zoneinfo)
    return look.seen.render(
        "calendar_grid.html", columns=made, first=first, last=last, hours=hour_labels(look.seen.formats, first, last),
        now=(now.hour, now.minute // 5 * 5) if first <= now.hour < last else None, by=look.state.by,
        whole=any(column.whole for column in made), state=look.state,
    )  # fmt: skip


def _columns(look: Look, first: int, last: int) -> list[Column]:
    if look.state.span == "day" and look.state.by == "people":
        return _by_people(look, first, last)
    if look.state.span == "day" and look.state.by == "place":
        return _by_place(look, first, last)
    return columns(look.canvas, look.found.events, first, last)


def _by_people(look: Look, first: int, last: int) -> list[Column]:
    """A column for each of the chosen; of everybody, for those who have something."""
    found, day = look.found.events, look.days.first
    chosen = [p for p in look.people if p.id in look.state.whose]
    if not look.state.whose:
        with_something = {id for event in found for id in _whose_is(event)}
        chosen = ([p for p in look.people if p.id in with_something] or look.people)[:12]
    canvas = replace(look.canvas, several=False, drawn={})
    return [
        column_of(canvas, day, [e for e in found if p.id in _whose_is(e)], first, last, name=p.title or "",
                  label=p.title or "", person=p)
        for p in chosen
    ]


def _whose_is(event: Event) -> set[int]:
    return {*([event.owner.id] if event.owner is not None else ()), *(p.id for p in event.people)}


def _by_place(look: Look, first: int, last: int) -> list[Column]:
    found, day = look.found.events, look.days.first
    names = sorted({place_text(event.place) for event in found})[: MOST_PLACES + 1]
    return [
        column_of(look.canvas, day, [e for e in found if place_text(e.place) == name], first, last,
                  name=name or NOBODYS, label=name or look.seen.say("Without a place"), where=name)
        for name in names or [""]
    ]


__all__ = ["makes", "of_entity", "open_hours", "show"]
