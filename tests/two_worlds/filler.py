"""Records for every entity of any set, made from its blueprint alone and written through the write door.

Two people for each role, in two teams; every entity gets records of each person's, some of them moved on, some deleted.
The same seed gives the same firm.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.actor import Actor, robot
from engine.blueprint.entities import Entity, Field
from engine.errors import CrmError
from engine.records.commands import Create, Delete, Move
from engine.runtime import Crm

WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "haven", "indigo", "jetty", "kayak", "maple")
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@dataclass
class Filler:
    crm: Crm
    seed: int = 1
    each: int = 2  # records of one entity for each person
    people: dict[str, Actor] = field(default_factory=dict)
    made: dict[str, list[int]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.robot = robot(self.crm.blueprint)
        self.count = 0

    def fill(self) -> None:
        teams = [self._add("team", {"name": f"Team {word}"}) for word in ("North", "South")]
        for role in self.crm.blueprint.roles:
            for number in (0, 1):
                self._person(role, number, teams[number])
        for entity in self._in_order():
            for actor in self.people.values():
                for _ in range(self.each):
                    any(
                        self._record(entity, actor) for _ in range(12)
                    )  # the rules refuse some; others will do
        for entity in [*self.crm.blueprint.entities.values()]:
            for id in self.made.get(entity.name, [])[::7]:
                if entity.name not in ("user", "team"):
                    self._delete(entity, id)

    def _person(self, role: str, number: int, team: int) -> None:
        name = f"{role} {number}"
        values = {"name": name, "email": f"{role}{number}@firm.example", "role": role, "team": str(team)}
        id = self._add("user", values)
        self.people[name] = Actor(id, name, role, (team,), zone=self.crm.blueprint.manifest.zone)

    def _in_order(self) -> Iterator[Entity]:
        """What is required first: an entity comes after those that it cannot be without."""
        waiting = [e for e in self.crm.blueprint.entities.values() if e.name not in ("user", "team")]
        done = {"user", "team"}
        while waiting:
            ready = [e for e in waiting if _needs(e) <= done] or waiting[:1]
            for entity in ready:
                yield entity
                done.add(entity.name)
                waiting.remove(entity)

    def _record(self, entity: Entity, actor: Actor) -> bool:
        values = {f.name: v for f in entity.fields.values() if (v := self._value(f, entity)) is not None}
        if entity.owned:
            values["owner"] = str(actor.user)
        try:
            id = self._add(entity.name, values)
        except CrmError as error:
            self.refused[entity.name] = f"{error.message} {getattr(error, 'complaints', '')}"
            return False
        while self.random.random() < 0.6:
            self._move(entity, id)
        return True

    def _add(self, entity: str, values: dict[str, Any]) -> int:
        id = self.crm.writes.do(self.robot, Create(entity, values)).id
        self.made.setdefault(entity, []).append(id)
        return id

    def _move(self, entity: Entity, id: int) -> None:
        moves = [m for m in self.crm.writes.moves(self.robot, entity.name, id) if m.allowed]
        if not moves:
            return
        move = self.random.choice(moves)
        given = {name: self._value(entity.fields[name], entity, sure=True) for name in move.asks}
        version = self.crm.reads.record(self.robot, entity.name, id).version
        try:
            self.crm.writes.do(self.robot, Move(entity.name, id, version, move.transition, given))
        except CrmError as error:
            self.refused[f"{entity.name} {move.transition}"] = error.message

    def _delete(self, entity: Entity, id: int) -> None:
        version = self.crm.reads.record(self.robot, entity.name, id).version
        self.crm.writes.do(self.robot, Delete(entity.name, id, version))

    # ---- values

    def _value(self, described: Field, entity: Entity, *, sure: bool = False) -> Any:
        if described.system or described.name == "owner":
            return None
        if not (sure or described.required) and self.random.random() < 0.25:
            return None
        make = getattr(self, f"_{described.type}", None)
        return make(described) if make else None

    def _word(self) -> str:
        self.count += 1
        return f"{self.random.choice(WORDS)} {self.random.choice(WORDS)} {self.count}"

    def _text(self, described: Field) -> str:
        return self._word()[: described.options.get("longest") or 60]

    _long_text = _rich_text = _text

    def _integer(self, described: Field) -> str:
        least, most = described.options.get("least"), described.options.get("most")
        return str(self.random.randint(int(least or 0), int(most or 2000)))

    def _decimal(self, described: Field) -> str:
        return str(self.random.randint(1, 90))

    _percent = _money = _decimal

    def _yes_no(self, described: Field) -> bool:
        return self.random.random() < 0.5

    def _date(self, described: Field) -> str:
        return (START + timedelta(days=self.random.randint(-40, 60))).date().isoformat()

    def _datetime(self, described: Field) -> str:
        return (START + timedelta(hours=self.random.randint(-900, 900))).isoformat()

    def _duration(self, described: Field) -> str:
        return f"{self.random.randint(1, 90)} min"

    def _choice(self, described: Field) -> str:
        return self.random.choice(described.options["choices"]).value

    def _choices(self, described: Field) -> list[str]:
        return [self._choice(described)]

    def _tags(self, described: Field) -> list[str]:
        return [self.random.choice(WORDS)]

    def _email(self, described: Field) -> str:
        return f"{self._word().replace(' ', '.')}@example.org"

    def _phone(self, described: Field) -> str:
        return f"+9198{self.random.randint(10_000_000, 99_999_999)}"

    def _url(self, described: Field) -> str:
        return f"https://{self.random.choice(WORDS)}.example.org"

    def _place(self, described: Field) -> dict[str, Any]:
        return {"address": self._word()}

    def _user(self, described: Field) -> str | None:
        return str(self.random.choice([a.user for a in self.people.values()]))

    def _team(self, described: Field) -> str:
        return str(self.random.choice(self.made["team"]))

    def _reference(self, described: Field) -> str | None:
        there = self.made.get(described.options["entity"])
        return str(self.random.choice(there)) if there else None

    def _references(self, described: Field) -> list[str]:
        there = self.made.get(described.options["entity"], [])
        return [str(id) for id in self.random.sample(there, min(2, len(there)))]

    def _reference_any(self, described: Field) -> dict[str, str] | None:
        there = [(e, id) for e in described.options["entities"] for id in self.made.get(e, [])]
        entity, id = self.random.choice(there) if there else ("", 0)
        return {"entity": entity, "id": str(id)} if entity else None


def _needs(entity: Entity) -> set[str]:
    wanted: set[str] = set()
    for described in entity.fields.values():
        if described.type in ("reference", "references") and described.options["entity"] != entity.name:
            if described.required:
                wanted.add(described.options["entity"])
        if described.type == "reference_any":
            wanted |= set(list(described.options["entities"])[:1]) - {entity.name}
    return wanted
