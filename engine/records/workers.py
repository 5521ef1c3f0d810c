"""Who works: one row for each worker process, so that everybody sees how many there are, and which ended without a word."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.records.database import Connection
from engine.records.keys import milliseconds, new_ids
from engine.records.rows import change, rows

SEEN = timedelta(seconds=20)  # how often a worker says that it is there
SILENT = timedelta(minutes=2)  # after which one that says nothing is thought to be gone
RECENTLY = timedelta(days=1)
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Crew:
    """`at_work`: workers that were seen a moment ago; `lost`: how many ended within a day without being told to."""

    at_work: int
    lost: int


def begin(connection: Connection, blueprint: str, now: datetime) -> int:
    """Enters this process; the worker's id. Who was here before and is no more is marked as lost."""
    _mark_lost(connection, now)
    id, at = new_ids(now, 1)[0], milliseconds(now)
    text = (
        "insert into crm_worker (id, host, pid, blueprint, started_at, seen_at, state) "
        "values (?, ?, ?, ?, ?, ?, 'at work')"
    )
    change(connection, text, (id, socket.gethostname(), os.getpid(), blueprint, at, at))
    return id


def seen(connection: Connection, id: int, blueprint: str, now: datetime) -> None:
    text = "update crm_worker set seen_at = ?, blueprint = ?, state = 'at work' where id = ?"
    change(connection, text, (milliseconds(now), blueprint, id))


def end(connection: Connection, id: int, now: datetime) -> None:
    change(connection, "update crm_worker set seen_at = ?, state = 'ended' where id = ?", (milliseconds(now), id))


def crew(connection: Connection, now: datetime) -> Crew:
    lately, since = milliseconds(now - SILENT), milliseconds(now - RECENTLY)
    text = (
        "select coalesce(sum(case when state = 'at work' and seen_at > ? then 1 else 0 end), 0), "
        "coalesce(sum(case when state = 'lost' or (state = 'at work' and seen_at <= ?) then 1 else 0 end), 0) "
        "from crm_worker where seen_at > ?"
    )
    at_work, lost = rows(connection, text, (lately, lately, since))[0]
    return Crew(int(at_work), int(lost))


def sweep(connection: Connection, now: datetime) -> int:
    """Takes away who has not been seen for a week; how many."""
    return change(connection, "delete from crm_worker where seen_at < ?", (milliseconds(now - KEPT),))


def _mark_lost(connection: Connection, now: datetime) -> None:
    text = "select id, host, pid, seen_at from crm_worker where state = 'at work'"
    here, silent = socket.gethostname(), milliseconds(now - SILENT)
    for id, host, pid, seen_at in rows(connection, text):
        if seen_at < silent or (host == here and not _is_alive(pid)):
            change(connection, "update crm_worker set state = 'lost' where id = ?", (id,))


def _is_alive(pid: int) -> bool:
    """Not of this process: it has just begun, so whoever had its number is gone."""
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is another user's
        return True
    return True
