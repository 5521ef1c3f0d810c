"""The records that point at this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.markup import Html, trusted
from engine.parts.fields.contract import Column, Control, Example, Unreadable
from engine.parts.links import link, pills, told
from engine.parts.plain import EMPTY, Plain
from engine.parts.refusals import is_blank
from engine.words import said

_SAMPLE = {"entity": "call", "through": "deal"}


class Type(Plain):
    label = "Children"
    doc = "The records of another entity whose reference is this record: a deal's calls. It holds nothing itself."
    schema = {
        "of": {"type": "string", "description": "The entity that points here.", "examples": ["call"]},
        "through": {
            "type": "string",
            "description": "Its reference to this entity; left out when it has only one.",
        },
    }
    needs = ("of",)
    operators = ("some", "none", "empty")
    stored = False
    many = True
    sortable = False
    examples = (
        Example(None, None, "", None, options=_SAMPLE),
        Example(
            "12", refusal="Children cannot be written here. Change their own reference.", options=_SAMPLE
        ),
    )

    def columns(self, field: Field) -> tuple[Column, ...]:
        return ()

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        if is_blank(given):
            return None
        raise Unreadable(said("Children cannot be written here. Change their own reference."))

    def store(self, field: Field, value: Any) -> tuple[Any, ...]:
        return ()

    def load(self, field: Field, raw: tuple[Any, ...]) -> Any:
        return tuple(raw) or None

    def json(self, field: Field, value: Any) -> Any:
        return None if value is None else [{"id": str(item.id), "title": item.title} for item in value]

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        return ", ".join(told(item) for item in value or ())

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        """Called with the children as Refs."""
        return lambda *raw: str(self.html(field, tuple(item for item in raw if item is not None), formats))

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        if not value:
            return EMPTY
        return pills([trusted(link(item.entity, item.id, item.title)) for item in value])

    def control(self, field: Field, at: Control) -> Html:
        return EMPTY
