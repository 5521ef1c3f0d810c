"""A person who signs in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.blueprint.entities import Field
from engine.blueprint.values import Ref
from engine.formats import Formats
from engine.markup import Html
from engine.parts.fields.contract import Example
from engine.parts.fields.reference import Type as ReferenceType
from engine.parts.links import person, told
from engine.parts.plain import EMPTY


class Type(ReferenceType):
    label = "User"
    doc = "A person who signs in. In conditions `me`, `my team` and `my subordinates` are understood."
    schema = {
        "roles": {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
            "description": "Only people with these roles may be picked.",
        }
    }
    needs = ()
    operators = ("is", "is_not", "in", "not_in", "where", "empty")
    noun = "user"
    examples = (
        Example("12", 12, "#12", {"id": "12"}),
        Example("", None, "", None),
        Example("Asha", refusal='"Asha" is not the number of a user. Choose one from the list.'),
    )

    def entity_of(self, field: Field) -> str:
        return "user"

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        """There are few people and many rows: each is written once."""
        kept: dict[tuple[int | None, str | None], str] = {}

        def write(id: int | None, title: str | None = None, *_: Any) -> str:
            found = kept.get((id, title))
            if found is None:
                if len(kept) > 2000:
                    kept.clear()
                found = kept[id, title] = str(person(id, title))
            return found

        return write

    def fact(self, field: Field, formats: Formats) -> Callable[..., str] | None:
        return self.cell(field, formats)

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        if value is None:
            return EMPTY
        return person(value.id, value.title) if isinstance(value, Ref) else person(value, told(value))
