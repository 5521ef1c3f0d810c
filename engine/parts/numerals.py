"""Numbers as people of a language write them: read loosely, written quickly."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from engine.formats import Formats
from engine.parts.fields.contract import Unreadable
from engine.parts.refusals import MOST, said
from engine.words import said as sentence, said_n

LONGEST = 60  # characters of a number, or places before or after its point
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009'\u2019\u066c]+")
_MINUS = str.maketrans(
    {"\u2212": "-", "\u2013": "-", "\u066b": ".", "\u200e": None, "\u200f": None, "\u061c": None}
)


@dataclass(frozen=True, slots=True)
class Marks:
    """How a language writes numbers: the decimal mark, the grouping mark, and the sizes of the last and further groups."""

    decimal: str = "."
    group: str = ","
    last: int = 3
    further: int = 3


def locale_of(formats: Formats) -> Any:
    """Babel's locale: the language with the firm's country, where CLDR knows the pair. Babel is loaded on first use."""
    from babel import Locale, UnknownLocaleError

    language = formats.language.replace("-", "_")
    for name in (f"{language}_{formats.country}", language, language.split("_")[0], "en"):
        try:
            return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    raise AssertionError("English is always there")


@lru_cache(maxsize=64)
def marks(formats: Formats) -> Marks:
    """Digits are always 0-9: they line up in columns and can be copied into other programs."""
    locale = locale_of(formats)
    symbols = locale.number_symbols["latn"]
    last, further = locale.decimal_formats[None].grouping
    return Marks(symbols["decimal"], symbols["group"], last, further)


def number_in(given: Any, formats: Formats, example: str = "1250.50") -> Decimal | None:
    """The number that a text or a JSON number means, None when it is empty; raises Unreadable."""
    if given is None:
        return None
    if isinstance(given, bool):
        raise Unreadable(_no_number(given, example))
    if isinstance(given, (int, Decimal, float)):
        return _native(given, example)
    if not isinstance(given, str):
        raise Unreadable(_no_number(given, example))
    return _typed(given, formats, example)


def whole_in(given: Any, formats: Formats, least: Any = None, most: Any = None) -> int | None:
    """The whole number that is meant, None when it is empty; raises Unreadable."""
    if type(given) is str and (found := _WHOLE.fullmatch(given)):
        whole = int(found[1])
        _bounded(whole, least, most)
        return whole
    number = number_in(given, formats, "42")
    return None if number is None else int(fitted(number, 0, least, most))


def _native(given: int | float | Decimal, example: str) -> Decimal:
    if isinstance(given, int) and abs(given) > 10**30:
        raise Unreadable(sentence("The number is too large. At most {most} fits.", most=f'{MOST:,}'))
    if (isinstance(given, float) and not math.isfinite(given)) or (
        isinstance(given, Decimal) and not given.is_finite()
    ):
        raise Unreadable(_no_number(given, example))
    number = Decimal(repr(given)) if isinstance(given, float) else Decimal(given)
    # 1e999999999 is twelve characters, and a sentence that spells it out a gigabyte.
    if number.adjusted() > LONGEST:
        raise Unreadable(sentence("The number is too large. At most {most} fits.", most=f'{MOST:,}'))
    if _exponent(number) < -LONGEST:
        raise Unreadable(sentence("The number has too many decimals."))
    return number


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)  # as it is finite
    return exponent


def _typed(given: str, formats: Formats, example: str) -> Decimal | None:
    if len(given) > LONGEST:
        raise Unreadable(_no_number(given, example))
    if given.isascii() and given.isdigit():  # most of an import
        return Decimal(given)
    text = _SPACES.sub("", given.translate(_MINUS))
    if not text:
        return None
    if not text.isascii():
        text = "".join(map(_digit, text))
    sign, body = ("-", text[1:]) if text.startswith("-") else ("", text.removeprefix("+"))
    plain = body if _PLAIN.fullmatch(body) and "." not in body else _plain(body, formats)
    if plain is None:
        raise Unreadable(_no_number(given, example))
    return Decimal(sign + plain)


# Nearly all that a file says; the same in all languages, as a group of thousands has three digits. It always fits.
_WHOLE = re.compile(r"([0-9]{1,15})(?:\.0{1,2})?")
_PLAIN = re.compile(r"\d+(\.\d*)?|\.\d+")
_POINT_LAST = re.compile(r"(\d{1,3}(?:,\d{2,3})*,\d{3}|\d+)?(\.\d*)?")
_COMMA_LAST = re.compile(r"(\d{1,3}(?:\.\d{3})+|\d+)?(,\d*)?")


def _plain(body: str, formats: Formats) -> str | None:
    if marks(formats).decimal == ",":
        if (found := _COMMA_LAST.fullmatch(body)) and body.strip(","):
            return (found[1] or "0").replace(".", "") + (found[2] or "").replace(",", ".")
        return body if _PLAIN.fullmatch(body) else None  # 1234.5 cannot be anything else
    if (found := _POINT_LAST.fullmatch(body)) and body.strip("."):
        return (found[1] or "0").replace(",", "") + (found[2] or "")
    return None


def _digit(character: str) -> str:
    return character if character.isascii() or not character.isdecimal() else str(int(character))


def _no_number(given: Any, example: str) -> str:
    return sentence("{given} is not a number. Write digits, for example {example}.", given=said(given), example=example)


def scaled(value: Decimal, places: int) -> int:
    """The number as an integer of its smallest unit; `places` must suffice."""
    return int(value.scaleb(places))


def unscaled(raw: int, places: int) -> Decimal:
    return Decimal(raw).scaleb(-places)


def fitted(value: Decimal, places: int, least: Any = None, most: Any = None) -> Decimal:
    """The number with exactly so many places; raises Unreadable when it needs more, or is out of bounds."""
    if value.adjusted() > 20 or abs(value) * 10**places > MOST:
        raise Unreadable(sentence(
            "{value} is too large. At most {scaleb} fits.",
            value=f'{value:,f}', scaleb=f'{Decimal(MOST).scaleb(-places):,f}'
        ))
    if value != round(value, places):
        raise Unreadable(sentence(
            "{number} has too many decimals. {allowed}", number=_bare(value), allowed=_allowed(places)
        ))
    _bounded(value, least, most)
    return value.quantize(Decimal(1).scaleb(-places)) + 0  # + 0: no minus zero


def _allowed(places: int) -> str:
    if not places:
        return sentence("Write a whole number.")
    return said_n("At most {n} is kept.", "At most {n} are kept.", places)


def _bounded(value: Decimal | int, least: Any, most: Any) -> None:
    if least is not None and value < Decimal(str(least)):
        raise Unreadable(sentence(
            "{number} is too small. It must be at least {number2}.",
            number=_bare(Decimal(value)), number2=_bare(Decimal(str(least)))
        ))
    if most is not None and value > Decimal(str(most)):
        raise Unreadable(sentence(
            "{number} is too large. It must be at most {number2}.",
            number=_bare(Decimal(value)), number2=_bare(Decimal(str(most)))
        ))


def _bare(value: Decimal) -> str:
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def grouper(formats: Formats) -> Callable[[int], str]:
    """A function that writes a whole number, not below zero, with its groups."""
    mark = marks(formats)
    if (mark.last, mark.further) == (3, 2):
        return _indian if mark.group == "," else lambda number: _indian(number).replace(",", mark.group)
    if mark.group == ",":
        return "{:,}".format
    return lambda number: f"{number:,}".replace(",", mark.group)


_THREE = tuple(f",{number:03}" for number in range(1000))
_TWO = tuple(f",{number:02}" for number in range(100))


def _indian(number: int) -> str:
    if number < 1000:
        return str(number)
    head, tail = divmod(number, 1000)
    if head < 100:
        return f"{head}{_THREE[tail]}"
    if head < 10_000:
        return f"{head // 100}{_TWO[head % 100]}{_THREE[tail]}"
    groups = [f"{tail:03}"]
    while head:
        head, pair = divmod(head, 100)
        groups.append(f"{pair:02}" if head else str(pair))
    return ",".join(reversed(groups))


@lru_cache(maxsize=256)
def writer(formats: Formats, places: int, before: str = "", after: str = "") -> Callable[[int], str]:
    """A function that writes a scaled integer for people, with its sign, its groups and all its places."""
    whole, mark, unit = grouper(formats), marks(formats).decimal, 10**places

    def write_whole(raw: int) -> str:
        return f"{before}{whole(raw)}{after}" if raw >= 0 else f"-{before}{whole(-raw)}{after}"

    def write(raw: int) -> str:
        units, part = divmod(raw if raw >= 0 else -raw, unit)
        return f"{'-' if raw < 0 else ''}{before}{whole(units)}{mark}{part:0{places}}{after}"

    cents = tuple(f"{mark}{part:02}{after}" for part in range(100))

    def write_cents(raw: int) -> str:
        if raw < 0:
            return f"-{write_cents(-raw)}"
        return f"{before}{whole(raw // 100)}{cents[raw % 100]}"

    return {0: write_whole, 2: write_cents}.get(places, write)


def typed_number(value: Decimal | int | None, formats: Formats) -> str:
    """As a form's input wants it: the language's decimal mark, no groups, no idle zeros."""
    if value is None:
        return ""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", marks(formats).decimal) if "." in text else text
