"""Who looks at a record just now, and who edits it: rows of a short life, one for each tab of each process.

Whether somebody may read the record is asked before a row is written; whom of those the reader may see, when it is read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from engine.actor import Actor
from engine.blueprint.values import Ref
from engine.records.database import Connection, Database
from engine.records.read import Reads
from engine.records.rows import change, in_words_of, rows

LIVES = 50_000  # ms after which a row that nobody renewed counts no more
FORGOTTEN = 3_600_000  # ms after which it is taken away
PIECE = 400  # records asked about at once


@dataclass(frozen=True, slots=True)
class Tab:
    """Somebody's open page about a record. `key` is random."""

    key: str
    user: int
    entity: str
    record: int
    edits: bool


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    edits: bool


def say(connection: Connection, tabs: Iterable[Tab], gone: Collection[str], now: int) -> None:
    """Renews the rows of these tabs and takes away those that are gone."""
    text = (
        'insert into crm_presence (tab, "user", entity, record, edits, seen_at) values (?, ?, ?, ?, ?, ?) '
        "on conflict (tab) do update set seen_at = excluded.seen_at, edits = excluded.edits"
    )
    given = [(tab.key, tab.user, tab.entity, tab.record, int(tab.edits), now) for tab in tabs]
    connection.change_many(in_words_of(connection.dialect, text), given)
    delete = in_words_of(connection.dialect, "delete from crm_presence where tab = ?")
    connection.change_many(delete, [(key,) for key in gone])
    change(connection, "delete from crm_presence where seen_at < ?", (now - FORGOTTEN,))


def at(connection: Connection, records: Collection[int], now: int) -> dict[int, frozenset[tuple[int, bool]]]:
    """By record: (user, whether they edit it) of those who are there."""
    found: dict[int, set[tuple[int, bool]]] = {}
    wanted = list(records)
    for start in range(0, len(wanted), PIECE):
        piece = wanted[start : start + PIECE]
        marks = ", ".join("?" * len(piece))
        text = f'select record, "user", edits from crm_presence where record in ({marks}) and seen_at > ?'
        for record, user, edits in rows(connection, text, (*piece, now - LIVES)):
            found.setdefault(record, set()).add((user, bool(edits)))
    return {record: frozenset(some) for record, some in found.items()}


def others(reads: Reads, actor: Actor, entity: str, id: int, now: int) -> list[Person]:
    """Who else is at the record, of those whom the actor may see; who edits it first. Raises NotFound for a record that
    the actor may not read."""
    with reads.database.reading() as lent:
        reads.record(actor, entity, id, connection=lent)
        there = {user: edits for user, edits in sorted(at(lent, [id], now).get(id, ())) if user != actor.user}
        names = reads.titles(actor, [Ref("user", user) for user in there], lent)
    known = [Person(user, names["user", user], edits) for user, edits in there.items() if ("user", user) in names]
    return sorted(known, key=lambda person: (not person.edits, person.name))


def keep(database: Database, tabs: Iterable[Tab], gone: Collection[str], now: int) -> None:
    with database.writing() as connection:
        say(connection, tabs, gone, now)
