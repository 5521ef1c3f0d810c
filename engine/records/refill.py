"""Values put where a change of the set wants them: converted, folded for the search, by default, at another stage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from engine.blueprint import Blueprint
from engine.blueprint.conditions import Word
from engine.formats import Formats, Reading
from engine.parts import field_type
from engine.records import journal
from engine.records.convert import Converter, Unfit
from engine.records.database import Connection
from engine.records.keys import milliseconds, new_id
from engine.records.naming import listed, quoted
from engine.records.shape import FieldShape
from engine.records.tables import Tables

_BATCH = 2000
Raw = tuple[Any, ...]


class Refill:
    """Works on tables that have their new names and columns already."""

    def __init__(self, connection: Connection, blueprint: Blueprint, tables: Tables, now: datetime) -> None:
        self._connection = connection
        self._blueprint = blueprint
        self._tables = tables
        self._now = now
        said = blueprint.manifest
        formats = Formats(said.language, said.zone, said.currency, said.country)
        self._reading = Reading(formats, now, financial_year_starts=said.financial_year_starts)

    def default(self, entity: str, name: str) -> None:
        """Existing records get a new field's default, unless it depends on who writes."""
        field = self._blueprint.entities[entity].fields[name]
        columns = [c.name for c in self._tables.columns(entity, name)]
        if field.default is None or isinstance(field.default, Word) or not columns:
            return
        raw = field_type(field.type).store(field, field.default)
        given = ", ".join(f"{quoted(c)} = {self._connection.mark}" for c in columns)
        self._connection.change(f"update {quoted(entity)} set {given}", tuple(raw))
        if self._tables.find_column(entity, name) is not None:
            self.found(entity, name)

    def converted(self, entity: str, old: FieldShape, new: FieldShape, aside: Sequence[str]) -> None:
        """From the columns (or the table of links) that were put aside into the new ones. Raises Unfit."""
        if old.links_to and new.links_to:
            self._copy_links(aside[0], f"{entity}__{new.name}")
        elif new.links_to:
            self._to_links(entity, new, aside[0])
        elif old.links_to:
            self._from_links(entity, new, aside[0])
        else:
            self._by_value(entity, old, new, aside)

    def found(self, entity: str, name: str) -> None:
        """Writes the folded text of every value."""
        field = self._blueprint.entities[entity].fields[name]
        kind = field_type(field.type)
        columns = [c.name for c in self._tables.columns(entity, name)]
        for batch in self._batches(entity, columns):
            texts = ((kind.find(field, kind.load(field, tuple(raw))), id) for id, *raw in batch)
            self._write(entity, [f"{name}__find"], [t for t in texts if t[0] is not None])

    def move(self, entity: str, field: str, stage: str, to: str) -> None:
        """The records of a stage that goes, alive or in the bin, each with its row of history."""
        mark = self._connection.mark
        text = f"select id, chain from {quoted(entity)} where {quoted(field)} = {mark}"
        for record, chain in self._connection.run(text, (stage,)):
            self._move_one(entity, record, chain, field, stage, to)

    def _move_one(self, entity: str, record: int, chain: str | None, field: str, stage: str, to: str) -> None:
        at, mark = milliseconds(self._now), self._connection.mark
        entry = journal.Entry(
            new_id(self._now), entity, record, at, None, "moved", {field: (stage, to)}, self._blueprint.hash,
            chain, None, stage, to,
        )  # fmt: skip
        journal.change_stage(self._connection, new_id(self._now), entity, record, field, to, at)
        self._connection.change(
            f"update {quoted(entity)} set {quoted(field)} = {mark}, chain = {mark}, version = version + 1, "
            f"updated_at = {mark} where id = {mark}",
            (to, journal.remember(self._connection, entry), at, record),
        )

    def _by_value(self, entity: str, old: FieldShape, new: FieldShape, aside: Sequence[str]) -> None:
        field = self._blueprint.entities[entity].fields[new.name]
        kind, converter = field_type(field.type), Converter(old, field, self._reading)
        columns = [c.name for c in self._tables.columns(entity, new.name)]
        find = [f"{new.name}__find"] if new.search else []
        for batch in self._batches(entity, aside):
            rows = []
            for id, *raw in batch:
                stored = converter.converted(tuple(raw))
                folded = (kind.find(field, kind.load(field, stored)),) if find else ()
                rows.append((*stored, *folded, id))
            self._write(entity, [*columns, *find], rows)

    def _copy_links(self, source: str, target: str) -> None:
        self._connection.change(
            f"insert into {quoted(target)} select record_id, target_id, position from {quoted(source)}"
        )

    def _to_links(self, entity: str, new: FieldShape, column: str) -> None:
        self._connection.change(
            f"insert into {quoted(f'{entity}__{new.name}')} (record_id, target_id, position) "
            f"select id, {quoted(column)}, 0 from {quoted(entity)} where {quoted(column)} is not null"
        )

    def _from_links(self, entity: str, new: FieldShape, source: str) -> None:
        column = quoted(new.columns[0].name)
        crowded = self._connection.run(
            f"select record_id from {quoted(source)} group by record_id having count(*) > 1"
        )
        if crowded:
            raise Unfit(f"Record {crowded[0][0]} points to several.")
        self._connection.change(
            f"update {quoted(entity)} set {column} = "
            f"(select target_id from {quoted(source)} where record_id = {quoted(entity)}.id)"
        )

    def _batches(self, entity: str, columns: Sequence[str]) -> Iterator[list[Raw]]:
        """(id, raw values) of records with a value, in id order; read in full before they are written."""
        mark, last = self._connection.mark, 0
        text = (
            f"select id, {listed(columns)} from {quoted(entity)} where id > {mark} and {quoted(columns[0])} is not null "
            f"order by id limit {_BATCH}"
        )
        while batch := self._connection.run(text, (last,)):
            yield batch
            last = batch[-1][0]

    def _write(self, entity: str, columns: Sequence[str], rows: Iterable[Raw]) -> None:
        given = ", ".join(f"{quoted(c)} = {self._connection.mark}" for c in columns)
        self._connection.change_many(
            f"update {quoted(entity)} set {given} where id = {self._connection.mark}", list(rows)
        )
