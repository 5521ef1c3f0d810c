"""A set's doors to the outside: its forms and hooks over HTTP, and the desk behind them."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.records import received
from engine.records.passwords import Passwords
from engine.records.received import Received
from engine.runtime import Runtime
from engine.settings import Settings
from engine.web.app import make_app
from tests.desk import CAST, Desk, compiled, open_desk
from tests.firm import PASSWORD, QuickHasher
from tests.office import TestClock
from tests.real.databases import Databases
from tests.web.forms import form_on

ROOT = Path(__file__).parents[2]
HERE = "https://crm.example"
SAMPLES = Path(__file__).parent / "samples"


@dataclass
class Front:
    desk: Desk
    app: Starlette
    clients: list[TestClient] = field(default_factory=list)

    @property
    def crm(self) -> Any:
        return self.desk.crm

    @property
    def clock(self) -> TestClock:
        return self.desk.clock

    def stranger(self, address: str = "203.0.113.9", **headers: str) -> TestClient:
        client = TestClient(self.app, HERE, follow_redirects=False, headers=headers, client=(address, 50000))
        self.clients.append(client)
        return client

    def browser(self, name: str) -> TestClient:
        """A browser in which this person is signed in."""
        accounts = self.crm.accounts
        accounts.set_password(self.desk.people[name].user, PASSWORD)
        key = accounts.sign_in(f"{name}@firm.example", PASSWORD).key
        client = self.stranger()
        client.headers["cookie"] = f"__Host-crm={key}"
        return client

    # ---- forms

    def fill(self, name: str, at: str = "", client: TestClient | None = None, wait: float = 30, **typed: Any) -> Any:
        """Opens the form, takes a while over it, and sends it."""
        client = client or self.stranger()
        page = client.get(f"/forms/{name}{at}")
        self.clock.pass_time(seconds=wait)
        return self.send(page, name, client, **typed)

    def send(self, page: Any, name: str, client: TestClient, **typed: Any) -> Any:
        return client.post(f"/forms/{name}", data={**form_on(page, f"/forms/{name}"), **typed})

    # ---- hooks

    def hook(self, name: str, sample: Any, secret: str = "the secret", **headers: str) -> Any:
        """Sends what was recorded, signed as Facebook does it."""
        body = body_of(sample)
        sign = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        given = {"content-type": "application/json", "x-hub-signature-256": sign, **headers}
        return self.stranger().post(f"/hooks/{name}", content=body, headers=given)

    # ---- what came of it

    def records(self, entity: str) -> list[Any]:
        """Every record, the newest first."""
        ids = [id for (id,) in self.desk.rows(f'select id from "{entity}" where deleted_at is null order by id desc')]
        return [self.crm.reads.record(self.desk.engine, entity, id) for id in ids]

    def arrivals(self, state: str | None = None) -> list[Received]:
        with self.desk.runtime.database.reading() as connection:
            return received.latest(connection, 1000, state=state)

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.app.state.serving.close()
        self.desk.close()


def open_front(databases: Databases, set_: Path | str = "config/rsoft", **environment: str) -> Front:
    blueprint, url = compiled(ROOT / set_), databases.copy_of(f"front {set_}", lambda url: prepare(url, set_))
    read: Callable[[Path], Blueprint] = lambda folder: blueprint  # noqa: E731
    files = Path(url.removeprefix("sqlite:///")).parent / "files" if url.startswith("sqlite") else Path("/nowhere")
    settings = Settings(url, files=files, environment=environment)
    clock = TestClock()
    runtime = Runtime(ROOT / set_, settings, clock, read_set=read, passwords=Passwords(QuickHasher()))
    return Front(Desk(runtime, clock, people_of(runtime)), make_app(runtime))


def prepare(url: str, set_: Path | str) -> None:
    """Fills the original of which each test gets a copy."""
    open_desk(url, str(set_)).close()


def people_of(runtime: Runtime) -> dict[str, Actor]:
    crm = runtime.current
    with crm.database.reading() as connection:
        found = {name.lower(): crm.accounts.people.by_email(connection, f"{name.lower()}@firm.example") for name, _ in CAST}
    return {name: person.actor(crm.blueprint) for name, person in found.items() if person is not None}


def body_of(sample: Any) -> bytes:
    if isinstance(sample, bytes):
        return sample
    if isinstance(sample, str):
        return (SAMPLES / sample).read_bytes()
    return json.dumps(sample).encode()
