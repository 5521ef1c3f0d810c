"""A copy of the whole database while it is in use, and the check that a copy can be used."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from engine.errors import Unusable
from engine.records import sqlite
from engine.records.applied import last_applied
from engine.records.database import Database, Row

_USE_PG_DUMP = (
    "PostgreSQL has its own: pg_dump --format=custom --file=crm.dump DATABASE, and pg_restore --clean --if-exists "
    "--dbname=DATABASE crm.dump to bring it back."
)


def backup(database: Database, path: Path) -> int:
    """Writes a copy of the moment to a new file and checks it; its size in bytes. Copying the file of a live database
    would lose what is still in its log.

    Raises Unusable on PostgreSQL, and when the file is already there."""
    if database.dialect != "sqlite":
        raise Unusable(_USE_PG_DUMP)
    if path.exists():
        raise Unusable(f"{path} is already there. Name a new file, so that no older backup is lost.")
    part = path.with_name(f"{path.name}.part")
    _copy(sqlite.path_of(database.url), part)
    check(part)
    os.replace(part, path)
    return path.stat().st_size


def restore(database: Database, path: Path) -> None:
    """Puts a checked backup in the place of the database's content. Everybody else must have stopped.

    Raises Unusable when the backup cannot be used, and on PostgreSQL."""
    if database.dialect != "sqlite":
        raise Unusable(_USE_PG_DUMP)
    check(path)
    database.close()
    _copy(path, sqlite.path_of(database.url))


def check(path: Path) -> None:
    """Reads every page of a SQLite file. Raises Unusable when it is broken, or is not a database of this program."""
    if not path.is_file():
        raise Unusable(f"There is no file {path}.")
    faults, known = _looked_at(path)
    if faults != [("ok",)]:
        raise Unusable(f"{path} is damaged: {faults[0]}. Use an older backup.")
    if not known:
        raise Unusable(f"{path} is a SQLite file, but no backup of this program.")


def _looked_at(path: Path) -> tuple[list[Row], int]:
    """What the integrity checks say, and the version of the engine's tables."""
    database = Database(f"sqlite:///{path}")
    try:
        with database.reading() as connection:
            faults = connection.run("pragma integrity_check(3)") + connection.run("pragma foreign_key_check")
            return faults, last_applied(connection).engine_schema
    except sqlite3.DatabaseError as error:
        raise Unusable(f"{path} cannot be used: {error}.") from error
    finally:
        database.close()


def _copy(source: Path, target: Path) -> None:
    before, after = sqlite3.connect(source), sqlite3.connect(target)
    try:
        before.backup(after, pages=4096)
        after.execute("pragma journal_mode = delete")  # one file, whole in itself
    finally:
        before.close()
        after.close()
