"""Several of a list of words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from engine.blueprint.entities import Choice, Field
from engine.folding import fold
from engine.formats import Formats, Reading
from engine.markup import Html, escape, join, tag
from engine.parts.controls import boxes, posted, several
from engine.parts.fields.choice import CHOICES, choices_of, chosen, label_of, pairs, pill
from engine.parts.fields.contract import Control, Example, Unreadable
from engine.parts.plain import EMPTY, Plain, folded_needle
from engine.parts.refusals import is_blank, said, text_of
from engine.words import said as sentence

_SAMPLE = {"choices": (Choice("Google", "Google"), Choice("Web, own", "Own web site", "blue"))}


class Type(Plain):
    label = "Several choices"
    doc = "Any number out of a list of words, in the order of the list."
    schema = {"choices": CHOICES}
    needs = ("choices",)
    operators = ("has", "has_any", "empty")
    many = True
    sortable = False
    grouped = True
    examples = (
        Example(
            ["Web, own", "google"],
            ("Google", "Web, own"),
            "Google, Own web site",
            ["Google", "Web, own"],
            options=_SAMPLE,
        ),
        Example("Google", ("Google",), "Google", ["Google"], options=_SAMPLE),
        Example("Web, own", ("Web, own",), "Own web site", ["Web, own"], options=_SAMPLE),
        Example(
            "Google; Own web site",
            ("Google", "Web, own"),
            "Google, Own web site",
            ["Google", "Web, own"],
            options=_SAMPLE,
        ),
        Example([], None, "", None, options=_SAMPLE),
        Example("", None, "", None, options=_SAMPLE),
        Example(["Gogle"], refusal='"Gogle" is not a choice here. Did you mean "Google"?', options=_SAMPLE),
        Example(7, refusal='"7" is not a list. Give a list of texts.', options=_SAMPLE),
    )

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        if is_blank(given):
            return None
        choices = choices_of(field)
        picked = {chosen(choices, text) for item in _items(given, choices) if (text := text_of(item))}
        return tuple(choice.value for choice in choices if choice.value in picked) or None

    def gather(self, field: Field, form: Mapping[str, Any], name: str) -> Any:
        return posted(form, name)

    def store(self, field: Field, value: Any) -> tuple[Any, ...]:
        return (packed(value),)

    def load(self, field: Field, raw: tuple[Any, ...]) -> Any:
        return unpacked(raw[0])

    def json(self, field: Field, value: Any) -> Any:
        return None if value is None else list(value)

    def typed(self, field: Field, value: Any, formats: Formats) -> str:
        return "\n".join(value or ())

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        return ", ".join(label_of(choices_of(field), item) for item in value or ())

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        made = {choice.value: str(pill(choice)) for choice in choices_of(field)}
        kept: dict[str | None, str] = {None: ""}

        def write(*raw: Any) -> str:
            found = kept.get(raw[0])
            if found is None:
                found = ", ".join(made.get(item) or str(escape(item)) for item in unpacked(raw[0]) or ())
                if len(kept) < 1000:
                    kept[raw[0]] = found
            return found

        return write

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        if not value:
            return EMPTY
        made = {choice.value: choice for choice in choices_of(field)}
        pills = [tag("li", pill(made.get(item, Choice(item, item)))) for item in value]
        return tag("ul", join(*pills), class_="pills")

    def control(self, field: Field, at: Control) -> Html:
        return boxes(at, pairs(choices_of(field)), several(at.text))

    def find(self, field: Field, value: Any) -> str | None:
        return fold(self.show(field, value, Formats())) or None if value else None

    def needle(self, field: Field, typed: str, formats: Formats) -> str | None:
        return folded_needle(typed)


def packed(value: Any) -> str | None:
    """A JSON list in one spelling only: operators look for `"word"` in the text."""
    return json.dumps(list(value), ensure_ascii=False, separators=(",", ":")) if value else None


def unpacked(raw: str | None) -> tuple[str, ...] | None:
    return tuple(json.loads(raw)) or None if raw else None


def _items(given: Any, choices: tuple[Choice, ...]) -> list[Any]:
    if isinstance(given, (list, tuple, set, frozenset)):
        return list(given)
    if not isinstance(given, str):
        raise Unreadable(sentence("{given} is not a list. Give a list of texts.", given=said(given)))
    if fold(given) in {fold(word) for pair in pairs(choices) for word in pair}:
        return [given]
    return given.split("\n") if "\n" in given.strip() else re.split(r"[,;|]", given)
