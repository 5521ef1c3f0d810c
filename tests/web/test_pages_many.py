"""Taking back, many records at once, files of large lists, and a list's cells, as a browser asks for them."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.jobs.bulks import Bulks
from engine.records import bulks
from engine.web.pages import exports
from tests.firm import Firm
from tests.web.forms import form_on, send

UNDO = re.compile(r'action="(/undo/\d+)"')


def worked(firm: Firm) -> None:
    step = Bulks(firm.runtime.current)
    while step.run(firm.office.clock()):
        step.exports.wait(30)


def name_of(firm: Firm, id: int) -> str:
    return str(firm.office.values("deal", id)["name"])


# ---- taking back


def test_a_saved_form_offers_to_be_taken_back(firm: Firm) -> None:
    deal, browser = firm.deal("asha", "Chairs"), firm.browser("asha")
    saved = send(browser, browser.get(f"/deal/{deal.id}/edit"), f"/deal/{deal.id}/edit", name="Slip")
    page = browser.get(saved.headers["location"])
    place = UNDO.findall(page.text)[0]
    taken = send(browser, page, place)
    assert name_of(firm, deal.id) == "Chairs"
    assert "Taken back." in browser.get(taken.headers["location"]).text
    assert firm.office.rows("select 1 from crm_outbox where created_at < due_at") == []


def test_what_was_added_and_taken_back_leads_to_the_list(firm: Firm) -> None:
    browser = firm.browser("asha")
    made = browser.post("/deal/new", data={"name": "Slip"})
    page = browser.get(made.headers["location"])
    place = UNDO.findall(page.text)[0]
    answer = browser.post(place, data=form_on(page, place), headers={"referer": f"http://crm.example{made.headers['location']}"})
    assert answer.headers["location"] == "/deal"
    assert firm.office.rows("select count(*) from deal where deleted_at is null") == [(0,)]


def test_what_somebody_changed_meanwhile_stays_and_is_told(firm: Firm) -> None:
    deal, browser = firm.deal("asha", "Chairs"), firm.browser("asha")
    saved = send(browser, browser.get(f"/deal/{deal.id}/edit"), f"/deal/{deal.id}/edit", name="Mine")
    page = browser.get(saved.headers["location"])
    place = UNDO.findall(page.text)[0]
    firm.office.update(firm.actor("meera"), "deal", deal.id, 2, notes="Called")
    taken = send(browser, page, place)
    assert "Somebody changed it since" in browser.get(taken.headers["location"]).text
    assert name_of(firm, deal.id) == "Mine"


def test_ones_own_last_deed_can_be_taken_back_from_the_record_for_an_hour(firm: Firm) -> None:
    deal, asha = firm.deal("asha", "Chairs"), firm.browser("asha")
    firm.office.update(firm.actor("asha"), "deal", deal.id, 1, name="Slip")
    page = asha.get(f"/deal/{deal.id}?tab=history")
    place = UNDO.findall(page.text)[0]
    assert not UNDO.findall(firm.browser("meera").get(f"/deal/{deal.id}?tab=history").text)
    send(asha, page, place)
    assert name_of(firm, deal.id) == "Chairs"
    assert "took a change back" in asha.get(f"/deal/{deal.id}?tab=history").text
    firm.office.update(firm.actor("asha"), "deal", deal.id, 3, name="Kept")
    firm.office.clock.pass_time(minutes=61)
    assert not UNDO.findall(firm.browser("asha").get(f"/deal/{deal.id}?tab=history").text)


def test_nobody_takes_back_what_another_did_by_its_address(firm: Firm) -> None:
    deal, browser = firm.deal("asha", "Chairs"), firm.browser("asha")
    saved = send(browser, browser.get(f"/deal/{deal.id}/edit"), f"/deal/{deal.id}/edit", name="Mine")
    place = UNDO.findall(browser.get(saved.headers["location"]).text)[0]
    for who in ("ravi", "meera", "dev"):
        assert firm.browser(who).post(place, data={"_version": "2"}).status_code == 404
    assert name_of(firm, deal.id) == "Mine"


# ---- many at once


def begun(firm: Firm, who: str, query: str, **typed: Any) -> Any:
    """Opens the form of a deed and sends it, as a browser without script would; what comes, after the second button where
    something would be left out."""
    browser = firm.browser(who)
    page = browser.get(f"/deal/bulk?{query}")
    assert page.status_code == 200, page.text
    answer = send(browser, page, "/deal/bulk", **typed)
    if answer.status_code == 409:
        answer = send(browser, answer, "/deal/bulk")
    worked(firm)
    return answer


def ticks(*ids: int) -> str:
    return "&".join(f"id={id}" for id in ids)


def test_ticked_deals_get_a_value_and_the_page_tells_how_it_went(firm: Firm) -> None:
    deals = [firm.deal("asha", f"Deal {n}").id for n in range(3)]
    answer = begun(firm, "meera", f"do=edit&{ticks(*deals[:2])}", _set="name", name="Same", notes="never ticked")
    page = firm.browser("meera").get(answer.headers["location"])
    assert [name_of(firm, id) for id in deals] == ["Same", "Same", "Deal 2"]
    assert firm.office.values("deal", deals[0])["notes"] is None
    assert "2 of 2" in page.text and f"/deal/{deals[0]}" in page.text


def test_what_would_be_left_out_is_told_before_anything_is_done(firm: Firm) -> None:
    deals = [firm.deal("asha", f"Deal {n}").id for n in range(3)]
    firm.office.move(firm.actor("asha"), "deal", deals[0], 1, "hold")
    before, browser = firm.office.everything(), firm.browser("meera")
    page = browser.get(f"/deal/bulk?do=move:hold&{ticks(*deals)}")
    assert "1 of 3 will be left out" in page.text
    told = html.unescape(page.text)
    assert "Put on hold starts from New, Follow-up or Proposal, and the stage is On hold." in told
    ignored = ("crm_session", "crm_attempt")
    assert {k: v for k, v in firm.office.everything().items() if k not in ignored} == {
        k: v for k, v in before.items() if k not in ignored
    }


def test_all_that_the_list_finds_is_changed_and_nothing_else(firm: Firm) -> None:
    hot = [firm.deal("asha", f"Hot {n}", is_hot=True).id for n in range(3)]
    cold, theirs = firm.deal("asha", "Cold").id, firm.deal("nils", "Nils", is_hot=True).id
    begun(firm, "meera", "do=assign&all=1&question=is_hot%3Dtrue%26sort%3Dname", owner=str(firm.actor("ravi").user))
    owners = {id: firm.office.values("deal", id)["owner"].id for id in (*hot, cold, theirs)}
    assert {owners[id] for id in hot} == {firm.actor("ravi").user}
    assert (owners[cold], owners[theirs]) == (firm.actor("asha").user, firm.actor("nils").user)


def test_the_bar_asks_for_what_the_list_shows(firm: Firm) -> None:
    firm.deal("asha", "Chairs", is_hot=True)
    page = firm.browser("meera").get("/deal?is_hot=true&sort=name").text
    assert 'name="question" value="is_hot=true"' in page
    assert 'form="bulk" name="id"' in page and "Select Chairs" in page
    assert 'id="bulk"' not in firm.browser("asha").get("/deal").text


def test_tags_go_on_and_off(firm: Firm) -> None:
    deal = firm.deal("asha", tags=["old"]).id
    begun(firm, "meera", f"do=tag:tags&{ticks(deal)}", add="vip, new", remove="old")
    assert firm.office.values("deal", deal)["tags"] == ("vip", "new")


def test_a_bulk_is_taken_back_from_its_page(firm: Firm) -> None:
    deals = [firm.deal("asha", f"Deal {n}").id for n in range(3)]
    answer = begun(firm, "meera", f"do=delete&{ticks(*deals)}")
    browser, place = firm.browser("meera"), answer.headers["location"]
    taken = send(browser, browser.get(place), f"{place}/undo")
    worked(firm)
    assert firm.office.rows("select count(*) from deal where deleted_at is null") == [(3,)]
    assert "3 of 3" in browser.get(taken.headers["location"]).text
    assert "It was taken back" in browser.get(place).text
    assert "/undo" not in browser.get(place).text


def test_records_outside_the_scope_are_left_out_without_a_word_of_theirs(firm: Firm) -> None:
    mine, theirs = firm.deal("asha", "Mine").id, firm.deal("nils", "Secret chairs").id
    answer = begun(firm, "meera", f"do=edit&{ticks(mine, theirs)}", _set="name", name="New")
    page = firm.browser("meera").get(f"{answer.headers['location']}?show=skipped").text
    assert (name_of(firm, mine), name_of(firm, theirs)) == ("New", "Secret chairs")
    assert "not yours to see" in page and "Secret" not in page


def test_without_the_right_there_is_neither_form_nor_deed(firm: Firm) -> None:
    deal, asha = firm.deal("asha", "Mine").id, firm.browser("asha")
    assert asha.get(f"/deal/bulk?do=delete&id={deal}").status_code == 403
    assert asha.post("/deal/bulk", data={"do": "delete", "id": str(deal), "sure": "1"}).status_code == 403
    assert asha.post("/deal/bulk", data={"do": "edit", "id": str(deal), "_set": "name", "name": "X"}).status_code == 403
    assert firm.office.rows("select 1 from crm_bulk") == []


@pytest.mark.parametrize("data", [
    {"do": "edit", "_set": "status", "status": "WON"}, {"do": "edit", "_set": "version", "version": "9"},
    {"do": "edit", "_set": "nothing", "nothing": "x"}, {"do": "move:teleport"}, {"do": "tag:name", "add": "x", "remove": ""},
    {"do": "drop"}, {},
])  # fmt: skip
def test_what_is_not_offered_is_not_done_either(firm: Firm, data: dict[str, str]) -> None:
    deal = firm.deal("asha", "Mine").id
    answer = firm.browser("meera").post("/deal/bulk", data={**data, "id": str(deal), "sure": "1"})
    assert answer.status_code in (400, 422)
    assert firm.office.rows("select 1 from crm_bulk") == []
    assert firm.office.values("deal", deal)["status"] == "NEW"


def test_a_bulk_is_its_askers_alone(firm: Firm) -> None:
    answer = begun(firm, "meera", f"do=delete&{ticks(firm.deal('asha').id)}")
    place = answer.headers["location"]
    for who in ("asha", "dev"):
        browser = firm.browser(who)
        assert [browser.get(place).status_code, browser.get(f"{place}/file").status_code] == [404, 404]
        assert [browser.post(f"{place}/{deed}").status_code for deed in ("stop", "undo")] == [404, 404]
        assert "/bulk/" not in browser.get("/bulk").text


def test_a_form_that_is_sent_twice_begins_one_bulk(firm: Firm) -> None:
    deal, browser = firm.deal("asha", "Mine").id, firm.browser("meera")
    page = browser.get(f"/deal/bulk?do=delete&id={deal}")
    first, second = (send(browser, page, "/deal/bulk").headers["location"] for _ in range(2))
    assert first == second


def test_two_are_merged_on_the_page_for_that(firm: Firm) -> None:
    one, other = firm.deal("asha", "One").id, firm.deal("asha", "Other").id
    answer = firm.browser("meera").get(f"/deal/bulk?do=merge&{ticks(other, one)}")
    assert answer.headers["location"] == f"/deal/{one}/merge/{other}"
    assert firm.browser("meera").get(f"/deal/bulk?do=merge&{ticks(one)}").headers["location"] == "/deal"


# ---- files


def test_ticked_rows_are_a_file_of_their_own(firm: Firm) -> None:
    one, other = firm.deal("asha", "One").id, firm.deal("asha", "=Other")
    browser = firm.browser("meera")
    form = browser.get(f"/deal/bulk?do=export&{ticks(one)}").text
    assert f'value="{one}"' in form
    assert "One" in browser.get(f"/deal/export?id.in={one}&format=csv").text
    assert "Other" not in browser.get(f"/deal/export?id.in={one}&format=csv").text
    items = browser.get("/deal/export?format=json&sort=name").json()
    assert [item["name"] for item in items] == ["=Other", "One"]
    assert browser.get("/deal/export?format=xlsx").content[:2] == b"PK"
    assert browser.get("/deal/export?format=pdf").status_code == 400
    assert other.id


@pytest.fixture
def folder(firm: Firm, tmp_path: Path) -> Path:
    firm.runtime.current.files.folder = tmp_path
    return tmp_path / "exports"


@pytest.fixture
def large(firm: Firm, folder: Path, monkeypatch: Any) -> tuple[Firm, str]:
    """A file that a worker wrote, as three rows are many here; and its address."""
    monkeypatch.setattr(exports, "COUNTED", 3)
    for n in range(4):
        firm.deal("asha", f"Deal {n}")
    place = firm.browser("meera").get("/deal/export?format=csv&sort=name").headers["location"]
    worked(firm)
    return firm, place


def test_a_large_list_is_written_by_a_worker(large: tuple[Firm, str]) -> None:
    firm, place = large
    browser = firm.browser("meera")
    assert f"{place}/file" in browser.get(place).text
    lines = browser.get(f"{place}/file").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 5 and "Deal 0" in lines[1]
    assert browser.get(f"{place}/file").headers["content-disposition"] == 'attachment; filename="deal.csv"'


def test_a_file_is_fetched_by_who_asked_and_still_may_and_for_a_day(large: tuple[Firm, str]) -> None:
    firm, place = large
    assert firm.browser("dev").get(f"{place}/file").status_code == 404
    meera = firm.browser("meera")
    firm.office.update(firm.actor("dev"), "user", firm.actor("meera").user, 1, role="administrator")
    assert meera.get(f"{place}/file").status_code == 403  # another role reads another file
    firm.office.update(firm.actor("dev"), "user", firm.actor("meera").user, 2, role="manager")
    assert meera.get(f"{place}/file").status_code == 200
    firm.office.clock.now += timedelta(days=1, minutes=1)
    assert firm.browser("meera").get(f"{place}/file").status_code == 404


def test_what_is_too_old_is_taken_away(large: tuple[Firm, str], folder: Path) -> None:
    from engine.jobs.exports import sweep

    firm, _ = large
    assert len(list(folder.iterdir())) == 1
    firm.office.clock.now += bulks.KEPT + timedelta(days=1)
    sweep(firm.runtime.current, firm.office.clock())
    assert list(folder.iterdir()) == [] and firm.office.rows("select 1 from crm_bulk") == []


def test_an_export_that_is_stopped_leaves_nothing(firm: Firm, folder: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(exports, "COUNTED", 1)
    firm.deal("asha", "Deal")
    browser = firm.browser("meera")
    place = browser.get("/deal/export").headers["location"]
    browser.post(f"{place}/stop")
    worked(firm)
    assert browser.get(f"{place}/file").status_code == 404
    assert not list(folder.glob("*"))


# ---- cells


def cell(firm: Firm, who: str, id: int, field: str, entity: str = "deal", **typed: Any) -> Any:
    browser, place = firm.browser(who), f"/{entity}/{id}/cell/{field}"
    return send(browser, browser.get(place), place, **typed)


def test_a_cell_is_changed_and_its_row_comes_back_as_the_list_draws_it(firm: Firm) -> None:
    deal = firm.deal("asha", "Chairs").id
    answer = cell(firm, "meera", deal, "name", name="Tables", _list="?columns=name,phone&is_hot=true")
    told = answer.json()
    assert name_of(firm, deal) == "Tables"
    assert told["row"].count("<td") == 3 and "Tables" in told["row"] and 'name="id"' in told["row"]
    assert UNDO.search(told["toast"])


def test_a_cell_with_a_wrong_value_stays_open_with_the_reason(firm: Firm) -> None:
    deal = firm.deal("asha", "Chairs").id
    answer = cell(firm, "asha", deal, "name", name="")
    assert answer.status_code == 422 and "Name is empty." in answer.text
    assert name_of(firm, deal) == "Chairs"


def test_what_somebody_else_wrote_meanwhile_is_told_and_saving_again_is_meant(firm: Firm) -> None:
    deal = firm.deal("asha", "Chairs").id
    browser, place = firm.browser("asha"), f"/deal/{deal}/cell/name"
    page = browser.get(place)
    firm.office.update(firm.actor("meera"), "deal", deal, 1, name="Theirs")
    again = send(browser, page, place, name="Mine")
    assert again.status_code == 409 and "Theirs" in again.text and 'value="Mine"' in again.text
    assert name_of(firm, deal) == "Theirs"
    assert send(browser, again, place, name="Mine").status_code == 200
    assert name_of(firm, deal) == "Mine"


def test_a_cell_that_is_not_to_be_changed_says_why(firm: Firm) -> None:
    deal = firm.deal("asha", "Chairs").id
    fields, asha = ("status", "number", "source", "call_count"), firm.browser("asha")
    told = {field: asha.get(f"/deal/{deal}/cell/{field}").text for field in fields}
    assert "changes by a move" in told["status"] and "given once" in told["number"]
    assert "but not change it" in told["source"] and "worked out" in told["call_count"]
    theirs = firm.office.create(firm.actor("meera"), "account", name="Acme").id
    assert "You may look at this account" in firm.browser("asha").get(f"/account/{theirs}/cell/name").text


def test_a_cell_is_no_way_round_rights_or_moves(firm: Firm) -> None:
    deal, asha = firm.deal("asha", "Chairs").id, firm.browser("asha")
    theirs = firm.office.create(firm.actor("meera"), "account", name="Acme").id
    assert asha.get(f"/deal/{deal}/cell/budget").status_code == asha.get(f"/deal/{deal}/cell/nothing").status_code == 400
    assert asha.get(f"/deal/{firm.deal('ravi').id}/cell/name").status_code == 404
    for place, data, wanted in (
        (f"/deal/{deal}/cell/status", {"status": "WON"}, 422), (f"/deal/{deal}/cell/source", {"source": "Google"}, 422),
        (f"/account/{theirs}/cell/name", {"name": "Mine"}, 403), (f"/deal/{deal}/cell/name", {"budget": "5"}, 200),
    ):  # fmt: skip
        assert asha.post(place, data={"_version": "1", **data}).status_code == wanted, place
    assert firm.office.values("deal", deal)["status"] == "NEW"
    assert firm.office.values("deal", deal)["budget"] is None
    assert firm.office.values("account", theirs)["name"] == "Acme"


def test_a_page_of_rows_is_asked_once_whose_cells_are_closed(firm: Firm) -> None:
    mine = firm.office.create(firm.actor("asha"), "account", name="Mine").id
    theirs = firm.office.create(firm.actor("meera"), "account", name="Theirs").id
    answer = firm.browser("asha").get(f"/account/cells?id={mine}&id={theirs}&id=1&id=x")
    assert answer.json() == {"fixed": ["1", str(theirs)]}
