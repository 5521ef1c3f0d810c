"""The nearest right word.

1. Words are folded: case, spaces, hyphens and underscores do not count.
2. An equal folded word wins at once.
3. Otherwise the fewest typing slips (a letter missed, added, wrong, or two swapped) win, if few for the word's
   length; between equals, the same letters in another order, then those nearer with case and blanks counted.
   Candidates that cannot be near are sorted out by length and by letters first.
4. Otherwise a candidate that goes on where the word stops, or the other way round (`follow_up_at`).
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

LONGEST_WORD = 80
SHORTEST_BEGINNING = 4


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that was probably meant, or None."""
    if len(word) > LONGEST_WORD:
        return None
    names = [name for name in dict.fromkeys(candidates) if name != word]
    folded, letters = _fold(word)
    return _same(word, folded, names) or _few_slips(word, folded, letters, names) or _beginning(folded, names)


def is_slip(word: str, other: str) -> bool:
    """Whether the two words differ by a single slip of the pen."""
    short, long = sorted((len(word), len(other)))
    return short >= 4 and long - short <= 3 and _slips(_fold(word)[0], _fold(other)[0]) <= 1


@lru_cache(maxsize=16384)
def _fold(word: str) -> tuple[str, int]:
    folded = "".join(letter for letter in word.casefold() if letter not in " _-")
    letters = 0
    for letter in folded:
        letters |= 1 << (ord(letter) % 64)
    return folded, letters


def _same(word: str, folded: str, names: list[str]) -> str | None:
    same = [name for name in names if folded and _fold(name)[0] == folded]
    return min(same, key=lambda name: _slips(word, name), default=None)


def _few_slips(word: str, folded: str, letters: int, names: list[str]) -> str | None:
    best, best_rank = None, None
    bound = _bound(len(folded))
    for name in names:
        other, other_letters = _fold(name)
        if abs(len(other) - len(folded)) > bound or (letters ^ other_letters).bit_count() > 2 * bound:
            continue
        slips = _slips(folded, other)
        if slips > bound or not _share_letters(folded, other, slips):
            continue
        ratio = SequenceMatcher(None, folded, other).ratio()
        swapped = len(other) == len(folded) and sorted(other) == sorted(folded)
        rank = (slips, not swapped, _slips(word, name), other[:1] != folded[:1], -ratio)
        if best_rank is None or rank < best_rank:
            best, best_rank, bound = name, rank, slips
    return best


def _share_letters(a: str, b: str, slips: int) -> bool:
    return slips < max(len(a), len(b)) and (slips < min(len(a), len(b)) or (bool(a) and a in b))


def _bound(length: int) -> int:
    return 1 if length < 5 else 2 if length < 9 else 3


def _slips(a: str, b: str) -> int:
    """Optimal string alignment distance."""
    before, row = [], list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, above, row = row, before, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _beginning(folded: str, names: list[str]) -> str | None:
    if len(folded) < SHORTEST_BEGINNING:
        return None
    near = [name for name in names if _continues(folded, _fold(name)[0])]
    return min(near, key=len, default=None)


def _continues(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    return len(short) >= SHORTEST_BEGINNING and (long.startswith(short) or long.endswith(short))
