"""The small firm at work: Asha and Ravi call, Meera manages them, Dev administers, Vera is from outside.

`open_office(url)` makes the tables and the people; commands go through the write door, questions through the read door.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.records.apply import apply
from engine.records.commands import Create, Delete, Move, Outcome, Update
from engine.records.database import Database
from engine.records.plan import plan
from engine.records.read import Reads
from engine.records.tables import Tables
from engine.records.write import Writes
from tests.small import small


@dataclass
class TestClock:
    """A clock that the test moves; each look is a millisecond later, as in life."""

    now: datetime = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def pass_time(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Office:
    blueprint: Blueprint
    database: Database
    tables: Tables
    reads: Reads
    writes: Writes
    clock: TestClock
    people: dict[str, Actor] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Actor:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None

    def hire(self, name: str, role: str, **more: Any) -> Actor:
        values = {"name": name, "email": f"{name.lower()}@firm.example", "role": role, **more}
        made = self.writes.do(ENGINE, Create("user", values))
        actor = Actor(made.id, name, role, zone=self.blueprint.manifest.zone)
        self.people[name.lower()] = actor
        return actor

    def create(self, actor: Actor, entity: str, key: str | None = None, **values: Any) -> Outcome:
        return self.writes.do(actor, Create(entity, values), key)

    def update(self, actor: Actor, entity: str, id: int, version: int, **values: Any) -> Outcome:
        return self.writes.do(actor, Update(entity, id, version, values))

    def move(self, actor: Actor, entity: str, id: int, version: int, transition: str, **values: Any) -> Outcome:
        return self.writes.do(actor, Move(entity, id, version, transition, values))

    def delete(self, actor: Actor, entity: str, id: int, version: int) -> Outcome:
        return self.writes.do(actor, Delete(entity, id, version))

    def deal(self, actor: Actor, name: str = "A thousand chairs", **more: Any) -> Outcome:
        return self.create(actor, "deal", name=name, **more)

    def values(self, entity: str, id: int) -> Mapping[str, Any]:
        return self.reads.record(self.people["dev"], entity, id).values

    def rows(self, text: str, *values: Any) -> list[Any]:
        with self.database.reading() as connection:
            marks = "?" if connection.dialect == "sqlite" else "%s"
            return connection.run(text.replace("?", marks), values)

    def everything(self) -> dict[str, Any]:
        """All rows of all tables but for the refusals in history: what a refused deed must leave as it was."""
        found = {}
        for table in self.tables.metadata.sorted_tables:
            where = " where action <> 'refused'" if table.name == "crm_history" else ""
            found[table.name] = sorted(map(repr, self.rows(f'select * from "{table.name}"{where}')))
        return found


ENGINE = Actor(0, "CRM", "administrator")


def office_on(url: str, blueprint: Blueprint | None = None, clock: TestClock | None = None) -> Office:
    """An office on tables that are there."""
    blueprint, clock = blueprint or small(), clock or TestClock()
    database, tables = Database(url), Tables(blueprint)
    reads = Reads(blueprint, database, tables, clock)
    return Office(blueprint, database, tables, reads, Writes(blueprint, database, tables, reads, clock), clock)


def open_office(url: str, blueprint: Blueprint | None = None) -> Office:
    office = office_on(url, blueprint)
    apply(plan(office.blueprint, office.database), office.database)
    meera = office.hire("Meera", "manager")
    for name in ("Asha", "Ravi"):
        office.hire(name, "caller", manager=meera.user)
    office.hire("Dev", "administrator")
    office.hire("Nils", "manager")
    return office
