"""What people asked to be reminded of before it begins: a row for each person and record, and how long before.

When it is due is asked of the record itself, at each look: so an appointment that was moved is reminded of at its new
time, also when it was told already, and nothing need be done when it is moved. What began more than LATE ago while
nothing ran is not told any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.blueprint.entities import Entity
from engine.records.database import Connection, Database
from engine.records.keys import milliseconds, new_id
from engine.records.naming import quoted
from engine.records.notices import tell
from engine.records.rows import change, rows

MINUTE = 60_000  # ms
CHOICES = (0, 5, 10, 15, 30, 60, 120, 1440)  # minutes before
LATE = timedelta(hours=1)
MOST = 500  # of an entity in one look
KEPT = timedelta(days=7)  # after it was told
NAME = "reminder"  # what stands for the rule in a notice


@dataclass(frozen=True, slots=True)
class Due:
    """`at`: ms since 1970, when the record's event begins."""

    id: int
    user: int
    entity: str
    record: int
    at: int


def wanted(connection: Connection, actor: Actor, entity: str, record: int) -> int | None:
    """How many minutes before the actor wants to be reminded of it; None: not at all."""
    text = 'select minutes from crm_reminder where record = ? and "user" = ? and entity = ?'
    found = rows(connection, text, (record, actor.user, entity))
    return found[0][0] if found else None


def want(database: Database, actor: Actor, entity: str, record: int, minutes: int | None, now: datetime) -> None:
    """None takes it back. The record must be one that the actor may read, which the caller has seen to."""
    with database.writing() as connection:
        gone = 'delete from crm_reminder where record = ? and "user" = ? and entity = ?'
        change(connection, gone, (record, actor.user, entity))
        if minutes is not None:
            insert = 'insert into crm_reminder (id, "user", entity, record, minutes) values (?, ?, ?, ?, ?)'
            change(connection, insert, (new_id(now), actor.user, entity, record, minutes))


def reminded(blueprint: Blueprint) -> dict[str, str]:
    """The entities of whose records one can be reminded, with the column of the moment."""
    found = {}
    for entity in blueprint.entities.values():
        name = moment_of(entity)
        if name is not None:
            found[entity.name] = name
    return found


def moment_of(entity: Entity) -> str | None:
    activity = entity.activity
    name = activity.at if activity is not None else entity.next_step
    return name if name is not None and entity.fields[name].type == "datetime" and not entity.fields[name].system else None


def due(connection: Connection, entity: str, column: str, now: datetime) -> Sequence[Due]:
    """What is to be told now; one statement, and none where nobody asked for anything."""
    at, table = f"e.{quoted(column)}", quoted(entity)
    text = (
        f'select r.id, r."user", r.record, {at} from crm_reminder r join {table} e on e.id = r.record'
        f" where r.entity = ? and e.deleted_at is null and {at} - r.minutes * {MINUTE} <= ? and {at} > ?"
        f" and (r.told_for is null or r.told_for <> {at}) order by r.id limit {MOST}"
    )
    given = (entity, milliseconds(now), milliseconds(now - LATE))
    return [Due(id, user, entity, record, moment) for id, user, record, moment in rows(connection, text, given)]


def told(connection: Connection, one: Due, text: str | None, now: datetime) -> bool:
    """Once for each moment, whoever looks; without a text it is passed over."""
    mark = "update crm_reminder set told_for = ? where id = ? and (told_for is null or told_for <> ?)"
    if not change(connection, mark, (one.at, one.id, one.at)):
        return False
    if text is not None:
        tell(connection, new_id(now), one.user, milliseconds(now), NAME, one.entity, one.record, text)
    return True


def sweep(connection: Connection, now: datetime) -> int:
    return change(connection, "delete from crm_reminder where told_for < ?", (milliseconds(now - KEPT),))


def any_wanted(connection: Connection) -> bool:
    return bool(rows(connection, "select 1 from crm_reminder limit 1"))


__all__ = ["CHOICES", "NAME", "Due", "any_wanted", "due", "moment_of", "reminded", "sweep", "told", "want", "wanted"]
