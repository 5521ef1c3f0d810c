"""Names carried over: an entity's tables, a field's columns, a choice or stage in the records, a role of people.

History is append-only and its hashes cover the old names: it keeps them, and is read by the record's id.
"""

from __future__ import annotations

import json

from engine.records import ddl
from engine.records.database import Connection
from engine.records.naming import quoted
from engine.records.shape import EntityShape, FieldShape, Shape

_SAY_ENTITY = ("crm_stage_time", "crm_notice", "crm_reminder", "crm_file", "crm_saved_view", "crm_habit", "crm_archive")
_SAY_FIELD = ("crm_stage_time", "crm_file", "crm_archive")
ASIDE = "crm_aside__"


class Rename:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def entity(self, old: EntityShape, new: EntityShape, before: Shape) -> None:
        ddl.rename_table(self._connection, old.name, new.name)
        for field in old.fields.values():
            if field.links_to and self._still_there(f"{old.name}__{field.name}"):
                ddl.rename_table(self._connection, f"{old.name}__{field.name}", f"{new.name}__{field.name}")
        for table in _SAY_ENTITY:
            self._replace(table, "entity", old.name, new.name)
        self._series(f"{old.name}.", f"{new.name}.")
        self._pointers(old.name, new.name, before)

    def _still_there(self, table: str) -> bool:
        return table in ddl.tables_there(self._connection)

    def _pointers(self, old: str, new: str, before: Shape) -> None:
        """References to one of several entities hold the entity's name."""
        there = ddl.tables_there(self._connection)
        for entity in before.entities.values():
            table = new if entity.name == old else entity.name
            for field in entity.fields.values():
                if field.type == "reference_any" and table in there:
                    for column in (c for c in field.columns if c.kind == "text" and c.name in there[table]):
                        self._replace(table, column.name, old, new)

    def field(self, entity: str, old: FieldShape, new: FieldShape, *, columns: bool) -> None:
        """`columns`: not when the values are converted into new columns anyway."""
        if columns:
            for was, now in zip(old.columns, new.columns, strict=True):
                ddl.rename_column(self._connection, entity, was.name, now.name)
            if old.search:
                ddl.rename_column(self._connection, entity, f"{old.name}__find", f"{new.name}__find")
            if old.links_to:
                ddl.rename_table(self._connection, f"{entity}__{old.name}", f"{entity}__{new.name}")
        mark = self._connection.mark
        for table in _SAY_FIELD:
            self._connection.change(
                f"update {table} set field = {mark} where entity = {mark} and field = {mark}",
                (new.name, entity, old.name),
            )
        self._series(f"{entity}.{old.name}", f"{entity}.{new.name}")

    def aside(self, entity: str, field: FieldShape) -> list[str]:
        """Puts the old columns (or the old table of links) under another name, to be read from; the new names."""
        if field.links_to:
            name = f"{ASIDE}{field.name}"
            ddl.rename_table(self._connection, f"{entity}__{field.name}", name)
            return [name]
        if field.search:
            ddl.drop_columns(self._connection, entity, [f"{field.name}__find"])
        for column in field.columns:
            ddl.rename_column(self._connection, entity, column.name, f"{ASIDE}{column.name}")
        return [f"{ASIDE}{c.name}" for c in field.columns]

    def word(self, entity: str, field: FieldShape, old: str, new: str) -> None:
        column = field.columns[0].name
        if field.type == "choices":  # a JSON array
            text = f"{quoted(column)} = replace({quoted(column)}, {{0}}, {{0}})".format(self._connection.mark)
            self._connection.change(f"update {quoted(entity)} set {text}", (_json(old), _json(new)))
            return
        self._replace(entity, column, old, new)
        if field.type == "stage":
            mark = self._connection.mark
            self._connection.change(
                f"update crm_stage_time set stage = {mark} where entity = {mark} and field = {mark} and stage = {mark}",
                (new, entity, field.name, old),
            )

    def role(self, old: str, new: str) -> None:
        self._replace("user", "role", old, new)

    def _series(self, old: str, new: str) -> None:
        """A reference number counts on under its new name."""
        mark, size = self._connection.mark, len(old)
        renamed = f"name = {mark} || substr(name, {size + 1})"
        self._connection.change(
            f"update crm_series set {renamed} where substr(name, 1, {size}) = {mark}", (new, old)
        )

    def _replace(self, table: str, column: str, old: str, new: str) -> None:
        mark = self._connection.mark
        self._connection.change(
            f"update {quoted(table)} set {quoted(column)} = {mark} where {quoted(column)} = {mark}",
            (new, old),
        )


def _json(word: str) -> str:
    return json.dumps(word, ensure_ascii=False)
