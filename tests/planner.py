"""RSoft with the calendars of its people, asked over HTTP: Asha and Ravi call, Meera manages them, Dev administers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.actor import Actor
from engine.records.commands import Create, Outcome
from engine.records.passwords import Passwords
from engine.runtime import Runtime
from engine.settings import Settings
from engine.web.app import make_app
from engine.web.security import form_token
from tests.desk import CAST, ROOT, Desk, compiled, open_desk
from tests.firm import HERE, PASSWORD, QuickHasher
from tests.office import TestClock
from tests.real.databases import Databases

NOW = datetime(2026, 11, 24, 4, 30, tzinfo=UTC)  # a Tuesday, ten o'clock in Kolkata
SET = "config/rsoft"
KOLKATA = timedelta(hours=5, minutes=30)


@dataclass
class Planner:
    desk: Desk
    app: Starlette
    clients: list[TestClient] = field(default_factory=list)
    made: list[str] = field(default_factory=list)

    def browser(self, name: str, **headers: str) -> TestClient:
        key = self.desk.crm.accounts.sign_in(f"{name}@firm.example", PASSWORD).key
        client = self.stranger(**{"x-csrf-token": form_token(key), "sec-fetch-site": "same-origin", **headers})
        client.cookies.set("crm", key)
        return client

    def stranger(self, **headers: str) -> TestClient:
        client = TestClient(self.app, HERE, follow_redirects=False, headers=headers, client=("203.0.113.9", 50000))
        self.clients.append(client)
        return client

    def program(self, name: str) -> TestClient:
        _, token = self.desk.crm.tokens.make(self.actor(name), "test")
        return self.stranger(authorization=f"Bearer {token}")

    def actor(self, name: str) -> Actor:
        return self.desk.people[name]

    def lead(self, name: str, first: str, follow_up: str | None = None) -> Outcome:
        """One that is followed up; times are those of Kolkata."""
        values: dict[str, Any] = {"first_name": first, "email": f"{first.lower()}@example.org"}
        values |= {"owner": str(self.actor(name).user), "follow_up_at": follow_up or "2026-12-30T10:00"}
        return self.desk.crm.writes.do(self.actor("dev"), Create("lead", values, "FOLLOW-UP"))

    def meet(self, name: str, subject: str, starts_at: str, **values: Any) -> Outcome:
        """An appointment about a lead of the same person."""
        lead = values.pop("lead", None) or self.lead(name, f"Client{len(self.made)}")
        self.made.append(subject)
        return self.desk.create(
            self.actor(name), "appointment", subject=subject, lead=str(lead.id), starts_at=starts_at, **values
        )

    def starts(self, id: int) -> str:
        """When an appointment begins, on Kolkata's clocks."""
        value = self.desk.crm.reads.record(self.actor("dev"), "appointment", id).values["starts_at"]
        return (value + KOLKATA).strftime("%Y-%m-%d %H:%M")

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.app.state.serving.close()
        self.desk.close()


def open_planner(databases: Databases) -> Planner:
    url = databases.copy_of("planner", prepare)
    blueprint, clock = compiled(ROOT / SET), TestClock(NOW)
    runtime = Runtime(
        ROOT / SET, Settings(url), clock, read_set=lambda folder: blueprint, passwords=Passwords(QuickHasher())
    )
    desk = Desk(runtime, clock)
    find = runtime.current.accounts.people.by_email
    with runtime.database.reading() as connection:
        for name, _ in CAST:
            person = find(connection, f"{name.lower()}@firm.example")
            assert person is not None
            desk.people[name.lower()] = person.actor(blueprint)
    return Planner(desk, make_app(runtime))


def prepare(url: str) -> None:
    desk = open_desk(url)
    for actor in desk.people.values():
        desk.crm.accounts.set_password(actor.user, PASSWORD)
    desk.close()


__all__ = ["KOLKATA", "NOW", "Planner", "open_planner"]
