"""A list's select: columns, scope, conditions, search, order and place, put together once for each shape of question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import FromClause

from engine.blueprint.entities import Field
from engine.errors import BadRequest
from engine.parts import field_type
from engine.records import search
from engine.records.columns import Layout, Shown
from engine.records.few import Few, among
from engine.records.query import Query, Sort
from engine.records.scope import Scope, Sql, pointing, there_is
from engine.records.sight import targets_of
from engine.records.statement import Prepared, prepare
from engine.records.tables import linked
from engine.records.titles import CHOICES, POINTERS, is_plain, title_there
from engine.words import said

NEWEST: Sort = (("created_at", True),)
PARENT = sa.bindparam("parent", 0, type_=sa.BigInteger())


@dataclass(frozen=True, slots=True)
class Key:
    """One of the things that a list is sorted by."""

    column: Sql
    descending: bool
    kind: str  # integer, text or real
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Parent:
    """The list of the records that point to one: `field` is the children field of `entity`."""

    entity: str
    field: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A list's select with its plan. Rows end with the values of `kinds`, the sort keys, but for the id."""

    prepared: Prepared
    columns: tuple[Shown, ...]
    width: int  # of a row without its sort keys
    kinds: tuple[str, ...]
    is_whole: bool  # the one select tells all: no title or many-references field is filled in later


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a page goes on: backwards or not, and which of the sort values are empty there."""

    backwards: bool
    empty: tuple[bool, ...]


def listed(
    scope: Scope, dialect: sa.Dialect, query: Query, names: tuple[str, ...], hunt: search.Hunt | None,
    edge: Edge | None, parent: Parent | None, *actions: str, few: Few | None = None,
) -> Listed:  # fmt: skip
    """Raises BadRequest for a field that the actor may not read or that cannot be used so."""
    row = scope.table(query.entity)
    keys = sort_keys(scope, query, row)
    source, found = source_of(scope, query.entity, row, hunt)
    where = [*conditions(scope, query, row, parent, *actions), *found, *among(few, row, dialect)]
    if edge:
        keys = _turned(keys) if edge.backwards else keys
        where.append(_beyond(keys, edge.empty))
    order = [_ordered(key, dialect) for key in _by_search(keys, source)]
    limit = sa.bindparam("limit", 0, type_=sa.Integer())
    if len(keys) == 1:
        return _laid_out(scope, dialect, query, names, row, source, where, order, limit, keys)
    chosen = sa.select(row.c.id).select_from(source).where(*where).order_by(*order).limit(limit)
    return _chosen_first(scope, dialect, query, names, chosen, edge)


def _chosen_first(
    scope: Scope, dialect: sa.Dialect, query: Query, names: tuple[str, ...], chosen: sa.Select[Any], edge: Edge | None
) -> Listed:  # fmt: skip
    """A sort looks at every row, so titles and roll-ups are only worked out for the rows that it has chosen."""
    row = scope.table(query.entity)
    keys = sort_keys(scope, query, row)
    keys = _turned(keys) if edge and edge.backwards else keys
    order = [_ordered(key, dialect) for key in keys]
    return _laid_out(scope, dialect, query, names, row, row, [row.c.id.in_(chosen)], order, None, keys)


def _laid_out(
    scope: Scope, dialect: sa.Dialect, query: Query, names: tuple[str, ...], row: FromClause, source: FromClause,
    where: list[Sql], order: list[Sql], limit: Any, keys: list[Key],
) -> Listed:  # fmt: skip
    layout = Layout(scope, query.entity, row)
    for name in names:
        layout.add(name)
    select = sa.select(*layout.sql, *(k.column for k in keys[:-1])).select_from(source)
    done = prepare(select.where(*where).order_by(*order).limit(limit), dialect, scope.live)
    return Listed(done, tuple(layout.shown), len(layout.sql), tuple(k.kind for k in keys), layout.is_whole)


def counted(
    scope: Scope, dialect: sa.Dialect, query: Query, hunt: search.Hunt | None, parent: Parent | None,
    few: Few | None = None,
) -> Prepared:  # fmt: skip
    """How many rows, looking at no more than `limit` of them."""
    row = scope.table(query.entity)
    source, found = source_of(scope, query.entity, row, hunt)
    limit = sa.bindparam("limit", 0, type_=sa.Integer())
    some: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(source)
    some = some.where(*conditions(scope, query, row, parent), *found, *among(few, row, dialect)).limit(limit)
    return prepare(sa.select(sa.func.count()).select_from(some.subquery()), dialect, scope.live)


def count_beside(scope: Scope, parent: Parent) -> Sql:
    """How many the list of one record has, as a column of that record's select; no more than `limit` are looked at.

    Raises BadRequest for a field that the actor may not read."""
    entity = scope.sight.field(scope.who.role, parent.entity, parent.field).options["entity"]
    row = scope.table(entity)
    limit = sa.bindparam("limit", 0, type_=sa.Integer())
    some: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(row)
    some = some.where(*conditions(scope, Query(entity), row, parent)).limit(limit)
    return sa.select(sa.func.count()).select_from(some.subquery()).scalar_subquery()


def conditions(scope: Scope, query: Query, row: FromClause, parent: Parent | None, *actions: str) -> list[Sql]:
    binned = ("delete",) if query.deleted else ()
    wanted = [scope.rows(query.entity, row, *actions, *binned, deleted=query.deleted)]
    if query.where is not None:
        scope.sight.check(scope.who.role, query.entity, query.where)
        wanted.append(scope.holds(query.where, query.entity, row))
    if parent:
        wanted.append(_of_parent(scope, parent, query.entity, row))
    return wanted


def _of_parent(scope: Scope, parent: Parent, entity: str, row: FromClause) -> Sql:
    field = scope.sight.field(scope.who.role, parent.entity, parent.field)
    through = scope.sight.blueprint.entities[entity].fields[field.options["through"]]
    if linked(through):
        link = scope.link(through, entity, row)
        return there_is(link, link.c.record_id == row.c.id, link.c.target_id == PARENT)
    return pointing(scope.columns(through, entity, row), through, parent.entity, PARENT)


def source_of(scope: Scope, entity: str, row: FromClause, hunt: search.Hunt | None) -> tuple[FromClause, list[Sql]]:
    if hunt is None:
        return row, []
    like = search.found_in(hunt, scope, entity, row)
    if not hunt.matched:
        return row, [like]
    table = search.trigrams(scope, entity)
    source, match = search.joined(table, row)
    return source, [match, like]


# ---- order and place


def sort_keys(scope: Scope, query: Query, row: FromClause) -> list[Key]:
    """The id is the last key, so that no two rows are at the same place; ids rise with the time of creation."""
    keys: list[Key] = []
    for name, descending in query.sort or NEWEST:
        field = scope.sight.field(scope.who.role, query.entity, name)
        if name in ("id", "created_at"):
            return [*keys, Key(row.c.id, descending, "integer", nullable=False)]
        keys.append(_key(scope, field, query.entity, row, descending))
    return [*keys, Key(row.c.id, keys[0].descending, "integer", nullable=False)]


def _key(scope: Scope, field: Field, entity: str, row: FromClause, descending: bool) -> Key:
    if field.type in ("children", "references") or not field_type(field.type).sortable:
        raise BadRequest(said("A list cannot be sorted by {label}.", label=field.label))
    column = _sorted_by(scope, field, entity, row)
    return Key(column, descending, _kind(column))


def _sorted_by(scope: Scope, field: Field, entity: str, row: FromClause) -> Sql:
    """Texts by their folded form, choices and stages in the order of the set, references by the title one may read."""
    find = scope.tables.find_column(entity, field.name)
    if find is not None:
        return row.c[find.name]
    columns = scope.columns(field, entity, row)
    if field.type in POINTERS and all(is_plain(scope, target, 1) for target in targets_of(field)):
        return title_there(scope, field, columns)
    choices = field.options.get("choices") or field.options.get("stages")
    if field.type in CHOICES and choices:
        ranks = {choice.value: rank for rank, choice in enumerate(choices)}
        return sa.case(ranks, value=columns[0], else_=sa.null())
    return columns[0]


def _kind(column: Sql) -> str:
    if isinstance(column.type, (sa.Float, sa.Numeric)):
        return "real"
    return "text" if isinstance(column.type, sa.String) else "integer"


def _turned(keys: list[Key]) -> list[Key]:
    return [Key(k.column, not k.descending, k.kind, k.nullable) for k in keys]


def _by_search(keys: list[Key], source: FromClause) -> list[Key]:
    """SQLite's trigram table can be walked newest first by its own row ids."""
    if isinstance(source, search.FirstLeft) and len(keys) == 1:
        return [Key(source.left.c.rowid, keys[0].descending, "integer", nullable=False)]
    return keys


def _ordered(key: Key, dialect: sa.Dialect) -> Sql:
    """Empty is smallest: so it is on SQLite by itself, and PostgreSQL is told."""
    order = key.column.desc() if key.descending else key.column.asc()
    if not key.nullable or dialect.name == "sqlite":
        return order
    return order.nulls_last() if key.descending else order.nulls_first()


def _beyond(keys: list[Key], empty: tuple[bool, ...], at: int = 0) -> Sql:
    """The rows after the edge, whose values are bound as edge0, edge1, ..."""
    key = keys[at]
    bound = sa.bindparam(f"edge{at}", None, type_=key.column.type)
    after, same = _past(key, bound, empty[at])
    if at == len(keys) - 1:
        return after
    return sa.or_(after, sa.and_(same, _beyond(keys, empty, at + 1)))


def _past(key: Key, bound: Any, empty: bool) -> tuple[Sql, Sql]:
    column = key.column
    if empty:
        return (sa.false() if key.descending else column.is_not(None)), column.is_(None)
    if not key.descending:
        return column > bound, column == bound
    lower = column < bound
    return (sa.or_(lower, column.is_(None)) if key.nullable else lower), column == bound


__all__ = ["Edge", "Listed", "Parent", "count_beside", "counted", "listed", "sort_keys"]
