"""A caller's day: what is overdue, due and without a next step, hers only, whoever else looks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from engine.actor import Actor
from engine.records.commands import Outcome
from engine.records.today import BUCKETS, Day, day_of, has_day, works_alone
from tests.desk import Desk, open_desk
from tests.real.databases import Databases


@pytest.fixture
def desk(databases: Databases) -> Iterator[Desk]:
    opened = open_desk(databases.empty())
    yield opened
    opened.close()


def a_lead(desk: Desk, name: str, hours: float | None = None, owner: Actor | None = None) -> Outcome:
    due = None if hours is None else (desk.clock.now + timedelta(hours=hours)).isoformat()
    number = f"98{abs(hash(name)) % 10**8:08}"
    return desk.create(owner or desk.asha, "lead", first_name=name, phone=number, source="Google", follow_up_at=due)


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
    for name, hours in (("Later", 100), ("Tomorrow", 24), ("Soon", 1), ("Late", -3), ("Later still", -50), ("Nothing", None)):
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
    desk.create(
        desk.asha, "appointment", subject="Demo", lead=str(moved.id), kind="Demo", starts_at=starts, people=[str(desk.meera.user)]
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


def test_a_day_is_one_statement(desk: Desk) -> None:
    a_lead(desk, "Anil", -3)
    with desk.runtime.database.reading() as lent:
        asked: list[object] = []
        plain = lent.rows
        lent.rows = lambda *given: asked.append(given) or plain(*given)  # type: ignore[method-assign, func-returns-value]
        day_of(desk.crm.reads, lent, desk.asha, desk.asha.user)
    assert len(asked) == 1
