"""Since when the record is in its present stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.blueprint.entities import Field
from engine.blueprint.values import Stayed
from engine.formats import Formats, Reading
from engine.parts.registry import operator
from engine.parts.stays import ENTERED, NOW, OfStays
from engine.words import said

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


class Part(OfStays):
    label = said("is the same since")
    doc = "The record came into the stage that it is in now within a span of time: last 7 days, until 2026-01-31."
    takes = "span"
    asks = NOW

    def read(self, field: Field, given: Any, at: Reading | None) -> Any:
        return operator("within").read(ENTERED, given, at)

    def resolve(self, field: Field, value: Any, at: Reading) -> Any:
        return operator("within").resolve(ENTERED, value, at)

    def sql(self, field: Field, columns: tuple[ColumnElement[Any], ...], value: Any) -> ColumnElement[bool]:
        return operator("within").sql(ENTERED, columns[1:], value)

    def stayed(self, stay: Stayed, value: Any) -> bool:
        return operator("within").holds(ENTERED, stay.entered_at, value)

    def sentence(self, field: Field, value: Any, formats: Formats) -> str:
        return f"{field.label} is the same since {value.text}"
