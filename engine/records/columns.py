"""The columns of a list: where each stands in the raw rows.

Rows stay the tuples that the driver gave: whoever shows them knows from the plan which slice is which field, and
calls the type's own functions on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import FromClause

from engine.blueprint.entities import Field
from engine.blueprint.values import FileRef, Ref
from engine.errors import BadRequest
from engine.parts import field_type
from engine.parts.derived import effective
from engine.records.scope import Scope, Sql
from engine.records.sight import targets_of
from engine.records.tables import linked
from engine.records.titles import POINTERS, is_plain, title, title_there
from engine.words import said

TITLE = Field("title", "text", "Title", system=True)
ID, VERSION = 0, 1  # every row begins with its id and its version
FILE = ("key", "name")  # what the cell of a file wants beside its id
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A column of a list: `row[start:stop]` are the field's raw columns and what its cell wants beside them.

    `late` tells what is not known before the rows are there: "title" or "links"."""

    name: str  # as asked for: `status`, `account.industry`, `title`
    label: str
    field: Field
    start: int
    stop: int
    entity: str  # whose field it is
    late: str | None = None

    @property
    def targets(self) -> tuple[str, ...]:
        return targets_of(self.field)


class Layout:
    """Puts columns one after another into the select."""

    def __init__(self, scope: Scope, entity: str, row: FromClause) -> None:
        self.scope, self.entity, self.row = scope, entity, row
        self.sql: list[Sql] = [row.c.id, row.c.version]
        self.shown: list[Shown] = []

    @property
    def is_whole(self) -> bool:
        return all(shown.late is None for shown in self.shown)

    def add(self, name: str) -> None:
        described = self.scope.sight.blueprint.entities[self.entity]
        if name == "title" and name not in described.fields:
            return self._add_title()
        first, dot, rest = name.partition(".")
        field = self.scope.sight.field(self.scope.who.role, self.entity, first)
        if dot:
            return self._add_there(name, field, rest)
        if field.type == "children":
            raise BadRequest(said('"{name}" is a list of its own and cannot be a column.', name=name))
        return self._put(name, field.label, field, self.entity, *columns_of(self.scope, field, self.entity, self.row))

    def put_title(self, column: Sql, late: str | None = None) -> None:
        self._put("title", TITLE.label, TITLE, self.entity, [column], late)

    def _add_title(self) -> None:
        if is_plain(self.scope, self.entity):
            self.put_title(title(self.scope, self.entity, self.row))
        else:
            self.put_title(sa.null(), "title")

    def _add_there(self, name: str, field: Field, inner: str) -> None:
        """A field of a record that this one points to; empty where the actor may not read that record."""
        if field.type not in POINTERS:
            raise BadRequest(said(
                '"{name}" does not point to another record, so it has no "{inner}".', name=field.name, inner=inner[:100]
            ))
        (target,) = targets_of(field)
        there = self.scope.table(target)
        found = self.scope.sight.field(self.scope.who.role, target, inner)
        columns, late = columns_of(self.scope, found, target, there)
        here = self.scope.joined(field, self.entity, self.row, target, there)
        visible = sa.and_(here, self.scope.rows(target, there))
        columns = [sa.select(c).where(visible).correlate_except(there).scalar_subquery() for c in columns]
        if late == "links":
            raise BadRequest(said('"{name}" has many values and cannot be a column here.', name=name))
        self._put(name, f"{field.label}: {found.label}", found, target, columns, late)

    def _put(self, name: str, label: str, field: Field, entity: str, columns: list[Sql], late: str | None) -> None:
        start = len(self.sql)
        self.sql += columns
        self.shown.append(Shown(name, label, field, start, len(self.sql), entity, late))


def columns_of(scope: Scope, field: Field, entity: str, row: FromClause) -> tuple[list[Sql], str | None]:
    """The raw columns and the title beside a reference, and what must be filled in later."""
    if linked(field):
        return [sa.null()], "links"
    columns = scope.columns(field, entity, row)
    if field_type(field.type).beside == FILE:
        return [*columns, *file_columns(scope, columns[0])], None
    field = effective(field)  # a roll-up knows the entity of its children, but need not point there
    if not targets_of(field):
        return list(columns), None
    plain = all(is_plain(scope, target, 1) for target in targets_of(field))
    return [*columns, title_there(scope, field, columns) if plain else sa.null()], None if plain else "title"


def file_columns(scope: Scope, id: Sql) -> list[Sql]:
    """Who may read the record's field may read its file."""
    file = scope.tables.system("file").alias()
    select = sa.select(file.c.id).where(file.c.id == id).correlate_except(file)
    return [select.with_only_columns(file.c[name]).scalar_subquery() for name in (*FILE, "size", "media_type")]


class Values(Mapping[str, Any]):
    """The values of one row by field name, each made when it is first asked for: a page asks for a few of forty."""

    __slots__ = ("_fields", "_made", "_row")

    def __init__(self, fields: Mapping[str, Shown], row: Row) -> None:
        self._fields, self._row = fields, row
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        try:
            return self._made[name]
        except KeyError:
            made = self._made[name] = value_of(self._fields[name], self._row)
            return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def __repr__(self) -> str:
        return repr(dict(self))


def value_of(shown: Shown, row: Row) -> Any:
    """The field's Python value in a row; a reference carries the title that the actor may see."""
    raw = row[shown.start : shown.stop]
    if shown.late == "links":
        return tuple(Ref(shown.targets[0], id, title) for id, title in raw[0] or ()) or None
    if shown.field.type in POINTERS:
        return None if raw[0] is None else Ref(shown.targets[0], raw[0], raw[1])
    if shown.field.type == "reference_any":
        return None if raw[0] is None else Ref(raw[1], raw[0], raw[2])
    if field_type(shown.field.type).beside == FILE:
        id, key, name, size, media_type = raw[:5]
        return None if key is None else FileRef(key, name, size, media_type, id)
    return field_type(shown.field.type).load(shown.field, raw)
