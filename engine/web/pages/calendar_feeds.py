"""/calendar/feed/TOKEN.ics: one's calendar for the programs of others; made and taken back on one's own account.

Whoever has the address reads what its person may read at that time, thirty days back and half a year ahead, and nothing
else. An address that was taken back and one that never was answer alike.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from zoneinfo import ZoneInfo

from starlette.responses import Response

from engine.actor import Actor
from engine.api.budget import Budget
from engine.blueprint.entities import Field
from engine.errors import Invalid, NotFound
from engine.markup import Html
from engine.parts import field_type
from engine.parts.feeds import Entry, feed
from engine.parts.moments import EPOCH
from engine.records.calendar import Event, Wanted, events, kinds_of, place_text
from engine.records.feeds import Feeds
from engine.rules.days import Days
from engine.runtime import Crm
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.ids import record_id
from engine.web.pages.signs import text_of
from engine.web.public import gate
from engine.web.render import shown
from engine.words import said

BEFORE, AHEAD = timedelta(days=30), timedelta(days=180)
MOST, WITHIN = 300, 600  # requests from one network in so many seconds
A_MINUTE = 20  # requests for one address
SUFFIX = ".ics"
MOMENT = Field("at", "datetime", "When")
NOTHING = said("There is no such calendar.")


def show(ask: Ask) -> Response:
    """Raises NotFound, TooMany."""
    gate(ask, "feeds", MOST, WITHIN)
    token = ask.path["key"].removesuffix(SUFFIX)
    actor = Feeds(ask.crm.blueprint, ask.crm.database).actor(token, ask.now)
    if actor is None:
        raise NotFound(NOTHING)
    _budget(ask).spend(token, ask.now.timestamp())
    body = _text(ask, actor)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Referrer-Policy": "no-referrer"}
    if tag in [one.strip().removeprefix("W/") for one in ask.request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="text/calendar; charset=utf-8")


def _budget(ask: Ask) -> Budget:
    state = ask.request.app.state
    if not hasattr(state, "feed_budget"):
        state.feed_budget = Budget(A_MINUTE)
    found: Budget = state.feed_budget
    return found


def _text(ask: Ask, actor: Actor) -> bytes:
    crm, zone = ask.crm, ZoneInfo(actor.zone)
    today = ask.now.astimezone(zone).date()
    days = Days("agenda", today, today - BEFORE, today + AHEAD)
    kinds = [kind for kind in kinds_of(crm.reads, actor) if kind.is_planned]
    found = events(crm.reads, actor, kinds, Wanted(days.first, days.last, *days.moments(zone), (actor.user,)))
    entries = [_entry(crm, event) for event in found.events]
    return feed(crm.blueprint.manifest.title, entries, zone, days.first, days.last, _domain(crm))


def _entry(crm: Crm, event: Event) -> Entry:
    about = event.about.title if event.about is not None and event.about.title else ""
    address = f"{crm.settings.address}/{event.kind.name}/{event.id}" if crm.settings.address else ""
    return Entry(
        f"{event.kind.name}-{event.id}", event.version, event.changed or EPOCH, _title(event), event.starts,
        event.ends, place_text(event.place), about, address, event.cancelled,
    )  # fmt: skip


def _title(event: Event) -> str:
    about = event.about.title if event.about is not None else None
    title = f"{event.title}, {about}" if about and about not in event.title else event.title
    return f"✓ {title}" if event.done and not event.cancelled else title


def _domain(crm: Crm) -> str:
    """As in the invitations that go out, so that a calendar that has both knows them as one."""
    host = crm.settings.address.partition("://")[2].partition("/")[0].partition(":")[0]
    return host or crm.blueprint.manifest.name


# ---- on one's own account


def section(seen: Screen, made: str | None = None, complaint: str | None = None) -> Html:
    """The addresses in force; `made` is the token of a new one, which is shown this once."""
    feeds = Feeds(seen.crm.blueprint, seen.crm.database).of(seen.actor)
    base = seen.crm.settings.address or str(seen.ask.request.base_url).rstrip("/")
    return seen.render(
        "calendar_feeds.html", proof=proof(seen.ask), complaint=complaint,
        made=f"{base}/calendar/feed/{made}{SUFFIX}" if made else None,
        feeds=[(one, _moment(seen, one.created_at), _moment(seen, one.used_at)) for one in feeds],
    )  # fmt: skip


def make(ask: Ask) -> Response:
    from engine.web.pages.account import page  # which shows the section

    seen = screen(ask)
    try:
        made = Feeds(ask.crm.blueprint, ask.crm.database).make(seen.actor, text_of(ask, "name"), ask.now)
    except Invalid as error:
        return page(seen, feeds=section(seen, complaint=error.complaints[0].message), status=error.status)
    return page(seen, feeds=section(seen, made))


def revoke(ask: Ask) -> Response:
    seen = screen(ask)
    Feeds(ask.crm.blueprint, ask.crm.database).revoke(seen.actor, record_id(ask), ask.now)
    return go(ask, "/me#feeds", seen.say("The address is taken back. Nobody reads your calendar by it any more."))


def _moment(seen: Screen, ms: int | None) -> Html:
    return shown(MOMENT, field_type("datetime").load(MOMENT, (ms,)), seen.formats)


__all__ = ["make", "revoke", "section", "show"]
