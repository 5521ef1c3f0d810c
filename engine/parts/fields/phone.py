"""A telephone number."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from engine.blueprint.entities import Field
from engine.folding import fold
from engine.formats import Formats, Reading
from engine.markup import Html, escaped, tag
from engine.parts.controls import text_input
from engine.parts.fields.contract import Column, Control, Example, Unreadable
from engine.parts.plain import EMPTY, Plain
from engine.parts.refusals import line_of, said
from engine.words import said as sentence

_EXTENSION = ";ext="
_INDIAN = re.compile(r"(?:\+91|0091|91|0)?([6-9]\d{9})")
_HOW = sentence("Write its digits, with the country code for another country, for example +91 98765 43210.")


class Type(Plain):
    """Kept as E.164, with an extension after `;ext=`; found by any way of writing it."""

    label = "Telephone"
    doc = "A telephone number in any spelling; without a country code it is one of the set's country. Kept as +919876543210."
    operators = ("is", "is_not", "in", "not_in", "contains", "starts_with", "empty")
    searchable = True
    examples = (
        Example("(415) 555-0132", "+14155550132", "(415) 555-0132", "+14155550132"),
        Example("+91 98765-43210", "+919876543210", "+91 98765 43210", "+919876543210"),
        Example("0091 98765 43210", refusal=f'"0091 98765 43210" is not a telephone number. {_HOW}'),
        Example(
            "+91 98765 43210 ext 12",
            "+919876543210;ext=12",
            "+91 98765 43210 ext. 12",
            "+919876543210;ext=12",
        ),
        Example(4155550132, "+14155550132", "(415) 555-0132", "+14155550132"),
        Example("", None, "", None),
        Example("12", refusal=f'"12" is not a telephone number. {_HOW}'),
        Example("call me", refusal=f'"call me" is not a telephone number. {_HOW}'),
        Example("<script>", refusal=f'"<script>" is not a telephone number. {_HOW}'),
    )

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(longest=32),)

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        text = fold(line_of(given))
        if not text:
            return None
        read = _canonical(text, at.formats.country) if len(text) < 60 else None
        if read is None:
            raise Unreadable(sentence("{given} is not a telephone number. {how}", given=said(given), how=_HOW))
        return read

    def typed(self, field: Field, value: Any, formats: Formats) -> str:
        return "" if value is None else written(value, formats.country)

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        return "" if value is None else written(value, formats.country)

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        country = formats.country

        def write(*raw: Any) -> str:
            if raw[0] is None:
                return ""
            return f'<a href="tel:{escaped(raw[0])}" dir="ltr">{escaped(written(raw[0], country))}</a>'

        return write

    def fact(self, field: Field, formats: Formats) -> Callable[..., str] | None:
        return self.cell(field, formats)

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        return (
            EMPTY
            if value is None
            else tag("a", written(value, formats.country), href=f"tel:{value}", dir="ltr")
        )

    def control(self, field: Field, at: Control) -> Html:
        return text_input(at, "tel", autocomplete="tel" if at.personal else "off")

    def find(self, field: Field, value: Any) -> str | None:
        """The digits with the country code: the national number is their end."""
        return value.removeprefix("+").partition(_EXTENSION)[0] if value else None

    def needle(self, field: Field, typed: str, formats: Formats) -> str | None:
        text = fold(typed[:60])
        digits = re.sub(r"\D", "", text)
        if len(digits) < 2 or re.search(r"[^\d\s+()./-]", text):
            return None
        if len(digits) > 6 and (whole := _whole(text, formats.country)):
            return self.find(field, whole)
        return digits.lstrip("0") or None


@lru_cache(maxsize=20_000)
def _canonical(text: str, country: str) -> str | None:
    """E.164, or None when no number of that country or of a named one looks so."""
    plain = re.sub(r"[\s().-]", "", text)
    if country == "IN" and (found := _INDIAN.fullmatch(plain)):
        return f"+91{found[1]}"  # nearly all of them, without loading the library
    return _parsed(text, country)


@lru_cache(maxsize=20_000)
def _whole(text: str, country: str) -> str | None:
    """E.164 of what is surely a whole number: seven digits could be one of a town, but mostly are the end of another."""
    if country == "IN" and _INDIAN.fullmatch(re.sub(r"[\s().-]", "", text)):
        return _canonical(text, country)
    import phonenumbers

    try:
        valid = phonenumbers.is_valid_number(phonenumbers.parse(text, country))
    except phonenumbers.NumberParseException:
        return None
    return _canonical(text, country) if valid else None


def _parsed(text: str, country: str) -> str | None:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    extension = f"{_EXTENSION}{number.extension}" if number.extension else ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) + extension


@lru_cache(maxsize=50_000)
def written(value: str, country: str) -> str:
    """As people of that country write it: nationally at home, internationally abroad."""
    number, _, extension = value.partition(_EXTENSION)
    if number.startswith("+91") and len(number) == 13 and number[3] in "6789":
        local = f"{number[3:8]} {number[8:]}"
        shown = local if country == "IN" else f"+91 {local}"
    else:
        shown = _formatted(number, country)
    return f"{shown} ext. {extension}" if extension else shown


def _formatted(number: str, country: str) -> str:
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    kinds = phonenumbers.PhoneNumberFormat
    home = phonenumbers.region_code_for_country_code(parsed.country_code or 0) == country
    return phonenumbers.format_number(parsed, kinds.NATIONAL if home else kinds.INTERNATIONAL)
