"""Meera tidies up: cells by keyboard, many leads at once, and taking slips back, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from engine.jobs.bulks import Bulks
from engine.records.commands import Update
from tests.journeys.desk import PHONE, Desk, open_desk

pytestmark = pytest.mark.browser

NAMES = ("Priya", "Rahul", "Fatima", "Vikram", "Ananya", "Suresh")
TAGS = "['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']"
BULK = re.compile(r"/bulk/\d+$")


@pytest.fixture(scope="module")
def desk(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk("rsoft", tmp_path_factory.mktemp("many"), browser) as opened:
        opened.hire_callers()
        for n, name in enumerate(NAMES):
            values = {"first_name": name, "phone": f"98200{10342 + n * 791:05}", "source": "Google", "medium": "Online"}
            opened.make("lead", "asha", **values)
        yield opened


def worked(desk: Desk) -> None:
    step = Bulks(desk.runtime.current)
    while step.run(datetime.now(UTC)):
        pass


def leads(desk: Desk, column: str) -> list[Any]:
    with desk.runtime.current.database.reading() as connection:
        return [value for (value,) in connection.run(f"select {column} from lead where deleted_at is null order by id")]


def is_clean(page: Any, axe: str) -> None:
    page.evaluate(axe)
    found = page.evaluate(f"axe.run({{runOnly: {TAGS}}})")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []


def listed(desk: Desk, who: str = "meera", **more: Any) -> Any:
    page = desk.page(who, **more)
    page.set_default_timeout(20_000)
    page.goto("/lead?view=everything&sort=first_name")
    page.wait_for_load_state("load")
    return page


def row(page: Any, name: str) -> Any:
    return page.locator("tbody tr", has_text=name)


def cell(page: Any, name: str, column: str) -> Any:
    heads = page.locator("thead th").all()
    place = next(n for n, head in enumerate(heads) if head.get_attribute("data-column") == column)
    return row(page, name).locator("td").nth(place)


def test_meera_changes_cells_without_leaving_the_list(desk: Desk, axe: str) -> None:
    page = listed(desk)
    assert page.locator("table[data-rows]").get_attribute("role") is None
    cell(page, "Ananya", "source").dblclick()
    editor = page.locator(".cell-editor form")
    editor.locator("select").select_option("Website")
    is_clean(page, axe)
    desk.shoot(page, "cell")
    page.keyboard.press("Enter")
    page.locator(".toast", has_text="Saved.").hover()  # it stays under the pointer
    expect(cell(page, "Ananya", "source")).to_have_text("Website")
    expect(page.locator("table[data-rows]")).to_have_attribute("role", "grid")
    is_clean(page, axe)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("F2")
    editor.locator("select").wait_for()
    page.keyboard.press("Tab")  # nothing was changed: on to the next cell
    page.locator(".cell-editor select[name=medium]").wait_for()
    page.keyboard.press("Escape")
    expect(page.locator(".cell-editor")).to_have_count(0)
    page.keyboard.press("Escape")
    assert page.locator("table[data-rows]").get_attribute("role") is None
    assert leads(desk, "source").count("Website") == 1
    page.locator(".toast").get_by_role("button", name="Undo").click()
    page.locator(".toast", has_text="Taken back.").wait_for()
    assert leads(desk, "source").count("Website") == 0
    assert not desk.faults


def test_a_wrong_value_and_a_quicker_colleague_are_told_at_the_cell(desk: Desk) -> None:
    page = listed(desk)
    cell(page, "Fatima", "source").dblclick()
    page.locator(".cell-editor select").select_option("Hoarding")
    crm, meera = desk.runtime.current, desk.people["meera"]
    with crm.database.reading() as connection:
        (id, version), *_ = connection.run("select id, version from lead where first_name = 'Fatima'")
    crm.writes.do(meera, Update("lead", id, version, {"source": "Referral"}))
    page.keyboard.press("Enter")
    told = page.locator(".cell-theirs")
    told.wait_for()
    expect(told).to_contain_text("Referral")
    desk.shoot(page, "cell-conflict")
    page.locator(".cell-editor").get_by_role("button", name="Save").click()
    page.locator(".toast", has_text="Saved.").wait_for()
    assert "Hoarding" in leads(desk, "source")


def test_a_cell_that_is_closed_says_why(desk: Desk) -> None:
    page = listed(desk)
    row(page, "Priya").locator(".cell-title a").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("F2")
    page.locator(".cell-why").wait_for()
    expect(page.locator(".cell-why")).to_contain_text("given once")
    page.keyboard.press("Escape")
    page.keyboard.press("Space")
    expect(row(page, "Priya").locator(".check")).to_be_checked()
    assert not desk.faults


def test_meera_gives_all_of_them_to_ravi_and_takes_it_back(desk: Desk, axe: str) -> None:
    page = listed(desk)
    row(page, "Priya").locator(".check").check()
    desk.shoot(page, "bulk-bar")
    is_clean(page, axe)
    page.locator(".bulk").get_by_label("of this list").check()
    page.locator(".bulk").get_by_role("button", name="Assign").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("combobox", name="Owner").fill("Ravi")
    dialog.get_by_role("option", name="Ravi Kumar").click()
    desk.shoot(page, "bulk-assign")
    is_clean(page, axe)
    dialog.get_by_role("button", name="Give them").click()
    page.wait_for_url(BULK)
    worked(desk)
    page.get_by_role("button", name="Take it all back").wait_for()  # the page follows by itself
    expect(page.locator(".bulk-state")).to_contain_text("6 of 6")
    desk.shoot(page, "bulk-done")
    is_clean(page, axe)
    assert set(leads(desk, "owner")) == {desk.people["ravi"].user}
    before = page.url
    page.get_by_role("button", name="Take it all back").click()
    page.wait_for_url(lambda url: url != before)
    worked(desk)
    page.get_by_role("link", name="To the list").wait_for()
    assert set(leads(desk, "owner")) == {desk.people["asha"].user}
    assert not desk.faults


def test_what_cannot_be_moved_is_told_before(desk: Desk) -> None:
    page = listed(desk)
    page.locator("[data-tick-all]").check()
    page.locator(".bulk").get_by_role("button", name="Move").click()
    page.locator("#bulk-moves button").last.click()
    dialog = page.locator("dialog[open]")
    dialog.locator(".form-actions").wait_for()
    if dialog.locator(".notice").count() == 0:
        dialog.locator(".form-actions button").first.click()
    dialog.locator(".notice.is-warn").wait_for()
    desk.shoot(page, "bulk-told")
    told = dialog.locator(".notice").inner_text()
    assert "can be changed like this" in told or "left out" in told


def test_a_slip_is_taken_back_by_its_toast(desk: Desk) -> None:
    page = listed(desk, "asha")
    row(page, "Suresh").locator(".cell-title a").click()
    page.wait_for_url(re.compile(r"/lead/\d+"))
    page.get_by_role("link", name="Edit").first.click()
    page.get_by_label("First name").first.fill("Slip")
    page.get_by_role("button", name="Save").first.click()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    page.locator(".toast", has_text="Taken back.").wait_for()
    assert "Suresh" in leads(desk, "first_name")
    assert not desk.faults


def test_without_script_the_same_is_done_by_forms(desk: Desk, browser: Any) -> None:
    context = browser.new_context(base_url=desk.address, java_script_enabled=False)
    page = context.new_page()
    desk.sign_in(page, "meera")
    page.goto("/lead?view=everything")
    row(page, "Rahul").locator(".check").check()
    page.locator(".bulk").get_by_role("button", name="Edit").click()
    page.locator(".bulk-field", has_text="Company").get_by_role("checkbox").check()
    page.locator("[name=company]").fill("Acme")
    page.get_by_role("button", name="Change them").click()
    page.wait_for_url(BULK)
    worked(desk)
    page.get_by_role("link", name="Look again").click()
    expect(page.locator(".bulk-state")).to_contain_text("1 of 1")
    assert leads(desk, "company").count("Acme") == 1
    context.close()


def test_on_a_telephone_the_bar_is_at_hand(desk: Desk, axe: str) -> None:
    page = listed(desk, viewport=PHONE)
    row(page, "Priya").locator(".check").check()
    bar = page.locator(".bulk").bounding_box()
    assert bar["y"] > 500 and bar["y"] + bar["height"] <= 844
    desk.shoot(page, "bulk-phone")
    is_clean(page, axe)
