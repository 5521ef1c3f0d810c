# ruff: noqa: E501 (a sentence that people read stays on one line)
"""Conditions: what an officer asks of a field, and what is said when it cannot be asked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from engine.blueprint.conditions import ALWAYS, AllOf, AnyOf, Condition, Not, Test as Asked, Word, fields_in
from engine.blueprint.values import Money
from tests.compiler.sets import compiled, told

REPORT = "reports:\n  r:\n    entity: lead\n    group_by: [source]\n    measures: {n: count}\n    when: "


def asked(root: Path, when: str) -> Condition:
    return bare(compiled(root, reports=f"{REPORT}{when}\n").reports["r"].when)


def bare(condition: Any) -> Any:
    """Without the places in the YAML."""
    match condition:
        case Asked(field, operator, value):
            return Asked(field, operator, bare(value))
        case AllOf(parts) | AnyOf(parts):
            return type(condition)(tuple(map(bare, parts)))
        case Not(part):
            return Not(bare(part))
    return condition


def test_a_condition_reads_values_as_the_field_does(tmp_path: Path) -> None:
    assert asked(tmp_path, "{source: {in: [Google, Website]}}") == Asked("source", "in", ("Google", "Website"))
    assert asked(tmp_path, "{budget: {above: 10000}}") == Asked("budget", "above", Money(Decimal("10000.00"), "INR"))
    assert asked(tmp_path, "{created_at: {within: last month}}") == Asked("created_at", "within", Word("last month"))
    assert asked(tmp_path, "{follow_up_at: {before: 2026-01-31}}") == Asked("follow_up_at", "before", date(2026, 1, 31))
    assert asked(tmp_path, "{owner: {is: me}}") == Asked("owner", "is", Word("me"))
    assert asked(tmp_path, "{status: {is_not: CLOSE TO WON}}") == Asked("status", "is_not", "CLOSE TO WON")


def test_several_fields_and_several_questions_mean_all_of_them(tmp_path: Path) -> None:
    both = asked(tmp_path, "{source: {is: Google}, discount: {above: 5, below: 20}}")
    assert both == AllOf(
        (Asked("source", "is", "Google"), Asked("discount", "above", Decimal("5.00")), Asked("discount", "below", Decimal("20.00")))
    )


def test_any_all_and_not_stand_where_a_field_would(tmp_path: Path) -> None:
    either = asked(tmp_path, "{any: [{owner: {is: me}}, {owner: {empty: true}}], not: {source: {is: Google}}}")
    mine, nobodys = Asked("owner", "is", Word("me")), Asked("owner", "empty", True)
    assert either == AllOf((AnyOf((mine, nobodys)), Not(Asked("source", "is", "Google"))))
    assert fields_in(either) == {"owner", "source"}


def test_a_condition_looks_into_other_records(tmp_path: Path) -> None:
    answered = Asked("calls", "some", Asked("outcome", "is", "Answered"))
    assert asked(tmp_path, "{calls: {some: {outcome: {is: Answered}}}}") == answered
    assert asked(tmp_path, "{calls: {some: {}}}") == Asked("calls", "some", ALWAYS)
    steel = Asked("account", "where", Asked("industry", "is", "Steel"))
    assert asked(tmp_path, "{account: {where: {industry: {is: Steel}}}}") == steel


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("{sorce: {is: Google}}", '12 "sorce" is not a field of lead. Did you mean "source"?'),
        ("{source: {iz: Google}}", '21 "iz" is not a question that can be asked of lead.source. Did you mean "is"?'),
        ("{source: {is: Gogle}}", '25 "Gogle" is not a choice of lead.source. Did you mean "Google"?'),
        ("{source: {in: [Google, Websit]}}", '34 "Websit" is not a choice of lead.source. Did you mean "Website"?'),
        ("{status: {is: CLOSE TO WIN}}", '25 "CLOSE TO WIN" is not a stage of lead.status. Did you mean "CLOSE TO WON"?'),
        ("{source: {above: 5}}", '21 "above" cannot be asked of source, a field of type choice. '
                                 "Possible: is, is_not, in, not_in, empty."),
        ("{budget: {above: lots}}", '28 "lots" is not a number. Write digits, for example 1250.50.'),
        ("{budget: {empty: maybe}}", '28 "maybe" is not true or false. Write true or false.'),
        ("{budget: {between: [1]}}", '''30 "[1]" is not a pair. Give the first and the last value, for example [10, 20].'''),
        ("{source: {is: [Google]}}", "25 A list is not one value. Write {in: [a, b]} for several values."),
        ("{source: {is: }}", "25 Nothing is said after \"is\". To ask whether a field is empty, write {empty: true}."),
        ("{created_at: {within: last moon}}", '33 "last moon" is not a span of time. '
                                              "Write for example today, this week, last 7 days or 2026-01."),
        ("{owner: {is: Asha}}", '24 "Asha" is not the number of a user. Choose one from the list.'),
        ("{is: Google}", '12 "is" is a question, and no field stands before it. Write field: {is: ...}.'),
        ("{calls: {some: {outcom: {is: Busy}}}}", '27 "outcom" is not a field of call. Did you mean "outcome"?'),
        ("{any: []}", "17 An empty list of conditions never holds. Say at least one."),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_asked_is_told_at_its_own_place(tmp_path: Path, when: str, sentence: str) -> None:
    assert told(tmp_path, reports=f"{REPORT}{when}\n") == [f"reports.yaml:6:{sentence}"]


def conditions() -> st.SearchStrategy[tuple[str, Condition]]:
    """Conditions as YAML, with what they mean."""
    words = st.sampled_from(["Google", "Website", "Walk-in"])
    tests = (
        words.map(lambda w: (f"{{source: {{is: {w}}}}}", Asked("source", "is", w)))
        | st.lists(words, min_size=1).map(lambda w: (f"{{source: {{not_in: [{', '.join(w)}]}}}}", Asked("source", "not_in", tuple(w))))
        | st.booleans().map(lambda b: (f"{{budget: {{empty: {str(b).lower()}}}}}", Asked("budget", "empty", b)))
        | st.integers(0, 99).map(lambda n: (f"{{discount: {{at_least: {n}}}}}", Asked("discount", "at_least", Decimal(n))))
    )

    def deeper(inner: st.SearchStrategy[tuple[str, Condition]]) -> st.SearchStrategy[tuple[str, Condition]]:
        several = st.lists(inner, min_size=1, max_size=3)
        return (
            several.map(lambda p: (f"{{any: [{', '.join(y for y, _ in p)}]}}", AnyOf(tuple(c for _, c in p))))
            | several.map(lambda p: (f"{{all: [{', '.join(y for y, _ in p)}]}}", AllOf(tuple(c for _, c in p))))
            | inner.map(lambda p: (f"{{not: {p[0]}}}", Not(p[1])))
        )

    return st.recursive(tests, deeper, max_leaves=6)


@settings(max_examples=30)
@given(case=conditions())
def test_what_is_written_is_what_is_meant(tmp_path: Path, case: tuple[str, Condition]) -> None:
    written, meant = case
    assert asked(tmp_path, written) == meant
