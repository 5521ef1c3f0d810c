"""What a person was told inside the program: their own notices, and nobody else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.actor import Actor
from engine.records.database import Connection, Database, Row
from engine.records.keys import first_id, milliseconds, new_id
from engine.records.rows import change, in_words_of, rows

RECENT = timedelta(seconds=15)
CAP = 100  # more unread ones are "99+"


@dataclass(frozen=True, slots=True)
class Notice:
    """`at` in ms since 1970 UTC; `record` is None for a notice that is about no single record."""

    id: int
    at: int
    notification: str
    entity: str | None
    record: int | None
    text: str
    read: bool


def _notice(row: Row) -> Notice:
    *told, read_at = row
    return Notice(*(*told, read_at is not None))


class Notices:
    """One person's inbox; every query begins with whose it is."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def unread(self, actor: Actor) -> int:
        """How many, counted up to CAP."""
        text = 'select count(*) from (select 1 from crm_notice where "user" = ? and read_at is null limit ?) as unread'
        with self.database.glance() as connection:
            return int(rows(connection, text, (actor.user, CAP))[0][0])

    def latest(self, actor: Actor, most: int = 50, before: int | None = None) -> list[Notice]:
        """The newest first; `before` is the id of the last one already shown."""
        text = (
            'select id, at, notification, entity, record, text, read_at from crm_notice where "user" = ?'
            + (" and id < ?" if before else "")
            + " order by id desc limit ?"
        )
        given = (actor.user, before, most) if before else (actor.user, most)
        with self.database.reading() as connection:
            return [_notice(row) for row in rows(connection, text, given)]

    def one(self, actor: Actor, id: int) -> Notice | None:
        text = 'select id, at, notification, entity, record, text, read_at from crm_notice where "user" = ? and id = ?'
        with self.database.reading() as connection:
            found = rows(connection, text, (actor.user, id))
        return _notice(found[0]) if found else None

    def snooze(self, actor: Actor, id: int, until: int, now: int) -> bool:
        """One's own notice is read now and comes back at `until`, both in ms; False where there is none."""
        text = 'update crm_notice set snoozed_until = ?, read_at = coalesce(read_at, ?) where "user" = ? and id = ?'
        with self.database.writing() as connection:
            return change(connection, text, (until, now, actor.user, id)) > 0

    def mark_read(self, actor: Actor, now: int, id: int | None = None) -> int:
        """One notice, or all of the person's; how many were unread."""
        text = 'update crm_notice set read_at = ? where "user" = ? and read_at is null'
        with self.database.writing() as connection:
            if id is None:
                return change(connection, text, (now, actor.user))
            return change(connection, f"{text} and id = ?", (now, actor.user, id))


def wake(database: Database, now: datetime, most: int = 500) -> int:
    """Notices that were put off until now come back as new ones, each once; how many did."""
    text = (
        'select id, "user", notification, entity, record, text from crm_notice'
        " where snoozed_until is not null and snoozed_until <= ? order by snoozed_until limit ?"
    )
    with database.glance() as connection:
        found = rows(connection, text, (milliseconds(now), most))
    if not found:
        return 0
    with database.writing() as connection:
        return sum(_woken(connection, row, now) for row in found)


def _woken(connection: Connection, row: tuple[Any, ...], now: datetime) -> int:
    id, user, notification, entity, record, text = row
    clear = "update crm_notice set snoozed_until = null where id = ? and snoozed_until <= ?"
    if not change(connection, clear, (id, milliseconds(now))):
        return 0  # another worker was first, or it was put off again
    tell(connection, new_id(now), user, milliseconds(now), notification, entity, record, text)
    return 1


def recent(database: Database, now: datetime) -> dict[int, int]:
    """The notices of the last moments and whose they are. Ids are made before they are kept, so that one may come to
    light a little after a later one."""
    with database.glance() as connection:
        return dict(rows(connection, 'select id, "user" from crm_notice where id > ?', (first_id(now - RECENT),)))


def tell(
    connection: Connection, id: int, user: int, at: int, notification: str, entity: str | None, record: int | None,
    text: str,
) -> None:
    """Writes a notice inside the worker's transaction."""
    tell_all(connection, [(id, user, at, notification, entity, record, text)])


def tell_all(connection: Connection, told: Sequence[tuple[object, ...]]) -> None:
    """Writes notices inside the worker's transaction: (id, user, at, notification, entity, record, text)."""
    text = 'insert into crm_notice (id, "user", at, notification, entity, record, text) values (?, ?, ?, ?, ?, ?, ?)'
    connection.change_many(in_words_of(connection.dialect, text), told)
