"""The desk of duplicates over HTTP, as people use it: without a script, and as the script asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from engine.blueprint import Blueprint
from engine.records.passwords import Passwords
from engine.records.rows import rows
from engine.runtime import Runtime
from engine.settings import Settings
from engine.web.app import make_app
from tests.duplicates.desk import desk
from tests.firm import PASSWORD, Firm, QuickHasher
from tests.office import Actor, Office, office_on, open_office
from tests.real.databases import Databases

NUMBER = "98765 43210"


@pytest.fixture
def firm(sqlite_databases: Databases, tmp_path: Path) -> Iterator[Firm]:
    found = open_desk(sqlite_databases, desk(tmp_path))
    yield found
    found.close()


def open_desk(databases: Databases, blueprint: Blueprint) -> Firm:
    def fill(url: str) -> None:
        office = open_office(url, blueprint)
        runtime = running(url, office)
        for actor in office.people.values():
            runtime.current.accounts.set_password(actor.user, PASSWORD)
        runtime.close()
        office.database.close()

    url = databases.copy_of("the desk of duplicates over HTTP", fill)
    office = office_on(url, blueprint)
    office.clock.pass_time(hours=1)
    runtime = running(url, office)
    with office.database.reading() as connection:
        for id, name, role in rows(connection, 'select id, name, role from "user"'):
            office.people[name.lower()] = Actor(id, name, role, zone="Asia/Kolkata")
    return Firm(office, runtime, make_app(runtime))


def running(url: str, office: Office) -> Runtime:
    passwords = Passwords(QuickHasher())
    return Runtime(
        Path("desk"), Settings(url), office.clock, read_set=lambda folder: office.blueprint, passwords=passwords
    )


def form_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"(?! disabled)', page))


def posted(client: TestClient, path: str, page: str, **values: str) -> tuple[int, str, str]:
    answer = client.post(path, data={**form_of(page), **values})
    return answer.status_code, answer.text, answer.headers.get("location", "")


def test_without_a_script_the_form_comes_back_once_and_is_then_kept(firm: Firm) -> None:
    kavya = firm.office.create(firm.actor("asha"), "lead", first_name="Kavya", phone=NUMBER)
    asha = firm.browser("asha")
    page = asha.get("/lead/new").text
    status, again, _ = posted(asha, "/lead/new", page, first_name="K", phone="+91 9876543210")
    assert status == 422
    assert "this mobile belongs to" in again and f'href="/lead/{kavya.id}"' in again
    key = re.search(r'<button[^>]* name="_known" value="([^"]+)"', again)
    assert key is not None
    status, _, place = posted(asha, "/lead/new", again, first_name="K", phone="+91 9876543210", _known=key[1])
    assert status == 303
    record = asha.get(place).text
    assert "maybe the same as lead" in record and "/merge/" in record


def test_who_may_not_see_the_other_reads_only_that_it_is_there(firm: Firm) -> None:
    kavya = firm.office.create(firm.actor("asha"), "lead", first_name="Kavya Nair", phone=NUMBER)
    ravi = firm.browser("ravi")
    told = ravi.post("/lead/known", data={"phone": NUMBER, "first_name": ""}).text
    assert "that you do not see. Administrator or Sales manager can help." in told
    assert "Kavya" not in told and str(kavya.id) not in told
    made = firm.office.create(firm.actor("ravi"), "lead", first_name="K", phone=NUMBER)
    page = ravi.get(f"/lead/{made.id}").text
    assert "There is a record of this person that you do not see" in page and str(kavya.id) not in page
    assert str(kavya.id) not in ravi.get("/duplicates").text
    api = firm.program("ravi").get(f"/api/v1/lead/{made.id}/duplicates").json()
    assert (api["items"], api["hidden"], api["who"]) == ([], True, ["Administrator", "Sales manager"])


def test_the_script_is_told_in_a_piece_of_the_page_and_of_checks_at_their_fields(firm: Firm) -> None:
    firm.office.create(firm.actor("asha"), "lead", first_name="Kavya", phone=NUMBER)
    asha = firm.browser("asha")
    told = asha.post("/lead/known", data={"phone": NUMBER, "city": "Mumbai", "budget__amount": "5", "budget": "5"}).text
    assert "Kavya" in told and 'name="_known"' in told
    assert 'data-said="budget"' in told
    assert asha.post("/lead/known", data={"phone": "98765 11111"}).text.strip() == ""


def test_two_are_merged_and_parted_on_the_page(firm: Firm) -> None:
    office, asha = firm.office, firm.actor("asha")
    this = office.create(asha, "lead", first_name="Kavya", phone=NUMBER).id
    other = office.create(asha, "lead", first_name="Kavya Nair", phone=NUMBER).id
    browser = firm.browser("asha")
    place = f"/lead/{this}/merge/{other}"
    page = browser.get(place).text
    assert "LEAD-00001" in page and "LEAD-00002" in page and "What the manager knows" not in page
    assert "Kavya Nair" in browser.get(f"{place}?choose.first_name=this").text
    status, _, there = posted(browser, place, page, **{"choose.first_name": "this"})
    assert (status, there) == (303, f"/lead/{this}")
    merged = browser.get(there).text
    assert "was merged into this" in merged and "merged it with another" in browser.get(f"{there}?tab=history").text
    assert browser.get(f"/lead/{other}").headers["location"] == f"/lead/{this}"
    assert firm.browser("ravi").get(f"/lead/{other}").status_code == 404
    action = re.search(r'action="(/lead/\d+/unmerge/\d+)"', merged)
    assert action is not None
    status, lists, _ = posted(browser, action[1], merged)
    assert status == 200 and "LEAD-00002 is there again." in lists
    assert browser.get(f"/lead/{other}").status_code == 200


def test_a_pair_that_is_none_is_dismissed(firm: Firm) -> None:
    office, asha = firm.office, firm.actor("asha")
    this = office.create(asha, "lead", first_name="Kavya", phone=NUMBER).id
    office.create(asha, "lead", first_name="Divya", phone=NUMBER)
    browser = firm.browser("asha")
    page = browser.get("/duplicates").text
    action = re.search(r'action="(/duplicates/\d+)"', page)
    assert action is not None
    assert firm.browser("ravi").post(action[1]).status_code == 404
    assert posted(browser, action[1], page)[0] == 303
    assert "maybe the same" not in browser.get(f"/lead/{this}").text


def test_a_program_merges_and_takes_it_back(firm: Firm) -> None:
    office, asha = firm.office, firm.actor("asha")
    this = office.create(asha, "lead", first_name="Kavya", phone=NUMBER).id
    other = office.create(asha, "lead", first_name="Kavya Nair", phone=NUMBER).id
    program = firm.program("asha")
    assert program.get(f"/api/v1/lead/{this}/duplicates").json()["items"][0]["may_merge"] is True
    given = {"version": 1, "with": str(other), "with_version": 1, "choose": {"first_name": "other"}}
    merged = program.post(f"/api/v1/lead/{this}/merge", json=given)
    assert (merged.status_code, merged.json()["first_name"]) == (200, "Kavya Nair")
    (known,) = program.get(f"/api/v1/lead/{this}/duplicates").json()["merges"]
    back = program.post(
        f"/api/v1/lead/{this}/unmerge", json={"version": merged.json()["version"], "merge": known["merge"]}
    ).json()
    assert back["kept"] == back["failed"] == [] and back["back"]
    wrong = program.post(f"/api/v1/lead/{this}/merge", json={**given, "version": 3, "choose": {"secret": "other"}})
    assert wrong.status_code in (409, 422)
