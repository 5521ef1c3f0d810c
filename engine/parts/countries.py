"""Which country is meant by a word: its ISO code or its name in any language that the program speaks.

Names are those of Unicode's common locale data, as babel has them; besides them the few that business writes otherwise.
"""

from __future__ import annotations

import re
from functools import lru_cache

from engine.folding import fold
from engine.words.catalogues import spoken

# By the folded name: what people write and no list of countries does.
ALSO = {
    "america": "US", "u.s.": "US", "u.s.a.": "US", "united states of america": "US", "great britain": "GB", "england": "GB",
    "scotland": "GB", "wales": "GB", "northern ireland": "GB", "u.k.": "GB", "uae": "AE", "u.a.e.": "AE", "emirates": "AE",
    "ksa": "SA", "hong kong": "HK", "macau": "MO", "macao": "MO", "korea": "KR", "republic of korea": "KR",
    "viet nam": "VN", "russian federation": "RU", "czech republic": "CZ", "turkey": "TR", "holland": "NL",
    "ivory coast": "CI", "burma": "MM", "palestine": "PS", "macedonia": "MK", "cape verde": "CV", "congo": "CG",
    "swaziland": "SZ", "east timor": "TL", "tanzania, united republic of": "TZ", "iran, islamic republic of": "IR",
    "syrian arab republic": "SY", "lao people's democratic republic": "LA", "brunei darussalam": "BN",
}  # fmt: skip
_CODE = re.compile(r"[A-Z]{2}")
_BRACKET = re.compile(r"\s*\(.*\)$")


@lru_cache(maxsize=4000)
def country_of(text: str, language: str = "en") -> str | None:
    """`IN` for India, भारत, الهند, IND, 356 and in; None where no country is known by this word. `language`: one more in
    which a name may be written, beside the program's own."""
    folded = fold(text)
    known = next((code for one in dict.fromkeys((*spoken(), language)) if (code := _names(one).get(folded))), None)
    return known or ALSO.get(folded) or _by_code(text.strip().upper())


def _by_code(text: str) -> str | None:
    """Of two letters, three letters, or the number."""
    from babel.core import get_global

    if text in _names("en", by_code=True):
        return text
    if len(text) not in (2, 3) or not text.isascii() or not text.isalnum():
        return None
    found = get_global("territory_aliases").get(text, ())
    return found[0] if len(found) == 1 and _CODE.fullmatch(found[0]) else None


@lru_cache(maxsize=40)
def _names(language: str, by_code: bool = False) -> dict[str, str]:
    """Code by folded name; or every code by itself. A language that nobody has data of has no names."""
    from babel import Locale, UnknownLocaleError

    try:
        territories = Locale.parse(language, sep="-").territories
    except (UnknownLocaleError, ValueError):
        return {}
    codes = {code: name for code, name in territories.items() if _CODE.fullmatch(code)}
    if by_code:
        return {code: code for code in codes}
    short = {fold(_BRACKET.sub("", name)): code for code, name in codes.items()}
    return {**short, **{fold(name): code for code, name in codes.items()}}


__all__ = ["country_of"]
