"""`where` in an address: what a person asks is what is found, and what they may not ask is not told apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from engine.blueprint.conditions import AllOf, AnyOf, Condition, Not, Test as ConditionTest
from engine.errors import BadRequest
from engine.records import where
from engine.records.query import Query
from engine.records.where import read_where, where_text
from tests.real.databases import Databases
from tests.records.firm import Firm, asha, dev, meera, opened
from tests.records.test_read_conditions import CONDITIONS, FIELDS, fill, picked


@pytest.fixture(scope="module")
def firm(kept_databases: Databases) -> Iterator[Firm]:
    firm = opened(kept_databases.copy_of("reads-conditions", fill))
    yield firm
    firm.close()


def said(condition: Condition) -> bool:
    """Whether it can be said: a group of nothing cannot."""
    match condition:
        case ConditionTest():
            return not isinstance(condition.value, (AllOf, AnyOf, Not)) or said(condition.value)
        case Not(part):
            return said(part)
        case AllOf(parts) | AnyOf(parts):
            return bool(parts) and all(said(part) for part in parts)


SAID = CONDITIONS.filter(said)


@settings(max_examples=40, deadline=None)
@given(condition=SAID)
def test_a_condition_written_into_an_address_finds_the_same_rows_as_python_picks(firm: Firm, condition: Condition) -> None:
    text = where_text(FIELDS, "deal", condition)
    for actor in (dev, meera):
        query = firm.reads.query(actor, "deal", [("where", text), ("limit", "200"), ("columns", "name")])
        assert [row[0] for row in firm.reads.page(actor, query).rows] == picked(actor, condition), text


@settings(max_examples=40, deadline=None)
@given(condition=SAID)
def test_what_was_read_is_written_as_the_same_text_again(firm: Firm, condition: Condition) -> None:
    text = where_text(FIELDS, "deal", condition)
    again = read_where(firm.reads.sight, dev.role, "deal", text, firm.reads.reading(dev))
    assert where_text(FIELDS, "deal", again) == text


@pytest.mark.parametrize("field", ["budget", "expected"])
def test_a_hidden_field_reads_like_one_that_is_not_there(firm: Firm, field: str) -> None:
    told = []
    for name in (field, "nothing"):
        with pytest.raises(BadRequest) as refused:
            firm.reads.query(asha, "deal", [("where", json.dumps({"any": [{name: {"above": "1"}}]}))])
        told.append(refused.value.message.replace(name, "..."))
    assert told[0] == told[1]


def test_a_hidden_field_is_hidden_inside_other_records_too(firm: Firm) -> None:
    text = json.dumps({"account": {"where": {"secret": {"is": "x"}}}})
    with pytest.raises(BadRequest, match='Account has no field "secret"'):
        firm.reads.query(asha, "deal", [("where", text)])


WRONG: list[tuple[Any, str]] = [
    ({"source": "Google"}, 'After "source" stands what is asked of it'),
    ({"source": {"above": 1}}, "Source cannot be asked \"above\". Possible: is, is_not"),
    ({"any": []}, 'After "any" stands a list of conditions'),
    ({"any": {"source": {"is": "Google"}}}, 'After "any" stands a list of conditions'),
    (["source"], "A list is no condition"),
    ({"budget": {"above": "much"}}, "Budget: "),
    ({"budget": {"between": 5}}, "is not a list"),
    ({"follow_up_at": {"within": "soon"}}, "is not a span of time"),
    ({"is_hot": {"empty": "yes"}}, "neither true nor false"),
    ({"account": {"where": {"nothing": {"is": 1}}}}, 'Account has no field "nothing"'),
    ({"sourc": {"is": "Google"}}, 'Did you mean "source"?'),
]


@pytest.mark.parametrize(("asked", "told"), WRONG)
def test_what_cannot_be_asked_is_told_in_words(firm: Firm, asked: Any, told: str) -> None:
    with pytest.raises(BadRequest) as refused:
        firm.reads.query(dev, "deal", [("where", json.dumps(asked))])
    assert told in refused.value.message


def test_everything_that_is_wrong_is_told_at_once(firm: Firm) -> None:
    text = json.dumps({"any": [{"nothing": {"is": 1}}, {"source": {"above": 1}}], "follow_up_at": {"within": "soon"}})
    with pytest.raises(BadRequest) as refused:
        firm.reads.query(dev, "deal", [("where", text)])
    assert all(piece in refused.value.message for piece in ("nothing", "above", "soon"))


@pytest.mark.parametrize(
    "text",
    ["{", "[" * 5000, '{"name": {"is": "\\ud800"}}', '{"name": {"is": "\\u0000"}}', '{"budget": {"above": NaN}}',
     '{"budget": {"above": 1e999}}', "null", '"x"', "1", '{"name": {"is": "a"}, "name": {"is": "b"}}'],
)  # fmt: skip
def test_what_is_no_condition_is_refused_and_breaks_nothing(firm: Firm, text: str) -> None:
    with pytest.raises(BadRequest):
        firm.reads.query(dev, "deal", [("where", text)])


def test_depth_number_and_length_are_bounded(firm: Firm) -> None:
    deep: Any = {"name": {"is": "a"}}
    for _ in range(where.DEEPEST + 1):
        deep = {"not": deep}
    many = {"any": [{"name": {"is": "a"}}] * (where.MOST_TESTS + 1)}
    for asked, told in ((deep, "groups within groups"), (many, "At most 40"), ({"name": {"is": "a" * 9000}}, "characters")):
        with pytest.raises(BadRequest, match=told):
            firm.reads.query(dev, "deal", [("where", json.dumps(asked))])


NAMES = ["any", "all", "not", "source", "budget", "account", "calls", "follow_up_at", "is", "in", "where", "some", "within",
         "contains", "between", "empty"]  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(["me", "today"])
)


def nest(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=3))


@settings(max_examples=80, deadline=None)
@given(tree=st.recursive(LEAVES, nest, max_leaves=10))
def test_any_tree_is_either_a_list_of_rows_or_a_sentence(firm: Firm, tree: Any) -> None:
    try:
        query = firm.reads.query(meera, "deal", [("where", json.dumps(tree))])
    except BadRequest as refused:
        assert refused.message.endswith((".", "?")), refused.message
        return
    firm.reads.page(meera, Query("deal", ("name",), query.where))
