"""How many records a change would touch: questions to the data as it stands, under its old names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from engine.blueprint import Blueprint
from engine.blueprint.conditions import Word
from engine.formats import Formats, Reading
from engine.parts import field_type
from engine.records.convert import Converter, Unfit, impossible
from engine.records.database import Connection
from engine.records.ddl import tables_there
from engine.records.naming import quoted
from engine.records.shape import EntityShape, FieldShape

_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Conversion:
    values: int
    failing: int = 0
    examples: str = ""
    impossible: str | None = None


class Count:
    """`old_names`: what an entity's table is still called, by what it will be called."""

    def __init__(self, connection: Connection, blueprint: Blueprint, old_names: Mapping[str, str]) -> None:
        self._connection = connection
        self._blueprint = blueprint
        self._old_names = old_names

    def records(self, entity: EntityShape) -> int:
        return self.records_of(entity.name)

    def records_of(self, entity: str) -> int:
        """Alive and in the bin."""
        return self._one(f"select count(*) from {self._table(entity)}") if self._there(entity) else 0

    def filled(self, entity: EntityShape, field: FieldShape) -> int:
        if field.links_to:
            return self._one(f"select count(distinct record_id) from {self._link(entity, field)}")
        if not field.columns:
            return 0
        return self._one(f"select count({quoted(field.columns[0].name)}) from {self._table(entity.name)}")

    def empty(self, entity: EntityShape, field: FieldShape) -> int:
        """Alive records without a value."""
        missing = f"{quoted(field.columns[0].name)} is null" if field.columns else (
            f"not exists (select 1 from {self._link(entity, field)} where record_id = id)"
        )  # fmt: skip
        return self._one(
            f"select count(*) from {self._table(entity.name)} where deleted_at is null and {missing}"
        )

    def duplicates(self, entity: EntityShape, field: FieldShape) -> tuple[int, str]:
        """How many values stand in several alive records, and the first three of them."""
        names = ", ".join(quoted(c.name) for c in field.columns)
        filled = " and ".join(f"{quoted(c.name)} is not null" for c in field.columns)
        twice = f"from {self._table(entity.name)} where deleted_at is null and {filled} group by {names} having count(*) > 1"
        number = self._one(f"select count(*) from (select 1 {twice}) as twice")
        examples = self._connection.run(f"select {names} {twice} order by {names} limit 3") if number else []
        return number, ", ".join(str(row[0]) for row in examples)

    def holding(self, entity: EntityShape, field: FieldShape, word: str) -> int:
        """Records with this choice or at this stage."""
        column, mark = quoted(field.columns[0].name), self._connection.mark
        condition = f"{column} = {mark}"
        if field_type(field.type).many:  # a JSON array
            condition = f"{column} like {mark}"
            word = f'%"{word}"%'
        return self._one(f"select count(*) from {self._table(entity.name)} where {condition}", (word,))

    def people(self, role: str) -> int:
        if "role" not in tables_there(self._connection).get("user", ()):
            return 0
        mark = self._connection.mark
        return self._one(f'select count(*) from "user" where role = {mark} and deleted_at is null', (role,))

    def default(self, entity: str, field: str) -> str | None:
        """What existing records get in a new field, for people; None when it is empty or depends on who writes."""
        described = self._blueprint.entities[entity].fields[field]
        if described.default is None or isinstance(described.default, Word):
            return None
        return field_type(described.type).show(described, described.default, self._formats)

    def conversion(self, entity: EntityShape, old: FieldShape, new: FieldShape) -> Conversion:
        reason = impossible(old, new)
        values = self.filled(entity, old)
        if reason or not values:
            return Conversion(values, impossible=reason if values else None)
        if old.links_to or new.links_to:
            return self._links(entity, old, new, values)
        return self._tried(entity, old, new, values)

    def _links(self, entity: EntityShape, old: FieldShape, new: FieldShape, values: int) -> Conversion:
        if new.links_to:
            return Conversion(values)
        crowded = f"select record_id from {self._link(entity, old)} group by record_id having count(*) > 1"
        failing = self._one(f"select count(*) from ({crowded}) as crowded")
        return Conversion(values, failing, "a record that points to several" if failing else "")

    def _tried(self, entity: EntityShape, old: FieldShape, new: FieldShape, values: int) -> Conversion:
        target = self._blueprint.entities[entity.name].fields[new.name]
        converter = Converter(old, target, self._reading)
        failing = 0
        examples: list[str] = []
        for raw in self._raw(entity, old):
            try:
                converter.converted(raw)
            except Unfit as reason:
                failing += 1
                examples += [str(reason)] if len(examples) < 3 else []
        return Conversion(values, failing, " ".join(dict.fromkeys(examples)))

    def _raw(self, entity: EntityShape, field: FieldShape) -> Any:
        names = ", ".join(quoted(c.name) for c in field.columns)
        first = quoted(field.columns[0].name)
        text = f"select {names} from {self._table(entity.name)} where {first} is not null"
        for batch in self._connection.stream(text, size=_BATCH):
            yield from batch

    @cached_property
    def _formats(self) -> Formats:
        said = self._blueprint.manifest
        return Formats(said.language, said.zone, said.currency, said.country)

    @cached_property
    def _reading(self) -> Reading:
        starts = self._blueprint.manifest.financial_year_starts
        return Reading(self._formats, datetime.now(UTC), financial_year_starts=starts)

    def _there(self, entity: str) -> bool:
        return self._old_names.get(entity, entity) in tables_there(self._connection)

    def _table(self, entity: str) -> str:
        return quoted(self._old_names.get(entity, entity))

    def _link(self, entity: EntityShape, field: FieldShape) -> str:
        return quoted(f"{self._old_names.get(entity.name, entity.name)}__{field.name}")

    def _one(self, text: str, values: tuple[Any, ...] = ()) -> int:
        return self._connection.run(text, values)[0][0]
