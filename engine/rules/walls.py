"""The clocks on the wall of a zone: when they show a time, also in the nights in which they are put forward and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)


def wall(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which the clocks first show this time. A time that they skip comes when they jump."""
    there = local.replace(tzinfo=zone, fold=0)  # of a doubled time, the first
    moment = there.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local:
        return moment
    return _jump(there.replace(fold=1).astimezone(UTC), moment, zone)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between the two at which the offset changes."""
    new = after.astimezone(zone).utcoffset()
    steps, low = (after - before) // SECOND, 0
    while low < steps:
        middle = (low + steps) // 2
        if (before + middle * SECOND).astimezone(zone).utcoffset() == new:
            steps = middle
        else:
            low = middle + 1
    return (before + low * SECOND).replace(microsecond=0)


def on_the_wall(moment: datetime, zone: ZoneInfo) -> str:
    """`2026-12-01T07:00`; the second time of a doubled hour also has its offset, as it is another moment."""
    there = moment.astimezone(zone)
    if there.fold:
        return there.isoformat(timespec="minutes")
    return there.replace(tzinfo=None).isoformat(timespec="minutes")
