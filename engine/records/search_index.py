"""What makes a search in folded texts quick: trigrams, on both databases.

SQLite: an FTS5 table `entity__search` beside the entity's, with one column per searched field (so that who may not
read a field searches the others only) and without a copy of the texts. Triggers keep it, so nobody can forget to.
A trigger costs 60 us a row, as FTS5 writes its buffer at the end of each statement; `indexed_together` puts the new
rows of a batch in by one statement instead, at 8 to 20 us: the larger the batch, the better.
PostgreSQL: one GIN index over the folded columns where the extension pg_trgm can be had; else searching reads all rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from engine.records.database import Connection
from engine.records.naming import listed, quoted

PAUSED = "crm_search_paused"  # a row in it, inside one transaction, keeps the triggers from new rows

# Fewer and larger pieces: together with batches of ten thousand rows 8 us a row instead of 19. They stay in the file.
_SETTINGS = (("hashsize", 8 << 20), ("automerge", 8))


def search_name(entity: str) -> str:
    return f"{entity}__search"


def create(connection: Connection, entity: str, columns: Sequence[str]) -> None:
    """Makes and fills it from the rows that are there."""
    if not columns:
        return
    if connection.dialect == "sqlite":
        _create_fts(connection, entity, columns)
    elif has_trigrams(connection):
        each = ", ".join(f"{quoted(c)} gin_trgm_ops" for c in columns)
        connection.change(
            f"create index {quoted(search_name(entity))} on {quoted(entity)} using gin ({each})"
        )


def drop(connection: Connection, entity: str) -> None:
    if connection.dialect == "postgresql":
        connection.change(f"drop index if exists {quoted(search_name(entity))}")
        return
    for event in ("insert", "update", "delete"):
        connection.change(f"drop trigger if exists {quoted(f'{entity}__search_{event}')}")
    connection.change(f"drop table if exists {quoted(search_name(entity))}")


def has_trigrams(connection: Connection) -> bool:
    """Installs pg_trgm when this user may."""
    if connection.run("select 1 from pg_extension where extname = 'pg_trgm'"):
        return True
    if not connection.run("select 1 from pg_available_extensions where name = 'pg_trgm'"):
        return False
    return _installed(connection)


def _installed(connection: Connection) -> bool:
    import psycopg

    try:
        with connection.raw.transaction():  # a savepoint: to be refused must not end the whole
            connection.change("create extension if not exists pg_trgm")
    except psycopg.Error:
        return False
    return True


@contextmanager
def indexed_together(connection: Connection, entity: str, columns: Sequence[str]) -> Iterator[None]:
    """For a batch of new rows: put the ids into `index_rows` before the block ends. Updates are indexed as ever."""
    if connection.dialect != "sqlite" or not columns:
        yield
        return
    connection.change(f"insert into {PAUSED} (id) values (1)")
    yield  # an error undoes the transaction, and the pause with it
    connection.change(f"delete from {PAUSED}")


def index_rows(connection: Connection, entity: str, columns: Sequence[str], ids: Iterable[int]) -> None:
    """Puts rows that were inserted in the pause into the search table."""
    if connection.dialect != "sqlite" or not columns:
        return
    names = listed(columns)
    connection.change(
        f"insert into {quoted(search_name(entity))} (rowid, {names}) "
        f"select id, {names} from {quoted(entity)} where id in (select value from json_each(?)) order by id",
        (json.dumps(list(ids)),),
    )


def _create_fts(connection: Connection, entity: str, columns: Sequence[str]) -> None:
    fts, table = quoted(search_name(entity)), quoted(entity)
    connection.change(
        f"create virtual table {fts} using fts5({listed(columns)}, content={_text(entity)}, content_rowid='id', "
        "tokenize='trigram', columnsize=0)"
    )
    for setting, value in _SETTINGS:
        connection.change(f"insert into {fts} ({fts}, rank) values ('{setting}', {value})")
    for statement in _triggers(entity, fts, table, columns):
        connection.change(statement)
    connection.change(f"insert into {fts} ({fts}) values ('rebuild')")


def _triggers(entity: str, fts: str, table: str, columns: Sequence[str]) -> Iterator[str]:
    names = listed(columns)
    put = f"insert into {fts} (rowid, {names}) values (new.id, {_of('new', columns)})"
    take = f"insert into {fts} ({fts}, rowid, {names}) values ('delete', old.id, {_of('old', columns)})"
    changed = " or ".join(f"old.{quoted(c)} is not new.{quoted(c)}" for c in columns)
    yield (
        f"create trigger {quoted(f'{entity}__search_insert')} after insert on {table} "
        f"when not exists (select 1 from {PAUSED}) begin {put}; end"
    )
    yield (
        f"create trigger {quoted(f'{entity}__search_update')} after update of {names} on {table} "
        f"when {changed} begin {take}; {put}; end"
    )
    yield f"create trigger {quoted(f'{entity}__search_delete')} after delete on {table} begin {take}; end"


def _of(row: str, columns: Sequence[str]) -> str:
    return ", ".join(f"{row}.{quoted(c)}" for c in columns)


def _text(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
