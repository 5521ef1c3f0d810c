"""When a notification goes off, told so that an officer can compare it with what was meant."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.blueprint.triggers import Every
from engine.rules.occasions import next_runs, occasion
from tests.compiler.sets import compiled
from tests.jobs.timed import CRM, ENTITIES, ROLES, WORKFLOWS, soon

ONCE = "Of moments that come while nothing runs, the latest is made up for."


@pytest.mark.parametrize(
    "keys, told",
    [
        ({"on": "created"}, ["Goes off when a visit is created."]),
        ({"on": "changed", "fields": "[kind, due]"}, ["Goes off when a visit is changed in Kind or Due."]),
        ({"on": "moved", "into": "[Done]", "by": "[finish]", "when": "{kind: {is: Demo}}"},
         ["Goes off when a visit moves into Done by finish.",
          "Only where its `when` holds, which is asked at that moment."]),
        ({}, ["Goes off only when something names it."]),
        ({"at": "{before: starts_at, by: [15 minutes, 1 hour, 1 day]}"},
         ["Goes off 15 minutes, 1 hour and 1 day before Starts at of a visit.", ONCE]),
        ({"at": "{on: starts_at, time: 07:00}", "if_missed": "once within 30 minutes"},
         ["Goes off at 07:00 on the day of Starts at of a visit.", ONCE,
          "What is later than 30 minutes is not told any more."]),
        ({"at": "{in_stage: [New, Called], for: 3 working hours}", "only_in": "working hours", "if_missed": "skip"},
         ["Goes off when a visit has been in New or Called for 3 working hours.",
          "Outside of working hours it waits until they begin.", "Moments that come while nothing runs are skipped."]),
        ({"at": "{idle: 5 days}"},
         ["Goes off when nothing has happened to a visit or beneath it for 5 days.", ONCE]),
        ({"at": "{every: financial_year, day: last, time: 09:00}"},
         ["Goes off every financial year, on its last day at 09:00, for each visit.", ONCE]),
    ],
)  # fmt: skip
def test_an_officer_reads_when_it_goes_off(tmp_path: Path, keys: dict[str, str], told: list[str]) -> None:
    blueprint = _set(tmp_path, keys)
    assert occasion(blueprint, blueprint.notifications["soon"]) == told


def test_the_next_runs_are_told_by_the_clocks_of_the_firm(tmp_path: Path) -> None:
    blueprint = _set(tmp_path, {"at": "{every: week, day: Monday, time: 09:00}"})
    every = blueprint.notifications["soon"].trigger
    assert isinstance(every, Every)
    now = datetime(2026, 11, 21, tzinfo=UTC)
    assert next_runs(blueprint, every, now, False, 2) == [
        "Monday 23 November 2026, 09:00 Asia/Kolkata", "Monday 30 November 2026, 09:00 Asia/Kolkata",
    ]  # fmt: skip
    assert next_runs(blueprint, every, now, True, 1) == ["Monday 23 November 2026, 09:30 Asia/Kolkata"]


def _set(folder: Path, keys: dict[str, str]):
    files = {"crm": CRM.format(zone="Asia/Kolkata"), "entities": ENTITIES, "workflows": WORKFLOWS, "roles": ROLES}
    return compiled(folder, **files, notifications="notifications:\n" + soon(**keys))
