"""A caller's morning in a real browser, with the keyboard alone: five calls that went differently, and their next steps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.desk import PHONE, Desk, in_hours, on_day, open_desk

pytestmark = pytest.mark.browser

OUTCOMES = ("RNR", "NUMBER BUSY", "CALL BACK", "Answered", "RNR")


@pytest.fixture(scope="module")
def desk(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk("rsoft", tmp_path_factory.mktemp("today"), browser) as opened:
        opened.hire_callers()
        for n, name in enumerate(("Priya", "Rahul", "Fatima", "Vikram", "Ananya")):
            opened.make("lead", "asha", **lead(name, n, in_hours(n - 30)))
        opened.make("lead", "asha", **lead("Suresh", 7, None))
        opened.make("lead", "asha", **lead("<b>Neha</b>", 8, on_day(1)))
        opened.make("lead", "omar", **lead("Laila", 9, in_hours(-2)))
        yield opened


def lead(name: str, n: int, follow_up_at: str | None) -> dict[str, Any]:
    return {
        "first_name": name, "last_name": "Sharma", "phone": f"98200{10342 + n * 791:05}", "source": "Google",
        "email": f"lead{n}@example.org", "follow_up_at": follow_up_at,
    }  # fmt: skip


class Keyboard:
    """Counts what is pressed."""

    def __init__(self, page: Any) -> None:
        self.page, self.pressed = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1


def test_ashas_morning_is_five_calls_and_sixteen_keys(desk: Desk) -> None:
    page = desk.page("asha")
    page.goto("/")
    page.wait_for_url("**/today")
    assert rows(page, "overdue") == ["Priya", "Rahul", "Fatima", "Vikram", "Ananya"]
    assert (rows(page, "tomorrow"), rows(page, "none")) == (["<b>Neha</b>"], ["Suresh"])
    desk.shoot(page, "today")
    keys = Keyboard(page)
    keys.press("j")
    nobody_answers(page, keys, "2")  # RNR
    nobody_answers(page, keys, "4")  # NUMBER BUSY
    calls_back(page, keys)
    answers(page, keys)
    nobody_answers(page, keys, "2")
    assert keys.pressed == 16  # one to stand on the first, three for each call
    page.wait_for_function("() => !document.querySelector('#overdue')")
    desk.shoot(page, "today-done")
    what_was_kept(desk)
    assert not desk.faults


def nobody_answers(page: Any, keys: Keyboard, digit: str) -> None:
    left = page.locator("#overdue tbody tr").count()
    keys.press("l")
    page.get_by_text("How did the call go?").wait_for()
    keys.press(digit)
    page.get_by_role("heading", name="What next?").wait_for()
    keys.press("Enter")
    gone(page, left)


def calls_back(page: Any, keys: Keyboard) -> None:
    left = page.locator("#overdue tbody tr").count()
    keys.press("l")
    page.get_by_text("How did the call go?").wait_for()
    keys.press("3")
    page.locator("dialog").get_by_text("Call back at").wait_for()
    keys.press("1")
    gone(page, left)


def answers(page: Any, keys: Keyboard) -> None:
    left = page.locator("#overdue tbody tr").count()
    keys.press("l")
    page.get_by_text("How did the call go?").wait_for()
    keys.press("1")
    page.get_by_role("heading", name="What next?").wait_for()
    expect(page.get_by_label("Call attended")).to_be_checked()
    keys.press("Enter")
    gone(page, left)


def gone(page: Any, before: int) -> None:
    """The line has left the day, and the next one stands in its place."""
    page.wait_for_function(
        "before => document.querySelectorAll('#overdue tbody tr').length === before - 1"
        " && !document.querySelector('dialog[open]')",
        arg=before,
    )
    if before > 1:
        page.locator("tr.is-at").wait_for()


def rows(page: Any, part: str) -> list[str]:
    return [name.removesuffix(" Sharma") for name in page.locator(f"#{part} .cell-title a bdi").all_inner_texts()]


def what_was_kept(desk: Desk) -> None:
    reads, asha = desk.runtime.current.reads, desk.people["asha"]
    calls = [reads.item(asha, "call", ref.id) for ref in reversed(reads.pick(asha, "call", limit=50))]
    assert tuple(call["outcome"] for call in calls) == OUTCOMES
    assert [call["subject"] for call in calls[:2]] == ["Call: Priya Sharma", "Call: Rahul Sharma"]
    leads = {row["first_name"]: row for ref in reads.pick(asha, "lead") for row in [reads.item(asha, "lead", ref.id)]}
    assert leads["Vikram"]["status"] == "FOLLOW-UP"
    assert all(leads[name]["status"] == "NOT ATTEMPTED" for name in ("Priya", "Rahul", "Fatima", "Ananya"))
    assert all(leads[name]["follow_up_at"] > in_hours(0)[:16] for name in ("Priya", "Rahul", "Fatima", "Vikram", "Ananya"))
    assert leads["Fatima"]["follow_up_at"] == calls[2]["call_back_at"]


def test_one_call_after_another_with_what_to_say(desk: Desk) -> None:
    desk.make("lead", "ravi", **lead("Kavita", 12, None))
    page = desk.page("ravi")
    page.goto("/")
    page.wait_for_url("**/today")
    page.keyboard.press("s")
    page.wait_for_url("**/today/calling/lead/*")
    assert page.locator("h1").inner_text().startswith("Kavita Sharma")
    expect(page.locator(".calling-script")).to_contain_text("This is Ravi Kumar from RSoft.")
    desk.shoot(page, "calling")
    page.keyboard.press("1")
    page.get_by_role("heading", name="What next?").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/today")
    page.get_by_text("Nothing is left to call").wait_for()
    assert not desk.faults


def test_a_slip_is_forgiven_in_the_palette_and_the_record_opens(desk: Desk) -> None:
    page = desk.page("asha")
    page.goto("/")
    page.wait_for_url("**/today")
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Find or do anything")
    box.wait_for()
    page.keyboard.type("pryia")
    found = page.get_by_role("option", name="Priya Sharma", exact=True)
    found.wait_for()
    expect(found.locator("mark")).to_have_text("Priya")
    expect(box).to_have_attribute("aria-activedescendant", found.get_attribute("id"))
    desk.shoot(page, "palette")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/lead/\d+$"))
    page.keyboard.press("Control+k")
    page.get_by_role("option", name="Log a call").wait_for()
    page.keyboard.type("lost")
    page.keyboard.press("Enter")  # at once: what is meant is what is typed, not what was listed before
    page.locator("dialog").get_by_label("Lost sub-status").wait_for()
    assert not desk.faults


def test_the_palette_knows_what_was_opened_and_forgets_it_at_the_sign_out(desk: Desk) -> None:
    page = desk.page("asha")
    page.goto("/")
    page.wait_for_url("**/today")
    page.locator("#tomorrow .cell-title a", has_text="Neha").click()
    page.wait_for_url(re.compile(r"/lead/\d+$"))
    page.goto("/today")
    page.keyboard.press("Control+k")
    page.get_by_role("group", name="Opened lately").get_by_role("option", name="<b>Neha</b> Sharma").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Your menu").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login**")
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('crm.recent')).length") == 0


def test_a_manager_looks_at_her_callers_day(desk: Desk) -> None:
    page = desk.page("meera")
    page.goto("/today")
    page.get_by_label("Whose day").select_option("Omar Haddad")
    page.wait_for_url("**who=**")
    assert rows(page, "overdue") == ["Laila"]
    expect(page.get_by_role("link", name="Start calling")).to_have_count(0)


def test_the_menu_folds_and_stays_folded(desk: Desk) -> None:
    page = desk.page("asha")
    page.goto("/")
    page.get_by_role("button", name="Fold the menu").click()
    wide = page.locator(".rail").bounding_box()["width"]
    page.goto("/lead")
    assert page.locator(".rail").bounding_box()["width"] == wide < 100


@pytest.mark.parametrize(
    ("who", "scheme"),
    [
        ("asha", "light"),
        ("omar", "dark"),
        pytest.param("asha", "dark", marks=pytest.mark.soak),
        pytest.param("omar", "light", marks=pytest.mark.soak),
    ],
)
def test_axe_finds_nothing_on_today_in_a_call_and_in_the_palette(desk: Desk, axe: str, who: str, scheme: str) -> None:
    lead = desk.runtime.current.reads.pick(desk.people[who], "lead", limit=1)[0]
    page = desk.page(who, scheme=scheme)
    for place in ("/today", f"/today/calling/lead/{lead.id}", f"/lead/{lead.id}/call", "/search?q=sharma"):
        page.goto(place)
        assert violations(page, axe) == [], place
    page.keyboard.press("Control+k")
    page.locator(".palette [role=option]").first.wait_for()
    assert violations(page, axe) == []
    desk.shoot(page, f"palette-{who}-{scheme}")


def violations(page: Any, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [json.dumps([v["id"], [n["html"][:200] for n in v["nodes"][:3]]]) for v in found]


def test_on_a_telephone_the_day_is_cards_and_the_palette_has_a_way_out(desk: Desk) -> None:
    page = desk.page("omar", viewport=PHONE)
    page.goto("/today")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator("#overdue .day-log a").first.bounding_box()
    assert box["height"] >= 44
    desk.shoot(page, "today-phone")
    page.locator("[data-search]").click()
    expect(page.locator(".palette-veil:popover-open")).to_have_count(1)
    page.locator(".palette button.phone-only").click()
    expect(page.locator(".palette-veil:popover-open")).to_have_count(0)
