"""What a record is called, as an actor may know it: its entity's title, without what is hidden from them.

A title made of plain texts is a column of the list's own query. Any other is rendered from the record's values, for
all the records of a page at once.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import FromClause

from engine.blueprint.entities import Entity, Field
from engine.records.scope import Scope, Sql, pointing
from engine.records.sight import targets_of
from engine.text import plain_pieces

TEXTS = frozenset({"text", "long_text", "reference_number", "email", "url"})
CHOICES = frozenset({"choice", "stage"})
POINTERS = frozenset({"user", "team", "reference"})
DEEPEST = 3  # a call's title names its deal, the deal's its account, and there it ends


def is_plain(scope: Scope, entity: str, depth: int = 0) -> bool:
    """Whether the title can be put together by the database."""
    described = scope.sight.blueprint.entities[entity]
    pieces = plain_pieces(described.title.text)
    if pieces is None:
        return False
    names = [name for name, is_name in pieces if is_name]
    return all(name in described.fields and _plain(scope, described.fields[name], depth) for name in names)


def title(scope: Scope, entity: str, row: FromClause, depth: int = 0) -> Sql:
    """The title of a row that the actor is known to read."""
    described = scope.sight.blueprint.entities[entity]
    pieces = plain_pieces(described.title.text) or ()
    parts = [_piece(scope, described, row, text, is_name, depth) for text, is_name in pieces]
    if not parts:
        return _unnamed(scope, described, row)
    joined = parts[0] if len(parts) == 1 else _tidy(sa.func.coalesce(parts[0], ""), parts[1:])
    return sa.func.coalesce(sa.func.nullif(joined, ""), _unnamed(scope, described, row))


def _unnamed(scope: Scope, entity: Entity, row: FromClause) -> Sql:
    """The reference number, where there is one that the actor may read: people know a record by it, and not by its id."""
    readable = scope.sight.fields(scope.who.role, entity.name)
    numbers = [f for f in entity.fields_of("reference_number") if f.name in readable]
    known = [sa.func.nullif(scope.columns(f, entity.name, row)[0], "") for f in numbers[:1]]
    return sa.func.coalesce(*known, untitled(entity, row)) if known else untitled(entity, row)


def untitled(entity: Entity, row: FromClause) -> Sql:
    return sa.literal(f"{entity.label} ", sa.Text()).concat(sa.cast(row.c.id, sa.Text()))


def title_there(scope: Scope, field: Field, columns: tuple[Sql, ...], depth: int = 0) -> Sql:
    """The title of the record that a reference points to; null where the actor may not read that record."""
    found = [_title_in(scope, field, columns, target, depth) for target in targets_of(field)]
    return sa.func.coalesce(*found) if len(found) > 1 else found[0]


def _title_in(scope: Scope, field: Field, columns: tuple[Sql, ...], target: str, depth: int) -> Sql:
    there = scope.table(target)
    selected = sa.select(title(scope, target, there, depth + 1)).correlate_except(there)
    return selected.where(pointing(columns, field, target, there.c.id), scope.rows(target, there)).scalar_subquery()


def _plain(scope: Scope, field: Field, depth: int) -> bool:
    if field.type in POINTERS:
        return depth < DEEPEST and all(is_plain(scope, target, depth + 1) for target in targets_of(field))
    return field.type in TEXTS or field.type in CHOICES


def _piece(scope: Scope, entity: Entity, row: FromClause, text: str, is_name: bool, depth: int) -> Sql:
    if not is_name:
        return sa.literal(text, sa.Text())
    if text not in scope.sight.fields(scope.who.role, entity.name):
        return sa.literal("", sa.Text())
    field = entity.fields[text]
    columns = scope.columns(field, entity.name, row)
    if field.type in POINTERS:
        return title_there(scope, field, columns, depth)
    return _label(field, columns[0]) if field.type in CHOICES else columns[0]


def _label(field: Field, column: Sql) -> Sql:
    choices: Any = field.options.get("choices") or field.options.get("stages") or ()
    renamed = {c.value: c.label for c in choices if c.label != c.value}
    return sa.case(renamed, value=column, else_=column) if renamed else column


def _tidy(joined: Sql, parts: list[Sql]) -> Sql:
    """Without the blanks that empty holes leave, as `engine.text` leaves them out."""
    for part in parts:
        joined = joined.concat(sa.func.coalesce(part, ""))
    for _ in range(2):
        joined = sa.func.replace(joined, "  ", " ")
    return sa.func.trim(joined)
