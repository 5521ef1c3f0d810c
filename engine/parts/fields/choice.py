"""One of a list of words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any, ClassVar

from engine.blueprint.entities import Choice, Field
from engine.folding import fold
from engine.formats import Formats, Reading
from engine.markup import Html, escape, tag
from engine.parts.controls import as_text, select
from engine.parts.fields.contract import Control, Example, Unreadable
from engine.parts.plain import EMPTY, Plain, folded_needle
from engine.parts.refusals import is_blank, said, text_of
from engine.words import said as sentence

HUES = ("grey", "red", "orange", "amber", "yellow", "green", "teal", "blue", "indigo", "violet", "pink")
WORD = {
    "type": "string",
    "minLength": 1,
    "maxLength": 100,
    "pattern": r'^[^"\\\n]*[^"\\\n,][^"\\\n]*$',
    "x-what": "possible as a choice: it holds a quote or a backslash, or nothing but commas",
}
CHOICES = {
    "description": "The words, or a map of word to label, colour and former name.",
    "examples": [["Google", "Website"]],
    "oneOf": [
        {"type": "array", "items": WORD, "minItems": 1, "uniqueItems": True, "x-compiler": ["uniqueItems"]},
        {
            "type": "object",
            "minProperties": 1,
            "propertyNames": WORD,
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "label": {"type": "string", "minLength": 1, "description": "What people read."},
                    "color": {
                        "type": "string",
                        "enum": list(HUES),
                        "x-what": "a colour",
                        "description": "The hue in which it is shown.",
                    },
                    "was": {"type": "string", "minLength": 1, "description": "Its former word, when it was renamed."},
                },
            },
        },
    ],
}
_SAMPLE = {"choices": (Choice("Google", "Google"), Choice("Web site", "Own web site", "blue"))}


class Type(Plain):
    label = "Choice"
    doc = "One of a list of words. What is stored is the word; its label and colour are for people."
    schema = {"choices": CHOICES}
    needs: ClassVar[tuple[str, ...]] = ("choices",)
    operators: ClassVar[tuple[str, ...]] = ("is", "is_not", "in", "not_in", "empty")
    examples: ClassVar[tuple[Example, ...]] = (
        Example("Google", "Google", "Google", "Google", options=_SAMPLE),
        Example("web SITE", "Web site", "Own web site", "Web site", options=_SAMPLE),
        Example("Own web site", "Web site", "Own web site", "Web site", options=_SAMPLE),
        Example("", None, "", None, options=_SAMPLE),
        Example("Gogle", refusal='"Gogle" is not a choice here. Did you mean "Google"?', options=_SAMPLE),
        Example("Radio", refusal='"Radio" is not a choice here. Choose Google or Web site.', options=_SAMPLE),
        Example(["Google"], refusal="\"['Google']\" is not text. Give text.", options=_SAMPLE),
    )

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        return None if is_blank(given) else chosen(choices_of(field), text_of(given))

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        return "" if value is None else label_of(choices_of(field), value)

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        made: dict[str | None, str] = {
            choice.value: str(pill(choice, self.word)) for choice in choices_of(field)
        }
        made[None] = ""
        get = made.get
        return lambda *raw: found if (found := get(raw[0])) is not None else str(escape(raw[0]))

    def fact(self, field: Field, formats: Formats) -> Callable[..., str] | None:
        return self.cell(field, formats)

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        if value is None:
            return EMPTY
        return pill(_choice(choices_of(field), value) or Choice(value, value), self.word)

    def control(self, field: Field, at: Control) -> Html:
        return select(at, pairs(choices_of(field)), [as_text(at.text)])

    def find(self, field: Field, value: Any) -> str | None:
        return fold(self.show(field, value, Formats())) or None if value else None

    def needle(self, field: Field, typed: str, formats: Formats) -> str | None:
        return folded_needle(typed)


def choices_of(field: Field) -> tuple[Choice, ...]:
    return tuple(field.options.get("stages") or field.options.get("choices") or ())


def pairs(choices: Iterable[Choice]) -> list[tuple[str, str]]:
    return [(choice.value, choice.label) for choice in choices]


def chosen(choices: tuple[Choice, ...], text: str) -> str:
    """The value that a text means: the word or its label, in any case. Raises Unreadable."""
    for choice in choices:
        if text == choice.value:
            return choice.value
    plain = fold(text)
    for choice in choices:
        if plain in (fold(choice.value), fold(choice.label)):
            return choice.value
    raise Unreadable(
        sentence(
            "{given} is not a choice here. {offer}",
            given=said(text), offer=_offer([choice.value for choice in choices], text)
        )
    )


def label_of(choices: tuple[Choice, ...], value: str) -> str:
    found = _choice(choices, value)
    return found.label if found else value


def pill(choice: Choice, word: str = "choice") -> Html:
    """A coloured word; a choice without a colour is just the word."""
    if word != "stage":
        return (
            tag("span", choice.label, class_="pill", data_hue=choice.hue)
            if choice.hue
            else tag("bdi", choice.label)
        )
    ends = {"won": " is-won", "done": " is-won", "lost": " is-lost"}.get(choice.ends or "", "")
    return tag("span", choice.label, class_=f"pill is-stage{ends}", data_hue=choice.hue or "grey")


def _choice(choices: tuple[Choice, ...], value: str) -> Choice | None:
    return next((choice for choice in choices if choice.value == value), None)


def _offer(values: list[str], text: str) -> str:
    near = get_close_matches(text.casefold()[:100], [value.casefold() for value in values], 1, 0.7)
    if near:
        return f'Did you mean "{next(value for value in values if value.casefold() == near[0])}"?'
    shown = [*values[:9], f"{len(values) - 9} others"] if len(values) > 10 else values
    if not shown:
        return sentence("There is none to choose.")
    return sentence(
        "Choose {names} or {shown}.",
        names=', '.join(shown[:-1]), shown=shown[-1]) if len(shown) > 1 else sentence("Choose {shown}.", shown=shown[0]
    )
