"""One database, SQLite or PostgreSQL: its connections, its transactions and when to try again.

- `reading()` lends a connection that cannot write; `writing()` one transaction, committed when the block ends well.
- SQLite: a few read connections and one write connection behind a lock; PostgreSQL: two small pools.
- A connection is lent with SQLAlchemy's Core on it (`execute`) and with the bare driver (`run`): a statement that was
  compiled once costs 3 us on the driver where Core takes 15.
- `retry` runs a whole use case again when the database says that two got in each other's way.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from engine.errors import TooMany, Unusable
from engine.records import postgres, sqlite
from engine.records.pool import Pool

T = TypeVar("T")
Row = tuple[Any, ...]


class Database:
    """`url` as in CRM_DATABASE_URL: `sqlite:///crm.db`, `sqlite:////var/lib/crm.db`, `postgresql://user@host/name`.

    Safe to use from many threads; each worker process makes its own. Raises Unusable when the address cannot be one.
    """

    def __init__(self, url: str, *, readers: int | None = None, writers: int | None = None) -> None:
        self.driver = _driver(url)
        self.dialect: str = self.driver.NAME
        self.engine = self.driver.engine(url)
        self.url = url
        self._readers = Pool(lambda: self._connect(False), readers or self.driver.READERS)
        self._writers = Pool(lambda: self._connect(True), writers or self.driver.WRITERS)

    @contextmanager
    def reading(self, *, snapshot: bool = False) -> Iterator[Connection]:
        """A connection that cannot write. `snapshot`: every statement sees the same moment (always so on SQLite)."""
        with self._lent(self._readers) as connection:
            self.driver.begin_reading(connection.raw, snapshot)
            try:
                yield connection
            finally:
                self.driver.end_reading(connection.raw, snapshot)

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """A connection that cannot write, for one select: without a transaction of its own around it."""
        with self._lent(self._readers) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: kept when the block ends, undone when it raises. On SQLite one at a time."""
        with self._lent(self._writers) as connection:
            self.driver.begin(connection.raw)
            try:
                yield connection
            except BaseException:
                self.driver.undo(connection.raw)
                raise
            self.driver.keep(connection.raw)

    @contextmanager
    def reshaping(self) -> Iterator[Connection]:
        """One transaction that may change tables, with nobody else doing so; no statement of it has a deadline.

        Raises Unusable when another process stays at the same for half a minute."""
        with self._lent(self._writers) as connection:
            self.driver.begin_reshaping(connection.raw)
            try:
                yield connection
                self.driver.keep_reshaped(connection.raw)
            except BaseException:
                self.driver.undo(connection.raw)
                raise
            finally:
                self.driver.end_reshaping(connection.raw)

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """Within it this thread's writes do not wait for the disk, so that a crash of the machine may lose the database:
        only for filling a new one, such as a demo's."""
        self._hurry(True)
        try:
            yield
        finally:
            self._hurry(False)

    def _hurry(self, hurried: bool) -> None:
        with self._lent(self._writers) as connection:  # given back last, so it is the one that is lent next
            connection.raw.execute(self.driver.HURRIED if hurried else self.driver.CAREFUL)

    def retry(self, use_case: Callable[[], T], *, attempts: int = 6) -> T:
        """Runs it again from its start, a few times, when others were in its way; it must have no outside effect."""
        for attempt in range(1, attempts):
            try:
                return use_case()
            except Exception as error:
                if not self.driver.passing(original(error)):
                    raise
            time.sleep(random.uniform(0.5, 1.5) * 0.01 * 2**attempt)
        return use_case()

    def compile(self, statement: sa.ClauseElement) -> Statement:
        """The statement's text, made once; `Connection.rows` binds values to it by name.

        Raises ValueError for an `in_` of a list, whose text depends on the list."""
        return compile_statement(statement, self.engine.dialect)

    def close(self) -> None:
        """Closes what is not lent; later use opens anew."""
        self._readers.close()
        self._writers.close()

    @contextmanager
    def _lent(self, pool: Pool) -> Iterator[Connection]:
        connection = pool.take(deadline=20)
        if connection is None:
            raise TooMany("The database is busy. Please try again in a moment.", retry_after=5)
        try:
            yield connection
        finally:
            pool.give_back(connection, broken=self.driver.broken(connection.raw))

    def _connect(self, writes: bool) -> Connection:
        try:
            core = self.engine.connect()
            raw = core.connection.driver_connection
            self.driver.prepare(raw, writes)
        except Exception as error:
            raise self.driver.unreachable(self.url, original(error)) from error
        return Connection(core, raw, self.driver)


class Connection:
    """A lent connection. `core` is SQLAlchemy's; `raw` the driver's. Transactions are the Database's business."""

    __slots__ = ("core", "dialect", "driver", "mark", "raw")

    def __init__(self, core: sa.Connection, raw: Any, driver: Any) -> None:
        self.core = core
        self.raw = raw
        self.driver = driver
        self.dialect: str = driver.NAME
        self.mark: str = driver.MARK  # where a value goes in a statement written by hand: ? or %s

    def run(self, text: str, values: Any = ()) -> list[Row]:
        """The rows of a select in the driver's own words: `?` and a tuple on SQLite, `%(name)s` and a dict, or `%s`
        and a tuple, on PostgreSQL."""
        return self.raw.execute(text, values).fetchall()

    def run_unprepared(self, text: str, values: Any = ()) -> list[Row]:
        """As `run`, planned anew for these values: for a long list of them."""
        return self.driver.execute_unprepared(self.raw, text, values).fetchall()

    def find(self, select: str, column: str, values: Sequence[Any]) -> list[Row]:
        """The rows of a select from one entity, where the column has one of some hundred values; alive ones only."""
        return self.driver.find(self.raw, select, column, values).fetchall()

    def change(self, text: str, values: Any = ()) -> int:
        """Runs an insert, update or delete; how many rows it met."""
        return self.raw.execute(text, values).rowcount

    def change_many(self, text: str, rows: Sequence[Any]) -> None:
        """The same statement for many rows."""
        if rows:
            self.raw.cursor().executemany(text, rows)

    def insert_many(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """New rows, in the quickest way there is: COPY on PostgreSQL."""
        self.driver.insert_many(self.raw, table, columns, rows)

    def rows(self, statement: Statement, values: Mapping[str, Any]) -> list[Row]:
        return self.raw.execute(statement.text, statement.bind(values)).fetchall()

    def rows_afresh(self, statement: Statement, values: Mapping[str, Any]) -> list[Row]:
        """As `rows`, planned anew for these values: where one plan cannot suit them all."""
        return self.driver.execute_unprepared(self.raw, statement.text, statement.bind(values)).fetchall()

    def stream(self, text: str, values: Any = (), *, size: int = 500) -> Iterator[list[Row]]:
        """Rows by the batch, without holding all of them; on PostgreSQL inside a transaction or a snapshot only."""
        cursor = self.driver.stream(self.raw, text, values)
        try:
            while batch := cursor.fetchmany(size):
                yield batch
        finally:
            cursor.close()

    def execute(self, statement: sa.Executable, values: Any = None) -> sa.CursorResult[Any]:
        """Core's own way, for what is not hot."""
        return self.core.execute(statement, values)

    @contextmanager
    def by_itself(self) -> Iterator[None]:
        """Within a transaction: what the block does is kept with the rest, or undone alone when it raises."""
        self.raw.execute("savepoint itself")
        try:
            yield
        except BaseException:
            self.raw.execute("rollback to savepoint itself")
            self.raw.execute("release savepoint itself")
            raise
        self.raw.execute("release savepoint itself")

    def close(self) -> None:
        self.core.invalidate()
        self.core.close()


@dataclass(frozen=True, slots=True)
class Statement:
    """A compiled statement. `names` in the order of the `?` marks; None where the driver binds by name."""

    text: str
    names: tuple[str, ...] | None
    defaults: Mapping[str, Any]

    def bind(self, values: Mapping[str, Any]) -> Any:
        """The driver's parameters: what is not given keeps the value that the statement was built with."""
        given = {**self.defaults, **values}
        return given if self.names is None else tuple(map(given.__getitem__, self.names))


def compile_statement(statement: sa.ClauseElement, dialect: sa.Dialect) -> Statement:
    """The text that the driver wants. Raises ValueError where it depends on the values."""
    compiled = statement.compile(dialect=dialect)
    text = str(compiled)
    if "__[POSTCOMPILE_" in text:
        raise ValueError("An `in_` of a list has no fixed text; use Connection.execute, or join a subquery.")
    names = tuple(compiled.positiontup) if compiled.positional else None  # type: ignore[attr-defined]
    return Statement(text, names, dict(compiled.params))


def original(error: BaseException) -> BaseException:
    """The driver's error inside SQLAlchemy's."""
    return getattr(error, "orig", None) or error


def _driver(url: str) -> Any:
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        return sqlite
    if scheme.partition("+")[0] in ("postgresql", "postgres"):
        return postgres
    raise Unusable(
        f'"{scheme}" is not a database that this program knows. '
        "CRM_DATABASE_URL begins with sqlite:/// or postgresql://."
    )


__all__ = ["Connection", "Database", "Row", "Statement", "compile_statement", "original"]
