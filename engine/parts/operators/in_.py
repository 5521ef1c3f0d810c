"""Equal to one of several values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.parts.fields.contract import Unreadable
from engine.parts.operands import equals, operand, raw_of, resolved, same, shown
from engine.parts.operators.contract import Operator
from engine.parts.refusals import said
from engine.parts.sql import or_
from engine.words import said as sentence

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

_PLAIN = (str, int, bool)


class Part(Operator):
    label = sentence("is one of")
    doc = "The field holds one of these. An empty field does not."
    takes = "list"

    def read(self, field: Field, given: Any, at: Reading | None) -> Any:
        return tuple(operand(field, item, at) for item in items_of(given))

    def resolve(self, field: Field, value: Any, at: Reading) -> Any:
        return tuple(resolved(field, item, at) for item in value)

    def sql(self, field: Field, columns: tuple[ColumnElement[Any], ...], value: Any) -> ColumnElement[bool]:
        return any_of(field, columns, value)

    def holds(self, field: Field, have: Any, value: Any) -> bool:
        return have is not None and any(same(field, have, item) for item in value)

    def sentence(self, field: Field, value: Any, formats: Formats) -> str:
        return f"{field.label} is {listed(field, value, formats, 'or')}"


def items_of(given: Any) -> list[Any]:
    """The items of a list, or of a text with commas, as a query string has it. Raises Unreadable."""
    if isinstance(given, str):
        given = given.split(",")
    if not isinstance(given, (list, tuple)) or not given:
        raise Unreadable(sentence("{given} is not a list. Give one, for example [A, B].", given=said(given)))
    if len(given) > 500:
        raise Unreadable(sentence("There are {count} values. At most 500 are compared.", count=len(given)))
    return list(given)


def any_of(field: Field, columns: tuple[ColumnElement[Any], ...], values: Any) -> ColumnElement[bool]:
    plain = [raw_of(field, item) for item in values if isinstance(item, _PLAIN) or hasattr(item, "isoformat")]
    if len(plain) == len(values) and all(len(raw) == 1 for raw in plain):
        return columns[0].in_([raw[0] for raw in plain])
    return or_(*(equals(field, columns, item) for item in values))


def listed(field: Field, values: Any, formats: Formats, last: str) -> str:
    texts = [shown(field, item, formats) for item in values]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {last} {texts[-1]}"
