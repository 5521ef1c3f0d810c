"""Several other records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.blueprint.entities import Field
from engine.blueprint.values import Ref
from engine.formats import Formats, Reading
from engine.markup import Html, trusted
from engine.parts.controls import posted
from engine.parts.fields.contract import Column, Control, Example, Unreadable
from engine.parts.links import id_in, id_of, link, picker, pills, told
from engine.parts.plain import EMPTY, Plain
from engine.parts.refusals import is_blank, said
from engine.words import said as sentence

_SAMPLE = {"entity": "product"}
_MOST = 500


class Type(Plain):
    """Kept in a table of its own; the value is a tuple of ids, or of Refs once the reader has added the titles."""

    label = "Several references"
    doc = "Any number of records of another entity, at most 500, in the order in which they were picked."
    schema = {
        "to": {"type": "string", "description": "The entity it points at.", "examples": ["account"]},
        "when": {"type": "object", "description": "A condition on the records that may be picked."},
    }
    needs = ("to",)
    operators = ("has", "has_any", "some", "none", "empty")
    stored = False
    many = True
    sortable = False
    examples = (
        Example(["12", 15, "12"], (12, 15), "#12, #15", [{"id": "12"}, {"id": "15"}], options=_SAMPLE),
        Example([{"id": "12"}], (12,), "#12", [{"id": "12"}], options=_SAMPLE),
        Example("12, 15", (12, 15), "#12, #15", [{"id": "12"}, {"id": "15"}], options=_SAMPLE),
        Example([""], None, "", None, options=_SAMPLE),
        Example("", None, "", None, options=_SAMPLE),
        Example(
            ["Acme"],
            refusal='"Acme" is not the number of a record. Choose one from the list.',
            options=_SAMPLE,
        ),
        Example({"a": 1}, refusal="\"{'a': 1}\" is not a list. Give a list of records.", options=_SAMPLE),
    )

    def columns(self, field: Field) -> tuple[Column, ...]:
        return ()

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        if is_blank(given):
            return None
        ids = tuple(dict.fromkeys(id_in(item) for item in _items(given) if not is_blank(item)))
        if len(ids) > _MOST:
            raise Unreadable(sentence("There are {count} records. At most {most} fit.", count=len(ids), most=_MOST))
        return ids or None

    def gather(self, field: Field, form: Mapping[str, Any], name: str) -> Any:
        return posted(form, name)

    def store(self, field: Field, value: Any) -> tuple[Any, ...]:
        """The ids, for the rows of its own table."""
        return tuple(id_of(item) for item in value or ())

    def load(self, field: Field, raw: tuple[Any, ...]) -> Any:
        return tuple(raw) or None

    def json(self, field: Field, value: Any) -> Any:
        return None if value is None else [_json(item) for item in value]

    def typed(self, field: Field, value: Any, formats: Formats) -> str:
        return "\n".join(str(id_of(item)) for item in value or ())

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        return ", ".join(told(item) for item in value or ())

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        """Called with Refs, or with (id, title) pairs, one argument for each record."""
        entity = field.options["entity"]
        return lambda *raw: ", ".join(link(entity, *_pair(item)) for item in raw if item is not None)

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        if not value:
            return EMPTY
        entity = field.options["entity"]
        return pills([trusted(link(entity, *_pair(item))) for item in value])

    def control(self, field: Field, at: Control) -> Html:
        return picker(at, many=True, required=at.required)


def _items(given: Any) -> Iterable[Any]:
    if isinstance(given, str):
        return given.replace("\n", ",").split(",")
    if isinstance(given, (list, tuple, set, frozenset)):
        return given
    if isinstance(given, int) and not isinstance(given, bool):
        return [given]
    raise Unreadable(sentence("{given} is not a list. Give a list of records.", given=said(given)))


def _pair(item: Any) -> tuple[int, str | None]:
    if isinstance(item, Ref):
        return item.id, item.title
    return item if isinstance(item, tuple) else (item, told(item))


def _json(item: Any) -> dict[str, Any]:
    return {"id": str(item.id), "title": item.title} if isinstance(item, Ref) else {"id": str(item)}
