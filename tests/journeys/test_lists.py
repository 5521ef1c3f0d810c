"""Lists that people work in: views, conditions, columns, groups and long lists, in a real browser; axe finds nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.desk import DESK, PHONE, Desk, held, in_hours, open_desk, wait_for_hold

pytestmark = pytest.mark.browser
NAMES = ("Priya", "Rahul", "Fatima", "Vikram", "Ananya", "Suresh", "Neha", "Imran", "Kavita", "Arjun", "Divya", "Rohan")
SOURCES = ("Google", "Website", "Referral", "Facebook")


@pytest.fixture(scope="module")
def desk(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk("rsoft", tmp_path_factory.mktemp("lists"), browser) as opened:
        fill(opened)
        yield opened


def fill(desk: Desk) -> None:
    desk.hire_callers()
    for n in range(119):
        owner = ("asha", "ravi")[n % 2]
        desk.make(
            "lead", first_name=NAMES[n % 12], last_name=f"Number {n:03}", phone=f"98450 {n:05}", source=SOURCES[n % 4],
            medium="Online", budget=1000 * n, owner=str(desk.people[owner].user),
        )  # fmt: skip
    desk.make("lead", "asha", first_name="Zubin", last_name="Later", phone="98450 99999", follow_up_at=in_hours(20))


def rows(page: Any) -> int:
    return int(page.locator("table[data-rows] .cell-title a").count())


def test_what_is_typed_while_the_server_is_asked_for_the_conditions_stays(desk: Desk) -> None:
    """A slow network: the form of before is still there, and what is typed into it goes along."""
    page = desk.page("meera")
    page.goto("/lead")
    page.get_by_role("link", name="All conditions").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Field").select_option("first_name")
    dialog.locator("input[name='w.0.value']").wait_for()
    asked = held(page, re.compile("/lead/filter"))
    dialog.locator("select[name='w.0.op']").select_option("is")
    wait_for_hold(page, asked)
    dialog.locator("input[name='w.0.value']").fill("Zubin")
    form = dialog.locator("form[data-builder]").element_handle()
    asked[0].continue_()
    page.wait_for_function("form => !form.isConnected", arg=form)
    expect(dialog.locator("select[name='w.0.op']")).to_have_value("is")
    expect(dialog.locator("input[name='w.0.value']")).to_have_value("Zubin")


def test_meera_puts_conditions_together_and_saves_them_as_a_view_for_her_callers(desk: Desk) -> None:
    page = desk.page("meera")
    page.goto("/lead")
    page.get_by_role("link", name="All conditions").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Field").select_option("source")
    dialog.get_by_label("Google").check()
    dialog.get_by_text("30 records fit").wait_for()
    dialog.get_by_role("button", name="Group").last.click()
    dialog.locator("select[name='w.1.0.field']").select_option("budget")
    dialog.locator("select[name='w.1.0.op']").select_option("at_least")
    dialog.locator("input[name='w.1.0.value']").fill("100000")
    dialog.locator("button[value='add:w.1']").click()
    dialog.locator("select[name='w.1.1.field']").select_option("owner.name")
    dialog.locator("input[name='w.1.1.value']").fill("ravi")
    dialog.get_by_text("5 records fit").wait_for()
    desk.shoot(page, "conditions")
    dialog.locator("input[name='w.1.1.value']").press("Enter")
    page.wait_for_url("**where=**", timeout=20_000)
    expect(page.locator("h1 .count")).to_have_text("5")
    page.get_by_role("link", name="Save as a view").click()
    page.get_by_label("Name", exact=True).fill("Rich from Google")
    page.get_by_role("combobox", name="Who has it").select_option("role:caller")
    page.get_by_label("Pinned as a tab").check()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.wait_for_url("**view=**")
    assert page.locator(".tab[aria-current]").inner_text().startswith("Rich from Google")
    page.locator("th[data-column=phone] a").click()
    page.get_by_text("Changed", exact=True).wait_for()
    page.get_by_role("link", name="Discard").click()
    page.wait_for_url(lambda url: "sort=" not in url)
    asha = desk.page("asha")
    asha.goto("/lead")
    asha.get_by_role("link", name="Rich from Google").click()
    asha.wait_for_url("**view=**")
    expect(asha.locator("h1 .count")).to_have_text("5")


def test_a_long_list_grows_stays_light_and_begins_again_where_one_was(desk: Desk) -> None:
    page = desk.page("meera")
    page.goto("/lead?view=all")
    while (before := rows(page)) < 120:
        page.locator(".table-scroll").evaluate("one => { one.scrollTop = one.scrollHeight; }")
        page.wait_for_function("n => document.querySelectorAll('.cell-title a').length > n", arg=before)
    assert rows(page) == 120
    assert re.search(r"120 of 120", page.locator(".pages").inner_text())
    assert "cursor=" in page.url
    page.reload()
    expect(page.get_by_role("link", name="Earlier ones")).to_be_visible()


def test_groups_open_and_close_and_bring_their_rows(desk: Desk) -> None:
    page = desk.page("meera")
    page.goto("/lead?group=source&columns=title,budget,owner")
    heads = page.locator(".group-toggle")
    assert heads.first.inner_text().replace("\n", " ").split() == ["Google", "30"]
    expect(page.locator(".group-head .group-sum").first).to_contain_text("₹")
    before = rows(page)
    page.locator("a[data-rows-more]").first.click()
    page.wait_for_function("n => document.querySelectorAll('.cell-title a').length > n", arg=before)
    heads.first.press("Space")
    expect(heads.first).to_have_attribute("aria-expanded", "false")
    desk.shoot(page, "groups")


def test_columns_are_sized_moved_and_chosen_by_pointer_and_by_keys(desk: Desk) -> None:
    page = desk.page("ravi")
    page.goto("/lead?view=all")
    handle = page.locator("th[data-column=phone] .column-size").bounding_box()
    assert handle is not None
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + 8
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 90, y, steps=4)
    with page.expect_response(lambda answer: answer.request.method == "POST"):  # it is kept
        page.mouse.up()
    page.wait_for_url("**columns=**")
    wide = page.locator("th[data-column=phone]").bounding_box()["width"]
    page.goto("/lead?view=all")
    assert abs(page.locator("th[data-column=phone]").bounding_box()["width"] - wide) < 2
    page.get_by_role("button", name="More").first.click()
    page.get_by_role("link", name="Columns…").click()
    page.get_by_role("button", name="Move Mobile up").focus()
    page.keyboard.press("Enter")
    page.locator("dialog .column-row:nth-child(2) input[name=column][value=phone]").wait_for(state="attached")
    page.get_by_label("Another column").select_option("product.name")
    page.locator("dialog input[name=column][value='product.name']").wait_for(state="attached")
    desk.shoot(page, "columns")
    page.get_by_role("button", name="Show these columns").click()
    page.wait_for_url("**columns=**")
    names = page.eval_on_selector_all("th[data-column]", "all => all.map(one => one.dataset.column)")
    assert names[:2] == ["title", "phone"] and names[-1] == "product.name"


def test_a_filter_tells_how_many_each_choice_would_leave(desk: Desk) -> None:
    page = desk.page("asha")
    page.goto("/lead?view=all")
    page.get_by_role("button", name="Source", exact=True).click()
    page.locator("#filter-source .option-count").first.wait_for()
    read = "all => all.map(o => [o.querySelector('input').value, o.querySelector('.option-count')?.textContent])"
    told = dict(page.eval_on_selector_all("#filter-source label.option", read))
    assert (told["Google"], told["Referral"], told["Hoarding"]) == ("30", "30", "0")
    desk.shoot(page, "counts")


PLACES = (
    "/lead", "/lead?view=to_call", "/lead?group=status", "/lead/views", "/lead/views/new?sort=phone", "/lead/columns",
    "/lead/filter?where=%7B%22any%22%3A%5B%7B%22phone%22%3A%7B%22contains%22%3A%229%22%7D%7D%5D%7D",
    "/lead?phone.contains=zz9", "/lead?where=%7B",
)  # fmt: skip
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
DRESSES = {"light": ("meera", DESK), "dark": ("meera", DESK), "phone": ("meera", PHONE), "arabic": ("omar", DESK)}


@pytest.mark.soak
@pytest.mark.parametrize("dress", DRESSES)
def test_axe_finds_nothing_on_any_of_these_screens(desk: Desk, axe: str, dress: str) -> None:
    who, size = DRESSES[dress]
    page = desk.page(who, size, "dark" if dress == "dark" else "light")
    for n, place in enumerate(PLACES):
        page.goto(place)
        page.wait_for_timeout(100)
        page.evaluate(axe)
        found = page.evaluate(f"axe.run({{runOnly: {TAGS}}})")
        told = [(v["id"], [node["html"][:160] for node in v["nodes"]]) for v in found["violations"]]
        assert told == [], (place, told)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), place
        desk.shoot(page, f"lists-{n}-{dress}")


def test_axe_finds_nothing_in_the_dialogs_and_menus(desk: Desk, axe: str) -> None:
    page = desk.page("meera")
    page.goto("/lead?view=to_call")
    for opened in (
        lambda: page.locator(".view-menu").click(),
        lambda: page.locator("button[popovertarget=group]").click(),
        lambda: page.get_by_role("link", name="All conditions").click(),
    ):
        opened()
        page.wait_for_timeout(400)
        page.evaluate(axe)
        found = page.evaluate(f"axe.run({{runOnly: {TAGS}}})")
        assert [(v["id"], [node["html"][:160] for node in v["nodes"]]) for v in found["violations"]] == []
        page.keyboard.press("Escape")
    assert not desk.faults
