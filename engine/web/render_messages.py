"""Who was told what about a record: day by day, newest first, with the reason where nobody was."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from engine.markup import Html
from engine.records.database import Connection
from engine.records.ledger import Line, lines_of
from engine.records.read import Record
from engine.web.frame import Screen
from engine.web.render import address
from engine.web.render_timeline import day_named, moment

MESSAGES = "told"  # the word in the address: a set may call a list of its own messages
MOST = 50
ICONS = {"app": "bell", "email": "mail", "http": "message-square", "webhook": "zap", "apprise": "megaphone"}
STATES = {
    "waiting": ("Waiting", "amber"), "claimed": ("Being sent", "amber"), "sending": ("Being sent", "amber"),
    "sent": ("Sent", "green"), "uncertain": ("Uncertain", "orange"), "dead": ("Refused", "red"),
    "not_sent": ("Not sent", "grey"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    line: Line
    icon: str
    who: str
    state: str
    hue: str
    moment: Html
    due: Html | None


def messages(seen: Screen, lent: Connection, record: Record, before: int | None) -> Html:
    lines = lines_of(seen.crm.reads, lent, seen.actor, record, MOST + 1, before)
    more = len(lines) > MOST
    older = address(f"/{record.entity}/{record.id}", {"tab": MESSAGES, "before": str(lines[MOST - 1].id)}) if more else None
    zone = seen.formats.zoneinfo
    grouped = groupby(lines[:MOST], key=lambda line: line.at.astimezone(zone).date())
    days = [(day_named(seen, day), [_shown(seen, line) for line in some]) for day, some in grouped]
    return seen.render("messages.html", days=days, older=older)


def _shown(seen: Screen, line: Line) -> Shown:
    state, hue = STATES.get(line.state, (line.state, "grey"))
    waits = line.state == "waiting" and line.due_at > seen.ask.now
    return Shown(
        line, ICONS.get(line.kind, "send"), _who(line), state, hue, moment(line.sent_at or line.at, seen.formats),
        moment(line.due_at, seen.formats) if waits else None,
    )  # fmt: skip


def _who(line: Line) -> str:
    if line.is_client:
        return "The client"
    if line.kind == "webhook":
        return "Another program"
    return line.who or ("Nobody" if line.state == "not_sent" and line.reason and line.who is None else "Somebody")
