"""`today`, `last month`, `in 3 days` mean what an officer means, in the reader's zone, when clocks change too."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from engine.blueprint.conditions import Word
from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.parts import field_type, operator, words
from engine.parts.fields.contract import Unreadable
from engine.parts.words import Span

INDIA = Reading(
    Formats("en", "Asia/Kolkata", "INR", "IN"), datetime(2026, 11, 21, 20, 0, tzinfo=UTC), 7, (4, 1)
)
BERLIN = Reading(Formats("de", "Europe/Berlin"), datetime(2026, 3, 29, 10, 0, tzinfo=UTC), 7)
DUE, SEEN, OWNER = (
    Field("due", "date", "Due"),
    Field("seen", "datetime", "Seen"),
    Field("owner", "user", "Owner"),
)


def spans(text: str, at: Reading) -> tuple[str, str]:
    span = words.span_of(Word(text), at)
    return span.start.isoformat(), span.end.isoformat()


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", "2026-11-22", "2026-11-23"),  # 01:30 on the 22nd in India, still the 21st in UTC
        ("yesterday", "2026-11-21", "2026-11-22"),
        ("tomorrow", "2026-11-23", "2026-11-24"),
        ("this week", "2026-11-16", "2026-11-23"),
        ("last week", "2026-11-09", "2026-11-16"),
        ("this month", "2026-11-01", "2026-12-01"),
        ("next month", "2026-12-01", "2027-01-01"),
        ("last quarter", "2026-07-01", "2026-10-01"),
        ("next quarter", "2027-01-01", "2027-04-01"),
        ("this year", "2026-01-01", "2027-01-01"),
        ("this financial year", "2026-04-01", "2027-04-01"),
        ("last financial year", "2025-04-01", "2026-04-01"),
        ("last 7 days", "2026-11-16", "2026-11-23"),
        ("next 30 days", "2026-11-22", "2026-12-22"),
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-Q1", "2026-01-01", "2026-04-01"),
        ("2026-02", "2026-02-01", "2026-03-01"),
        ("2026-02-28", "2026-02-28", "2026-03-01"),
    ],
)
def test_a_span_runs_from_its_first_day_to_the_day_after_its_last(text, start, end):
    assert spans(text, INDIA) == (start, end)


@pytest.mark.parametrize(
    "text", ["someday", "last 7 fortnights", "2026-13", "this", "last 0x days", "", "2026-02-30"]
)
def test_what_is_no_span_is_refused(text):
    with pytest.raises(Unreadable):
        words.span_word(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("in 3 days", "2026-11-25"),
        ("2 weeks ago", "2026-11-08"),
        ("in 3 months", "2027-02-22"),
        ("1 year ago", "2025-11-22"),
    ],
)
def test_a_distance_in_days_is_a_day(text, day):
    assert words.resolve(Word(text), INDIA) == date.fromisoformat(day)


def test_a_distance_in_hours_is_a_moment():
    assert words.resolve(Word("2 hours ago"), INDIA) == INDIA.now - timedelta(hours=2)
    assert words.resolve(Word("now"), INDIA) == INDIA.now


def test_me_is_the_reader_and_nobody_where_nobody_asks():
    assert words.resolve(Word("me"), INDIA) == 7
    assert words.resolve(Word("me"), Reading(Formats(), INDIA.now)) is None
    assert words.resolve(Word("my team"), INDIA) == Word("my team")


def test_the_end_of_a_long_month_is_the_end_of_a_short_one():
    at = Reading(Formats(), datetime(2026, 1, 31, 12, tzinfo=UTC))
    assert words.resolve(Word("in 1 month"), at) == date(2026, 2, 28)


def test_the_day_the_clocks_go_forward_is_23_hours_long():
    span = words.moments(words.span_of(Word("today"), BERLIN), BERLIN)
    assert span == Span(datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC))


def test_a_day_without_midnight_begins_when_the_clocks_jump():
    beirut = Reading(Formats(zone="Asia/Beirut"), datetime(2024, 3, 31, 12, tzinfo=UTC))
    assert words.moments(words.span_of(Word("today"), beirut), beirut).start == datetime(
        2024, 3, 30, 22, tzinfo=UTC
    )


def test_a_time_that_the_clocks_skip_is_refused():
    with pytest.raises(Unreadable, match="There is no 02:30 on 2026-03-29 in Europe/Berlin"):
        field_type("datetime").read(SEEN, "2026-03-29T02:30", BERLIN)


def test_an_hour_that_the_clocks_repeat_survives_an_untouched_form():
    kind, second = field_type("datetime"), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    text = kind.typed(SEEN, second, BERLIN.formats)
    assert kind.read(SEEN, text, BERLIN) == second
    assert kind.read(SEEN, "2026-10-25T02:30", BERLIN) == second - timedelta(hours=1)
    form = {"seen": "2026-10-25T02:30", "seen__was": f"2026-10-25T02:30|{text}"}
    assert kind.read(SEEN, kind.gather(SEEN, form, "seen"), BERLIN) == second


def test_a_follow_up_in_three_days_keeps_the_time_on_the_wall():
    before = Reading(
        Formats(zone="Europe/Berlin"), datetime(2026, 3, 27, 9, 15, tzinfo=UTC)
    )  # 10:15 in Berlin
    made = words.value_of(SEEN, Word("in 3 days"), before)
    assert made.astimezone(ZoneInfo("Europe/Berlin")).isoformat() == "2026-03-30T10:15:00+02:00"


def test_before_and_after_a_day_leave_the_day_itself_out():
    today = words.moments(words.span_of(Word("today"), BERLIN), BERLIN)
    for word, inside in (("before", False), ("after", False), ("at_least", True), ("at_most", True)):
        part = operator(word)
        value = part.resolve(SEEN, part.read(SEEN, "today", None), BERLIN)
        assert part.holds(SEEN, today.start, value) is inside
        assert part.holds(SEEN, today.end - timedelta(milliseconds=1), value) is inside
    after = operator("after")
    assert after.holds(SEEN, today.end, after.resolve(SEEN, Word("today"), BERLIN))


ZONES = st.sampled_from(
    [
        "UTC",
        "Asia/Kolkata",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Beirut",
        "Australia/Lord_Howe",
        "Pacific/Apia",
    ]
)
NOW = st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
PERIODS = st.sampled_from(["week", "month", "quarter", "year", "financial year"])
STARTS = st.tuples(st.integers(1, 12), st.integers(1, 28))


@given(zone=ZONES, now=NOW, unit=PERIODS, starts=STARTS)
def test_last_this_and_next_follow_without_a_gap_and_today_is_in_this(zone, now, unit, starts):
    at = Reading(Formats(zone=zone), now, None, starts)
    last, this, after = (words.span_of(Word(f"{which} {unit}"), at) for which in ("last", "this", "next"))
    assert last.end == this.start <= at.today < this.end == after.start
    exact = words.moments(this, at)
    assert exact.start <= now < exact.end


@given(zone=ZONES, now=NOW)
def test_every_moment_is_within_the_day_that_the_readers_wall_calendar_shows(zone, now):
    at = Reading(Formats(zone=zone), now)
    within = operator("within")
    assert within.holds(SEEN, now, within.resolve(SEEN, Word("today"), at))
    assert within.holds(DUE, at.today, within.resolve(DUE, Word("today"), at))
    assert not within.holds(SEEN, now, within.resolve(SEEN, Word("yesterday"), at))


@given(zone=ZONES, now=NOW)
def test_a_typed_moment_means_what_was_shown(zone, now):
    kind, now = field_type("datetime"), now.replace(microsecond=now.microsecond // 1000 * 1000)
    at = Reading(Formats(zone=zone), now)
    assert kind.read(SEEN, kind.typed(SEEN, now, at.formats), at) == now
    assert kind.load(SEEN, kind.store(SEEN, now)) == now
    assert kind.read(SEEN, kind.json(SEEN, now), at) == now
    local = now.astimezone(ZoneInfo(zone))
    assert f"{local:%Y}" in kind.show(SEEN, now, at.formats)
    assert f":{local:%M}" in kind.show(SEEN, now, at.formats)
