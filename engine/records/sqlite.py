"""SQLite as it must be set up to be safe: WAL, synchronous FULL, foreign keys, explicit BEGIN IMMEDIATE."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from engine.errors import Unusable
from engine.parts import formula_sql
from engine.records.naming import listed, quoted

NAME = "sqlite"
MARK = "?"
READERS = 4
WRITERS = 1  # SQLite has one writer; ours wait for a lock rather than for its polling
MOST_ROWS, MOST_MARKS = 25, 800  # of one insert; longer ones gain nothing
BUSY_SECONDS = 10.0  # how long another process may hold the write lock
LOOK = 0.001  # seconds between two tries: SQLite itself would wait for up to a tenth, while the lock comes and goes

_EVERY = (
    "pragma foreign_keys = on",
    "pragma cache_size = -16000",  # 16 MB
    "pragma temp_store = memory",
)
_WRITER = (
    "pragma journal_mode = wal",
    "pragma synchronous = full",
    "pragma journal_size_limit = 67108864",
    "pragma wal_autocheckpoint = 4000",  # 16 MB: of an import the same pages need not be copied by every other batch
    "pragma busy_timeout = 0",  # last: `begin` waits by itself
)
HURRIED, CAREFUL = "pragma synchronous = off", "pragma synchronous = full"
_READER = (
    "pragma query_only = on",
    "pragma mmap_size = 1073741824",  # pages come from the system's cache without a copy; writing is slower with it
)


def engine(url: str) -> sa.Engine:
    path = path_of(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    # No transaction is ever SQLAlchemy's or the driver's own: both would begin one that is not immediate.
    return sa.create_engine(
        "sqlite://", creator=lambda: connect(path), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )


def path_of(url: str) -> Path:
    """Raises Unusable when the address names no file: two connections to `:memory:` are two databases."""
    name = url.partition("sqlite://")[2].removeprefix("/")
    if not name or name == ":memory:":
        raise Unusable("CRM_DATABASE_URL names no file. Write sqlite:///crm.db or sqlite:////var/lib/crm.db.")
    return Path(name)


def connect(path: Path) -> sqlite3.Connection:
    # Lent to one thread at a time by the pool, so the driver's own check would only be in the way.
    return sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=512
    )


def prepare(raw: sqlite3.Connection, writes: bool) -> None:
    for pragma in (*_EVERY, *(_WRITER if writes else _READER)):
        raw.execute(pragma)
    formula_sql.install(raw)


def begin_reading(raw: sqlite3.Connection, snapshot: bool) -> None:
    raw.execute("begin")


def end_reading(raw: sqlite3.Connection, snapshot: bool) -> None:
    if raw.in_transaction:
        raw.execute("rollback")


def begin(raw: sqlite3.Connection) -> None:
    ends = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            raw.execute("begin immediate")
        except sqlite3.OperationalError as error:
            if not passing(error) or time.monotonic() > ends:
                raise
            time.sleep(LOOK)
        else:
            return


def keep(raw: sqlite3.Connection) -> None:
    try:
        raw.execute("commit")
    except BaseException:
        undo(raw)
        raise


def undo(raw: sqlite3.Connection) -> None:
    if raw.in_transaction:  # some errors have ended it already
        raw.execute("rollback")


def begin_reshaping(raw: sqlite3.Connection) -> None:
    # With the keys on, dropping a table would first delete its rows, and those that point to them. The pragma does
    # nothing inside a transaction.
    raw.execute("pragma foreign_keys = off")
    try:
        begin(raw)
    except sqlite3.OperationalError as error:
        end_reshaping(raw)
        raise Unusable("Another process is writing to this database. Stop it, or try again later.") from error


def keep_reshaped(raw: sqlite3.Connection) -> None:
    dangling = raw.execute("pragma foreign_key_check").fetchall()
    if dangling:
        table, row, parent, _ = dangling[0]
        raise Unusable(
            f"{len(dangling)} rows would point to nothing, first row {row} of {table} to {parent}."
        )
    raw.execute("commit")


def end_reshaping(raw: sqlite3.Connection) -> None:
    raw.execute("pragma foreign_keys = on")


def insert_many(raw: sqlite3.Connection, table: str, columns: Sequence[str], rows: Sequence[Any]) -> None:
    """Several rows by each statement: one with a trigger saves every page that it touches, to be able to undo itself."""
    each = max(1, min(MOST_ROWS, MOST_MARKS // len(columns)))
    whole = len(rows) - len(rows) % each
    several = (tuple(chain.from_iterable(rows[at : at + each])) for at in range(0, whole, each))
    raw.executemany(_insert(table, tuple(columns), each), several)
    raw.executemany(_insert(table, tuple(columns), 1), rows[whole:])


@lru_cache(maxsize=512)
def _insert(table: str, columns: tuple[str, ...], rows: int) -> str:
    marks = f"({', '.join('?' * len(columns))})"
    return f"insert into {quoted(table)} ({listed(columns)}) values {', '.join([marks] * rows)}"


def find(raw: sqlite3.Connection, select: str, column: str, values: Sequence[Any]) -> sqlite3.Cursor:
    marks = ", ".join("?" * len(values))
    return raw.execute(f"{select} where {quoted(column)} in ({marks}) and deleted_at is null", tuple(values))


def execute_unprepared(raw: sqlite3.Connection, text: str, values: Any) -> sqlite3.Cursor:
    return raw.execute(text, values)


def stream(raw: sqlite3.Connection, text: str, values: Any) -> sqlite3.Cursor:
    return raw.execute(text, values)


def broken(raw: sqlite3.Connection) -> bool:
    return False


def passing(error: BaseException) -> bool:
    """Whether trying again may help: somebody else held the file."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def unreachable(url: str, error: BaseException) -> BaseException:
    if passing(error):
        return error
    return Unusable(
        f"The database file {path_of(url)} cannot be opened: {error}. "
        "Check that the path exists, is a SQLite file and may be written by this user."
    )
