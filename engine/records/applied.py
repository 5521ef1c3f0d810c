"""What the tables of a database were made from, and whether they are still so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.errors import Unusable
from engine.records.database import Connection
from engine.records.ddl import is_there
from engine.records.difference import Change, NewEntity, RenamedEntity
from engine.records.keys import milliseconds, new_id
from engine.records.shape import NOTHING, Shape, from_json, to_json
from engine.records.system import ENGINE_SCHEMA, PREFIX

Live = Mapping[str, frozenset[str]]  # table -> its columns


@dataclass(frozen=True, slots=True)
class Applied:
    engine_schema: int = 0  # 0: nothing was applied yet
    blueprint: str = ""  # its hash
    shape: Shape = NOTHING


def last_applied(connection: Connection) -> Applied:
    """Raises Unusable when a newer program wrote here."""
    if not is_there(connection, f"{PREFIX}applied"):
        return Applied()
    found = connection.run("select engine_schema, blueprint, shape from crm_applied order by id desc limit 1")
    if not found:
        return Applied()
    schema, blueprint, shape = found[0]
    if schema > ENGINE_SCHEMA:
        raise Unusable(
            f"This database was last changed by a newer version of this program (its tables are version {schema}, "
            f"this program knows {ENGINE_SCHEMA}). Update the program, or restore a backup made before."
        )
    return Applied(schema, blueprint, from_json(shape))


def remember(connection: Connection, now: datetime, blueprint: str, shape: Shape, words: str) -> None:
    mark = connection.mark
    connection.change(
        f"insert into crm_applied (id, at, engine_schema, blueprint, shape, words) values ({', '.join([mark] * 6)})",
        (new_id(now), milliseconds(now), ENGINE_SCHEMA, blueprint, to_json(shape), words),
    )


def lacking(tables: Iterable[sa.Table], live: Live) -> Iterator[sa.Column[Any]]:
    """The columns that are not there, of those tables that are."""
    for table in tables:
        yield from (c for c in table.columns if c.name not in live.get(table.name, {c.name}))


def check_live(live: Live, shape: Shape, changes: Iterable[Change]) -> None:
    """Raises Unusable when somebody else's table is where one of ours would be made, or one of ours was altered."""
    _check_room(live, shape, changes)
    for entity in shape.entities.values():
        wanted = {c.name for f in entity.fields.values() for c in f.columns}
        missing = wanted - live.get(entity.name, frozenset())
        if missing:
            raise Unusable(
                f"The table {entity.name} lacks {', '.join(sorted(missing))}, which this program had made. "
                "Something else changed the database: restore a backup, or put the columns back."
            )


def _check_room(live: Live, shape: Shape, changes: Iterable[Change]) -> None:
    made = {c.entity.name for c in changes if isinstance(c, NewEntity)}
    made |= {c.new.name for c in changes if isinstance(c, RenamedEntity)}
    if not shape.entities:
        made |= {name for name in live if name.startswith(PREFIX)}
    in_the_way = sorted((made & live.keys()) - shape.entities.keys())
    if in_the_way:
        raise Unusable(
            f"The database has {'a table' if len(in_the_way) == 1 else 'tables'} {', '.join(in_the_way)} that this "
            "program did not make. Name an empty database in CRM_DATABASE_URL."
        )
