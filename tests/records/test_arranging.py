"""How a page of tiles and charts is arranged by one person, whatever the set makes of it later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, strategies as st

from engine.blueprint.reports import Dashboard
from engine.records.arranging import (
    Arrangement,
    Kept,
    arranged,
    arrangement_of,
    forget_arrangement,
    keep_arrangement,
)
from tests.office import Office, open_office
from tests.real.databases import Databases

NAMES = st.sampled_from("abcdefgh")
ORDERS = st.lists(NAMES, unique=True)


@pytest.fixture
def office(databases: Databases) -> Iterator[Office]:
    made = open_office(databases.empty())
    yield made
    made.database.close()


@dataclass(frozen=True)
class One:
    name: str
    was: str | None = None


def ones(names: list[str]) -> list[One]:
    return [One(name) for name in names]


def test_without_an_arrangement_it_is_the_sets() -> None:
    assert [piece.name for piece in arranged(ones(["a", "b"]), None)] == ["a", "b"]


@given(ORDERS, ORDERS, st.frozensets(NAMES), st.frozensets(NAMES))
def test_each_piece_of_the_set_is_there_once_and_the_persons_order_holds(
    known: list[str], order: list[str], hidden: frozenset[str], wide: frozenset[str]
) -> None:
    found = arranged(ones(known), Kept(tuple(order), hidden, wide))
    names = [piece.name for piece in found]
    assert sorted(names) == sorted(known)
    assert [name for name in names if name in order] == [name for name in order if name in known]
    assert {piece.name for piece in found if piece.is_new} == set(known) - set(order)
    assert {piece.name for piece in found if piece.hidden} == hidden & set(known)
    assert {piece.name for piece in found if piece.wide} == wide & set(known)


@given(ORDERS, ORDERS)
def test_what_came_since_stands_behind_what_is_before_it_in_the_set(known: list[str], order: list[str]) -> None:
    names = [piece.name for piece in arranged(ones(known), Kept(tuple(order)))]
    for at, name in enumerate(known):
        if name not in order:
            assert (names.index(name) == 0) if at == 0 else (names.index(known[at - 1]) < names.index(name))


def test_a_renamed_piece_keeps_its_place_and_a_gone_one_leaves_no_gap() -> None:
    kept = Kept(("late", "gone", "early"), frozenset({"early"}), frozenset({"late"}))
    found = arranged([One("early"), One("new_late", was="late")], kept)
    assert [(one.name, one.hidden, one.wide, one.is_new) for one in found] == [
        ("new_late", False, True, False), ("early", True, False, False),
    ]  # fmt: skip


def test_an_arrangement_is_kept_for_one_person_and_goes_along_when_the_page_is_renamed(office: Office) -> None:
    asha, ravi = office.asha.user, office.ravi.user
    desk, renamed = Dashboard("desk", "Desk", (), {}), Dashboard("start", "Start", (), {}, was="desk")
    kept = {"tiles": Kept(("a", "b"), frozenset("a"), frozenset("b")), "charts": Kept(("c",))}
    keep_arrangement(office.database, office.clock, asha, desk, kept)
    with office.database.reading() as lent:
        assert arrangement_of(lent, asha, renamed).parts == kept
        assert arrangement_of(lent, ravi, desk) == Arrangement() != arrangement_of(lent, asha, desk)
    forget_arrangement(office.database, asha, renamed)
    with office.database.reading() as lent:
        assert not arrangement_of(lent, asha, renamed).is_own
