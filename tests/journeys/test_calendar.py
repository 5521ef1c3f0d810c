"""A caller's week in a real browser: dragged, pulled longer, taken back, made by a click; by keys, by touch, in Arabic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from engine.records.commands import Create
from tests.journeys.desk import ENGINE, PHONE, Desk, open_desk

pytestmark = pytest.mark.browser

KOLKATA = ZoneInfo("Asia/Kolkata")
TODAY = datetime.now(UTC).astimezone(KOLKATA).date()
MONDAY = TODAY + timedelta(days=7 - TODAY.weekday())  # of the coming week
WEEK = f"/calendar?span=week&on={MONDAY}"


@pytest.fixture(scope="module")
def desk(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk("rsoft", tmp_path_factory.mktemp("calendar"), browser) as opened:
        fill(opened)
        yield opened


def fill(desk: Desk) -> None:
    desk.hire_callers()
    for who, first in (("asha", "Priya"), ("ravi", "Karan"), ("omar", "ليلى")):
        lead = client(desk, who, first)
        meet(desk, who, lead, f"Demo for {first}", MONDAY, "10:00")
        meet(desk, who, lead, f"Training for {first}", MONDAY + timedelta(days=2), "14:00", kind="Training", length="2:00")
        desk.make("task", who, subject="Write the offer", due_at=f"{MONDAY + timedelta(days=1)}T12:00")
    for n in range(60):
        desk.make("task", "ravi", subject=f"Call number {n}", due_at=f"{MONDAY}T{9 + n // 7:02}:{n % 7 * 8:02}")


def client(desk: Desk, who: str, first: str) -> str:
    values = {
        "first_name": first, "email": f"{who}@example.org", "owner": str(desk.people[who].user),
        "follow_up_at": f"{MONDAY + timedelta(days=3)}T11:00",
    }  # fmt: skip
    return str(desk.runtime.current.writes.do(ENGINE, Create("lead", values, "FOLLOW-UP")).id)


def meet(desk: Desk, who: str, lead: str, subject: str, day: date, at: str, **more: Any) -> int:
    values = {"subject": subject, "lead": lead, "starts_at": f"{day}T{at}", "length": "1:00", **more}
    return desk.make("appointment", who, **values).id


def starts(desk: Desk, title: str) -> str:
    (row,) = [r for r in rows(desk) if r[0] == title]
    return datetime.fromtimestamp(row[1] / 1000, KOLKATA).strftime("%a %H:%M") + f" {row[2] // 60}"


def rows(desk: Desk) -> list[Any]:
    with desk.runtime.database.reading() as connection:
        return connection.run("select subject, starts_at, length from appointment")


def event(page: Any, title: str) -> Any:
    return page.locator(".cal-event, .cal-chip").filter(has_text=title).first


def pull(page: Any, what: Any, to: tuple[float, float], grip: tuple[float, float] = (0.5, 0.3)) -> None:
    """By hand: press, a few steps, let go."""
    box = what.bounding_box()
    x, y = box["x"] + box["width"] * grip[0], box["y"] + box["height"] * grip[1]
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(x + to[0] * step / 5, y + to[1] * step / 5)
    page.mouse.up()


def hour(page: Any) -> float:
    return float(page.evaluate("document.querySelector('.cal-hours span').getBoundingClientRect().height"))


def column(page: Any) -> float:
    return float(page.locator(".cal-day").first.bounding_box()["width"])


def ready(page: Any) -> None:
    page.wait_for_selector(".cal-handle", state="attached")  # the script has come


def test_asha_drags_a_demo_and_takes_it_back(desk: Desk) -> None:
    page = desk.page("asha")
    page.goto(WEEK)
    ready(page)
    desk.shoot(page, "calendar-week")
    pull(page, event(page, "Demo for Priya"), (2 * column(page), 1.5 * hour(page)))
    page.wait_for_selector(".toast")
    assert starts(desk, "Demo for Priya") == "Wed 11:30 60"
    expect(page.locator(".toast")).to_contain_text("11:30")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    page.wait_for_selector("text=Taken back.")
    assert starts(desk, "Demo for Priya") == "Mon 10:00 60"
    assert not desk.faults


def test_she_pulls_it_longer_by_its_edge(desk: Desk) -> None:
    page = desk.page("asha")
    page.goto(WEEK)
    ready(page)
    one = event(page, "Training for Priya")
    handle = one.locator(".cal-handle")
    pull(page, handle, (0, 0.75 * hour(page)), (0.5, 0.5))
    page.wait_for_selector(".toast")
    assert starts(desk, "Training for Priya") == "Wed 14:00 165"


def test_what_somebody_changed_meanwhile_snaps_back_with_a_reason(desk: Desk) -> None:
    page = desk.page("asha")
    page.goto(WEEK)
    ready(page)
    place = event(page, "Training for Priya").bounding_box()
    with desk.runtime.database.writing() as connection:
        connection.change("update appointment set version = version + 1 where subject = 'Training for Priya'")
    pull(page, event(page, "Training for Priya"), (0, hour(page)))
    page.wait_for_selector(".toast")
    assert page.locator(".toast").inner_text().strip()
    assert event(page, "Training for Priya").bounding_box() == place
    assert starts(desk, "Training for Priya").startswith("Wed 14:00")


def test_a_click_on_an_empty_place_makes_a_new_one_at_that_time(desk: Desk) -> None:
    page = desk.page("asha")
    page.goto(WEEK)
    ready(page)
    day = page.locator(f'.cal-day[data-date="{MONDAY + timedelta(days=4)}"]')
    first = int(page.locator(".cal-grid").get_attribute("data-first"))
    day.click(position={"x": 20, "y": (15 - first) * hour(page) + 5})
    desk.shoot(page, "calendar-new")
    page.locator("[data-cal-new]").get_by_role("link", name="New task").click()
    page.wait_for_selector("dialog[open]")
    assert page.locator("dialog input[name=due_at]").input_value() == f"{MONDAY + timedelta(days=4)}T15:00"
    page.get_by_label("Subject").fill("Made by a click")
    page.locator("dialog").get_by_role("button", name="Save").click()
    page.wait_for_selector(".toast")
    assert event(page, "Made by a click").count() == 1 and "/calendar" in page.url


def test_the_dialog_moves_it_without_a_mouse(desk: Desk) -> None:
    page = desk.page("asha")
    page.goto(WEEK)
    ready(page)
    event(page, "Demo for Priya").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    desk.shoot(page, "calendar-event")
    page.locator("dialog input[name=starts_at]").fill(f"{MONDAY + timedelta(days=1)}T09:30")
    page.locator("dialog").get_by_label("Remind me").select_option("15")
    page.locator("dialog").get_by_role("button", name="Save").click()
    page.wait_for_selector(".toast")
    assert starts(desk, "Demo for Priya") == "Tue 09:30 60"


def test_keys_turn_the_calendar(desk: Desk) -> None:
    page = desk.page("asha")
    page.goto(WEEK)
    ready(page)
    for key, address in (("m", "span=month"), ("ArrowRight", "on="), ("d", "span=day"), ("a", "span=agenda"), ("w", "")):
        page.keyboard.press(key)
        page.wait_for_url(re.compile(address or r"/calendar\?on="))
    page.keyboard.press("t")
    page.wait_for_url(re.compile(r"/calendar$"))


def test_a_month_is_dragged_from_day_to_day(desk: Desk) -> None:
    page = desk.page("asha")
    page.goto(f"/calendar?span=month&on={MONDAY}")
    source = page.locator(f'.cal-cell[data-date="{MONDAY + timedelta(days=1)}"]').get_by_text("Write the offer")
    target = page.locator(f'.cal-cell[data-date="{MONDAY + timedelta(days=3)}"]').bounding_box()
    box = source.bounding_box()
    pull(page, source, (target["x"] + 30 - box["x"], 0))
    page.wait_for_selector(".toast")
    thursday = page.locator(f'.cal-cell[data-date="{MONDAY + timedelta(days=3)}"]')
    expect(thursday.get_by_text("Write the offer")).to_have_count(1)


@pytest.mark.parametrize(
    ("look", "size"),
    [
        ("span=week", "desk"),
        ("span=day&whose=all&by=people", "desk"),
        ("span=month", "phone"),
        ("span=agenda", "phone"),
        *(pytest.param(look, "desk", marks=pytest.mark.soak) for look in ("span=month", "span=day", "span=agenda")),
        *(pytest.param(look, "phone", marks=pytest.mark.soak) for look in ("span=week", "span=day")),
    ],
)
def test_axe_finds_nothing(desk: Desk, axe: str, look: str, size: str) -> None:
    page = desk.page("meera", **({"viewport": PHONE} if size == "phone" else {}))
    page.goto(f"/calendar?{look}&on={MONDAY}&whose=all&kinds=appointment,lead,task,call")
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})")
    assert [(v["id"], v["nodes"][0]["html"][:200], v["nodes"][0]["failureSummary"]) for v in found["violations"]] == []


def test_a_telephone_has_the_agenda_and_swipes_the_days_of_a_week(desk: Desk) -> None:
    page = desk.page("asha", viewport=PHONE)
    page.goto(f"/calendar?span=agenda&on={MONDAY}")
    desk.shoot(page, "calendar-phone")
    assert page.locator("main").evaluate("one => one.scrollWidth") <= 390
    page.goto(WEEK)
    assert page.locator("main").evaluate("one => one.scrollWidth") <= 390
    grid = page.locator(".cal-grid")
    assert grid.evaluate("one => one.scrollWidth / one.clientWidth") > 5
    small = page.evaluate(
        "[...document.querySelectorAll('.cal-tools a, .cal-tools button, .cal-spans a, .cal-turn a')]"
        ".filter(one => one.offsetHeight && one.offsetHeight < 40).map(one => one.outerHTML)"
    )
    assert small == []


def test_in_arabic_the_week_runs_from_right_to_left(desk: Desk) -> None:
    page = desk.page("omar")
    page.goto(WEEK)
    ready(page)
    desk.shoot(page, "calendar-arabic")
    first, last = page.locator(".cal-day").first.bounding_box(), page.locator(".cal-day").last.bounding_box()
    assert first["x"] > last["x"]
    pull(page, event(page, "Demo for"), (-column(page), hour(page)))  # to the left is a day later
    page.wait_for_selector(".toast")
    assert starts(desk, "Demo for ليلى") == "Tue 11:00 60"
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(lambda url: f"on={MONDAY}" not in url)


def test_a_day_of_sixty_tasks_can_be_read(desk: Desk) -> None:
    page = desk.page("ravi")
    page.goto(f"/calendar?span=day&on={MONDAY}")
    desk.shoot(page, "calendar-busy")
    boxes = page.evaluate(
        "[...document.querySelectorAll('.cal-event, .cal-morethere')].map(one => one.getBoundingClientRect())"
        ".map(b => [b.left, b.top, b.right, b.bottom])"
    )
    overlaps = [
        (a, b) for n, a in enumerate(boxes) for b in boxes[n + 1 :]
        if a[0] < b[2] - 1 and b[0] < a[2] - 1 and a[1] < b[3] - 1 and b[1] < a[3] - 1
    ]  # fmt: skip
    assert len(boxes) > 40 and overlaps == []
    assert min(b[2] - b[0] for b in boxes) > 24


def test_it_works_without_script(desk: Desk) -> None:
    context = desk.browser.new_context(base_url=desk.address, java_script_enabled=False)
    page = context.new_page()
    desk.sign_in(page, "ravi")
    page.goto(f"/calendar?span=week&on={MONDAY}")
    page.get_by_role("link", name="Month", exact=True).click()
    page.wait_for_url("**span=month**")
    page.get_by_role("link", name=re.compile("Training for Karan")).click()
    page.locator("input[name=starts_at]").fill(f"{MONDAY + timedelta(days=1)}T10:00")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**span=month**")
    assert starts(desk, "Training for Karan") == "Tue 10:00 120"
