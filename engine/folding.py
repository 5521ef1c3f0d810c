"""One form of a text for searching: case, accents, widths and invisible characters do not matter.

SQLite's lower() and LIKE know only ASCII, so the folded form is kept in a column of its own.
"""

from __future__ import annotations

import unicodedata

_INVISIBLE = dict.fromkeys(
    (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x206A), 0xFEFF, 0x00AD)
)


def fold(text: str) -> str:
    """NFKD, without marks and invisible characters, case-folded, digits as 0-9, white space as single blanks."""
    if text.isascii():  # nearly all of it; the long way is eight times slower
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", text.translate(_INVISIBLE))
    kept = "".join(_digit(c) for c in plain if not unicodedata.combining(c))
    return " ".join(unicodedata.normalize("NFKC", kept).casefold().split())


def _digit(character: str) -> str:
    return str(unicodedata.decimal(character)) if character.isdecimal() else character
