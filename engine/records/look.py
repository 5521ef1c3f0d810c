"""What the rules ask of the database about one record: is it in the actor's scope, does it meet a condition?

The read door answers, in the words of its own statements.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from engine.actor import Actor
from engine.blueprint.conditions import ALWAYS, AllOf, Condition, Test, Word
from engine.blueprint.values import Ref, Stayed
from engine.records.database import Connection
from engine.records.read import Reads
from engine.records.rows import rows, target_id
from engine.records.sight import targets_of


def in_scope(
    reads: Reads, connection: Connection, actor: Actor, entity: str, id: int, action: str, *, deleted: bool = False
) -> bool:
    """Whether the actor may read the record and do `action` to it. `deleted`: it lies in the bin."""
    if not deleted:
        return reads.allowed(actor, action, entity, id, connection)
    scopes = tuple(reads.sight.scope(actor, entity, each) for each in ("read", action))
    return reads.holds(connection, actor, entity, id, AllOf(scopes), deleted=True)


@dataclass(slots=True)
class RecordLook:
    """The Look of one record. `id` is None for a record that is not there yet; `values` are the record's as they will be:
    a reference that is about to change is judged by where it will point. `until` (ms): its stages before that moment."""

    reads: Reads
    connection: Connection
    actor: Actor
    entity: str
    id: int | None
    values: Mapping[str, Any] = field(default_factory=dict)
    until: int | None = None

    def test(self, test: Test) -> bool:
        described = self.reads.sight.blueprint.entities[self.entity].fields[test.field]
        targets = targets_of(described) if described.type not in ("children", "references") else ()
        if targets and test.operator in ("where", "visible"):
            return self._pointed(test, targets)
        if self.id is None:
            return test.operator == "none" or (test.operator == "empty" and test.value is True)
        return self.holds(self.entity, self.id, test)

    def among(self, word: str, id: int) -> bool:
        if word == "my subordinates":
            text = 'select 1 from crm_reach where superior = ? and "user" = ?'
            return bool(rows(self.connection, text, (self.actor.user, id)))
        if id in self.actor.teams:
            return True
        person = Test("id", "in", (Word("my team"),))
        return self.holds("user", id, person)

    def stays(self, field: str) -> tuple[Stayed, ...]:
        text = "select stage, entered_at, left_at from crm_stage_time where record = ? and field = ? order by id"
        found = rows(self.connection, text, (self.id, field)) if self.id is not None else []
        if self.until is None:
            return tuple(Stayed(stage, moment(entered), moment(left)) for stage, entered, left in found)
        before = [(stage, entered, left if left and left < self.until else None) for stage, entered, left in found]
        return tuple(Stayed(s, moment(entered), moment(left)) for s, entered, left in before if entered < self.until)

    def _pointed(self, test: Test, targets: tuple[str, ...]) -> bool:
        value = self.values.get(test.field)
        if value is None:
            return test.operator == "visible" and not test.value
        entity = value.entity if isinstance(value, Ref) else targets[0]
        visible = self.reads.allowed(self.actor, "read", entity, target_id(value), self.connection)
        if test.operator == "visible":
            return visible == bool(test.value)
        return visible and self.holds(entity, target_id(value), test.value)

    def holds(self, entity: str, id: int, condition: Condition) -> bool:
        return condition == ALWAYS or self.reads.holds(self.connection, self.actor, entity, id, condition)


def moment(ms: int | None) -> Any:
    return datetime.fromtimestamp(ms / 1000, UTC) if ms is not None else None
