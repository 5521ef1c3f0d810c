"""The sentences and checks that the field types share when they read what somebody gave."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from engine.parts.fields.contract import Unreadable
from engine.words import said as sentence

MOST = 2**53 - 1  # the largest whole number that JSON carries exactly; scaled integers stay within it too

_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BREAKS = re.compile(r"[\t\r\n\u2028\u2029]+")


def said(given: Any) -> str:
    """What was given, quoted and short enough for a sentence."""
    text = _BREAKS.sub(" ", given if isinstance(given, str) else repr(given))
    text = "".join(c if c.isprintable() else "\ufffd" for c in text[:41])
    return f'"{text[:40]}…"' if len(text) > 40 else f'"{text}"'


def is_blank(given: Any) -> bool:
    return given is None or (isinstance(given, str) and not given.strip()) or given in ([], (), {})


def text_of(given: Any) -> str:
    """The given text, in one Unicode form, without control characters.

    Raises Unreadable for what is no text, for NUL and for broken characters."""
    text = _as_text(given)
    if text.isascii() and text.isprintable():
        return text.strip()
    if "\0" in text:
        raise Unreadable(sentence("The text holds a NUL character. Remove it."))
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise Unreadable(sentence("The text holds half a character. Give it as UTF-8."))
    return unicodedata.normalize("NFC", _CONTROL.sub("", text)).strip()


def line_of(given: Any) -> str:
    """Like `text_of`, on one line."""
    text = text_of(given) if given is not None else ""
    return text if text.isprintable() else _BREAKS.sub(" ", text)


def within_length(text: str, longest: int) -> str:
    if len(text) > longest:
        raise Unreadable(sentence(
            "The text has {count} characters. At most {longest} fit.", count=f'{len(text):,}', longest=f'{longest:,}'
        ))
    return text


def _as_text(given: Any) -> str:
    if isinstance(given, str):
        return given
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given)
    if isinstance(given, float) and given.is_integer():
        return str(int(given))
    raise Unreadable(sentence("{given} is not text. Give text.", given=said(given)))
