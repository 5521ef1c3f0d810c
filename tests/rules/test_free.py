"""A time at which several people are free: never within anybody's appointment, never outside of the hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings, strategies as st

from engine.rules.free import Taken, free_times, merged, overlapping

DAWN = datetime(2026, 11, 24, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STEP = timedelta(minutes=30)
spans = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 600)), max_size=20).map(
    lambda some: [at(start, start + long) for start, long in some]
)


def at(start: int, end: int) -> Taken:
    return DAWN + start * MINUTE, DAWN + end * MINUTE


@settings(max_examples=300, deadline=None)
@given(spans, spans, st.sampled_from([15, 30, 60, 90]))
def test_a_time_that_is_offered_is_open_and_free(open_spans: list[Taken], taken: list[Taken], minutes: int) -> None:
    length = minutes * MINUTE
    for found in free_times(open_spans, taken, length, STEP, DAWN, 50):
        assert not overlapping((found, found + length), taken)
        assert any(start <= found and found + length <= end for start, end in merged(open_spans))


@settings(max_examples=200, deadline=None)
@given(spans, st.sampled_from([15, 30, 60]))
def test_no_whole_step_that_is_free_is_left_out(taken: list[Taken], minutes: int) -> None:
    length, (start, end) = minutes * MINUTE, at(540, 1080)
    steps = (start + n * STEP for n in range(18))
    free = [one for one in steps if one + length <= end and not overlapping((one, one + length), taken)]
    assert free_times([(start, end)], taken, length, STEP, DAWN, 100) == free


def test_what_is_past_is_not_offered() -> None:
    found = free_times([at(540, 1080)], [at(600, 720)], 60 * MINUTE, STEP, DAWN + 590 * MINUTE, 2)
    assert found == [DAWN + 720 * MINUTE, DAWN + 750 * MINUTE]
