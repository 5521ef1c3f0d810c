"""Imports: thousands of rows by the same rules as one."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Refused
from engine.records.history import verify
from engine.records.many import Imported
from tests.office import Office


def people(*names: str, **more: Any) -> list[dict[str, Any]]:
    return [{"name": n, "email": f"{n.lower()}@firm.example", "role": "caller", **more} for n in names]


def results(done: Imported) -> list[str]:
    return [row.result for row in done.rows]


def test_a_thousand_deals_come_in_with_history_numbers_and_search(office: Office) -> None:
    rows = [{"name": f"Imported x{n}y", "phone": f"98765{n:05}"} for n in range(250)]
    done = office.writes.create_many(office.meera, "deal", rows, batch=100)
    assert done.count("created") == 250 and [r.number for r in done.rows] == list(range(250))
    assert office.rows("select count(distinct number), min(status), max(status) from deal") == [(250, "NEW", "NEW")]
    assert office.rows("select count(*) from crm_history where entity = 'deal'") == [(250,)]
    assert len(office.reads.pick(office.meera, "deal", "imported x249y")) == 1
    assert list(verify(office.reads)) == []


def test_bad_rows_are_rejected_with_reasons_and_the_others_come_in(office: Office) -> None:
    rows = [{"name": "Good"}, {"name": "", "phone": "12"}, {"name": "x", "status": "WON"}, {"name": "Good too"}]
    done = office.writes.create_many(office.meera, "deal", rows)
    assert results(done) == ["created", "rejected", "rejected", "created"]
    assert {c.field for c in done.rows[1].complaints} == {"name", "phone"}
    assert done.rows[2].complaints[0].message == '"status" is not a field of Deal that you may fill.'


def test_importing_twice_changes_nothing(office: Office) -> None:
    rows = people("Kiran", "Lata", "Mohan")
    assert results(office.writes.upsert_many(office.dev, "user", "email", rows)) == ["created"] * 3
    before = office.everything()
    assert results(office.writes.upsert_many(office.dev, "user", "email", rows)) == ["same"] * 3
    assert office.everything() == before


def test_a_row_whose_key_is_there_changes_that_record(office: Office) -> None:
    office.writes.upsert_many(office.dev, "user", "email", people("Kiran"))
    done = office.writes.upsert_many(office.dev, "user", "email", people("Lata", "Kiran", phone="9876543210"))
    assert results(done) == ["created", "changed"]
    assert list(verify(office.reads)) == []


def test_a_key_that_comes_twice_in_one_file_is_rejected_the_second_time(office: Office) -> None:
    done = office.writes.upsert_many(office.dev, "user", "email", people("Kiran", "Kiran", "Lata"))
    assert results(done) == ["created", "rejected", "created"]
    assert done.rows[1].complaints[0].message == "Another row has this email."


def test_a_row_without_its_key_is_rejected(office: Office) -> None:
    done = office.writes.upsert_many(office.dev, "user", "email", [{"name": "X", "role": "caller"}])
    assert results(done) == ["rejected"] and done.rows[0].complaints[0].field == "email"


def test_a_unique_value_that_is_taken_rejects_its_row_only(office: Office) -> None:
    done = office.writes.create_many(office.dev, "user", people("Kiran", "Asha", "Kiran", "Lata"))
    assert results(done) == ["created", "rejected", "rejected", "created"]
    assert done.rows[1].complaints[0].message == "Another user has this email already."


def test_a_change_that_takes_anothers_unique_value_rejects_its_row_and_keeps_the_rest(office: Office) -> None:
    rows = [*people("Kiran"), {"name": "Ravi", "email": "asha@firm.example"}, *people("Lata", "Mohan")]
    done = office.writes.upsert_many(office.dev, "user", "name", rows)
    assert results(done) == ["created", "rejected", "created", "created"]
    assert done.rows[1].complaints[0].message == "Another user has this email already."
    assert list(verify(office.reads)) == []


def test_a_dry_run_tells_the_same_and_writes_nothing(office: Office) -> None:
    before = office.everything()
    rows = [{"name": "Good"}, {"name": ""}]
    done = office.writes.create_many(office.meera, "deal", rows, keep=False)
    assert results(done) == ["created", "rejected"]
    assert office.everything() == before


def test_who_may_not_import_is_refused(office: Office) -> None:
    with pytest.raises(Refused, match="does not let you import deals"):
        office.writes.create_many(office.asha, "deal", [{"name": "x"}])


def test_imported_deals_begin_where_the_file_says(office: Office) -> None:
    rows = [{"name": "Old", "lost_reason": "Price"}, {"name": "Older"}, {"name": "New"}]
    done = office.writes.create_many(office.meera, "deal", rows, stages=["LOST", "LOST", None])
    assert results(done) == ["created", "rejected", "created"]
    assert done.rows[1].complaints[0].message == "Lost reason is empty."
    assert sorted(s for (s,) in office.rows("select status from deal")) == ["LOST", "NEW"]
    assert sorted(s for (s,) in office.rows("select stage from crm_stage_time")) == ["LOST", "NEW"]


def test_an_import_assigns_only_downward_too(office: Office) -> None:
    rows = [{"name": "x", "owner": str(who.user)} for who in (office.asha, office.dev)]
    done = office.writes.create_many(office.meera, "deal", rows)
    assert results(done) == ["created", "rejected"]
    assert "does not let you give this deal" in done.rows[1].complaints[0].message


def test_an_import_does_not_change_a_record_out_of_scope(office: Office) -> None:
    """Nils imports; the deal with that number is Asha's, whom he does not manage."""
    deal = office.deal(office.asha)
    number = office.values("deal", deal.id)["number"]
    done = office.writes.upsert_many(office.nils, "deal", "number", [{"number": number, "name": "Stolen"}])
    assert results(done) == ["rejected"]
    assert office.values("deal", deal.id)["name"] == "A thousand chairs"


def test_a_key_that_is_no_number_rejects_its_own_row_only(office: Office) -> None:
    call = {"deal": str(office.deal(office.dev).id), "outcome": "RNR"}
    done = office.writes.upsert_many(office.dev, "call", "seconds", [{**call, "seconds": s} for s in ("60", "a minute")])
    assert results(done) == ["created", "rejected"]
    assert [c.field for c in done.rows[1].complaints] == ["seconds"]
