"""A small firm in Kolkata whose set has time rules: visits with notes beneath them, and a clock that the test moves."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from engine.actor import Actor, robot
from engine.blueprint import Blueprint
from engine.jobs.scheduler import Scheduler
from engine.records.apply import apply
from engine.records.commands import Create, Delete, Move, Outcome, Update
from engine.records.database import Database
from engine.records.plan import plan
from engine.runtime import Crm, Runtime
from engine.settings import Settings
from tests.compiler.sets import compiled

CRM = """name: visits
title: Visits
zone: {zone}
working_hours: {{monday-friday: 09:30-18:30, saturday: 09:30-13:00}}
holidays: {{2026-12-25: Christmas}}
"""
ENTITIES = """entities:
  visit:
    title: "{{ name }}"
    fields:
      name: {type: text, required: true}
      kind: {type: choice, default: Demo, choices: [Demo, Office]}
      starts_at: {type: datetime}
      due: {type: date}
      notes: {type: children, of: note}
  note:
    fields:
      text: {type: text}
      visit: {type: reference, to: visit}
"""
WORKFLOWS = """workflows:
  visits:
    entity: visit
    field: status
    starts_at: New
    stages: {New: {}, Called: {}, Done: {ends: done}}
    transitions: {call: {from: [New], to: Called}, again: {from: [Called], to: New}, finish: {from: any, to: Done}}
"""
ROLES = """roles:
  administrator: {administers: true, rights: {everything: {read: all, create: all, update: all, delete: all, assign: all,
    transitions: any}}}
"""
SATURDAY = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)  # noon in Kolkata


@dataclass
class Clock:
    now: datetime = SATURDAY

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Timed:
    runtime: Runtime
    clock: Clock
    scheduler: Scheduler
    zone: ZoneInfo
    made: dict[int, Outcome] = field(default_factory=dict)
    hurry: ExitStack = field(default_factory=ExitStack)

    @property
    def crm(self) -> Crm:
        return self.runtime.current

    @property
    def actor(self) -> Actor:
        return robot(self.crm.blueprint)

    # ---- time

    def at(self, local: str) -> datetime:
        """A moment by the clocks of the firm."""
        return datetime.fromisoformat(local).replace(tzinfo=self.zone)

    def set_to(self, local: str) -> None:
        self.clock.now = self.at(local).astimezone(UTC)

    def tick(self) -> int:
        return self.scheduler.tick(self.clock.now)

    def another(self) -> Scheduler:
        """Of another process: with connections of its own."""
        blueprint = self.crm.blueprint
        runtime = Runtime(self.runtime.folder, self.runtime.settings, self.clock, read_set=lambda _: blueprint)
        self.hurry.callback(runtime.close)
        return Scheduler(runtime.current)

    def restart(self) -> None:
        self.scheduler = Scheduler(self.crm)

    def until(self, local: str, every: timedelta = timedelta(minutes=5)) -> None:
        """Time passes while the scheduler runs."""
        end = self.at(local)
        while self.clock.now < end:
            self.clock.now = min(self.clock.now + every, end.astimezone(UTC))
            self.tick()

    def asleep_until(self, local: str) -> None:
        """Time passes while nothing runs; then a new scheduler looks."""
        self.set_to(local)
        self.restart()
        self.tick()

    # ---- deeds

    def visit(self, name: str = "Steel Ltd", **values: Any) -> int:
        return self._kept(self.crm.writes.do(self.actor, Create("visit", {"name": name, **values})))

    def starting(self, local: str, **values: Any) -> int:
        return self.visit(starts_at=self.at(local), **values)

    def note(self, visit: int) -> int:
        return self._kept(self.crm.writes.do(self.actor, Create("note", {"text": "Hello", "visit": str(visit)})))

    def change(self, visit: int, **values: Any) -> None:
        self._kept(self.crm.writes.do(self.actor, Update("visit", visit, self._version(visit), values)))

    def move(self, visit: int, transition: str) -> None:
        self._kept(self.crm.writes.do(self.actor, Move("visit", visit, self._version(visit), transition, {})))

    def delete(self, visit: int) -> None:
        self._kept(self.crm.writes.do(self.actor, Delete("visit", visit, self._version(visit))))

    def _kept(self, outcome: Outcome) -> int:
        self.made[outcome.id] = outcome
        return outcome.id

    def _version(self, visit: int) -> int:
        return self.made[visit].version

    # ---- what came of it

    def rows(self, text: str) -> list[Any]:
        with self.runtime.database.reading() as connection:
            return connection.run(text)

    def told(self, rule: str = "notification soon") -> list[tuple[int, str]]:
        """(record, local) in the order of their moments, of messages in the outbox."""
        mine = [p for p in self.messages() if p["what"] == rule]
        return sorted(((int(p["record"]), p["local"]) for p in mine), key=lambda one: (one[1], one[0]))

    def times(self, rule: str = "notification soon") -> list[str]:
        return [local for _, local in self.told(rule)]

    def late(self) -> list[bool]:
        return [p["late"] for p in self.messages()]

    def messages(self) -> list[dict[str, Any]]:
        return [orjson.loads(text) for (text,) in self.rows("select payload from crm_outbox where kind = 'due' order by id")]

    def missed(self) -> list[tuple[str, str]]:
        """(local, reason)"""
        return sorted(self.rows("select local, reason from crm_occurrence where state = 'missed'"))

    def close(self) -> None:
        self.hurry.close()
        self.runtime.close()


def notification(name: str, **keys: str) -> str:
    lines = "".join(f"    {key}: {value}\n" for key, value in keys.items())
    about = "" if keys.get("entity") == "none" else "    entity: visit\n"
    return f"  {name}:\n{about}    to: [{{role: administrator}}]\n    text: Now.\n{lines}"


def soon(**keys: str) -> str:
    return notification("soon", **keys)


BLUEPRINTS: dict[tuple[tuple[str, str], ...], Blueprint] = {}


def _blueprint(folder: Path, files: tuple[tuple[str, str], ...]) -> Blueprint:
    """Compiled once, wherever it was written first."""
    folder.mkdir(exist_ok=True, parents=True)
    if files not in BLUEPRINTS:
        BLUEPRINTS[files] = compiled(folder, **dict(files))
    return BLUEPRINTS[files]


def open_timed(url: str, folder: Path, *notifications: str, zone: str = "Asia/Kolkata", tick: bool = True) -> Timed:
    """The first tick is at Saturday noon; the database at `url` may be one that this made."""
    said = "notifications:\n" + "".join(notifications)
    files = {"crm": CRM.format(zone=zone), "entities": ENTITIES, "workflows": WORKFLOWS, "roles": ROLES}
    files["notifications"] = said if notifications else "notifications: {}\n"
    blueprint = _blueprint(folder, tuple(files.items()))
    database = Database(url)
    with database.hurried():
        apply(plan(blueprint, database), database)
    database.close()
    clock = Clock()
    runtime = Runtime(folder, Settings(url, files=folder / "files"), clock, read_set=lambda _: blueprint)
    timed = Timed(runtime, clock, Scheduler(runtime.current), ZoneInfo(zone))
    timed.hurry.enter_context(runtime.database.hurried())
    if tick:
        timed.tick()
    return timed


