"""Single records and their titles: what is asked by id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import FromClause

from engine.actor import Actor
from engine.blueprint.conditions import Condition
from engine.blueprint.values import Ref
from engine.records.columns import ID, TITLE, Layout, Row, Shown, value_of
from engine.records.database import Connection
from engine.records.late import id_places, in_places
from engine.records.lists import Listed, Parent, count_beside
from engine.records.scope import Scope, Sql, Who
from engine.records.sight import targets_of
from engine.records.statement import Prepared, prepare
from engine.records.tables import linked
from engine.records.titles import is_plain, title
from engine.text import render

if TYPE_CHECKING:
    from engine.records.read import Reads

RECORD = sa.bindparam("record", 0, type_=sa.BigInteger())


@dataclass(frozen=True, slots=True)
class Beside:
    """What else of a record is told by the select that reads it: whether the actor may do `actions` to it, and how many
    records each of these children fields has."""

    actions: tuple[str, ...] = ()
    children: tuple[str, ...] = ()


NOTHING = Beside()


@dataclass(frozen=True, slots=True)
class One:
    """The plan of one record: `fields` by name, without a title that is no field. Rows end with the answers to `beside`."""

    listed: Listed
    fields: Mapping[str, Shown]


class Singles:
    def __init__(self, reads: Reads) -> None:
        self.reads = reads

    def plan(self, actor: Actor, entity: str, deleted: bool, beside: Beside = NOTHING) -> One:
        """The select of one record: every field that the actor may read, its title, and what is asked for beside it."""
        key = ("one", Who.of(actor), entity, deleted, beside)
        return self.reads.kept(
            key, lambda: self._plan(actor, entity, deleted, beside), lambda made: made.listed.prepared.lasting
        )

    def _plan(self, actor: Actor, entity: str, deleted: bool, beside: Beside) -> One:
        scope = self.reads.scope(actor)
        row = scope.table(entity)
        layout = Layout(scope, entity, row)
        for field in self.reads.sight.fields(actor.role, entity).values():
            if field.type != "children":
                layout.add(field.name)
        if "title" not in self.reads.blueprint.entities[entity].fields:
            layout.add("title")
        actions = ("delete",) if deleted else ()
        visible = scope.rows(entity, row, *actions, deleted=deleted)
        select = sa.select(*layout.sql, *_beside(scope, entity, row, beside)).where(row.c.id == RECORD, visible)
        prepared = prepare(select, self.reads.dialect, scope.live)
        listed = Listed(prepared, tuple(layout.shown), len(layout.sql), (), layout.is_whole)
        return One(listed, {s.name: s for s in layout.shown if s.field is not TITLE})

    def stored(
        self, connection: Connection, actor: Actor, entity: str, id: int, action: str, columns: tuple[str, ...]
    ) -> tuple[Row, bool] | None:
        """The raw columns of an alive record, hidden ones too, for the write door; and whether the actor may do `action`
        to it. None when they may not even read it."""
        plan = self.reads.kept(
            ("stored", Who.of(actor), entity, action), lambda: self._stored(actor, entity, action, columns),
            lambda made: made.lasting,
        )  # fmt: skip
        found = connection.rows(plan.statement, self.reads.values(actor, plan, record=id))
        return (found[0][:-1], bool(found[0][-1])) if found else None

    def _stored(self, actor: Actor, entity: str, action: str, columns: tuple[str, ...]) -> Prepared:
        scope = self.reads.scope(actor)
        row = scope.table(entity)
        may = sa.case((scope.may(action, entity, row), 1), else_=0) if action != "read" else sa.literal_column("1")
        select = sa.select(*(row.c[name] for name in columns), may).where(row.c.id == RECORD, scope.rows(entity, row))
        return prepare(select, self.reads.dialect, scope.live)

    # ---- yes or no

    def allowed(self, connection: Connection, actor: Actor, action: str, entity: str, id: int) -> bool:
        def make(scope: Scope, row: FromClause) -> Sql:
            return scope.rows(entity, row, action)

        return self._ask(connection, actor, entity, id, ("may", action), make)

    def allowed_of(
        self, connection: Connection, actor: Actor, action: str, entity: str, ids: Iterable[int]
    ) -> frozenset[int]:
        """Those of the records that the actor may read and do `action` to; one statement for some dozens of them."""
        found: set[int] = set()
        for chunk in in_places(sorted(set(ids))):
            plan = self._allowed_of(actor, action, entity, len(chunk))
            values = self.reads.values(actor, plan, **{f"id{i}": id for i, id in enumerate(chunk)})
            found.update(row[0] for row in connection.rows(plan.statement, values))
        return frozenset(found)

    def _allowed_of(self, actor: Actor, action: str, entity: str, places: int) -> Prepared:
        def prepared() -> Prepared:
            scope = self.reads.scope(actor)
            row = scope.table(entity)
            select = sa.select(row.c.id).where(row.c.id.in_(id_places(places)), scope.rows(entity, row, action))
            return prepare(select, self.reads.dialect, scope.live)

        key = ("allowed of", Who.of(actor), entity, action, places)
        return self.reads.kept(key, prepared, lambda made: made.lasting)

    def holds(
        self, connection: Connection, actor: Actor, entity: str, id: int, condition: Condition, deleted: bool
    ) -> bool:
        def make(scope: Scope, row: FromClause) -> Sql:
            found = scope.holds(condition, entity, row)
            return sa.and_(found, row.c.deleted_at.is_not(None)) if deleted else found

        return self._ask(connection, actor, entity, id, ("holds", condition, deleted), make)

    def _ask(
        self, connection: Connection, actor: Actor, entity: str, id: int, what: Hashable,
        make: Callable[[Scope, FromClause], Sql],
    ) -> bool:  # fmt: skip
        def prepared() -> Prepared:
            scope = self.reads.scope(actor)
            row = scope.table(entity)
            select: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(row)
            return prepare(select.where(row.c.id == RECORD, make(scope, row)), self.reads.dialect, scope.live)

        found = self.reads.kept((Who.of(actor), entity, what), prepared, lambda made: made.lasting)
        return bool(connection.rows(found.statement, self.reads.values(actor, found, record=id)))

    # ---- titles

    def titles(self, connection: Connection, actor: Actor, refs: Iterable[Ref]) -> dict[tuple[str, int], str]:
        by_entity: dict[str, set[int]] = defaultdict(set)
        for ref in refs:
            by_entity[ref.entity].add(ref.id)
        found: dict[tuple[str, int], str] = {}
        for entity, ids in by_entity.items():
            if self.reads.sight.may_open(actor, entity):
                found.update(self._titles_of(connection, actor, entity, sorted(ids)))
        return found

    def _titles_of(self, connection: Connection, actor: Actor, entity: str, ids: list[int]) -> dict[Any, str]:
        found = {}
        for chunk in in_places(ids):
            plan = self._titled(actor, entity, len(chunk))
            values = self.reads.values(actor, plan.prepared, **{f"id{i}": id for i, id in enumerate(chunk)})
            for row in connection.rows(plan.prepared.statement, values):
                found[entity, row[ID]] = self._title_in(actor, entity, plan, row)
        return found

    def _title_in(self, actor: Actor, entity: str, plan: Listed, row: Any) -> str:
        if plan.columns and plan.columns[-1].name == "title":
            return row[-1]
        described = self.reads.blueprint.entities[entity]
        values = {s.name: _named(value_of(s, row)) for s in plan.columns}
        known = [values[f.name] for f in described.fields_of("reference_number") if values.get(f.name)]
        text = render(described.title, values, self.reads.formats(actor))
        return text or next(iter(known), f"{described.label} {row[ID]}")

    def _titled(self, actor: Actor, entity: str, places: int) -> Listed:
        key = ("titles", Who.of(actor), entity, places)
        return self.reads.kept(key, lambda: self._plan_of_titles(actor, entity, places), lambda made: made.prepared.lasting)

    def _plan_of_titles(self, actor: Actor, entity: str, places: int) -> Listed:
        scope = self.reads.scope(actor)
        row = scope.table(entity)
        layout = Layout(scope, entity, row)
        if is_plain(scope, entity):
            layout.put_title(title(scope, entity, row))
        else:
            self._add_holes(layout, actor, entity)
        select = sa.select(*layout.sql).where(row.c.id.in_(id_places(places)), scope.rows(entity, row))
        prepared: Prepared = prepare(select, self.reads.dialect, scope.live)
        return Listed(prepared, tuple(layout.shown), len(layout.sql), (), layout.is_whole)

    def _add_holes(self, layout: Layout, actor: Actor, entity: str) -> None:
        """What the template reads, of what the actor may; a reference gives its title where that is a plain one."""
        readable = self.reads.sight.fields(actor.role, entity)
        described = self.reads.blueprint.entities[entity]
        numbers = {f.name for f in described.fields_of("reference_number")}  # the name of a record whose title is empty
        for name in sorted(described.title.fields | numbers):
            first, _, inner = name.partition(".")
            field = readable.get(first)
            if field is None or linked(field) or field.type == "children":
                continue
            if inner and not all(inner in self.reads.sight.fields(actor.role, t) for t in targets_of(field)):
                continue
            layout.add(name)


def _beside(scope: Scope, entity: str, row: FromClause, beside: Beside) -> list[Sql]:
    rights = [sa.case((scope.may(action, entity, row), 1), else_=0) for action in beside.actions]
    return [*rights, *(count_beside(scope, Parent(entity, name)) for name in beside.children)]


def _named(value: Any) -> Any:
    return value.title or "" if isinstance(value, Ref) else value


__all__ = ["Beside", "One", "Singles"]
