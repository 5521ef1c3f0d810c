"""One event of the calendar: the dialog in which it is moved by typing, and the move that a drag makes.

A drag and the dialog are the same Update through the write door, with the version that was on the screen.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.responses import RedirectResponse, Response

from engine.blueprint.entities import Field, busy_by
from engine.errors import BadRequest, Complaint, Conflict, CrmError, Invalid, NotFound, Refused
from engine.records.calendar import Event, Kind, kind_of, kinds_of, one_event, place_text
from engine.records.commands import Outcome, Update
from engine.records.read import Record
from engine.records.reminders import CHOICES, moment_of, want, wanted
from engine.records.sight import NOT_FOUND
from engine.rules.days import MINUTES, moved
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.calendars import makes
from engine.web.pages.ids import record_id, version_of
from engine.web.pages.signs import text_of
from engine.web.pages.undo import done, way_back
from engine.web.render_calendar import text_of as day_text, when
from engine.web.render_forms import Sheet, posted, typed
from engine.web.security import local_place
from engine.words import said as sentence

SHORTEST, LONGEST = 5, 31 * MINUTES  # minutes that something can be dragged to


def show(ask: Ask) -> Response:
    """The event with the fields that say when, where and with whom it is."""
    seen = screen(ask)
    kind, record = _found(seen)
    return _page(seen, kind, record, _texts(seen, kind, record), record.version)


def change(ask: Ask) -> Response:
    seen = screen(ask)
    kind, record = _found(seen)
    texts = posted(seen, _fields(seen, kind))
    _remember(seen, kind, record)
    if not texts:
        return go(ask, _back(ask), seen.say("Saved."))
    try:
        outcome = _update(seen, kind, record.id, version_of(ask), texts)
    except (Invalid, Refused, Conflict) as error:
        complaints = error.complaints if isinstance(error, Invalid) else (Complaint(None, error.message),)
        again = {**_texts(seen, kind, record), **texts}
        return _page(seen, kind, record, again, record.version, complaints, error.status)
    return go(ask, _back(ask), seen.say("Saved."), way_back(seen, outcome))


def drag(ask: Ask) -> Response:
    """What a drag says, as the script sends it: the day, the minute of it, the length. Answers in JSON."""
    seen = screen(ask)
    try:
        kind, record = _found(seen)
        event = one_event(seen.crm.reads, seen.actor, kind, record.id)
        if event is None:
            raise BadRequest(sentence("This has no date any more."))
        outcome = _update(seen, kind, record.id, version_of(ask), _dragged(seen, event, record))
    except CrmError as error:
        told = [error.message, *(c.message for c in error.complaints)]
        return _json({"refused": " ".join(dict.fromkeys(map(seen.words.tell, told)))}, error.status)
    now = one_event(seen.crm.reads, seen.actor, kind, record.id)
    said = _moved(seen, now) if now else seen.say("Saved.")
    back = way_back(seen, outcome)
    toast = seen.render("toast.html", text=said, undo=back, proof=proof(ask) if back else "", stay=_stay(seen))
    return _json({"said": said, "toast": str(toast), "undo": back[0] if back else None})


def new(ask: Ask) -> Response:
    """On a day, or at a moment of it: which kind of event is to be made. With one kind it leads to its form at once."""
    seen = screen(ask)
    kinds = makes(seen, kinds_of(seen.crm.reads, seen.actor))
    if not kinds:
        raise Refused(sentence("Your role does not let you add anything to a calendar."))
    on = _day(ask.request.query_params.get("on", "")) or ask.now.astimezone(seen.formats.zoneinfo).date()
    at = ask.request.query_params.get("at", "")
    ways = [(kind, new_address(kind, on, at, _back(ask))) for kind in kinds]
    if len(ways) == 1:
        return RedirectResponse(ways[0][1], 303)
    heading = day_text(seen.formats, "EEEEMMMMd", on)
    return seen.page(heading, seen.render("calendar_new.html", ways=ways, heading=heading, back=_back(ask)), "calendar")


def new_address(kind: Kind, on: date, at: str, back: str) -> str:
    """The form of a new one with its time filled in; without a time, at nine."""
    text = on.isoformat() if kind.is_dated else f"{on.isoformat()}T{at if _minute(at) is not None else '09:00'}"
    return f"/{kind.name}/new?{urlencode({kind.at.name: text, 'back': back})}"


# ---- what is moved


def _update(seen: Screen, kind: Kind, id: int, version: int, values: dict[str, Any]) -> Outcome:
    return done(seen, Update(kind.name, id, version, values))


def _stay(seen: Screen) -> int:
    """Seconds in which it can be taken back."""
    return seen.crm.blueprint.manifest.undo


def _dragged(seen: Screen, event: Event, record: Record) -> dict[str, Any]:
    """Raises BadRequest for what no drag can say."""
    day, length = _day(text_of(seen.ask, "day")), text_of(seen.ask, "length")
    if day is None:
        raise BadRequest(sentence("A day is missing. Write year-month-day."))
    values = _when(seen, event, day, _minute(text_of(seen.ask, "time")))
    if length:
        values.update(_length(event, values, length))
    return {**values, **_column(seen, event, record)}


def _when(seen: Screen, event: Event, day: date, minute: int | None) -> dict[str, Any]:
    kind, zone = event.kind, seen.formats.zoneinfo
    ends = kind.activity.ends if kind.activity is not None else None
    if not isinstance(event.starts, datetime):
        shifted = {kind.at.name: day.isoformat()}
        if ends and event.ends is not None:
            shifted[ends] = (day + (event.ends - event.starts)).isoformat()  # type: ignore[operator]
        return shifted
    starts = moved(event.starts, day, minute, zone)
    values = {kind.at.name: _text(starts)}
    if ends and isinstance(event.ends, datetime):
        values[ends] = _text(starts + (event.ends - event.starts))
    return values


def _length(event: Event, values: dict[str, Any], length: str) -> dict[str, Any]:
    minutes = int(length) if length.isascii() and length.isdigit() and len(length) < 6 else 0
    activity = event.kind.activity
    if activity is None or not SHORTEST <= minutes <= LONGEST:
        raise BadRequest(sentence('"{length}" is not a number of minutes that something can last.', length=length[:20]))
    if activity.ends is not None:
        starts = datetime.fromisoformat(values[event.kind.at.name])
        return {activity.ends: _text(starts + timedelta(minutes=minutes))}
    if activity.length is None:
        raise BadRequest(sentence("This has no length."))
    return {activity.length: minutes * 60}


def _column(seen: Screen, event: Event, record: Record) -> dict[str, Any]:
    """Into another person's or room's column."""
    values: dict[str, Any] = {}
    person, place = text_of(seen.ask, "person"), text_of(seen.ask, "place")
    if person and event.owner is not None and person != str(event.owner.id):
        values["owner"] = person
    name = event.kind.activity.place if event.kind.activity is not None else None
    if place and name and place != place_text(event.place):
        field = event.kind.entity.fields[name]
        if field.type == "reference":
            raise BadRequest(sentence("Choose the room in the form."))
        values[name] = place
    return values


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1000 <= day.year <= 9990 else None


def _minute(text: str) -> int | None:
    hour, colon, minute = text.partition(":")
    good = colon and all(part.isascii() and part.isdigit() and len(part) == 2 for part in (hour, minute))
    return int(hour) * 60 + int(minute) if good and int(hour) < 24 and int(minute) < 60 else None


def _moved(seen: Screen, event: Event) -> str:
    if not isinstance(event.starts, datetime):
        return seen.say("Moved to {day}.", day=day_text(seen.formats, "EEEEMMMMd", event.starts))
    day = event.starts.astimezone(seen.formats.zoneinfo).date()
    return seen.say("Moved to {day}, {time}.", day=day_text(seen.formats, "EEEEMMMMd", day), time=when(seen.formats, event))


def _json(told: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(told), status, media_type="application/json")


# ---- the dialog


def _found(seen: Screen) -> tuple[Kind, Record]:
    """Raises NotFound for a record that one may not see, or that cannot stand in a calendar."""
    entity = seen.entity()
    kind = kind_of(seen.crm.reads, seen.actor, entity)
    if kind is None:
        raise NotFound(NOT_FOUND)
    return kind, seen.crm.reads.record(seen.actor, entity.name, record_id(seen.ask))


def _fields(seen: Screen, kind: Kind) -> tuple[Field, ...]:
    """Those of when, how long, where, with whom and whose that the actor may write, in this order."""
    activity, writable = kind.activity, seen.crm.writes.writable(seen.actor, kind.name)
    names = [kind.at.name]
    if activity is not None:
        names += [name for name in (activity.length, activity.ends, activity.place, activity.people) if name]
    if kind.entity.owned:
        names.append("owner")
    return tuple(kind.entity.fields[name] for name in dict.fromkeys(names) if name in writable)


def _texts(seen: Screen, kind: Kind, record: Record) -> dict[str, Any]:
    return typed(seen, _fields(seen, kind), record.values)


def _page(
    seen: Screen, kind: Kind, record: Record, texts: dict[str, Any], version: int,
    complaints: tuple[Complaint, ...] = (), status: int = 200,
) -> Response:  # fmt: skip
    event = one_event(seen.crm.reads, seen.actor, kind, record.id)
    changeable = seen.crm.writes.may(seen.actor, kind.name, record.id, "update")
    fields = _fields(seen, kind) if changeable else ()
    sheet = Sheet(seen, kind.entity, fields, texts, record.values, complaints)
    body = seen.render(
        "calendar_event.html", kind=kind, record=record, event=event, sheet=sheet, proof=proof(seen.ask), version=version,
        back=_back(seen.ask), told=_told(seen, event), changeable=bool(fields),
        place=place_text(event.place) if event else "", reminders=_reminders(seen, kind, record),
        asks=" ".join(name for name in busy_by(kind.entity) if fields),
    )  # fmt: skip
    return seen.page(record.title, body, "calendar", status)


def _remember(seen: Screen, kind: Kind, record: Record) -> None:
    """Of what one wants to be reminded is nobody else's affair: it needs no right to change the record."""
    form = seen.ask.form
    if form is None or "remind" not in form or moment_of(kind.entity) != kind.at.name:
        return
    choices = {str(minutes): minutes for minutes in CHOICES}
    want(seen.crm.database, seen.actor, kind.name, record.id, choices.get(text_of(seen.ask, "remind")), seen.ask.now)


def _reminders(seen: Screen, kind: Kind, record: Record) -> list[tuple[str, str, bool]]:
    """What is offered, and whether it is chosen; nothing for whole days."""
    if moment_of(kind.entity) != kind.at.name:
        return []
    with seen.crm.database.reading() as lent:
        now = wanted(lent, seen.actor, kind.name, record.id)
    offered = [("", seen.say("Do not remind me"), now is None)]
    return offered + [(str(minutes), _before(seen, minutes), minutes == now) for minutes in CHOICES]


def _before(seen: Screen, minutes: int) -> str:
    if minutes == 0:
        return seen.say("When it begins")
    if minutes % 1440 == 0:
        return seen.say_n("{n} day before", "{n} days before", minutes // 1440)
    if minutes % 60 == 0:
        return seen.say_n("{n} hour before", "{n} hours before", minutes // 60)
    return seen.say_n("{n} minute before", "{n} minutes before", minutes)


def _told(seen: Screen, event: Event | None) -> str:
    """When it is, in words."""
    if event is None:
        return ""
    if not isinstance(event.starts, datetime):
        last: Any = event.ends or event.starts
        days = dict.fromkeys(day_text(seen.formats, "yMMMMEEEEd", day) for day in (event.starts, last))
        return " – ".join(days)
    day = event.starts.astimezone(seen.formats.zoneinfo).date()
    return f"{day_text(seen.formats, 'yMMMMEEEEd', day)}, {when(seen.formats, event)}"


def _back(ask: Ask) -> str:
    given = ask.request.query_params.get("back") or (ask.form.get("back") if ask.form is not None else None)
    return local_place(given if isinstance(given, str) else None, "/calendar")


__all__ = ["change", "drag", "new", "new_address", "show"]
