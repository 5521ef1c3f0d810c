"""Whatever happens, in any order: each moment that came for a visit is told once, and no other is told.

The model is a person with a notebook: at each look they write down which moments came since the look before, for the
visits as they stand. The scheduler must have told all of these, nothing twice, and nothing else but what was written
within a few minutes of its moment.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.jobs.scheduler import Scheduler
from tests.jobs.timed import SATURDAY, Timed, open_timed, soon

BEFORE = (timedelta(minutes=15), timedelta(hours=1))
RULE = soon(at="{before: starts_at, by: [15 minutes, 1 hour]}", if_missed="all")
AROUND_NOW = timedelta(minutes=5)  # written so near to its moment, it may be told or not
A_CLOCK_IS_WRONG = timedelta(minutes=2)

STEPS = (  # how often each is done, and between which numbers: minutes from now, or seconds that pass
    ("create", 5, (-30, 150)),
    ("change", 3, (-30, 150)),
    ("delete", 1, (0, 0)),
    ("pass", 3, (1, 3600)),
    ("second scheduler", 2, (1, 3600)),
    ("both at once", 2, (1, 3600)),
    ("power cut", 2, (60, 20_000)),
    ("clock goes back", 1, (1, 7200)),
)


def some_steps(seed: int) -> list[tuple[str, int]]:
    chance = random.Random(seed)
    chosen = chance.choices(STEPS, [often for _, often, _ in STEPS], k=60)
    return [(step, chance.randint(*between)) for step, _, between in chosen]


@dataclass
class Notebook:
    seen: datetime
    visits: dict[int, datetime] = field(default_factory=dict)
    must: set[tuple[int, datetime]] = field(default_factory=set)
    may: set[tuple[int, datetime]] = field(default_factory=set)

    def look(self, now: datetime) -> None:
        if now < self.seen - A_CLOCK_IS_WRONG:
            self.seen = now
        for visit, starts_at in self.visits.items():
            for before in BEFORE:
                due = starts_at - before
                if self.seen < due <= now:
                    self.must.add((visit, due))
                elif self.seen - AROUND_NOW < due <= now:
                    self.may.add((visit, due))
        self.seen = max(self.seen, now)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A database on which the rule was never looked after."""
    folder = tmp_path_factory.mktemp("prepared")
    open_timed(f"sqlite:///{folder / 'crm.db'}", folder / "set", RULE, tick=False).close()
    yield folder


@pytest.mark.parametrize("seed", range(12))
def test_each_moment_is_told_once_whatever_happens(prepared: Path, tmp_path: Path, seed: int) -> None:
    shutil.copy(prepared / "crm.db", tmp_path / "crm.db")
    firm = open_timed(f"sqlite:///{tmp_path / 'crm.db'}", prepared / "set", RULE)
    try:
        _live(firm, some_steps(seed))
    finally:
        firm.close()


def _live(firm: Timed, steps: list[tuple[str, int]]) -> None:
    notebook, second = Notebook(SATURDAY), firm.another()
    second.tick(SATURDAY)
    for step, number in steps:
        _one(firm, notebook, second, step, number)
    assert len(notebook.must) > 10, "a story in which something happens"
    told = [(visit, firm.at(local)) for visit, local in firm.told()]
    assert len(told) == len(set(told)), "nothing twice"
    assert notebook.must <= set(told), "nothing is missed"
    assert set(told) <= notebook.must | notebook.may, "and nothing else"


def _one(firm: Timed, notebook: Notebook, second: Scheduler, step: str, number: int) -> None:
    starts_at = (firm.clock.now + timedelta(minutes=number)).replace(second=0, microsecond=0)
    match step:
        case "create":
            notebook.visits[firm.visit(starts_at=starts_at)] = starts_at
        case "change" if notebook.visits:
            visit = max(notebook.visits)
            firm.change(visit, starts_at=starts_at)
            notebook.visits[visit] = starts_at
        case "delete" if notebook.visits:
            visit = min(notebook.visits)
            firm.delete(visit)
            del notebook.visits[visit]
        case "pass" | "power cut" | "second scheduler" | "both at once":
            firm.clock.now += timedelta(seconds=number)
            if step == "power cut":
                firm.restart()
            looking = {"second scheduler": [second], "both at once": [second, firm.scheduler]}.get(step, [firm.scheduler])
            for scheduler in looking:
                scheduler.tick(firm.clock.now)
            notebook.look(firm.clock.now)
        case "clock goes back":
            firm.clock.now -= timedelta(seconds=number)
            firm.tick()
            notebook.look(firm.clock.now)
