"""From one value to another, both included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.parts.fields.contract import Unreadable
from engine.parts.operands import operand, shown
from engine.parts.operators.at_least import Part as AtLeast
from engine.parts.operators.at_most import Part as AtMost
from engine.parts.operators.contract import Operator
from engine.parts.refusals import said
from engine.parts.sql import and_
from engine.words import said as sentence

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

_LOW, _HIGH = AtLeast(), AtMost()


class Part(Operator):
    label = sentence("is between")
    doc = "From the first of two values to the second, both included."
    takes = "list"

    def read(self, field: Field, given: Any, at: Reading | None) -> Any:
        ends = given.split(",") if isinstance(given, str) else given
        if not isinstance(ends, (list, tuple)) or len(ends) != 2:
            raise Unreadable(
                sentence(
                    "{given} is not a pair. Give the first and the last value, for example [10, 20].",
                    given=said(given)
                )
            )
        return tuple(operand(field, end, at) for end in ends)

    def resolve(self, field: Field, value: Any, at: Reading) -> Any:
        return _LOW.resolve(field, value[0], at), _HIGH.resolve(field, value[1], at)

    def sql(self, field: Field, columns: tuple[ColumnElement[Any], ...], value: Any) -> ColumnElement[bool]:
        return and_(_LOW.sql(field, columns, value[0]), _HIGH.sql(field, columns, value[1]))

    def holds(self, field: Field, have: Any, value: Any) -> bool:
        return _LOW.holds(field, have, value[0]) and _HIGH.holds(field, have, value[1])

    def sentence(self, field: Field, value: Any, formats: Formats) -> str:
        return f"{field.label} is between {shown(field, value[0], formats)} and {shown(field, value[1], formats)}"
