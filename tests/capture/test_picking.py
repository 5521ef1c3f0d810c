"""Where a value lies in something that another program sent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from engine.errors import BadRequest
from engine.rules.picking import DEEPEST, Item, check_size, items_of, texts_at

SENT = {
    "hub.name": "dots", "n": 7, "yes": True, "none": None, "empty": "",
    "who": {"name": "Asha", "phones": ["1", "2"]},
    "answers": [{"q": "size", "a": 12}, {"q": "town", "a": "Pune"}, "odd"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("who.name", ["Asha"]),
        ("who.phones.0", ["1"]),
        ("who.phones.*", ["1", "2"]),
        ("who.phones.9", []),
        ("who.phones.name", []),
        ("answers.q=town.a", ["Pune"]),
        ("answers.q=nobody.a", []),
        ("answers.*.a", ["12", "Pune"]),
        ("hub.name", ["dots"]),
        ("n", ["7"]),
        ("yes", ["true"]),
        ("none", []),
        ("empty", []),
        ("who.name.more", []),
        ("nothing.at.all", []),
        ("who", ['{"name": "Asha", "phones": ["1", "2"]}']),
    ],
)
def test_a_path_leads_to_texts(path: str, found: list[str]) -> None:
    assert texts_at(SENT, path) == found


def test_what_lies_around_an_item_is_named_and_never_taken_by_accident() -> None:
    sent = {"id": "outer", "list": [{"shop": "A", "items": [{"name": "x"}, {"name": "y", "id": "2"}]}]}
    first, second = items_of(sent, "list.*.items.*")
    assert (first.texts("id"), second.texts("id"), first.texts("above.id")) == ([], ["2"], ["outer"])
    assert first.texts("above.shop") == ["A"]
    assert Item({"a": 1}).texts("above.a") == []


def test_what_is_too_deep_or_too_much_is_refused() -> None:
    deep: Any = 1
    for _ in range(DEEPEST):
        deep = [deep]
    with pytest.raises(BadRequest):
        check_size(deep)
    check_size(deep[0])
    with pytest.raises(BadRequest):
        check_size({"x": [0] * 20_000})


plain = st.none() | st.booleans() | st.integers() | st.text()
json = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(json, st.text(st.sampled_from("ab.*=01"), min_size=1, max_size=12))
def test_no_path_into_anything_fails(sent: Any, path: str) -> None:
    assert all(isinstance(text, str) and text for text in texts_at(sent, path))
    items_of(sent, path)
