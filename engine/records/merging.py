"""Two records of one thing become one, and two again.

1. both are loaded in the actor's scope of `update`, as they were when the actor looked at both
2. each field keeps this record's value, takes the other's, or both: as the actor chose where they may write it, by the
   engine's own rule elsewhere (`preferred`); a stage, a number of a series and what is computed stay as they are
3. the other one goes into the bin, this one gets its values
4. whatever points to the other one points to this one: everybody's records, also those that the actor does not see, for
   nothing may be left behind; they stay in the scopes in which they were
5. what was done is kept in crm_merge, so that it can be taken back: what nobody changed since goes back as it was

Everything goes through the write door's own save: versions, history with its chain, the index of the search.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from engine.blueprint.conditions import AllOf
from engine.blueprint.entities import Entity, Field
from engine.blueprint.values import Ref
from engine.errors import BadRequest, Complaint, Invalid, NotFound
from engine.parts import field_type
from engine.records.checks import check_assignment
from engine.records.commands import Merge, Outcome, Unmerge
from engine.records.conflict import conflict
from engine.records.database import Connection
from engine.records.naming import quoted
from engine.records.rows import RowShape, Stored, change, rows, target_id
from engine.records.save import Changed, update as save
from engine.records.sight import NOT_FOUND, targets_of
from engine.records.tables import column_names, linked
from engine.records.task import Task, merged
from engine.rules.checks import broken
from engine.rules.stages import is_blank
from engine.words import said

THIS, OTHER, BOTH = "this", "other", "both"
DAYS = 30  # in which a merge can be taken back
MOST = 5000  # records that point to the other one
NOT_MERGED = ("user", "team")  # rights hang on them
LEFT = frozenset({"stage", "reference_number", "computed", "rollup", "children"})
# What the engine keeps about a record and people look for on its page.
KEPT_ABOUT = ("crm_notice", "crm_reminder", "crm_delivery", "crm_received", "crm_offer")
PAGE_OF = {"crm_offer": "key_hash"}  # their keys, where it is not the id


# ---- which value


@dataclass(frozen=True, slots=True)
class Choice:
    """A field of both. `preferred`: this, other, both; `open`: the actor may choose."""

    field: Field
    preferred: str
    open: bool
    same: bool

    @property
    def offers(self) -> tuple[str, ...]:
        return (THIS, OTHER, BOTH) if is_many(self.field) else (THIS, OTHER)


def choices(task: Task, entity: Entity, this: Stored, other: Stored) -> tuple[Choice, ...]:
    """Every field that a merge decides about, also those that the actor may not read."""
    writable, entered = task.sheet(entity).writable, _Entered(task, this, other)
    fixed = {name for rule in entity.duplicates for name in rule.set}
    return tuple(
        Choice(f, preferred(f, this, other, entered, fixed), f.name in writable, this.raw(f.name) == other.raw(f.name))
        for f in entity.fields.values()
        if not f.system and f.type not in LEFT
    )


def preferred(field: Field, this: Stored, other: Stored, entered: _Entered, fixed: set[str]) -> str:
    """What is filled before what is empty; then several values together, yes before no, and what was entered last. Whose
    the record is, and what a rule for duplicates said of it, stays."""
    ours, theirs = this[field.name], other[field.name]
    if is_blank(theirs) or this.raw(field.name) == other.raw(field.name):
        return THIS
    if is_blank(ours):
        return OTHER
    if is_many(field):
        return BOTH
    if field.name == "owner" or field.name in fixed or field.unique:
        return THIS
    if field.type == "yes_no":
        return OTHER if theirs is True else THIS
    return OTHER if entered.later(field.name) else THIS


def is_many(field: Field) -> bool:
    return field_type(field.type).many and field.type != "children"


class _Entered:
    """When each field was last given its value, by the histories of both."""

    def __init__(self, task: Task, this: Stored, other: Stored) -> None:
        self._task, self._of = task, (this.id, other.id)
        self._last: tuple[dict[str, int], dict[str, int]] | None = None

    def later(self, name: str) -> bool:
        """Whether the other's value is the later one."""
        if self._last is None:
            ours, theirs = (self._read(id) for id in self._of)
            self._last = (ours, theirs)
        ours, theirs = self._last
        return theirs.get(name, 0) > ours.get(name, 0)

    def _read(self, record: int) -> dict[str, int]:
        text = "select id, changes from crm_history where record = ? and action <> 'refused' order by id"
        found = rows(self._task.connection, text, (record,))
        return {name: id for id, changes in found for name in orjson.loads(changes or "{}")}


def _chosen(task: Task, entity: Entity, this: Stored, other: Stored, given: Mapping[str, str]) -> dict[str, Any]:
    """The values that this record gets. Raises Invalid for a choice that is none."""
    found = {choice.field.name: choice for choice in choices(task, entity, this, other)}
    complaints = []
    for name, word in given.items():
        choice = found.get(name)
        if choice is None or not choice.open:
            complaints.append(Complaint(str(name)[:100], said(
                '"{name}" is not a field that you may choose here.', name=str(name)[:100]
            )))
        elif word not in choice.offers:
            complaints.append(Complaint(name, said(
                '"{word}" is not a choice: {names}.', word=str(word)[:100], names=', '.join(choice.offers)
            )))
    if complaints:
        raise Invalid(complaints)
    values = {}
    for name, choice in found.items():
        word = given.get(name, choice.preferred)
        if word != THIS:
            values[name] = other[name] if word == OTHER else _both(this[name], other[name])
    return task.know.shapes[entity.name].different(this, values)


def _both(ours: Any, theirs: Any) -> Any:
    known = {target_id(v) if not isinstance(v, str) else v for v in ours or ()}
    more = [v for v in theirs or () if (target_id(v) if not isinstance(v, str) else v) not in known]
    return (*(ours or ()), *more) or None


# ---- merge


def merge(task: Task, command: Merge) -> Outcome:
    """Raises Invalid, Conflict for either one, NotFound and Refused as for a change of both."""
    entity, this, other = both(task, command.entity, command.id, command.other)
    for stored, version in ((this, command.version), (other, command.other_version)):
        if stored.version != version:
            raise conflict(task, entity.name, stored.row, version)
    values = _chosen(task, entity, this, other, command.choose)
    _check(task, entity, this, values)
    pointers = list(_pointers(task, entity, other.id))
    if len(pointers) > MOST:
        raise Invalid([Complaint(None, said(
            "More than {most} records belong to the other one: ask who administers.", most=f'{MOST:,}'
        ))])
    before = {name: this.raw(name) for name in values}
    save(task, entity, other, Changed("merged", columns={"deleted_at": task.now}))
    version = save(task, entity, this, Changed("merged", values))
    moved = [_move(task, one, other.id, this.id) for one in pointers if one.record != other.id]
    shape = task.know.shapes[entity.name]
    done = {
        "values": {name: [raw, shape.raw(entity.fields[name], values[name])] for name, raw in before.items()},
        "pointers": [one for one in moved if one is not None],
        "about": {table: _move_about(task, table, other.id, this.id) for table in KEPT_ABOUT},
        "pairs": _settle(task, this.id, other.id),
    }
    _remember(task, entity, this.id, other.id, done)
    if any(one.record == this.id for one in pointers):
        version += 1
    return Outcome(entity.name, this.id, version, tuple(values))


def both(task: Task, name: str, id: int, other: int) -> tuple[Entity, Stored, Stored]:
    """Both records, in the scope of `update`."""
    this = task.load(name, id, "update")
    if name in NOT_MERGED:
        raise BadRequest(said(
            "{plural} are not merged: rights hang on them.", plural=task.know.blueprint.entities[name].plural
        ))
    if id == other:
        raise BadRequest(said("A record cannot be merged with itself."))
    return task.know.blueprint.entities[name], this, task.load(name, other, "update")


def _check(task: Task, entity: Entity, this: Stored, values: Mapping[str, Any]) -> None:
    after = merged(values, this)
    holds = task.holds(entity, after, this.id)
    complaints = task.sheet(entity).empty_after(after, values, holds)
    complaints += broken(entity, holds, task.sheet(entity).readable, values.keys())
    if complaints:
        raise Invalid(complaints)
    check_assignment(task, entity, this.get("owner"), after.get("owner"))


# ---- what points to a record


@dataclass(frozen=True, slots=True)
class Pointer:
    """A field of a record that points to the one that goes, also of a record in the bin."""

    entity: str
    field: str
    record: int


def _pointers(task: Task, entity: Entity, id: int) -> Iterator[Pointer]:
    for other in task.know.blueprint.entities.values():
        for field in other.fields.values():
            if not field.system and field.type != "children" and entity.name in targets_of(field):
                for (record,) in rows(task.connection, _asking(other, field), (id,)):
                    yield Pointer(other.name, field.name, record)


def _asking(entity: Entity, field: Field) -> str:
    if linked(field):
        return f"select record_id from {quoted(f'{entity.name}__{field.name}')} where target_id = ? order by record_id"
    if not column_names(field):
        return "select 1 from crm_applied where 1 = 0 and id = ?"  # nothing is stored
    return f"select id from {quoted(entity.name)} where {quoted(column_names(field)[0])} = ? order by id"


def _move(task: Task, one: Pointer, source: int, target: int) -> dict[str, Any] | None:
    """The pointer as it was and as it is now; of a record that would point to itself nothing is left."""
    shape = task.know.shapes[one.entity]
    stored = _stored(task, shape, one.record)
    field = shape.entity.fields[one.field]
    was, now = stored.raw(one.field), _pointed(stored[one.field], source, None if one.record == target else target)
    if stored.raw(one.field) == shape.raw(field, now):
        return None
    save(task, shape.entity, stored, Changed("followed", {one.field: now}))
    return {"entity": one.entity, "field": one.field, "record": one.record, "was": was, "now": shape.raw(field, now)}


def _pointed(value: Any, source: int, target: int | None) -> Any:
    """The value with the target in the source's place."""
    if isinstance(value, tuple):
        ids = [target if target_id(v) == source else target_id(v) for v in value]
        return tuple(dict.fromkeys(id for id in ids if id is not None)) or None
    if target is None:
        return None
    return Ref(value.entity, target) if isinstance(value, Ref) else target


def _stored(task: Task, shape: RowShape, id: int) -> Stored:
    return Stored(shape, rows(task.connection, shape.select, (id,))[0], task.connection)


def _move_about(task: Task, table: str, source: int, target: int) -> list[Any]:
    """Notices, messages and what came in follow the record; the keys of their rows."""
    key = PAGE_OF.get(table, "id")
    keys = [row[0] for row in rows(task.connection, f"select {key} from {table} where record = ? order by {key}", (source,))]
    if keys:
        change(task.connection, f"update {table} set record = ? where record = ?", (target, source))
    return keys


def _settle(task: Task, this: int, other: int) -> list[list[Any]]:
    """The pairs of these two are settled; (id, state before) of each."""
    text = "select id, state from crm_duplicate where (record = ? and other = ?) or (record = ? and other = ?)"
    found = [list(row) for row in rows(task.connection, text, (this, other, other, this))]
    for id, _ in found:
        settle(task, id, "merged")
    return found


def settle(task: Task, pair: int, state: str) -> None:
    text = "update crm_duplicate set state = ?, settled_by = ?, settled_at = ? where id = ?"
    by, at = (None, None) if state == "open" else (task.who, task.now)
    change(task.connection, text, (state, by, at, pair))


def _remember(task: Task, entity: Entity, this: int, other: int, done: Mapping[str, Any]) -> None:
    text = 'insert into crm_merge (id, entity, kept, gone, at, "by", moved) values (?, ?, ?, ?, ?, ?, ?)'
    moved = orjson.dumps(done).decode()
    change(task.connection, text, (task.new_id(), entity.name, this, other, task.now, task.who, moved))


# ---- two again


@dataclass(slots=True)
class _Lists:
    """What came of taking back, in whole sentences."""

    back: list[str]
    kept: list[str]
    failed: list[str]


def unmerge(task: Task, command: Unmerge) -> Outcome:
    """Takes the merge back; the outcome's `lists` tell what was taken back, what was kept because somebody changed it
    since, and what failed. Raises Invalid when the time for it is over or the other one is not there to be brought back."""
    this = task.load(command.entity, command.id, "update")
    entity, shape = task.know.blueprint.entities[command.entity], task.know.shapes[command.entity]
    if this.version != command.version:
        raise conflict(task, entity.name, this.row, command.version)
    merge_row = _merge_of(task, command)
    other = _other(task, entity, merge_row["gone"])
    done, lists = merge_row["moved"], _Lists([], [], [])
    values = _values_back(task, shape, this, done["values"], lists)
    check_assignment(task, entity, this.get("owner"), values.get("owner", this.get("owner")))
    version = save(task, entity, this, Changed("unmerged", values))
    save(task, entity, other, Changed("unmerged", {n: other[n] for n in _files(entity, values)}, {"deleted_at": None}))
    lists.back.append(f"{task.called(entity, other, other.id)} is there again.")
    moved = [_move_back(task, one, lists) for one in done["pointers"]]
    _about_back(task, done, this.id, other.id)
    for id, state in done["pairs"]:
        settle(task, id, state)
    change(task.connection, "update crm_merge set undone_at = ? where id = ?", (task.now, merge_row["id"]))
    version += sum(record == this.id for record in moved)
    told = {"back": lists.back, "kept": lists.kept, "failed": lists.failed}
    return Outcome(entity.name, this.id, version, tuple(values), lists=told)


def _merge_of(task: Task, command: Unmerge) -> dict[str, Any]:
    text = "select id, gone, at, moved from crm_merge where id = ? and kept = ? and undone_at is null"
    found = rows(task.connection, text, (command.merge, command.id))
    if not found:
        raise NotFound(NOT_FOUND)
    id, gone, at, moved = found[0]
    if at < task.now - DAYS * 86_400_000:
        raise Invalid([Complaint(None, said(
            "A merge can be taken back within {days} days; this one is older.", days=DAYS
        ))])
    return {"id": id, "gone": gone, "moved": orjson.loads(moved)}


def _other(task: Task, entity: Entity, id: int) -> Stored:
    """The one that lies in the bin, if the actor could change it were it not there."""
    shape = task.know.shapes[entity.name]
    found = rows(task.connection, shape.select, (id,))
    sight = task.know.sight
    scopes = AllOf(tuple(sight.scope(task.actor, entity.name, action) for action in ("read", "update")))
    other = Stored(shape, found[0], task.connection) if found else None
    if other is None or not other.deleted:
        raise Invalid([Complaint(None, said(
            "The other record is not in the bin any more, so there is nothing to take back."
        ))])
    if not task.know.reads.holds(task.connection, task.actor, entity.name, id, scopes, deleted=True):
        raise task.refused(entity, "update")
    return other


def _values_back(
    task: Task, shape: RowShape, this: Stored, values: Mapping[str, Any], lists: _Lists
) -> dict[str, Any]:
    """The values to write; what is hidden from the actor goes back unsaid."""
    found, readable, unsaid = {}, task.sheet(shape.entity).readable, _Lists([], [], [])
    for name, (was, now) in values.items():
        field = shape.entity.fields.get(name)
        told = lists if field is None or name in readable else unsaid
        if field is None:
            told.failed.append(f"There is no field {name} any more.")
        elif this.raw(name) == now:
            found[name] = shape.from_raw(field, was)
            told.back.append(f"{field.label} is what it was.")
        else:
            told.kept.append(f"{field.label} was changed since.")
    return found


def _files(entity: Entity, values: Mapping[str, Any]) -> list[str]:
    """The other one's files are its own again."""
    return [name for name in values if entity.fields[name].type in ("file", "picture")]


def _move_back(task: Task, one: Mapping[str, Any], lists: _Lists) -> int:
    entity = task.know.blueprint.entities.get(one["entity"])
    field = entity.fields.get(one["field"]) if entity else None
    found = rows(task.connection, task.know.shapes[one["entity"]].select, (one["record"],)) if field else []
    if entity is None or field is None or not found:
        lists.failed.append(f"{one['entity']} {one['record']} is not there any more.")
        return 0
    shape = task.know.shapes[entity.name]
    stored = Stored(shape, found[0], task.connection)
    called = _called(task, entity, stored)
    if stored.raw(one["field"]) != one["now"]:
        label = field.label if field.name in task.sheet(entity).readable else "A field"
        lists.kept.append(f"{called}: {label} was changed since.")
        return 0
    save(task, entity, stored, Changed("followed", {field.name: shape.from_raw(field, one["was"])}))
    lists.back.append(f"{called} belongs to it again.")
    return stored.id


def _called(task: Task, entity: Entity, stored: Stored) -> str:
    """By its name to who may read it."""
    seen = task.in_scope(entity.name, stored.id) if task.know.sight.may_open(task.actor, entity.name) else False
    return task.called(entity, stored, stored.id) if seen else f"A record of {entity.plural.lower()} that you do not see"


def _about_back(task: Task, done: Mapping[str, Any], this: int, other: int) -> None:
    for table, keys in done["about"].items():
        key = PAGE_OF.get(table, "id")
        for one in keys:
            change(task.connection, f"update {table} set record = ? where {key} = ? and record = ?", (other, one, this))


def merged_into(connection: Connection, id: int) -> int | None:
    """The record that one which was merged is part of now, also when that one was merged in its turn."""
    found: int | None = None
    for _ in range(10):
        text = "select kept from crm_merge where gone = ? and undone_at is null order by id desc limit 1"
        next_one = rows(connection, text, (found or id,))
        if not next_one:
            break
        found = int(next_one[0][0])
    return found


def stands_merged(task: Task, id: int) -> bool:
    """Whether a record lies in the bin because it was merged, and that can still be taken back."""
    text = "select 1 from crm_merge where gone = ? and undone_at is null and at > ?"
    return bool(rows(task.connection, text, (id, task.now - DAYS * 86_400_000)))


__all__ = [
    "BOTH", "DAYS", "NOT_MERGED", "OTHER", "THIS", "Choice", "both", "choices", "merge", "merged_into", "settle",
    "stands_merged", "unmerge",
]  # fmt: skip
