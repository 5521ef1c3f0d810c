"""One of several values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.parts.operands import comparable, operand, resolved, shown
from engine.parts.operators.contract import Operator
from engine.parts.sql import place_of
from engine.words import said

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


class Part(Operator):
    """For `references`, which have no column, the reader builds the SQL over their own table."""

    label = said("has")
    doc = "Among the field's values is this one."

    def read(self, field: Field, given: Any, at: Reading | None) -> Any:
        return operand(field, given, at)

    def resolve(self, field: Field, value: Any, at: Reading) -> Any:
        return resolved(field, value, at)

    def sql(self, field: Field, columns: tuple[ColumnElement[Any], ...], value: Any) -> ColumnElement[bool]:
        return holds_word(columns[0], value)

    def holds(self, field: Field, have: Any, value: Any) -> bool:
        return comparable(value) in {comparable(item) for item in have or ()}

    def sentence(self, field: Field, value: Any, formats: Formats) -> str:
        return f"{field.label} has {shown(field, value, formats)}"


def holds_word(column: ColumnElement[Any], word: str) -> ColumnElement[bool]:
    """No word is a comma, or holds a quotation mark or backslash: `"word"` in the JSON is one whole item."""
    return place_of(column, json.dumps(word, ensure_ascii=False)) > 0
