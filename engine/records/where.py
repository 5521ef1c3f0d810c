"""A condition as one text, the `where` of an address and of a view that is kept: JSON in the shape of the YAML's `when`.

    {"any": [{"status": {"is": "NEW"}}, {"amount": {"above": 1000}}], "owner": {"is": "me"}}

It means the same to every reader: numbers are written as in English, moments with their zone. Who reads it is judged as
for any filter: a field that is hidden from the role reads like one that does not exist. All that is wrong is told at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import orjson

from engine.blueprint.conditions import ALWAYS, AllOf, AnyOf, Condition, Not, Test, Word
from engine.blueprint.entities import Field
from engine.blueprint.values import Money, Ref
from engine.errors import BadRequest, Complaint
from engine.formats import Reading
from engine.parts import field_type, operator
from engine.parts.derived import effective
from engine.parts.fields.contract import Unreadable
from engine.parts.stays import ANY_TIME
from engine.records.sight import Sight, targets_of
from engine.words import said

LONGEST = 8_000  # characters
DEEPEST = 6  # groups, and looks into other records, within one another
MOST_TESTS = 40
BROKEN = said('This condition cannot be read. It is JSON such as {"status": {"is": "NEW"}}.')
TOO_LONG = f"This condition has more than {LONGEST:,} characters, which is the most that is read."
TOO_DEEP = f"This condition has groups within groups more than {DEEPEST} deep."
TOO_MANY = f"At most {MOST_TESTS} things can be asked for at once."
GROUPS = ("any", "all", "not")


def read_where(sight: Sight, role: str, entity: str, text: str, at: Reading) -> Condition:
    """Raises BadRequest with everything that is wrong."""
    return read_tree(sight, role, entity, parsed(text), at)


def parsed(text: str) -> Any:
    """The JSON of a condition. Raises BadRequest."""
    if len(text) > LONGEST:
        raise BadRequest(TOO_LONG)
    if "\\u0000" in text or "\0" in text:
        raise BadRequest(BROKEN)
    try:
        orjson.loads(text)  # stricter: no half characters, no NaN, no numbers beyond 64 bits made infinite
        return json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise BadRequest(BROKEN) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for n, (name, _) in enumerate(pairs) if name in dict(pairs[:n]))
        raise BadRequest(said('"{twice}" stands twice in one condition. Put one of them under "all".', twice=twice[:100]))
    return found


def read_tree(sight: Sight, role: str, entity: str, given: Any, at: Reading) -> Condition:
    """The condition that a tree of maps and lists means. Raises BadRequest with everything that is wrong."""
    tree = _Tree(sight, role, replace(at, formats=replace(at.formats, language="en")))
    found = tree.all_of(entity, given, 1)
    if tree.wrong:
        told = tuple(dict.fromkeys(tree.wrong))
        raise BadRequest(" ".join(told), [Complaint("where", one) for one in told])
    return found


class _Tree:
    def __init__(self, sight: Sight, role: str, at: Reading) -> None:
        self.sight, self.role, self.at = sight, role, at
        self.wrong: list[str] = []
        self.tests = 0

    def all_of(self, entity: str, given: Any, depth: int) -> Condition:
        if depth > DEEPEST:
            raise BadRequest(TOO_DEEP)
        if not isinstance(given, Mapping):
            told = said('{given} is no condition. Write a map such as {{"status": {{"is": "NEW"}}}}.', given=_said(given))
            self.wrong.append(told)
            return ALWAYS
        parts = [part for name, value in given.items() for part in self.entry(entity, name, value, depth)]
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def entry(self, entity: str, name: str, value: Any, depth: int) -> Iterable[Condition]:
        if name == "not":
            return [Not(self.all_of(entity, value, depth + 1))]
        if name in ("any", "all"):
            if not isinstance(value, list) or not value:
                self.wrong.append(said('After "{name}" stands a list of conditions.', name=name))
                return []
            parts = tuple(self.all_of(entity, one, depth + 1) for one in value)
            return [AnyOf(parts) if name == "any" else AllOf(parts)]
        return self.of_field(entity, name, value, depth)

    def of_field(self, entity: str, name: str, value: Any, depth: int) -> Iterable[Condition]:
        try:
            field = self.sight.field(self.role, entity, name)
        except BadRequest as unknown:
            self.wrong.append(unknown.message)
            return []
        if not isinstance(value, Mapping) or not value:
            told = said('After "{name}" stands what is asked of it, as in {{"{name}": {{"is": ...}}}}.', name=name)
            self.wrong.append(told)
            return []
        tests = [self.test(field, word, operand, depth) for word, operand in value.items()]
        return [test for test in tests if test is not None]

    def test(self, field: Field, word: str, given: Any, depth: int) -> Test | None:
        self.tests += 1
        if self.tests > MOST_TESTS:
            raise BadRequest(TOO_MANY)
        if word not in operators_of(field):
            values = {"label": field.label, "word": word[:100], "known": ", ".join(operators_of(field))}
            self.wrong.append(said('{label} cannot be asked "{word}". Possible: {known}.', **values))
            return None
        if operator(word).takes == "condition":
            return self.elsewhere(field, word, given, depth)
        try:
            value = operator(word).read(field, _plain(operator(word).takes, given), self.at)
            return Test(field.name, word, _hashable(value))
        except Unreadable as problem:
            self.wrong.append(said("{label}: {problem}", label=field.label, problem=problem.message))
            return None

    def elsewhere(self, field: Field, word: str, given: Any, depth: int) -> Test | None:
        targets = targets_of(field)
        if len(targets) != 1 or not self.sight.fields(self.role, targets[0]):
            self.wrong.append(said("Nothing can be asked of the records behind {label}.", label=field.label))
            return None
        return Test(field.name, word, self.all_of(targets[0], given, depth + 1))


def operators_of(field: Field) -> tuple[str, ...]:
    """What can be asked of a field; of one that is worked out, what can be asked of its result."""
    known = field_type(effective(field).type).operators
    return tuple(word for word in field_type(field.type).operators if word in known)


def _plain(takes: str, given: Any) -> Any:
    """Raises Unreadable for a shape that the operator does not take."""
    if takes == "list" and not isinstance(given, list):
        raise Unreadable(said("{said} is not a list. Write [a, b].", said=_said(given)))
    if takes == "span" and not isinstance(given, str):
        raise Unreadable(said('{said} is not a span of time. Write for example "this week".', said=_said(given)))
    if takes == "flag" and not isinstance(given, bool):
        raise Unreadable(said("{said} is neither true nor false.", said=_said(given)))
    if takes == "stay" and not isinstance(given, Mapping):
        raise Unreadable(said("{said} is not a stage with a span of time.", said=_said(given)))
    if takes == "value" and (given is None or isinstance(given, list)):
        raise Unreadable(said("{said} is not one value.", said=_said(given)))
    return given


def _said(given: Any) -> str:
    if given is None or isinstance(given, (bool, list, Mapping)):
        return {type(None): "Nothing", bool: str(given).lower(), list: "A list"}.get(type(given), "A map")
    return f'"{str(given)[:60]}"'


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, (list, set)) else value


# ---- from a condition to its text


def where_text(fields: Mapping[str, Mapping[str, Field]], entity: str, condition: Condition) -> str:
    """`fields` by entity: those of the blueprint, or those that a reader may read."""
    return json.dumps(where_tree(fields, entity, condition), ensure_ascii=False, separators=(",", ":"))


def where_tree(fields: Mapping[str, Mapping[str, Field]], entity: str, condition: Condition) -> dict[str, Any]:
    """What `read_tree` reads back to the same condition."""
    match condition:
        case Test():
            field = fields[entity][condition.field]
            return {field.name: {condition.operator: _asked(fields, field, condition)}}
        case Not(part):
            return {"not": where_tree(fields, entity, part)}
        case AnyOf(parts):
            return {"any": [where_tree(fields, entity, part) for part in parts]}
    parts = condition.parts
    trees = [where_tree(fields, entity, part) for part in parts]
    names = [name for tree in trees for name in tree]
    if any(isinstance(part, AllOf) for part in parts) or len(set(names)) < len(names) or len(parts) == 1:
        return {"all": trees}
    return {name: value for tree in trees for name, value in tree.items()}


def _asked(fields: Mapping[str, Mapping[str, Field]], field: Field, test: Test) -> Any:
    if operator(test.operator).takes != "stay":
        return _operand(fields, field, test.value)
    stage, *span = test.value
    return {stage: span[0].text if span else ANY_TIME}


def _operand(fields: Mapping[str, Mapping[str, Field]], field: Field, value: Any) -> Any:
    if isinstance(value, (Test, AllOf, AnyOf, Not)):
        return where_tree(fields, targets_of(field)[0], value)
    if isinstance(value, (tuple, list, frozenset)):
        return [_operand(fields, field, one) for one in value]
    if isinstance(value, Word):
        return value.text
    return value if isinstance(value, bool) else _value(effective(field), value)


def _value(field: Field, value: Any) -> Any:
    if isinstance(value, Ref):
        return f"{value.entity}/{value.id}" if field.type == "reference_any" else str(value.id)
    if field.type in ("id", *_POINTING) and isinstance(value, int):
        return str(value)  # numbers of 64 bits lose digits on their way through JSON
    if isinstance(value, (Money, datetime, time, Decimal)):
        return field_type(field.type).json(field, value)
    return value.isoformat() if isinstance(value, date) else value


_POINTING = ("reference", "references", "user", "team", "children")

__all__ = [
    "DEEPEST", "LONGEST", "MOST_TESTS", "operators_of", "parsed", "read_tree", "read_where", "where_text", "where_tree",
]  # fmt: skip
