"""One command of one actor inside one transaction, with all that the rules need at hand."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.blueprint.conditions import ALWAYS, Condition
from engine.blueprint.entities import Entity
from engine.blueprint.notifications import Notification
from engine.blueprint.rules import Rule
from engine.blueprint.workflows import Workflow
from engine.errors import Complaint, NotFound, Refused
from engine.formats import Reading
from engine.records import journal
from engine.records.commands import Cause
from engine.records.database import Connection, Row
from engine.records.keys import milliseconds, new_id, new_ids
from engine.records.look import RecordLook, in_scope
from engine.records.new_rows import NewRows
from engine.records.read import Reads
from engine.records.rows import RowShape, Stored, rows
from engine.records.sight import NOT_FOUND
from engine.rules.conditions import holds
from engine.rules.duplicates import Watch
from engine.rules.permissions import may, rights_of, who_may, writable
from engine.rules.stages import Facts, Stages
from engine.rules.values import Meanings, Sheet, sheet
from engine.rules.words import may as may_do
from engine.text import render
from engine.words import said

Values = Mapping[str, Any]
Read: TypeAlias = tuple[dict[str, Any], list[Complaint]]
VERBS = {"create": "add", "update": "change", "assign": "hand over", "bulk": "change many of"}  # others: as they are


class Knowledge:
    """What writing needs of one blueprint, worked out once."""

    def __init__(self, blueprint: Blueprint, reads: Reads) -> None:
        self.blueprint = blueprint
        self.reads = reads
        self.tables = reads.tables
        self.sight = reads.sight
        self.stages = Stages(blueprint)
        self.shapes = {e.name: RowShape(e) for e in blueprint.entities.values()}
        self.new_rows = {name: NewRows(shape) for name, shape in self.shapes.items()}
        self.sheets = {
            (role, entity.name): self._sheet(role, entity)
            for role in blueprint.roles
            for entity in blueprint.entities.values()
        }
        self.watch = Watch(blueprint)
        self.told = {name: _listened_to(blueprint, name) for name in blueprint.entities}

    def reading(self, actor: Actor, moment: datetime) -> Reading:
        starts = self.blueprint.manifest.financial_year_starts
        return Reading(self.reads.formats(actor), moment, actor.user, starts)

    def _sheet(self, role: str, entity: Entity) -> Sheet:
        readable = self.sight.fields(role, entity.name)
        return sheet(entity, readable, writable(readable, rights_of(self.blueprint, role, entity.name)))


@dataclass(slots=True)
class Task:
    know: Knowledge
    connection: Connection
    actor: Actor
    moment: datetime
    at: Reading
    now: int = 0  # ms
    seen: dict[tuple[str, int], bool] = field(default_factory=dict)  # records that may be pointed to, in this transaction
    ids: list[int] = field(default_factory=list)
    meanings: Meanings | None = None  # of one entity, when many of its records are written together
    cause: Cause | None = None  # the rule that asks
    held: int = 0  # ms in which a deed by hand can be taken back before others are told
    deeds: dict[int, int] = field(default_factory=dict)  # record -> its last history row of this transaction
    # See duplicates.py: what keys lead to; records of this batch that are not yet written; whether it is a batch, and
    # whether somebody only asks.
    keyed: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    fresh: dict[int, Values] = field(default_factory=dict)
    together: bool = False
    asking: bool = False

    @classmethod
    def begin(
        cls, know: Knowledge, connection: Connection, actor: Actor, moment: datetime, cause: Cause | None = None,
        held: int = 0,
    ) -> Task:  # fmt: skip
        at = know.reading(actor, moment)
        return cls(know, connection, actor, moment, at, milliseconds(moment), cause=cause, held=held)

    # ---- what may be touched

    def entity(self, name: str, action: str) -> Entity:
        """Raises NotFound for an entity that the role may not read, Refused where it may never do this."""
        entity = self.know.sight.entity(self.actor, name)
        if not may(self.know.blueprint, self.actor, action, name):
            raise self.refused(entity, action)
        return entity

    def load(self, name: str, id: int, action: str, *, deleted: bool = False) -> Stored:
        """The record as stored. Raises NotFound when the actor may not read it, Refused when this is not theirs to do."""
        entity = self.know.sight.entity(self.actor, name)
        shape = self.know.shapes[name]
        found = self._binned(name, id, action) if deleted else self._alive(shape, id, action)
        if found is None:
            raise NotFound(NOT_FOUND)
        row, may_do = found
        if not may_do:
            raise self.refused(entity, action)
        return Stored(shape, row, self.connection)

    def _alive(self, shape: RowShape, id: int, action: str) -> tuple[Row, bool] | None:
        """The row, and whether the action may be done; None when the actor may not read it."""
        singles = self.know.reads.singles
        return singles.stored(self.connection, self.actor, shape.entity.name, id, action, shape.columns)

    def _binned(self, name: str, id: int, action: str) -> tuple[Row, bool] | None:
        """The same of a record in the bin."""
        found = rows(self.connection, self.know.shapes[name].select, (id,))
        if not found or not self.in_scope(name, id, deleted=True):
            return None
        return found[0], action == "read" or self.in_scope(name, id, action, deleted=True)

    def stored(self, name: str, id: int) -> Stored:
        """A record that is known to be there and in the actor's scope."""
        shape = self.know.shapes[name]
        return Stored(shape, rows(self.connection, shape.select, (id,))[0], self.connection)

    def in_scope(self, entity: str, id: int, action: str = "read", *, deleted: bool = False) -> bool:
        return in_scope(self.know.reads, self.connection, self.actor, entity, id, action, deleted=deleted)

    def meets(self, entity: str, id: int, condition: Condition) -> bool:
        """Whether a record, as stored, meets a condition; its own scope is not asked."""
        return condition == ALWAYS or self.know.reads.holds(self.connection, self.actor, entity, id, condition)

    def refused(self, entity: Entity, action: str) -> Refused:
        who = who_may(self.know.blueprint, action, entity.name, self.actor.role)
        what = entity.plural if action in ("import", "bulk") else f"this {entity.label.lower()}"
        return Refused(said(
            "Your role does not let you {get} {lower}. {may_do}",
            get=VERBS.get(action, action), lower=what.lower(), may_do=may_do(who)
        ), who)

    # ---- conditions and stages

    def holds(self, entity: Entity, values: Values, id: int | None) -> Callable[[Condition], bool]:
        """A function that tells whether a condition holds for these values of the record."""
        look = RecordLook(self.know.reads, self.connection, self.actor, entity.name, id, values)

        def asked(condition: Condition) -> bool:
            return condition == ALWAYS or holds(condition, entity.fields, values, self.at, look)

        return asked

    def workflows(self, entity: Entity, asked: Callable[[Condition], bool]) -> tuple[Workflow, ...]:
        return self.know.stages.follows(entity.name, asked)

    def facts(self, entity: Entity, values: Values, id: int, *, asking: bool) -> Facts:
        filled = self.sheet(entity)
        return Facts(
            self.actor.role, values, filled.readable, filled.writable, self.holds(entity, values, id),
            lambda stage_field: journal.previous_stage(self.connection, id, stage_field), asking,
        )  # fmt: skip

    # ---- the rest

    def read(self, entity: Entity, given: Mapping[str, Any]) -> Read:
        """What was given as values, and what is wrong with it."""
        return self.sheet(entity).read(given, self.at, self.meanings)

    def sheet(self, entity: Entity) -> Sheet:
        return self.know.sheets[self.actor.role, entity.name]

    def new_id(self, at: int | None = None) -> int:
        """An id of this moment, or of a later one, `at` in ms."""
        if at is not None and at != self.now:
            return new_id(datetime.fromtimestamp(at / 1000, UTC))
        if not self.ids:
            self.ids = list(reversed(new_ids(self.moment, 4)))
        return self.ids.pop()

    def expect(self, ids: int) -> None:
        """So many ids will be asked for: they are made together."""
        if len(self.ids) < ids:
            self.ids = list(reversed(new_ids(self.moment, ids)))

    @property
    def rule(self) -> str | None:
        """The rule that asks."""
        return self.cause.rule if self.cause else None

    @property
    def told_at(self) -> datetime:
        """When others are told of what is done now."""
        return self.moment + timedelta(milliseconds=self.held)

    @property
    def who(self) -> int | None:
        """Whose hand history names; the engine itself is nobody."""
        return self.actor.user or None

    def called(self, entity: Entity, values: Values, id: int) -> str:
        """`Lead LEAD-000042`, by what the actor may read."""
        readable = self.sheet(entity).readable
        for number in entity.fields_of("reference_number"):
            if number.name in readable and values.get(number.name):
                return f"{entity.label} {values[number.name]}"
        shown = {name: values.get(name) for name in entity.title.fields if name in readable}
        return f"{entity.label} {render(entity.title, shown, self.at.formats) or id}"


def _listened_to(blueprint: Blueprint, entity: str) -> frozenset[str]:
    """What must happen to a record of the entity for anybody to hear of it."""
    listeners: list[Notification | Rule] = [*blueprint.notifications.values(), *blueprint.rules.values()]
    return frozenset(one.on for one in listeners if one.entity == entity and one.on is not None)


def merged(changes: Mapping[str, Any], stored: Mapping[str, Any]) -> Values:
    """The record as it will be."""
    return ChainMap(dict(changes), stored)  # type: ignore[arg-type]
