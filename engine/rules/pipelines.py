"""Sales from what is open: how records came in and were closed, month by month, and what that makes of the months ahead.

As of a month's beginning, for a month so many ahead, three things are told from the twelve months before:

1. of what was open at a month's beginning, the part that was won so many months on (the win rate by its delay);
2. how many records come in a month: the mean of the last three; where it is known how many there were of what they come
   from, the mean of those times what came of each; and the part of them that is won none, one, two months on;
3. what one sale is worth.

Records are counted, not their amounts: what an amount was in a past month is not kept, and many are filled in late.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

LOOKS_BACK = 12  # months
RECENT = 3
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Move:
    """So many records that came in one month and were closed in another; `closed` None: still open. Months are counted
    from the first of the past; what came before it has a number below nothing."""

    entered: int
    closed: int | None
    all: int
    won: int


class Flow:
    """`origins`: how many there were, in each full month, of what the records come from; empty where it is not known."""

    def __init__(self, moves: Iterable[Move], origins: Sequence[int] = ()) -> None:
        self.moves, self.origins = tuple(moves), tuple(origins)

    @cached_property
    def entered(self) -> Counter[int]:
        return _counted((move.entered, move.all) for move in self.moves)

    @cached_property
    def _won(self) -> Counter[tuple[int, int]]:
        return _counted(((move.entered, move.closed), move.won) for move in self.moves if move.closed is not None)

    @cached_property
    def _won_by_month(self) -> dict[int, list[tuple[int, int]]]:
        """By the month of closing: (month of coming in, so many)."""
        found: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for (entered, closed), won in self._won.items():
            found[closed].append((entered, won))
        return found

    def fresh_won(self, entered: int, closed: int) -> int:
        """Won in one month, of what came in another."""
        return self._won[entered, closed]

    def open_won(self, at: int, closed: int) -> int:
        """Won in a month, of what was open at the beginning of another."""
        return sum(won for entered, won in self._won_by_month[closed] if entered < at)

    def open_at(self, at: int) -> int:
        """Open at the beginning of a month."""
        return self._open[at]

    @cached_property
    def _open(self) -> _Open:
        return _Open(self.moves)

    def won_in(self, month: int) -> int:
        return sum(won for _, won in self._won_by_month[month])


class _Open(dict[int, int]):
    def __init__(self, moves: tuple[Move, ...]) -> None:
        self.moves = moves

    def __missing__(self, at: int) -> int:
        there = (m.all for m in self.moves if m.entered < at and (m.closed is None or m.closed >= at))
        self[at] = sum(there)
        return self[at]


def told_from(flow: Flow, sold: Sequence[Decimal], known: int, ahead: int) -> Decimal | None:
    """What is sold in the month so many ahead, as of the beginning of the month `known`. None where too little is known."""
    months = range(max(0, known - LOOKS_BACK), known)
    sales = sum(flow.won_in(month) for month in months)
    ripe, fresh = _ripe(flow, months, ahead), [_fresh(flow, months, delay) for delay in range(ahead)]
    if not sales or ripe is None or None in fresh:
        return None
    worth = sum(sold[months.start : known], Decimal(0)) / sales
    won = ripe * flow.open_at(known) + _coming(flow, months) * sum(part for part in fresh if part is not None)
    return won * worth


def _ripe(flow: Flow, months: range, ahead: int) -> Decimal | None:
    """The part of what was open at a month's beginning that was won in the month so many on (1: the month itself)."""
    tried = [at for at in months if at + ahead - 1 < months.stop]
    whole = sum(flow.open_at(at) for at in tried)
    return _part(sum(flow.open_won(at, at + ahead - 1) for at in tried), whole) if tried else None


def _fresh(flow: Flow, months: range, delay: int) -> Decimal | None:
    """The part of what came in a month that was won so many months after it."""
    tried = [at for at in months if at + delay < months.stop]
    whole = sum(flow.entered[at] for at in tried)
    return _part(sum(flow.fresh_won(at, at + delay) for at in tried), whole) if tried else None


def _part(won: int, whole: int) -> Decimal:
    """Of nothing nothing is won: where all is sold on the day it comes, nothing is ever open."""
    return Decimal(won) / whole if whole else Decimal(0)


def _coming(flow: Flow, months: range) -> Decimal:
    """How many records come in a month. What they come from counts where it was there in each month: who began to write it
    down last month would seem to make many records of each."""
    recent = months[-RECENT:]
    known = [flow.origins[at] for at in months] if flow.origins else []
    origins = sum(known) if known and all(known) else 0
    if not origins:
        return Decimal(sum(flow.entered[at] for at in recent)) / len(recent)
    of_each = Decimal(sum(flow.entered[at] for at in months)) / origins
    return of_each * sum(flow.origins[at] for at in recent) / len(recent)


def _counted(pairs: Iterable[tuple[Key, int]]) -> Counter[Key]:
    counts: Counter[Key] = Counter()
    for key, number in pairs:
        counts[key] += number
    return counts


__all__ = ["Flow", "Move", "told_from"]
