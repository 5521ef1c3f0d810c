"""Empty databases, and copies of filled ones, on SQLite and on PostgreSQL.

    url = databases.empty()
    url = databases.copy_of("rsoft", fill)   # fill(url) runs once a run; each caller is given a copy of its own
"""

from __future__ import annotations

import hashlib
import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tests.real.run import once

Fill = Callable[[str], object]


class Databases(Protocol):
    """Where a test gets its database. The addresses are as in CRM_DATABASE_URL."""

    kind: str

    def empty(self) -> str: ...

    def copy_of(self, name: str, fill: Fill) -> str:
        """`fill` must close its connections before it returns; two fills need two names."""
        ...


@dataclass
class SQLiteDatabases:
    own: Path
    shared: Path
    kind: str = "sqlite"
    made: int = 0

    def empty(self) -> str:
        self.made += 1
        return f"sqlite:///{self.own / f'crm{self.made}.db'}"

    def copy_of(self, name: str, fill: Fill) -> str:
        original = self.shared / f"{safe(name)}.sqlite"
        once(self.shared, f"sqlite-{safe(name)}", lambda: self.fill_original(original, fill))
        url = self.empty()
        copy_sqlite(original, Path(url.removeprefix("sqlite:///")))
        return url

    def fill_original(self, original: Path, fill: Fill) -> None:
        original.unlink(missing_ok=True)  # of a fill that failed
        fill(f"sqlite:///{original}")


def copy_sqlite(source: Path, target: Path) -> None:
    before, after = sqlite3.connect(source), sqlite3.connect(target)
    try:
        before.backup(after)
    finally:
        before.close()
        after.close()


@dataclass
class PostgresDatabases:
    socket: str
    shared: Path
    kind: str = "postgres"
    made: list[str] = field(default_factory=list)

    def empty(self) -> str:
        return self.create("template1")

    def copy_of(self, name: str, fill: Fill) -> str:
        original = f"original_{safe(name)}"
        once(self.shared, f"postgres-{safe(name)}", lambda: self.fill_original(original, fill))
        return self.create(original)

    def fill_original(self, original: str, fill: Fill) -> None:
        self.tell(f"drop database if exists {original} with (force)")  # of a fill that failed
        self.tell(f"create database {original}")
        fill(self.url(original))
        # A copy is refused while anyone is connected to what is copied.
        self.tell(f"alter database {original} allow_connections false")
        self.tell(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{original}'")

    def create(self, template: str) -> str:
        name = f"crm_{uuid.uuid4().hex[:16]}"
        self.tell(f"create database {name} template {template}")
        self.made.append(name)
        return self.url(name)

    def drop_all(self) -> None:
        while self.made:
            self.tell(f"drop database if exists {self.made.pop()} with (force)")

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.socket}"

    def tell(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(host=self.socket, user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)


def safe(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:12]
