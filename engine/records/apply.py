"""Does what a plan says, in one transaction on both databases, so that a crash in the middle leaves nothing half done.

1. the plan is made again inside the transaction: the data may have moved on since it was shown
2. searches and indexes that are in the way are dropped
3. entities that go and fields that go are archived and dropped; then names are carried over
4. new tables and columns come; values are converted, words renamed, records of removed stages moved
5. indexes, keys and searches are made; what was applied is remembered
"""

from __future__ import annotations

import json
from datetime import datetime

from engine.clock import Clock, system_clock
from engine.errors import Unusable
from engine.records import ddl, keyed, reach, search_index
from engine.records.applied import lacking, remember
from engine.records.archive import Archive
from engine.records.database import Connection, Database
from engine.records.difference import (
    ConvertedField,
    GoneEntity,
    GoneField,
    GoneWord,
    NewEntity,
    NewField,
    RenamedEntity,
    RenamedField,
    RenamedRole,
    RenamedWord,
    Searched,
)
from engine.records.plan import Plan, planned
from engine.records.refill import Refill
from engine.records.rename import Rename
from engine.records.shape import EntityShape, FieldShape
from engine.records.view_renames import Renames, carry_views


def apply(plan: Plan, database: Database, allow_loss: bool = False, *, clock: Clock = system_clock) -> Plan:
    """What was done. Raises Unusable, having changed nothing, when a step is not possible or would lose values that
    it may not."""
    with database.reshaping() as connection:
        fresh = planned(plan.blueprint, connection)
        _check(fresh, allow_loss)
        if fresh.steps or fresh.before.blueprint != plan.blueprint.hash:
            _Work(connection, fresh, clock()).do()
    return fresh


def _check(plan: Plan, allow_loss: bool) -> None:
    if plan.refused:
        told = " ".join(f"{step.words} {step.refusal}" for step in plan.refused)
        raise Unusable(f"This cannot be applied, and nothing was changed. {told}")
    if plan.losses and not allow_loss:
        told = " ".join(step.words for step in plan.losses)
        raise Unusable(
            f"Values would be lost, so nothing was changed. {told} Say --allow-loss to archive them."
        )


class _Work:
    """One apply inside its transaction."""

    def __init__(self, connection: Connection, plan: Plan, now: datetime) -> None:
        self.connection = connection
        self.plan = plan
        self.now = now
        self.changes = plan.changes
        self.archive = Archive(connection, now)
        self.rename = Rename(connection)
        self.refill = Refill(connection, plan.blueprint, plan.tables, now)
        self.new_columns: list = []  # whose foreign keys are still to be made

    def do(self) -> None:
        self._engine()
        searches = self._drop_searches()
        self._drop_indexes()
        self._take_away()
        self._carry_over()
        self._add()
        self._fill()
        ddl.create_missing_indexes(self.connection, self.plan.tables.metadata.tables.values())
        ddl.add_foreign_keys(self.connection, self.new_columns)
        for name in searches:
            search_index.create(self.connection, name, self.plan.after.entities[name].searched)
        self._finish()

    def _engine(self) -> None:
        live, tables = ddl.tables_there(self.connection), self.plan.tables
        new = [table for table in tables.systems() if table.name not in live]
        tables.metadata.create_all(self.connection.core, tables=new, checkfirst=False)
        for column in lacking(tables.systems(), live):
            ddl.add_filled_column(self.connection, column)

    def _drop_searches(self) -> list[str]:
        """The entities whose search must be made, anew or at first."""
        before, after = self.plan.before.shape.entities, self.plan.after.entities
        for name, old in before.items():
            if old.searched and self._search_differs(name):
                search_index.drop(self.connection, name)
        return [name for name, new in after.items() if new.searched and self._search_differs(name)]

    def _search_differs(self, name: str) -> bool:
        old, new = self.plan.before.shape.entities.get(name), self.plan.after.entities.get(name)
        if not old or not new or old.searched != new.searched:
            return True
        return any(c.entity.name == name and c.new.search for c in self._all(ConvertedField))

    def _drop_indexes(self) -> None:
        renamed = {c.old.name for c in self._all(RenamedEntity)}
        for old in self.plan.before.shape.entities.values():
            new = self.plan.after.entities.get(old.name)
            kept = new.indexes if new and old.name not in renamed else {}
            touched = self._moving_columns(old.name)
            for name, index in old.indexes.items():
                if kept.get(name) != index or touched & set(index.columns):
                    ddl.drop_index(self.connection, name)

    def _moving_columns(self, entity: str) -> set[str]:
        """Columns that are replaced by others, though their name may stay."""
        found = {
            c.name
            for change in self._all(ConvertedField)
            for c in change.old.columns
            if change.entity.name == entity
        }
        gone = {
            c.name
            for change in self._all(GoneField)
            for c in change.field.columns
            if change.entity.name == entity
        }
        return found | gone

    def _take_away(self) -> None:
        old_names = {c.new.name: c.old.name for c in self._all(RenamedEntity)}
        for field in self._all(GoneField):
            self._take_field(old_names.get(field.entity.name, field.entity.name), field.entity, field.field)
        gone = [c.entity for c in self._all(GoneEntity)]
        for entity in gone:
            self.archive.entity(entity)
        for entity in gone:
            self._take_entity(entity)

    def _take_field(self, table: str, entity: EntityShape, field: FieldShape) -> None:
        if not field.holds_values:
            return
        self.archive.field(table, entity.name, field)
        if field.links_to:
            ddl.drop_table(self.connection, f"{table}__{field.name}")
        found = (f"{field.name}__find",) if field.search else ()
        ddl.drop_columns(self.connection, table, (*(c.name for c in field.columns), *found))

    def _take_entity(self, entity: EntityShape) -> None:
        for field in entity.fields.values():
            if field.links_to:
                ddl.drop_table(self.connection, f"{entity.name}__{field.name}")
        ddl.drop_table(self.connection, entity.name)

    def _carry_over(self) -> None:
        for change in self._all(RenamedEntity):
            self.rename.entity(change.old, change.new, self.plan.before.shape)
        converted = {(c.entity.name, c.new.name) for c in self._all(ConvertedField)}
        for change in self._all(RenamedField):
            stays = (change.entity.name, change.new.name) not in converted
            self.rename.field(change.entity.name, change.old, change.new, columns=stays)
        for change in self._all(RenamedWord):
            self.rename.word(change.entity.name, change.new, change.word, change.to)
        for change in self._all(RenamedRole):
            self.rename.role(change.old, change.new)
        carry_views(self.connection, Renames.of(self.plan.before.shape, self.changes))

    def _add(self) -> None:
        for change in self._all(NewEntity):
            table = self.plan.tables.of(change.entity.name)
            ddl.create_table(self.connection, table)
            self.new_columns += table.columns
        for change in self._all(NewEntity):
            for field in change.entity.fields.values():
                self._add_link(change.entity.name, field)
        for change in self._all(NewField):
            self._add_columns(change.entity.name, change.field)

    def _add_columns(self, entity: str, field: FieldShape) -> None:
        self._add_link(entity, field)
        for column in self.plan.tables.columns(entity, field.name):
            ddl.add_column(self.connection, column)
            self.new_columns.append(column)
        if field.search:
            ddl.add_column(self.connection, self.plan.tables.of(entity).c[f"{field.name}__find"])

    def _add_link(self, entity: str, field: FieldShape) -> None:
        if field.links_to:
            table = self.plan.tables.link(entity, field.name)
            ddl.create_table(self.connection, table)
            self.new_columns += table.columns

    def _fill(self) -> None:
        for change in self._all(ConvertedField):
            self._convert(change)
        for change in self._all(NewField):
            self.refill.default(change.entity.name, change.field.name)
        for change in self._all(Searched):
            self._search(change)
        for change in self._all(GoneWord):
            if change.to:
                self.refill.move(change.entity.name, change.new.name, change.word, change.to)

    def _convert(self, change: ConvertedField) -> None:
        entity, old, new = change.entity.name, change.old, change.new
        aside = self.rename.aside(entity, old)
        self._add_columns(entity, new)
        self.refill.converted(entity, old, new, aside)
        if old.links_to:
            ddl.drop_table(self.connection, aside[0])
        else:
            ddl.drop_columns(self.connection, entity, aside)

    def _search(self, change: Searched) -> None:
        column = f"{change.new.name}__find"
        if change.new.search:
            ddl.add_column(self.connection, self.plan.tables.of(change.entity.name).c[column])
            self.refill.found(change.entity.name, change.new.name)
        else:
            ddl.drop_columns(self.connection, change.entity.name, [f"{change.new.name}__find"])

    def _finish(self) -> None:
        blueprint, tables = self.plan.blueprint, self.plan.tables
        people = blueprint.entities.get("user")
        if people and {"role", "manager"} <= people.fields.keys():
            reach.rebuild(self.connection, blueprint, tables)
        keyed.refresh(self.connection, blueprint, tables)
        words = json.dumps([step.words for step in self.plan.steps], ensure_ascii=False)
        remember(self.connection, self.now, blueprint.hash, self.plan.after, words)

    def _all(self, kind: type) -> list:
        return [c for c in self.changes if isinstance(c, kind)]
