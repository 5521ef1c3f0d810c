"""Nothing in the field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.parts.fields.contract import Unreadable
from engine.parts.operators.contract import Operator
from engine.parts.refusals import said
from engine.words import said as sentence

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class Part(Operator):
    """For `references` and `children`, which have no column, the reader builds the SQL over their own table."""

    label = sentence("is empty")
    doc = "true: nothing is in the field; false: something is."
    takes = "flag"

    def read(self, field: Field, given: Any, at: Reading | None) -> Any:
        return flag(given)

    def resolve(self, field: Field, value: Any, at: Reading) -> Any:
        return value

    def sql(self, field: Field, columns: tuple[ColumnElement[Any], ...], value: Any) -> ColumnElement[bool]:
        return columns[0].is_(None) if value else columns[0].is_not(None)

    def holds(self, field: Field, have: Any, value: Any) -> bool:
        return (have is None or have == ()) is value

    def sentence(self, field: Field, value: Any, formats: Formats) -> str:
        return f"{field.label} is {'' if value else 'not '}empty"


def flag(given: Any) -> bool:
    if isinstance(given, bool):
        return given
    if isinstance(given, str) and given.strip().lower() in _FLAGS:
        return _FLAGS[given.strip().lower()]
    raise Unreadable(sentence("{given} is neither true nor false. Give true or false.", given=said(given)))
