"""What time makes due is told once, at its moment, whatever happens in between."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.jobs import scheduler as room
from engine.records.due import PAGE
from tests.jobs.timed import Timed, notification, open_timed, soon

Open = Callable[..., Timed]
REMIND = soon(at="{before: starts_at, by: [15 minutes, 1 hour, 1 day]}")


@pytest.fixture
def opened(database_url: str, tmp_path: Path) -> Iterator[Open]:
    yield from opener(database_url, tmp_path)


@pytest.fixture
def opened_once(sqlite_url: str, tmp_path: Path) -> Iterator[Open]:
    """For what the database has no say in."""
    yield from opener(sqlite_url, tmp_path)


def opener(url: str, folder: Path) -> Iterator[Open]:
    firms: list[Timed] = []

    def make(*notifications: str, **how: object) -> Timed:
        firms.append(open_timed(url, folder / f"set{len(firms)}", *notifications, **how))
        return firms[-1]

    yield make
    for firm in firms:
        firm.close()


# ---- around a date


def test_asha_is_reminded_a_day_an_hour_and_a_quarter_before(opened: Open) -> None:
    firm = opened(REMIND)
    visit = firm.starting("2026-11-22T15:00")
    firm.until("2026-11-23T12:00", timedelta(minutes=15))
    assert firm.told() == [(visit, "2026-11-21T15:00"), (visit, "2026-11-22T14:00"), (visit, "2026-11-22T14:45")]
    assert firm.late() == [False, False, False]


def test_she_is_told_at_the_moment_and_not_before(opened: Open) -> None:
    firm = opened(soon(at="{before: starts_at, by: 1 hour}"))
    firm.starting("2026-11-21T15:00")
    firm.set_to("2026-11-21T13:59:59.999")
    assert firm.tick() == 0
    firm.set_to("2026-11-21T14:00:01")
    assert firm.tick() == 1 and firm.tick() == 0


def test_a_visit_that_moves_is_told_of_anew_and_a_moment_never_twice(opened: Open) -> None:
    firm = opened(soon(at="{before: starts_at, by: 1 hour}"))
    visit = firm.starting("2026-11-21T15:00")
    firm.until("2026-11-21T14:10")
    firm.change(visit, starts_at=firm.at("2026-11-21T17:00"))
    firm.until("2026-11-21T14:20")
    firm.change(visit, starts_at=firm.at("2026-11-21T15:00"))
    firm.until("2026-11-21T15:30")
    firm.change(visit, starts_at=firm.at("2026-11-21T17:00"))
    firm.until("2026-11-21T18:00")
    assert firm.times() == ["2026-11-21T14:00", "2026-11-21T16:00"]


def test_a_visit_that_is_deleted_or_no_longer_meant_is_passed_over(opened: Open) -> None:
    firm = opened(soon(at="{before: starts_at, by: 1 hour}", when="{kind: {is: Demo}, status: {is_not: Done}}"))
    gone, other, done, kept = (firm.starting("2026-11-21T15:00") for _ in range(4))
    firm.delete(gone)
    firm.change(other, kind="Office")
    firm.move(done, "finish")
    firm.until("2026-11-21T16:00")
    assert firm.told() == [(kept, "2026-11-21T14:00")]


def test_what_was_written_while_the_scheduler_looked_is_seen_at_the_next_look_back(opened: Open) -> None:
    firm = opened(soon(at="{before: starts_at, by: 1 hour}"))
    firm.until("2026-11-21T14:00:30", timedelta(seconds=10))
    firm.starting("2026-11-21T15:00")
    firm.until("2026-11-21T14:01", timedelta(seconds=5))
    assert firm.times() == ["2026-11-21T14:00"]


def test_at_seven_on_the_day_and_at_six_the_evening_before(opened: Open) -> None:
    firm = opened(
        soon(at="{on: starts_at, time: 07:00}"), notification("eve", at="{before: due, by: 1 working day, time: 18:00}")
    )
    firm.starting("2026-11-23T00:10", due="2026-11-23")
    firm.until("2026-11-24T00:00", timedelta(minutes=30))
    assert firm.times() == ["2026-11-23T07:00"]
    assert firm.times("notification eve") == ["2026-11-21T18:00"]


def test_what_falls_outside_of_the_hours_waits_for_the_opening(opened: Open) -> None:
    firm = opened(soon(at="{before: starts_at, by: [1 hour, 2 hours]}", only_in="working hours"))
    firm.starting("2026-11-22T15:00")
    firm.starting("2026-11-23T11:00")
    firm.until("2026-11-23T12:00", timedelta(minutes=30))
    # both spans of the one, and one of the other, open with the firm on Monday: each visit is told of once
    assert firm.times() == ["2026-11-23T09:30", "2026-11-23T09:30", "2026-11-23T10:00"]


def test_more_are_due_at_once_than_a_page_holds(opened: Open) -> None:
    firm = opened(soon(at="{on: starts_at, time: 18:00}"))
    visits = [firm.starting("2026-11-21T19:00") for _ in range(2 * PAGE + 3)]
    firm.until("2026-11-21T18:05")
    assert [visit for visit, _ in firm.told()] == sorted(visits)


# ---- in a stage, and silence


def test_a_visit_that_nobody_called_about_for_three_working_hours(opened: Open) -> None:
    firm = opened(soon(at="{in_stage: [New], for: 3 working hours}"))
    slow, quick, twice = firm.visit("Slow"), firm.visit("Quick"), firm.visit("Twice")
    firm.move(quick, "call")
    firm.move(twice, "call")
    firm.set_to("2026-11-21T12:30")
    firm.move(twice, "again")
    firm.until("2026-11-23T14:00", timedelta(minutes=10))
    # an hour of Saturday and two of Monday; the other came back half an hour later
    assert firm.told() == [(slow, "2026-11-23T11:30"), (twice, "2026-11-23T12:00")]


def test_silence_ends_with_a_change_and_with_what_is_added_beneath(opened: Open) -> None:
    firm = opened(soon(at="{idle: 2 days}"))
    quiet, changed, noted = firm.visit("Quiet"), firm.visit("Changed"), firm.visit("Noted")
    firm.until("2026-11-22T12:00", timedelta(minutes=30))
    firm.change(changed, name="Changed again")
    firm.until("2026-11-22T18:00", timedelta(minutes=30))
    firm.note(noted)
    firm.until("2026-11-26T00:00", timedelta(minutes=30))
    assert firm.told() == [(quiet, "2026-11-23T12:00"), (changed, "2026-11-24T12:00"), (noted, "2026-11-24T18:00")]


def test_months_of_silence_are_counted_by_the_calendar(opened_once: Open) -> None:
    firm = opened_once(soon(at="{idle: 3 months}"))
    firm.set_to("2026-11-30T12:00")
    firm.visit()
    firm.until("2027-03-02T12:00", timedelta(hours=6))
    assert firm.times() == ["2027-02-28T12:00"]


# ---- schedules


def test_every_evening_once_and_every_monday_for_each_open_visit(opened: Open) -> None:
    firm = opened(
        notification("digest", entity="visit", at="{every: day, time: 19:00}").replace("    entity: visit\n", ""),
        soon(at="{every: week, day: Monday, time: 09:00}", when="{status: {is_not: Done}}"),
    )
    open_visit, done = firm.visit(), firm.visit()
    firm.move(done, "finish")
    firm.until("2026-11-23T20:00", timedelta(minutes=30))
    assert firm.times("notification digest") == ["2026-11-21T19:00", "2026-11-22T19:00", "2026-11-23T19:00"]
    assert firm.told("notification digest")[0][0] == 0, "about no record"
    assert firm.told() == [(open_visit, "2026-11-23T09:00")]


def test_one_run_tells_of_no_more_than_its_budget_and_says_so(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_RECORDS", 5)
    firm = opened(soon(at="{every: day, time: 19:00}"))
    visits = [firm.visit() for _ in range(7)]
    firm.until("2026-11-21T19:05")
    assert [visit for visit, _ in firm.told()] == visits[:5]
    assert firm.missed() == [("2026-11-21T19:00", "More than 5 records were due at once; the newest were left out.")]


@pytest.mark.parametrize(
    "zone, eve, local",
    [
        ("Europe/Berlin", "2026-10-24", "2026-10-25T02:30"),  # has 02:30 twice
        ("Europe/Berlin", "2026-03-28", "2026-03-29T03:00"),  # has none
        ("Australia/Lord_Howe", "2026-10-03", "2026-10-04T02:30"),  # clocks go from 02:00 to 02:30
        ("Africa/Casablanca", "2026-02-14", "2026-02-15T02:30"),  # twice, for Ramadan
    ],
)
def test_a_nightly_run_comes_once_in_nights_of_23_and_25_hours(opened_once: Open, zone: str, eve: str, local: str) -> None:
    firm = opened_once(soon(at="{every: day, time: 02:30}"), zone=zone, tick=False)
    firm.set_to(f"{eve}T12:00")
    firm.visit()
    firm.tick()
    firm.until(f"{local[:10]}T12:00", timedelta(minutes=10))
    assert firm.times() == [local]


# ---- while nothing ran


@pytest.mark.parametrize(
    "policy, told, missed",
    [
        ("once", ["2026-11-22T14:45"], ["2026-11-21T15:00", "2026-11-22T14:00"]),
        ("all", ["2026-11-21T15:00", "2026-11-22T14:00", "2026-11-22T14:45"], []),
        ("skip", [], ["2026-11-21T15:00", "2026-11-22T14:00", "2026-11-22T14:45"]),
        ("all within 2 hours", ["2026-11-22T14:00", "2026-11-22T14:45"], ["2026-11-21T15:00"]),
        ("once within 10 minutes", [], ["2026-11-21T15:00", "2026-11-22T14:00", "2026-11-22T14:45"]),
    ],
)
def test_what_becomes_of_missed_reminders_is_the_officers_choice(
    opened_once: Open, policy: str, told: list[str], missed: list[str]
) -> None:
    firm = opened_once(soon(at="{before: starts_at, by: [15 minutes, 1 hour, 1 day]}", if_missed=policy))
    firm.starting("2026-11-22T15:00")
    firm.asleep_until("2026-11-22T15:30")
    assert firm.times() == told and firm.late() == [True] * len(told)
    assert [local for local, _ in firm.missed()] == missed
    firm.until("2026-11-22T18:00")
    assert firm.times() == told, "and nothing more comes later"


def test_each_missed_moment_says_why(opened_once: Open) -> None:
    firm = opened_once(soon(at="{before: starts_at, by: [1 hour, 1 day]}"))
    firm.starting("2026-11-22T15:00")
    firm.asleep_until("2026-11-22T15:30")
    assert firm.missed() == [("2026-11-21T15:00", "It was seen 1 day late, and a later one has taken its place.")]


@pytest.mark.parametrize("policy, told", [("once", 1), ("all", 10), ("skip", 0)])
def test_ten_evenings_without_power(opened_once: Open, policy: str, told: int) -> None:
    firm = opened_once(soon(at="{every: day, time: 19:00}", if_missed=policy))
    firm.visit()
    firm.asleep_until("2026-12-01T10:00")
    assert len(firm.told()) == told
    assert firm.times() == [] if policy == "skip" else firm.times()[-1] == "2026-11-30T19:00"
    assert len(firm.missed()) == 10 - told
    firm.until("2026-12-01T19:30")
    assert firm.times()[-1] == "2026-12-01T19:00"


def test_years_without_power_do_not_flood(opened_once: Open) -> None:
    firm = opened_once(soon(at="{every: day, time: 19:00}", if_missed="all"))
    firm.visit()
    firm.asleep_until("2028-11-21T10:00")
    assert len(firm.told()) == room.MOST_RUNS
    assert firm.missed()[0][1] == "731 runs were missed; the 681 earliest were left out."


@pytest.mark.parametrize("at", ["{before: starts_at, by: 1 hour}", "{every: day, time: 19:00}"])
def test_more_than_one_look_can_do_is_gone_on_with_at_once(opened: Open, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    monkeypatch.setattr(room, "MOST_AT_ONCE", 2)
    firm = opened(soon(at=at, if_missed="all"))
    for hour in (14, 14, 14, 16, 16, 18):
        firm.starting(f"2026-11-21T{hour}:00")
    firm.set_to("2026-11-22T20:00")
    firm.restart()
    looks = [firm.tick() for _ in range(4)]
    assert looks == ([3, 2, 1, 0] if "before" in at else [6, 6, 0, 0])
    assert len(firm.told()) == sum(looks) == len(set(firm.told()))


def test_two_minutes_are_not_late(opened_once: Open) -> None:
    firm = opened_once(soon(at="{before: starts_at, by: 1 hour}", if_missed="skip"))
    firm.starting("2026-11-21T15:00")
    firm.asleep_until("2026-11-21T14:01:30")
    assert firm.times() == ["2026-11-21T14:00"] and firm.late() == [False]


# ---- rules that come, go and change


def test_a_new_rule_does_not_tell_of_the_past(opened: Open) -> None:
    before = opened()
    before.starting("2026-11-21T15:00")
    later = open_later(opened, "2026-11-21T14:00:30", soon(at="{before: starts_at, by: 1 hour}"))
    later.starting("2026-11-21T15:02")
    later.until("2026-11-21T15:00")
    assert later.times() == ["2026-11-21T14:02"]


def test_a_rule_that_went_and_came_back_begins_anew(opened: Open) -> None:
    first = opened(soon(at="{before: starts_at, by: 1 hour}"))
    first.starting("2026-11-22T15:00")
    open_later(opened, "2026-11-21T13:00", notification("other", at="{idle: 9 days}"))
    back = open_later(opened, "2026-11-23T12:00", soon(at="{before: starts_at, by: 1 hour}"))
    back.until("2026-11-23T13:00")
    assert back.times() == [] and back.missed() == []


def test_a_rule_that_changes_tells_no_moment_twice(opened: Open) -> None:
    first = opened(soon(at="{before: starts_at, by: 1 hour}"))
    first.starting("2026-11-21T15:00")
    first.until("2026-11-21T14:10")
    changed = open_later(opened, "2026-11-21T14:10", soon(at="{before: starts_at, by: [1 hour, 30 minutes]}"))
    changed.until("2026-11-21T15:00")
    assert changed.times() == ["2026-11-21T14:00", "2026-11-21T14:30"]


def open_later(opened: Open, local: str, *notifications: str) -> Timed:
    """The same database with another set, some time later."""
    firm = opened(*notifications, tick=False)
    firm.set_to(local)
    firm.tick()
    return firm


# ---- clocks, and several schedulers


def test_a_clock_that_goes_back_repeats_and_loses_nothing(opened: Open) -> None:
    firm = opened(soon(at="{before: starts_at, by: 1 hour}"))
    firm.starting("2026-11-21T15:00")
    firm.until("2026-11-21T14:30")
    firm.set_to("2026-11-22T12:00")  # somebody set the clock a day ahead
    firm.tick()
    firm.set_to("2026-11-21T14:35")
    firm.tick()
    firm.restart()
    firm.starting("2026-11-21T16:00")
    firm.until("2026-11-21T16:00")
    assert firm.times() == ["2026-11-21T14:00", "2026-11-21T15:00"]


@pytest.mark.parametrize("many", [2, 5])
def test_several_schedulers_at_once_tell_once(opened: Open, many: int) -> None:
    firm = opened(soon(at="{on: starts_at, time: 18:00}"), notification("daily", at="{every: day, time: 18:00}"))
    visits = [firm.starting("2026-11-21T19:00") for _ in range(120)]
    others = [firm.another() for _ in range(many)]
    for other in others:
        other.tick(firm.clock.now)
    firm.set_to("2026-11-21T18:00:01")
    made: list[int] = []
    threads = [threading.Thread(target=lambda s=other: made.append(s.tick(firm.clock.now))) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == many and sum(made) == 2 * len(visits)
    assert [visit for visit, _ in firm.told()] == [visit for visit, _ in firm.told("notification daily")] == sorted(visits)


def test_a_rule_that_cannot_be_looked_after_stops_no_other(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    firm = opened(notification("broken", at="{idle: 1 hour}"), soon(at="{before: starts_at, by: 1 hour}"))
    firm.starting("2026-11-21T15:00")
    broken = next(watch for watch in firm.scheduler.watches if watch.name == "notification broken")
    monkeypatch.setattr(type(broken.dues[0]), "window", _fails_for(broken.dues[0]))
    firm.set_to("2026-11-21T14:00:10")
    firm.tick()
    assert firm.times() == ["2026-11-21T14:00"]
    assert firm.missed()[0][1] == "The rule could not be looked after: ArithmeticError: too far"
    monkeypatch.undo()
    firm.until("2026-11-21T14:05")
    assert firm.times("notification broken") == ["2026-11-21T13:00"], "its mark stayed where it was"


def _fails_for(dues: object) -> Callable[..., tuple[int, int]]:
    whole = type(dues).window

    def window(self: object, after: int, until: int) -> tuple[int, int]:
        if self is dues:
            raise ArithmeticError("too far")
        return whole(self, after, until)

    return window


# ---- what is to come


def test_the_next_moment_is_known(opened_once: Open) -> None:
    firm = opened_once(
        soon(at="{before: starts_at, by: [15 minutes, 1 hour]}"), notification("daily", at="{every: day, time: 19:00}"),
        notification("quiet", at="{idle: 5 days}"), notification("slow", at="{in_stage: [New], for: 3 working hours}"),
    )
    firm.starting("2026-11-21T18:00")
    found, after, end = [], firm.clock.now, firm.at("2026-11-27T00:00")
    while (moment := firm.scheduler.next_due(after, end)) is not None:
        found.append(moment.astimezone(firm.zone).strftime("%d %H:%M"))
        after = moment
    evenings = [f"{day} 19:00" for day in range(21, 27)]
    assert found == sorted(["21 17:00", "21 17:45", "23 11:30", "26 12:00", *evenings])


def test_nothing_is_looked_for_twice_in_a_second(opened_once: Open) -> None:
    firm = opened_once(soon(at="{idle: 5 days}"))
    assert firm.tick() == 0 and firm.scheduler._within(firm.clock.now, firm.clock.now, room.BREATH)
