"""Rows that workers take in turn: leased with a token, done or failed, tried again later and later.

Who dies leaves a lease that runs out. After TRIES times a row is dead: it stays, with its reason, until somebody sends
it again. A queue is a table with the columns id, state, due_at, lease, leased_until, attempts.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from engine.records.database import Connection
from engine.records.rows import change, rows

LEASE = 60_000  # ms
TRIES = 8
FIRST_WAIT = 5_000  # ms; doubles with each try


@dataclass(frozen=True, slots=True)
class Queue:
    """`also` narrows what is taken, as in `kind = 'event'`; it is written by the engine, never by a set."""

    table: str
    error: str  # the column that tells why
    also: str = ""

    @property
    def due(self) -> str:
        more = f" and {self.also}" if self.also else ""
        return (
            f"select id from {self.table} where state in ('waiting', 'claimed') and due_at <= ? "
            f"and (leased_until is null or leased_until < ?){more} order by due_at, id limit ?"
        )


def is_due(connection: Connection, queue: Queue, now: int) -> bool:
    """Whether there is anything to claim; asked without taking the writer's place."""
    return bool(rows(connection, queue.due, (now, now, 1)))


def claim(connection: Connection, queue: Queue, now: int, most: int) -> tuple[str, list[int]]:
    """A lease, and the ids of up to `most` rows that it holds, the longest due first."""
    lock = " for update skip locked" if connection.dialect == "postgresql" else ""
    ids = [id for (id,) in rows(connection, queue.due + lock, (now, now, most))]
    lease = secrets.token_hex(8)
    if ids:
        text = f"update {queue.table} set state = 'claimed', lease = ?, leased_until = ?, attempts = attempts + 1 "
        change(connection, f"{text} where id in ({', '.join('?' * len(ids))})", (lease, now + LEASE, *ids))
    return lease, ids


def finish(
    connection: Connection, queue: Queue, id: int, lease: str, state: str = "done", reason: str | None = None
) -> bool:
    """Marks it; False when the lease was lost, and then nothing of what was done under it may be kept."""
    text = f"update {queue.table} set state = ?, {queue.error} = ?, lease = null, leased_until = null"
    return change(connection, f"{text} where id = ? and lease = ?", (state, reason, id, lease)) == 1


def still_held(connection: Connection, queue: Queue, held: Sequence[tuple[int, str]]) -> frozenset[int]:
    """Those of the rows (id, lease) that nobody else has taken; until the transaction ends, nobody can."""
    if not held:
        return frozenset()
    lock = " for update" if connection.dialect == "postgresql" else ""
    marks = ", ".join("?" * len(held))
    text = f"select id, lease from {queue.table} where id in ({marks}) order by id{lock}"
    found: dict[int, str] = dict(rows(connection, text, tuple(id for id, _ in held)))
    return frozenset(id for id, lease in held if found.get(id) == lease)


def fail(connection: Connection, queue: Queue, id: int, lease: str, attempts: int, error: str, now: int) -> None:
    """To be tried again later, or dead after the last try."""
    dead = attempts >= TRIES
    wait = FIRST_WAIT * 2 ** (attempts - 1)
    change(
        connection,
        f"update {queue.table} set state = ?, due_at = ?, {queue.error} = ?, lease = null, leased_until = null "
        "where id = ? and lease = ?",
        ("dead" if dead else "waiting", now + wait, error[:2000], id, lease),
    )
