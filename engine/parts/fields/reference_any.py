"""A record of one of several entities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.blueprint.entities import Field
from engine.blueprint.values import Ref
from engine.formats import Formats, Reading
from engine.markup import Html, trusted
from engine.parts.fields.contract import Column, Control, Example, Unreadable
from engine.parts.links import id_in, link, picker
from engine.parts.plain import EMPTY, Plain
from engine.parts.refusals import is_blank, said
from engine.words import said as sentence, speech

_SAMPLE = {"entities": ("deal", "account")}


class Type(Plain):
    """The value is a Ref; until the reader has added its title, that is None."""

    label = "Reference to one of several entities"
    doc = "One record of any of the entities in `to`: what a call was about. In a form it is written entity/number."
    schema = {
        "to": {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
            "uniqueItems": True,
            "description": "The entities it may point at.",
            "examples": [["account", "contact"]],
        }
    }
    needs = ("to",)
    operators = ("is", "is_not", "in", "not_in", "visible", "empty")
    sortable = False
    beside = ("title",)
    examples = (
        Example(
            "deal/12",
            Ref("deal", 12),
            "Not open to you",
            {"entity": "deal", "id": "12", "title": None},
            options=_SAMPLE,
        ),
        Example(
            {"entity": "account", "id": "7"},
            Ref("account", 7),
            None,
            {"entity": "account", "id": "7", "title": None},
            options=_SAMPLE,
        ),
        Example("", None, "", None, options=_SAMPLE),
        Example(
            "user/3",
            refusal='"user" cannot be chosen here. Choose a record of deal or account.',
            options=_SAMPLE,
        ),
        Example(
            "12", refusal='"12" is not a record. Write entity/number, for example deal/12.', options=_SAMPLE
        ),
        Example(
            "deal/x", refusal='"x" is not the number of a record. Choose one from the list.', options=_SAMPLE
        ),
    )

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(kind="integer"), Column("entity", "text", 63))

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        if is_blank(given):
            return None
        entities = field.options["entities"]
        entity, id = _halves(given, entities[0])
        if entity not in entities:
            raise Unreadable(
                sentence(
                    "{given} cannot be chosen here. Choose a record of {names}.",
                    given=said(entity), names=' or '.join(entities)
                )
            )
        return Ref(entity, id_in(id))

    def store(self, field: Field, value: Any) -> tuple[Any, ...]:
        return (None, None) if value is None else (value.id, value.entity)

    def load(self, field: Field, raw: tuple[Any, ...]) -> Any:
        return None if raw[0] is None else Ref(raw[1], raw[0])

    def json(self, field: Field, value: Any) -> Any:
        return None if value is None else {"entity": value.entity, "id": str(value.id), "title": value.title}

    def typed(self, field: Field, value: Any, formats: Formats) -> str:
        return "" if value is None else f"{value.entity}/{value.id}"

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        if value is None:
            return ""
        return value.title if value.title is not None else speech(formats.language).say("Not open to you")

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        return lambda id, entity, title=None, *_: link(entity, id, title)

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        return EMPTY if value is None else trusted(link(value.entity, value.id, value.title))

    def control(self, field: Field, at: Control) -> Html:
        """The values in `picked` and `offered` are entity/number."""
        return picker(at, data_any="")


def _halves(given: Any, sample: str) -> tuple[Any, Any]:
    if isinstance(given, Ref):
        return given.entity, given.id
    if isinstance(given, Mapping):
        return given.get("entity"), given.get("id")
    if isinstance(given, str) and "/" in given:
        entity, _, id = given.strip().partition("/")
        return entity, id
    raise Unreadable(sentence(
        "{given} is not a record. Write entity/number, for example {sample}/12.", given=said(given), sample=sample
    ))
