"""Events beside one another: none covers another, and none is lost."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings, strategies as st

from engine.rules.lanes import SHORTEST, Bar, Placed, Span, side_by_side, week_cells

times = st.integers(0, 1439).flatmap(lambda start: st.tuples(st.just(start), st.integers(start, 1440)))
crowds = st.lists(times, max_size=70).map(lambda some: [Span(n, *both) for n, both in enumerate(some)])
mosts = st.integers(2, 8)


def overlap(one: Placed[int], other: Placed[int]) -> bool:
    return one.start < other.end and other.start < one.end


@settings(max_examples=300, deadline=None)
@given(crowds, mosts)
def test_each_event_of_a_day_is_shown_or_counted_once_and_none_covers_another(spans: list[Span[int]], most: int) -> None:
    found = side_by_side(spans, most)
    keys = [p.key for p in found.placed] + [key for more in found.more for key in more.keys]
    assert sorted(keys) == [span.key for span in spans]
    for one, other in combinations(found.placed, 2):
        if overlap(one, other):
            assert one.lanes == other.lanes
            assert one.lane + one.wide <= other.lane or other.lane + other.wide <= one.lane
    for placed in found.placed:
        assert placed.lanes <= most and placed.lane + placed.wide <= placed.lanes
        assert placed.start >= 0 and placed.start + SHORTEST <= placed.end <= 1440


@settings(max_examples=200, deadline=None)
@given(crowds, mosts)
def test_what_tells_of_more_covers_no_event(spans: list[Span[int]], most: int) -> None:
    found = side_by_side(spans, most)
    for more in found.more:
        assert more.lanes == most
        for placed in found.placed:
            if placed.start < more.end and more.start < placed.end:
                assert placed.lanes == most and placed.lane + placed.wide <= most - 1
    for one, other in combinations(found.more, 2):
        assert one.end <= other.start or other.end <= one.start


def test_a_lone_event_has_the_whole_width() -> None:
    assert side_by_side([Span("demo", 600, 660)], 4).placed == (Placed("demo", 600, 660, 0, 1, 1),)


def test_an_event_grows_over_the_lanes_that_are_free_beside_it() -> None:
    long, first, second, late = Span("a", 540, 720), Span("b", 540, 600), Span("c", 540, 600), Span("d", 620, 700)
    placed = {p.key: p for p in side_by_side([long, first, second, late], 4).placed}
    assert (placed["a"].lane, placed["a"].wide) == (0, 1)
    assert (placed["d"].lane, placed["d"].wide, placed["d"].lanes) == (1, 2, 3)


def test_sixty_calls_at_the_same_time_are_two_names_and_how_many_more() -> None:
    found = side_by_side([Span(n, 600, 605) for n in range(60)], 3)
    assert len(found.placed) == 2
    assert [len(more.keys) for more in found.more] == [58]


bars = st.lists(
    st.integers(0, 6).flatmap(lambda first: st.tuples(st.just(first), st.integers(first, 6))), max_size=12
).map(lambda some: [Bar(f"bar {n}", *both) for n, both in enumerate(some)])
days = st.lists(st.integers(0, 12), min_size=7, max_size=7).map(
    lambda counts: [[f"{day}.{n}" for n in range(count)] for day, count in enumerate(counts)]
)


@settings(max_examples=300, deadline=None)
@given(bars, days, st.integers(2, 6))
def test_each_day_of_a_month_shows_or_counts_all_that_it_has(bars: list[Bar[str]], days: list[list[str]], most: int) -> None:
    cells = week_cells(bars, days, most)
    for day, cell in enumerate(cells):
        has = {*days[day], *(bar.key for bar in bars if bar.first <= day <= bar.last)}
        shown = [key for key in cell.rows if key is not None]
        assert len(set(shown)) == len(shown) and set(shown) <= has
        assert len(shown) + cell.more == len(has)
        assert len(cell.rows) + bool(cell.more) <= most
    for bar in bars:
        rows = {cells[day].rows.index(bar.key) for day in range(bar.first, bar.last + 1) if bar.key in cells[day].rows}
        assert len(rows) <= 1


def test_seven_more_are_told_of() -> None:
    (cell, *_) = week_cells([], [[f"{n}" for n in range(10)], *[[] for _ in range(6)]], 4)
    assert cell.rows == ("0", "1", "2")
    assert cell.more == 7
