"""Which of the languages that are offered somebody wants, by what their browser says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

MOST = 20  # languages that are looked at


def wanted(header: str, offered: Sequence[str]) -> str:
    """The offered language that an Accept-Language header likes best; the first where it likes none."""
    for asked in sorted(_asked(header), key=lambda pair: -pair[1]):
        for language in offered:
            if _fits(asked[0], language):
                return language
    return offered[0]


def _asked(header: str) -> Iterator[tuple[str, float]]:
    for piece in header[:1000].split(",")[:MOST]:
        name, _, weight = piece.partition(";q=")
        try:
            liking = float(weight or 1)
        except ValueError:
            continue
        if name.strip() and 0 < liking <= 1:
            yield name.strip().lower(), liking


def _fits(asked: str, language: str) -> bool:
    own = language.lower()
    return asked == own or asked.partition("-")[0] == own.partition("-")[0]


__all__ = ["wanted"]
