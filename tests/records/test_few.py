"""Who may see a handful of very many rows finds them at once, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.blueprint.conditions import AllOf, AnyOf, Condition, Test as Condition_Test, Word
from engine.records import few
from engine.records.query import Query
from tests.real.databases import Databases
from tests.records.firm import Firm, asha, dev, meera, opened, ravi
from tests.records.many import fill

ALL = 100_000
COLUMNS = ("title", "status", "owner", "created_at")


@pytest.fixture(scope="module")
def firm(kept_databases: Databases) -> Iterator[Firm]:
    firm = opened(kept_databases.copy_of("reads-many", fill))
    yield firm
    firm.close()


def found(firm: Firm, query: Query) -> tuple[list[int], list[int], int]:
    """Meera's page, the one after it, and how many there are."""
    page = firm.reads.page(meera, query)
    later = firm.reads.page(meera, replace(query, cursor=page.next)).rows if page.next else []
    return [row[0] for row in page.rows], [row[0] for row in later], firm.reads.count(meera, query)


@pytest.mark.parametrize("search", [None, "gita", "gita men", "9", "zzqxv"])
@pytest.mark.parametrize("sort", [(), (("name", False),), (("follow_up_at", True),)])
def test_the_same_is_found_whether_rows_are_few_or_many(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, search: str | None, sort: tuple[tuple[str, bool], ...]
) -> None:
    query = Query("deal", COLUMNS, Condition_Test("status", "is", "FOLLOW-UP"), search, sort, limit=20)
    answers = []
    for handful, finds, own in ((-1, -1, -1), (-1, ALL, -1), (-1, -1, ALL), (ALL, -1, -1)):
        monkeypatch.setattr(few, "HANDFUL", handful)
        monkeypatch.setattr(few, "FINDS", finds)
        monkeypatch.setattr(few, "FEW", own)
        firm.reads.fewness._more.clear()
        answers.append(found(firm, query))
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize(
    ("rows", "finds", "way"),
    [(2, 2, "own"), (2, ALL, "own"), (ALL, 2, "finds"), (3, 3, "own"), (ALL, ALL, "all")],
    ids=lambda given: str(given),
)
def test_a_search_goes_through_whatever_is_few(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, rows: int, finds: int, way: str
) -> None:
    for name, most, number in (("HANDFUL", 2, rows), ("FINDS", 2, finds), ("FEW", 3, rows)):
        monkeypatch.setattr(few, name, ALL if number <= most else -1)
    firm.reads.fewness._more.clear()
    if firm.database.dialect == "postgresql" and way == "finds":
        way = "all"  # it has statistics of its words, and weighs the two itself
    told = firm.reads.few(meera, Query("deal", COLUMNS, search="gita"))
    assert ("all" if told is None else "finds" if told.hunt else "own") == way


def test_a_manager_who_has_many_is_not_asked_about_again_for_a_minute(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(few, "FEW", 5)
    query, now = Query("deal", COLUMNS), firm.reads.clock()
    firm.reads.fewness._more.clear()
    assert firm.reads.few(meera, query) is None
    assert not firm.reads.fewness.asks(meera, query)
    monkeypatch.setattr(firm.reads, "clock", lambda: now + timedelta(minutes=2))
    assert firm.reads.fewness.asks(meera, query)


def test_only_those_are_asked_about_whose_rows_an_index_does_not_find(firm: Firm) -> None:
    firm.reads.fewness._more.clear()
    asked = {actor.name: firm.reads.fewness.asks(actor, Query("deal")) for actor in (asha, ravi, meera, dev)}
    assert asked == {asha.name: False, ravi.name: False, meera.name: True, dev.name: False}
    is_sqlite = firm.database.dialect == "sqlite"  # whose trigrams do not know the owner
    assert firm.reads.fewness.asks(asha, Query("deal", search="gita")) == is_sqlite


def owner(word: str) -> Condition:
    return Condition_Test("owner", "is", Word(word))


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (owner("me"), {"me"}),
        (AnyOf((owner("me"), owner("my subordinates"))), {"my subordinates"}),
        (AnyOf((owner("me"), owner("my team"))), {"me", "my team"}),
        (AnyOf((owner("me"), Condition_Test("status", "is", "NEW"))), None),
        (AllOf((Condition_Test("status", "is", "NEW"), owner("my team"))), {"my team"}),
        (AllOf(()), None),
        (AnyOf(()), None),
        (Condition_Test("owner", "is_not", Word("me")), None),
    ],
)
def test_a_scope_tells_whose_rows_can_be_in_it(condition: Condition, words: set[str] | None) -> None:
    assert few._whose(condition) == words
