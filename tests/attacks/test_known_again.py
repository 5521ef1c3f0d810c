"""Ravi and Asha look, through duplicates, merges and what is taken back, for what they may not see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.duplicates.desk import desk
from tests.duplicates.test_screens import Firm, open_desk
from tests.real.databases import Databases

KEY = re.compile(r'name="_known" value="([^"]+)"')


@pytest.fixture
def firm(sqlite_databases: Databases, tmp_path: Path) -> Iterator[Firm]:
    found = open_desk(sqlite_databases, desk(tmp_path))
    yield found
    found.close()


def test_a_warning_does_not_tell_whether_two_numbers_are_of_one_hidden_person(firm: Firm) -> None:
    """The mark that a form brings back was made of the hidden records' ids: the same mark, the same person."""
    firm.office.create(firm.actor("asha"), "lead", first_name="Kavya", phone="9876543210")
    firm.office.create(firm.actor("asha"), "lead", first_name="Zubin", phone="9876543211")
    ravi = firm.browser("ravi")
    kavya, zubin = (KEY.search(ravi.post("/lead/known", data={"phone": n}).text) for n in ("9876543210", "9876543211"))
    assert kavya and zubin and kavya[1] == zubin[1]


def test_what_is_taken_back_names_no_field_that_is_hidden(firm: Firm) -> None:
    office, asha, meera = firm.office, firm.actor("asha"), firm.actor("meera")
    kept = office.create(asha, "lead", first_name="Kavya", phone="9876543210")
    gone = office.create(asha, "lead", first_name="Kavya", phone="9876543211", city="Kochi")
    office.update(meera, "lead", gone.id, 1, secret="a cousin of the minister")
    program = firm.program("asha")
    merged = program.post(
        f"/api/v1/lead/{kept.id}/merge",
        json={"version": 1, "with": str(gone.id), "with_version": 2},
    )
    assert merged.status_code == 200, merged.text
    (merge,) = program.get(f"/api/v1/lead/{kept.id}/duplicates").json()["merges"]
    back = program.post(
        f"/api/v1/lead/{kept.id}/unmerge", json={"version": merged.json()["version"], "merge": merge["merge"]}
    )
    assert back.status_code == 200, back.text
    assert "City is what it was." in back.json()["back"]
    for text in (merged.text, back.text):
        assert "What the manager knows" not in text and "secret" not in text
    assert office.values("lead", gone.id)["secret"] == "a cousin of the minister"


def test_what_became_part_of_her_lead_is_not_named_to_asha_who_never_saw_it(firm: Firm) -> None:
    office = firm.office
    kept = office.create(firm.actor("asha"), "lead", first_name="Kavya", phone="9876543210")
    gone = office.create(firm.actor("ravi"), "lead", first_name="Zubin", last_name="Irani", phone="9876543210")
    told = firm.program("meera").post(
        f"/api/v1/lead/{kept.id}/merge",
        json={
            "version": 1, "with": str(gone.id), "with_version": 1, "choose": {"first_name": "this", "last_name": "this"},
        },
    )
    assert told.status_code == 200, told.text
    assert "Zubin" in firm.browser("meera").get(f"/lead/{kept.id}").text
    page = firm.browser("asha").get(f"/lead/{kept.id}")
    for text in (page.text, firm.program("asha").get(f"/api/v1/lead/{kept.id}/duplicates").text):
        assert "Zubin" not in text and "Irani" not in text and "LEAD-00002" not in text
