"""Forecasts of real sales, month by month without the months that are told; and what holds of any past."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from engine.rules.forecasting import LEAST, METHODS, NAIVE, PIPELINE, Past, Trial, error_of, forecast
from engine.rules.pipelines import Flow, Move, told_from

WHOLE = Path(__file__).parents[3] / "shared" / "data" / "sales_opportunities" / "sales_pipeline.csv"
FIRST = 2017 * 12 + 2  # March 2017, the month of the first sale

# (month, sold, told, at least, at most, the month before again)
HELD_BACK = [
    (7, 731_980, 696_932, 493_138, 900_726, 1_235_264),
    (8, 938_943, 1_050_059, 846_265, 1_253_853, 731_980),
    (9, 1_131_573, 1_235_264, 1_031_470, 1_439_058, 938_943),
]


def month_of(day: str) -> int:
    return int(day[:4]) * 12 + int(day[5:7]) - 1 - FIRST


def real_past() -> Past:
    sold: Counter[int] = Counter()
    moves: Counter[tuple[int, int | None, bool]] = Counter()
    with open(WHOLE, encoding="utf-8") as file:
        for row in csv.DictReader(file):
            closed = month_of(row["close_date"]) if row["close_date"] else None
            won = row["deal_stage"] == "Won"
            if row["engage_date"]:
                moves[month_of(row["engage_date"]), closed, won] += 1
            if won and closed is not None:
                sold[closed] += int(row["close_value"])
    flow = Flow(Move(entered, closed, n, n if won else 0) for (entered, closed, won), n in moves.items())
    return Past(tuple(Decimal(sold[at]) for at in range(max(sold) + 1)), flow)


@pytest.mark.skipif(not WHOLE.exists(), reason="the whole file is not here")
def test_the_last_three_months_of_real_sales_are_told_closer_than_by_the_month_before() -> None:
    told = forecast(real_past(), 4)
    assert told is not None
    assert [
        (one.at, one.sold, one.told.value, one.told.low, one.told.high, one.naive) for one in told.held
    ] == HELD_BACK
    assert {one.method for one in told.held} == {"quarter"}
    assert all(one.told.holds(one.sold) for one in told.held)
    assert (round(told.held_error.size), round(told.held_naive.size)) == (83_285, 300_959)
    assert [round(error.part * 100, 1) for error in (told.held_error, told.held_naive) if error.part] == [
        Decimal("8.9"), Decimal("32.2"),
    ]  # fmt: skip


@pytest.mark.skipif(not WHOLE.exists(), reason="the whole file is not here")
def test_every_method_is_tried_on_the_same_real_months() -> None:
    told = forecast(real_past(), 4)
    assert told is not None
    parts = {name: round(error.part * 100, 1) for name, error in told.errors.items() if error.part}
    assert {name: str(part) for name, part in parts.items()} == {
        NAIVE: "26.9", "mean_3": "17.3", "mean_6": "18.0", "trend": "16.5", "quarter": "8.7", PIPELINE: "28.5",
    }  # fmt: skip
    assert {error.months for error in told.errors.values()} == {4}


# ---- any past

amounts = st.integers(-10_000, 1_000_000).map(Decimal)
pasts = st.lists(amounts, min_size=0, max_size=40)


@given(pasts, st.integers(1, 13))
@settings(max_examples=60, deadline=None)
def test_a_forecast_lies_in_its_range_and_not_below_nothing_where_nothing_was(sold: list[Decimal], ahead: int) -> None:
    told = forecast(Past(tuple(sold)), ahead)
    if told is None:
        assert len(sold) < LEAST or not any(sold[-12:])
        return
    assert len(told.months) == ahead
    for month in told.months:
        assert month.low is None or month.holds(month.value)
        assert min(sold) < 0 or month.value >= 0
        assert month.low is None or min(sold) < 0 or month.low >= 0


@given(st.lists(amounts, min_size=LEAST + 1, max_size=30).filter(lambda sold: any(sold[-12:])), amounts)
@settings(max_examples=60, deadline=None)
def test_what_was_told_of_a_month_does_not_know_the_month(sold: list[Decimal], other: Decimal) -> None:
    """All but whether nothing was ever below nothing, which the whole past says."""
    sold = [abs(number) + 1 for number in sold]
    one, two = forecast(Past(tuple(sold)), 1), forecast(Past((*sold[:-1], abs(other))), 1)
    assert one is not None
    assert two is not None
    assert (one.held[-1].told, one.held[-1].method) == (two.held[-1].told, two.held[-1].method)


@given(st.lists(st.integers(0, 500).map(Decimal), min_size=LEAST, max_size=36).filter(lambda sold: any(sold[-12:])))
@settings(max_examples=60, deadline=None)
def test_no_method_is_taken_that_is_farther_off_than_the_naive_one(sold: list[Decimal]) -> None:
    told = forecast(Past(tuple(sold)), 3)
    assert told is not None
    assert told.errors[told.method].size <= told.errors[NAIVE].size
    assert told.method == NAIVE or told.errors[told.method].size < told.errors[NAIVE].size


def test_the_naive_method_stays_where_nothing_is_closer() -> None:
    told = forecast(Past((Decimal(5),) * 12), 3)
    assert told is not None
    assert (told.method, [month.value for month in told.months]) == (NAIVE, [5, 5, 5])
    assert told.months[0].low == told.months[0].high == 5


def test_a_year_that_repeats_is_told_by_the_year_before_once_there_are_two() -> None:
    year = [Decimal(n) for n in (1, 9, 2, 8, 30, 7, 4, 6, 50, 5, 11, 3)]
    early, told = (forecast(Past(tuple((year * 3)[:months])), 2) for months in (23, 24))
    assert early is not None
    assert told is not None
    assert (early.method != "year", told.method) == (True, "year")
    assert [month.value for month in told.months] == year[:2]


def test_months_without_a_sale_count_as_nothing_and_too_few_tell_nothing() -> None:
    assert forecast(Past((Decimal(3),) * (LEAST - 1)), 3) is None
    assert forecast(Past((Decimal(3), *(Decimal(0),) * 12)), 3) is None
    told = forecast(Past((Decimal(0), Decimal(4)) * 6), 3)
    assert told is not None
    assert told.errors[NAIVE].part == 2  # off by 4 each month, of 2 a month
    assert error_of([(Decimal(1), Decimal(0))]).part is None


def test_a_year_of_open_records_tells_the_sales_that_come_of_them() -> None:
    """Ten records come each month; four are won one month on and one two months on; a sale is worth 100."""
    moves = [m for at in range(-3, 12) for m in (Move(at, at + 1, 4, 4), Move(at, at + 2, 6, 1))]
    known = [m if m.closed is not None and m.closed < 12 else Move(m.entered, None, m.all, 0) for m in moves]
    sold = (Decimal(500),) * 12
    for ahead in (1, 2, 3):
        told = told_from(Flow(known), sold, 12, ahead)
        assert told is not None
        assert abs(told - 500) < 60


def test_more_of_what_records_come_from_tells_more_new_records() -> None:
    moves = [Move(at, at, 10, 5) for at in range(12)]
    sold = (Decimal(500),) * 12
    few, many = ([100] * 12), ([100] * 9 + [200] * 3)
    assert told_from(Flow(moves, few), sold, 12, 1) == told_from(Flow(moves), sold, 12, 1) == 500
    told, begun = (told_from(Flow(moves, origins), sold, 12, 1) for origins in (many, [0] * 9 + [200] * 3))
    assert told is not None
    assert told > 700
    assert begun == 500  # written down for three months only, it says nothing of the nine before


def test_a_pipeline_without_a_sale_or_a_record_tells_nothing() -> None:
    assert told_from(Flow([]), (Decimal(1),) * 12, 12, 1) is None
    assert told_from(Flow([Move(0, 1, 3, 0)]), (Decimal(1),) * 12, 12, 1) is None


def test_methods_are_tried_only_on_months_before_which_they_know_enough() -> None:
    trial = Trial(Past(tuple(Decimal(n) for n in range(1, 41))), 13)
    for method in METHODS:
        if method.name != PIPELINE:
            assert trial.told(method, method.needs, 13) is not None
