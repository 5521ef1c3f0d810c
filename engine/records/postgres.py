"""PostgreSQL as it is spoken to here: two small pools, readers that cannot write, statements with a deadline."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from engine.errors import Unusable
from engine.records.naming import listed, quoted

if TYPE_CHECKING:
    import psycopg

NAME = "postgresql"
HURRIED, CAREFUL = "set synchronous_commit = off", "set synchronous_commit = on"
MARK = "%s"
READERS = 6
WRITERS = 4

_SETTINGS = (
    "-c timezone=UTC -c jit=off -c random_page_cost=1.1 -c statement_timeout=30s -c lock_timeout=10s "
    "-c idle_in_transaction_session_timeout=60s"
)
_PASSING = frozenset({"40001", "40P01", "55P03"})  # serialization, deadlock, lock not available
_RESHAPING = 0x63726D  # the number of our advisory lock
_names = itertools.count()


def engine(url: str) -> sa.Engine:
    address = "postgresql" + url[url.index(":") :]
    return sa.create_engine("postgresql+psycopg://", creator=lambda: connect(address), poolclass=NullPool)


def connect(address: str) -> psycopg.Connection[Any]:
    try:
        import psycopg
    except ImportError as missing:
        raise Unusable('PostgreSQL needs one more package: pip install "crm-engine[postgres]".') from missing
    from psycopg.conninfo import conninfo_to_dict

    given: dict[str, Any] = {"application_name": "crm", "connect_timeout": 10, **conninfo_to_dict(address)}
    options = f"{_SETTINGS} {given.pop('options', '')}"
    raw = psycopg.connect(**given, options=options)
    raw.prepare_threshold = 2  # a statement that comes a third time is prepared
    raw.prepared_max = 500
    return raw


def prepare(raw: psycopg.Connection[Any], writes: bool) -> None:
    raw.rollback()
    if not writes:
        raw.autocommit = True  # one round trip instead of three for a single select
        raw.execute("set default_transaction_read_only = on")


def begin_reading(raw: psycopg.Connection[Any], snapshot: bool) -> None:
    if snapshot:
        raw.execute("begin isolation level repeatable read read only")


def end_reading(raw: psycopg.Connection[Any], snapshot: bool) -> None:
    if snapshot and not raw.closed:
        raw.execute("rollback")


def begin(raw: psycopg.Connection[Any]) -> None:
    """The driver begins a transaction with the first statement."""


def keep(raw: psycopg.Connection[Any]) -> None:
    import psycopg

    try:
        raw.commit()
    except psycopg.OperationalError as error:
        if error.sqlstate is None:  # trying again could do it twice
            raise Unusable(
                "The connection to the database was lost at the last moment: it is not known whether the change was "
                "kept. Look before you try again."
            ) from error
        raise


def undo(raw: psycopg.Connection[Any]) -> None:
    if not raw.closed:
        raw.rollback()


def begin_reshaping(raw: psycopg.Connection[Any]) -> None:
    import psycopg

    raw.execute("set local lock_timeout = '30s'")
    raw.execute("set local statement_timeout = 0")
    try:
        raw.execute("select pg_advisory_xact_lock(%s)", (_RESHAPING,))
    except psycopg.errors.LockNotAvailable as error:
        undo(raw)
        raise Unusable("Another process is changing these tables. Try again when it is done.") from error


def keep_reshaped(raw: psycopg.Connection[Any]) -> None:
    keep(raw)


def end_reshaping(raw: psycopg.Connection[Any]) -> None:
    """What was set ended with the transaction."""


def insert_many(
    raw: psycopg.Connection[Any], table: str, columns: Sequence[str], rows: Sequence[Any]
) -> None:
    # A third quicker than executemany, and a sixth of its work in this process.
    copy: Any = f"copy {quoted(table)} ({listed(columns)}) from stdin"
    with raw.cursor().copy(copy) as lines:
        for row in rows:
            lines.write_row(row)


def find(raw: psycopg.Connection[Any], select: str, column: str, values: Sequence[Any]) -> Any:
    # Key by key: of a table that nobody has analysed yet, as in its first import, the planner believes that next to
    # nothing is alive, and would read all of it for a list of hundreds. `offset 0` keeps it from joining the other way.
    kind = _ARRAYS.get(type(values[0]), "text")
    text: Any = (
        f"select found.* from unnest(%s::{kind}[]) as wanted (key) cross join lateral "
        f"({select} where {quoted(column)} = wanted.key and deleted_at is null offset 0) as found"
    )
    return raw.execute(text, (list(values),))


_ARRAYS = {str: "text", int: "bigint", float: "double precision"}


def execute_unprepared(raw: psycopg.Connection[Any], text: str, values: Any) -> Any:
    # A plan made for any values does not use the index of the column for a list of hundreds, but reads the table.
    return raw.execute(text, values, prepare=False)


def stream(raw: psycopg.Connection[Any], text: str, values: Any) -> Any:
    cursor = raw.cursor(name=f"crm_{next(_names)}")
    cursor.execute(text, values)
    return cursor


def broken(raw: psycopg.Connection[Any]) -> bool:
    return bool(raw.closed)


def passing(error: BaseException) -> bool:
    """Whether trying again may help: two transactions were in each other's way, or the server went away."""
    import psycopg

    if isinstance(error, psycopg.Error):
        return error.sqlstate in _PASSING or (
            isinstance(error, psycopg.OperationalError) and error.sqlstate is None
        )
    return False


def unreachable(url: str, error: BaseException) -> BaseException:
    if isinstance(error, Unusable):
        return error
    parts = urlsplit(url)  # the password stays out of the message
    return Unusable(
        f"The database {parts.path.lstrip('/')} at {parts.hostname or 'this machine'} cannot be reached: "
        f"{str(error).strip()}. Check CRM_DATABASE_URL and that PostgreSQL is running."
    )
