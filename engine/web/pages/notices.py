"""What one was told: newest first, each with the way to what it is about."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from secrets import token_hex
from typing import Any

import orjson
from starlette.responses import RedirectResponse, Response, StreamingResponse

from engine.actor import Actor
from engine.blueprint.entities import Field
from engine.errors import BadRequest, NotFound
from engine.markup import Html
from engine.parts import field_type
from engine.parts.links import initials
from engine.parts.moments import DAY, moment_writer
from engine.records.keys import milliseconds
from engine.records.notices import Notice
from engine.records.presence import Tab, others
from engine.records.sight import NOT_FOUND
from engine.rules.walls import wall
from engine.runtime import Crm
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.news import END, NOTICE, PRESENCE, Heard
from engine.web.pages.calendars import open_hours
from engine.web.pages.ids import asked_id, record_id
from engine.web.render import HUES, address, shown
from engine.words import said

MOMENT = Field("at", "datetime", "When")
MOST = 50
SNOOZES = {"10m": 10, "1h": 60}  # minutes
MORNING = time(9)
MOST_NEWS = 5  # told at once; more are in the inbox


def show(ask: Ask) -> Response:
    seen = screen(ask)
    from_id = asked_id(ask)
    found = seen.crm.notices.latest(seen.actor, MOST + 1, from_id)
    older = address("/notices", {"before": str(found[MOST - 1].id)}) if len(found) > MOST else None
    unread = any(not notice.read for notice in found)
    body = seen.render(
        "notices.html",
        notices=[_told(seen, n) for n in found[:MOST]],
        older=older,
        unread=unread,
        proof=proof(ask),
    )
    return seen.page(said("Notices"), body, "notices")


def news(ask: Ask) -> Response:
    """What was told since the notice `after`, as JSON; to a browser that listens, as often as there is something.

    `at=lead/12` says at which record the tab is, `edits=1` that somebody edits it there, `age=850` how many milliseconds
    ago its page was drawn."""
    actor, crm = ask.who(), ask.crm
    after = asked_id(ask, "after")
    if "text/event-stream" not in ask.request.headers.get("accept", ""):
        return Response(orjson.dumps(_news(crm, actor, after)), media_type="application/json")
    newsroom = ask.request.app.state.newsroom
    if not newsroom.has_room(actor.user):
        return Response(status_code=204)  # which tells a browser not to come again
    tab = _tab(ask)
    stream = _stream(crm, actor, after, newsroom.wakes(actor.user, tab, _age(ask)), tab)
    return StreamingResponse(stream, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


def _tab(ask: Ask) -> Tab | None:
    """Where this tab is, when that is a record that its reader may read."""
    entity, _, text = ask.request.query_params.get("at", "").partition("/")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    if not ask.crm.reads.allowed(ask.who(), "read", entity, int(text)):
        return None
    return Tab(token_hex(12), ask.who().user, entity, int(text), ask.request.query_params.get("edits") == "1")


def _age(ask: Ask) -> float:
    """Seconds; nothing where it is not said."""
    text = ask.request.query_params.get("age", "")
    return int(text) / 1000 if text.isascii() and text.isdigit() and len(text) < 9 else 0.0


async def _stream(
    crm: Crm, actor: Actor, after: int | None, wakes: AsyncIterator[Heard], tab: Tab | None
) -> AsyncIterator[bytes]:
    yield b"retry: 2000\n\n"
    async for heard in wakes:
        if not heard:
            yield b": alive\n\n"
        if changed := sorted(name for name in heard if crm.reads.sight.may_open(actor, name)):
            yield f"event: changed\ndata: {' '.join(changed)}\n\n".encode()
        if END in heard:
            yield b"event: end\ndata: \n\n"
        if PRESENCE in heard and tab is not None:
            yield b"event: presence\ndata: \n\n"
        if NOTICE in heard:
            told = await asyncio.to_thread(_news, crm, actor, after)
            after = int(told["last"])
            yield b"data: " + orjson.dumps(told) + b"\n\n"


def who_is_here(ask: Ask) -> Response:
    """Who else is at the record, as a piece of its page."""
    seen = screen(ask)
    found = others(seen.crm.reads, seen.actor, seen.entity().name, record_id(ask), milliseconds(ask.now))
    people = [(one, HUES[one.id % len(HUES)], initials(one.name)) for one in found]
    return seen.piece(seen.render("presence.html", people=people))


def _news(crm: Crm, actor: Actor, after: int | None) -> dict[str, Any]:
    """Nobody who says nothing of `after` is told of old ones."""
    found = crm.notices.latest(actor, MOST_NEWS)
    last = found[0].id if found else 0
    fresh = [n for n in found if after is not None and n.id > after and not n.read]
    items = [{"text": n.text, "href": f"/notices/{n.id}"} for n in reversed(fresh)]
    return {"unread": crm.notices.unread(actor), "last": str(max(last, after or 0)), "items": items}


def open_one(ask: Ask) -> Response:
    """To what it is about; it is read now."""
    seen = screen(ask)
    notice = seen.crm.notices.one(seen.actor, record_id(ask))
    if notice is None:
        raise NotFound(NOT_FOUND)
    seen.crm.notices.mark_read(seen.actor, milliseconds(ask.now), notice.id)
    return RedirectResponse(f"/{notice.entity}/{notice.record}" if notice.record else "/notices", 303)


def snooze(ask: Ask) -> Response:
    """Not now: it comes back in so many minutes, or tomorrow when the day begins."""
    seen = screen(ask)
    until = _until(seen)
    if not seen.crm.notices.snooze(seen.actor, record_id(ask), milliseconds(until), milliseconds(ask.now)):
        raise NotFound(NOT_FOUND)
    return go(ask, "/notices", seen.say("It comes back {time}.", time=moment_writer(seen.formats)(milliseconds(until))))


def _until(seen: Screen) -> datetime:
    """Raises BadRequest for what is not offered."""
    given = seen.ask.form.get("for") if seen.ask.form is not None else None
    if given in SNOOZES:
        return seen.ask.now + timedelta(minutes=SNOOZES[str(given)])
    if given != "tomorrow":
        raise BadRequest(said("Choose for how long."))
    zone = seen.formats.zoneinfo
    tomorrow = seen.ask.now.astimezone(zone).date() + DAY
    return next((start for start, _ in open_hours(seen).spans(tomorrow)), wall(datetime.combine(tomorrow, MORNING), zone))


def mark_all(ask: Ask) -> Response:
    ask.crm.notices.mark_read(ask.who(), milliseconds(ask.now))
    return go(ask, "/notices")


def _told(seen: Screen, notice: Notice) -> dict[str, Any]:
    entity = seen.crm.blueprint.entities.get(notice.entity or "")
    why = f"/notices/{notice.id}/why"
    return {"notice": notice, "icon": entity.icon if entity else "bell", "at": _moment(seen, notice.at), "why": why}


def _moment(seen: Screen, at: int) -> Html:
    return shown(MOMENT, field_type("datetime").load(MOMENT, (at,)), seen.formats)
