"""Values of what a set no longer has, kept until somebody wants them back.

One batch of rows in crm_archive per field that went, all with the same moment. The batch's first row (record 0) holds
the shape that the values were stored in; each other row one record's raw columns, or its targets with positions. Of an
entity that went, a row with an empty field name holds what the engine kept of each record.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from engine.records.database import Connection
from engine.records.keys import milliseconds, new_ids
from engine.records.naming import listed, quoted
from engine.records.shape import EntityShape, FieldShape

HEADER = 0  # the record of a batch's first row
ENTITY = ""  # the field of what the engine kept of a record
KEPT = ("version", "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "chain")
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Archive:
    """Writes batches at one moment."""

    connection: Connection
    now: datetime

    def field(self, table: str, entity: str, field: FieldShape) -> None:
        """Every filled value, also of records in the bin. `table`: what the entity's table is called at this moment."""
        self._put(entity, field.name, [(HEADER, asdict(field))])
        for batch in self._links(table, field) if field.links_to else self._values(table, field):
            self._put(entity, field.name, batch)

    def entity(self, entity: EntityShape) -> None:
        self._put(entity.name, ENTITY, [(HEADER, {"label": entity.label})])
        text = f"select id, {listed(KEPT)} from {quoted(entity.name)} order by id"
        for batch in self.connection.stream(text, size=_BATCH):
            self._put(entity.name, ENTITY, ((id, dict(zip(KEPT, raw, strict=True))) for id, *raw in batch))
        for field in entity.fields.values():
            if field.holds_values and field.name not in (*KEPT, "id"):
                self.field(entity.name, entity.name, field)

    def _values(self, table: str, field: FieldShape) -> Iterator[list[tuple[int, Any]]]:
        names, first = listed(c.name for c in field.columns), quoted(field.columns[0].name)
        text = f"select id, {names} from {quoted(table)} where {first} is not null order by id"
        for batch in self.connection.stream(text, size=_BATCH):
            yield [(id, raw) for id, *raw in batch]

    def _links(self, table: str, field: FieldShape) -> Iterator[list[tuple[int, Any]]]:
        text = f"select record_id, target_id, position from {quoted(f'{table}__{field.name}')} order by record_id"
        found: dict[int, list[tuple[int, int]]] = {}
        for record, target, position in self.connection.run(text):
            found.setdefault(record, []).append((target, position))
        yield list(found.items())

    def _put(self, entity: str, field: str, values: Iterable[tuple[int, Any]]) -> None:
        some = list(values)
        ids, at = new_ids(self.now, len(some)), milliseconds(self.now)
        rows = [
            (id, at, entity, record, field, _json(value))
            for id, (record, value) in zip(ids, some, strict=True)
        ]
        marks = ", ".join([self.connection.mark] * 6)
        self.connection.change_many(
            f"insert into crm_archive (id, at, entity, record, field, value) values ({marks})", rows
        )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
