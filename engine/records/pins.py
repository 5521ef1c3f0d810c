"""What is pinned to the top of a record. Who may see it, and who may pin, is for the caller to ask."""

from __future__ import annotations

from engine.blueprint.values import Ref
from engine.records.database import Connection
from engine.records.rows import change, rows

MOST = 5


def of_record(connection: Connection, record: int) -> list[Ref]:
    """The latest first."""
    text = "select entity, target from crm_pin where record = ? order by at desc limit ?"
    return [Ref(entity, target) for entity, target in rows(connection, text, (record, MOST))]


def turn(connection: Connection, record: int, target: Ref, at: int, user: int) -> bool:
    """Pins it, or takes it down when it is up; whether it is up now."""
    if change(connection, "delete from crm_pin where record = ? and target = ?", (record, target.id)):
        return False
    text = 'insert into crm_pin (record, target, entity, at, "by") values (?, ?, ?, ?, ?)'
    change(connection, text, (record, target.id, target.entity, at, user))
    return True
