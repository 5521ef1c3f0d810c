"""Who was told what about a record, with the reason where nobody was."""

from __future__ import annotations

from dataclasses import dataclass

from engine.markup import Html
from engine.records.ledger import Line
from engine.web.frame import Screen
from engine.web.render_moments import moment
from engine.words import said

MESSAGES = "told"  # the word in the address: a set may call a list of its own messages
ICONS = {"app": "bell", "email": "mail", "http": "message-square", "webhook": "zap", "apprise": "megaphone"}
STATES = {
    "waiting": (said("Waiting"), "amber"), "claimed": (said("Being sent"), "amber"),
    "sending": (said("Being sent"), "amber"),
    "sent": (said("Sent"), "green"), "uncertain": (said("Uncertain"), "orange"), "dead": (said("Refused"), "red"),
    "not_sent": (said("Not sent"), "grey"), "held": (said("Waits for an administrator"), "amber"),
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


def message(seen: Screen, line: Line) -> Shown:
    state, hue = STATES.get(line.state, (line.state, "grey"))
    waits = line.state == "waiting" and line.due_at > seen.ask.now
    return Shown(
        line, ICONS.get(line.kind, "send"), _who(seen, line), seen.say(state), hue,
        moment(line.sent_at or line.at, seen.formats), moment(line.due_at, seen.formats) if waits else None,
    )  # fmt: skip


def _who(seen: Screen, line: Line) -> str:
    if line.is_client:
        return seen.say("The client")
    if line.kind == "webhook":
        return seen.say("Another program")
    nobody = line.state == "not_sent" and line.reason and line.who is None
    return line.who or (seen.say("Nobody") if nobody else seen.say("Somebody"))
