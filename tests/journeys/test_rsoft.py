"""RSoft's desk in a real browser: a caller's morning, a manager's look, the administrator's new colleague."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from engine.jobs.round import Round
from engine.web import render_desk
from tests.firm import PASSWORD
from tests.journeys.desk import PHONE, Desk, in_hours, listens, open_desk

pytestmark = pytest.mark.browser

NAMES = (
    "Priya",
    "Rahul",
    "Fatima",
    "Vikram",
    "Ananya",
    "Suresh",
    "Neha",
    "Imran",
    "Kavita",
    "Arjun",
    "Divya",
    "Rohan",
)
SURNAMES = (
    "Deshmukh",
    "Sharma",
    "Sheikh",
    "Iyer",
    "Banerjee",
    "Patil",
    "Kulkarni",
    "Qureshi",
    "Rao",
    "Mehta",
)
SOURCES = ("Google", "Website", "Referral", "Facebook", "WhatsApp", "Hoarding")


@pytest.fixture(scope="module")
def desk(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk("rsoft", tmp_path_factory.mktemp("rsoft"), browser) as opened:
        fill(opened)
        yield opened


def fill(desk: Desk) -> None:
    desk.hire_callers()
    for n in range(36):
        desk.make("lead", ("asha", "ravi", "omar")[n % 3], **lead(n))
    desk.make(
        "lead", "asha", first_name="<script>alert('gone')</script>", last_name="Robert", phone="9820012999"
    )


def lead(n: int) -> dict[str, Any]:
    return {
        "first_name": NAMES[n % 12], "last_name": SURNAMES[n * 7 % 10], "phone": f"98200{10342 + n * 791:05}",
        "email": f"lead{n}@example.org", "source": SOURCES[n % 6], "medium": ("Online", "Offline")[n % 2],
        "budget": str(20_000 + n * 7_500), "follow_up_at": in_hours(n * 5 - 40) if n % 3 else None, "city": "Pune",
    }  # fmt: skip


def test_charts_that_take_long_come_after_the_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render_desk, "LONG", -1.0)
    page = desk.page("asha")
    page.goto("/dashboards/lead_desk")
    expect(page.locator("[data-later]")).to_have_count(0)
    expect(page.locator(".charts > figure")).to_have_count(8)
    page.locator(".legend:visible button").first.click()  # what came later is as much alive as what was there
    expect(page.locator(".legend:visible button").first).to_have_attribute("aria-pressed", "false")
    page.route("**/charts/leads_by_status**", lambda route: route.abort())
    page.reload()
    expect(page.get_by_text("This could not be counted now.").locator("visible=true")).to_have_count(1)
    expect(page.get_by_role("link", name="Open the report")).to_be_visible()
    desk.shoot(page, "desk-later")
    assert not [fault for fault in desk.faults if "ERR_FAILED" not in fault]


def test_ashas_morning(desk: Desk) -> None:
    page = desk.page("asha")
    page.goto("/")
    page.wait_for_url("**/today")
    page.get_by_role("link", name="Lead desk").click()
    page.wait_for_url("**/dashboards/lead_desk")
    desk.shoot(page, "desk")
    page.get_by_role("link", name="All leads").click()
    expect(page.locator("tbody tr")).to_have_count(13)
    expect(page.get_by_text("Ravi Kumar")).to_have_count(0)
    desk.shoot(page, "list")
    filter_by_status(page)
    assert page.locator(".filter").inner_text().startswith("Status is")
    assert "status.in=NOT" in page.url
    open_first(page, "Priya")
    refused_move_says_why(desk, page)
    log_an_answered_call(desk, page)
    move_to_follow_up(desk, page)
    assert not desk.faults


def filter_by_status(page: Any) -> None:
    page.get_by_role("button", name="Status").first.click()
    page.get_by_label("NOT ATTEMPTED").check()
    page.locator("#filter-status").get_by_role("button", name="Apply").click()
    page.wait_for_url("**status.in**")


def open_first(page: Any, name: str) -> None:
    page.get_by_role("searchbox", name="Search in Leads").fill(name)
    page.keyboard.press("Enter")
    page.wait_for_url("**q=Priya**")
    page.keyboard.press("Escape")
    page.locator("tbody tr").first.click()
    page.wait_for_url(re.compile(r"/lead/\d+$"))


def refused_move_says_why(desk: Desk, page: Any) -> None:
    page.locator(".actions").get_by_role("button", name="Call attended").click(force=True)
    reason = page.locator(".reason:popover-open")
    expect(reason).to_contain_text("Log an answered call first.")
    expect(reason).to_contain_text("Tele-caller")
    desk.shoot(page, "refused")
    page.keyboard.press("Escape")


def log_an_answered_call(desk: Desk, page: Any) -> None:
    """Tells only that it was answered: how a call is logged by keys is told in test_today.py."""
    record = page.url.partition("?")[0]
    about = {"entity": "lead", "id": record.rpartition("/")[2]}
    desk.make("call", "asha", subject="First call", about=about, outcome="Answered")
    page.goto(record)
    expect(page.get_by_text("First call").first).to_be_visible()
    desk.shoot(page, "call")


def move_to_follow_up(desk: Desk, page: Any) -> None:
    page.locator(".actions").get_by_role("link", name="Call attended").click()
    dialog = page.locator("dialog[open]")
    asked = dialog.get_by_label("Next follow-up")
    asked.fill("")
    dialog.get_by_role("button", name="Call attended").click()
    expect(dialog.locator(".error-summary")).to_contain_text("Next follow-up is empty.")
    asked.fill(in_hours(30)[:16])
    desk.shoot(page, "move")
    dialog.get_by_role("button", name="Call attended").click()
    page.wait_for_selector(".toast")
    expect(page.locator(".step.is-current")).to_contain_text("FOLLOW-UP")
    desk.shoot(page, "record")


def test_a_caller_without_script_can_do_the_same(desk: Desk) -> None:
    context = desk.browser.new_context(java_script_enabled=False, base_url=desk.address)
    page = context.new_page()
    desk.sign_in(page, "ravi")
    page.goto("/lead/new")
    page.get_by_label("First name").fill("Lata")
    page.get_by_label("Mobile").fill("12")
    page.get_by_role("button", name="Save").first.click()
    expect(page.locator(".error-summary")).to_contain_text("is not a telephone number")
    page.get_by_label("Mobile").fill("98220 11223")
    page.get_by_role("button", name="Save").first.click()
    assert page.locator("h1").inner_text().startswith("Lata")
    context.close()


def test_meera_looks_over_her_peoples_leads_and_hands_one_over(desk: Desk) -> None:
    page = desk.page("meera")
    page.goto("/lead?sort=-budget")
    assert page.get_by_text("Ravi Kumar").count() and page.get_by_text("Asha Nair").count()
    page.locator("tbody .cell-title a").first.click()
    page.wait_for_url(re.compile(r"/lead/\d+$"))
    page.keyboard.press("e")
    page.wait_for_url("**/edit")
    owner = page.get_by_role("combobox", name="Owner")
    owner.fill("Rav")
    page.get_by_role("option", name="Ravi Kumar").click()
    desk.shoot(page, "form")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/lead/\d+$"))
    expect(page.locator(".sub")).to_contain_text("Ravi Kumar")
    page.goto(f"{page.url.partition('?')[0]}?show=history")
    desk.shoot(page, "history")
    expect(page.locator(".changes").first).to_be_visible()
    assert not desk.faults


def test_asha_is_told_while_she_works(desk: Desk) -> None:
    page = desk.page("asha")
    page.goto("/lead")
    listens(page)
    told = Round(desk.runtime.current)
    lost = desk.make("lead", "meera", first_name="Tara", phone="9820055555", owner=str(desk.people["asha"].user))
    told.until_quiet(datetime.now(UTC))
    page.locator(".toast", has_text="Tara").first.wait_for()
    desk.shoot(page, "toast")
    assert page.locator(".bell-count").inner_text() != ""
    page.locator(".toast a", has_text="Tara").first.click()
    page.wait_for_url(re.compile(rf"/lead/{lost.id}$"))
    assert not desk.faults


def test_dev_makes_a_colleague_who_chooses_her_password(desk: Desk) -> None:
    page = desk.page("dev")
    page.goto("/user/new")
    page.get_by_label("Name").fill("Lena Roy")
    page.get_by_label("E-mail").fill("lena@firm.example")
    page.get_by_label("Role").select_option("caller")
    page.get_by_role("button", name="Save").first.click()
    page.wait_for_url(re.compile(r"/user/\d+$"))
    page.get_by_role("button", name="More").last.click()
    page.get_by_role("link", name="Password link").click()
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_label("Link").input_value()
    desk.shoot(page, "link")
    lena = desk.page()
    lena.goto(link)
    lena.get_by_label("New password").fill(PASSWORD)
    lena.get_by_label("The same again").fill(PASSWORD)
    lena.get_by_role("button", name="Set the password").click()
    desk.sign_in(lena, "lena")
    lena.goto("/lead")
    expect(lena.get_by_text("No leads yet")).to_be_visible()
    page.goto("/admin/roles?role=caller")
    desk.shoot(page, "roles")
    assert not desk.faults


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.soak)])
def test_nothing_runs_over_the_edge_of_a_telephone(desk: Desk, scheme: str) -> None:
    page = desk.page("asha", PHONE, scheme)
    for place, name in (
        ("/", "desk"),
        ("/lead", "list"),
        ("/lead/new", "form"),
        ("/me", "me"),
        ("/search?q=priya", "search"),
    ):
        page.goto(place)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], place
        desk.shoot(page, f"phone-{name}-{scheme}")
    page.goto("/lead")
    page.locator("tbody .cell-title a").first.click()
    page.wait_for_url(re.compile(r"/lead/\d+$"))
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    desk.shoot(page, f"phone-record-{scheme}")
    assert not desk.faults


def test_omar_reads_from_right_to_left(desk: Desk) -> None:
    page = desk.page("omar")
    page.goto("/lead")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    rail, main = (page.locator(part).bounding_box() for part in (".rail", "main"))
    assert rail["x"] > main["x"]
    desk.shoot(page, "list-rtl")
    assert not desk.faults
