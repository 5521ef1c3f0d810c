"""Yes or no."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.markup import Html, escape, tag
from engine.parts.controls import as_text, boxes
from engine.parts.fields.contract import Column, Control, Example, Unreadable
from engine.parts.plain import EMPTY, Plain
from engine.parts.refusals import is_blank, said
from engine.words import said as sentence, speech

_YES = frozenset({"yes", "true", "1", "on", "y", "t"})
_NO = frozenset({"no", "false", "0", "off", "n", "f"})


class Type(Plain):
    label = "Yes or no"
    doc = "Yes, no, or not said yet."
    operators = ("is", "is_not", "empty")
    grouped = True
    examples = (
        Example("yes", True, "Yes", True),
        Example(False, False, "No", False),
        Example("on", True, "Yes", True),
        Example(0, False, "No", False),
        Example("", None, "", None),
        Example("perhaps", refusal='"perhaps" is neither yes nor no. Give yes or no.'),
        Example(2, refusal='"2" is neither yes nor no. Give yes or no.'),
    )

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(kind="integer"),)

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        if is_blank(given):
            return None
        word = as_text(given).strip().casefold() if isinstance(given, (str, bool, int)) else ""
        if word in _YES or word in _NO:
            return word in _YES
        raise Unreadable(sentence("{given} is neither yes nor no. Give yes or no.", given=said(given)))

    def store(self, field: Field, value: Any) -> tuple[Any, ...]:
        return (None if value is None else int(value),)

    def load(self, field: Field, raw: tuple[Any, ...]) -> Any:
        return None if raw[0] is None else bool(raw[0])

    def typed(self, field: Field, value: Any, formats: Formats) -> str:
        return "" if value is None else "yes" if value else "no"

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        return "" if value is None else in_words(value, formats)

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        yes, no = escape(in_words(True, formats)), escape(in_words(False, formats))
        words = {None: "", 0: f'<span class="no">{no}</span>', 1: f'<span class="yes">{yes}</span>'}
        return lambda *raw: words[raw[0]]

    def fact(self, field: Field, formats: Formats) -> Callable[..., str] | None:
        return self.cell(field, formats)

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        return (
            EMPTY
            if value is None
            else tag("span", self.show(field, value, formats), class_="yes" if value else "no")
        )

    def control(self, field: Field, at: Control) -> Html:
        text = as_text(at.text).strip().casefold()
        chosen = "yes" if text in _YES else "no" if text in _NO else text
        neither = [] if at.required else [("", speech(at.formats.language).say("Not said"))]
        offered = [("yes", in_words(True, at.formats)), ("no", in_words(False, at.formats)), *neither]
        return boxes(at, offered, [chosen], kind="radio", style="segments")


def in_words(value: bool, formats: Formats) -> str:
    spoken = speech(formats.language)
    return spoken.say("Yes") if value else spoken.say("No")
