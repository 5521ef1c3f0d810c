"""The statements that make and change tables, on both databases.

SQLite keeps a foreign key with its column, so that the column can be dropped again without a rebuild of the table;
on PostgreSQL the keys are added when all tables are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex

from engine.records.database import Connection
from engine.records.naming import listed, quoted

_COLUMNS = {
    "sqlite": "select m.name, c.name from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table'",
    "postgresql": "select table_name, column_name from information_schema.columns where table_schema = current_schema()",
}
_NAMED = {
    "sqlite": "select 1 from sqlite_master where type = 'table' and name = ?",
    "postgresql": "select 1 from information_schema.tables where table_schema = current_schema() and table_name = %s",
}
_INDEXES = {
    "sqlite": "select name from sqlite_master where type = 'index'",
    "postgresql": "select indexname from pg_indexes where schemaname = current_schema()",
}


def tables_there(connection: Connection) -> Mapping[str, frozenset[str]]:
    """Every table of the database with its columns, ours or not."""
    found: dict[str, set[str]] = {}
    for table, column in connection.run(_COLUMNS[connection.dialect]):
        found.setdefault(table, set()).add(column)
    return {table: frozenset(columns) for table, columns in found.items()}


def is_there(connection: Connection, table: str) -> bool:
    return bool(connection.run(_NAMED[connection.dialect], (table,)))


def create_table(connection: Connection, table: sa.Table) -> None:
    parts = [_described(connection, c) for c in table.columns]
    if len(table.primary_key.columns) > 1:
        parts.append(f"primary key ({listed(c.name for c in table.primary_key.columns)})")
    rowid = table.dialect_options["sqlite"]["with_rowid"]
    tail = " without rowid" if connection.dialect == "sqlite" and not rowid else ""
    connection.change(f"create table {quoted(table.name)} ({', '.join(parts)}){tail}")


def add_column(connection: Connection, column: sa.Column) -> None:  # type: ignore[type-arg]
    connection.change(f"alter table {quoted(column.table.name)} add column {_described(connection, column)}")


def add_filled_column(connection: Connection, column: sa.Column) -> None:  # type: ignore[type-arg]
    """Where it must be filled, the rows that are there get 0 or an empty text."""
    filled = "" if column.nullable else " default ''" if isinstance(column.type, sa.Text) else " default 0"
    text = f"alter table {quoted(column.table.name)} add column {_described(connection, column)}{filled}"
    connection.change(text)


def _described(connection: Connection, column: sa.Column) -> str:  # type: ignore[type-arg]
    kind = column.type.compile(dialect=connection.core.dialect)
    alone = column.primary_key and len(column.table.primary_key.columns) == 1
    filled = " primary key" if alone else "" if column.nullable else " not null"
    return f"{quoted(column.name)} {kind}{filled}{_pointing(connection, column)}"


def _pointing(connection: Connection, column: sa.Column) -> str:  # type: ignore[type-arg]
    if connection.dialect != "sqlite":
        return ""
    return "".join(f" references {quoted(_target(key))} (id)" for key in column.foreign_keys)


def _target(key: sa.ForeignKey) -> str:
    return key.target_fullname.partition(".")[0]


def add_foreign_keys(connection: Connection, columns: Iterable[sa.Column]) -> None:  # type: ignore[type-arg]
    """Of columns that were just made."""
    if connection.dialect == "sqlite":
        return
    for column in columns:
        for key in column.foreign_keys:
            connection.change(
                f"alter table {quoted(column.table.name)} "
                f"add foreign key ({quoted(column.name)}) references {quoted(_target(key))} (id)"
            )


def drop_columns(connection: Connection, table: str, columns: Iterable[str]) -> None:
    for column in columns:
        connection.change(f"alter table {quoted(table)} drop column {quoted(column)}")


def rename_column(connection: Connection, table: str, old: str, new: str) -> None:
    if old != new:
        connection.change(f"alter table {quoted(table)} rename column {quoted(old)} to {quoted(new)}")


def rename_table(connection: Connection, old: str, new: str) -> None:
    connection.change(f"alter table {quoted(old)} rename to {quoted(new)}")


def drop_table(connection: Connection, name: str) -> None:
    tail = " cascade" if connection.dialect == "postgresql" else ""
    connection.change(f"drop table {quoted(name)}{tail}")


def drop_index(connection: Connection, name: str) -> None:
    connection.change(f"drop index if exists {quoted(name)}")


def create_missing_indexes(connection: Connection, tables: Iterable[sa.Table]) -> None:
    there = {name for (name,) in connection.run(_INDEXES[connection.dialect])}
    for table in tables:
        for index in sorted(table.indexes, key=_rank):
            if index.name not in there:
                connection.core.execute(CreateIndex(index))


def _rank(index: sa.Index) -> tuple[int, str]:
    """Of two indexes that seem equal to it SQLite takes the one made last: what points to a record comes after whose the
    rows are, since few rows point to one record and many are one person's."""
    first, *more = index.columns
    targets = {key.target_fullname.partition(".")[0] for key in first.foreign_keys}
    points = bool(targets - {"user", "team"}) or any(column.name == f"{first.name}__entity" for column in more)
    return 2 if points else 1 if str(index.name).endswith("__list") else 0, str(index.name)
