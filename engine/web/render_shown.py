"""Fields that come and go, and fields that must be filled, while one types.

What the script can judge by itself (assets/js/shown.js) is sent along as a small tree. Whatever is written in more than one
way (numbers, dates, texts), or hangs on other records, it asks of the server, which judges as the write door does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from engine.blueprint.conditions import AllOf, AnyOf, Condition, Not, Test, Word
from engine.blueprint.entities import Field
from engine.blueprint.values import Ref
from engine.records.look import RecordLook
from engine.rules.conditions import holds
from engine.web.frame import Screen

ASK = '"?"'  # only the server knows
CHOSEN = frozenset({"choice", "yes_no", "user", "team", "reference", "role"})  # their controls hold the value, in one way
SEVERAL = frozenset({"choices", "references"})
TYPED = frozenset(
    {"text", "long_text", "email", "phone", "url", "date", "datetime", "time", "integer", "decimal", "percent"}
)
EQUAL = frozenset({"is", "is_not", "in", "not_in"})


def on_page(condition: Condition | None, on_form: Mapping[str, Field]) -> str | None:
    """The condition for the script: a tree, or `"?"` where it has to ask; None where there is no condition."""
    if condition is None:
        return None
    tree = _tree(condition, on_form)
    return ASK if tree is None else orjson.dumps(tree).decode()


def _tree(condition: Condition, on_form: Mapping[str, Field]) -> list[Any] | None:
    match condition:
        case AllOf(parts):
            return _group("all", parts, on_form)
        case AnyOf(parts):
            return _group("any", parts, on_form)
        case Not(part):
            return _group("not", (part,), on_form)
        case Test():
            return _test(condition, on_form.get(condition.field))
    return None


def _group(word: str, parts: Iterable[Condition], on_form: Mapping[str, Field]) -> list[Any] | None:
    trees = [_tree(part, on_form) for part in parts]
    return None if None in trees else [word, *trees]


def _test(test: Test, field: Field | None) -> list[Any] | None:
    if field is None:
        return None
    if test.operator == "empty" and field.type in (CHOSEN | SEVERAL | TYPED):
        return ["empty", field.name, test.value]
    texts = _texts(test.value)
    if texts is None:
        return None
    if test.operator in EQUAL and field.type in CHOSEN:
        return [test.operator, field.name, texts]
    if test.operator in ("has", "has_any") and field.type == "choices":
        return ["in", field.name, texts]
    return None


def _texts(value: Any) -> list[str] | None:
    """As the controls hold them; None for words such as `me`, whose meaning depends on who asks."""
    found = []
    for one in value if isinstance(value, (tuple, list, frozenset)) else (value,):
        if isinstance(one, Word) or not isinstance(one, (bool, str, int, Ref)):
            return None
        found.append(("yes" if one else "no") if isinstance(one, bool) else str(getattr(one, "id", one)))
    return found


def judged(screen: Screen, entity: str, id: int | None, condition: Condition, values: Mapping[str, Any]) -> bool:
    """Whether the condition holds for what is typed, with its reader's eyes."""
    reads, actor = screen.crm.reads, screen.actor
    with reads.lent(None) as lent:
        look = RecordLook(reads, lent, actor, entity, id, values)
        return holds(condition, screen.crm.blueprint.entities[entity].fields, values, reads.reading(actor), look)


__all__ = ["ASK", "judged", "on_page"]
