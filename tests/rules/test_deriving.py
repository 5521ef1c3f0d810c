"""What a report derives from its measures holds whatever the numbers are."""

from __future__ import annotations

from decimal import Decimal
from itertools import accumulate

from hypothesis import given, strategies as st

from engine.blueprint.reports import Measure
from engine.blueprint.values import Money
from engine.rules.deriving import Compared, added, change, derive, put_together, quotient

ALL = Measure("all", "All", "count")
WON = Measure("won", "Won", "count")
MEASURES = {
    "all": ALL,
    "won": WON,
    "rate": Measure("rate", "Rate", "ratio", of=("won", "all")),
    "share": Measure("share", "Share", "share_of", of=("all",)),
    "change": Measure("change", "Change", "change_of", of=("all",)),
    "so_far": Measure("so_far", "So far", "running", of=("won",)),
}
counts = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=20)
amounts = st.decimals(-(10**9), 10**9, places=2)


def rupees(amount: Decimal) -> Money:
    return Money(amount, "INR")


@given(counts)
def test_shares_make_the_whole_and_sums_run_to_the_total(given: list[tuple[int, int]]) -> None:
    rows = [{"all": a, "won": w} for a, w in given]
    total = {"all": sum(a for a, _ in given), "won": sum(w for _, w in given)}
    before = [None, *rows[:-1]]
    derive(MEASURES, [Compared(row, earlier) for row, earlier in zip(rows, before, strict=True)], Compared(total))
    assert [row["so_far"] for row in rows] == list(accumulate(w for _, w in given))
    if total["all"]:
        assert abs(sum(row["share"] for row in rows) - 1) < Decimal("0.0001")
        assert total["share"] == 1
    for row, earlier in zip(rows, before, strict=True):
        assert (row["rate"] is None) == (row["all"] == 0)
        assert (row["change"] is None) == (earlier is None or earlier["all"] == 0)
        if row["change"] is not None:
            assert abs(earlier["all"] * (1 + row["change"]) - row["all"]) <= max(1, earlier["all"] / 10**5)


@given(st.lists(amounts, max_size=20))
def test_amounts_of_one_currency_are_added_exactly(given: list[Decimal]) -> None:
    assert added(map(rupees, given)) == (rupees(sum(given, Decimal(0))) if given else None)


@given(amounts, amounts)
def test_amounts_of_two_currencies_are_never_one_number(one: Decimal, other: Decimal) -> None:
    both = added([rupees(one), Money(other, "EUR")])
    assert both == (Money(other, "EUR"), rupees(one))
    assert quotient(both, 3) is None
    assert quotient(rupees(one), Money(other, "EUR")) is None
    assert change(rupees(one), Money(other, "EUR")) is None


@given(amounts, st.integers(-100, 100))
def test_money_by_a_count_is_money_and_by_nothing_is_nothing(amount: Decimal, count: int) -> None:
    told = quotient(rupees(amount), count)
    assert told == (Money((amount / count).quantize(Decimal("0.01")), "INR") if count else None)
    assert quotient((rupees(amount),), count) == told


def test_what_cannot_be_told_from_groups_is_not_guessed() -> None:
    assert put_together(Measure("a", "A", "median", "x"), [1, 2]) is None
    assert put_together(Measure("a", "A", "distinct", "x"), [1, 2]) is None
    assert put_together(Measure("a", "A", "largest", "x"), [1, None, 3]) == 3
    assert put_together(ALL, []) == 0
