"""A field's conditions are judged twice: by the page's script while one types, and by the server. Here both judge."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from engine.blueprint.conditions import AllOf, AnyOf, Condition, Not, Test as Asked
from engine.blueprint.entities import Choice, Field
from engine.formats import Formats, Reading
from engine.parts import field_type, operators
from engine.rules.conditions import holds
from engine.web.render_shown import ASK, on_page

pytestmark = pytest.mark.browser
SHOWN = Path(__file__).parents[2] / "engine/web/assets/js/shown.js"
WORDS = tuple(Choice(word, word) for word in ("Busy", "RNR", "Answered"))
AT = Reading(Formats(), datetime(2026, 12, 1, 10, tzinfo=UTC), 7)


def field(name: str, kind: str, **options: Any) -> Field:
    return Field(name, kind, name.title(), options=options)


FIELDS = {
    f.name: f
    for f in (
        field("outcome", "choice", choices=WORDS), field("traits", "choices", choices=WORDS), field("hot", "yes_no"),
        field("who", "user"), field("name", "text"), field("phone", "phone"), field("amount", "integer"),
        field("due", "date"), field("at", "datetime"), field("mail", "email"), field("tags", "tags"),
        field("price", "money"),
    )
}  # fmt: skip
GIVEN: dict[str, tuple[list[str], ...]] = {
    "outcome": ([], ["Busy"], ["Answered"]), "traits": ([], ["Busy"], ["Busy", "RNR"]), "hot": ([], [""], ["yes"], ["no"]),
    "who": ([], ["7"], ["8"]), "name": ([], ["  "], ["Acme"]), "phone": ([""], ["+919820012345"]), "amount": ([], ["5"]),
    "due": ([""], ["2026-12-01"]), "at": ([], ["2026-12-01T10:00"]), "mail": ([], ["a@b.example"]), "tags": ([], ["vip"]),
    "price": ([], ["10"]),
}  # fmt: skip
VALUES: dict[str, Any] = {"outcome": "Busy", "traits": "Busy", "hot": True, "who": 7, "name": "Acme", "amount": 5}


def conditions() -> list[Condition]:
    """Every operator on every field that knows it, as far as its operand is plain; and groups of them."""
    found: list[Condition] = []
    for one in FIELDS.values():
        for word in sorted(set(field_type(one.type).operators) & set(operators())):
            if word == "empty":
                found += [Asked(one.name, word, True), Asked(one.name, word, False)]
            elif one.name in VALUES and word in ("is", "is_not", "has"):
                found.append(Asked(one.name, word, VALUES[one.name]))
            elif one.name in VALUES and word in ("in", "not_in", "has_any"):
                found.append(Asked(one.name, word, (VALUES[one.name],)))
    simple = [Asked("outcome", "is", "Busy"), Asked("hot", "is_not", True), Asked("name", "empty", True)]
    found += [AllOf(tuple(simple)), AnyOf(tuple(simple)), Not(AnyOf((simple[0], Not(simple[2])))), AllOf(), AnyOf()]
    return found


def server(condition: Condition, typed: dict[str, list[str]]) -> bool:
    values = {
        name: field_type(FIELDS[name].type).read(FIELDS[name], given(name, texts), AT) for name, texts in typed.items()
    }
    nothing: Any = None
    return holds(condition, FIELDS, values, AT, nothing)


def given(name: str, texts: list[str]) -> Any:
    return texts if FIELDS[name].type == "choices" else (texts[0] if texts else None)


def test_the_page_and_the_server_judge_every_condition_alike(browser: Any) -> None:
    source = "\n".join(line for line in SHOWN.read_text().splitlines() if not line.startswith("import "))
    page = browser.new_page()
    page.set_content("<p></p>")
    page.add_script_tag(content=f"{source.replace('export ', '')}\nwindow.judges = holds;", type="module")
    page.wait_for_function("!!window.judges")
    asked, local = [], 0
    for condition in conditions():
        tree = on_page(condition, FIELDS)
        if tree == ASK:
            continue
        local += 1
        names = sorted({t.field for t in _tests(condition)})
        for texts in product(*(GIVEN[name] for name in names)):
            typed = dict(zip(names, texts, strict=True))
            asked.append((tree, typed, server(condition, typed)))
    have = "(name) => typed[name].filter((text) => text.trim())"
    told = page.evaluate(
        f"cases => cases.map(([tree, typed]) => judges(JSON.parse(tree), {have}))",
        [[tree, typed] for tree, typed, _ in asked],
    )
    pairs = zip(asked, told, strict=True)
    assert [(json.loads(tree), typed, mine) for (tree, typed, mine), theirs in pairs if mine != theirs] == []
    assert local > 30
    page.close()


def test_what_can_be_written_in_several_ways_is_asked_of_the_server() -> None:
    unequal = Asked("name", "is", "Acme"), Asked("gone", "is", "x")
    several = (*unequal, Asked("amount", "above", 5), Asked("price", "empty", True))
    for condition in several:
        assert on_page(condition, FIELDS) == ASK
        assert on_page(AllOf((Asked("hot", "is", True), condition)), FIELDS) == ASK


def _tests(condition: Condition) -> list[Asked]:
    match condition:
        case Asked():
            return [condition]
        case Not(part):
            return _tests(part)
    return [test for part in condition.parts for test in _tests(part)]
