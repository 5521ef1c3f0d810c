"""How the work stands: what waits and how long already, what failed and why; and the word to try it again.

A failed row stays until somebody settles it. Ids are unique across the tables, so one id names one row.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from engine.records.database import Connection
from engine.records.rows import change, rows

WORK = {"event": "What happened", "due": "What time made due", "rule": "Rules"}
FAILED = ("dead", "uncertain")
LATE = 120  # seconds; work that is older than this waits for a worker that is not there


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of work. `waiting` counts also what is to be done later; `oldest` is the age in seconds of what should have
    been done first, None when nothing is behind its time."""

    name: str
    waiting: int
    oldest: int | None
    failed: int


@dataclass(frozen=True, slots=True)
class Failure:
    """`line` is the kind of work, or the channel. `what` names the notification or rule."""

    id: int
    line: str
    what: str
    entity: str | None
    record: int | None
    at: int  # ms
    attempts: int
    state: str  # dead, uncertain
    reason: str


def lines(connection: Connection, now: int) -> list[Line]:
    """The kinds of work in their order, then the channels. By partial indexes: what was done costs nothing."""
    found: dict[str, list[int | None]] = {kind: [0, None, 0] for kind in WORK}
    for name, state, count, oldest in (*_work(connection), *_messages(connection)):
        line = found.setdefault(name, [0, None, 0])
        if state in FAILED:
            line[2] = (line[2] or 0) + count
            continue
        line[0] = (line[0] or 0) + count
        if oldest <= now:
            line[1] = max(line[1] or 0, (now - oldest) // 1000)
    return [Line(name, waiting or 0, oldest, failed or 0) for name, (waiting, oldest, failed) in found.items()]


def scheduler_age(connection: Connection, now: int) -> int | None:
    """Seconds since time rules were looked after; None when the set has none."""
    until = rows(connection, "select min(until) from crm_watermark")[0][0]
    return None if until is None else max(0, (now - until) // 1000)


def failures(connection: Connection, most: int, before: int | None = None) -> list[Failure]:
    """The newest first."""
    last = before or 2**63 - 1
    work = rows(
        connection,
        "select id, kind, payload, created_at, attempts, error from crm_outbox "
        "where state <> 'done' and state = 'dead' and id < ? order by id desc limit ?",
        (last, most),
    )
    messages = rows(
        connection,
        "select id, channel, notification, entity, record, created_at, attempts, state, reason from crm_delivery "
        "where state in ('dead', 'uncertain') and id < ? order by id desc limit ?",
        (last, most),
    )
    found = [_failed_work(*row) for row in work] + [Failure(*(*told, why or "")) for *told, why in messages]
    return sorted(found, key=lambda failure: -failure.id)[:most]


def try_again(connection: Connection, now: int, id: int | None = None) -> int:
    """One failed row, or all that are dead; how many. What is uncertain may have arrived, so it is asked for by name."""
    fresh = "state = 'waiting', attempts = 0, due_at = ?, lease = null, leased_until = null"
    if id is None:
        done = change(connection, f"update crm_outbox set {fresh} where state = 'dead'", (now,))
        return done + change(connection, f"update crm_delivery set {fresh} where state = 'dead'", (now,))
    done = change(connection, f"update crm_outbox set {fresh} where state = 'dead' and id = ?", (now, id))
    text = f"update crm_delivery set {fresh} where state in ('dead', 'uncertain') and id = ?"
    return done or change(connection, text, (now, id))


def give_up(connection: Connection, id: int, reason: str) -> int:
    """It is not tried any more; who decided so stands in the reason."""
    work = "update crm_outbox set state = 'done', error = ? where state = 'dead' and id = ?"
    done = change(connection, work, (reason, id))
    text = "update crm_delivery set state = 'not_sent', reason = ? where state in ('dead', 'uncertain') and id = ?"
    return done or change(connection, text, (reason, id))


def _work(connection: Connection) -> list[tuple[str, str, int, int]]:
    text = "select kind, state, count(*), min(due_at) from crm_outbox where state <> 'done' group by kind, state"
    return [(kind, state, count, oldest) for kind, state, count, oldest in rows(connection, text)]


def _messages(connection: Connection) -> list[tuple[str, str, int, int]]:
    found = []
    for states in ("'waiting', 'claimed'", "'dead', 'uncertain'"):  # each has its partial index
        text = f"select channel, state, count(*), min(due_at) from crm_delivery where state in ({states})"
        found += rows(connection, f"{text} group by channel, state")
    return [(channel, state, count, oldest) for channel, state, count, oldest in found]


def _failed_work(id: int, kind: str, payload: str, at: int, attempts: int, error: str | None) -> Failure:
    told = orjson.loads(payload)
    what = told.get("rule") or told.get("what") or told.get("action") or kind
    record = int(told["record"]) if str(told.get("record") or "0") != "0" else None
    return Failure(id, kind, what, told.get("entity"), record, at, attempts, "dead", error or "")
