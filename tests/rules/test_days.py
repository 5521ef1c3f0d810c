"""Days of a calendar: weeks by the reader's custom, and events in the nights when the clocks are changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from engine.parts.moments import DAY, start_of
from engine.rules.days import MINUTES, Change, change_on, days_of, moment_at, moved, pieces, turned

BERLIN, KOLKATA, BEIRUT, LORD_HOWE = map(ZoneInfo, ("Europe/Berlin", "Asia/Kolkata", "Asia/Beirut", "Australia/Lord_Howe"))
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
zones = st.sampled_from([BERLIN, KOLKATA, BEIRUT, LORD_HOWE, ZoneInfo("America/New_York"), ZoneInfo("Asia/Gaza")])
near = st.one_of(st.just(SPRING), st.just(AUTUMN), st.dates(date(2025, 1, 1), date(2028, 1, 1)))


def local(day: date, hour: int, minute: int = 0, zone: ZoneInfo = BERLIN, fold: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("first", "start", "end"),
    [
        (0, date(2026, 10, 26), date(2026, 12, 6)), (6, date(2026, 11, 1), date(2026, 12, 5)),
        (5, date(2026, 10, 31), date(2026, 12, 4)),
    ],
    ids=["Monday", "Sunday", "Saturday"],
)  # fmt: skip
def test_a_month_is_shown_in_whole_weeks_of_the_readers_custom(first: int, start: date, end: date) -> None:
    days = days_of("month", date(2026, 11, 22), first)
    assert (days.first, days.last) == (start, end)
    assert all(len(week) == 7 and week[0].weekday() == first for week in days.weeks())


def test_a_month_further_is_the_next_month_whatever_its_length() -> None:
    assert turned(days_of("month", date(2026, 1, 31)), 1) == date(2026, 2, 1)
    assert turned(days_of("month", date(2026, 1, 31)), -1) == date(2025, 12, 1)
    assert turned(days_of("week", date(2026, 11, 22)), 1) == date(2026, 11, 29)


def test_an_event_over_midnight_has_a_piece_on_both_days() -> None:
    day = date(2026, 11, 22)
    one, two = pieces(local(day, 22), local(day + DAY, 3), [day, day + DAY], BERLIN)
    assert (one.start, one.end, one.begins, one.ends) == (1320, 1440, True, False)
    assert (two.start, two.end, two.begins, two.ends) == (0, 180, False, True)


def test_what_ends_at_midnight_does_not_touch_the_next_day() -> None:
    day = date(2026, 11, 22)
    assert [p.day for p in pieces(local(day, 22), local(day + DAY, 0), [day, day + DAY], BERLIN)] == [day]


def test_what_takes_no_time_stands_where_it_begins() -> None:
    day = date(2026, 11, 22)
    (piece,) = pieces(local(day, 0), None, [day - DAY, day], BERLIN)
    assert (piece.day, piece.start, piece.end) == (day, 0, 0)


def test_an_hour_over_the_spring_change_reaches_from_half_past_one_to_half_past_three() -> None:
    starts = local(SPRING, 1, 30)
    (piece,) = pieces(starts, starts + timedelta(hours=1), [SPRING], BERLIN)
    assert (piece.start, piece.end) == (90, 210)


def test_half_past_two_of_the_autumn_night_is_there_twice_at_the_same_place() -> None:
    for fold in (0, 1):
        starts = local(AUTUMN, 2, 30, fold=fold)
        (piece,) = pieces(starts, starts + timedelta(minutes=30), [AUTUMN], BERLIN)
        assert (piece.start, piece.end) == (150, 180)


def test_what_ends_before_it_began_on_the_wall_is_as_long_as_it_lasts() -> None:
    starts = local(AUTUMN, 2, 45)
    (piece,) = pieces(starts, starts + timedelta(minutes=30), [AUTUMN], BERLIN)
    assert (piece.start, piece.end) == (165, 195)


def test_half_past_two_of_the_spring_night_comes_when_the_clocks_jump() -> None:
    assert moment_at(SPRING, 150, BERLIN) == local(SPRING, 3)
    assert moved(local(date(2026, 3, 20), 2, 30), SPRING, None, BERLIN) == local(SPRING, 3)


def test_to_another_day_the_time_on_the_wall_stays_also_over_a_change() -> None:
    assert moved(local(SPRING - DAY, 10), SPRING, None, BERLIN) == local(SPRING, 10)
    second = local(AUTUMN, 2, 30, fold=1)
    assert moved(second, AUTUMN, None, BERLIN) == second


@pytest.mark.parametrize(
    ("day", "zone", "change"),
    [
        (SPRING, BERLIN, Change(120, 180)), (AUTUMN, BERLIN, Change(180, 120)), (SPRING, KOLKATA, None),
        (date(2026, 4, 5), LORD_HOWE, Change(120, 90)), (date(2026, 10, 4), LORD_HOWE, Change(120, 150)),
    ],
)  # fmt: skip
def test_a_day_tells_when_its_clocks_are_changed(day: date, zone: ZoneInfo, change: Change | None) -> None:
    assert change_on(day, zone) == change


@settings(max_examples=300, deadline=None)
@given(near, st.integers(0, 3 * MINUTES), st.integers(0, 3 * MINUTES), zones)
def test_the_pieces_of_an_event_are_on_the_days_that_it_touches_and_within_them(
    day: date, after: int, long: int, zone: ZoneInfo
) -> None:
    starts = start_of(day, zone) + timedelta(minutes=after)
    ends = starts + timedelta(minutes=long)
    days = [day + n * DAY for n in range(-1, 8)]
    found = pieces(starts, ends, days, zone)
    touched = [d for d in days if start_of(d, zone) <= starts < start_of(d + DAY, zone)
               or (starts < start_of(d + DAY, zone) and ends > start_of(d, zone))]  # fmt: skip
    assert [p.day for p in found] == touched
    assert all(0 <= p.start <= p.end <= MINUTES for p in found)
    assert all(p.end > p.start for p in found) or not long
    assert [p.begins for p in found] == [n == 0 for n in range(len(found))]
    assert [p.ends for p in found] == [n == len(found) - 1 for n in range(len(found))]


@settings(max_examples=300, deadline=None)
@given(near, st.integers(0, MINUTES - 1), zones)
def test_a_minute_of_a_day_is_a_moment_of_it_and_comes_back_to_it(day: date, minute: int, zone: ZoneInfo) -> None:
    moment = moment_at(day, minute, zone)
    there = moment.astimezone(zone)
    back = (there.date() - day).days * MINUTES + there.hour * 60 + there.minute
    change = change_on(day, zone)
    skipped = change is not None and change.forward and change.at <= minute < change.to
    assert back == (change.to if skipped and change else minute) or start_of(day, zone).astimezone(zone).hour
