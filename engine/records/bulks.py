"""One deed for many records: asked for once, carried out by workers, told record by record.

- Which records is settled when it is asked: the ids that were ticked, or all that the list's question found then.
- What a person may do is judged when it is done: as that person, with the rights of that time.
- A row of crm_bulk is the queue of the workers and what the progress page shows; see bulk_work.py for the doing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.errors import Complaint, Invalid, NotFound, TooMany
from engine.records import leases
from engine.records.database import Connection
from engine.records.keys import milliseconds, new_id
from engine.records.query import Query
from engine.records.read import Reads
from engine.records.rows import change, in_words_of, rows
from engine.records.sight import NOT_FOUND
from engine.records.undoing import in_time
from engine.words import said

KINDS = ("update", "move", "tag", "delete", "undo")
EXPORT = "export"
FOLDER = "exports"
MOST = 50_000  # records of one bulk
PART = 1000  # ids in one row
MOST_AT_WORK = 3  # of one person
KEPT_FILE = timedelta(days=1)  # how long what an export wrote can be fetched
KEPT = timedelta(days=30)  # how long one can look at what became of it
QUEUE = leases.Queue("crm_bulk", "reason")
UNDER_WAY = frozenset({"waiting", "claimed"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done. Settings: `values` of an update; `transition` and `values` of a move; `field`, `add` and `remove`
    of a tagging; `of` of an undo, the bulk that it takes back."""

    entity: str
    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bulk:
    """A row. Moments in ms since 1970 UTC."""

    id: int
    user: int
    role: str
    only: str | None
    entity: str
    kind: str
    settings: str
    held: int
    at: int
    count: int
    position: int
    done: int
    skipped: int
    failed: int
    started_at: int | None
    ended_at: int | None
    undone_by: int | None
    file: str | None
    expires_at: int | None
    state: str
    reason: str | None
    lease: str | None
    attempts: int

    @property
    def wish(self) -> Wish:
        return Wish(self.entity, self.kind, orjson.loads(self.settings))

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def rights(self) -> frozenset[tuple[str, str]] | None:
        return None if self.only is None else frozenset(map(tuple, orjson.loads(self.only)))  # type: ignore[arg-type]


COLUMNS = ", ".join(f'"{one.name}"' for one in fields(Bulk))


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one record. `state`: done, skipped or failed."""

    position: int
    record: int
    state: str
    why: str | None
    history: int | None
    version: int | None


# ---- asking


def ids_of(reads: Reads, actor: Actor, query: Query, most: int = MOST) -> list[int]:
    """The ids of what a list's question finds now. Raises Invalid when there are more than `most`."""
    only = Query(query.entity, ("id",), query.where, query.search, limit=most + 1, deleted=query.deleted)
    page = reads.page(actor, only, most=most + 1)
    if len(page.rows) > most:
        raise _too_many(most)
    return [row[0] for row in page.rows]


def check_ids(ids: Sequence[int], most: int = MOST) -> tuple[int, ...]:
    """Each once. Raises Invalid for none, and for too many."""
    found = tuple(dict.fromkeys(ids))
    if not found:
        raise Invalid([Complaint(None, said("No record is chosen."))], said("No record is chosen."))
    if len(found) > most:
        raise _too_many(most)
    return found


def _too_many(most: int) -> Invalid:
    sentence = f"These are more than {most:,} records, which is the most that is done at once. Filter the list."
    return Invalid([Complaint(None, sentence)], sentence)


def put(
    connection: Connection, actor: Actor, wish: Wish, ids: Sequence[int], now: datetime, *, held: int = 0, count: int = 0
) -> int:
    """Writes the bulk down for the workers; its id. Whether the actor may is the caller's to ask. Raises TooMany."""
    at = milliseconds(now)
    _check_budget(connection, actor)
    id = new_id(now)
    only = None if actor.only is None else orjson.dumps(sorted(actor.only)).decode()
    row = {
        "id": id, "user": actor.user, "role": actor.role, "only": only, "entity": wish.entity, "kind": wish.kind,
        "settings": orjson.dumps(dict(wish.settings), default=str).decode(), "held": held, "at": at,
        "count": len(ids) or count, "position": 0, "done": 0, "skipped": 0, "failed": 0, "state": "waiting",
        "due_at": at, "attempts": 0,
    }  # fmt: skip
    names = ", ".join(f'"{name}"' for name in row)
    change(connection, f"insert into crm_bulk ({names}) values ({', '.join('?' * len(row))})", tuple(row.values()))
    parts = [(id, number, orjson.dumps(list(some)).decode()) for number, some in enumerate(_parts(ids))]
    if parts:
        connection.insert_many("crm_bulk_part", ("bulk", "part", "ids"), parts)
    return id


def _check_budget(connection: Connection, actor: Actor) -> None:
    text = "select count(*) from crm_bulk where \"user\" = ? and state in ('waiting', 'claimed')"
    if rows(connection, text, (actor.user,))[0][0] >= MOST_AT_WORK:
        raise TooMany(said(
            "{most_at_work} of your bulk changes are under way. Wait until one of them has ended.",
            most_at_work=MOST_AT_WORK
        ), 30)


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[at : at + PART] for at in range(0, len(ids), PART))


def ids_from(connection: Connection, bulk: int, position: int, most: int) -> list[int]:
    """The next ids to be done, from one row of them."""
    part, at = divmod(position, PART)
    found = rows(connection, "select ids from crm_bulk_part where bulk = ? and part = ?", (bulk, part))
    return orjson.loads(found[0][0])[at : at + most] if found else []


# ---- looking


def find(connection: Connection, actor: Actor, id: int) -> Bulk:
    """One's own only. Raises NotFound."""
    found = rows(connection, f'select {COLUMNS} from crm_bulk where id = ? and "user" = ?', (id, actor.user))
    if not found:
        raise NotFound(NOT_FOUND)
    return Bulk(*found[0])


def latest(connection: Connection, actor: Actor, most: int = 20) -> list[Bulk]:
    text = f'select {COLUMNS} from crm_bulk where "user" = ? order by id desc limit ?'
    return [Bulk(*row) for row in rows(connection, text, (actor.user, most))]


def fates(connection: Connection, bulk: int, state: str, after: int = -1, most: int = 50) -> list[Fate]:
    """What became of its records, in their order, those after a position."""
    text = (
        "select position, record, state, why, history, version from crm_bulk_record "
        "where bulk = ? and state = ? and position > ? order by position limit ?"
    )
    return [Fate(*row) for row in rows(connection, text, (bulk, state, after, most))]


def reasons(connection: Connection, bulk: int, state: str, most: int = 20) -> list[tuple[str, int]]:
    """Why, and how many records; the most frequent first."""
    text = (
        "select why, count(*) as n from crm_bulk_record where bulk = ? and state = ? "
        "group by why order by n desc, why limit ?"
    )
    return [(why or "", n) for why, n in rows(connection, text, (bulk, state, most))]


# ---- stopping, taking back


def stop(connection: Connection, actor: Actor, id: int, now: datetime) -> Bulk:
    """What is not done stays undone. Nothing happens to one that has ended."""
    bulk = find(connection, actor, id)
    text = "update crm_bulk set state = 'stopped', ended_at = ?, lease = null where id = ?"
    change(connection, f"{text} and state in ('waiting', 'claimed')", (milliseconds(now), bulk.id))
    return bulk


def is_undoable(bulk: Bulk, now: datetime) -> bool:
    return (
        bulk.kind in KINDS and bulk.kind != "undo" and not bulk.is_under_way and bulk.done > 0
        and bulk.undone_by is None and in_time(bulk.ended_at or bulk.at, milliseconds(now))
    )  # fmt: skip


def put_undo(connection: Connection, actor: Actor, id: int, now: datetime, *, held: int = 0) -> int:
    """A bulk that takes back each deed of another, the last first. Raises NotFound, Invalid where it is too late."""
    bulk = find(connection, actor, id)
    if not is_undoable(bulk, now):
        why = said("This cannot be taken back any more.")
        raise Invalid([Complaint(None, why)], why)
    text = "select position from crm_bulk_record where bulk = ? and state = 'done' order by position desc"
    places = [position for (position,) in rows(connection, text, (bulk.id,))]
    made = put(connection, actor, Wish(bulk.entity, "undo", {"of": str(bulk.id)}), places, now, held=held)
    claimed = change(connection, "update crm_bulk set undone_by = ? where id = ? and undone_by is null", (made, bulk.id))
    if claimed != 1:
        why = said("This is being taken back already.")
        raise Invalid([Complaint(None, why)], why)
    return made


# ---- for the workers


def next_one(connection: Connection, now: int) -> Bulk | None:
    """The bulk that waits longest, leased to the caller."""
    lease, ids = leases.claim(connection, QUEUE, now, 1)
    if not ids:
        return None
    change(connection, "update crm_bulk set started_at = coalesce(started_at, ?) where id = ?", (now, ids[0]))
    return Bulk(*rows(connection, f"select {COLUMNS} from crm_bulk where id = ? and lease = ?", (ids[0], lease))[0])


def note(connection: Connection, bulk: Bulk, met: Sequence[Fate], now: int) -> bool:
    """Keeps what became of the next records; False when it was stopped, or another worker has it: then nothing of it may be
    kept."""
    counts = [sum(fate.state == state for fate in met) for state in ("done", "skipped", "failed")]
    text = (
        "update crm_bulk set position = position + ?, done = done + ?, skipped = skipped + ?, failed = failed + ?, "
        "leased_until = ?, attempts = 0 where id = ? and lease = ? and state = 'claimed'"
    )
    if change(connection, text, (len(met), *counts, now + leases.LEASE, bulk.id, bulk.lease)) != 1:
        return False
    names = "bulk, position, record, state, why, history, version"
    insert = f"insert into crm_bulk_record ({names}) values (?, ?, ?, ?, ?, ?, ?)"
    given = [(bulk.id, f.position, f.record, f.state, f.why, f.history, f.version) for f in met]
    connection.change_many(in_words_of(connection.dialect, insert), given)
    return True


def end(connection: Connection, bulk: Bulk, state: str, now: int, reason: str | None = None) -> None:
    text = (
        "update crm_bulk set state = ?, reason = ?, ended_at = ?, lease = null, leased_until = null "
        "where id = ? and lease = ? and state = 'claimed'"
    )
    change(connection, text, (state, reason, now, bulk.id, bulk.lease))


def put_back(connection: Connection, bulk: Bulk, now: int) -> None:
    """To be gone on with, after those that wait already."""
    text = (
        "update crm_bulk set state = 'waiting', due_at = ?, lease = null, leased_until = null "
        "where id = ? and lease = ? and state = 'claimed'"
    )
    change(connection, text, (now, bulk.id, bulk.lease))


def written(connection: Connection, bulk: Bulk, rows: int, now: int) -> bool:
    """How many rows of a file are written; False when it was stopped, or another worker has it."""
    text = "update crm_bulk set position = ?, leased_until = ? where id = ? and lease = ? and state = 'claimed'"
    return change(connection, text, (rows, now + leases.LEASE, bulk.id, bulk.lease)) == 1


def keep_file(connection: Connection, bulk: Bulk, key: str, rows: int, now: int) -> bool:
    """The file is there, for a day; False as `written`."""
    text = (
        "update crm_bulk set state = 'done', file = ?, expires_at = ?, position = ?, count = ?, done = ?, ended_at = ?, "
        "lease = null, leased_until = null where id = ? and lease = ? and state = 'claimed'"
    )
    until = now + int(KEPT_FILE.total_seconds() * 1000)
    return change(connection, text, (key, until, rows, rows, rows, now, bulk.id, bulk.lease)) == 1


def place(folder: Path, key: str) -> Path:
    """Where a file lies; `folder` is that of all files."""
    return folder / FOLDER / key


def expired(connection: Connection, now: int) -> list[str]:
    """The keys of files whose time is over; they are forgotten with this."""
    over = "where file is not null and expires_at < ?"
    keys = [key for (key,) in rows(connection, f"select file from crm_bulk {over}", (now,))]
    if keys:
        change(connection, f"update crm_bulk set file = null {over}", (now,))
    return keys


def sweep(connection: Connection, before: int) -> int:
    """Takes away what ended before that moment; how many."""
    old = "select id from crm_bulk where ended_at < ? limit 100"
    gone = [(id,) for (id,) in rows(connection, old, (before,))]
    for table, key in (("crm_bulk_record", "bulk"), ("crm_bulk_part", "bulk"), ("crm_bulk", "id")):
        connection.change_many(in_words_of(connection.dialect, f"delete from {table} where {key} = ?"), gone)
    return len(gone)


def is_known(blueprint: Blueprint, wish: Wish) -> bool:
    return wish.entity in blueprint.entities and wish.kind in (*KINDS, EXPORT)
