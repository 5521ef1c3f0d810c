"""Free words stuck to a record."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from engine.blueprint.entities import Field
from engine.folding import fold
from engine.formats import Formats, Reading
from engine.markup import Html, escaped, join, tag
from engine.parts.controls import as_text, text_input
from engine.parts.fields.choices import packed, unpacked
from engine.parts.fields.contract import Control, Example, Unreadable
from engine.parts.plain import EMPTY, Plain, folded_needle
from engine.parts.refusals import is_blank, line_of, said
from engine.words import said as sentence

_MOST = 30
_LONGEST = 50


class Type(Plain):
    label = "Tags"
    doc = "Free words, separated by commas when they are typed: at most 30 of 50 characters."
    operators = ("has", "has_any", "contains", "empty")
    many = True
    sortable = False
    searchable = True
    examples = (
        Example("hot, Pune , hot", ("hot", "Pune"), "hot, Pune", ["hot", "Pune"]),
        Example(["Ünï", "<script>"], ("Ünï", "<script>"), "Ünï, <script>", ["Ünï", "<script>"]),
        Example("Hot, HOT", ("Hot",), "Hot", ["Hot"]),
        Example(" , ", None, "", None),
        Example([], None, "", None),
        Example('say "hi"', refusal='"say "hi"" holds a quotation mark or a backslash. Leave it out.'),
        Example(
            "a" * 51,
            refusal='"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…" is too long for a tag. At most 50 characters fit.',
        ),
        Example(5, refusal='"5" is not a list. Give texts, separated by commas.'),
    )

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        if is_blank(given):
            return None
        picked: dict[str, str] = {}
        for item in _items(given):
            if word := line_of(item):
                picked.setdefault(fold(word), _checked(word))
        if len(picked) > _MOST:
            raise Unreadable(sentence("There are {count} tags. At most {most} fit.", count=len(picked), most=_MOST))
        return tuple(picked.values()) or None

    def store(self, field: Field, value: Any) -> tuple[Any, ...]:
        return (packed(value),)

    def load(self, field: Field, raw: tuple[Any, ...]) -> Any:
        return unpacked(raw[0])

    def json(self, field: Field, value: Any) -> Any:
        return None if value is None else list(value)

    def typed(self, field: Field, value: Any, formats: Formats) -> str:
        return ", ".join(value or ())

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        return ", ".join(value or ())

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        # The JSON of a tag holds no escapes, for tags hold no quotation marks.
        return lambda *raw: "" if raw[0] is None else escaped(raw[0][2:-2].replace('","', ", "))

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        if not value:
            return EMPTY
        return tag(
            "ul",
            join(*(tag("li", tag("span", item, class_="pill", dir="auto")) for item in value)),
            class_="pills",
        )

    def control(self, field: Field, at: Control) -> Html:
        text = at.text if isinstance(at.text, (list, tuple)) else None
        return text_input(
            at, value=", ".join(text) if text else as_text(at.text), data_tags=True, autocomplete="off"
        )

    def find(self, field: Field, value: Any) -> str | None:
        return fold(" ".join(value)) or None if value else None

    def needle(self, field: Field, typed: str, formats: Formats) -> str | None:
        return folded_needle(typed)


def _items(given: Any) -> list[Any]:
    if isinstance(given, str):
        return re.split(r"[,\n]", given)
    if isinstance(given, (list, tuple, set, frozenset)):
        return [piece for item in given for piece in (item.split(",") if isinstance(item, str) else [item])]
    raise Unreadable(sentence("{given} is not a list. Give texts, separated by commas.", given=said(given)))


def _checked(word: str) -> str:
    if '"' in word or "\\" in word:
        raise Unreadable(sentence("{given} holds a quotation mark or a backslash. Leave it out.", given=said(word)))
    if len(word) > _LONGEST:
        raise Unreadable(sentence(
            "{given} is too long for a tag. At most {longest} characters fit.", given=said(word), longest=_LONGEST
        ))
    return word
