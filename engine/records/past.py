"""What a record was before: its values now, with what its history says of each change since taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from engine.actor import Actor
from engine.blueprint.conditions import Condition
from engine.records.database import Connection
from engine.records.look import RecordLook
from engine.records.rows import Stored, rows
from engine.records.task import Knowledge, merged
from engine.rules.conditions import holds


def held_before(
    know: Knowledge, connection: Connection, actor: Actor, entity: str, record: int, since: int, condition: Condition
) -> bool:
    """Whether the condition held for the record before the change of the history row `since`. What it asks of other
    records is asked of them as they are now. False for a record that is not there, and for the row that made it."""
    shape, described = know.shapes[entity], know.blueprint.entities[entity]
    found = rows(connection, shape.select, (record,))
    told = _past(connection, record, since)
    if not found or told is None:
        return False
    past, at = told
    stored = Stored(shape, found[0], connection)
    fields = {name: described.fields[name] for name in past if name in described.fields}
    values = merged({name: shape.from_raw(field, past[name]) for name, field in fields.items()}, stored)
    moment = datetime.fromtimestamp(stored.updated_at / 1000, UTC)
    look = RecordLook(know.reads, connection, actor, entity, record, values, at)
    return holds(condition, described.fields, values, know.reading(actor, moment), look)


def _past(connection: Connection, record: int, since: int) -> tuple[dict[str, Any], int] | None:
    """Raw values before the row `since`, of what was changed then and later, and when that was (ms); None where it made
    the record."""
    text = "select id, action, changes, at from crm_history where record = ? and id >= ? and action <> 'refused'"
    found = rows(connection, f"{text} order by id desc", (record, since))
    if not found or found[-1][0] != since or found[-1][1] == "created":
        return None
    past: dict[str, Any] = {}
    for _, _, changes, _ in found:  # the newest first, so that the oldest has the last word
        past.update({name: pair[0] for name, pair in orjson.loads(changes or "{}").items()})
    return past, found[-1][3]
