"""Which values fall due in a span of time: as many as a search through all of them would find."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, strategies as st

from engine.blueprint.triggers import Around, Idle, Span
from engine.parts.moments import milliseconds
from engine.rules.dues import Dues
from engine.rules.late import how_late
from tests.rules.test_moments import SPANS, ZONES, firm

AROUND_A_CHANGE = st.sampled_from(["2026-02-15", "2026-03-08", "2026-03-29", "2026-10-04", "2026-10-25", "2026-01-31"])


@given(st.sampled_from(ZONES), SPANS, AROUND_A_CHANGE, st.booleans(), st.booleans(), st.booleans(), st.data())
def test_whatever_is_due_in_a_window_is_looked_for(zone, span, day, forward, timed, waits, data):
    timed = timed and span.unit not in ("minutes", "hours")
    trigger = Around("after" if forward else "before", "x", (span,), time(2, 30) if timed else None)
    dues = Dues(firm(zone), trigger, span, waits)
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    values = [milliseconds(start + timedelta(minutes=data.draw(st.integers(-3000, 3000)))) for _ in range(30)]
    after = dues.due(values[0])
    until = after + data.draw(st.integers(1, 5 * 86_400_000))
    low, high = dues.window(after, until)
    for value in values:
        if after < dues.due(value) <= until:
            assert low <= value < high


DAYS = st.builds(Span, st.integers(1, 40), st.sampled_from(["days", "weeks", "months"]))


@given(st.sampled_from(ZONES), DAYS, st.booleans(), st.integers(0, 4000))
def test_a_day_is_looked_for_when_its_time_comes(zone, span, forward, ahead):
    dues = Dues(firm(zone), Around("after" if forward else "before", "x", (span,), time(7)), span, by_day=True)
    day = datetime(2024, 1, 1).toordinal() + ahead
    due = dues.due(day)
    low, high = dues.window(due - 1, due)
    assert low <= day < high
    low, high = dues.window(due, due + 3_600_000)
    assert low > day


def test_a_rule_that_nothing_is_due_for_looks_at_next_to_nothing():
    quiet = Dues(firm(), Idle(Span(5, "days")), Span(5, "days"))
    now = milliseconds(datetime(2026, 11, 22, 12, tzinfo=UTC))
    low, high = quiet.window(now - 1000, now)
    assert high - low == 1000


@pytest.mark.parametrize(
    "late, told",
    [(timedelta(seconds=5), "less than a minute"), (timedelta(minutes=5.5), "5 minutes"), (timedelta(hours=1), "1 hour"),
     (timedelta(days=3, hours=2), "3 days")],
)  # fmt: skip
def test_how_late_something_is_is_told_in_round_words(late, told):
    assert how_late(late) == told
