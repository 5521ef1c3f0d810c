"""An entity's rows as the driver wants them: texts made once per entity, values of the field types in and out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.blueprint.entities import Entity, Field
from engine.parts import field_type
from engine.parts.fields.contract import FieldType
from engine.records.database import Connection
from engine.records.tables import FIND, column_names, linked, searched, table_columns

Raw = tuple[Any, ...]
POINTING = frozenset({"reference", "references", "reference_any", "user", "team"})


@lru_cache(maxsize=2048)
def in_words_of(dialect: str, text: str) -> str:
    """A statement written with `?` in the driver's own marks; the texts hold no other question mark or percent sign."""
    return text if dialect == "sqlite" else text.replace("?", "%s")


def change(connection: Connection, text: str, values: Raw = ()) -> int:
    """Runs a statement written with `?`; how many rows it met."""
    return connection.change(in_words_of(connection.dialect, text), values)


def rows(connection: Connection, text: str, values: Raw = ()) -> list[Raw]:
    return connection.run(in_words_of(connection.dialect, text), values)


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a field's raw values lie in a row, and how they get there. `find` makes the folded text, when there is one."""

    field: Field
    start: int
    end: int
    names: tuple[str, ...]  # of its columns, the folded one last
    load: Callable[[Field, Raw], Any]
    store: Callable[[Field, Any], Raw]
    find: Callable[[Field, Any], str | None] | None
    kept: bool  # the value is the raw value

    @property
    def width(self) -> int:
        """How many columns it has, without the folded one."""
        return self.end - self.start


class RowShape:
    """The table of one entity: which columns, which field each belongs to, and the statements on one row."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        every = table_columns(entity)
        self.columns = tuple(name for name in every if not name.endswith(f"__{FIND}"))
        place = {name: at for at, name in enumerate(self.columns)}
        self.slots = {f.name: _slot(f, place) for f in entity.fields.values() if column_names(f)}
        self.links = tuple(f for f in entity.fields.values() if linked(f))
        self.chain = place["chain"]
        self.version = place["version"]
        self.updated = place["updated_at"]
        self.deleted = place["deleted_at"]
        self.searched = searched(entity)
        self.pointing = tuple(f for f in entity.fields.values() if f.type in POINTING and not f.system)
        self.files = entity.fields_of("file", "picture")
        # Every column that a new record can fill, in one order, so that a thousand are written by one statement.
        self.writable = tuple(name for name in every if name != "deleted_at")
        self.select_all = f"select {_names(self.columns)} from {_quoted(entity.name)}"
        self.select = f"{self.select_all} where id = ?"
        self._updates: dict[tuple[str, ...], str] = {}

    def key(self, name: str, value: Any) -> Any:
        """The raw value of a field's first column, by which records are looked up."""
        slot = self.slots[name]
        return slot.store(slot.field, value)[0]

    def put(self, name: str, value: Any, columns: dict[str, Any]) -> Any:
        """Adds the field's columns; what history keeps of the value. A many-references field has no column here."""
        slot = self.slots.get(name)
        if slot is None:
            return links_of(value)
        names = slot.names
        if slot.kept and slot.find is None:
            columns[names[0]] = value
            return value
        raw = slot.store(slot.field, value)
        if slot.find is not None:
            columns[names[-1]] = None if value is None else slot.find(slot.field, value)
        if len(raw) == 1:
            columns[names[0]] = raw[0]
            return raw[0]
        columns.update(zip(names, raw, strict=False))
        return list(raw)

    def raw(self, field: Field, value: Any) -> Any:
        """As history keeps it: a single raw value, or a list of them."""
        slot = self.slots.get(field.name)
        if slot is None:
            return links_of(value)
        raw = slot.store(field, value)
        return raw[0] if len(raw) == 1 else list(raw)

    def from_raw(self, field: Field, raw: Any) -> Any:
        """The value from what `raw` made."""
        if raw is None:
            return None
        if linked(field):
            return tuple(raw) or None
        return field_type(field.type).load(field, tuple(raw) if isinstance(raw, list) else (raw,))

    def different(self, stored: Stored, values: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the values that are not what is stored."""
        fields = self.entity.fields
        return {name: value for name, value in values.items() if self.raw(fields[name], value) != stored.raw(name)}

    def update(self, columns: tuple[str, ...]) -> str:
        """Sets the columns where id and version; the version goes up by one."""
        text = self._updates.get(columns)
        if text is None:
            sets = ", ".join(f"{_quoted(c)} = ?" for c in columns)
            text = (
                f"update {_quoted(self.entity.name)} set {sets}, version = version + 1 where id = ? and version = ?"
            )
            self._updates[columns] = text
        return text


class Stored(Mapping[str, Any]):
    """A record's values as stored, each loaded when first asked for."""

    __slots__ = ("_connection", "_loaded", "_row", "_shape")

    def __init__(self, shape: RowShape, row: Raw, connection: Connection) -> None:
        self._shape = shape
        self._row = row
        self._loaded: dict[str, Any] = {}
        self._connection = connection

    @property
    def id(self) -> int:
        return int(self._row[0])

    @property
    def row(self) -> Raw:
        return self._row

    @property
    def version(self) -> int:
        return int(self._row[self._shape.version])

    @property
    def updated_at(self) -> int:
        return int(self._row[self._shape.updated])

    @property
    def chain(self) -> str | None:
        return self._row[self._shape.chain]

    @property
    def deleted(self) -> bool:
        return self._row[self._shape.deleted] is not None

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._shape.slots
        yield from (f.name for f in self._shape.links)

    def __len__(self) -> int:
        return len(self._shape.slots) + len(self._shape.links)

    def raw(self, name: str) -> Any:
        """As `RowShape.raw` would make it."""
        slot = self._shape.slots.get(name)
        if slot is None:
            return list(self._linked(name))
        found = self._row[slot.start : slot.end]
        return found[0] if len(found) == 1 else list(found)

    def _load(self, name: str) -> Any:
        slot = self._shape.slots.get(name)
        if slot is not None:
            return slot.load(slot.field, self._row[slot.start : slot.end])
        if any(f.name == name for f in self._shape.links):
            return self._linked(name) or None
        raise KeyError(name)

    def _linked(self, name: str) -> tuple[int, ...]:
        table = _quoted(f"{self._shape.entity.name}__{name}")
        text = f"select target_id from {table} where record_id = ? order by position"
        return tuple(row[0] for row in rows(self._connection, text, (self.id,)))


def replace_links(connection: Connection, entity: str, field: str, id: int, targets: tuple[int, ...], fresh: bool) -> None:
    """Writes the rows of a many-references field; `fresh`: the record is new and has none."""
    table = _quoted(f"{entity}__{field}")
    if not fresh:
        change(connection, f"delete from {table} where record_id = ?", (id,))
    if targets:
        text = in_words_of(connection.dialect, f"insert into {table} (record_id, target_id, position) values (?, ?, ?)")
        connection.change_many(text, [(id, target, at) for at, target in enumerate(targets)])


def target_id(value: Any) -> int:
    """The id that a reference's value names."""
    return int(getattr(value, "id", value))


def links_of(value: Any) -> list[int]:
    """The ids that a many-references value names."""
    return [target_id(v) for v in value or ()]


def _slot(field: Field, place: Mapping[str, int]) -> Slot:
    names, kind = column_names(field), field_type(field.type)
    start = place[names[0]]
    folded = (f"{field.name}__{FIND}",) if field.search else ()
    find = kind.find if field.search else None
    kept = len(names) == 1 and type(kind).store is FieldType.store
    return Slot(field, start, start + len(names), names + folded, kind.load, kind.store, find, kept)


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(map(_quoted, columns))


def _quoted(name: str) -> str:
    return f'"{name}"'
