"""A record's past, as an actor may know it: who did what and when; of hidden fields only that something changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.blueprint.entities import Entity, Field
from engine.blueprint.values import Ref
from engine.errors import NotFound
from engine.records.database import Connection
from engine.records.journal import REFUSED, Fault, verify_chain
from engine.records.look import in_scope
from engine.records.read import Reads
from engine.records.rows import RowShape, rows
from engine.records.sight import NOT_FOUND, targets_of

Titles = Mapping[tuple[str, int], str]
COLUMNS = "id, at, actor, action, transition, stage_from, stage_to, changes, rule"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """Values of the field's type; references carry the title that the actor may see. `was` is None when it was empty."""

    field: Field
    was: Any
    now: Any


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `action`: created, changed, moved, deleted, restored, merged, unmerged, followed
    (its reference went along with a merge), refused. `stage_from` and `stage_to`
    are labels; `hidden`: something changed that this actor may not read; `said`: why a deed was refused."""

    id: int
    at: datetime
    actor: Ref | None  # None: the engine itself
    action: str
    changes: tuple[FieldChange, ...] = ()
    transition: str | None = None  # its label
    stage_from: str | None = None
    stage_to: str | None = None
    hidden: bool = False
    said: str | None = None
    rule: str | None = None  # the label of the rule that did it


@dataclass(frozen=True, slots=True)
class Stay:
    """How long a record was in a stage; `left_at` is None where it stands now."""

    field: str
    stage: str
    label: str
    entered_at: datetime
    left_at: datetime | None

    def seconds(self, now: datetime) -> float:
        return ((self.left_at or now) - self.entered_at).total_seconds()


def history(
    reads: Reads, actor: Actor, entity: str, id: int, *, limit: int = 100, before: int | None = None,
    deleted: bool = False,
) -> tuple[Event, ...]:  # fmt: skip
    """Newest first, those before the event `before`. Who administers also sees refused deeds. Raises NotFound."""
    reads.sight.entity(actor, entity)
    with reads.lent(None) as lent:
        _must_see(reads, lent, actor, entity, id, deleted)
        return history_of(reads, lent, actor, entity, id, {}, limit=limit, before=before)


def history_of(
    reads: Reads, lent: Connection, actor: Actor, entity: str, id: int, titles: Titles, *, limit: int,
    before: int | None = None, values_at_start: bool = True,
) -> tuple[Event, ...]:  # fmt: skip
    """As `history`, of a record that this actor was shown on this very connection: its scope is not asked again.
    `titles` are those that the actor was shown with it; without `values_at_start` a creation tells no values."""
    administers = reads.blueprint.roles[actor.role].administers
    # Not by entity: rows keep the name that it had then, and an id belongs to one record of all.
    text = f"select {COLUMNS} from crm_history where record = ? and id < ?"
    if not administers:
        text += f" and action <> '{REFUSED}'"
    found = rows(lent, f"{text} order by id desc limit ?", (id, before or 2**63 - 1, limit))
    described = reads.blueprint.entities[entity]
    return _Telling(reads, lent, actor, described, titles, values_at_start).events(found)


def stage_times(reads: Reads, actor: Actor, entity: str, id: int, *, deleted: bool = False) -> tuple[Stay, ...]:
    """The record's stays in its stages, oldest first. Raises NotFound."""
    reads.sight.entity(actor, entity)
    with reads.lent(None) as lent:
        _must_see(reads, lent, actor, entity, id, deleted)
        return stays_of(reads, lent, actor, entity, id)


def stays_of(reads: Reads, lent: Connection, actor: Actor, entity: str, id: int) -> tuple[Stay, ...]:
    """As `stage_times`, of a record that this actor was shown on this very connection."""
    described, readable = reads.blueprint.entities[entity], reads.sight.fields(actor.role, entity)
    text = "select field, stage, entered_at, left_at from crm_stage_time where record = ? order by entered_at, id"
    return tuple(
        Stay(name, stage, _stage_label(described, name, stage), _moment(entered), _moment(left) if left else None)
        for name, stage, entered, left in rows(lent, text, (id,))
        if name in readable
    )


def verify(reads: Reads) -> Iterable[Fault]:
    """Every place where history is not what was written; for `crm audit verify`."""
    with reads.database.reading(snapshot=True) as connection:
        yield from verify_chain(connection, tuple(reads.blueprint.entities))


def _must_see(reads: Reads, connection: Connection, actor: Actor, entity: str, id: int, deleted: bool) -> None:
    action = "delete" if deleted else "read"
    if not in_scope(reads, connection, actor, entity, id, action, deleted=deleted):
        raise NotFound(NOT_FOUND)


class _Telling:
    """Rows of one record's history for one actor; `titles` are known to them already."""

    def __init__(
        self, reads: Reads, connection: Connection, actor: Actor, entity: Entity, titles: Titles, values_at_start: bool
    ) -> None:
        self.reads, self.connection, self.actor, self.entity = reads, connection, actor, entity
        self.known, self.values_at_start = titles, values_at_start
        self.readable = reads.sight.fields(actor.role, entity.name)
        self.shape = reads.kept(("row", entity.name), lambda: RowShape(entity))
        self.labels, self.now_named = reads.kept(("history", entity.name), lambda: _names(reads.blueprint, entity))

    def events(self, found: list[tuple[Any, ...]]) -> tuple[Event, ...]:
        told = [self._event(row) for row in found]
        refs = {ref for event in told for ref in self._refs(event)}
        unknown = [ref for ref in refs if (ref.entity, ref.id) not in self.known]
        titles = {**self.known, **self.reads.titles(self.actor, unknown, self.connection)}
        return tuple(self._titled(event, titles) for event in told)

    def _event(self, row: tuple[Any, ...]) -> Event:
        id, at, who, action, transition, stage_from, stage_to, text, rule = row
        content = orjson.loads(text or "{}")
        changes = {} if action == REFUSED else {self.now_named.get(n, n): pair for n, pair in content.items()}
        seen = {name: pair for name, pair in changes.items() if name in self.readable}
        told = seen if self.values_at_start or action != "created" else {}
        return Event(
            id, _moment(at), Ref("user", who) if who else None, action,
            tuple(self._change(self.readable[n], *pair) for n, pair in told.items() if not _is_stage(self.readable[n])),
            self.labels.get(transition, transition), self._stage(seen, 0, stage_from), self._stage(seen, 1, stage_to),
            len(seen) < len(changes), content.get("said") if action == REFUSED else None, self._rule(rule),
        )  # fmt: skip

    def _rule(self, name: str | None) -> str | None:
        known = self.reads.blueprint.rules.get(name or "")
        return known.label if known else name

    def _stage(self, seen: Mapping[str, Any], side: int, stage: str | None) -> str | None:
        """The stage's label, when the actor may read a stage field that took part."""
        for name, pair in seen.items():
            if stage is not None and _is_stage(self.readable[name]) and pair[side] == stage:
                return _stage_label(self.entity, name, stage)
        return None

    def _change(self, field: Field, was: Any, now: Any) -> FieldChange:
        return FieldChange(field, self._value(field, was), self._value(field, now))

    def _value(self, field: Field, raw: Any) -> Any:
        """A field may have changed its type since; then the raw value tells enough."""
        try:
            value = self.shape.from_raw(field, raw)
        except (ValueError, TypeError, KeyError, AttributeError):
            return str(raw)
        targets = targets_of(field)
        if value is None or not targets or isinstance(value, Ref):
            return value
        return tuple(Ref(targets[0], v) for v in value) if isinstance(value, tuple) else Ref(targets[0], value)

    def _refs(self, event: Event) -> Iterable[Ref]:
        if event.actor:
            yield event.actor
        for change in event.changes:
            for value in (change.was, change.now):
                yield from (v for v in (value if isinstance(value, tuple) else (value,)) if isinstance(v, Ref))

    def _titled(self, event: Event, titles: Mapping[tuple[str, int], str]) -> Event:
        def named(value: Any) -> Any:
            if isinstance(value, tuple):
                return tuple(map(named, value))
            return Ref(value.entity, value.id, titles.get((value.entity, value.id))) if isinstance(value, Ref) else value

        changes = tuple(FieldChange(c.field, named(c.was), named(c.now)) for c in event.changes)
        return Event(
            event.id, event.at, named(event.actor), event.action, changes, event.transition, event.stage_from,
            event.stage_to, event.hidden, event.said, event.rule,
        )  # fmt: skip


def _names(blueprint: Blueprint, entity: Entity) -> tuple[dict[str, str], dict[str, str]]:
    """The labels of the moves, and what the fields of former names are called now."""
    moves = [t for w in blueprint.workflows_of(entity.name) for t in w.transitions.values()]
    labels = {t.was: t.label for t in moves if t.was} | {t.name: t.label for t in moves}
    return labels, {f.was: f.name for f in entity.fields.values() if f.was and f.was not in entity.fields}


def _is_stage(field: Field) -> bool:
    return field.type == "stage"


def _stage_label(entity: Entity, name: str, stage: str) -> str:
    """Rows of history keep the name that a stage had then: they cannot be changed."""
    field = entity.fields.get(name)
    stages = field.options["stages"] if field else ()
    return next((c.label for key in ("value", "was") for c in stages if getattr(c, key) == stage), stage)


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


__all__ = ["Event", "Fault", "FieldChange", "Stay", "history", "stage_times", "verify"]
