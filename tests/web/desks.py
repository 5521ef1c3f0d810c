"""RSoft's desk over HTTP: what needs a set with calls, notes, tasks and appointments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from engine.records.commands import Outcome
from engine.web.app import make_app
from engine.web.security import form_token
from tests.desk import Desk, open_desk
from tests.firm import HERE, PASSWORD
from tests.real.databases import Databases, PostgresDatabases, SQLiteDatabases
from tests.real.run import shared_folder


@dataclass
class Open:
    """A desk with its doors open."""

    desk: Desk
    app: Any
    leads: int = 0
    browsers: list[TestClient] = field(default_factory=list)

    def browser(self, name: str) -> TestClient:
        """Signed in anew: the clock of these tests leaps over days, and a session lasts hours."""
        key = self.desk.crm.accounts.sign_in(f"{name}@firm.example", PASSWORD).key
        headers = {"x-csrf-token": form_token(key), "sec-fetch-site": "same-origin"}
        client = TestClient(self.app, HERE, follow_redirects=False, headers=headers, client=("203.0.113.9", 50000))
        client.cookies.set("crm", key)
        self.browsers.append(client)
        return client

    def lead(self, who: str = "asha", name: str = "Anil", **more: Any) -> Outcome:
        """With a number that no other lead has: else each would be told to be the same as the others."""
        person, self.leads = self.desk.people[who], self.leads + 1
        phone = f"+9198765{self.leads:05}"
        return self.desk.create(person, "lead", first_name=name, phone=phone, source="Google", **more)

    def call(self, lead: Outcome, who: str = "asha", **more: Any) -> Outcome:
        values = {"subject": "First call", "outcome": "Answered", **more}
        return self.desk.create(self.desk.people[who], "call", about=f"lead/{lead.id}", **values)

    def note(self, lead: Outcome, text: str, who: str = "asha", subject: str = "Note") -> Outcome:
        return self.desk.create(self.desk.people[who], "note", subject=subject, text=text, about=f"lead/{lead.id}")

    def task(self, lead: Outcome, subject: str, hours: float = 2, who: str = "asha") -> Outcome:
        due = (self.desk.clock.now + timedelta(hours=hours)).isoformat()
        return self.desk.create(self.desk.people[who], "task", subject=subject, due_at=due, about=f"lead/{lead.id}")

    def close(self) -> None:
        for client in self.browsers:
            client.close()
        self.app.state.serving.close()
        self.desk.close()


def opened(databases: Databases) -> Open:
    desk = open_desk(databases.empty())
    for person in desk.people.values():
        desk.crm.accounts.set_password(person.user, PASSWORD)
    return Open(desk, make_app(desk.runtime))


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def rsoft(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """One for all tests of a file: each makes leads of its own."""
    shared = shared_folder(tmp_path_factory)
    if request.param == "sqlite":
        made = opened(SQLiteDatabases(tmp_path_factory.mktemp("rsoft"), shared))
        yield made
        made.close()
        return
    databases = PostgresDatabases(request.getfixturevalue("postgres_socket"), shared)
    made = opened(databases)
    yield made
    made.close()
    databases.drop_all()
