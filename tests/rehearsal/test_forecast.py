"""What the coming days will bring is told before it is sent, and playing them changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.actor import robot
from engine.blueprint import Blueprint
from engine.compiler import compile_set
from engine.records.apply import apply
from engine.records.commands import Create
from engine.records.plan import plan
from engine.rehearsal.forecast import Forecast, forecast
from engine.runtime import Runtime
from engine.settings import Settings
from tests.real.databases import Databases
from tests.records.changing import ask
from tests.rehearsal.conftest import RSOFT

KOLKATA = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 12, 1, 10, tzinfo=KOLKATA)
NOTICES = """notifications:
  follow_up_15_minutes: removed
  still_not_attempted: removed
  follow_up_soon:
    entity: lead
    at: {before: follow_up_at, by: [1 day, 15 minutes]}
    when: {status: {is: FOLLOW-UP}}
    to: [owner]
    text: "Follow up {{ title }} at {{ follow_up_at | time }}"
"""


@pytest.fixture
def runtime(databases: Databases, tmp_path: Path) -> Iterator[Runtime]:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "crm.yaml").write_text(f"name: soon\ntitle: Soon\nextends: {RSOFT}\n")
    (folder / "notifications.yaml").write_text(NOTICES)
    blueprint = compile_set(folder)
    opened = started(blueprint, folder, databases.empty())
    yield opened
    opened.close()


def started(blueprint: Blueprint, folder: Path, url: str) -> Runtime:
    settings = Settings(url, folder / "files")
    from engine.records.database import Database

    database = Database(url)
    apply(plan(blueprint, database), database)
    database.close()
    opened = Runtime(folder, settings, lambda: NOW, read_set=lambda _: blueprint)
    do = opened.current.writes.do
    asha = do(robot(blueprint), Create("user", {"name": "Asha", "email": "asha@firm.example", "role": "caller"})).id
    for name, days in (("Anil", 2), ("Bina", 3)):
        values = {"first_name": name, "phone": "98765 43210", "owner": str(asha)}
        values["follow_up_at"] = (NOW + timedelta(days=days)).isoformat()
        do(robot(blueprint), Create("lead", values, "FOLLOW-UP" if name == "Anil" else None))
    return opened


def played(runtime: Runtime, days: int = 7) -> Forecast:
    end = NOW + timedelta(days=days)
    crm = runtime.current
    return forecast(crm.blueprint, runtime.folder, runtime.database, crm.settings, NOW, end)


def test_each_message_of_the_coming_days_is_told_with_its_moment_and_its_reason(runtime: Runtime) -> None:
    soon = [m for m in played(runtime).messages if m.notification == "follow_up_soon"]
    assert [(m.at.strftime("%d %H:%M"), m.who, m.channel) for m in soon] == [
        ("02 10:00", "Asha", "app"),
        ("03 09:45", "Asha", "app"),
    ]
    assert soon[0].about == "Lead Anil"
    assert soon[0].text.startswith("Follow up Anil at 10:00")
    assert soon[0].why["Status"] == "FOLLOW-UP"


def test_what_each_person_gets_a_day_is_counted(runtime: Runtime) -> None:
    counted = {(day.day, who): n for day, who, n in played(runtime).a_day()}
    assert counted[2, "Asha"] == counted[3, "Asha"] == 1


def test_a_shorter_play_ends_earlier(runtime: Runtime) -> None:
    assert [m.at.day for m in played(runtime, 1).messages if m.notification == "follow_up_soon"] == [2]


def test_the_data_is_as_before(runtime: Runtime) -> None:
    before = ask(runtime.database, "select count(*), max(id) from crm_history")
    played(runtime)
    assert ask(runtime.database, "select count(*), max(id) from crm_history") == before
    assert ask(runtime.database, "select count(*) from crm_delivery") == [(0,)]
