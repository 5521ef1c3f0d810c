"""A condition in words, for its reader: records by the titles that he may know."""

from __future__ import annotations

from functools import reduce
from typing import Any

from engine.blueprint.conditions import AllOf, AnyOf, Condition, Not, Test, Word
from engine.blueprint.entities import Field
from engine.blueprint.values import Ref
from engine.parts import field_type, operator
from engine.parts.derived import effective
from engine.records.sight import targets_of
from engine.web.frame import Screen


def told(seen: Screen, entity: str, condition: Condition, inside: bool = False) -> str:
    """`Stage is one of NEW, FOLLOW-UP or Amount is above 100`; a group within a group stands in brackets."""
    match condition:
        case Test():
            return _test(seen, entity, condition)
        case Not(part):
            return seen.say("not ({what})", what=told(seen, entity, part))
        case AllOf(parts) | AnyOf(parts):
            joined = _joined(seen, [told(seen, entity, part, True) for part in parts], isinstance(condition, AllOf))
            return f"({joined})" if inside and len(parts) > 1 else joined
    raise TypeError(f"Not a condition: {condition!r}")


def _joined(seen: Screen, texts: list[str], is_all: bool) -> str:
    if not texts:
        return seen.say("everything") if is_all else seen.say("nothing")
    if is_all:
        return reduce(lambda one, other: seen.say("{one} and {other}", one=one, other=other), texts)
    return reduce(lambda one, other: seen.say("{one} or {other}", one=one, other=other), texts)


def _test(seen: Screen, entity: str, test: Test) -> str:
    field = seen.crm.blueprint.entities[entity].fields[test.field]
    verb, value = words_of(seen, field, test)
    return " ".join(filter(None, (field.label, verb, value)))


def words_of(seen: Screen, field: Field, test: Test) -> tuple[str, str]:
    """The verb and the value: `is at least`, `100`."""
    part = operator(test.operator)
    if test.operator == "empty":
        return (seen.say("is empty") if test.value else seen.say("is filled")), ""
    if part.takes == "flag":
        return (seen.say("is open to you") if test.value else seen.say("is not open to you")), ""
    if isinstance(test.value, (Test, AllOf, AnyOf, Not)):
        there = told(seen, targets_of(field)[0], test.value, True)
        if test.operator == "where":
            return "→", there
        if test.value == AllOf():
            return (seen.say("there is one") if test.operator == "some" else seen.say("there is none")), ""
        return (seen.say("one with") if test.operator == "some" else seen.say("none with")), there
    if part.takes == "stay":
        stage, *span = test.value
        when = value_of(seen, field, span[0]) if span else seen.say("any time")
        return seen.say(part.label), seen.say("{stage}, {when}", stage=value_of(seen, field, stage), when=when)
    return seen.say(part.label), value_of(seen, field, test.value)


def value_of(seen: Screen, field: Field, value: Any) -> str:
    if isinstance(value, (tuple, list, frozenset)):
        return ", ".join(value_of(seen, field, one) for one in value)
    if isinstance(value, Word):
        return seen.say(WORDS.get(value.text, value.text))
    targets = targets_of(field)
    if targets and isinstance(value, (int, Ref)):
        ref = value if isinstance(value, Ref) else Ref(targets[0], value)
        titles = seen.crm.reads.titles(seen.actor, [ref])
        return titles.get((ref.entity, ref.id)) or seen.say("somebody or something that you may not see")
    plain = effective(field)
    part = field_type(plain.type)
    if plain.type == "datetime" and not hasattr(value, "hour"):
        part, plain = field_type("date"), plain  # a whole day
    if part.many:
        choices = {choice.value: choice.label for choice in plain.options.get("choices") or ()}
        return choices.get(value, value) if isinstance(value, str) else part.show(plain, (value,), seen.formats)
    return part.show(plain, value, seen.formats)


WORDS = {"me": "me", "my team": "my team", "my subordinates": "my people"}

__all__ = ["told", "value_of", "words_of"]
