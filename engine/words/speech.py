"""How one language is spoken: its catalogue, read when it is first needed and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from gettext import NullTranslations
from typing import Any

from engine.markup import Html, escape
from engine.words.bidi import isolated
from engine.words.catalogues import catalogue
from engine.words.said import Said, Sentences, as_one

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "sd", "ug", "yi", "dv", "ckb"})


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    language: str = "en"
    catalogue: NullTranslations = field(default_factory=NullTranslations)

    @property
    def direction(self) -> str:
        return direction(self.language)

    def say(self, text: str, /, **values: Any) -> str:
        """A sentence of the program in this language. `text` is a pattern, or what `said` made."""
        if isinstance(text, (Said, Sentences)):
            return self.tell(text)
        spoken = self.catalogue.gettext(text) if text else ""
        return spoken.format(**self._values(values)) if values else spoken

    def say_n(self, one: str, many: str, n: int, /, **values: Any) -> str:
        """A sentence about a number, which it calls {n}."""
        spoken = self.catalogue.ngettext(one, many, n)
        return spoken.format(**{"n": f"{n:,}", **self._values(values)})

    def say_html(self, text: str, /, **values: Any) -> Html:
        """The same with markup among the values; what is not markup is escaped."""
        return escape(self.catalogue.gettext(text)).format(**self._values(values))

    def tell(self, text: str) -> str:
        """What a door said; plain text stays as it is."""
        if isinstance(text, Said):
            return self._again(text)
        return as_one([self.tell(part) for part in text.parts]) if isinstance(text, Sentences) else text

    def _again(self, said: Said) -> str:
        values = self._values(said.values)
        if said.many is not None:
            return self.say_n(said.pattern, said.many, said.n, **values)
        spoken = self.catalogue.gettext(said.pattern)
        return spoken.format(**values) if values else spoken

    def _values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._value(value) for name, value in values.items()}

    def _value(self, value: Any) -> Any:
        """What is data keeps its own direction: an amount or a code would fall apart among words from right to left."""
        if not isinstance(value, str) or isinstance(value, Html):
            return value
        return self.tell(value) if isinstance(value, (Said, Sentences)) else isolated(value, self.direction == "rtl")


@lru_cache(maxsize=100)
def speech(language: str) -> Speech:
    """The program's words in a language: `ar-EG` is told in `ar` where it has no catalogue of its own."""
    return Speech(language, catalogue(language))


def direction(language: str) -> str:
    return "rtl" if language.partition("-")[0].lower() in RIGHT_TO_LEFT else "ltr"


ENGLISH = speech("en")

__all__ = ["ENGLISH", "RIGHT_TO_LEFT", "Speech", "direction", "speech"]
