"""Forms in a real browser: nothing typed is lost, nothing is saved twice, and what a form needs is made where one stands."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.firm import PASSWORD
from tests.journeys.desk import PHONE, Desk, is_drafted, open_desk

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk("raalink", tmp_path_factory.mktemp("forms"), browser) as opened:
        opened.hire("Dev Menon", "administrator")
        priya = opened.hire("Priya Nambiar", "manager")
        opened.hire("Asha Varma", "seller", manager=str(priya.user))
        opened.make("account", "asha", name="Rao Textiles")
        yield opened


def opportunities(desk: Desk, name: str) -> int:
    asha, reads = desk.people["asha"], desk.runtime.current.reads
    return len([ref for ref in reads.pick(asha, "opportunity", limit=100) if ref.title == name])


def type_one(page: Any, name: str) -> None:
    page.goto("/opportunity/new")
    page.get_by_label("Name", exact=False).first.fill(name)
    page.get_by_label("Description").fill("They want it before spring.")


def test_a_network_that_dies_in_the_middle_of_a_save_loses_and_doubles_nothing(desk: Desk) -> None:
    page = desk.page("asha")
    type_one(page, "Dead network")
    arrived: list[str] = []

    def arrive_and_die(route: Any) -> None:
        """The server gets the form and saves it; its answer never comes back."""
        answer = route.fetch(max_redirects=0)
        arrived.append(answer.headers["location"])
        route.abort("connectionreset")

    posts = lambda route: arrive_and_die(route) if route.request.method == "POST" else route.continue_()  # noqa: E731
    page.route("**/opportunity/new", posts)
    page.get_by_role("button", name="Save").first.click()
    told = page.locator(".unsent")
    expect(told).to_contain_text("Not sent")
    assert page.evaluate("document.activeElement.textContent") == "Send again"
    desk.shoot(page, "unsent")
    assert arrived
    assert opportunities(desk, "Dead network") == 1
    page.unroute("**/opportunity/new")
    told.get_by_role("button", name="Send again").click()
    page.wait_for_url(re.compile(r"/opportunity/\d+$"))
    assert opportunities(desk, "Dead network") == 1
    assert page.evaluate("Object.keys(localStorage).filter(n => n.startsWith('draft:')).length") == 0
    desk.faults[:] = [fault for fault in desk.faults if "ERR_CONNECTION_RESET" not in fault]
    assert not desk.faults


def test_what_is_typed_survives_a_reload_and_can_be_thrown_away(desk: Desk) -> None:
    page = desk.page("asha")
    page.on("dialog", lambda asked: asked.accept())
    type_one(page, "Reloaded")
    is_drafted(page, "before spring")
    page.reload()
    expect(page.get_by_label("Name", exact=False).first).to_have_value("Reloaded")
    expect(page.get_by_label("Description")).to_have_value("They want it before spring.")
    assert re.match(r"Draft restored from \d", page.locator(".draft-note").inner_text())
    desk.shoot(page, "draft")
    page.get_by_role("button", name="Discard").click()
    page.wait_for_selector(".draft-note", state="detached")
    expect(page.get_by_label("Name", exact=False).first).to_have_value("")


def test_a_session_that_ended_keeps_the_form_until_one_is_back(desk: Desk) -> None:
    page = desk.page("asha")
    page.on("dialog", lambda asked: asked.accept())
    type_one(page, "Session over")
    page.context.clear_cookies(name=re.compile("crm"))
    page.get_by_role("button", name="Save").first.click()
    told = page.locator(".unsent")
    expect(told).to_contain_text("signed out")
    told.get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail").fill("asha@firm.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/opportunity/new")
    expect(page.get_by_label("Name", exact=False).first).to_have_value("Session over")
    page.get_by_role("button", name="Save").first.click()
    page.wait_for_url(re.compile(r"/opportunity/\d+$"))
    assert opportunities(desk, "Session over") == 1


def test_signing_out_leaves_nothing_typed_behind_and_nobody_elses_draft_is_seen(desk: Desk) -> None:
    page = desk.page("asha")
    page.on("dialog", lambda asked: asked.accept())
    type_one(page, "Left open")
    is_drafted(page, "before spring")
    page.goto("/account")
    assert page.evaluate("Object.keys(localStorage).filter(n => n.startsWith('draft:')).length") == 1
    page.context.clear_cookies(name=re.compile("crm"))
    desk.sign_in(page, "priya")
    page.goto("/opportunity/new")
    expect(page.get_by_label("Name", exact=False).first).to_have_value("")
    page.evaluate("document.querySelector('form[action=\"/logout\"]').requestSubmit()")
    page.wait_for_url("**/login**")
    assert page.evaluate("Object.keys(localStorage).filter(n => n.startsWith('draft:')).length") == 0


def test_an_account_that_is_not_there_is_made_from_the_picker(desk: Desk) -> None:
    page = desk.page("asha")
    page.goto("/opportunity/new")
    page.get_by_label("Name", exact=False).first.fill("With a new account")
    picker = page.get_by_role("combobox", name="Account")
    picker.click()
    picker.fill("Sunrise Mills")
    page.get_by_role("option", name="New account “Sunrise Mills”").click()
    dialog = page.locator("dialog[open]")
    expect(dialog.get_by_label("Name", exact=False).first).to_have_value("Sunrise Mills")
    desk.shoot(page, "made-in-place")
    dialog.get_by_role("button", name="Save").first.click()
    dialog.wait_for(state="detached")
    expect(picker).to_have_value("Sunrise Mills")
    page.get_by_role("button", name="Save").first.click()
    page.wait_for_url(re.compile(r"/opportunity/\d+$"))
    expect(page.get_by_role("link", name="Sunrise Mills").first).to_be_visible()


def test_the_hands_go_to_the_first_field_that_is_wrong_and_another_can_be_added_at_once(desk: Desk) -> None:
    page = desk.page("asha")
    page.goto("/opportunity/new")
    page.get_by_role("button", name="Save", exact=False).first.click()
    page.wait_for_selector(".error-summary")
    assert page.evaluate("document.activeElement.id") == "f-name"
    page.keyboard.type("First of two")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Save and add another").click()
    page.wait_for_selector(".toast:has-text('added')")
    assert page.url.endswith("/opportunity/new")
    expect(page.get_by_label("Name", exact=False).first).to_have_value("")
    page.get_by_label("Name", exact=False).first.fill("Second of two")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/opportunity/\d+$"))
    assert opportunities(desk, "First of two") == opportunities(desk, "Second of two") == 1


def test_a_file_that_is_too_large_is_told_before_it_is_sent(desk: Desk, tmp_path: Any) -> None:
    page = desk.page("asha")
    page.goto("/email/new")
    small, large = tmp_path / "offer.txt", tmp_path / "film.bin"
    small.write_text("An offer.")
    large.write_bytes(b"\0" * 26_000_000)
    chooser = page.locator("input[type=file]").first
    chooser.set_input_files(str(large))
    expect(page.locator(".files").first).to_contain_text("At most 25 MB")
    assert chooser.evaluate("input => input.files.length") == 0
    chooser.set_input_files(str(small))
    expect(page.locator(".files").first).to_contain_text("9 byte")
    page.get_by_role("button", name="Remove offer.txt").click()
    assert chooser.evaluate("input => input.files.length") == 0


def test_a_visit_is_noted_on_a_telephone_in_under_twenty_seconds(desk: Desk) -> None:
    """The thumbs are counted at a second a touch and three keys a second, the machine by the clock."""
    page = desk.page("asha", PHONE)
    sale = desk.make("opportunity", "asha", name="Wi-Fi for the mill", kind="New sale")
    page.goto(f"/opportunity/{sale.id}")
    begun, touches, keys = time.monotonic(), 0, 0
    page.get_by_role("button", name="Add", exact=True).tap()
    page.locator("#add").get_by_role("link", name="Other interaction").tap()
    dialog = page.locator("dialog[open]")
    for label, text in (("Subject", "Visit"), ("Remarks", "Wants a demo")):
        dialog.get_by_label(label).fill(text)
        touches, keys = touches + 1, keys + len(text)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    desk.shoot(page, "visit-phone")
    save = dialog.get_by_role("button", name="Save").first
    box = save.bounding_box()
    assert box["y"] + box["height"] <= 844  # at hand, without a scroll
    assert box["height"] >= 44
    save.tap()
    touches += 3
    page.wait_for_selector(".toast")
    assert touches + keys / 3 + time.monotonic() - begun < 20


def test_without_a_network_a_telephone_says_so_and_shows_what_was_typed(desk: Desk) -> None:
    page = desk.page("asha", PHONE)
    page.on("dialog", lambda asked: asked.accept())
    page.goto("/opportunity/new")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    assert page.evaluate("navigator.serviceWorker.controller !== null")
    page.get_by_label("Name", exact=False).first.fill("In a tunnel")
    is_drafted(page, "In a tunnel")
    page.context.set_offline(True)
    page.goto("/opportunity")
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    expect(page.get_by_role("link", name="New opportunity")).to_be_visible()
    desk.shoot(page, "offline-phone")
    assert "Leased" not in page.content()
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Opportunities", level=1)).to_be_visible()  # the page comes by itself
    page.goto("/opportunity/new")
    expect(page.get_by_label("Name", exact=False).first).to_have_value("In a tunnel")
    page.get_by_role("button", name="Save", exact=False).first.tap()
    page.wait_for_selector(".toast:has-text('added')")  # the sentence that a redirect brings comes through the worker
    assert opportunities(desk, "In a tunnel") == 1
