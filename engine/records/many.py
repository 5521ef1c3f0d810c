"""Thousands of records: the same checks and the same statements as one, run together.

- Rows are checked one by one by the very functions of `Create` and `Update`; what is right is written by the batch, one
  transaction each, so that a batch that is refused by the database is written again row by row.
- A key that is looked up is looked up for a whole batch; so is whether a unique value is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from engine.actor import Actor
from engine.blueprint.entities import Entity, Field
from engine.errors import Complaint, CrmError, Invalid
from engine.records import changes, duplicates
from engine.records.rows import RowShape, Stored
from engine.records.save import Duplicate, New, Overtaken, insert, taken
from engine.records.task import Read, Task
from engine.rules.values import Meanings
from engine.rules.words import is_empty
from engine.words import said as sentence

if TYPE_CHECKING:
    from engine.records.write import Writes

CREATED, CHANGED, SAME, REJECTED = "created", "changed", "same", "rejected"
IN_ONE_SELECT = 500


class Incoming(NamedTuple):
    """A row: its values, the stage in which a new record starts, and `first`, values that only a new record gets."""

    values: Mapping[str, Any]
    stage: str | None = None
    first: Mapping[str, Any] = {}


Given: TypeAlias = Mapping[str, Any] | Incoming


class Row(NamedTuple):
    """What became of one row. `number` counts from 0 in the order given."""

    number: int
    result: str  # created, changed, same, rejected
    id: int | None = None
    complaints: tuple[Complaint, ...] = ()


Heard: TypeAlias = Callable[[list[Row]], None]  # told after each batch what became of its rows


@dataclass(slots=True)
class Imported:
    """What became of all rows. With `keep=False` nothing was written: a dry run."""

    rows: list[Row] = field(default_factory=list)

    def count(self, result: str) -> int:
        return sum(row.result == result for row in self.rows)

    @property
    def rejected(self) -> list[Row]:
        return [row for row in self.rows if row.result == REJECTED]


class _DryRun(Exception):
    """Undoes the transaction of a batch that was only tried."""


class _Unread(str):
    """A key that cannot be read as its type: PostgreSQL would not even look for it, and all rows would fail."""


class _Line(NamedTuple):
    number: int
    given: Mapping[str, Any]
    stage: str | None
    first: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class _Plan:
    """One import: who, into what, found again by which field; what texts meant is kept from batch to batch."""

    writes: Writes
    actor: Actor
    entity: str
    key: str | None
    keep: bool
    meanings: Meanings


def create_many(
    writes: Writes, actor: Actor, entity: str, given: Iterable[Given], stages: Sequence[str | None], batch: int, keep: bool,
    heard: Heard = lambda rows: None,
) -> Imported:  # fmt: skip
    """New records only; a unique value that is taken rejects its row. `stages`: where each row starts, or empty."""
    return _all(_plan(writes, actor, entity, None, keep), given, stages, batch, heard)


def upsert_many(
    writes: Writes, actor: Actor, entity: str, key: str, given: Iterable[Given], stages: Sequence[str | None],
    batch: int, keep: bool, heard: Heard = lambda rows: None,
) -> Imported:
    """A row whose `key` value a record has already changes that record (never its stage); another makes a new one."""
    return _all(_plan(writes, actor, entity, key, keep), given, stages, batch, heard)


def _plan(writes: Writes, actor: Actor, entity: str, key: str | None, keep: bool) -> _Plan:
    with writes.database.reading() as connection:
        task = writes.task(connection, actor)
        for action in ("import", "create"):
            described = task.entity(entity, action)
    return _Plan(writes, actor, entity, key, keep, Meanings(task.sheet(described), task.at))


def _all(
    plan: _Plan, given: Iterable[Given], stages: Sequence[str | None], batch: int, heard: Heard
) -> Imported:
    done = Imported()
    lines = (_line(n, g, stages[n] if n < len(stages) else None) for n, g in enumerate(given))
    while some := list(islice(lines, batch)):
        rows = _batch(plan, some)
        done.rows.extend(rows)
        heard(rows)
    return done


def _line(number: int, given: Given, stage: str | None) -> _Line:
    return _Line(number, *given) if isinstance(given, Incoming) else _Line(number, given, stage)


def _batch(plan: _Plan, lines: list[_Line]) -> list[Row]:
    try:
        return _together(plan, lines)
    except (Duplicate, Overtaken):
        if len(lines) == 1:
            return [_alone(plan, lines[0])]
        # The database knew better, or somebody wrote meanwhile: halve until the row is found.
        half = len(lines) // 2
        return [*_batch(plan, lines[:half]), *_batch(plan, lines[half:])]


def _alone(plan: _Plan, line: _Line) -> Row:
    try:
        return _together(plan, [line])[0]
    except Duplicate as refusal:
        return Row(line.number, REJECTED, None, refusal.complaints)
    except Overtaken:
        said = Complaint(None, sentence("Somebody changed this record at the same moment. Import the row again."))
        return Row(line.number, REJECTED, None, (said,))


def _together(plan: _Plan, lines: list[_Line]) -> list[Row]:
    found: list[Row] = []

    def use_case() -> None:
        found[:] = []
        with plan.writes.database.writing() as connection:
            found.extend(_Batch(plan, plan.writes.task(connection, plan.actor)).write(lines))
            if not plan.keep:
                raise _DryRun

    try:
        plan.writes.database.retry(use_case)
    except _DryRun:
        pass
    return sorted(found, key=lambda row: row.number)


class _Batch:
    """The rows of one transaction."""

    def __init__(self, plan: _Plan, task: Task) -> None:
        self.plan, self.task = plan, task
        plan.meanings.as_of(task.at)
        task.meanings = plan.meanings
        self.entity: Entity = task.know.blueprint.entities[plan.entity]
        self.shape: RowShape = task.know.shapes[plan.entity]
        self.results: list[Row] = []
        self.fresh: list[tuple[_Line, New]] = []

    def write(self, lines: list[_Line]) -> list[Row]:
        self.task.expect(len(lines))
        known = [(line, self.task.read(self.entity, line.given)) for line in lines]
        duplicates.expect(self.task, self.entity, [values for _, (values, _) in known])
        for line, read, stored in self._matched(known):
            if stored is None:
                self._check_new(line, read)
            else:
                self._change(line, read, stored)
        self._insert()
        return self.results

    # ---- which record a row speaks of

    def _matched(self, lines: list[tuple[_Line, Read]]) -> Iterator[tuple[_Line, Read, Stored | None]]:
        if self.plan.key is None:
            yield from ((line, read, None) for line, read in lines)
            return
        key = self.entity.fields[self.plan.key]
        raws = [self._raw(key, line.given, read) for line, read in lines]
        known = dict(self._rows_by(key, [r for r in raws if r is not None and not isinstance(r, _Unread)]))
        seen: set[Any] = set()
        for (line, read), raw in zip(lines, raws, strict=True):
            if raw is None:
                self._reject(line, (Complaint(key.name, is_empty(key.label)),))
            elif raw in seen:
                self._reject(line, (Complaint(key.name, sentence(
                    "Another row has this {lower}.", lower=key.label.lower()
                )),))
            else:
                yield line, read, self._mine(known.get(raw))
            seen.add(raw)

    def _raw(self, key: Field, given: Mapping[str, Any], read: Read) -> Any:
        """The key's raw value; what cannot be read is complained of with the row's other values."""
        if key.name in read[0]:
            return self.shape.key(key.name, read[0][key.name])
        raw = given.get(key.name)
        return raw if raw is None or key.name not in self.task.sheet(self.entity).writable else _Unread(raw)

    def _rows_by(self, key: Field, raws: list[Any]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
        slot = self.shape.slots[key.name]
        for chunk in _chunks(raws):
            for row in self.task.connection.find(self.shape.select_all, self.shape.columns[slot.start], chunk):
                yield row[slot.start], row

    def _mine(self, row: tuple[Any, ...] | None) -> Stored | None:
        return None if row is None else Stored(self.shape, row, self.task.connection)

    # ---- rows that change a record

    def _change(self, line: _Line, read: Read, stored: Stored) -> None:
        """A record that the actor may not change is a taken key, whoever it belongs to."""
        if not self.task.in_scope(self.entity.name, stored.id, "update"):
            key = self.plan.key or ""
            self._reject(line, (Complaint(key, taken(self.entity, key)),))
            return
        try:
            outcome = changes.changed(self.task, self.entity, stored, read)
        except Duplicate:  # the transaction may be of no more use
            raise
        except CrmError as refusal:
            self._reject(line, _complaints(refusal))
            return
        same = outcome.version == stored.version
        self.results.append(Row(line.number, SAME if same else CHANGED, stored.id))

    # ---- rows that make one

    def _check_new(self, line: _Line, read: Read) -> None:
        if line.first:
            values, complaints = self.task.read(self.entity, line.first)
            read = {**read[0], **values}, [*read[1], *complaints]
        try:
            record = changes.checked_new(self.task, self.entity, read, line.stage)
        except CrmError as refusal:
            self._reject(line, _complaints(refusal))
        else:
            self.fresh.append((line, record))

    def _insert(self) -> None:
        for described in self.entity.fields.values():
            if described.name == self.plan.key:
                continue  # what is left has a key that no record and no other row has
            if described.unique and described.name in self.task.sheet(self.entity).writable:
                self._drop_taken(described)
        if self.fresh:
            self.task.expect(2 * len(self.fresh))  # a stay and a message each
            insert(self.task, self.entity, [record for _, record in self.fresh])
        self.results.extend(Row(line.number, CREATED, record.id) for line, record in self.fresh)

    def _drop_taken(self, described: Field) -> None:
        """Rejects rows whose unique value a record or an earlier row has."""
        values = [record.values.get(described.name) for _, record in self.fresh]
        raws = [None if v is None else self.shape.key(described.name, v) for v in values]
        known = {raw for raw, _ in self._rows_by(described, [r for r in raws if r is not None])}
        kept = []
        for (line, record), raw in zip(self.fresh, raws, strict=True):
            if raw is not None and raw in known:
                self._reject(line, (Complaint(described.name, taken(self.entity, described.name)),))
            else:
                kept.append((line, record))
                known.add(raw)
        self.fresh = kept

    def _reject(self, line: _Line, complaints: tuple[Complaint, ...]) -> None:
        self.results.append(Row(line.number, REJECTED, None, complaints))


def _complaints(refusal: CrmError) -> tuple[Complaint, ...]:
    return refusal.complaints if isinstance(refusal, Invalid) else (Complaint(None, refusal.message),)


def _chunks(values: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(values), IN_ONE_SELECT):
        yield values[start : start + IN_ONE_SELECT]


__all__ = ["CHANGED", "CREATED", "REJECTED", "SAME", "Imported", "Incoming", "Row", "create_many", "upsert_many"]
