"""Raalink's board in a real browser: a seller drags opportunities through their stages, by hand, by keys and by finger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from engine.records.commands import Update
from tests.journeys.desk import PHONE, Desk, open_desk

pytestmark = pytest.mark.browser
EARLY, TALK, PROPOSAL, COMMITTED, WON, LOST = (
    "Prospecting/Early Lead", "Qualification/Discussion", "Proposal/BQ/RFQ", "Committed", "Closed Won", "Closed Lost",
)  # fmt: skip


@pytest.fixture(scope="module")
def desk(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk("raalink", tmp_path_factory.mktemp("board"), browser) as opened:
        opened.hire("Dev Menon", "administrator")
        priya = opened.hire("Priya Nambiar", "manager")
        opened.hire("Asha Varma", "seller", manager=str(priya.user))
        for n in range(6):
            opened.make("opportunity", "asha", name=f"Leased line {n}", kind="New sale", amount=str(1000 + n * 500))
        yield opened


def column(page: Any, name: str) -> Any:
    return page.locator(f'[data-column="{name}"].column')


def titles(page: Any, name: str) -> list[str]:
    return column(page, name).locator(".slip-title").all_inner_texts()


def card(page: Any, title: str) -> Any:
    return page.locator(".slip", has=page.get_by_text(title, exact=True))


def middle(spot: Any) -> tuple[float, float]:
    box = spot.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 90)


def pick_up(page: Any, title: str) -> None:
    x, y = middle(card(page, title))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12, y + 4, steps=3)
    page.wait_for_selector(".column.is-shut")


def carry_to(page: Any, name: str) -> None:
    x, y = middle(column(page, name))
    page.mouse.move(x, y, steps=6)


def test_a_seller_drags_an_opportunity_through_its_stages(desk: Desk) -> None:
    page = desk.page("asha")
    page.goto("/opportunity/board")
    assert titles(page, EARLY) == [f"Leased line {n}" for n in range(5, -1, -1)]
    desk.shoot(page, "board")

    pick_up(page, "Leased line 5")  # where no way leads
    carry_to(page, COMMITTED)
    expect(page.locator(".slip-verdict")).to_contain_text("No move leads from")
    desk.shoot(page, "board-refused")
    page.mouse.up()
    page.get_by_text("No move leads from Prospecting/Early Lead to Committed.").wait_for()
    assert "Leased line 5" in titles(page, EARLY)

    pick_up(page, "Leased line 5")  # where a way leads
    carry_to(page, TALK)
    page.mouse.up()
    page.wait_for_selector(".toast:has-text('Moved.')")
    assert titles(page, TALK) == ["Leased line 5"]
    expect(column(page, TALK).locator("[data-count]")).to_have_text("1")
    expect(column(page, EARLY).locator("[data-count]")).to_have_text("5")
    assert page.url.endswith("/opportunity/board")

    pick_up(page, "Leased line 5")  # where the move asks
    carry_to(page, LOST)
    page.mouse.up()
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("button", name="Closed lost").click()
    expect(dialog.locator(".error-summary")).to_contain_text("Lost reason is empty.")
    desk.shoot(page, "board-asks")
    dialog.get_by_label("Lost reason").select_option(index=1)
    dialog.get_by_role("button", name="Closed lost").click()
    dialog.wait_for(state="detached")
    assert titles(page, TALK) == []
    expect(column(page, LOST).locator("[data-count]")).to_have_text("1")
    assert not desk.faults


def test_what_the_server_refuses_snaps_back_with_its_reason(desk: Desk) -> None:
    page = desk.page("asha")
    page.goto("/opportunity/board")
    pick_up(page, "Leased line 4")
    carry_to(page, TALK)
    reads, asha = desk.runtime.current.reads, desk.people["asha"]
    ref = next(r for r in reads.pick(asha, "opportunity") if r.title == "Leased line 4")
    version = reads.record(asha, "opportunity", ref.id).version
    desk.runtime.current.writes.do(desk.people["priya"], Update("opportunity", ref.id, version, {"source_number": "7"}))
    page.mouse.up()
    page.wait_for_selector(".toast:has-text('changed')")
    assert "Leased line 4" in titles(page, EARLY)


def test_the_same_by_keys_and_by_the_menu_with_its_reasons(desk: Desk) -> None:
    page = desk.page("asha")
    page.goto("/opportunity/board")
    card(page, "Leased line 3").get_by_role("link", name="Leased line 3", exact=True).focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "Leased line 2"
    page.keyboard.press("m")
    menu = page.get_by_role("dialog", name="Leased line 2")
    menu.get_by_role("button", name="Qualify").wait_for()
    desk.shoot(page, "board-menu")
    page.keyboard.press("Enter")
    page.wait_for_selector(".toast:has-text('Moved.')")
    assert titles(page, TALK) == ["Leased line 2"]
    assert page.evaluate("document.activeElement.textContent") == "Leased line 2"
    column(page, TALK).locator("summary").click()
    expect(column(page, TALK).locator(".slip")).to_be_hidden()
    page.reload()
    assert column(page, TALK).get_attribute("open") is None


def test_without_script_the_menu_is_a_page(desk: Desk) -> None:
    context = desk.browser.new_context(java_script_enabled=False, base_url=desk.address)
    page = context.new_page()
    desk.sign_in(page, "asha")
    page.goto("/opportunity/board")
    card(page, "Leased line 1").locator("[data-ways]").click()
    page.get_by_role("link", name="Qualify").click()
    page.get_by_role("button", name="Qualify").click()
    page.wait_for_url("**/opportunity/board")
    assert "Leased line 1" in titles(page, TALK)
    context.close()


def test_a_telephone_shows_one_column_and_a_finger_moves_by_the_menu(desk: Desk) -> None:
    page = desk.page("asha", PHONE)
    page.goto("/opportunity/board")
    desk.shoot(page, "board-phone")
    page.locator("[data-switch]", has_text=TALK).click()
    here = "name => document.querySelector('[data-switch][aria-current]').textContent.includes(name)"
    page.wait_for_function(here, arg=TALK)
    page.wait_for_function("""id => Math.abs(document.getElementById(id).getBoundingClientRect().x) < 1""",
                           arg=column(page, TALK).get_attribute("id"))  # fmt: skip
    box = column(page, TALK).bounding_box()
    assert (round(box["x"]), round(box["width"])) == (0, 390)
    page.locator("[data-switch]", has_text=EARLY).click()
    card(page, "Leased line 0").locator("[data-ways]").tap()
    page.get_by_role("dialog", name="Leased line 0").get_by_role("button", name="Propose").wait_for()
    desk.shoot(page, "board-phone-menu")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_board_is_open_to_everybody(desk: Desk, axe: str) -> None:
    for viewport, scheme in ((None, "light"), (None, "dark"), (PHONE, "light")):
        page = desk.page("asha", *(() if viewport is None else (viewport,)), scheme=scheme)
        page.goto("/opportunity/board")
        page.evaluate(axe)
        found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']})")
        assert [(v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found["violations"]] == []
    assert not desk.faults
