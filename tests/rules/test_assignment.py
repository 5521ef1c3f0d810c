"""Who gets a record, decided about plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, strategies as st

from engine.formats import Formats
from engine.rules.assignment import Candidate, Wanted, decide, why_not

FORMATS = Formats()
TODAY = date(2026, 12, 1)
ASHA, RAVI, OMAR = (Candidate(n, name, today=TODAY) for n, name in enumerate(("Asha", "Ravi", "Omar"), 1))


def chosen(*people: Candidate, how: str = "round_robin") -> int | None:
    return decide(how, people, Wanted(), FORMATS).user


@pytest.mark.parametrize(
    "of, wanted, why",
    [
        ({"enters": False}, Wanted(), "may not sign in"),
        ({"may_own": False}, Wanted(), "has a role that may not read it"),
        ({}, Wanted(not_user=1), "has it now"),
        ({"away_from": TODAY}, Wanted(), "is away"),
        ({"away_from": TODAY, "away_until": date(2026, 12, 3)}, Wanted(), "is away until Dec 3, 2026"),
        ({"away_until": TODAY}, Wanted(), "is away until Dec 1, 2026"),
        ({"away_from": date(2026, 12, 2)}, Wanted(), None),
        ({"away_until": date(2026, 11, 30)}, Wanted(), None),
        ({"skills": frozenset({"hindi"})}, Wanted({"tamil": "Tamil", "hindi": "Hindi"}), "has no skill Tamil"),
        ({"skills": frozenset({"tamil"})}, Wanted({"tamil": "Tamil"}), None),
        ({"works_now": False}, Wanted(working_hours_only=True), "is not at work now"),
        ({"works_now": False}, Wanted(), None),
        ({"load": 40, "capacity": 40}, Wanted(), "has 40 of 40"),
        ({"load": 0, "capacity": 0}, Wanted(), "has 0 of 0"),
        ({"load": 39, "capacity": 40}, Wanted(), None),
    ],
)
def test_somebody_is_passed_over_for_a_reason_that_is_told(of: dict, wanted: Wanted, why: str | None) -> None:
    found = why_not(replace(ASHA, **of), wanted, FORMATS)
    assert (found.said if found else None) == why


def test_the_turn_is_of_who_was_given_something_longest_ago() -> None:
    assert chosen(replace(ASHA, last=7), replace(RAVI, last=5), replace(OMAR, last=6)) == RAVI.user
    assert chosen(replace(ASHA, last=7), replace(RAVI, last=5), OMAR) == OMAR.user  # who never got one


def test_the_least_loaded_gets_it_and_of_two_the_one_who_waited_longer() -> None:
    people = replace(ASHA, load=3, last=1), replace(RAVI, load=2, last=9), replace(OMAR, load=2, last=8)
    assert chosen(*people, how="least_loaded") == OMAR.user


def test_it_is_told_why_she_and_why_not_the_others() -> None:
    decision = decide("round_robin", (ASHA, RAVI, replace(OMAR, away_from=TODAY)), Wanted(), FORMATS)
    assert decision.why == "It is Asha's turn. 2 could take it."
    assert decision.passed == {3: ("away", "Omar is away")}
    assert decide("round_robin", (), Wanted(), FORMATS).why == "Nobody can take it."


people = st.lists(
    st.builds(
        Candidate,
        user=st.integers(1, 9),
        name=st.just("Somebody"),
        load=st.integers(0, 4),
        capacity=st.none() | st.integers(0, 4),
        last=st.none() | st.integers(1, 50),
        skills=st.frozensets(st.sampled_from(["tamil", "hindi"])),
        works_now=st.booleans(),
        enters=st.booleans(),
        may_own=st.booleans(),
        away_from=st.none() | st.dates(date(2026, 11, 28), date(2026, 12, 4)),
        away_until=st.none() | st.dates(date(2026, 11, 28), date(2026, 12, 4)),
        today=st.just(TODAY),
    ),
    unique_by=lambda one: one.user,
    max_size=9,
)
wishes = st.builds(
    Wanted,
    st.sampled_from([{}, {"tamil": "Tamil"}]),
    st.none() | st.integers(1, 9),
    st.booleans(),
)
ways = st.sampled_from(["round_robin", "least_loaded"])


@given(ways, people, wishes)
def test_nobody_who_is_inactive_absent_full_or_unfit_ever_gets_one(how: str, some: list[Candidate], wanted: Wanted) -> None:
    decision = decide(how, some, wanted, FORMATS)
    got = next((one for one in some if one.user == decision.user), None)
    if got is None:
        assert all(one.user in decision.passed for one in some)
        return
    assert got.enters and got.may_own
    assert got.capacity is None or got.load < got.capacity
    if got.away_from or got.away_until:
        assert not (got.away_from or date.min) <= TODAY <= (got.away_until or date.max)
    assert set(wanted.skills) <= got.skills
    assert got.works_now or not wanted.working_hours_only
    assert got.user != wanted.not_user and got.user not in decision.passed


@given(ways, people, wishes, st.randoms())
def test_the_order_in_which_people_are_found_decides_nothing(how, some, wanted, random) -> None:
    shuffled = random.sample(some, len(some))
    assert decide(how, some, wanted, FORMATS) == replace(
        decide(how, shuffled, wanted, FORMATS), passed=decide(how, some, wanted, FORMATS).passed
    )


@given(ways, st.integers(1, 7), st.integers(0, 60))
def test_between_equal_people_nobody_gets_two_more_than_another(how: str, count: int, records: int) -> None:
    staff = {n: Candidate(n, "Somebody", today=TODAY) for n in range(1, count + 1)}
    for number in range(1, records + 1):
        user = decide(how, staff.values(), Wanted(), FORMATS).user
        assert user is not None
        staff[user] = replace(staff[user], load=staff[user].load + 1, last=number)
    given_to = [one.load for one in staff.values()]
    assert max(given_to) - min(given_to) <= 1


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_who_comes_back_is_not_flooded_with_what_she_missed(there: list[bool]) -> None:
    """Asha is there on some days; on each day one record comes. After she is back, she gets at most every other one."""
    asha, ravi, run = replace(ASHA, last=None), replace(RAVI, last=None), 0
    for number, present in enumerate(there, 1):
        now = [replace(asha, enters=present), ravi]
        if decide("round_robin", now, Wanted(), FORMATS).user == asha.user:
            asha, run = replace(asha, last=number), run + 1
        else:
            ravi, run = replace(ravi, last=number), 0
        assert run <= 1
