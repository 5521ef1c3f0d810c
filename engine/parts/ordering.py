"""The operators that ask whether a value is larger or smaller."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.parts.operands import compares, operand, raw_of, resolved, same_currency, shown
from engine.parts.operators.contract import Operator
from engine.parts.sql import and_, false

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


class Ordering(Operator):
    """`compare` works on Python's values and on SQL's columns alike. Empty is neither larger nor smaller."""

    compare: ClassVar[Callable[[Any, Any], Any]]
    end_of_day: ClassVar[bool] = False  # a whole day, where a moment is compared, means its last moment

    def read(self, field: Field, given: Any, at: Reading | None) -> Any:
        return operand(field, given, at)

    def resolve(self, field: Field, value: Any, at: Reading) -> Any:
        return resolved(field, value, at, self.end_of_day)

    def sql(self, field: Field, columns: tuple[ColumnElement[Any], ...], value: Any) -> ColumnElement[bool]:
        if value is None:
            return false()
        larger = type(self).compare(columns[0], raw_of(field, value)[0])
        return and_(larger, *same_currency(field, columns, value))

    def holds(self, field: Field, have: Any, value: Any) -> bool:
        return compares(have, value) and bool(type(self).compare(have, value))

    def sentence(self, field: Field, value: Any, formats: Formats) -> str:
        return f"{field.label} {self.phrase(field)} {shown(field, value, formats)}"

    def phrase(self, field: Field) -> str:
        return self.label
