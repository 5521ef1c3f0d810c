"""Where events stand beside one another on a day, and above one another in a week of a month. Pure functions.

1. What overlaps, be it through others, is one cluster and shares the width of the day.
2. In a cluster each takes the first lane that is free where it begins; longer ones come first.
3. It grows over the lanes at its end that are free as long as it lasts.
4. When more lanes would be needed than can be read, the last one tells how many more there are.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

SHORTEST = 25  # minutes that an event takes on the screen at least: its name must be readable
MINUTES = 1440
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Span(Generic[K]):
    """Something on a day, in minutes of it."""

    key: K
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Placed(Generic[K]):
    """`lane` of `lanes`, `wide` lanes wide. Minutes are those of the screen: at least SHORTEST long."""

    key: K
    start: int
    end: int
    lane: int
    lanes: int
    wide: int = 1
    crowded: bool = False  # the last of the lanes tells of more


@dataclass(frozen=True, slots=True)
class More(Generic[K]):
    """What found no room, in the last lane of `lanes`."""

    keys: tuple[K, ...]
    start: int
    end: int
    lanes: int


@dataclass(frozen=True, slots=True)
class Beside(Generic[K]):
    placed: tuple[Placed[K], ...]
    more: tuple[More[K], ...]


def side_by_side(spans: Iterable[Span[K]], most: int, most_short: int | None = None) -> Beside[K]:
    """At most so many lanes (2 or more); `most_short` where all that overlaps is short, and has one line to be read in.
    Each span is placed, or counted among what found no room, exactly once."""
    placed: list[Placed[K]] = []
    more: list[More[K]] = []
    for cluster in _clusters(sorted(map(_seen, spans), key=lambda s: (s.start, -s.end))):
        room = most_short if most_short and all(s.end - s.start <= SHORTEST for s in cluster) else most
        _put_beside(cluster, room, placed, more)
    return Beside(tuple(placed), tuple(more))


def _put_beside(cluster: Sequence[Span[K]], most: int, placed: list[Placed[K]], more: list[More[K]]) -> None:
    lanes = _lanes(cluster)
    count = 1 + max(lane for _, lane in lanes)
    if count <= most:
        placed += _grown([_placed(span, lane, count) for span, lane in lanes])
        return
    some = [replace(_placed(s, lane, most), crowded=True) for s, lane in lanes if lane < most - 1]
    placed += _grown(some, most - 1)
    more += _gathered([s for s, lane in lanes if lane >= most - 1], most)


def _seen(span: Span[K]) -> Span[K]:
    """As long as the screen shows it; what begins just before midnight is drawn a little earlier."""
    start = max(0, min(span.start, MINUTES - SHORTEST))
    return replace(span, start=start, end=min(MINUTES, max(span.end, start + SHORTEST)))


def _clusters(spans: Sequence[Span[K]]) -> list[list[Span[K]]]:
    found: list[list[Span[K]]] = []
    until = -1
    for span in spans:
        if span.start >= until:
            found.append([])
        found[-1].append(span)
        until = max(until, span.end)
    return found


def _lanes(cluster: Sequence[Span[K]]) -> list[tuple[Span[K], int]]:
    free: list[int] = []  # until when each lane is taken
    found = []
    for span in cluster:
        lane = next((n for n, until in enumerate(free) if until <= span.start), len(free))
        if lane == len(free):
            free.append(0)
        free[lane] = span.end
        found.append((span, lane))
    return found


def _placed(span: Span[K], lane: int, lanes: int) -> Placed[K]:
    return Placed(span.key, span.start, span.end, lane, lanes)


def _grown(placed: list[Placed[K]], room: int | None = None) -> list[Placed[K]]:
    """Each over the free lanes at its end; `room` is how many lanes there are to grow into."""
    return [replace(one, wide=_width(one, placed, room or one.lanes)) for one in placed]


def _width(one: Placed[K], placed: list[Placed[K]], room: int) -> int:
    taken = [p.lane for p in placed if p.lane > one.lane and p.start < one.end and one.start < p.end]
    return min([*taken, room]) - one.lane


def _gathered(spans: Sequence[Span[K]], lanes: int) -> list[More[K]]:
    return [
        More(tuple(s.key for s in cluster), cluster[0].start, max(s.end for s in cluster), lanes)
        for cluster in _clusters(sorted(spans, key=lambda s: (s.start, -s.end)))
    ]


# ---- a week of a month


@dataclass(frozen=True, slots=True)
class Bar(Generic[K]):
    """Something that fills whole days of a week: from the column `first` to `last`, both of it."""

    key: K
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Cell(Generic[K]):
    """A day in a month: what stands in its rows from top to bottom, None where one is left free for a bar's sake; and how
    many more there are."""

    rows: tuple[K | None, ...]
    more: int


def week_cells(bars: Sequence[Bar[K]], singles: Sequence[Sequence[K]], most: int) -> list[Cell[K]]:
    """One cell for each day of `singles`. A bar stands in the same row on each of its days, or is counted among the
    more of all of them. `most` rows fit, the one that tells of more among them."""
    width = len(singles)
    rows: list[list[K | None]] = [[] for _ in range(width)]
    for bar in sorted(bars, key=lambda b: (b.first, b.first - b.last)):
        _put(rows, bar)
    for day, keys in enumerate(singles):
        for key in keys:
            _put(rows, Bar(key, day, day))
    shown = _shown(rows, most)
    return [_cell(rows[day], shown) for day in range(width)]


def _put(rows: list[list[K | None]], bar: Bar[K]) -> None:
    days = range(bar.first, bar.last + 1)
    at = 0
    while any(at < len(rows[day]) and rows[day][at] is not None for day in days):
        at += 1
    for day in days:
        rows[day] += [None] * (at + 1 - len(rows[day]))
        rows[day][at] = bar.key


def _shown(rows: list[list[K | None]], most: int) -> frozenset[K]:
    """What can stand on each of its days."""
    hidden = {key for row in rows for key in row[_room(row, most) :] if key is not None}
    return frozenset(key for row in rows for key in row if key is not None and key not in hidden)


def _room(row: Sequence[K | None], most: int) -> int:
    return most if len(row) <= most else most - 1


def _cell(row: Sequence[K | None], shown: frozenset[K]) -> Cell[K]:
    kept = [key if key in shown else None for key in row]
    more = sum(key is not None and key not in shown for key in row)
    while kept and kept[-1] is None:
        kept.pop()
    return Cell(tuple(kept), more)


__all__ = ["MINUTES", "SHORTEST", "Bar", "Beside", "Cell", "More", "Placed", "Span", "side_by_side", "week_cells"]
