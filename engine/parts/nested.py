"""The operators that look into other records; only the reader, which knows the actor's scope, can answer them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from engine.blueprint.conditions import AllOf, AnyOf, Not, Test
from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.parts.fields.contract import Unreadable
from engine.parts.operators.contract import Operator
from engine.parts.refusals import said
from engine.words import said as sentence

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


class Nested(Operator):
    """The operand is a Condition on the other entity, compiled already; the reader builds the SQL."""

    takes: ClassVar[str] = "condition"

    def read(self, field: Field, given: Any, at: Reading | None) -> Any:
        if not isinstance(given, (Test, AllOf, AnyOf, Not)):
            raise Unreadable(
                sentence(
                    "{given} is not a condition. Give a map, for example {{status: {{is: Open}}}}.", given=said(given)
                )
            )
        return given

    def resolve(self, field: Field, value: Any, at: Reading) -> Any:
        return value

    def sql(self, field: Field, columns: tuple[ColumnElement[Any], ...], value: Any) -> ColumnElement[bool]:
        raise TypeError(f"{self.word} is answered by the reader, within the actor's scope")

    def holds(self, field: Field, have: Any, value: Any) -> bool:
        raise TypeError(f"{self.word} is answered by the reader, within the actor's scope")

    def sentence(self, field: Field, value: Any, formats: Formats) -> str:
        return f"{field.label} {self.label}"
