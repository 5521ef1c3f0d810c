"""The keys by which records are known again (crm_key), made for records that are there already: when a set begins to look
for duplicates, or looks for them by other fields."""

from __future__ import annotations

from collections.abc import Iterator

from engine.blueprint import Blueprint
from engine.records.database import Connection
from engine.records.ddl import is_there
from engine.records.naming import quoted
from engine.records.rows import RowShape, Stored, change, in_words_of, rows
from engine.records.tables import Tables
from engine.rules.duplicates import Watch

BATCH = 2000
COLUMNS = ("key", "record", "entity")


def stale(connection: Connection, blueprint: Blueprint) -> list[str]:
    """The entities whose keys were not made as this set wants them."""
    watch = Watch(blueprint)
    there = is_there(connection, "crm_keyed")  # a database that an earlier program made has none yet
    found = rows(connection, "select entity, made_from from crm_keyed") if there else []
    kept = {row[0]: row[1] for row in found}
    return [name for name in blueprint.entities if kept.get(name, "") != watch.made_from(name)]


def refresh(connection: Connection, blueprint: Blueprint, tables: Tables) -> None:
    """Makes anew what is stale, and forgets the keys of entities that are no more."""
    watch = Watch(blueprint)
    known = {row[0] for row in rows(connection, "select entity from crm_keyed")}
    for name in known - set(blueprint.entities):
        _forget(connection, name)
    for name in stale(connection, blueprint):
        _forget(connection, name)
        if watch.kept[name]:
            _make(connection, watch, RowShape(blueprint.entities[name]))


def _forget(connection: Connection, entity: str) -> None:
    change(connection, "delete from crm_key where entity = ?", (entity,))
    change(connection, "delete from crm_keyed where entity = ?", (entity,))


def _make(connection: Connection, watch: Watch, shape: RowShape) -> None:
    name = shape.entity.name
    for batch in _alive(connection, shape):
        found = [(key, one.id, name) for one in batch for key in watch.keys(name, one)]
        if found:
            connection.insert_many("crm_key", COLUMNS, sorted(found))
    change(connection, "insert into crm_keyed (entity, made_from) values (?, ?)", (name, watch.made_from(name)))


def _alive(connection: Connection, shape: RowShape) -> Iterator[list[Stored]]:
    text = f"{shape.select_all} where deleted_at is null and id > ? order by id limit {BATCH}"
    last = 0
    while batch := connection.run(in_words_of(connection.dialect, text), (last,)):
        yield [Stored(shape, row, connection) for row in batch]
        last = int(batch[-1][0])


def count(connection: Connection, entity: str) -> int:
    return int(rows(connection, f"select count(*) from {quoted(entity)}")[0][0])


__all__ = ["count", "refresh", "stale"]
