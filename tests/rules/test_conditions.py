"""Conditions on values in hand: plain values, no database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.blueprint.conditions import ALWAYS, NEVER, AllOf, AnyOf, Condition, Not, Test, Word
from engine.formats import Formats, Reading
from engine.rules.conditions import holds, is_at_hand
from tests.small import small

DEAL = small().entities["deal"]
AT = Reading(Formats("en", "Asia/Kolkata", "INR", "IN"), datetime(2026, 11, 21, 9, 30, tzinfo=UTC), user=7)
HERS = {"owner": 7, "source": "Google", "name": "Chairs"}


class Look:
    """Asha (7) reaches 8; the database says yes to what is asked of it by name."""

    def __init__(self, yes: bool = True) -> None:
        self.yes = yes
        self.asked: list[Test] = []

    def test(self, test: Test) -> bool:
        self.asked.append(test)
        return self.yes

    def among(self, word: str, id: int) -> bool:
        return word == "my subordinates" and id == 8


def meets(condition: Condition, values: dict[str, Any], look: Look | None = None) -> bool:
    return holds(condition, DEAL.fields, values, AT, look or Look())


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (ALWAYS, True),
        (NEVER, False),
        (Test("owner", "is", Word("me")), True),
        (Test("owner", "is_not", Word("me")), False),
        (Test("source", "in", ("Google", "Website")), True),
        (Not(Test("source", "is", "Google")), False),
        (AnyOf((Test("source", "is", "Website"), Test("owner", "is", Word("me")))), True),
        (AllOf((Test("source", "is", "Website"), Test("owner", "is", Word("me")))), False),
        (Test("phone", "empty", True), True),
        (Test("phone", "is", "+919876543210"), False),
        (Not(Test("phone", "is", "+919876543210")), True),
        (Test("owner", "in", (Word("my subordinates"),)), False),
        (Test("owner", "in", (Word("my subordinates"), Word("me"))), True),
        (Test("owner", "not_in", (Word("my subordinates"),)), True),
    ],
)
def test_conditions_on_what_is_at_hand(condition: Condition, expected: bool) -> None:
    assert meets(condition, HERS) is expected


def test_subordinates_are_asked_of_the_database() -> None:
    assert meets(Test("owner", "in", Word("my subordinates")), {"owner": 8})
    assert not meets(Test("owner", "in", Word("my subordinates")), {"owner": 9})
    assert not meets(Test("owner", "in", Word("my subordinates")), {"owner": None})


def test_children_rollups_and_referenced_records_are_asked_of_the_database() -> None:
    tests = [
        Test("calls", "some", Test("outcome", "is", "Answered")),
        Test("call_count", "above", 2),
        Test("account", "where", Test("industry", "is", "Steel")),
    ]
    for test in tests:
        for answer in (True, False):
            look = Look(answer)
            assert meets(test, HERS, look) is answer and look.asked == [test]
        assert not is_at_hand(test, DEAL.fields)
    assert is_at_hand(AllOf((Test("source", "is", "Google"), Test("owner", "is", Word("me")))), DEAL.fields)
