"""A person's calendar as the programs of others subscribe to it: one .ics text, the same for the same events.

Times stand in the person's zone, with a VTIMEZONE that names every change of its clocks around the events; whole days are
dates. An event's UID is that of its invitations; what changed has a higher SEQUENCE.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.parts.moments import DAY

if TYPE_CHECKING:
    from icalendar import Event, Timezone

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """`uid` without its domain. `starts` is a moment or a date; `ends` the moment after it or its last day."""

    uid: str
    version: int
    changed: datetime
    title: str
    starts: datetime | date
    ends: datetime | date | None = None
    place: str = ""
    about: str = ""
    address: str = ""
    cancelled: bool = False


def feed(name: str, entries: Iterable[Entry], zone: ZoneInfo, first: date, last: date, domain: str) -> bytes:
    """`first` to `last`: the days for which the changes of the clocks are told."""
    from icalendar import Calendar

    made = Calendar()
    for key, value in (
        ("prodid", "-//crm//EN"), ("version", "2.0"), ("calscale", "GREGORIAN"), ("x-wr-calname", name),
        ("x-wr-timezone", zone.key), ("x-published-ttl", "PT30M"),
    ):  # fmt: skip
        made.add(key, value)
    made.add("refresh-interval", timedelta(minutes=30), parameters={"VALUE": "DURATION"})
    made.add_component(zone_of(zone, first, last))
    for entry in entries:
        made.add_component(_event(entry, zone, domain))
    return bytes(made.to_ical())


def _event(entry: Entry, zone: ZoneInfo, domain: str) -> Event:
    from icalendar import Event as Made

    event = Made()
    event.add("uid", f"{entry.uid}@{domain}")
    event.add("sequence", entry.version)
    event.add("dtstamp", entry.changed.astimezone(UTC))
    event.add("last-modified", entry.changed.astimezone(UTC))
    event.add("summary", entry.title)
    for name, value in _times(entry, zone):
        event.add(name, value)
    for name, text in (("location", entry.place), ("description", entry.about), ("url", entry.address)):
        if text:
            event.add(name, text)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    return event


def _times(entry: Entry, zone: ZoneInfo) -> Iterator[tuple[str, datetime | date]]:
    if not isinstance(entry.starts, datetime):
        last = entry.ends if entry.ends is not None else entry.starts
        yield "dtstart", entry.starts
        yield "dtend", last + DAY
        return
    yield "dtstart", entry.starts.astimezone(zone)
    if isinstance(entry.ends, datetime):
        yield "dtend", entry.ends.astimezone(zone)


# ---- the zone


def zone_of(zone: ZoneInfo, first: date, last: date) -> Timezone:
    """What its clocks show from the one day to the other; each change stands by itself, at the time that the clocks
    showed before it."""
    from icalendar import Timezone as Made, TimezoneDaylight, TimezoneStandard

    made = Made()
    made.add("tzid", zone.key)
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC) - DAY
    changes = [begin, *_changes(zone, begin, datetime(last.year, last.month, last.day, tzinfo=UTC) + DAY)]
    for moment in changes:
        before, after = ((moment - SECOND).astimezone(zone), moment.astimezone(zone))
        part = TimezoneDaylight() if after.dst() else TimezoneStandard()
        part.add("dtstart", (moment + (before.utcoffset() or timedelta())).replace(tzinfo=None))
        part.add("tzoffsetfrom", before.utcoffset())
        part.add("tzoffsetto", after.utcoffset())
        part.add("tzname", after.tzname() or zone.key)
        made.add_component(part)
    return made


def _changes(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    at = begin
    while at < end:
        after = at + DAY
        if at.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            yield _change(zone, at, after)
        at = after


def _change(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first second after the change between the two."""
    before = low.astimezone(zone).utcoffset()
    while high - low > SECOND:
        middle = low + (high - low) // SECOND // 2 * SECOND
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


__all__ = ["Entry", "feed", "zone_of"]
