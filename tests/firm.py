"""The small firm, open for business over HTTP: the whole application with real people, sessions and tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.actor import Actor
from engine.records.commands import Outcome
from engine.records.passwords import Passwords
from engine.runtime import Runtime
from engine.settings import Settings
from engine.web.app import make_app
from engine.web.security import form_token
from tests.office import Office, TestClock, office_on, open_office
from tests.real.databases import Databases
from tests.small import small

HERE = "http://crm.example"
PASSWORD = "four unrelated words"
CAST = ("meera", "asha", "ravi", "dev", "nils")


class QuickHasher:
    """Instead of argon2, whose slowness is the point of it: hashing is not what these tests are about."""

    def hash(self, password: str) -> str:
        return f"quick {password}"

    def verify_and_update(self, password: str, hash: str) -> tuple[bool, str | None]:
        return hash == f"quick {password}", None


@dataclass
class Firm:
    office: Office
    runtime: Runtime
    app: Starlette
    clients: list[TestClient] = field(default_factory=list)

    def stranger(self, **headers: str) -> TestClient:
        """A browser or program that nobody signed in with."""
        client = TestClient(self.app, HERE, follow_redirects=False, headers=headers, client=("203.0.113.9", 50000))
        self.clients.append(client)
        return client

    def program(self, name: str, only: Any = None) -> TestClient:
        """A program with a token of this person's."""
        _, token = self.runtime.current.tokens.make(self.actor(name), "test", only=only)
        return self.stranger(authorization=f"Bearer {token}")

    def browser(self, name: str, *, proves: bool = True) -> TestClient:
        """A browser in which this person is signed in; `proves`: each write brings the form token, as our pages do."""
        key = self.runtime.current.accounts.sign_in(email(name), PASSWORD).key
        client = self.stranger(**({"x-csrf-token": form_token(key), "sec-fetch-site": "same-origin"} if proves else {}))
        client.cookies.set("crm", key)
        return client

    def actor(self, name: str) -> Actor:
        return self.office.people[name]

    def deal(self, name: str, title: str = "A thousand chairs", **values: Any) -> Outcome:
        """A deal that this person enters."""
        return self.office.deal(self.actor(name), title, **values)

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.app.state.serving.close()
        self.runtime.close()
        self.office.database.close()


def email(name: str) -> str:
    return f"{name}@firm.example"


def open_firm(databases: Databases, **settings: Any) -> Firm:
    url = databases.copy_of("firm", prepare)
    office = office_on(url)
    office.clock.pass_time(hours=1)
    runtime = runtime_on(url, office.clock, **settings)
    for name in CAST:
        person = runtime.current.accounts.people.by_email
        with office.database.reading() as connection:
            found = person(connection, email(name))
        assert found is not None
        office.people[name] = found.actor(office.blueprint)
    return Firm(office, runtime, make_app(runtime))


def prepare(url: str) -> None:
    """Fills the original of which each test gets a copy."""
    office = open_office(url)
    runtime = runtime_on(url, office.clock)
    for actor in office.people.values():
        runtime.current.accounts.set_password(actor.user, PASSWORD)
    runtime.close()
    office.database.close()


def runtime_on(url: str, clock: TestClock, **settings: Any) -> Runtime:
    passwords = Passwords(QuickHasher())
    return Runtime(Path("small"), Settings(url, **settings), clock, read_set=lambda folder: small(), passwords=passwords)


@pytest.fixture
def firm(databases: Databases) -> Iterator[Firm]:
    """The test runs twice: on SQLite and on PostgreSQL."""
    opened = open_firm(databases)
    yield opened
    opened.close()


@pytest.fixture
def quick_firm(sqlite_databases: Databases) -> Iterator[Firm]:
    """For what does not depend on the database."""
    opened = open_firm(sqlite_databases)
    yield opened
    opened.close()
