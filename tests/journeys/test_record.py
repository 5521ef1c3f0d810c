"""Two people at one record in a real browser: writing down, seeing each other, one after another of a list, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.journeys.desk import PHONE, Desk, held, in_hours, listens, open_desk, wait_for_hold

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk("rsoft", tmp_path_factory.mktemp("record"), browser) as opened:
        opened.hire_callers()
        yield opened


def lead(desk: Desk, name: str, **more: Any) -> Any:
    values = {"first_name": name, "last_name": "Deshmukh", "phone": "9820010342", "source": "Google", **more}
    return desk.make("lead", "asha", **values)


def timeline(page: Any) -> Any:
    return page.locator("#timeline")


def test_asha_writes_a_note_and_meera_sees_it_come(desk: Desk) -> None:
    made = lead(desk, "Priya")
    asha, meera = desk.page("asha"), desk.page("meera")
    asha.goto(f"/lead/{made.id}")
    meera.goto(f"/lead/{made.id}")
    meera.get_by_text("Asha Nair is here too").wait_for()
    asha.get_by_text("Meera Kulkarni is here too").wait_for()
    asha.keyboard.press("n")
    asha.keyboard.type("Speaks only Hindi")
    asha.keyboard.press("Control+Enter")
    timeline(asha).get_by_text("Speaks only Hindi").wait_for()
    expect(asha.get_by_placeholder("Write a note")).to_have_value("")
    timeline(meera).get_by_text("Speaks only Hindi").wait_for(timeout=12000)
    expect(meera.locator(".is-new").get_by_text("Speaks only Hindi")).to_have_count(1)
    desk.shoot(meera, "record-live")
    assert not desk.faults


def test_what_was_done_is_told_whatever_else_the_page_asks_for_meanwhile(desk: Desk) -> None:
    made = lead(desk, "Zoya")
    asha = desk.page("asha")
    asha.goto(f"/lead/{made.id}")
    parts = held(asha, re.compile(rf"/lead/{made.id}$"), is_part)
    asha.keyboard.press("n")
    asha.keyboard.type("Rings back")
    asha.keyboard.press("Control+Enter")
    wait_for_hold(asha, parts)
    desk.page("meera").goto(f"/lead/{made.id}")
    asha.get_by_text("Meera Kulkarni is here too").wait_for()
    asha.locator(".toast").wait_for()
    for route in parts:
        route.continue_()
    timeline(asha).get_by_text("Rings back").wait_for()
    assert not desk.faults


def test_a_page_that_is_about_to_be_left_leaves_what_was_done_to_the_page_that_comes(desk: Desk) -> None:
    made = lead(desk, "Yusuf")
    asha = desk.page("asha")
    asha.goto(f"/lead/{made.id}/edit")
    pages = held(asha, re.compile(rf"/lead/{made.id}$"))
    asha.get_by_label("City", exact=True).fill("Surat")
    asha.get_by_role("button", name="Save").first.click()
    wait_for_hold(asha, pages)  # it is saved, and the page that shows it is slow to come
    with asha.expect_response(f"**/lead/{made.id}/presence"):
        desk.page("meera").goto(f"/lead/{made.id}")
    pages[0].continue_()
    asha.locator(".toast").get_by_role("button", name="Undo").click()
    asha.locator(".toast", has_text="Taken back.").wait_for()
    assert not desk.faults


def is_part(route: Route) -> bool:
    return "x-part" in route.request.headers


def test_a_call_is_logged_with_keys_alone_and_stands_in_the_timeline_at_once(desk: Desk) -> None:
    made = lead(desk, "Rahul")
    page = desk.page("asha")
    page.goto(f"/lead/{made.id}")
    page.keyboard.press("l")
    page.locator("dialog [data-digit]").first.wait_for()
    page.keyboard.press("2")  # RNR
    page.locator("dialog").get_by_text("next", exact=False).first.wait_for()
    page.keyboard.press("Escape")
    timeline(page).get_by_text("RNR").first.wait_for()
    assert not desk.faults


def test_a_task_is_planned_without_leaving_the_page(desk: Desk) -> None:
    made = lead(desk, "Imran")
    page = desk.page("asha")
    page.goto(f"/lead/{made.id}")
    page.keyboard.press("t")
    form = page.locator("[data-compose-place] form")
    form.wait_for()
    page.keyboard.press("Control+Enter")  # without saying what
    form.get_by_text("Subject is empty.").first.wait_for()
    form.get_by_label("Subject").fill("Ring back")
    page.keyboard.press("Control+Enter")
    page.locator("#ahead").get_by_text("Ring back").wait_for()
    expect(form).to_have_count(0)
    page.keyboard.press("t")
    form.wait_for()
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    assert not desk.faults


def test_what_comes_next_is_done_and_put_off_in_place(desk: Desk) -> None:
    made = lead(desk, "Fatima")
    for subject, hours in (("Ring back", 1), ("Send the brochure", 5)):
        desk.make("task", "asha", subject=subject, about=f"lead/{made.id}", due_at=in_hours(hours))
    page = desk.page("asha")
    page.goto(f"/lead/{made.id}")
    ahead = page.locator("#ahead")
    ahead.get_by_role("button", name="Put off: Send the brochure").click()
    page.get_by_role("button", name="In a week").click()
    page.get_by_text("Put off to").wait_for()
    ahead.get_by_role("button", name="Done: Ring back").click()
    timeline(page).get_by_text("Ring back").wait_for()
    expect(ahead.get_by_text("Ring back")).to_have_count(0)
    assert page.url.endswith(str(made.id))
    assert not desk.faults


def test_records_are_looked_at_one_after_another_beside_the_list(desk: Desk) -> None:
    for name in ("Aarti", "Bela", "Chand"):
        lead(desk, name, city="Thane")
    page = desk.page("asha")
    page.goto("/lead?city=Thane&sort=first_name")
    page.keyboard.press("j")
    page.keyboard.press("p")
    panel = page.locator(".peek")
    panel.get_by_role("link", name="Aarti").wait_for()
    page.keyboard.press("j")
    panel.get_by_role("link", name="Bela").wait_for()
    desk.shoot(page, "peek")
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/lead/\d+"))
    expect(page.locator("h1")).to_contain_text("Bela")
    page.keyboard.press("]")
    page.locator("h1").get_by_text("Chand").wait_for()
    page.keyboard.press("[")
    page.locator("h1").get_by_text("Bela").wait_for()
    page.get_by_role("navigation", name="Path").get_by_role("link", name="Leads").click()
    page.wait_for_url("**/lead?city=Thane&sort=first_name")
    assert not desk.faults


def test_a_lead_that_comes_in_appears_in_an_open_list(desk: Desk) -> None:
    lead(desk, "Vikram", city="Nashik")
    page = desk.page("asha")
    page.goto("/lead?city=Nashik")
    page.locator("tbody tr").first.wait_for()
    listens(page)
    lead(desk, "Zubin", city="Nashik")
    page.locator("tbody tr.is-new").get_by_text("Zubin").wait_for(timeout=12000)
    expect(page.locator("tbody tr")).to_have_count(2)
    assert not desk.faults


def test_two_change_one_lead_and_choose_field_by_field(desk: Desk) -> None:
    made = lead(desk, "Kavita", city="Pune")
    asha, meera = desk.page("asha"), desk.page("meera")
    for page in (asha, meera):
        page.goto(f"/lead/{made.id}/edit")
    meera.get_by_label("City", exact=True).fill("Mumbai")
    meera.get_by_role("button", name="Save").first.click()
    meera.wait_for_url(f"**/lead/{made.id}")
    asha.get_by_label("City", exact=True).fill("Nagpur")
    asha.get_by_label("Company", exact=True).fill("Steel works")
    asha.get_by_role("button", name="Save").first.click()
    asha.get_by_role("heading", name="Somebody else changed it too").wait_for()
    expect(asha.locator("main")).to_contain_text("Meera Kulkarni changed it")
    desk.shoot(asha, "conflict")
    asha.get_by_label("Theirs: Mumbai").check()
    asha.get_by_role("button", name="Save my choice").click()
    asha.wait_for_url(f"**/lead/{made.id}")
    facts = asha.locator("#facts").inner_text()
    assert "Mumbai" in facts
    assert "Steel works" in facts
    assert not desk.faults


@pytest.mark.parametrize("tail", ["", "/peek", "/why", "/log/call", "?tab=quotations", "?show=call"])
def test_axe_finds_nothing_at_a_record(desk: Desk, axe: str, tail: str) -> None:
    made = lead(desk, "Neha")
    desk.make("note", "asha", subject="Wish", text="Wants a demo\n" * 12, about=f"lead/{made.id}")
    desk.make("task", "asha", subject="Ring back", about=f"lead/{made.id}", due_at=in_hours(-3))
    for viewport, scheme in ((None, "light"), (PHONE, "dark")):
        page = desk.page("asha", **({"viewport": viewport} if viewport else {}), scheme=scheme)
        page.goto(f"/lead/{made.id}{tail}")
        page.evaluate(axe)
        told = "axe.run().then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))"
        assert page.evaluate(told) == []
        page.context.close()


def test_on_a_telephone_one_part_is_seen_at_a_time(desk: Desk) -> None:
    made = lead(desk, "Suresh", city="Pune")
    page = desk.page("asha", viewport=PHONE)
    page.goto(f"/lead/{made.id}")
    expect(page.get_by_placeholder("Write a note")).to_be_visible()
    expect(page.locator("#facts")).to_be_hidden()
    page.get_by_role("radio", name="Facts").check()
    expect(page.locator("#facts").get_by_text("Pune")).to_be_visible()
    expect(page.get_by_placeholder("Write a note")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    desk.shoot(page, "record-phone")
