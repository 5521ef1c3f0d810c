"""What `on`, `at`, `only_in`, `if_missed`, `working_hours` and `holidays` mean, and what is made ready for them."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from engine.blueprint.triggers import Around, Every, Happening, Idle, Missed, Span, Staying
from engine.records.apply import apply
from engine.records.database import Database
from engine.records.plan import plan
from tests.compiler.sets import changed, compiled
from tests.jobs.timed import CRM, ENTITIES, ROLES, WORKFLOWS, soon

HOURS = CRM.format(zone="Asia/Kolkata")


def made(folder: Path, crm: str = HOURS, **keys: str):
    said = "notifications:\n" + soon(**keys) if keys else "notifications: {}\n"
    return compiled(folder, crm=crm, entities=ENTITIES, workflows=WORKFLOWS, roles=ROLES, notifications=said)


@pytest.mark.parametrize(
    "keys, trigger",
    [
        ({"on": "moved", "into": "[Done]", "by": "[finish]"}, Happening("moved", (), ("Done",), ("finish",))),
        ({"at": "{before: starts_at, by: [15 minutes, 1 hours, 1 year]}"},
         Around("before", "starts_at", (Span(15, "minutes"), Span(1, "hours"), Span(12, "months")))),
        ({"at": "{after: due, by: 1 working day, time: 7:05}"},
         Around("after", "due", (Span(1, "days", True),), time(7, 5))),
        ({"at": "{on: starts_at}"}, Around("on", "starts_at")),
        ({"at": "{in_stage: [New, Called], for: 3 working hours}"},
         Staying("status", ("New", "Called"), Span(3, "hours", True))),
        ({"at": "{idle: 2 weeks}"}, Idle(Span(2, "weeks"))),
        ({"at": "{every: week, day: monday, time: 09:00}"}, Every("week", time(9), 0)),
        ({"at": "{every: quarter, day: last, time: 09:00}"}, Every("quarter", time(9), -1)),
        ({"at": "{every: working day, time: 00:00}"}, Every("working day", time())),
    ],
)  # fmt: skip
def test_a_trigger_means_what_it_says(tmp_path: Path, keys: dict[str, str], trigger: object) -> None:
    assert made(tmp_path, **keys).notifications["soon"].trigger == trigger


@pytest.mark.parametrize(
    "said, missed",
    [("skip", Missed("skip")), ("all", Missed("all")), ("once within 30 minutes", Missed("once", Span(30, "minutes"))),
     ("all  within 2 working days", Missed("all", Span(2, "days", True)))],
)  # fmt: skip
def test_what_is_missed_is_the_officers_choice(tmp_path: Path, said: str, missed: Missed) -> None:
    notification = made(tmp_path, at="{idle: 1 day}", if_missed=said, only_in="working hours").notifications["soon"]
    assert (notification.missed, notification.working_hours_only) == (missed, True)


def test_hours_and_holidays_are_read_day_by_day(tmp_path: Path) -> None:
    said = "working_hours: {monday-friday: 09:30-18:30, saturday: 09:30-13:00}"
    weekend = "working_hours: {Saturday-monday: [09:00-13:00, 14:00-24:00], Thursday: 00:00-24:00}"
    crm = changed(HOURS, said, weekend).replace("2026-12-25: Christmas", "2026-12-25: Christmas, 02-29: Leap day")
    hours = made(tmp_path, crm).manifest.hours
    whole = ((time(9), time(13)), (time(14), time()))
    assert hours.week == (whole, (), (), ((time(), time()),), (), whole, whole)
    assert (hours.holidays, hours.yearly) == ({date(2026, 12, 25): "Christmas"}, {(2, 29): "Leap day"})


def test_a_date_that_wakes_somebody_gets_an_index_and_the_plan_says_so(tmp_path: Path, database_url: str) -> None:
    database = Database(database_url)
    apply(plan(made(tmp_path / "before"), database), database)
    for keys, name in (({"at": "{on: starts_at}"}, "starts_at"), ({"at": "{idle: 5 days}"}, "updated_at")):
        later = made(tmp_path / name, **keys)
        assert later.entities["visit"].fields[name].index
        changes = plan(later, database)
        assert any("index" in word.lower() for word in changes.lines()), changes.lines()
        apply(changes, database)
        assert not plan(later, database).steps
    database.close()
