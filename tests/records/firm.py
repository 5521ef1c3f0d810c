"""The small firm on a real database, with its cast: Asha and Ravi are callers, Meera manages them, Dev administers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.parts import field_type
from engine.records import apply as applying, plan as planning, reach
from engine.records.database import Database
from engine.records.read import Reads
from engine.records.tables import Tables, column_names, linked
from tests.small import small

NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
DEV, MEERA, ASHA, RAVI, VERA = 1, 2, 3, 4, 5
NORTH, SOUTH = 11, 12

dev = Actor(DEV, "Dev", "administrator", (), zone="Asia/Kolkata")
meera = Actor(MEERA, "Meera", "manager", (NORTH,), zone="Asia/Kolkata")
asha = Actor(ASHA, "Asha", "caller", (NORTH,), zone="Asia/Kolkata")
ravi = Actor(RAVI, "Ravi", "caller", (NORTH,), zone="Asia/Kolkata")
vera = Actor(VERA, "Vera", "stranger", (), zone="Asia/Kolkata")
CAST = (dev, meera, asha, ravi, vera)


@dataclass(repr=False)
class Firm:
    blueprint: Blueprint
    database: Database
    tables: Tables
    reads: Reads

    def add(self, entity: str, id: int, **values: Any) -> int:
        """Stores a record as the write door would, values of the field types in."""
        self.add_many(entity, [{"id": id, **values}])
        return id

    def add_many(self, entity: str, records: list[dict[str, Any]]) -> None:
        with self.database.writing() as lent:
            for record in records:
                lent.execute(self.tables.of(entity).insert(), self._row(entity, record))
                for link, rows in self._links(entity, record):
                    lent.execute(link.insert(), rows)

    def _row(self, entity: str, record: dict[str, Any]) -> dict[str, Any]:
        fields = self.blueprint.entities[entity].fields
        given = {"version": 1, "created_at": NOW, "updated_at": NOW, **record}
        row: dict[str, Any] = {}
        for name, value in given.items():
            if linked(fields[name]):
                continue
            kind = field_type(fields[name].type)
            row |= zip(column_names(fields[name]), kind.store(fields[name], value), strict=True)
            if self.tables.find_column(entity, name) is not None:
                row[f"{name}__find"] = None if value is None else kind.find(fields[name], value)
        return row

    def _links(self, entity: str, record: dict[str, Any]) -> Iterator[Any]:
        fields = self.blueprint.entities[entity].fields
        for name, value in record.items():
            if linked(fields[name]) and value:
                rows = [{"record_id": record["id"], "target_id": t, "position": i} for i, t in enumerate(value)]
                yield self.tables.link(entity, name), rows

    def delete(self, entity: str, id: int) -> None:
        table = self.tables.of(entity)
        with self.database.writing() as lent:
            lent.execute(table.update().where(table.c.id == id).values(deleted_at=1))

    def reach(self) -> None:
        with self.database.writing() as lent:
            reach.rebuild(lent, self.blueprint, self.tables)

    def close(self) -> None:
        self.database.close()


def opened(url: str, blueprint: Blueprint | None = None) -> Firm:
    blueprint = blueprint or small()
    database, tables = Database(url), Tables(blueprint)
    return Firm(blueprint, database, tables, Reads(blueprint, database, tables, lambda: NOW))


def founded(url: str, blueprint: Blueprint | None = None) -> Firm:
    """A fresh firm: its tables, teams and people, and nothing else."""
    firm = opened(url, blueprint)
    applying.apply(planning.plan(firm.blueprint, firm.database), firm.database)
    firm.add("team", NORTH, name="North")
    firm.add("team", SOUTH, name="South")
    for id, name, role, manager, team in PEOPLE:
        firm.add("user", id, name=name, email=f"{name.lower()}@small.example", role=role, manager=manager, team=team)
    firm.reach()
    return firm


PEOPLE = (
    (DEV, "Dev", "administrator", None, None),
    (MEERA, "Meera", "manager", DEV, NORTH),
    (ASHA, "Asha", "caller", MEERA, NORTH),
    (RAVI, "Ravi", "caller", MEERA, NORTH),
    (VERA, "Vera", "caller", DEV, SOUTH),
)

__all__ = ["CAST", "Firm", "asha", "dev", "founded", "meera", "opened", "ravi", "replace", "vera"]
