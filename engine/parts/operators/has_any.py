"""At least one of several values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.parts.operands import comparable, operand, resolved
from engine.parts.operators.contract import Operator
from engine.parts.operators.has import holds_word
from engine.parts.operators.in_ import items_of, listed
from engine.parts.sql import or_
from engine.words import said

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


class Part(Operator):
    """For `references`, which have no column, the reader builds the SQL over their own table."""

    label = said("has any of")
    doc = "Among the field's values is at least one of these."
    takes = "list"

    def read(self, field: Field, given: Any, at: Reading | None) -> Any:
        return tuple(operand(field, item, at) for item in items_of(given))

    def resolve(self, field: Field, value: Any, at: Reading) -> Any:
        return tuple(resolved(field, item, at) for item in value)

    def sql(self, field: Field, columns: tuple[ColumnElement[Any], ...], value: Any) -> ColumnElement[bool]:
        return or_(*(holds_word(columns[0], item) for item in value))

    def holds(self, field: Field, have: Any, value: Any) -> bool:
        return not {comparable(item) for item in have or ()}.isdisjoint(comparable(item) for item in value)

    def sentence(self, field: Field, value: Any, formats: Formats) -> str:
        return f"{field.label} has {listed(field, value, formats, 'or')}"
