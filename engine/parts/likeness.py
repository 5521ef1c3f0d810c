"""The operators that look into a text.

Where the field has a folded `find` column, both sides are folded and case, accents and spelling of digits do not matter.
Where it has none, only the ASCII letters' case does not matter: that much both databases and Python agree on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.parts.derived import effective
from engine.parts.fields.contract import Unreadable
from engine.parts.operands import NOBODY
from engine.parts.operators.contract import Operator
from engine.parts.refusals import said, text_of
from engine.parts.registry import field_type
from engine.parts.sql import plain_lower
from engine.words import said as sentence

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

_LOWER = {upper: upper + 32 for upper in range(65, 91)}


class Likeness(Operator):
    at_start: ClassVar[bool] = False

    def read(self, field: Field, given: Any, at: Reading | None) -> Any:
        text = text_of(given) if isinstance(given, (str, int)) and not isinstance(given, bool) else ""
        needle = _needle(field, text, (at or NOBODY).formats)
        if not needle:
            raise Unreadable(
                sentence(
                    "{given} cannot be looked for in {label}. Give a piece of its text.",
                    given=said(given), label=field.label
                )
            )
        return needle

    def resolve(self, field: Field, value: Any, at: Reading) -> Any:
        return value

    def sql(self, field: Field, columns: tuple[ColumnElement[Any], ...], value: Any) -> ColumnElement[bool]:
        place = columns[-1] if has_find(field, columns) else plain_lower(columns[0])
        return (
            place.startswith(value, autoescape=True)
            if self.at_start
            else place.contains(value, autoescape=True)
        )

    def holds(self, field: Field, have: Any, value: Any) -> bool:
        text = _haystack(field, have)
        return text is not None and (text.startswith(value) if self.at_start else value in text)

    def sentence(self, field: Field, value: Any, formats: Formats) -> str:
        return f'{field.label} {self.label} "{value}"'


def has_find(field: Field, columns: tuple[ColumnElement[Any], ...]) -> bool:
    field = effective(field)
    return len(columns) > len(field_type(field.type).columns(field))


def _needle(field: Field, text: str, formats: Formats) -> str | None:
    if field.search or effective(field).type == "phone":
        return field_type(field.type).needle(field, text, formats)
    return text.translate(_LOWER)


def _haystack(field: Field, have: Any) -> str | None:
    if have is None:
        return None
    kind = field_type(effective(field).type)
    if field.search:
        return kind.find(field, have)
    raw = kind.store(effective(field), have)[0]
    return None if raw is None else raw.translate(_LOWER)
