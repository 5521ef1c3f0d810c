"""The tables of a blueprint, as SQLAlchemy Core knows them: one per entity, one per many-references field, the engine's.

- `tables.of("deal")` is the entity's table, named as the entity; a field's columns are its name and `name__suffix`.
- A searched field has one more column, `name__find`, with the folded text that search and `contains` look in.
- A table is made when it is first asked for: of a hundred entities a server's first minute needs a few.
- Indexes are for what the lists ask: whose, in which stage, by the set's own filters, newest first, what is in the bin;
  ids rise with time, so they end in the id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Index, MetaData, PrimaryKeyConstraint, Table

from engine.blueprint import Blueprint
from engine.blueprint.entities import SYSTEM_FIELDS, Entity, Field
from engine.parts import field_type
from engine.parts.fields.contract import Column as Described
from engine.records.system import BIG, PREFIX, TEXT, system_tables

FIND = "find"  # the suffix of a searched field's folded text
POSITION = "position"
CHAIN = "chain"

_KINDS: dict[str, Any] = {"text": TEXT, "integer": BIG, "real": sa.Double}
_ALIVE, _BINNED = sa.text("deleted_at is null"), sa.text("deleted_at is not null")
_SORTED_OTHERWISE = frozenset({"choice", "stage", "reference", "reference_any", "user", "team"})  # by rank or title
_ALWAYS_FILLED = frozenset({"version", "created_at", "updated_at"})


class Tables:
    """Made once per blueprint; holds no connection. The same object serves both databases."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        self._metadata = MetaData()
        system_tables(self._metadata)
        self._tables: dict[tuple[str, str], Table] = {}  # by the entity, and the many-references field or ""
        self._lock = Lock()

    @property
    def metadata(self) -> MetaData:
        """With every table."""
        for entity in self.blueprint.entities.values():
            self.of(entity.name)
            for field in entity.fields.values():
                if linked(field):
                    self.link(entity.name, field.name)
        return self._metadata

    def of(self, entity: str) -> Table:
        found = self._tables.get((entity, ""))
        return found if found is not None else self._made(entity, "")

    def _made(self, entity: str, field: str) -> Table:
        with self._lock:  # two threads may ask at once, and a table has one maker
            found = self._tables.get((entity, field))
            if found is None:
                described = self.blueprint.entities[entity]
                found = self._link_table(described, described.fields[field]) if field else self._entity_table(described)
                self._tables[entity, field] = found
            return found

    def system(self, name: str) -> Table:
        """`history` is crm_history."""
        return self._metadata.tables[f"crm_{name}"]

    def systems(self) -> tuple[Table, ...]:
        """All that the engine keeps for itself."""
        return tuple(table for name, table in self._metadata.tables.items() if name.startswith(PREFIX))

    def columns(self, entity: str, field: str) -> tuple[Column[Any], ...]:
        """The field's columns in the order of its type's `store`, without the folded one; empty when not stored here."""
        table, described = self.of(entity), self.blueprint.entities[entity].fields[field]
        return tuple(table.c[name] for name in column_names(described))

    def find_column(self, entity: str, field: str) -> Column[Any] | None:
        """The column with the folded text, or None for a field that is not searched."""
        return self.of(entity).c.get(f"{field}__{FIND}")

    def link(self, entity: str, field: str) -> Table:
        """record_id, target_id, position of a many-references field."""
        found = self._tables.get((entity, field))
        return found if found is not None else self._made(entity, field)

    def search_table(self, entity: str) -> str | None:
        """SQLite's trigram table of the entity: a column per searched field, named as its folded column; rowid = id."""
        return f"{entity}__search" if searched(self.blueprint.entities[entity]) else None

    @cached_property
    def unique_fields(self) -> dict[str, tuple[str, str]]:
        """(entity, field) by the name of the index and, as SQLite tells it, by `table.column`."""
        found = {}
        for entity in self.blueprint.entities.values():
            for field in entity.fields.values():
                if field.unique and column_names(field):
                    found[index_name(entity.name, field.name, "unique")] = (entity.name, field.name)
                    for column in column_names(field):
                        found[f"{entity.name}.{column}"] = (entity.name, field.name)
        return found

    def duplicate(self, error: BaseException) -> tuple[str, str] | None:
        """The (entity, field) whose value another alive record has already, when that is what the driver's error says."""
        diagnostics = getattr(error, "diag", None)
        if diagnostics is not None:
            return self.unique_fields.get(diagnostics.constraint_name or "")
        text = str(error)
        if not text.startswith("UNIQUE constraint failed: "):
            return None
        return self.unique_fields.get(text.partition(": ")[2].split(", ")[0])

    def _entity_table(self, entity: Entity) -> Table:
        columns = [c for f in entity.fields.values() if f.name != "id" for c in field_columns(f)]
        if entity.owned and "owner" not in entity.fields:
            raise ValueError(f"{entity.name} is owned and has no field owner: the compiler adds it.")
        key: Column[Any] = Column("id", BIG, primary_key=True, autoincrement=False)
        return Table(entity.name, self._metadata, key, *columns, _chain(), *map(_index, indexes(entity)))

    def _link_table(self, entity: Entity, field: Field) -> Table:
        return Table(
            f"{entity.name}__{field.name}",
            self._metadata,
            Column("record_id", BIG, sa.ForeignKey(f"{entity.name}.id"), nullable=False),
            Column("target_id", BIG, sa.ForeignKey(f"{field.options['entity']}.id"), nullable=False),
            Column(POSITION, BIG, nullable=False),
            PrimaryKeyConstraint("record_id", "target_id"),
            Index(index_name(entity.name, field.name, "target"), "target_id"),
            sqlite_with_rowid=False,
        )


def field_columns(field: Field) -> Iterator[Column[Any]]:
    """The field's columns as Core wants them, the folded one last."""
    for described in described_columns(field):
        yield _column(column_name(field, described), described, field)
    for name in _folded(field):
        yield Column(name, TEXT)


def table_columns(entity: Entity) -> tuple[str, ...]:
    """The names of the columns of an entity's table, in their order."""
    stored = (f for f in entity.fields.values() if f.name != "id")
    return ("id", *(name for f in stored for name in (*column_names(f), *_folded(f))), CHAIN)


def _folded(field: Field) -> tuple[str, ...]:
    return (f"{field.name}__{FIND}",) if is_searched(field) else ()


def described_columns(field: Field) -> tuple[Described, ...]:
    kind = field_type(field.type)
    if not kind.stored or linked(field):
        return ()
    return kind.columns(field)


def column_names(field: Field) -> tuple[str, ...]:
    return tuple(column_name(field, c) for c in described_columns(field))


def column_name(field: Field, described: Described) -> str:
    return f"{field.name}__{described.suffix}" if described.suffix else field.name


def linked(field: Field) -> bool:
    """Whether its values are rows of a table of their own."""
    return field.type == "references"


def searched(entity: Entity) -> tuple[str, ...]:
    """The folded columns of the entity, in the order of its fields."""
    return tuple(f"{f.name}__{FIND}" for f in entity.fields.values() if is_searched(f))


def is_searched(field: Field) -> bool:
    """Whether it has a column with its folded text; what is worked out when read has none."""
    return field.search and bool(described_columns(field))


@dataclass(frozen=True, slots=True)
class Indexed:
    """One index. `is_ordered`: a list is sorted by its first column."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False
    of_the_bin: bool = False
    is_ordered: bool = False


def indexes(entity: Entity) -> Iterator[Indexed]:
    """Alive rows, but for the bin's. With an owner: (owner, id), (owner, stage, id), (stage, id); and what the fields
    and the list's filters ask for."""
    stages = [f.name for f in entity.fields_of("stage")]
    owner = ["owner"] if entity.owned else []
    if owner:
        yield _indexed(entity, "owner", "list", "owner", "id")
    for stage in stages:
        if owner:
            yield _indexed(entity, f"owner_{stage}", "list", "owner", stage, "id")
        yield _indexed(entity, stage, "list", stage, "id")
    yield _indexed(entity, "id", "alive", "id")
    yield _indexed(entity, "id", "bin", "id")
    for field in entity.fields.values():
        yield from _field_indexes(entity, field)
    yield from _sort_indexes(entity)
    yield from _activity_indexes(entity)
    yield from _calendar_indexes(entity)
    if (of_the_day := day_index(entity)) is not None:
        yield of_the_day


def day_index(entity: Entity) -> Indexed | None:
    """For what a person attends to next: theirs, in an open stage, by the date of the next step. See today.py."""
    activity = entity.activity
    name = entity.next_step or (activity.at if activity and activity.is_planned else None)
    if name is None or not entity.owned or entity.fields[name].system or not column_names(entity.fields[name]):
        return None
    stage = [f.name for f in entity.fields_of("stage")][:1]
    return _indexed(entity, f"owner_{name}", "day", "owner", *stage, name, "id")


def _calendar_indexes(entity: Entity) -> Iterator[Indexed]:
    """By the moment at which something stands in a calendar: everybody's, and one's own of what is an activity."""
    activity = entity.activity
    name = activity.at if activity is not None else entity.next_step
    if name is None or name in SYSTEM_FIELDS or not column_names(entity.fields[name]):
        return
    if activity is not None and entity.owned:
        yield _indexed(entity, f"owner_{name}", "calendar", "owner", name, "id")
    field = entity.fields[name]
    is_sorted_by = bool(entity.list.sort) and entity.list.sort[0][0] == name
    if not (field.index or field.unique or is_sorted_by or _is_offered(entity, field)):
        yield _indexed(entity, name, "calendar", name, "id")


def _activity_indexes(entity: Entity) -> Iterator[Indexed]:
    """What is to be done, and what was, about one record, in the order of its moments."""
    activity = entity.activity
    if activity is None or activity.at in SYSTEM_FIELDS:
        return
    about, at = (column_names(entity.fields[name]) for name in (activity.about, activity.at))
    if about and at:
        yield _indexed(entity, activity.about, "activity", *about, *at, "id")


def _sort_indexes(entity: Entity) -> Iterator[Indexed]:
    """What the set sorts the list by, where an index can be in that order; each visit would sort all rows."""
    field = entity.fields.get(entity.list.sort[0][0]) if entity.list.sort else None
    if field is None or field.system or not described_columns(field) or field.type in _SORTED_OTHERWISE:
        return
    if is_searched(field):
        yield _indexed(entity, field.name, "sort", f"{field.name}__{FIND}", "id")
    elif not (field.index or _is_offered(entity, field)):
        yield _indexed(entity, field.name, "sort", column_names(field)[0], "id")


def _field_indexes(entity: Entity, field: Field) -> Iterator[Indexed]:
    names = column_names(field)
    kept = field.name in (*SYSTEM_FIELDS, "owner") and not (field.system and field.index)
    if not names or kept or field.type == "stage":
        return
    if field.unique:
        yield _indexed(entity, field.name, "unique", *names)
    elif field.index or _is_pointer(field) or _is_offered(entity, field):
        yield _indexed(entity, field.name, "index", *names, "id")


def _is_pointer(field: Field) -> bool:
    """What points to a record is asked for on that record's page, whatever kind of pointer it is."""
    return field.type == "reference_any" or any(c.references for c in described_columns(field))


def _is_offered(entity: Entity, field: Field) -> bool:
    """As a filter beside the list: a word that few or no records have would be looked for in every row."""
    return field.name in entity.list.filters and len(column_names(field)) == 1 and not field_type(field.type).many


def _indexed(entity: Entity, part: str, kind: str, *columns: str) -> Indexed:
    name = index_name(entity.name, part, kind)
    return Indexed(name, columns, kind == "unique", kind == "bin", kind in ("index", "sort"))


def _index(indexed: Indexed) -> Index:
    where = _BINNED if indexed.of_the_bin else _ALIVE
    # Empty is smallest on both databases; an index of PostgreSQL's own order would not serve a sort.
    order = {indexed.columns[0]: "nulls first"} if indexed.is_ordered else {}
    return Index(
        indexed.name, *indexed.columns, unique=indexed.unique, sqlite_where=where, postgresql_where=where,
        postgresql_ops=order,
    )  # fmt: skip


def index_name(entity: str, part: str, kind: str) -> str:
    """At most 63 characters, PostgreSQL's limit."""
    name = f"{entity}__{part}__{kind}"
    if len(name) <= 63:
        return name
    return f"{name[:50]}__{hashlib.sha256(name.encode()).hexdigest()[:10]}"


def _column(name: str, described: Described, field: Field) -> Column[Any]:
    # Who wrote a row is history: no foreign key, whose check each write would pay for.
    points = described.references if not field.system else None
    key = [sa.ForeignKey(f"{points}.id")] if points else []
    return Column(name, _KINDS[described.kind], *key, nullable=name not in _ALWAYS_FILLED)


def _chain() -> Column[Any]:
    return Column(CHAIN, TEXT)  # the hash of the record's last history row


__all__ = [
    "FIND",
    "Tables",
    "column_names",
    "day_index",
    "described_columns",
    "field_columns",
    "indexes",
    "linked",
    "searched",
    "table_columns",
]
