"""Raalink in a real browser: the same program, another business. An agent turns a lead into an opportunity."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.desk import Desk, in_hours, open_desk

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk("raalink", tmp_path_factory.mktemp("raalink"), browser) as opened:
        meera = opened.hire("Meera Kulkarni", "manager")
        opened.hire("Asha Nair", "seller", manager=str(meera.user))
        yield opened


def test_asha_converts_a_lead(desk: Desk) -> None:
    lead = desk.make(
        "lead", "asha", first_name="Jonas", company="Nordlicht Foods", phone="+14155550132", budget="42000"
    )
    page = desk.page("asha")
    page.goto(f"/lead/{lead.id}")
    move(page, "Assign")
    move(page, "In process", **{"Next follow-up": in_hours(30)[:16]})
    move(page, "Convert to opportunity")
    expect(page.locator(".step.is-current")).to_contain_text("CONVERTED")
    page.locator(".record-side").get_by_role("link", name="Nordlicht Foods").click()
    page.wait_for_url(re.compile(r"/opportunity/\d+"))
    expect(page.locator(".step.is-current")).to_contain_text("Prospecting/Early Lead")
    expect(page.locator(".record-side")).to_contain_text("Acquisition")
    desk.shoot(page, "raalink-opportunity")
    page.goto("/")
    desk.shoot(page, "raalink-desk")
    assert not desk.faults


def move(page: Any, label: str, **asked: str) -> None:
    page.locator(".actions").get_by_role("link", name=label).click()
    dialog = page.locator("dialog[open]")
    for name, text in asked.items():
        dialog.get_by_label(name).fill(text)
    dialog.get_by_role("button", name=label).click()
    page.wait_for_selector(".toast:has-text('Moved')")
    page.locator(".toast button").last.click()  # closes it
