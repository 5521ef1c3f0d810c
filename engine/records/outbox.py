"""The outbox: messages written in their record's own transaction, worked off by any number of workers.

Kinds: `event` (what the write door did), `due` (a moment came), `rule` (one rule for one record, to be carried out). How a
message is leased, marked and tried again: leases.py. What is done under a lease is written with the mark that it was done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from engine.records import leases
from engine.records.database import Connection
from engine.records.leases import TRIES
from engine.records.rows import change, in_words_of, rows

TOLD = ("event", "due")  # the relay's
COLUMNS = ("id", "kind", "payload", "dedupe", "created_at", "due_at", "state", "attempts")


@dataclass(frozen=True, slots=True)
class Message:
    id: int
    kind: str
    payload: Mapping[str, Any]
    created_at: int  # ms
    attempts: int
    lease: str


@lru_cache(maxsize=10)
def queue(kinds: tuple[str, ...]) -> leases.Queue:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return leases.Queue("crm_outbox", "error", f"kind in ({listed})")


def is_due(connection: Connection, now: int, kinds: tuple[str, ...] = TOLD) -> bool:
    """Whether there is anything to claim; asked without taking the writer's place."""
    return leases.is_due(connection, queue(kinds), now)


def claim(connection: Connection, now: int, most: int = 50, kinds: tuple[str, ...] = TOLD) -> list[Message]:
    """Up to `most` messages that are due, leased to the caller."""
    lease, ids = leases.claim(connection, queue(kinds), now, most)
    if not ids:
        return []
    taken = rows(
        connection,
        "select id, kind, payload, created_at, attempts from crm_outbox "
        f"where id in ({', '.join('?' * len(ids))}) order by due_at, id",
        tuple(ids),
    )
    return [Message(id, kind, orjson.loads(payload), at, tries, lease) for id, kind, payload, at, tries in taken]


def put(connection: Connection, messages: Sequence[tuple[int, str, Mapping[str, Any], str | None, int]]) -> None:
    """Writes messages: (id, kind, payload, dedupe, moment in ms). One whose dedupe is there already is left out."""
    given = [(id, kind, orjson.dumps(told).decode(), once, at, at, "waiting", 0) for id, kind, told, once, at in messages]
    text = (
        f"insert into crm_outbox ({', '.join(COLUMNS)}) values ({', '.join('?' * len(COLUMNS))}) "
        "on conflict (dedupe) do nothing"
    )
    connection.change_many(in_words_of(connection.dialect, text), given)


def finish(connection: Connection, message: Message) -> bool:
    """Marks it done; False when the lease was lost, and then nothing of what it did may be kept."""
    return leases.finish(connection, queue(TOLD), message.id, message.lease)


def finish_all(connection: Connection, messages: Sequence[Message]) -> frozenset[int]:
    """Marks them done; the ids of those whose lease was not lost."""
    mine = leases.still_held(connection, queue(TOLD), [(message.id, message.lease) for message in messages])
    text = "update crm_outbox set state = 'done', lease = null, leased_until = null, error = null where id = ?"
    connection.change_many(in_words_of(connection.dialect, text), [(id,) for id in mine])
    return mine


def fail(connection: Connection, message: Message, error: str, now: int) -> None:
    """To be tried again later, or dead after the last try."""
    leases.fail(connection, queue(TOLD), message.id, message.lease, message.attempts, error, now)


def forget(connection: Connection, before: int) -> int:
    """What waits since before that moment is news no more, as in a demo whose story began months ago; how many."""
    return change(connection, "update crm_outbox set state = 'done' where state = 'waiting' and created_at < ?", (before,))


__all__ = ["TOLD", "TRIES", "Message", "claim", "fail", "finish", "finish_all", "forget", "is_due", "put", "queue"]
