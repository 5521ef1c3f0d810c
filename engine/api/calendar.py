"""GET /api/v1/calendar?from=2026-11-22&to=2026-11-28&people=me: what stands in the calendar, as the screens show it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from engine.api.records import answer
from engine.blueprint.values import Ref
from engine.errors import BadRequest
from engine.parts.moments import DAY, start_of
from engine.records.calendar import Event, Wanted, events, kinds_of, place_text
from engine.serving import Ask

USUAL, LONGEST = 7, 366  # days
MOST_PEOPLE = 50


def calendar(ask: Ask) -> Response:
    """`from` and `to` are days in the caller's zone, both included; `people` are ids, `me` or `all`; `kinds` are entities.
    `more` names the kinds of which there are more than were read."""
    actor, given = ask.who(), ask.request.query_params
    zone = ZoneInfo(actor.zone)
    today = ask.now.astimezone(zone).date()
    first = _day(given.get("from"), "from") or today
    last = _day(given.get("to"), "to") or first + (USUAL - 1) * DAY
    if not 0 <= (last - first).days < LONGEST:
        raise BadRequest(f"Ask for 1 to {LONGEST} days: `to` is not before `from`.")
    names = [name for name in given.get("kinds", "").split(",") if name]
    kinds = [k for k in kinds_of(ask.crm.reads, actor) if (k.name in names if names else k.is_planned)]
    since, until = start_of(first, zone), start_of(last + DAY, zone)
    found = events(ask.crm.reads, actor, kinds, Wanted(first, last, since, until, _people(ask)))
    return answer({"items": [_item(event) for event in found.events], "more": [kind.name for kind in found.capped]})


def _day(text: str | None, name: str) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        raise BadRequest(f'`{name}` is not a day: "{text[:20]}". Write year-month-day.') from None
    if not 1000 <= day.year <= 9990:
        raise BadRequest(f"`{name}` is out of range.")
    return day


def _people(ask: Ask) -> tuple[int, ...] | None:
    words = [word for word in ask.request.query_params.get("people", "me").split(",") if word]
    if "all" in words:
        return None
    good = [w == "me" or (w.isascii() and w.isdigit() and len(w) < 20 and int(w) < 2**63) for w in words]
    if not all(good) or not 0 < len(words) <= MOST_PEOPLE:
        raise BadRequest(f"`people` are up to {MOST_PEOPLE} ids of users, `me` or `all`.")
    return tuple(ask.who().user if word == "me" else int(word) for word in words)


def _item(event: Event) -> dict[str, Any]:
    return {
        "entity": event.kind.name,
        "id": str(event.id),
        "version": event.version,
        "title": event.title,
        "starts": _json(event.starts),
        "ends": _json(event.ends),
        "all_day": event.is_dated,
        "done": event.done,
        "cancelled": event.cancelled,
        "about": _ref(event.about),
        "place": place_text(event.place) or None,
        "owner": _ref(event.owner),
        "people": [_ref(person) for person in event.people],
    }


def _json(value: datetime | date | None) -> str | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return None if value is None else value.isoformat()


def _ref(ref: Ref | None) -> dict[str, str | None] | None:
    return None if ref is None else {"entity": ref.entity, "id": str(ref.id), "title": ref.title}


__all__ = ["calendar"]
