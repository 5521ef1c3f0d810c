"""A web address."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.markup import Html, escape, escaped, tag
from engine.parts.controls import text_input
from engine.parts.fields.contract import Control, Example, Unreadable
from engine.parts.fields.text import Type as TextType
from engine.parts.plain import EMPTY
from engine.parts.refusals import line_of, said, within_length
from engine.words import said as sentence

_HOST = re.compile(r"[^\W_]([\w.-]*[^\W_])?\.[^\W\d_]{2,}|localhost|\d{1,3}(\.\d{1,3}){3}", re.UNICODE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d)")
_LINKED = ("http://", "https://")
_IDLE = re.compile(r"^https?://(www\.)?|/$")
_HOW = sentence("Write it like https://example.com.")


class Type(TextType):
    label = "Web address"
    doc = "The address of a web page, with http or https; https is added where neither is given."
    schema = {}
    longest = 2_000
    examples = (
        Example(
            "https://example.com/a?b=1",
            "https://example.com/a?b=1",
            "example.com/a?b=1",
            "https://example.com/a?b=1",
        ),
        Example("Example.com", "https://example.com", "example.com", "https://example.com"),
        Example("", None, "", None),
        Example(
            "javascript:alert(1)",
            refusal='"javascript:alert(1)" is not a web address. Write it like https://example.com.',
        ),
        Example("https://", refusal='"https://" is not a web address. Write it like https://example.com.'),
        Example(
            "ftp://example.com",
            refusal='"ftp://example.com" is not a web address. Write it like https://example.com.',
        ),
        Example(
            "https://me:pass@example.com",
            refusal='"https://me:pass@example.com" is not a web address. Write it like https://example.com.',
        ),
        Example(
            "no address", refusal='"no address" is not a web address. Write it like https://example.com.'
        ),
    )

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        text = within_length(line_of(given), self.longest)
        if not text:
            return None
        address = text if _SCHEME.match(text) else f"https://{text}"
        return _checked(address, given)

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        return "" if value is None else _IDLE.sub("", value)

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        def write(*raw: Any) -> str:
            if raw[0] is None:
                return ""
            if not raw[0].startswith(_LINKED):
                return escaped(raw[0])
            shown = escaped(self.show(field, raw[0], formats))
            return (
                f'<a href="{escaped(raw[0])}" rel="noopener noreferrer" target="_blank" dir="ltr">{shown}</a>'
            )

        return write

    def fact(self, field: Field, formats: Formats) -> Callable[..., str] | None:
        return self.cell(field, formats)

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        if value is None:
            return EMPTY
        shown = self.show(field, value, formats)
        if not value.startswith(_LINKED):
            return escape(value)  # whatever got into the table some other way is not made a link
        return tag("a", shown, href=value, rel="noopener noreferrer", target="_blank", dir="ltr")

    def control(self, field: Field, at: Control) -> Html:
        # Not type=url: browsers refuse an address without https://, which `read` adds.
        return text_input(
            at, inputmode="url", autocomplete="off", autocapitalize="none", spellcheck="false", dir="ltr"
        )


def _checked(address: str, given: Any) -> str:
    wrong = Unreadable(sentence("{given} is not a web address. {how}", given=said(given), how=_HOW))
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise wrong from None
    bad = parts.scheme.lower() not in ("http", "https") or "@" in parts.netloc or not _HOST.fullmatch(host)
    if bad or re.search(r"[\s<>\"\\^`{|}]", address):
        raise wrong
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()).geturl()
