"""A shipped set at work on a database of its own, with the cast: Asha and Ravi call, Meera manages them, Dev administers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from engine.actor import Actor, robot
from engine.blueprint import Blueprint
from engine.compiler import compile_set
from engine.records.apply import apply
from engine.records.commands import Create, Move, Outcome, Update
from engine.records.database import Database
from engine.records.passwords import Passwords
from engine.records.plan import plan
from engine.runtime import Crm, Runtime
from engine.settings import Settings
from tests.firm import QuickHasher
from tests.office import TestClock

ROOT = Path(__file__).parents[1]
CAST = (("Meera", "manager"), ("Asha", "caller"), ("Ravi", "caller"), ("Dev", "administrator"))
compiled = cache(compile_set)


@dataclass
class Desk:
    runtime: Runtime
    clock: TestClock
    people: dict[str, Actor] = field(default_factory=dict)

    @property
    def crm(self) -> Crm:
        return self.runtime.current

    @property
    def engine(self) -> Actor:
        return robot(self.crm.blueprint, "Engine")

    def __getattr__(self, name: str) -> Actor:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None

    def create(self, actor: Actor, entity: str, **values: Any) -> Outcome:
        return self.crm.writes.do(actor, Create(entity, values))

    def update(self, actor: Actor, entity: str, made: Outcome, **values: Any) -> Outcome:
        return self.crm.writes.do(actor, Update(entity, made.id, made.version, values))

    def move(self, actor: Actor, entity: str, made: Outcome, transition: str, **values: Any) -> Outcome:
        return self.crm.writes.do(actor, Move(entity, made.id, made.version, transition, values))

    def rows(self, text: str) -> list[Any]:
        with self.runtime.database.reading() as connection:
            return connection.run(text)

    def close(self) -> None:
        self.runtime.close()


def open_desk(url: str, set_: str = "config/rsoft", files: Path | None = None) -> Desk:
    """The database at `url` must be empty, or one that `open_desk` made."""
    blueprint = compiled(ROOT / set_)
    database = Database(url)
    apply(plan(blueprint, database), database)
    database.close()
    clock, settings = TestClock(), Settings(url, files=files or Path("/nowhere"))
    read: Callable[[Path], Blueprint] = lambda folder: blueprint  # noqa: E731
    desk = Desk(Runtime(ROOT / set_, settings, clock, read_set=read, passwords=Passwords(QuickHasher())), clock)
    _hire(desk)
    return desk


def _hire(desk: Desk) -> None:
    zone = desk.crm.blueprint.manifest.zone
    for name, role in CAST:
        if role not in desk.crm.blueprint.roles:
            continue
        manager = {"manager": desk.people["meera"].user} if role == "caller" else {}
        made = desk.create(desk.engine, "user", name=name, email=f"{name.lower()}@firm.example", role=role, **manager)
        desk.people[name.lower()] = Actor(made.id, name, role, zone=zone)
