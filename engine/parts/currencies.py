"""What the engine knows of currencies; ISO 4217 says how many digits the smaller unit has."""

from __future__ import annotations

from functools import lru_cache

from engine.formats import Formats
from engine.parts.numerals import locale_of

_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    "CLF": 4,
    "UYW": 4,
}


def digits(currency: str) -> int:
    return _DIGITS.get(currency, 2)


def is_currency(code: str) -> bool:
    from babel.numbers import is_currency as known

    return known(code)


@lru_cache(maxsize=256)
def symbol(currency: str, formats: Formats) -> str:
    from babel.numbers import get_currency_symbol

    return get_currency_symbol(currency, locale_of(formats))


@lru_cache(maxsize=256)
def around(currency: str, formats: Formats) -> tuple[str, str]:
    """What stands before and after an amount in the reader's language: ("₹", "") or ("", " €")."""
    pattern = locale_of(formats).currency_formats["standard"].pattern.split(";")[0]
    before, _, after = pattern.replace("#", "0").partition("0")
    after = after.lstrip("0,.")
    sign = symbol(currency, formats)
    if sign.isascii() and sign.isalpha() and before.endswith("¤"):
        before += "\u00a0"
    return before.replace("¤", sign), after.replace("¤", sign)
