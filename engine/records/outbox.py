"""The outbox: messages written in their record's own transaction, worked off by any number of workers.

A worker leases some rows with a token of its own, does what they ask, and marks them done in the transaction that holds
the outcome. Who dies leaves a lease that runs out. A message that fails is tried again later and later, and after
TRIES times is dead: it stays, with its reason, until somebody sends it again.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from engine.records.database import Connection
from engine.records.rows import change, rows

LEASE = 60_000  # ms
TRIES = 8
FIRST_WAIT = 5_000  # ms; doubles with each try

_DUE = (
    "select id from crm_outbox where state <> 'done' and due_at <= ? and state in ('waiting', 'claimed') "
    "and (leased_until is null or leased_until < ?) order by due_at, id limit ?"
)


@dataclass(frozen=True, slots=True)
class Message:
    id: int
    kind: str
    payload: Mapping[str, Any]
    created_at: int  # ms
    attempts: int
    lease: str


def is_due(connection: Connection, now: int) -> bool:
    """Whether there is anything to claim; asked without taking the writer's place."""
    return bool(rows(connection, _DUE, (now, now, 1)))


def claim(connection: Connection, now: int, most: int = 50) -> list[Message]:
    """Up to `most` messages that are due, leased to the caller."""
    lock = " for update skip locked" if connection.dialect == "postgresql" else ""
    ids = [id for (id,) in rows(connection, _DUE + lock, (now, now, most))]
    if not ids:
        return []
    lease, marks = secrets.token_hex(8), ", ".join("?" * len(ids))
    change(
        connection,
        "update crm_outbox set state = 'claimed', lease = ?, leased_until = ?, attempts = attempts + 1 "
        f"where id in ({marks})",
        (lease, now + LEASE, *ids),
    )
    taken = rows(
        connection,
        f"select id, kind, payload, created_at, attempts from crm_outbox where id in ({marks}) order by due_at, id",
        tuple(ids),
    )
    return [Message(id, kind, orjson.loads(payload), at, tries, lease) for id, kind, payload, at, tries in taken]


def finish(connection: Connection, message: Message) -> bool:
    """Marks it done; False when the lease was lost, and then nothing of what it did may be kept."""
    text = "update crm_outbox set state = 'done', lease = null, leased_until = null, error = null where id = ? and lease = ?"
    return change(connection, text, (message.id, message.lease)) == 1


def fail(connection: Connection, message: Message, error: str, now: int) -> None:
    """To be tried again later, or dead after the last try."""
    dead = message.attempts >= TRIES
    wait = FIRST_WAIT * 2 ** (message.attempts - 1)
    change(
        connection,
        "update crm_outbox set state = ?, due_at = ?, error = ?, lease = null, leased_until = null "
        "where id = ? and lease = ?",
        ("dead" if dead else "waiting", now + wait, error[:2000], message.id, message.lease),
    )


def forget(connection: Connection, before: int) -> int:
    """What waits since before that moment is news no more, as in a demo whose story began months ago; how many."""
    return change(connection, "update crm_outbox set state = 'done' where state = 'waiting' and created_at < ?", (before,))


def sweep(connection: Connection, before: int) -> int:
    """Takes away what was done before that moment; how many."""
    return change(connection, "delete from crm_outbox where state = 'done' and created_at < ?", (before,))
