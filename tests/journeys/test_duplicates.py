"""Somebody asks again: RSoft's callers are told while they type, merge two leads into one, and take it back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.desk import PHONE, Desk, open_desk

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk("rsoft", tmp_path_factory.mktemp("again"), browser) as opened:
        opened.hire_callers()
        yield opened


def test_asha_is_told_while_she_types_and_merges_the_two(desk: Desk, axe: str) -> None:
    old = desk.make("lead", "asha", first_name="Priya", last_name="Deshmukh", phone="98200 11342", city="Pune")
    desk.make("call", "asha", subject="First call", about=f"lead/{old.id}", direction="Outgoing", outcome="RNR")
    page = desk.page("asha")
    page.goto("/lead/new")
    page.get_by_label("First name").fill("Priya")
    page.get_by_label("E-mail").fill("priya@example.org")
    page.get_by_label("Mobile").fill("+91 98200-11342")
    page.get_by_label("City").focus()
    told = page.locator("[data-known-place]")
    told.get_by_text("this mobile belongs to").wait_for()
    expect(told.get_by_role("link", name="Priya Deshmukh")).to_have_attribute("href", f"/lead/{old.id}")
    desk.shoot(page, "known")
    page.get_by_role("button", name="Save").first.click()
    page.get_by_text("maybe the same as lead").wait_for()
    expect(page.locator(".facts").get_by_text("Duplicate", exact=True)).to_be_visible()
    page.get_by_role("link", name="Merge").click()
    merged = page.locator("[data-merged=city]")
    expect(merged).to_have_text("Pune")
    assert is_fit(page, axe)
    page.locator("input[name='choose.city'][value=other]").check()
    expect(merged).to_have_text("–")
    page.locator("input[name='choose.city'][value=this]").check()
    desk.shoot(page, "merge")
    page.get_by_role("button", name="Merge").click()
    page.wait_for_url(f"**/lead/{old.id}")
    expect(page.get_by_role("link", name="priya@example.org").first).to_be_visible()
    page.get_by_role("button", name="Take it back").click()
    page.get_by_role("heading", name="The merge is taken back").wait_for()
    expect(page.get_by_text("is there again.")).to_be_visible()
    page.goto("/duplicates")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert not desk.faults


def test_ravi_learns_only_that_the_person_is_there(desk: Desk) -> None:
    desk.make("lead", "asha", first_name="Fatima", last_name="Sheikh", phone="98200 77777")
    page = desk.page("ravi", PHONE, "dark")
    page.goto("/lead/new")
    page.get_by_label("Mobile").fill("98200 77777")
    page.get_by_label("City").focus()
    told = page.locator("[data-known-place]")
    told.get_by_text("that you do not see").wait_for()
    assert "Fatima" not in page.content()
    expect(told).to_contain_text("Sales manager")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    desk.shoot(page, "known-hidden")
    assert not desk.faults


def test_a_check_is_told_at_its_field_while_one_types(desk: Desk) -> None:
    lead = desk.make("lead", "asha", first_name="Vikram", phone="98200 55555")
    page = desk.page("asha")
    page.goto(f"/quotation/new?lead={lead.id}")
    page.get_by_label("Valid until").fill("2020-01-01")
    page.get_by_label("Subject").focus()
    field = page.locator(".field", has=page.get_by_label("Valid until"))
    field.get_by_text("A quotation cannot end in the past.").wait_for()
    page.get_by_label("Valid until").fill("2099-01-01")
    page.get_by_label("Subject").focus()
    page.get_by_text("A quotation cannot end in the past.").wait_for(state="detached")
    assert not desk.faults


def test_without_a_script_one_is_told_when_one_saves(desk: Desk) -> None:
    desk.make("lead", "asha", first_name="Neha", phone="98200 66666")
    context = desk.browser.new_context(base_url=desk.address, java_script_enabled=False)
    page = context.new_page()
    desk.sign_in(page, "asha")
    page.goto("/lead/new")
    page.get_by_label("First name").fill("Neha again")
    page.get_by_label("Mobile").fill("98200 66666")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("this mobile belongs to").wait_for()
    page.get_by_role("button", name="Save anyway").click()
    page.get_by_text("maybe the same as lead").wait_for()
    context.close()


def is_fit(page: Any, axe: str) -> bool:
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => v.id))")
    assert not found, found
    return True
