"""From what was given to what can be kept: plain values, no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from engine.blueprint.conditions import Test, Word
from engine.rules.conditions import holds
from engine.rules.permissions import rights_of, writable
from engine.rules.values import Meanings, Sheet, sheet
from tests.rules.test_conditions import AT, Look
from tests.small import field, small

FIRM = small()


def sheet_of(role: str, **changed: object) -> Sheet:
    entity = FIRM.entities["deal"]
    fields = {**entity.fields, **{n: replace(entity.fields[n], **more) for n, more in changed.items()}}  # type: ignore[arg-type]
    entity = replace(entity, fields=fields)
    rights = rights_of(FIRM, role, "deal")
    readable = {n: f for n, f in fields.items() if n not in rights.hidden}
    return sheet(entity, readable, writable(readable, rights))


def test_given_texts_become_values_of_their_types() -> None:
    values, complaints = sheet_of("caller").read({"name": " Chairs ", "closes_on": "2026-12-24", "is_hot": "yes"}, AT)
    assert (values, complaints) == ({"name": "Chairs", "closes_on": date(2026, 12, 24), "is_hot": True}, [])


def test_each_wrong_value_keeps_its_own_complaint() -> None:
    values, complaints = sheet_of("caller").read({"name": "Chairs", "discount": "101", "closes_on": "soon"}, AT)
    assert set(values) == {"name"} and [c.field for c in complaints] == ["discount", "closes_on"]


GIVEN: list[dict[str, object]] = [{"name": "Chairs", "is_hot": True}, {"name": "Chairs", "discount": "101"}, {"other": "1"}]


@pytest.mark.parametrize("given", GIVEN)
def test_rows_of_many_are_read_as_one_by_one(given: dict[str, object]) -> None:
    filled = sheet_of("caller")
    meanings = Meanings(filled, AT)
    assert [filled.read(given, AT, meanings) for _ in range(2)] == [filled.read(given, AT)] * 2


def test_what_yes_means_is_not_what_1_means() -> None:
    filled = sheet_of("caller")
    meanings = Meanings(filled, AT)
    assert [filled.read({"name": given}, AT, meanings)[0] for given in ("1", 1, True)] == [{"name": "1"}, {"name": "1"}, {}]


def test_defaults_fill_what_was_not_given_and_words_mean_the_moment() -> None:
    filled = sheet_of("caller", closes_on={"default": Word("today")})
    values = filled.with_defaults({"is_hot": True}, AT)
    assert values == {"is_hot": True, "owner": 7, "closes_on": date(2026, 11, 21)}


def test_what_was_given_empty_stays_empty() -> None:
    assert sheet_of("caller").with_defaults({"owner": None}, AT)["owner"] is None


def test_a_field_is_required_when_its_condition_holds() -> None:
    filled = sheet_of("caller", notes={"required_when": Test("is_hot", "is", True)})

    def told(values: dict[str, object]) -> list[str]:
        condition_holds = lambda c: holds(c, filled.entity.fields, values, AT, Look())  # noqa: E731
        return [c.message for c in filled.empty(values, condition_holds)]

    assert told({"name": "x", "owner": 7, "is_hot": True}) == ["Notes is empty."]
    assert told({"name": "x", "owner": 7, "is_hot": False}) == []


def test_a_role_is_not_asked_for_what_it_may_not_fill() -> None:
    for name in ("budget", "source"):
        filled = sheet_of("caller", **{name: {"required": True}})
        assert filled.empty({"name": "x", "owner": 7}, lambda c: True) == []
    managers = sheet_of("manager", budget={"required": True})
    assert [c.field for c in managers.empty({"name": "x", "owner": 7}, lambda c: True)] == ["budget"]


def test_an_old_record_need_not_be_mended_before_it_can_be_used() -> None:
    filled = sheet_of("manager", notes={"required": True})
    old = {"name": "x", "owner": 7}
    assert filled.empty_after(old, ["name"], lambda c: True) == []
    assert [c.field for c in filled.empty_after(old, ["notes"], lambda c: True)] == ["notes"]


def test_a_change_that_makes_another_field_required_asks_for_it() -> None:
    filled = sheet_of("manager", notes={"required_when": Test("is_hot", "is", True)})
    told = filled.empty_after({"name": "x", "owner": 7, "is_hot": True}, ["is_hot"], lambda c: True)
    assert [c.field for c in told] == ["notes"]


def test_the_engines_own_fields_are_nobodys_to_fill() -> None:
    assert field("x", "text").system is False
    for role in FIRM.roles:
        assert sheet_of(role).writable.isdisjoint({"id", "version", "created_at", "updated_by", "deleted_at", "status"})
