"""What somebody else changed since a record was read: told field by field, of what the actor may read."""

from __future__ import annotations

from typing import Any

import orjson

from engine.blueprint.entities import Entity
from engine.errors import Conflict
from engine.records.rows import Raw, RowShape, rows
from engine.records.task import Task
from engine.words import said

# Each version has one history row, so the last so many rows are what happened since.
_SINCE = "select changes from crm_history where record = ? and action <> 'refused' order by id desc limit ?"


def conflict(task: Task, name: str, row: Raw, version: int) -> Conflict:
    entity, shape = task.know.blueprint.entities[name], task.know.shapes[name]
    now = int(row[shape.version])
    label = entity.label.lower()
    if version > now:
        return Conflict(said(
            "This {label} is at version {now}; {version} has not been yet. Load it again.",
            label=label, now=now, version=version
        ), now, {})
    theirs = _theirs(task, entity, shape, row[0], now - version)
    return Conflict(said(
        "Somebody changed this {label} after you opened it. Look at both and save again.", label=label
    ), now, theirs)


def _theirs(task: Task, entity: Entity, shape: RowShape, id: int, count: int) -> dict[str, tuple[Any, Any]]:
    readable = task.sheet(entity).readable
    found: dict[str, tuple[Any, Any]] = {}
    for (text,) in rows(task.connection, _SINCE, (id, min(count, 1000))):
        for name, (was, now) in orjson.loads(text or "{}").items():
            if name in readable:
                field = entity.fields[name]
                last = found[name][1] if name in found else shape.from_raw(field, now)
                found[name] = (shape.from_raw(field, was), last)
    return {name: (was, now) for name, (was, now) in found.items() if was != now}
