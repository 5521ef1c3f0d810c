"""The shipped sets do what their clients said of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from engine.actor import Actor, robot
from engine.compiler import compile_set
from engine.errors import Invalid, MoveRefused, NotFound, Refused
from engine.records.apply import apply
from engine.records.commands import Create, Move, Outcome, Update
from engine.records.database import Database
from engine.records.plan import plan
from engine.records.read import Reads
from engine.records.tables import Tables
from engine.records.write import Writes

ROOT = Path(__file__).parents[2]


@dataclass
class Desk:
    reads: Reads
    writes: Writes
    dev: Actor
    people: dict[str, Actor] = field(default_factory=dict)

    def hire(self, name: str, role: str, **more: Any) -> Actor:
        values = {"name": name, "email": f"{name.lower()}@firm.example", "role": role, **more}
        return Actor(self.writes.do(self.dev, Create("user", values)).id, name, role)

    def make(self, who: Actor, entity: str, **values: Any) -> Outcome:
        return self.writes.do(who, Create(entity, values))

    def move(self, who: Actor, entity: str, id: int, transition: str, **values: Any) -> Outcome:
        version = self.reads.record(self.dev, entity, id).version
        return self.writes.do(who, Move(entity, id, version, transition, values))

    def values(self, entity: str, id: int) -> Any:
        return self.reads.record(self.dev, entity, id).values


def opened(url: str, name: str) -> tuple[Database, Desk]:
    blueprint, database = compile_set(ROOT / "config" / name), Database(url)
    apply(plan(blueprint, database), database)
    tables = Tables(blueprint)
    reads = Reads(blueprint, database, tables)
    return database, Desk(reads, Writes(blueprint, database, tables, reads), robot(blueprint))


@pytest.fixture
def rsoft(sqlite_url: str) -> Iterator[Desk]:
    database, desk = opened(sqlite_url, "rsoft")
    yield desk
    database.close()


@pytest.fixture
def raalink(sqlite_url: str) -> Iterator[Desk]:
    database, desk = opened(sqlite_url, "raalink")
    yield desk
    database.close()


def test_a_lead_without_a_name_is_called_by_its_number(rsoft: Desk) -> None:
    made = rsoft.make(rsoft.dev, "lead", prospect_id="7927b2df-8bba-4d29-b9a2-b6e0beafc620")
    record = rsoft.reads.record(rsoft.dev, "lead", made.id)
    assert record.title == record.values["reference"]


def test_an_urgent_ticket_says_until_when_it_is_answered(rsoft: Desk) -> None:
    asha = rsoft.hire("Asha", "caller")
    with pytest.raises(Invalid) as refused:
        rsoft.make(asha, "ticket", subject="The app is down", priority="Urgent")
    assert [c.field for c in refused.value.complaints] == ["due_at"]
    rsoft.make(asha, "ticket", subject="A question", priority="Low")


def quoted(rsoft: Desk, asha: Actor) -> Outcome:
    """A quotation for a lead that has seen the demo: before that none may be made."""
    fresh = rsoft.make(asha, "lead", first_name="Vera")
    with pytest.raises(Invalid):
        rsoft.make(asha, "quotation", subject="CRM", lead=str(fresh.id))
    seen = {"first_name": "Vera", "follow_up_at": "2026-12-01 10:00", "owner": str(asha.user)}
    lead = rsoft.writes.do(rsoft.dev, Create("lead", seen, "DEMO CONFIRMED"))
    return rsoft.make(asha, "quotation", subject="CRM", lead=str(lead.id))


def test_what_was_approved_stays_as_it_was_approved(rsoft: Desk) -> None:
    meera = rsoft.hire("Meera", "manager")
    asha = rsoft.hire("Asha", "caller")
    quotation = quoted(rsoft, asha)
    with pytest.raises(MoveRefused, match="Add at least one line first"):
        rsoft.move(asha, "quotation", quotation.id, "submit")
    line = {"quotation": str(quotation.id), "description": "Seats", "price": "100", "quantity": "2"}
    seats = rsoft.make(asha, "quotation_line", **line)
    rsoft.move(asha, "quotation", quotation.id, "submit")
    with pytest.raises(Refused):
        rsoft.move(asha, "quotation", quotation.id, "approve")
    rsoft.move(meera, "quotation", quotation.id, "approve")
    with pytest.raises((Refused, NotFound)):
        rsoft.writes.do(asha, Update("quotation_line", seats.id, 1, {"price": "1"}))
    with pytest.raises((Refused, Invalid)):
        rsoft.make(asha, "quotation_line", **line)
    rsoft.move(asha, "quotation", quotation.id, "revise", revision="2")
    rsoft.writes.do(asha, Update("quotation_line", seats.id, 1, {"price": "90"}))


def test_a_caller_adds_no_line_to_another_callers_quotation(rsoft: Desk) -> None:
    asha, ravi = rsoft.hire("Asha", "caller"), rsoft.hire("Ravi", "caller")
    quotation = quoted(rsoft, asha)
    with pytest.raises((Refused, Invalid)):
        rsoft.make(ravi, "quotation_line", quotation=str(quotation.id), description="Seats", price="1")


def test_a_visit_is_held_and_only_a_demo_is_completed(rsoft: Desk) -> None:
    asha = rsoft.hire("Asha", "caller")
    lead = rsoft.make(asha, "lead", first_name="Vera")
    rsoft.make(asha, "call", subject="Hello", about={"entity": "lead", "id": str(lead.id)}, outcome="Answered")
    rsoft.move(asha, "lead", lead.id, "attended", follow_up_at="2026-12-01 10:00")
    given = {"lead": str(lead.id), "starts_at": "2026-12-01 10:00", "mode": "In person", "subject": "At their office"}
    visit = rsoft.make(asha, "appointment", kind="Visit", **given)
    demo = rsoft.make(asha, "appointment", kind="Demo", **given)
    assert rsoft.move(asha, "appointment", visit.id, "complete").stage == "HELD"
    rsoft.move(asha, "appointment", demo.id, "confirm")
    assert rsoft.move(asha, "appointment", demo.id, "complete").stage == "DEMO COMPLETED"
    assert (rsoft.values("lead", lead.id)["met_in_person"], rsoft.values("lead", lead.id)["met_online"]) == (2, 0)


def test_a_lost_lead_keeps_its_sub_status_and_its_moment(rsoft: Desk) -> None:
    asha = rsoft.hire("Asha", "caller")
    lead = rsoft.make(asha, "lead", first_name="Vera")
    with pytest.raises((Invalid, MoveRefused), match="Lost sub-status is empty"):
        rsoft.move(asha, "lead", lead.id, "lose")
    rsoft.move(asha, "lead", lead.id, "lose", lost_reason="Price")
    kept = rsoft.values("lead", lead.id)
    assert kept["lost_reason"] == "Price" and kept["closed_at"] is not None


def test_a_won_acquisition_becomes_an_account_with_its_contact(raalink: Desk) -> None:
    omar = raalink.hire("Omar", "seller")
    vera = {"first_name": "Vera", "last_name": "Shah", "company": "Acme", "phone": "+91 98765 43210", "budget": "500"}
    lead = raalink.make(omar, "lead", **vera)
    raalink.move(omar, "lead", lead.id, "assign", owner=str(omar.user))
    raalink.move(omar, "lead", lead.id, "process")
    raalink.move(omar, "lead", lead.id, "convert")
    sale = raalink.values("lead", lead.id)["opportunity"].id
    for step in ("qualify", "propose", "commit", "win"):
        raalink.move(omar, "opportunity", sale, step)
    won = raalink.values("opportunity", sale)
    contact = raalink.values("contact", won["contact"].id)
    assert won["stage"] == "Closed Won" and won["account"].title == "Acme"
    assert (contact["first_name"], contact["last_name"]) == ("Vera", "Shah")
    assert contact["account"].id == won["account"].id and contact["owner"].id == omar.user
