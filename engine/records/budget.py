"""No slip of one person writes to thousands of clients: what their deeds set off within an hour, beyond what the set allows,
is held until an administrator lets it go, or does not; after a week it is not sent.

It is counted where messages are planned, so neither a change of many records, an import nor a rule that follows it goes
past it. Those that administer are told once an hour. A message that is let go is asked again, when it is sent, whether it is
still to be sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.blueprint import Blueprint
from engine.records import notices
from engine.records.database import Connection
from engine.records.keys import MILLISECOND, first_id, milliseconds, new_ids
from engine.records.rows import change, rows
from engine.words import said

HOUR = 3_600_000  # ms
KEPT = timedelta(days=7)
NOTICE = "held"  # by which the notices are known again
TOGETHER = 500  # rows of one transaction

Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Held:
    """Messages of one kind that one person's deeds set off. `since` in ms."""

    doer: int
    notification: str
    channel: str
    count: int
    since: int


def held_back(connection: Connection, blueprint: Blueprint, columns: Sequence[str], planned: Rows) -> Rows:
    """The rows, as they are to be written."""
    doer, state, reason = (columns.index(name) for name in ("doer", "state", "reason"))
    if all(row[doer] is None for row in planned):
        return planned
    most, left, kept = blueprint.manifest.to_clients, dict[int, int](), list[tuple[Any, ...]]()
    for row in planned:
        whose = row[doer]
        if whose is None or row[state] != "waiting":
            kept.append(row)
            continue
        if whose not in left:
            left[whose] = most - _lately(connection, whose, row[0], most)
        left[whose] -= 1
        kept.append(row if left[whose] >= 0 else _held(row, state, reason, most))
    over = {whose: row for whose in left for row in kept if row[doer] == whose and row[state] == "held"}
    for whose, row in over.items():
        _tell(connection, blueprint, whose, row[columns.index("created_at")])
    return kept


def held(connection: Connection) -> list[Held]:
    text = (
        "select doer, notification, channel, count(*), min(created_at) from crm_delivery where state = 'held' "
        "group by doer, notification, channel order by doer, notification, channel"
    )
    return [Held(*row) for row in rows(connection, text)]


def let_go(connection: Connection, doer: int, now: datetime, most: int = TOGETHER) -> int:
    """Some of what this person's deeds set off; how many."""
    return _settle(connection, doer, most, "waiting", None, milliseconds(now))


def let_be(connection: Connection, doer: int, reason: str, now: datetime, most: int = TOGETHER) -> int:
    """They are not sent; how many."""
    return _settle(connection, doer, most, "not_sent", reason, milliseconds(now))


def lapse(connection: Connection, now: datetime, most: int = TOGETHER) -> int:
    """What nobody let go within a week is not sent; how many."""
    text = (
        "update crm_delivery set state = 'not_sent', reason = ? where id in "
        "(select id from crm_delivery where state = 'held' and id < ? limit ?)"
    )
    return change(connection, text, ("Nobody let it go within a week.", first_id(now - KEPT), most))


def _settle(connection: Connection, doer: int, most: int, state: str, reason: str | None, at: int) -> int:
    text = (
        "update crm_delivery set state = ?, reason = ?, due_at = case when due_at < ? then ? else due_at end where id in "
        "(select id from crm_delivery where state = 'held' and doer = ? order by id limit ?)"
    )
    return change(connection, text, (state, reason, at, at, doer, most))


def _lately(connection: Connection, doer: int, before: int, most: int) -> int:
    """How many messages to clients this person's deeds set off in the hour before that id, counted up to `most`."""
    text = (
        "select count(*) from (select 1 from crm_delivery where doer = ? and id > ? and state not in ('held', 'not_sent') "
        "limit ?) as counted"
    )
    return int(rows(connection, text, (doer, before - HOUR * MILLISECOND, most))[0][0])


def _held(row: tuple[Any, ...], state: int, reason: int, most: int) -> tuple[Any, ...]:
    changed = list(row)
    changed[state] = "held"
    changed[reason] = said(
        "One person's deeds set off more than {most} messages to clients within an hour. An administrator decides.",
        most=f"{most:,}",
    )
    return tuple(changed)


def _tell(connection: Connection, blueprint: Blueprint, doer: int, at: int) -> None:
    name = f"{NOTICE} {doer}"
    if rows(connection, "select 1 from crm_notice where notification = ? and at > ? limit 1", (name, at - HOUR)):
        return
    roles = [role.name for role in blueprint.roles.values() if role.administers]
    text = f"""select id from "user" where role in ({", ".join("?" * len(roles))}) and deleted_at is null and active = 1"""
    found = rows(connection, 'select name from "user" where id = ?', (doer,))
    told = said(
        "What {name} did would tell more clients than is done unasked. The messages wait under Administration, Work that "
        "waits.",
        name=found[0][0] if found else "somebody",
    )
    users = [user for (user,) in rows(connection, text, tuple(roles))]
    ids = new_ids(datetime.fromtimestamp(at / 1000, UTC), len(users)) if users else ()
    notices.tell_all(connection, [(id, user, at, name, None, None, told) for id, user in zip(ids, users, strict=True)])
