"""Writes what was found right: the record, its links, and what it leaves behind. One record or a thousand, the same way.

Nothing here decides; `new` and `changed` work the rows out, `insert` and `update` run the statements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from engine.blueprint.entities import Entity
from engine.errors import Complaint, Invalid
from engine.records import duplicates, reach
from engine.records.checks import claim_files
from engine.records.database import Connection, original
from engine.records.duplicates import Found
from engine.records.journal import (
    COLUMNS,
    EVENT,
    HISTORY,
    STAY,
    Entry,
    announce,
    change_stage,
    message,
    reopen_stage,
)
from engine.records.naming import listed, quoted
from engine.records.rows import Raw, RowShape, Stored, change, replace_links, target_id
from engine.records.search_index import index_rows, indexed_together
from engine.records.series import take_numbers
from engine.records.task import Task
from engine.words import said

OWN = ("id", "version", "created_at", "created_by", "updated_at", "updated_by", "chain")  # first columns of a new row
REACHES = frozenset({"role", "manager"})  # a change of these changes who is below whom


@dataclass(slots=True)
class New:
    """A record that is about to be: values of the field types, the stage it starts in for each stage field."""

    id: int
    values: dict[str, Any]
    stages: Mapping[str, str]
    found: Found | None = None  # who it is known to be


@dataclass(frozen=True, slots=True)
class Changed:
    """What is about to change: values of the field types. `action`: changed, moved, deleted, restored or undone. `heard`:
    what others are told, where that is another word than the action; nothing: they are told nothing."""

    action: str
    values: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)  # the engine's own, such as deleted_at
    stages: Mapping[str, str] = field(default_factory=dict)
    transition: str | None = None
    found: Found | None = None
    heard: tuple[str, ...] | None = None


# ---- new records


def insert(task: Task, entity: Entity, records: Sequence[New]) -> None:
    """Raises Invalid when another record has a unique value already."""
    shape = task.know.shapes[entity.name]
    _number(task, entity, records)
    columns, rows, histories = _made(task, entity, records)
    try:
        _insert_rows(task.connection, shape, columns, rows)
    except Exception as error:
        raise duplicate(task, original(error)) or error from error
    _put(task.connection, "crm_history", COLUMNS, histories)
    _put(task.connection, "crm_stage_time", STAY, [stay for record in records for stay in _stays(task, entity, record)])
    _put_known(task, entity, records)
    if told := task.know.told[entity.name]:
        events = (_created(task, entity, record) for record in records)
        heard = [message(task.new_id(), event, task.now, task.held) for event in events if not told.isdisjoint(event["on"])]
        _put(task.connection, "crm_outbox", EVENT, heard)
    if shape.links or shape.files:
        for record in records:
            _follow_up(task, shape, record.id, record.values, fresh=True)
    if entity.name == "user":
        reach.rebuild(task.connection, task.know.blueprint, task.know.tables)


def _put_known(task: Task, entity: Entity, records: Sequence[New]) -> None:
    """By what the new records are known again, and as whom they were known themselves."""
    if not task.know.watch.speaks_of[entity.name]:
        return
    keys = duplicates.key_rows(task, entity, [(record.id, {**record.values, **record.stages}) for record in records])
    _put(task.connection, "crm_key", duplicates.KEYS, keys)
    there = frozenset(record.id for record in records)
    pairs = duplicates.pair_rows(task, entity, [(record.id, record.found) for record in records], there)
    _put(task.connection, "crm_duplicate", duplicates.PAIRS, pairs)


def _insert_rows(connection: Connection, shape: RowShape, columns: tuple[str, ...], rows: list[Raw]) -> None:
    entity = shape.entity.name
    if len(rows) == 1:
        _put(connection, entity, columns, rows)
        return
    with indexed_together(connection, entity, shape.searched):
        _put(connection, entity, columns, rows)
        index_rows(connection, entity, shape.searched, [row[0] for row in rows])


def _number(task: Task, entity: Entity, records: Sequence[New]) -> None:
    for numbered in entity.fields_of("reference_number"):
        numbers = take_numbers(task.connection, entity.name, numbered, task.at, len(records))
        for record, number in zip(records, numbers, strict=True):
            record.values[numbered.name] = number


def _made(task: Task, entity: Entity, records: Sequence[New]) -> tuple[tuple[str, ...], list[Raw], list[Raw]]:
    """The columns that these records fill, their rows, and their first history rows."""
    new_row = task.know.new_rows[entity.name].of(_names_of(records))
    names, fill, now, who = new_row.names, new_row.fill, task.now, task.who
    blueprint, rule = task.know.blueprint.hash, task.rule
    rows, histories = [], []
    for record in records:
        id, stages = record.id, record.stages
        kept, raw = fill({**record.values, **stages}.get)
        changes = {name: (None, value) for name, value in zip(names, kept, strict=True) if value is not None}
        stage = next(iter(stages.values()), None)
        history = Entry(
            id, entity.name, id, now, who, "created", changes, blueprint, stage_to=stage, rule=rule
        ).row()
        histories.append(history)
        rows.append((id, 1, now, who, now, who, history[-1], *raw))
    return (*OWN, *new_row.columns), rows, histories


def _names_of(records: Sequence[New]) -> tuple[str, ...]:
    """Every field that one of them has a value for."""
    names: dict[str, Any] = {}
    for record in records:
        names.update(record.values)
        names.update(record.stages)
    return tuple(names)


def _stays(task: Task, entity: Entity, record: New) -> list[tuple[Any, ...]]:
    return [(task.new_id(), entity.name, record.id, name, stage, task.now) for name, stage in record.stages.items()]


def _created(task: Task, entity: Entity, record: New) -> dict[str, Any]:
    names = (*(name for name, value in record.values.items() if value is not None), *record.stages)
    return _event(task, entity, record.id, "created", names, None, record.stages, record.id, record.found)


# ---- changes


def update(task: Task, entity: Entity, stored: Stored, changed: Changed) -> int:
    """The new version. Raises Invalid for a unique value that another has, Overtaken when the version has moved on."""
    shape = task.know.shapes[entity.name]
    # Clocks of two machines differ; a record's history is in order all the same.
    at = max(task.now, stored.updated_at + 1)
    columns: dict[str, Any] = dict(changed.columns)
    history = _entry(task, shape, stored, changed, at, columns).row()
    columns.update(updated_at=at, updated_by=task.who, chain=history[-1])
    try:
        met = change(task.connection, shape.update(tuple(columns)), (*columns.values(), stored.id, stored.version))
    except Exception as error:
        raise duplicate(task, original(error)) or error from error
    if met != 1:
        raise Overtaken
    change(task.connection, HISTORY, history)
    task.deeds[stored.id] = history[0]
    enter = reopen_stage if changed.action == "undone" else change_stage
    for name, stage in changed.stages.items():
        enter(task.connection, task.new_id(), entity.name, stored.id, name, stage, at)
    _follow_up(task, shape, stored.id, changed.values, fresh=False)
    _keep_known(task, entity, stored, changed)
    _announce(task, entity, stored.id, changed, history[0])
    if entity.name == "user" and (REACHES.intersection(changed.values) or changed.columns):
        reach.rebuild(task.connection, task.know.blueprint, task.know.tables)
    return stored.version + 1


def _keep_known(task: Task, entity: Entity, stored: Stored, changed: Changed) -> None:
    watch = task.know.watch
    if not watch.speaks_of[entity.name]:
        return
    in_bin = "deleted_at" in changed.columns
    if in_bin or not watch.fields[entity.name].isdisjoint(changed.values):
        alive = changed.columns["deleted_at"] is None if in_bin else not stored.deleted
        duplicates.rekey(task, entity, stored, changed.values, alive=alive)
    pairs = duplicates.pair_rows(task, entity, [(stored.id, changed.found)], frozenset())
    _put(task.connection, "crm_duplicate", duplicates.PAIRS, pairs)


class Overtaken(Exception):
    """Another transaction changed the record between our reading and our writing."""


def _entry(
    task: Task, shape: RowShape, stored: Stored, changed: Changed, at: int, columns: dict[str, Any]
) -> Entry:
    """The history row; the changed columns are put into `columns`."""
    changes = {
        name: [stored.raw(name), shape.put(name, value, columns)]
        for name, value in (*changed.values.items(), *changed.stages.items())
    }
    moved = next(iter(changed.stages), None)
    return Entry(
        task.new_id(at), shape.entity.name, stored.id, at, task.who, changed.action, changes,
        task.know.blueprint.hash, stored.chain, changed.transition,
        stored.raw(moved) if moved else None, changed.stages[moved] if moved else None, task.rule,
    )  # fmt: skip


def _follow_up(task: Task, shape: RowShape, id: int, values: Mapping[str, Any], *, fresh: bool) -> None:
    for described in shape.links:
        if described.name in values:
            targets = tuple(map(target_id, values[described.name] or ()))
            replace_links(task.connection, shape.entity.name, described.name, id, targets, fresh)
    claim_files(task, shape.entity, values, id)


def _announce(task: Task, entity: Entity, id: int, changed: Changed, history: int) -> None:
    told = task.know.told[entity.name]
    if told and changed.heard != ():
        names = (*changed.values, *changed.stages)
        event = _event(
            task, entity, id, changed.action, names, changed.transition, changed.stages, history, changed.found,
            changed.heard,
        )
        if not told.isdisjoint(event["on"]):
            announce(task.connection, task.new_id(), event, task.now, task.held)


def _event(
    task: Task, entity: Entity, id: int, action: str, names: tuple[str, ...], transition: str | None,
    stages: Mapping[str, str], history: int, found: Found | None, heard: tuple[str, ...] | None = None,
) -> dict[str, Any]:  # fmt: skip
    on = [*([action] if heard is None else heard), *duplicates.events(found)]
    if "owner" in names:
        on.append("assigned")
    if action == "moved":
        on.append("changed")
    return {
        "entity": entity.name, "record": str(id), "action": action, "on": on, "transition": transition,
        "fields": list(names), "stages": dict(stages), "actor": str(task.actor.user),
        "depth": task.cause.depth if task.cause else 0, "rule": task.rule, "history": str(history),
        **({"whose": str(task.cause.whose)} if task.cause and task.cause.whose else {}),
    }  # fmt: skip


# ---- both


class Duplicate(Invalid):
    """The database says that a unique value is taken; the transaction can only be undone."""


def duplicate(task: Task, error: BaseException) -> Duplicate | None:
    """What a person is told when the database says that a unique value is taken."""
    found = task.know.tables.duplicate(error)
    if found is None:
        return None
    entity = task.know.blueprint.entities[found[0]]
    return Duplicate([Complaint(found[1], taken(entity, found[1]))])


def taken(entity: Entity, name: str) -> str:
    return said(
        "Another {lower} has this {lower2} already.",
        lower=entity.label.lower(), lower2=entity.fields[name].label.lower()
    )


def _put(connection: Connection, table: str, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    if len(rows) == 1:
        change(connection, _one(table, columns), rows[0])
    elif rows:
        connection.insert_many(table, columns, rows)


@lru_cache(maxsize=1024)
def _one(table: str, columns: tuple[str, ...]) -> str:
    return f"insert into {quoted(table)} ({listed(columns)}) values ({', '.join('?' * len(columns))})"


__all__ = ["Changed", "Duplicate", "New", "Overtaken", "duplicate", "insert", "taken", "update"]
