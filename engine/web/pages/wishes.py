"""How one wants to be told: over which channels, what not at all, when not to be disturbed, what as one mail a day."""

from __future__ import annotations

from datetime import time
from typing import Any

from starlette.responses import Response

from engine.blueprint.notifications import Notification
from engine.errors import Complaint, Invalid
from engine.markup import Html
from engine.parts.registry import channel as channel_kind
from engine.records.deliveries import channel_of
from engine.records.keys import milliseconds
from engine.records.wishes import Wishes, keep, wishes_of
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.signs import text_of
from engine.words import said


def section(seen: Screen, complaints: tuple[Complaint, ...] = ()) -> Html:
    """The part of one's account; what was typed before an error is shown again."""
    with seen.crm.database.reading() as connection:
        wishes = wishes_of(connection, seen.actor.user)
    typed = seen.ask.form if complaints else None
    wrong = {complaint.field: complaint.message for complaint in complaints}
    return seen.render(
        "wishes.html", channels=_channels(seen, wishes), notifications=_notifications(seen, wishes), wrong=wrong,
        times={name: _typed(typed, name, at) for name, at in _times(wishes).items()}, proof=proof(seen.ask),
    )  # fmt: skip


def change(ask: Ask) -> Response:
    seen = screen(ask)
    try:
        wishes = _read(seen)
    except Invalid as error:
        from engine.web.pages.account import page

        return page(seen, wishes=section(seen, error.complaints), status=error.status)
    with ask.crm.database.writing() as connection:
        keep(connection, seen.actor.user, wishes, milliseconds(ask.now))
    return go(ask, "/me#messages", said("Saved."))


# ---- what there is to choose


def _channels(seen: Screen, wishes: Wishes) -> list[dict[str, Any]]:
    """Those that go out to people."""
    names = dict.fromkeys(name for one in _mine(seen) for name in one.through)
    found = [channel for name in names if (channel := channel_of(seen.crm.blueprint, name)) is not None]
    kept = [one for one in found if channel_kind(one.kind).reaches(one.settings) not in ("person", "nobody")]
    return [{"name": one.name, "label": one.label, "on": one.name not in wishes.off} for one in kept]


def _notifications(seen: Screen, wishes: Wishes) -> list[dict[str, Any]]:
    entities = seen.crm.blueprint.entities
    return [
        {"name": one.name, "label": one.label, "on": one.name not in wishes.muted,
         "about": entities[one.entity].plural if one.entity else ""}
        for one in _mine(seen)
    ]  # fmt: skip


def _mine(seen: Screen) -> list[Notification]:
    """Those that this person may come to hear."""
    return [one for one in seen.crm.blueprint.notifications.values() if _may_hear(seen, one)]


def _may_hear(seen: Screen, notification: Notification) -> bool:
    if notification.entity is not None and not seen.sight.may_open(seen.actor, notification.entity):
        return False
    channels = [channel_of(seen.crm.blueprint, name) for name in notification.through]
    if all(one is None or channel_kind(one.kind).reaches(one.settings) == "nobody" for one in channels):
        return False
    return any(_is_mine(seen, to) for to in notification.to)


def _is_mine(seen: Screen, to: str) -> bool:
    kind, _, name = to.partition(":")
    if kind == "role":
        return name == seen.actor.role
    if kind != "person":
        return to != "client"
    with seen.crm.database.reading() as connection:
        found = seen.crm.accounts.people.by_email(connection, name)
    return found is not None and found.id == seen.actor.user


# ---- what was chosen


def _read(seen: Screen) -> Wishes:
    channels, notifications = _channels(seen, Wishes()), _notifications(seen, Wishes())
    off = frozenset(one["name"] for one in channels if not text_of(seen.ask, f"by-{one['name']}"))
    muted = frozenset(one["name"] for one in notifications if not text_of(seen.ask, f"hear-{one['name']}"))
    complaints: list[Complaint] = []
    start, end, digest = (_time(seen.ask, name, complaints) for name in ("quiet-from", "quiet-to", "digest"))
    if (start is None) != (end is None) and not complaints:
        complaints.append(Complaint("quiet-to", said("Quiet hours have a beginning and an end. Fill in both, or none.")))
    if start is not None and start == end:
        complaints.append(Complaint("quiet-to", said("Quiet hours end at another time than they begin.")))
    if complaints:
        raise Invalid(complaints)
    return Wishes(off, muted, (start, end) if start is not None and end is not None else None, digest)


def _time(ask: Ask, name: str, complaints: list[Complaint]) -> time | None:
    text = text_of(ask, name)
    if not text:
        return None
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        complaints.append(Complaint(name, said(
            '"{text}" is not a time of day. Write for example 21:00.', text=text[:20]
        )))
        return None


def _times(wishes: Wishes) -> dict[str, time | None]:
    start, end = wishes.quiet or (None, None)
    return {"quiet-from": start, "quiet-to": end, "digest": wishes.digest}


def _typed(form: Any, name: str, at: time | None) -> str:
    if form is not None:
        return str(form.get(name) or "")
    return at.strftime("%H:%M") if at else ""


__all__ = ["change", "section"]
