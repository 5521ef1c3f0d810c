"""What became of records between two moments: the lines add up, whatever happened in between and in whatever currency."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from hypothesis import given, strategies as st

from engine.blueprint.values import Money
from engine.rules.movement import CAME, END, START, WENT, State, movements

NUMBERS = st.none() | st.builds(Money, st.integers(0, 9).map(Decimal), st.sampled_from(["INR", "USD"]))
STATES = st.builds(
    lambda inside, number, ends, there: State(inside and there and ends is None, number, ends, there),
    st.booleans(), NUMBERS, st.sampled_from([None, None, "won", "lost", "done"]), st.booleans(),
)  # fmt: skip
PATHS = st.builds(
    lambda born, states: [State(False, None, None, False, False), *states] if born else states,
    st.booleans(), st.lists(STATES, min_size=1, max_size=6),
)  # fmt: skip


@given(PATHS)
def test_the_start_and_all_changes_come_to_the_end(path: list[State]) -> None:
    sums: Counter[str] = Counter()
    for line, number in movements(path):
        if number is not None:
            sums[number.currency] += number.amount * (-1 if line == END else 1)
    assert not any(sums.values())


@given(PATHS)
def test_a_record_comes_once_and_goes_once(path: list[State]) -> None:
    lines = [line for line, _ in movements(path)]
    if not any(state.inside for state in path):
        assert lines == []
        return
    assert sum(line in (START, *CAME) for line in lines) == 1 == sum(line in (END, *WENT) for line in lines)
    assert (START in lines, END in lines) == (path[0].inside, path[-1].inside)
    assert ("new" in lines) == (not path[0].made)


def test_an_amount_in_another_currency_went_in_one_and_came_in_the_other() -> None:
    rupees, dollars = Money(Decimal(100), "INR"), Money(Decimal(3), "USD")
    told = list(movements([State(True, rupees), State(True, dollars)]))
    assert told == [
        ("start", rupees), ("lowered", Money(Decimal(-100), "INR")), ("raised", dollars), ("end", dollars),
    ]  # fmt: skip
