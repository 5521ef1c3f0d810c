"""Archived values back into the tables, once the set has their field or entity again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.blueprint import Blueprint
from engine.blueprint.entities import Field
from engine.errors import NotFound, Unusable
from engine.formats import Formats, Reading
from engine.parts import field_type
from engine.records.archive import ENTITY, HEADER, KEPT
from engine.records.convert import Converter, Unfit, impossible
from engine.records.database import Connection, Database
from engine.records.naming import listed, quoted
from engine.records.shape import FieldShape, read_field, shape_of
from engine.records.tables import Tables


@dataclass(frozen=True, slots=True)
class Restored:
    """`left`: values that stay in the archive, as their record is gone, has another value by now or cannot hold it."""

    restored: int
    left: int


def restore_field(database: Database, blueprint: Blueprint, entity: str, field: str) -> Restored:
    """Puts the values that were archived last back into a field that exists again; never over a newer value.

    Raises NotFound when nothing is archived or the set has no such field, Unusable when its type cannot hold them."""
    with database.writing() as connection:
        return _Restoring(connection, blueprint, entity).field(field)


def restore_entity(database: Database, blueprint: Blueprint, entity: str) -> Restored:
    """The records of an entity that exists again, with their ids, and then each field's values. Raises as above."""
    with database.writing() as connection:
        restoring = _Restoring(connection, blueprint, entity)
        done = restoring.records()
        for (field,) in restoring.archived_fields():
            if field in blueprint.entities[entity].fields:
                restoring.field(field)
        return done


class _Restoring:
    def __init__(self, connection: Connection, blueprint: Blueprint, entity: str) -> None:
        if entity not in blueprint.entities:
            raise NotFound(f"The set has no entity {entity}. Add it, apply the set, then restore.")
        self.connection = connection
        self.blueprint = blueprint
        self.entity = entity
        self.tables = Tables(blueprint)

    def archived_fields(self) -> list[tuple[str]]:
        mark = self.connection.mark
        text = f"select distinct field from crm_archive where entity = {mark} and field <> '' order by field"
        return self.connection.run(text, (self.entity,))

    def records(self) -> Restored:
        _, at = self._header(ENTITY)
        rows, done = self._rows(ENTITY, at), []
        marks = ", ".join([self.connection.mark] * (len(KEPT) + 1))
        text = f"insert into {quoted(self.entity)} (id, {listed(KEPT)}) values ({marks}) on conflict (id) do nothing"
        for key, record, value in rows:
            if self.connection.change(text, (record, *(value[name] for name in KEPT))):
                done.append(key)
        return self._closed(ENTITY, at, done, len(rows))

    def field(self, name: str) -> Restored:
        if name not in self.blueprint.entities[self.entity].fields:
            raise NotFound(
                f"{self.entity} has no field {name}. Add it to the set, apply the set, then restore."
            )
        shape, at = self._header(name)
        rows = self._rows(name, at)
        put = self._link_back if shape.links_to else self._value_back(shape, name)
        done = [key for key, record, value in rows if put(name, record, value)]
        return self._closed(name, at, done, len(rows))

    def _header(self, field: str) -> tuple[Any, int]:
        mark = self.connection.mark
        found = self.connection.run(
            f"select at, value from crm_archive where entity = {mark} and field = {mark} and record = {HEADER} "
            "order by id desc limit 1",
            (self.entity, field),
        )
        if not found:
            raise NotFound(f"Nothing of {self.entity}{f' / {field}' if field else ''} is in the archive.")
        at, value = found[0]
        return (read_field(json.loads(value)) if field else None), at

    def _rows(self, field: str, at: int) -> list[tuple[int, int, Any]]:
        mark = self.connection.mark
        text = (
            f"select id, record, value from crm_archive where entity = {mark} and field = {mark} and at = {mark} "
            f"and record <> {HEADER} order by id"
        )
        return [
            (i, record, json.loads(v)) for i, record, v in self.connection.run(text, (self.entity, field, at))
        ]

    def _value_back(self, shape: FieldShape, name: str) -> Any:
        described = self.blueprint.entities[self.entity].fields[name]
        columns = [c.name for c in self.tables.columns(self.entity, name)]
        self._possible(shape, described, columns)
        find = self.tables.find_column(self.entity, name)
        names = [*columns, *([find.name] if find is not None else [])]
        mark, kind = self.connection.mark, field_type(described.type)
        given = ", ".join(f"{quoted(c)} = {mark}" for c in names)
        text = (
            f"update {quoted(self.entity)} set {given}, version = version + 1 "
            f"where id = {mark} and {quoted(columns[0])} is null"
        )
        convert = self._converter(shape, described)

        def put(_: str, record: int, raw: list[Any]) -> bool:
            stored = convert(tuple(raw))
            if stored is None or not self._targets_there(described, columns, stored):
                return False
            folded = (kind.find(described, kind.load(described, stored)),) if find is not None else ()
            return self.connection.change(text, (*stored, *folded, record)) > 0

        return put

    def _possible(self, shape: FieldShape, described: Field, columns: list[str]) -> None:
        now = shape_of(self.blueprint).entities[self.entity].fields[described.name]
        reason = impossible(shape, now) if columns else "It is worked out now, not kept."
        if reason:
            raise Unusable(
                f"The archived values of {self.entity} / {described.name} cannot be put back. {reason}"
            )

    def _converter(self, shape: FieldShape, described: Field) -> Any:
        if shape.type == described.type:
            return lambda raw: raw
        said = self.blueprint.manifest
        formats = Formats(said.language, said.zone, said.currency, said.country)
        converter = Converter(shape, described, Reading(formats, datetime.now(UTC)))

        def convert(raw: tuple[Any, ...]) -> tuple[Any, ...] | None:
            try:
                return converter.converted(raw)
            except Unfit:
                return None

        return convert

    def _targets_there(self, described: Field, columns: list[str], stored: tuple[Any, ...]) -> bool:
        for column, value in zip(self.tables.columns(self.entity, described.name), stored, strict=True):
            for key in column.foreign_keys:
                if not self._there(key.target_fullname.partition(".")[0], value):
                    return False
        return True

    def _there(self, table: str, id: int) -> bool:
        return bool(
            self.connection.run(f"select 1 from {quoted(table)} where id = {self.connection.mark}", (id,))
        )

    def _link_back(self, name: str, record: int, targets: list[list[int]]) -> bool:
        table = self.tables.link(self.entity, name)
        target = self.blueprint.entities[self.entity].fields[name].options["entity"]
        mark = self.connection.mark
        has_some = f"select 1 from {quoted(table.name)} where record_id = {mark} limit 1"
        if not self._there(self.entity, record) or self.connection.run(has_some, (record,)):
            return False
        text = f"insert into {quoted(table.name)} (record_id, target_id, position) values ({mark}, {mark}, {mark})"
        there = [(record, id, position) for id, position in targets if self._there(target, id)]
        self.connection.change_many(text, there)
        return bool(there)

    def _closed(self, field: str, at: int, done: list[int], number: int) -> Restored:
        """What was put back leaves the archive; the header goes with the last of it."""
        mark = self.connection.mark
        self.connection.change_many(f"delete from crm_archive where id = {mark}", [(key,) for key in done])
        if len(done) == number:
            self.connection.change(
                f"delete from crm_archive where entity = {mark} and field = {mark} and at = {mark}",
                (self.entity, field, at),
            )
        return Restored(len(done), number - len(done))
