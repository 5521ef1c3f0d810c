"""The clocks of the world, and the moments at which a promise falls due."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings, strategies as st

from engine.blueprint.manifest import Manifest, WorkingHours
from engine.blueprint.triggers import Around, Every, Span
from engine.rules.moments import STEADY, FirmTime
from engine.rules.walls import on_the_wall, wall

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata")
SIX_DAYS = WorkingHours(
    week=(((time(9, 30), time(18, 30)),),) * 5 + (((time(9, 30), time(13)),), ()),
    holidays={date(2026, 11, 25): "Guru Nanak"},
    yearly={(12, 25): "Christmas"},
)


def firm(zone: str = "Asia/Kolkata", hours: WorkingHours = SIX_DAYS, year: tuple[int, int] = (4, 1)) -> FirmTime:
    return FirmTime(Manifest("firm", "Firm", zone=zone, hours=hours, financial_year_starts=year))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def here(text: str, zone: str = "Asia/Kolkata") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


# ---- clocks on the wall: what they show, and the moment that is, worked out by hand

WALLS = [
    # Berlin: 29 March 2026 02:00 -> 03:00, 25 October 2026 03:00 -> 02:00
    ("Europe/Berlin", "2026-03-28T02:30", "2026-03-28T01:30"),
    ("Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59"),
    ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00"),
    ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00"),
    ("Europe/Berlin", "2026-03-29T02:59:59", "2026-03-29T01:00"),
    ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00"),
    ("Europe/Berlin", "2026-10-25T01:59", "2026-10-24T23:59"),
    ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"),
    ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00"),
    # New York: 8 March 2026 02:00 -> 03:00, 1 November 2026 02:00 -> 01:00
    ("America/New_York", "2026-03-08T01:30", "2026-03-08T06:30"),
    ("America/New_York", "2026-03-08T02:15", "2026-03-08T07:00"),
    ("America/New_York", "2026-03-08T03:00", "2026-03-08T07:00"),
    ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"),
    ("America/New_York", "2026-11-01T02:00", "2026-11-01T07:00"),
    # Lord Howe, half an hour: 5 April 2026 02:00 -> 01:30, 4 October 2026 02:00 -> 02:30
    ("Australia/Lord_Howe", "2026-04-05T01:29", "2026-04-04T14:29"),
    ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),
    ("Australia/Lord_Howe", "2026-04-05T02:00", "2026-04-04T15:30"),
    ("Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-03T15:30"),
    ("Australia/Lord_Howe", "2026-10-04T02:30", "2026-10-03T15:30"),
    ("Australia/Lord_Howe", "2026-10-04T02:31", "2026-10-03T15:31"),
    # Casablanca, back for Ramadan: 15 February 2026 03:00 -> 02:00, 22 March 2026 02:00 -> 03:00
    ("Africa/Casablanca", "2026-02-14T07:00", "2026-02-14T06:00"),
    ("Africa/Casablanca", "2026-02-15T02:30", "2026-02-15T01:30"),
    ("Africa/Casablanca", "2026-02-15T07:00", "2026-02-15T07:00"),
    ("Africa/Casablanca", "2026-03-22T02:30", "2026-03-22T02:00"),
    ("Africa/Casablanca", "2026-03-22T07:00", "2026-03-22T06:00"),
    # Kolkata never changes
    ("Asia/Kolkata", "2026-03-29T02:30", "2026-03-28T21:00"),
    ("Asia/Kolkata", "2026-12-01T07:00", "2026-12-01T01:30"),
]


@pytest.mark.parametrize("zone, shown, moment", WALLS)
def test_the_clocks_of_a_zone_show_a_time_at_one_moment(zone, shown, moment):
    assert wall(datetime.fromisoformat(shown), ZoneInfo(zone)) == utc(moment)


def test_the_second_time_of_a_doubled_hour_has_a_name_of_its_own():
    berlin = ZoneInfo("Europe/Berlin")
    assert on_the_wall(utc("2026-10-25T00:30"), berlin) == "2026-10-25T02:30"
    assert on_the_wall(utc("2026-10-25T01:30"), berlin) == "2026-10-25T02:30+01:00"


@given(
    st.sampled_from(ZONES), st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),
    st.timedeltas(timedelta(), timedelta(hours=3)),
)  # fmt: skip
def test_a_later_time_on_the_wall_is_no_earlier_moment(zone, local, more):
    assert wall(local, ZoneInfo(zone)) <= wall(local + more, ZoneInfo(zone))


# ---- before, after and on

AROUND = [
    # trigger, its span, the field's value, when it is due: all on Indian clocks
    (Around("before", "x"), Span(15, "minutes"), "2026-12-01T10:00", "2026-12-01T09:45"),
    (Around("before", "x"), Span(1, "days"), "2026-12-01T10:00", "2026-11-30T10:00"),
    (Around("after", "x"), Span(2, "weeks"), "2026-12-01T10:00", "2026-12-15T10:00"),
    (Around("before", "x"), Span(1, "months"), "2026-03-31T10:00", "2026-02-28T10:00"),
    (Around("on", "x"), None, "2026-12-01T10:00", "2026-12-01T10:00"),
    (Around("on", "x", time=time(7)), None, "2026-12-01T10:00", "2026-12-01T07:00"),
    (Around("on", "x", time=time(7)), None, "2026-12-01T00:10", "2026-12-01T07:00"),
    (Around("on", "x", time=time(9)), None, "2026-12-01", "2026-12-01T09:00"),
    (Around("before", "x", time=time(18)), Span(1, "days"), "2026-12-01", "2026-11-30T18:00"),
    (Around("before", "x", time=time(18)), Span(1, "months"), "2026-12-31", "2026-11-30T18:00"),
    # working hours: Monday to Friday 09:30-18:30, Saturday to 13:00, 25 November is a holiday
    (Around("after", "x"), Span(2, "hours", True), "2026-11-23T10:00", "2026-11-23T12:00"),
    (Around("after", "x"), Span(2, "hours", True), "2026-11-23T17:30", "2026-11-24T10:30"),
    (Around("after", "x"), Span(2, "hours", True), "2026-11-24T17:30", "2026-11-26T10:30"),
    (Around("after", "x"), Span(2, "hours", True), "2026-11-28T12:00", "2026-11-30T10:30"),
    (Around("after", "x"), Span(2, "hours", True), "2026-11-29T12:00", "2026-11-30T11:30"),
    (Around("after", "x"), Span(1, "hours", True), "2026-11-23T17:30", "2026-11-23T18:30"),
    (Around("before", "x"), Span(2, "hours", True), "2026-11-23T10:30", "2026-11-21T12:00"),
    (Around("before", "x"), Span(30, "minutes", True), "2026-11-22T10:30", "2026-11-21T12:30"),
    # working days: the same time so many open days on, within that day's hours
    (Around("after", "x"), Span(1, "days", True), "2026-11-24T10:00", "2026-11-26T10:00"),
    (Around("after", "x"), Span(1, "days", True), "2026-11-27T17:00", "2026-11-28T13:00"),
    (Around("after", "x"), Span(1, "days", True), "2026-11-29T17:00", "2026-12-01T09:30"),
    (Around("before", "x"), Span(1, "days", True), "2026-11-26T10:00", "2026-11-24T10:00"),
    (Around("before", "x", time=time(18)), Span(1, "days", True), "2026-11-26", "2026-11-24T18:00"),
    (Around("before", "x", time=time(18)), Span(1, "days", True), "2026-11-29", "2026-11-28T18:00"),
    (Around("after", "x", time=time(9)), Span(1, "days", True), "2026-11-29", "2026-11-30T09:00"),
]  # fmt: skip


@pytest.mark.parametrize("trigger, span, value, due", AROUND)
def test_a_promise_around_a_date_falls_due_when_a_person_would_say(trigger, span, value, due):
    given = here(value) if "T" in value else date.fromisoformat(value)
    assert firm().around(trigger, span, given) == here(due)


def test_a_day_is_the_calendars_and_24_hours_are_hours():
    berlin = firm("Europe/Berlin")
    saturday = here("2026-03-28T10:00", "Europe/Berlin")
    assert berlin.on(saturday, Span(1, "days")) == utc("2026-03-29T08:00")
    assert berlin.on(saturday, Span(24, "hours")) == utc("2026-03-29T09:00")


def test_an_hour_of_work_is_an_hour_in_the_night_that_is_shorter():
    nights = WorkingHours(week=(((time(), time()),),) * 7)
    berlin = firm("Europe/Berlin", nights)
    assert berlin.on(utc("2026-03-29T00:30"), Span(2, "hours", True)) == utc("2026-03-29T02:30")


SPANS = st.builds(
    Span, st.integers(1, 40), st.sampled_from(["minutes", "hours", "days", "weeks", "months"]), st.just(False)
) | st.builds(Span, st.integers(1, 12), st.sampled_from(["minutes", "hours", "days"]), st.just(True))
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1)).map(lambda d: d.replace(tzinfo=UTC))


@settings(max_examples=400)
@given(st.sampled_from(ZONES), SPANS, MOMENTS, st.timedeltas(timedelta(), timedelta(days=9)), st.booleans(), st.booleans())
def test_who_asks_later_is_told_no_earlier(zone, span, moment, more, forward, timed):
    time_of = firm(zone)
    timed = timed and span.unit not in ("minutes", "hours")
    trigger = Around("after" if forward else "before", "x", time=time(2, 30) if timed else None)
    unsteady = time_of.unsteady(moment, span, timed) or time_of.unsteady(moment + more, span, timed)
    if unsteady != STEADY:
        assume(more > unsteady)
    assert time_of.around(trigger, span, moment) <= time_of.around(trigger, span, moment + more)


@given(st.sampled_from(ZONES), MOMENTS, st.integers(1, 5000))
def test_what_is_counted_in_working_hours_is_due_within_them(zone, moment, minutes):
    time_of = firm(zone)
    due = time_of.on(moment, Span(minutes, "minutes", True))
    assert time_of.hours.closing(due) == due, "only while it is open, or just then shut"
    assert time_of.hours.later(time_of.hours.earlier(due, timedelta(minutes=minutes)), timedelta(minutes=minutes)) == due


@given(st.sampled_from(ZONES), MOMENTS)
def test_what_waits_for_the_opening_waits_no_longer(zone, moment):
    time_of = firm(zone)
    opening = time_of.opening(moment)
    assert opening >= moment and time_of.opening(opening) == opening
    if opening > moment:
        assert any(opening == start for start, _ in time_of.hours.spans(opening.astimezone(time_of.zone).date()))


def test_a_firm_that_is_never_open_is_taken_to_be_open():
    shut = firm(hours=WorkingHours(week=((),) * 7))
    moment = utc("2026-11-22T10:00")
    assert shut.opening(moment) == moment and shut.on(moment, Span(1, "days", True)) is not None


# ---- on a schedule


@settings(max_examples=60)
@given(st.sampled_from(ZONES), st.integers(0, 23), st.integers(0, 59), st.integers(2024, 2035))
def test_every_day_is_once_each_day_for_years(zone, hour, minute, year):
    time_of = firm(zone, WorkingHours())
    first = datetime(year, 1, 1, tzinfo=time_of.zone)
    runs = list(time_of.runs(Every("day", time(hour, minute)), first, datetime(year + 1, 1, 1, tzinfo=time_of.zone)))
    days = [run.astimezone(time_of.zone).date() for run in runs]
    whole = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    # midnight itself belongs to the day that it begins, and the window is open at its start
    assert days in ([d for d in whole if d.year == year], [*[d for d in whole if d.year == year][1:], date(year + 1, 1, 1)])
    assert all(a < b for a, b in pairwise(runs))


SCHEDULES = [
    Every("day", time(2, 30)), Every("working day", time(1, 45)), Every("week", time(2), 6), Every("month", time(2, 30), 31),
    Every("quarter", time(0), -1), Every("year", time(9), 1), Every("financial_year", time(2, 15), 1),
]  # fmt: skip
STEPS = st.lists(st.timedeltas(timedelta(seconds=1), timedelta(days=40)), min_size=1, max_size=9)


@given(st.sampled_from(ZONES), MOMENTS, STEPS, st.sampled_from(SCHEDULES))
def test_windows_one_after_another_find_what_one_window_finds(zone, start, steps, every):
    time_of, ends = firm(zone), [start]
    for step in steps:
        ends.append(ends[-1] + step)
    together = [run for a, b in pairwise(ends) for run in time_of.runs(every, a, b)]
    assert together == list(time_of.runs(every, start, ends[-1]))


NEXT = [
    (Every("day", time(19)), ["2026-11-22T19:00", "2026-11-23T19:00"]),
    (Every("working day", time(9)), ["2026-11-23T09:00", "2026-11-24T09:00", "2026-11-26T09:00"]),
    (Every("week", time(9), 0), ["2026-11-23T09:00", "2026-11-30T09:00"]),
    (Every("month", time(9), 31), ["2026-11-30T09:00", "2026-12-31T09:00", "2027-01-31T09:00", "2027-02-28T09:00"]),
    (Every("month", time(9), -1), ["2026-11-30T09:00", "2026-12-31T09:00"]),
    (Every("quarter", time(9), 1), ["2027-01-01T09:00", "2027-04-01T09:00"]),
    (Every("quarter", time(9), -1), ["2026-12-31T09:00", "2027-03-31T09:00"]),
    (Every("year", time(9), 1), ["2027-01-01T09:00", "2028-01-01T09:00"]),
    (Every("financial_year", time(9), 1), ["2027-04-01T09:00", "2028-04-01T09:00"]),
    (Every("financial_year", time(9), -1), ["2027-03-31T09:00", "2028-03-31T09:00"]),
]


@pytest.mark.parametrize("every, runs", NEXT)
def test_the_next_runs_are_those_that_an_officer_expects(every, runs):
    after = here("2026-11-22T12:00")  # a Sunday
    found = islice(firm().runs(every, after, after + timedelta(days=2000)), len(runs))
    assert list(found) == [here(run) for run in runs]

