"""One key for names that sound alike, in whatever spelling, script or order of words.

1. every script is written in Latin letters; accents and points go
2. what is spelled in several ways becomes one: `th` and `t`, `sh` and `s`, `x` and `ks`, doubled letters
3. Metaphone says how each word sounds; the words are put in order
"""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[a-z0-9]+")
_SPELLINGS = (
    (re.compile(r"x"), "ks"),
    (re.compile(r"([bdgjktsz])h"), r"\1"),  # Sathish and Satish, Lakshmi and Laxmi
    (re.compile(r"(.)\1+"), r"\1"),  # Aasha and Asha
)


@lru_cache(maxsize=50_000)
def sound(text: str) -> str:
    """Empty for a text without letters and digits."""
    import anyascii  # loaded, as is jellyfish, by the sets that ask for it

    words = _WORD.findall(anyascii.anyascii(text).lower())
    return " ".join(sorted(_sound_of(word) for word in words))


def _sound_of(word: str) -> str:
    import jellyfish

    for spelling, one in _SPELLINGS:
        word = spelling.sub(one, word)
    return jellyfish.metaphone(word) or word


__all__ = ["sound"]
