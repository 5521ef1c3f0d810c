"""A small firm with a mail server, an SMS gateway and a book-keeping program beside it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.actor import Actor
from engine.jobs.round import Round
from engine.jobs.sender import Sender
from engine.records.apply import apply
from engine.records.commands import Create, Outcome
from engine.records.database import Database
from engine.records.passwords import Passwords
from engine.records.plan import plan
from engine.runtime import Runtime
from engine.settings import Settings
from tests.delivery.servers import Gateway, MailServer, gateway, mail_server
from tests.desk import Desk, compiled
from tests.firm import QuickHasher
from tests.office import TestClock

FIRM = Path(__file__).parent / "firm"
CAST = (("Dev", "administrator"), ("Meera", "manager"), ("Asha", "caller"), ("Ravi", "caller"))


@dataclass
class Post(Desk):
    mail: MailServer = None  # type: ignore[assignment]
    sms: Gateway = None  # type: ignore[assignment]

    def settle(self) -> None:
        """All that is due is done, however slow this machine is."""
        while self.round.until_quiet(self.clock()) or self.sender.is_busy:
            time.sleep(0.01)

    @property
    def round(self) -> Round:
        if "_round" not in self.__dict__:
            self.__dict__["_round"] = Round(self.crm)
        return self.__dict__["_round"]

    @property
    def sender(self) -> Sender:
        return next(step.__self__ for step in self.round.steps if isinstance(getattr(step, "__self__", None), Sender))

    def lead(self, by: str = "asha", **values: str) -> Outcome:
        return self.create(self.people[by], "lead", **{"name": "Kiran Rao", **values})

    def ledger(self, notification: str = "") -> list[tuple[str, str, str | None]]:
        """(receiver, channel and state, reason) of each message, the oldest first."""
        names = {actor.user: name for name, actor in self.people.items()}
        found = self.rows(
            'select "user", channel, state, reason, notification, cause from crm_delivery order by id'
        )
        return [
            (names.get(user, "client" if '"client"' in cause else "-"), f"{channel} {state}", reason)
            for user, channel, state, reason, name, cause in found
            if not notification or name == notification
        ]


def open_post(url: str, mail: MailServer, sms: Gateway, files: Path, **settings: object) -> Post:
    blueprint = compiled(FIRM)
    database = Database(url)
    apply(plan(blueprint, database), database)
    database.close()
    environment = {
        "SMS_URL": sms.url, "SMS_KEY": "s3cret", "BOOKS_URL": sms.url, "BOOKS_SECRET": "whsec_c2VjcmV0",
    }  # fmt: skip
    given = {
        "files": files, "smtp_url": mail.url, "address": "https://crm.firm.example", "outbound_private": True,
        "environment": environment,
    } | settings  # fmt: skip
    clock = TestClock()
    runtime = Runtime(
        FIRM, Settings(url, **given), clock, read_set=lambda folder: blueprint, passwords=Passwords(QuickHasher())  # type: ignore[arg-type]
    )
    post = Post(runtime, clock, mail=mail, sms=sms)
    hire(post)
    return post


def hire(post: Post) -> None:
    for name, role in CAST:
        more = {"manager": post.people["meera"].user} if role == "caller" else {}
        values = {"name": name, "email": f"{name.lower()}@firm.example", "phone": "98765 43210", "role": role, **more}
        made = post.crm.writes.do(post.engine, Create("user", values))
        post.people[name.lower()] = Actor(made.id, name, role, zone=post.crm.blueprint.manifest.zone)


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def sms() -> Iterator[Gateway]:
    with gateway() as server:
        yield server


@pytest.fixture
def post(database_url: str, mail: MailServer, sms: Gateway, tmp_path: Path) -> Iterator[Post]:
    opened = open_post(database_url, mail, sms, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def small_post(sqlite_url: str, mail: MailServer, sms: Gateway, tmp_path: Path) -> Iterator[Post]:
    """On SQLite only: for what the database has no part in."""
    opened = open_post(sqlite_url, mail, sms, tmp_path)
    yield opened
    opened.close()
