"""What became of records between two moments: which line of "what changed since" each belongs to, and with what number.

Pure: the states of a record in order, from the first moment to the last. A record stands in at most three lines:

1. `start`, when it was in at the first moment; else how it came in: `new`, `back` (opened again, out of the bin), `came`
2. `raised` or `lowered`, when it was in at the first moment and its number is not what it was
3. `end`, when it is in at the last moment; else how it went: `won`, `lost`, `done`, `deleted`, `went`

What came in, and what went, counts with the number that it has at the last moment, or had when it went. So the first line
and all changes come to the last line, whatever happened in between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from engine.blueprint.values import Money

START, END = "start", "end"
CAME = ("new", "back", "came")
WENT = ("won", "lost", "done", "went", "deleted")
LINES = (START, *CAME, "raised", "lowered", *WENT, END)
ENDED = ("won", "lost", "done")


@dataclass(frozen=True, slots=True)
class State:
    """`inside`: among those that are asked about. `ends`: how its stage ends. `there`: neither in the bin nor to come;
    `made`: not to come. `number`: of the field that is added up."""

    inside: bool
    number: Any = None
    ends: str | None = None
    there: bool = True
    made: bool = True


def movements(path: Sequence[State]) -> Iterator[tuple[str, Any]]:
    """(line, number) of a record with these states."""
    within = [at for at, state in enumerate(path) if state.inside]
    if not within:
        return
    stays = path[-1].inside
    last = path[-1] if stays else path[within[-1] + 1]
    if path[0].inside:
        yield START, path[0].number
        yield from _difference(path[0].number, last.number)
    else:
        yield _entry(path[0], path[within[0] - 1]), last.number
    yield (END, last.number) if stays else (_exit(last), negative(last.number))


def _entry(first: State, before: State) -> str:
    if not first.made:
        return "new"
    return "back" if before.ends in ENDED or not before.there else "came"


def _exit(after: State) -> str:
    if not after.there:
        return "deleted"
    return after.ends if after.ends in ENDED else "went"


def _difference(was: Any, now: Any) -> Iterator[tuple[str, Any]]:
    """Amounts of two currencies are not compared: one went, the other came."""
    if isinstance(was, Money) and isinstance(now, Money) and was.currency != now.currency:
        yield from [*_difference(was, None), *_difference(None, now)]
        return
    if was == now or not (size(was) or size(now)):
        return
    change = minus(now, was)
    yield "raised" if size(change) > 0 else "lowered", change


def minus(now: Any, was: Any) -> Any:
    """`now - was`; what is empty is nothing. Amounts must be of one currency."""
    if was is None:
        return now
    if now is None:
        return negative(was)
    return replace(now, amount=now.amount - was.amount) if isinstance(now, Money) else now - was


def negative(number: Any) -> Any:
    if number is None:
        return None
    return replace(number, amount=-number.amount) if isinstance(number, Money) else -number


def size(number: Any) -> Decimal:
    return Decimal(0) if number is None else number.amount if isinstance(number, Money) else Decimal(number)


__all__ = ["CAME", "END", "LINES", "START", "WENT", "State", "minus", "movements", "negative", "size"]
