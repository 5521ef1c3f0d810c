"""Finding a time at which several people, and perhaps a room, are free; and what a form's time falls together with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from engine.blueprint.entities import Entity, busy_by
from engine.blueprint.values import Ref
from engine.errors import BadRequest
from engine.markup import Html, trusted
from engine.parts import field_type
from engine.parts.fields.contract import Unreadable
from engine.parts.moments import DAY
from engine.records.busy import Busy, busy, in_place
from engine.records.calendar import Kind, kind_of, kinds_of, people_of
from engine.records.database import Connection
from engine.rules.days import Days, days_of
from engine.rules.free import Taken, free_times
from engine.serving import Ask
from engine.web.frame import Screen, screen
from engine.web.pages.calendar_state import MOST_PEOPLE
from engine.web.pages.calendars import makes, open_hours
from engine.web.render_calendar import clock, text_of
from engine.web.security import local_place

LENGTHS = (15, 30, 45, 60, 90, 120, 180, 240)  # minutes
USUAL = 60
DAYS = 7  # that are looked through
MOST_A_DAY = 8
STEP = timedelta(minutes=30)
LONGEST_PLACE = 200


@dataclass(frozen=True, slots=True)
class Asked:
    people: tuple[int, ...]
    place: str
    minutes: int
    days: Days


def show(ask: Ask) -> Response:
    seen = screen(ask)
    asked = _asked(seen)
    kinds = kinds_of(seen.crm.reads, seen.actor)
    with seen.crm.database.reading() as lent:
        people = people_of(seen.crm.reads, seen.actor, kinds, lent)
        taken = _taken(seen, asked, lent)
    days = [(text_of(seen.formats, "EEEEMMMMd", day), _slots(seen, asked, day, taken)) for day in asked.days]
    able = [kind for kind in makes(seen, kinds) if kind.has_length]
    body = seen.render(
        "calendar_free.html", asked=asked, people=people, lengths=LENGTHS, back=_back(ask), span=_long,
        days=[(label, [(clock(seen.formats, at), _ways(seen, able, asked, at)) for at in slots]) for label, slots in days],
        places=any(kind.activity is not None and kind.activity.place for kind in able),
        unknown=_unknown(people, asked),
    )  # fmt: skip
    return seen.page(seen.say("Find a time"), body, "calendar")


def _asked(seen: Screen) -> Asked:
    """Raises BadRequest."""
    given = seen.ask.request.query_params
    words = [word for text in given.getlist("people") for word in text.split(",") if word]
    if not all(word.isascii() and word.isdigit() and len(word) < 20 and int(word) < 2**63 for word in words):
        raise BadRequest("Choose people from the list.")
    people = tuple(dict.fromkeys(int(word) for word in words)) or (seen.actor.user,)
    if len(people) > MOST_PEOPLE:
        raise BadRequest(f"A time for {len(people)} people cannot be looked for. Choose up to {MOST_PEOPLE}.")
    length = given.get("length", "")
    minutes = int(length) if length.isascii() and length.isdigit() and int(length[:6]) in LENGTHS else USUAL
    today = seen.ask.now.astimezone(seen.formats.zoneinfo).date()
    first = days_of("day", _day(given.get("from", "")) or today).first
    days = Days("agenda", first, first, first + (DAYS - 1) * DAY)
    return Asked(people, given.get("place", "").strip()[:LONGEST_PLACE], minutes, days)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _taken(seen: Screen, asked: Asked, lent: Connection) -> list[Taken]:
    reads, actor, days = seen.crm.reads, seen.actor, asked.days
    since, until = days.moments(seen.formats.zoneinfo)
    found = [one.span for one in busy(reads, actor, asked.people, since, until, days.first, days.last, lent)]
    if asked.place:
        found += in_place(reads, actor, asked.place, since, until, days.first, days.last, lent)
    return found


def _slots(seen: Screen, asked: Asked, day: date, taken: list[Taken]) -> list[datetime]:
    """In the firm's hours that begin on a day of the reader's, from now on."""
    zone, length = seen.formats.zoneinfo, timedelta(minutes=asked.minutes)
    spans = [s for n in (-1, 0, 1) for s in open_hours(seen).spans(day + n * DAY) if s[0].astimezone(zone).date() == day]
    return free_times(spans, taken, length, STEP, seen.ask.now, MOST_A_DAY)


def _ways(seen: Screen, kinds: Iterable[Kind], asked: Asked, at: datetime) -> list[tuple[str, str, str]]:
    """The forms of what may be made at that time: label, icon, address."""
    local = at.astimezone(seen.formats.zoneinfo).replace(tzinfo=None).isoformat(timespec="minutes")
    found = []
    for kind in kinds:
        activity = kind.activity
        assert activity is not None
        pairs = [(kind.at.name, local)]
        pairs += [(activity.length, f"{asked.minutes} min")] if activity.length else []
        others = [str(id) for id in asked.people if id != seen.actor.user]
        pairs += [(activity.people, id) for id in others] if activity.people else []
        field = kind.entity.fields.get(activity.place or "")
        pairs += [(field.name, asked.place)] if field is not None and field.type != "reference" and asked.place else []
        pairs.append(("back", _back(seen.ask)))
        found.append((kind.entity.label, kind.entity.icon, f"/{kind.name}/new?{urlencode(pairs)}"))
    return found


def _unknown(people: list[Ref], asked: Asked) -> bool:
    """Whether somebody was asked about of whom the actor may not know when they are busy."""
    known = {person.id for person in people}
    return any(id not in known for id in asked.people)


def _long(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours and rest else f"{hours} h" if hours else f"{rest} min"


def _back(ask: Ask) -> str:
    return local_place(ask.request.query_params.get("back"), "/calendar")


# ---- what a form's time falls together with


def clash(seen: Screen, entity: Entity, texts: Mapping[str, Any], id: int | None = None) -> Html:
    """For what is typed: who is busy at that time, with what where the actor may know it. Nothing for none."""
    found = clashes(seen, entity, texts, id)
    return seen.render("calendar_clash.html", lines=_lines(seen, found)) if found else trusted("")


def clashes(seen: Screen, entity: Entity, texts: Mapping[str, Any], id: int | None = None) -> list[Busy]:
    """The first few, by their beginnings; the record itself is none of them."""
    kind = kind_of(seen.crm.reads, seen.actor, entity)
    span = _span(seen, entity, texts) if kind is not None and busy_by(entity) else None
    if span is None:
        return []
    people = _people(seen, entity, texts)
    zone = seen.formats.zoneinfo
    first, last = (moment.astimezone(zone).date() for moment in span)
    with seen.crm.database.reading() as lent:
        found = busy(seen.crm.reads, seen.actor, people, *span, first, last, lent)
    own = f"{entity.name}-{id}"
    met = [b for b in found if b.starts < span[1] and span[0] < b.ends and (b.event is None or b.event.key != own)]
    return sorted(met, key=lambda one: one.starts)[:5]


def _span(seen: Screen, entity: Entity, texts: Mapping[str, Any]) -> Taken | None:
    activity = entity.activity
    assert activity is not None
    starts = _read(seen, entity, activity.at, texts)
    if not isinstance(starts, datetime):
        return None
    if activity.length:
        seconds = _read(seen, entity, activity.length, texts)
        return (starts, starts + timedelta(seconds=seconds)) if seconds else None
    ends = _read(seen, entity, activity.ends or "", texts)
    return (starts, ends) if isinstance(ends, datetime) and ends > starts else None


def _people(seen: Screen, entity: Entity, texts: Mapping[str, Any]) -> tuple[int, ...]:
    activity = entity.activity
    assert activity is not None
    ids = _read(seen, entity, activity.people or "", texts) or ()
    owner = _read(seen, entity, "owner", texts) if entity.owned else None
    first = int(getattr(owner, "id", owner) or seen.actor.user)
    return tuple(dict.fromkeys((first, *(int(id) for id in ids))))[:MOST_PEOPLE]


def _read(seen: Screen, entity: Entity, name: str, texts: Mapping[str, Any]) -> Any:
    field = entity.fields.get(name)
    if field is None or name not in texts:
        return None
    try:
        return field_type(field.type).read(field, texts[name], seen.crm.reads.reading(seen.actor))
    except Unreadable:
        return None


def _lines(seen: Screen, found: list[Busy]) -> list[tuple[str, str, str, str | None]]:
    """Who, when, what, and the way to it."""
    refs = [Ref("user", one.user) for one in found]
    names = seen.crm.reads.titles(seen.actor, refs)
    lines = []
    for one in found:
        what, place = (one.event.title, f"/{one.event.kind.name}/{one.event.id}") if one.event else ("", None)
        when = f"{clock(seen.formats, one.starts)} – {clock(seen.formats, one.ends)}"
        lines.append((names.get(("user", one.user), seen.say("Somebody")), when, what, place))
    return lines


__all__ = ["clash", "clashes", "show"]
