"""What came in about a record: mails, messages and forms, as an entry of its timeline.

What was said may hold anything that the capture fills in: whoever may not read all of these fields is told that something
came, and not what.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from engine.markup import Html
from engine.records.received import Received, is_told
from engine.web.frame import Screen
from engine.web.render_moments import moment

ICONS = {"form": "clipboard-list", "webhook": "zap", "mailbox": "mail"}


@dataclass(frozen=True, slots=True)
class Arrival:
    """`row` is None where it is not the reader's to know what was said."""

    icon: str
    label: str
    moment: Html
    row: Received | None


def arrival(seen: Screen, row: Received, readable: frozenset[str]) -> Arrival:
    capture = seen.crm.blueprint.captures.get(row.capture)
    at = moment(datetime.fromtimestamp(row.at / 1000, UTC), seen.formats)
    told = row if is_told(seen.crm.blueprint, row, readable, seen.administers()) else None
    if capture is None:
        return Arrival("inbox", row.capture, at, told)
    return Arrival(ICONS[capture.kind], capture.label, at, told)
