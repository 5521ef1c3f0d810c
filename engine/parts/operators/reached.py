"""A stage that the record was in at some time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.blueprint.entities import Field
from engine.blueprint.values import Stayed
from engine.formats import Formats, Reading
from engine.parts.operands import equals, operand, shown
from engine.parts.stays import OfStays
from engine.words import said

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


class Part(OfStays):
    label = said("has reached")
    doc = "The record is in this stage, or was at some time."

    def read(self, field: Field, given: Any, at: Reading | None) -> Any:
        return operand(field, given, at)

    def resolve(self, field: Field, value: Any, at: Reading) -> Any:
        return value

    def sql(self, field: Field, columns: tuple[ColumnElement[Any], ...], value: Any) -> ColumnElement[bool]:
        return equals(field, columns[:1], value)

    def stayed(self, stay: Stayed, value: Any) -> bool:
        return stay.stage == value

    def sentence(self, field: Field, value: Any, formats: Formats) -> str:
        return f"{field.label} has reached {shown(field, value, formats)}"
