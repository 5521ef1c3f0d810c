"""When several people are free at once. Pure functions of spans of moments, each from its start up to its end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

Taken = tuple[datetime, datetime]


def merged(spans: Iterable[Taken]) -> list[Taken]:
    """The same time in spans that neither touch nor overlap, in their order."""
    found: list[Taken] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def free_times(
    open_spans: Iterable[Taken], taken: Iterable[Taken], length: timedelta, step: timedelta, after: datetime, most: int
) -> list[datetime]:
    """The first beginnings, each so long free within one open span, at whole steps from that span's beginning on."""
    busy, found = merged(taken), list[datetime]()
    for start, end in merged(open_spans):
        at = start
        while at + length <= end and len(found) < most:
            hit = next((span for span in busy if span[0] < at + length and at < span[1]), None)
            if hit is None and at >= after:
                found.append(at)
            at = at + step if hit is None else _stepped(start, max(hit[1], at + step), step)
    return found


def _stepped(start: datetime, at: datetime, step: timedelta) -> datetime:
    """The first whole step at or after a moment."""
    return start + -(-(at - start) // step) * step


def overlapping(one: Taken, others: Iterable[Taken]) -> bool:
    """What takes no time overlaps with nothing."""
    return any(start < end and start < one[1] and one[0] < end for start, end in others)


__all__ = ["Taken", "free_times", "merged", "overlapping"]
