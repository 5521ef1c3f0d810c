"""A copy of the data to play with: of the moment, in a SQLite file, whatever the database is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.blueprint import Blueprint
from engine.records.apply import apply
from engine.records.backup import backup
from engine.records.database import Connection, Database
from engine.records.naming import listed, quoted
from engine.records.plan import plan
from engine.records.tables import Tables

BATCH = 2000
NOT_COPIED = ("crm_session", "crm_token", "crm_link", "crm_idempotency", "crm_applied", "crm_search_paused")


def copy_to_play_with(database: Database, blueprint: Blueprint, path: Path) -> None:
    """Writes the copy to a new file. Raises Unusable when the file is already there."""
    if database.dialect == "sqlite":
        backup(database, path)
        return
    copy = Database(f"sqlite:///{path}")
    try:
        apply(plan(blueprint, copy), copy)
        with copy.hurried():
            _fill(database, copy, Tables(blueprint))
    finally:
        copy.close()


def _fill(database: Database, copy: Database, tables: Tables) -> None:
    """Both databases keep the same raw values, so rows go over as they are; references may point to what comes later."""
    with database.reading(snapshot=True) as source, copy.reshaping() as target:
        target.change("pragma defer_foreign_keys = on")
        for table in tables.metadata.sorted_tables:
            if table.name not in NOT_COPIED:
                _copy_rows(source, target, table.name, [column.name for column in table.columns])


def _copy_rows(source: Connection, target: Connection, table: str, columns: Sequence[str]) -> None:
    target.change(f"delete from {quoted(table)}")  # what making the tables put there
    text = f"select {listed(columns)} from {quoted(table)}"
    for some in source.stream(text, size=BATCH):
        target.insert_many(table, columns, some)
