"""A caller's day: what is overdue, due and without a next step, hers only, whoever else looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.actor import Actor
from engine.records import today
from engine.records.commands import Outcome
from engine.records.database import Connection
from engine.records.today import BUCKETS, Day, day_of, has_day, works_alone
from tests.desk import Desk, open_desk
from tests.real.databases import Databases


@pytest.fixture(scope="module")
def opened(kept_databases: Databases) -> Iterator[Desk]:
    made = open_desk(kept_databases.empty())
    yield made
    made.close()


@pytest.fixture
def desk(opened: Desk, request: pytest.FixtureRequest) -> Desk:
    """In which Asha begins anew: a caller of this test's own."""
    mail = f"asha{abs(hash(request.node.nodeid))}@firm.example"
    made = opened.create(opened.engine, "user", name="Asha", email=mail, role="caller", manager=opened.meera.user)
    opened.people["asha"] = replace(opened.asha, user=made.id)
    return opened


def a_lead(desk: Desk, name: str, hours: float | None = None) -> Outcome:
    due = None if hours is None else (desk.clock.now + timedelta(hours=hours)).isoformat()
    return desk.create(desk.asha, "lead", first_name=name, source="Google", follow_up_at=due)


def day(desk: Desk, reader: Actor, whose: Actor | None = None) -> Day:
    with desk.runtime.database.reading() as lent:
        return day_of(desk.crm.reads, lent, reader, (whose or reader).user)


def names(desk: Desk, reader: Actor, whose: Actor | None = None) -> dict[str, list[str]]:
    found = day(desk, reader, whose)
    with desk.runtime.database.reading() as lent:
        return {
            bucket: [desk.crm.reads.record(reader, due.entity, due.id, connection=lent).title for due in found.lines[bucket]]
            for bucket in BUCKETS
        }


def test_ashas_leads_are_told_by_when_she_attends_to_them(desk: Desk) -> None:
    due = {"Later": 100, "Tomorrow": 24, "Soon": 1, "Late": -3, "Later still": -50, "Nothing": None}
    for name, hours in due.items():
        a_lead(desk, name, hours)
    assert names(desk, desk.asha) == {
        "overdue": ["Later still", "Late"], "today": ["Soon"], "tomorrow": ["Tomorrow"], "none": ["Nothing"],
    }  # fmt: skip


def test_a_lead_that_is_lost_is_nobodys_work(desk: Desk) -> None:
    lost = a_lead(desk, "Anil", -3)
    desk.move(desk.asha, "lead", lost, "lose", lost_reason="Price")
    assert not any(names(desk, desk.asha).values())


def test_a_task_about_a_lead_is_its_next_step(desk: Desk) -> None:
    anil = a_lead(desk, "Anil")
    due = (desk.clock.now + timedelta(hours=2)).isoformat()
    task = desk.create(desk.asha, "task", subject="Send the brochure", about=f"lead/{anil.id}", due_at=due)
    found = day(desk, desk.asha)
    (line,) = found.lines["today"]
    assert (line.entity, line.about.entity if line.about else None) == ("task", "lead")
    assert found.lines["none"] == ()
    desk.move(desk.asha, "task", task, "finish")
    assert names(desk, desk.asha)["none"] == ["Anil"]


def test_an_appointment_stands_in_the_day_of_all_who_take_part(desk: Desk) -> None:
    anil = a_lead(desk, "Anil", 200)
    desk.create(desk.asha, "call", subject="First", about=f"lead/{anil.id}", outcome="Answered")
    moved = desk.move(desk.asha, "lead", anil, "attended", follow_up_at=(desk.clock.now + timedelta(days=9)).isoformat())
    starts = (desk.clock.now + timedelta(hours=2)).isoformat()
    people = [str(desk.meera.user)]
    desk.create(
        desk.asha, "appointment", subject="Demo", lead=str(moved.id), kind="Demo", starts_at=starts, people=people
    )
    assert [name[-4:] for name in names(desk, desk.meera)["today"]] == ["Demo"]
    assert [name[-4:] for name in names(desk, desk.asha)["today"]] == ["Demo"]


def test_ravi_sees_nothing_of_ashas_day_and_meera_all_of_it(desk: Desk) -> None:
    a_lead(desk, "Anil", -3)
    assert not any(names(desk, desk.ravi, desk.asha).values())
    assert day(desk, desk.ravi, desk.asha).counts == dict.fromkeys(BUCKETS, 0)
    assert names(desk, desk.meera, desk.asha)["overdue"] == ["Anil"]


def test_a_call_counts_as_done_on_the_day_on_which_it_was_logged(desk: Desk) -> None:
    anil = a_lead(desk, "Anil", -3)
    desk.create(desk.asha, "call", subject="First", about=f"lead/{anil.id}", outcome="RNR")
    assert (day(desk, desk.asha).done, day(desk, desk.asha).left) == (1, 1)
    desk.clock.pass_time(hours=24)
    assert day(desk, desk.asha).done == 0


def test_more_than_is_shown_is_counted(desk: Desk) -> None:
    for n in range(4):
        a_lead(desk, f"Anil {n}", -n - 1)
    with desk.runtime.database.reading() as lent:
        found = day_of(desk.crm.reads, lent, desk.asha, desk.asha.user, most=2)
    assert ([len(found.lines["overdue"]), found.counts["overdue"]]) == [2, 4]


def test_who_works_alone_begins_with_the_day_and_who_watches_others_does_not(desk: Desk) -> None:
    reads = desk.crm.reads
    assert has_day(reads, desk.asha) and works_alone(reads, desk.asha)
    assert has_day(reads, desk.meera) and not works_alone(reads, desk.meera)


def test_a_day_is_one_statement(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(5):
        a_lead(desk, f"Anil {n}", -n)
    asked: list[object] = []
    plain = Connection.rows
    monkeypatch.setattr(Connection, "rows", lambda self, *given: [asked.append(given), plain(self, *given)][1])
    assert sum(day(desk, desk.asha).counts.values()) == 5
    assert len(asked) == 1


def test_an_index_leads_to_each_part_of_the_day(desk: Desk) -> None:
    """At a million leads whatever walked all that somebody owns would take seconds."""
    reads = desk.crm.reads
    prepared = today._prepared(reads, desk.asha)
    bounds = today._bounds(desk.clock.now, reads.formats(desk.asha))
    limits = {f"most_{bucket}": 50 for bucket in BUCKETS}
    values = reads.values(desk.asha, prepared, whose=desk.asha.user, **bounds, **limits)
    with desk.runtime.database.reading() as lent:
        if lent.dialect != "sqlite":
            pytest.skip("PostgreSQL chooses by how many rows there are")
        plan = [row[3] for row in lent.run(f"explain query plan {prepared.statement.text}", prepared.statement.bind(values))]
    walked = [step for step in plan if step.startswith(("SEARCH", "SCAN"))]
    assert [step for step in walked if step.startswith("SCAN") and "anon" not in step] == []
    leads = [step for step in walked if "lead__" in step and "appointment__lead" not in step]
    assert leads and all("lead__owner_follow_up_at__day (owner=? AND status=? AND follow_up_at" in step for step in leads)
