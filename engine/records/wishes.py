"""How somebody wants to be told: which channels, what not at all, when not to be disturbed, what to gather into one mail.

Kept as JSON, one row for each person. What is in the program's own inbox disturbs nobody: it waits for no quiet hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from engine.records.database import Connection
from engine.records.rows import change, rows
from engine.rules.walls import wall


@dataclass(frozen=True, slots=True)
class Wishes:
    """`off` are channels; `muted` notifications. Quiet hours may go past midnight. `digest` is the local time at which
    the mails of a day come as one."""

    off: frozenset[str] = frozenset()
    muted: frozenset[str] = frozenset()
    quiet: tuple[time, time] | None = None
    digest: time | None = None

    def quiet_until(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When the quiet hours end that it is now; None outside of them."""
        if self.quiet is None:
            return None
        start, end = self.quiet
        local = now.astimezone(zone)
        inside = start <= local.time() < end if start < end else local.time() >= start or local.time() < end
        if not inside or start == end:
            return None
        day = local.date() + timedelta(days=1 if local.time() >= end else 0)
        ends = wall(datetime.combine(day, end), zone)
        return ends if ends > now else None  # in the hour that autumn has twice they have ended already

    def digest_after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The first digest that holds what came at that moment."""
        if self.digest is None:
            return None
        local = moment.astimezone(zone)
        day = local.date() + timedelta(days=0 if local.time() <= self.digest else 1)
        return wall(datetime.combine(day, self.digest), zone)


NONE = Wishes()


def wishes_of(connection: Connection, user: int) -> Wishes:
    found = rows(connection, 'select wishes from crm_preference where "user" = ?', (user,))
    return read(orjson.loads(found[0][0])) if found else NONE


def keep(connection: Connection, user: int, wishes: Wishes, now: int) -> None:
    text = orjson.dumps(told(wishes)).decode()
    change(
        connection,
        'insert into crm_preference ("user", wishes, changed_at) values (?, ?, ?) '
        'on conflict ("user") do update set wishes = excluded.wishes, changed_at = excluded.changed_at',
        (user, text, now),
    )


def read(kept: Mapping[str, Any]) -> Wishes:
    quiet = kept.get("quiet")
    return Wishes(
        frozenset(kept.get("off", ())),
        frozenset(kept.get("muted", ())),
        (time.fromisoformat(quiet[0]), time.fromisoformat(quiet[1])) if quiet else None,
        time.fromisoformat(kept["digest"]) if kept.get("digest") else None,
    )


def told(wishes: Wishes) -> dict[str, Any]:
    return {
        "off": sorted(wishes.off), "muted": sorted(wishes.muted),
        "quiet": [at.strftime("%H:%M") for at in wishes.quiet] if wishes.quiet else None,
        "digest": wishes.digest.strftime("%H:%M") if wishes.digest else None,
    }  # fmt: skip
