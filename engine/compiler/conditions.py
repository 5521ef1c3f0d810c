"""Conditions: `when: {source: {in: [Google]}, amount: {above: 10000}}` as a tree, every name and value checked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.blueprint.conditions import ALWAYS, NEVER, AllOf, AnyOf, Condition, Not, Test, Word
from engine.blueprint.entities import Field
from engine.compiler.draft import Draft
from engine.compiler.endings import ENDINGS, ENDS, OPEN
from engine.compiler.spot import Spot
from engine.parts.fields.contract import FieldType, Unreadable
from engine.parts.operators.contract import Operator
from engine.parts.registry import field_types, operators
from engine.parts.words import is_point

SHAPES = {
    "value": "one value",
    "list": "a list",
    "flag": "true or false",
    "span": "a span of time",
    "condition": "a condition",
    "stay": "a stage with a span of time",
}


def read_condition(draft: Draft, entity: str, spot: Spot | None) -> Condition:
    """What is wrong has been told; such parts are left out."""
    if spot is None or not spot.node.is_map:
        return ALWAYS
    if not spot.node.value:
        draft.tell(spot, "no-effect", "An empty condition asks nothing.", "Ask something, or remove the key.", at_key=True)
    return _all_of(draft, entity, spot)


def _all_of(draft: Draft, entity: str, spot: Spot) -> Condition:
    parts: list[Condition] = []
    for key, at in spot.items():
        parts.extend(_entry(draft, entity, key, at))
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _entry(draft: Draft, entity: str, key: str, spot: Spot) -> list[Condition]:
    if key in ("any", "all"):
        parts = tuple(read_condition(draft, entity, at) for at in spot.each())
        _check_group(draft, key, spot)
        return [AnyOf(parts) if key == "any" else AllOf(parts)]
    if key == "not":
        return [Not(read_condition(draft, entity, spot))]
    field = _field(draft, entity, key, spot)
    if field is None:
        return []
    if not spot.node.is_map:
        _tell_no_question(draft, field, spot)
    tests = [_asked(draft, entity, field, word, at) for word, at in spot.items()]
    return [test for test in tests if test is not None]


def _asked(draft: Draft, entity: str, field: Field, word: str, spot: Spot) -> Condition | None:
    if word == ENDS and field.type == "stage":
        return _ending(draft, field, spot)
    return _test(draft, entity, field, word, spot)


def _ending(draft: Draft, field: Field, spot: Spot) -> Condition | None:
    """`stage: {ends: won}`: in one of the stages that end so, whatever they are called; `open` are those that do not."""
    if spot.node.is_map or (not spot.node.is_list and spot.word is None):
        draft.wrong(spot, "a way to end", f"Write {{ends: {ENDINGS[0]}}}.")
        return None
    asked = list(spot.each()) if spot.node.is_list else [spot]
    for at in asked:
        if at.word not in ENDINGS:
            draft.unknown(at, at.word or "", "a way to end", ENDINGS)
    words = {at.word for at in asked}
    if not words or not words <= {*ENDINGS}:
        return None
    names = tuple(stage.value for stage in field.options.get("stages", ()) if (stage.ends or OPEN) in words)
    return Test(field.name, "in", names, spot.source) if names else NEVER


def _tell_no_question(draft: Draft, field: Field, spot: Spot) -> None:
    """`source: Google` for `source: {is: Google}`."""
    word = "in" if spot.node.is_list else operators_of(field)[0] if operators_of(field) else "empty"
    found = "[...]" if spot.node.is_list else spot.word if spot.word is not None else "..."
    draft.wrong(spot, f"a question about {field.name}", f"Write {field.name}: {{{word}: {found}}}.", "wrong-type")


def _check_group(draft: Draft, key: str, spot: Spot) -> None:
    if spot.node.is_list and not spot.node.value:
        always = "never" if key == "any" else "always"
        draft.tell(spot, "no-effect", f"An empty list of conditions {always} holds.", "Say at least one.")


def _field(draft: Draft, entity: str, name: str, spot: Spot) -> Field | None:
    fields = draft.fields.get(entity, {})
    if draft.is_unknown(entity, name) and name in operators():
        message = f'"{name}" is a question, and no field stands before it.'
        draft.tell(spot, "unknown-name", message, f"Write field: {{{name}: ...}}.", at_key=True)
        return None
    if draft.is_unknown(entity, name):
        draft.unknown(spot, name, f"a field of {entity}", (*fields, "any", "all", "not"), at_key=True)
    return fields.get(name)


def _test(draft: Draft, entity: str, field: Field, word: str, spot: Spot) -> Test | None:
    operator = _operator(draft, entity, field, word, spot)
    if operator is None:
        return None
    if operator.takes == "condition":
        return _into_others(draft, entity, field, word, spot)
    value = _operand(draft, entity, field, operator, spot)
    return None if value is None else Test(field.name, word, value, spot.source)


def _operator(draft: Draft, entity: str, field: Field, word: str, spot: Spot) -> Operator | None:
    fitting = operators_of(field)
    if word not in operators():
        known = (*fitting, ENDS) if field.type == "stage" else fitting
        draft.unknown(spot, word, f"a question that can be asked of {entity}.{field.name}", known, at_key=True)
        return None
    if word not in fitting:
        told = field_types()[kind_of(field)].label.lower() or field.type
        message = f'"{word}" cannot be asked of {field.name}, a field of type {told}.'
        draft.tell(spot, "wrong-operator", message, f"Possible: {', '.join(fitting)}.", at_key=True)
        return None
    return operators()[word]


def operators_of(field: Field) -> tuple[str, ...]:
    part = _part(field)
    return part.operators if part else ()


def kind_of(field: Field) -> str:
    """The type word of the field's values: of computed fields and roll-ups that of their result."""
    return (field.options.get("result") or "text") if field.type in ("computed", "rollup") else field.type


def valued(field: Field) -> Field:
    """A computed field or roll-up as a plain field of its result, for reading values; others as they are."""
    return replace(field, type=kind_of(field)) if field.type in ("computed", "rollup") else field


def _part(field: Field) -> FieldType | None:
    return field_types().get(kind_of(field))


def _into_others(draft: Draft, entity: str, field: Field, word: str, spot: Spot) -> Test | None:
    target = field.options.get("entity")
    if target is None:
        if "entities" in field.options:
            message = f"{field.name} may point to several kinds of records, so nothing can be asked of them."
            draft.tell(spot, "wrong-operator", message, "Use visible or empty.", at_key=True)
        return None
    asked = _all_of(draft, target, spot) if spot.node.is_map else ALWAYS  # `some: {}`: there is any
    return Test(field.name, word, asked, spot.source)


def _operand(draft: Draft, entity: str, field: Field, operator: Operator, spot: Spot) -> Any:
    if not _shape_fits(draft, operator, spot) or not _words_known(draft, entity, field, operator, spot):
        return None
    try:
        return operator.read(valued(field), given(spot), draft.reading)
    except Unreadable as problem:
        draft.tell(spot, "wrong-value", str(problem))
        return None


def _shape_fits(draft: Draft, operator: Operator, spot: Spot) -> bool:
    """What may stand behind the operator; a list's items are looked at by the operator itself."""
    value = spot.node.value
    if operator.takes == "flag" and not isinstance(value, bool):
        draft.wrong(spot, "true or false")
    elif operator.takes == "list" and isinstance(value, (dict, bool)):
        draft.wrong(spot, "a list", "Write [a, b].")
    elif operator.takes == "stay" and not (isinstance(value, dict) and len(value) == 1):
        draft.wrong(spot, SHAPES["stay"], f"Write {{{operator.word}: {{STAGE: last month}}}}; or any time for the span.")
    elif operator.takes in ("value", "span") and isinstance(value, (dict, list)):
        hint = "Write {in: [a, b]} for several values." if isinstance(value, list) and operator.word == "is" else ""
        draft.wrong(spot, SHAPES[operator.takes], hint)
    elif value is None:
        hint = "To ask whether a field is empty, write {empty: true}."
        draft.tell(spot, "wrong-value", f'Nothing is said after "{operator.word}".', hint)
    else:
        return True
    return False


def _words_known(draft: Draft, entity: str, field: Field, operator: Operator, spot: Spot) -> bool:
    """Choices and stages are looked up here, so that the nearest right word can be told at its own place."""
    known = draft.choices_of(field)
    if operator.takes == "stay":
        return _stage_known(draft, entity, field, spot, known or ())
    if known is None or operator.takes not in ("value", "list") or operator.word in ("contains", "starts_with"):
        return True
    items = list(spot.each()) if spot.node.is_list else [spot]
    wrong = [item for item in items if item.word not in known]
    what = {"stage": "stage", "role": "role"}.get(field.type, "choice")
    sections = ("entities", "workflows", "roles")
    for item in wrong if draft.can_judge(*sections) else ():
        draft.unknown(item, item.node.data(), f"a {what} of {entity}.{field.name}", known)
    return not wrong


def _stage_known(draft: Draft, entity: str, field: Field, spot: Spot, known: tuple[str, ...]) -> bool:
    """`{Proposal: last month}`"""
    ((stage, at),) = spot.items()
    if stage not in known and draft.can_judge("entities", "workflows"):
        draft.unknown(at, stage, f"a stage of {entity}.{field.name}", known, at_key=True)
        return False
    if at.node.value is None or at.node.is_map or at.node.is_list:
        draft.wrong(at, SHAPES["span"])
        return False
    return True


def given(spot: Spot) -> Any:
    """The value as a part reads it: numbers and true stay, all else is text."""
    if spot.node.is_list:
        return [given(item) for item in spot.each()]
    return spot.node.data()


def read_value(draft: Draft, entity: str, field: Field, spot: Spot) -> Any:
    """A value that a set gives to a field: `default: Normal`, `set: {lost_at: now}`. None after telling why not.

    Words such as `me`, `today` and `in 3 days` stay words; they are resolved when they are used.
    """
    known = draft.choices_of(field)
    if known is not None and not spot.node.is_list:
        return _one_choice(draft, entity, field, spot, known)
    if spot.node.value is None or (spot.node.is_map and field.type not in ("money", "place")):
        draft.wrong(spot, f"a value of {entity}.{field.name}")
        return None
    try:
        value = read_plain(field, given(spot), draft)
    except Unreadable as problem:
        draft.tell(spot, "wrong-value", str(problem))
        return None
    if value is None:
        draft.wrong(spot, f"a value of {entity}.{field.name}")
    return value


def read_plain(field: Field, value: Any, draft: Draft) -> Any:
    """A value of the field's type, or a Word. Raises Unreadable."""
    if isinstance(value, str) and field.type in ("user", "team", "date", "datetime"):
        word = " ".join(value.split()).lower()
        if (word == "me" and field.type == "user") or (is_point(word) and field.type in ("date", "datetime")):
            return Word(word)
    return field_types()[field.type].read(field, value, draft.reading)


def _one_choice(draft: Draft, entity: str, field: Field, spot: Spot, known: tuple[str, ...]) -> Any:
    if spot.word in known:
        return (spot.word,) if field_types()[field.type].many else spot.word
    what = {"stage": "stage", "role": "role"}.get(field.type, "choice")
    if draft.can_judge("entities", "workflows", "roles"):
        draft.unknown(spot, spot.node.data(), f"a {what} of {entity}.{field.name}", known)
    return None
