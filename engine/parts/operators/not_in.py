"""Equal to none of several values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.parts.operands import operand, resolved, same
from engine.parts.operators.contract import Operator
from engine.parts.operators.in_ import any_of, items_of, listed
from engine.parts.sql import not_, or_
from engine.words import said

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


class Part(Operator):
    label = said("is none of")
    doc = "The field holds none of these, or is empty."
    takes = "list"

    def read(self, field: Field, given: Any, at: Reading | None) -> Any:
        return tuple(operand(field, item, at) for item in items_of(given))

    def resolve(self, field: Field, value: Any, at: Reading) -> Any:
        return tuple(resolved(field, item, at) for item in value)

    def sql(self, field: Field, columns: tuple[ColumnElement[Any], ...], value: Any) -> ColumnElement[bool]:
        return or_(columns[0].is_(None), not_(any_of(field, columns, value)))

    def holds(self, field: Field, have: Any, value: Any) -> bool:
        return have is None or not any(same(field, have, item) for item in value)

    def sentence(self, field: Field, value: Any, formats: Formats) -> str:
        return f"{field.label} is neither {listed(field, value, formats, 'nor')}"
