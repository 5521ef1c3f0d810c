"""Equal to a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.parts.operands import equals, operand, resolved, same, shown
from engine.parts.operators.contract import Operator
from engine.words import said

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


class Part(Operator):
    label = said("is")
    doc = "The field holds exactly this. An empty field does not."

    def read(self, field: Field, given: Any, at: Reading | None) -> Any:
        return operand(field, given, at)

    def resolve(self, field: Field, value: Any, at: Reading) -> Any:
        return resolved(field, value, at)

    def sql(self, field: Field, columns: tuple[ColumnElement[Any], ...], value: Any) -> ColumnElement[bool]:
        return equals(field, columns, value)

    def holds(self, field: Field, have: Any, value: Any) -> bool:
        return have is not None and same(field, have, value)

    def sentence(self, field: Field, value: Any, formats: Formats) -> str:
        return f"{field.label} is {shown(field, value, formats)}"
