"""Many records at once over the API, and one's own last deed taken back."""

from __future__ import annotations

from typing import Any

import pytest

from engine.jobs.bulks import Bulks
from tests.firm import Firm


def worked(firm: Firm) -> None:
    step = Bulks(firm.runtime.current)
    while step.run(firm.office.clock()):
        pass


def asked(firm: Firm, who: str = "meera", **body: Any) -> Any:
    return firm.program(who).post("/api/v1/deal/bulk", json=body)


def test_a_program_moves_what_a_filter_finds_and_looks_how_it_went(quick_firm: Firm) -> None:
    firm = quick_firm
    deals = [firm.deal("asha").id for _ in range(3)]
    begun = asked(firm, do="move", filter={"status": "NEW"}, transition="hold")
    assert begun.status_code == 202, begun.text
    place = begun.headers["location"]
    assert begun.json()["state"] == "waiting" and begun.json()["count"] == 3
    worked(firm)
    told = firm.program("meera").get(f"{place}?show=done&limit=2").json()
    assert (told["state"], told["done"], told["skipped"], told["failed"]) == ("done", 3, 0, 0)
    assert [item["id"] for item in told["items"]] == [str(id) for id in reversed(deals)][:2]
    rest = firm.program("meera").get(f"{place}?show=done&limit=2&cursor={told['next']}").json()
    assert [item["id"] for item in rest["items"]] == [str(deals[0])] and rest["next"] is None
    back = firm.program("meera").post(f"{place}/undo")
    assert back.status_code == 202
    worked(firm)
    assert {stage for (stage,) in firm.office.rows("select status from deal")} == {"NEW"}
    assert firm.program("meera").get(place).json()["undone_by"] == back.json()["id"]


@pytest.mark.parametrize("body", [
    {}, {"do": "drop", "ids": ["1"]}, {"do": "delete"}, {"do": "delete", "ids": ["1"], "filter": {}},
    {"do": "delete", "ids": ["x"]}, {"do": "delete", "ids": []}, {"do": "update", "ids": ["1"], "values": {"status": "WON"}},
    {"do": "move", "ids": ["1"], "transition": "teleport"}, {"do": "tag", "ids": ["1"], "field": "name", "add": ["x"]},
    {"do": "delete", "ids": ["1"], "values": {}}, {"do": "update", "filter": {"nothing": "x"}, "values": {"name": "x"}},
])  # fmt: skip
def test_what_makes_no_sense_begins_nothing(quick_firm: Firm, body: dict[str, Any]) -> None:
    answer = asked(quick_firm, **body)
    assert answer.status_code in (400, 422), answer.text
    assert quick_firm.office.rows("select 1 from crm_bulk") == []


def test_a_hidden_field_is_no_way_to_find_records(quick_firm: Firm) -> None:
    firm = quick_firm
    hidden = asked(firm, "asha", do="delete", filter={"budget.above": "1"}).json()
    missing = asked(firm, "asha", do="delete", filter={"nothing.above": "1"}).json()
    assert hidden["status"] == missing["status"]


def test_a_caller_has_no_bulk_and_sees_nobody_elses(quick_firm: Firm) -> None:
    firm = quick_firm
    deal = firm.deal("asha")
    assert asked(firm, "asha", do="delete", ids=[str(deal.id)]).status_code == 403
    begun = asked(firm, do="delete", ids=[str(deal.id)]).json()
    for who in ("asha", "dev"):
        for method, end in (("get", ""), ("post", "/stop"), ("post", "/undo")):
            assert firm.program(who).request(method, f"/api/v1/bulk/{begun['id']}{end}").status_code == 404


def test_a_bulk_is_begun_once_for_a_key(quick_firm: Firm) -> None:
    firm = quick_firm
    deal = firm.deal("asha")
    program = firm.program("meera")
    body, headers = {"do": "delete", "ids": [str(deal.id)]}, {"Idempotency-Key": "once"}
    first, second = (program.post("/api/v1/deal/bulk", json=body, headers=headers) for _ in range(2))
    assert first.json()["id"] == second.json()["id"]


def test_a_program_takes_back_its_own_last_deed(quick_firm: Firm) -> None:
    firm = quick_firm
    deal, program = firm.deal("asha"), firm.program("asha")
    changed = program.patch(f"/api/v1/deal/{deal.id}", json={"version": 1, "name": "Slip"}).json()
    (last, *_) = program.get(f"/api/v1/deal/{deal.id}/history").json()["items"]
    body = {"version": changed["version"], "history": last["id"]}
    assert firm.program("meera").post(f"/api/v1/deal/{deal.id}/undo", json=body).status_code == 404
    taken = program.post(f"/api/v1/deal/{deal.id}/undo", json=body)
    assert (taken.status_code, taken.json()["name"]) == (200, firm.office.values("deal", deal.id)["name"])
    assert taken.json()["name"] != "Slip"
    again = program.post(f"/api/v1/deal/{deal.id}/undo", json=body)
    assert again.status_code == 409


def test_what_a_program_does_is_told_at_once(quick_firm: Firm) -> None:
    firm = quick_firm
    firm.program("asha").post("/api/v1/deal", json={"name": "Chairs"})
    assert {due - made for due, made in firm.office.rows("select due_at, created_at from crm_outbox")} == {0}
    firm.browser("asha").post("/deal/new", data={"name": "Tables"})
    assert {due - made for due, made in firm.office.rows("select due_at, created_at from crm_outbox")} == {0, 10_000}
