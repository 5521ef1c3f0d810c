"""Plays all scenarios of a set, each on a fresh database, and gathers what they covered."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.blueprint import Blueprint
from engine.blueprint.scenarios import Scenario
from engine.records.apply import apply
from engine.records.database import Database
from engine.records.plan import plan
from engine.records.rows import rows
from engine.rehearsal.play import Failure, Play
from engine.rehearsal.stage import Stage, on_stage
from engine.settings import Settings


@dataclass(frozen=True, slots=True)
class Played:
    scenario: Scenario
    failures: tuple[Failure, ...]


@dataclass
class Coverage:
    """Names of what happened in the scenarios so far."""

    notifications: set[str] = field(default_factory=set)
    stages: set[tuple[str, str]] = field(default_factory=set)  # entity, stage
    transitions: set[tuple[str, str]] = field(default_factory=set)  # entity, transition

    def add(self, stage: Stage) -> None:
        with stage.crm.database.reading() as connection:
            sent = rows(connection, "select distinct notification from crm_delivery where state = 'sent'")
            self.notifications.update(name for (name,) in sent)
            self.stages.update(map(tuple, rows(connection, "select distinct entity, stage from crm_stage_time")))
            moved = "select distinct entity, transition from crm_history where transition is not null and action = 'moved'"
            self.transitions.update(map(tuple, rows(connection, moved)))

    def missing(self, blueprint: Blueprint) -> Mapping[str, Sequence[str]]:
        """What no scenario has shown, by kind; a kind without gaps is left out."""
        told = [one for one in blueprint.notifications.values() if one.name not in self.notifications]
        # What nothing sets off is sent by hand, from a record's page; a story tells what happens by itself.
        notifications = [one.name for one in told if one.trigger is not None]
        stages, transitions = [], []
        for workflow in blueprint.workflows.values():
            of = workflow.entity
            stages += [f"{workflow.name}: {s}" for s in workflow.stages if (of, s) not in self.stages]
            transitions += [f"{workflow.name}: {t}" for t in workflow.transitions if (of, t) not in self.transitions]
        found = {"notifications": notifications, "stages": stages, "transitions": transitions}
        return {kind: names for kind, names in found.items() if names}


class Company:
    """Holds the empty database that every scenario begins with; use as a context manager."""

    def __init__(self, blueprint: Blueprint, folder: Path, where: Path) -> None:
        self.blueprint = blueprint
        self.folder = folder
        self.where = where
        self.coverage = Coverage()
        self.zone = ZoneInfo(blueprint.manifest.zone)
        self._empty = where / "empty.db"
        database = Database(f"sqlite:///{self._empty}")
        apply(plan(blueprint, database), database)
        database.close()

    def play(self, scenario: Scenario) -> Played:
        path = self.where / "scenario.db"
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self._empty, path)
        settings = Settings(f"sqlite:///{path}", self.where / "files")
        with on_stage(self.blueprint, self.folder, settings, scenario.now.replace(tzinfo=self.zone)) as stage:
            with stage.crm.database.hurried():
                failures = Play(scenario, stage).run()
            self.coverage.add(stage)
        return Played(scenario, tuple(failures))


@contextmanager
def company(blueprint: Blueprint, folder: Path) -> Iterator[Company]:
    with tempfile.TemporaryDirectory(prefix="crm-test-") as where:
        yield Company(blueprint, folder, Path(where))
