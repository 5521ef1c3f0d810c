"""`changes: amount` of a report: what can be told of the past of records is what their own fields say."""

from __future__ import annotations

from collections.abc import Iterator

from engine.blueprint.conditions import ALWAYS, Test, tests_in
from engine.blueprint.entities import Field
from engine.blueprint.reports import Series
from engine.compiler.conditions import kind_of
from engine.compiler.draft import Draft
from engine.compiler.formulas import SUMMED
from engine.compiler.sentences import one_of
from engine.compiler.spot import Spot
from engine.parts.registry import operator
from engine.parts.stays import OfStays
from engine.parts.words import PEOPLE

NO_PLACE = ("group_by", "over", "series", "order", "top")  # keys that would say nothing here
NOT_KEPT = ("computed", "rollup", "children", "references")  # fields whose past no history tells


def read_changes(draft: Draft, series: Series, spot: Spot) -> str | None:
    at = spot.get("changes")
    field = draft.field_named(series.entity, at) if at is not None and at.word else None
    if at is None or field is None:
        return None
    _check_around(draft, series, spot, at)
    if kind_of(field) not in SUMMED or field.type in NOT_KEPT:
        known = [f.name for f in draft.fields[series.entity].values() if f.type in SUMMED and not f.system]
        draft.tell(at, "wrong-value", f"{field.name} holds no number that is kept.", one_of("Fields with numbers", known))
        return None
    return field.name


def _check_around(draft: Draft, series: Series, spot: Spot, at: Spot) -> None:
    for key in NO_PLACE:
        wrong = spot.get(key)
        if wrong is not None:
            draft.tell(wrong, "contradiction", f"A report about what changed has no {key}.", "Remove it.", at_key=True)
    when = spot.get("when")
    if when is None or series.when == ALWAYS:
        message = "Nothing comes or goes where every record is in."
        draft.tell(at, "missing-key", message, "Add when: {stage: {ends: open}}.", at_key=True)
    elif (name := next(_unknown_past(draft.fields[series.entity], series), None)) is not None:
        hint = "Ask only of its own fields: no people's words, no other records, no past stages."
        draft.tell(when, "wrong-value", f"What {name} was cannot be told from a record's own history.", hint, at_key=True)
    if spot.get("period") is None:
        draft.tell(at, "missing-key", "Since when is not said.", "Add period: this month.", at_key=True)


def _unknown_past(fields: dict[str, Field], series: Series) -> Iterator[str]:
    for test in tests_in(series.when):
        field = fields.get(test.field)
        if field is not None and (field.type in NOT_KEPT or field.system or _looks_away(test)):
            yield field.name


def _looks_away(test: Test) -> bool:
    part = operator(test.operator)
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    people = any(getattr(value, "text", None) in PEOPLE[1:] for value in values)  # `me` is at hand
    return people or isinstance(part, OfStays) or part.takes == "condition" or test.operator == "visible"


__all__ = ["read_changes"]
