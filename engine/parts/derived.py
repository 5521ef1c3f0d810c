"""What a field worked out from others shares with the type of its result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.markup import Html, tag
from engine.parts.fields.contract import Column, Control, FieldType, Unreadable
from engine.parts.plain import Plain
from engine.parts.refusals import is_blank
from engine.parts.registry import field_type
from engine.words import said

MOST_RESULTS = 10_000
_RESULTS: dict[int, tuple[Field, Field]] = {}


class Derived(Plain):
    """Its raw columns, value and looks are those of `result(field)`; nobody writes it."""

    stored: ClassVar[bool] = False

    def result(self, field: Field) -> Field:
        """A field of the result's type that stands for this one."""
        raise NotImplementedError

    def stands_for(self, field: Field) -> Field:
        """`result(field)`, made once for each field: a list of fifty rows asks a thousand times."""
        found = _RESULTS.get(id(field))
        if found is None or found[0] is not field:
            if len(_RESULTS) > MOST_RESULTS:
                _RESULTS.clear()
            found = _RESULTS[id(field)] = (field, self.result(field))  # holds the field, so that its id stays its own
        return found[1]

    def kind(self, field: Field) -> FieldType:
        return field_type(self.stands_for(field).type)

    def columns(self, field: Field) -> tuple[Column, ...]:
        return self.kind(field).columns(self.stands_for(field))

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        if is_blank(given):
            return None
        raise Unreadable(said("{label} is worked out from other fields. Leave it out.", label=field.label))

    def store(self, field: Field, value: Any) -> tuple[Any, ...]:
        return self.kind(field).store(self.stands_for(field), value)

    def load(self, field: Field, raw: tuple[Any, ...]) -> Any:
        return self.kind(field).load(self.stands_for(field), raw)

    def json(self, field: Field, value: Any) -> Any:
        return self.kind(field).json(self.stands_for(field), value)

    def typed(self, field: Field, value: Any, formats: Formats) -> str:
        return self.kind(field).typed(self.stands_for(field), value, formats)

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        return self.kind(field).show(self.stands_for(field), value, formats)

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        return self.kind(field).cell(self.stands_for(field), formats)

    def fact(self, field: Field, formats: Formats) -> Callable[..., str] | None:
        kind = self.kind(field)
        return None if kind.beside else kind.fact(self.stands_for(field), formats)

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        return self.kind(field).html(self.stands_for(field), value, formats)

    def control(self, field: Field, at: Control) -> Html:
        return tag("output", at.text, class_="input", id=f"f-{at.name}", aria_describedby=at.described_by)


def effective(field: Field) -> Field:
    """The field itself, or what stands for its result when it is worked out."""
    kind = field_type(field.type)
    return effective(kind.stands_for(field)) if isinstance(kind, Derived) else field


def operators_of(field: Field) -> tuple[str, ...]:
    """The operators that make sense for a field: of a derived one, those of its result."""
    offered, result = field_type(field.type).operators, field_type(effective(field).type).operators
    return tuple(word for word in result if word in offered)
