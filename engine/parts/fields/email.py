"""An e-mail address."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.markup import Html, escaped, tag
from engine.parts.controls import text_input
from engine.parts.fields.contract import Column, Control, Example, Unreadable
from engine.parts.fields.text import Type as TextType
from engine.parts.plain import EMPTY
from engine.parts.refusals import line_of, said
from engine.words import said as sentence

# What nearly all addresses look like; the rest goes to the library, which takes a twentieth of a second to load.
_USUAL = re.compile(
    r"(?=.{3,254}$)(?=.{1,64}@)[A-Za-z0-9_%+-]+(\.[A-Za-z0-9_%+-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)


class Type(TextType):
    label = "E-mail"
    doc = "An e-mail address, its domain in small letters."
    schema = {}
    longest = 254
    examples = (
        Example(
            " Asha.Rao@Example.COM ", "Asha.Rao@example.com", "Asha.Rao@example.com", "Asha.Rao@example.com"
        ),
        Example("mailto:ravi@example.in", "ravi@example.in", "ravi@example.in", "ravi@example.in"),
        Example("आशा@उदाहरण.भारत", "आशा@उदाहरण.भारत", "आशा@उदाहरण.भारत", "आशा@उदाहरण.भारत"),
        Example("", None, "", None),
        Example("asha", refusal='"asha" is not an e-mail address. Write it like name@example.com.'),
        Example(
            "asha@@example.com",
            refusal='"asha@@example.com" is not an e-mail address. Write it like name@example.com.',
        ),
        Example(
            "<script>@example.com",
            refusal='"<script>@example.com" is not an e-mail address. Write it like name@example.com.',
        ),
    )

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(),)

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        text = line_of(given).removeprefix("mailto:")
        if not text:
            return None
        if not _USUAL.fullmatch(text):
            return _unusual(text)
        local, _, domain = text.rpartition("@")
        return f"{local}@{domain.lower()}"

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        return lambda *raw: (
            "" if raw[0] is None else f'<a href="mailto:{(safe := escaped(raw[0]))}">{safe}</a>'
        )

    def fact(self, field: Field, formats: Formats) -> Callable[..., str] | None:
        return lambda *raw: (
            "" if raw[0] is None else f'<a href="mailto:{(safe := escaped(raw[0]))}" dir="ltr">{safe}</a>'
        )

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        return EMPTY if value is None else tag("a", value, href=f"mailto:{value}", dir="ltr")

    def control(self, field: Field, at: Control) -> Html:
        return text_input(at, "email", maxlength=254, autocomplete="email" if at.personal else "off")


def _unusual(text: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        raise Unreadable(sentence(
            "{given} is not an e-mail address. Write it like name@example.com.", given=said(text)
        )) from None
