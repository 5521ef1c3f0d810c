"""What is to be done next about a lead, and what was done last: what its reader may know of it, for a page at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from engine.actor import Actor
from engine.records.ahead import Ahead, ahead, last_activity
from engine.records.commands import Outcome
from tests.desk import Desk, open_desk
from tests.real.databases import Databases


@pytest.fixture(scope="module")
def desk(kept_databases: Databases) -> Iterator[Desk]:
    opened = open_desk(kept_databases.empty())
    yield opened
    opened.close()


def a_lead(desk: Desk, name: str = "Anil") -> Outcome:
    return desk.create(desk.asha, "lead", first_name=name, phone="+919876543210", source="Google")


def task(desk: Desk, lead: Outcome, subject: str, hours: float | None, who: Actor | None = None) -> Outcome:
    due = None if hours is None else (desk.clock.now + timedelta(hours=hours)).isoformat()
    return desk.create(who or desk.asha, "task", subject=subject, about=f"lead/{lead.id}", due_at=due)


def next_of(desk: Desk, actor: Actor, *leads: Outcome, last: bool = False) -> list[str | None]:
    found = both(desk, actor, *leads, last=last)
    return [found[lead.id].title if lead.id in found else None for lead in leads]


def both(desk: Desk, actor: Actor, *leads: Outcome, last: bool = False) -> dict[int, Ahead]:
    with desk.runtime.database.reading() as lent:
        ask = last_activity if last else ahead
        return ask(desk.crm.reads, lent, actor, "lead", [lead.id for lead in leads])


def test_the_earliest_open_activity_of_each_lead_is_what_comes_next(desk: Desk) -> None:
    anil, bina = a_lead(desk), a_lead(desk, "Bina")
    task(desk, anil, "Send the brochure", 30)
    task(desk, anil, "Ring back", 2)
    task(desk, bina, "No hurry", None)
    assert next_of(desk, desk.asha, anil, bina, a_lead(desk, "Chitra")) == ["Ring back", "No hurry", None]


def test_an_appointment_and_a_task_are_weighed_against_each_other(desk: Desk) -> None:
    anil = a_lead(desk)
    task(desk, anil, "Send the brochure", 30)
    desk.create(desk.asha, "call", subject="First call", about=f"lead/{anil.id}", outcome="Answered")
    desk.move(desk.asha, "lead", anil, "attended", follow_up_at=(desk.clock.now + timedelta(days=2)).isoformat())
    starts = (desk.clock.now + timedelta(hours=3)).isoformat()
    desk.create(desk.asha, "appointment", subject="Demo", lead=str(anil.id), kind="Demo", starts_at=starts)
    (found,) = both(desk, desk.asha, anil).values()
    assert (found.entity, found.title[-4:], found.overdue) == ("appointment", "Demo", False)


def test_what_is_done_is_no_longer_ahead_but_the_last_thing_that_was_done(desk: Desk) -> None:
    anil = a_lead(desk)
    ring = task(desk, anil, "Ring back", 2)
    desk.move(desk.asha, "task", ring, "finish")
    assert next_of(desk, desk.asha, anil) == [None]
    assert next_of(desk, desk.asha, anil, last=True) == ["Ring back"]


def test_what_should_have_been_done_is_overdue(desk: Desk) -> None:
    anil = a_lead(desk)
    task(desk, anil, "Ring back", 2)
    desk.clock.pass_time(hours=3)
    assert both(desk, desk.asha, anil)[anil.id].overdue


def test_a_task_that_one_may_not_read_is_not_told(desk: Desk) -> None:
    anil = a_lead(desk)
    task(desk, anil, "Check how Asha calls", 1, who=desk.meera)
    task(desk, anil, "Ring back", 2)
    assert next_of(desk, desk.asha, anil) == ["Ring back"]
    assert next_of(desk, desk.meera, anil) == ["Check how Asha calls"]


def test_whoever_may_not_read_whether_a_task_is_done_is_told_of_none(desk: Desk) -> None:
    anil = a_lead(desk)
    task(desk, anil, "Ring back", 2)
    reads = desk.crm.reads
    hidden = reads.sight.fields("caller", "task").pop("status")
    seen = next_of(desk, desk.asha, anil)
    reads.sight.fields("caller", "task")["status"] = hidden
    assert seen == [None]


def test_a_page_of_leads_costs_one_question_for_each_kind_of_activity(desk: Desk) -> None:
    leads = [a_lead(desk, f"Lead {n}") for n in range(12)]
    for lead in leads:
        task(desk, lead, "Ring back", 2)
    asked = []
    with desk.runtime.database.reading() as lent:
        class Counting:
            dialect = lent.dialect

            def rows(self, statement, values):  # type: ignore[no-untyped-def]
                asked.append(statement.text)
                return lent.rows(statement, values)

        found = ahead(desk.crm.reads, Counting(), desk.asha, "lead", [lead.id for lead in leads])  # type: ignore[arg-type]
    assert (len(found), len(asked)) == (12, 2)
