"""Digests and quiet hours follow the clocks of whoever is told, also in the nights in which those are changed."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from engine.records.wishes import Wishes

# A digest at a local time, a message of the evening before, and the instant at which it goes out.
NIGHTS = [
    ("Europe/Berlin", "02:15", "2027-03-27 20:00", "2027-03-28 01:00"),  # 02:15 is skipped: when the clocks jump
    ("Europe/Berlin", "02:15", "2026-10-24 20:00", "2026-10-25 00:15"),  # 02:15 comes twice: the first
    ("America/New_York", "02:15", "2027-03-13 20:00", "2027-03-14 07:00"),
    ("America/New_York", "01:15", "2026-10-31 20:00", "2026-11-01 05:15"),
    ("Australia/Lord_Howe", "02:15", "2026-10-03 20:00", "2026-10-03 15:30"),  # half an hour is skipped
    ("Australia/Lord_Howe", "01:45", "2027-04-03 20:00", "2027-04-03 14:45"),
    ("Africa/Casablanca", "02:15", "2027-03-13 20:00", "2027-03-14 02:00"),  # the end of Ramadan
    ("Asia/Kolkata", "02:15", "2027-03-27 20:00", "2027-03-27 20:45"),
    ("Europe/Berlin", "18:00", "2027-03-27 20:00", "2027-03-28 16:00"),  # the clocks of the day after
    ("Europe/Berlin", "18:00", "2026-10-24 20:00", "2026-10-25 17:00"),
]


def there(local: str, zone: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(("zone", "digest", "said", "goes"), NIGHTS)
def test_a_digest_goes_out_once_by_the_readers_clocks(zone: str, digest: str, said: str, goes: str) -> None:
    wishes = Wishes(digest=time.fromisoformat(digest))
    found = wishes.digest_after(there(said, zone), ZoneInfo(zone))
    assert found == datetime.fromisoformat(goes).replace(tzinfo=UTC)


QUIET = [
    ("Europe/Berlin", "22:00", "07:00", "2027-03-27 22:00", "2027-03-28 05:00"),  # a night of eight hours
    ("Europe/Berlin", "22:00", "07:00", "2026-10-24 22:00", "2026-10-25 06:00"),  # one of ten
    ("Europe/Berlin", "22:00", "02:30", "2027-03-27 23:00", "2027-03-28 01:00"),
    ("America/New_York", "22:00", "07:00", "2027-03-13 23:00", "2027-03-14 11:00"),
    ("Australia/Lord_Howe", "22:00", "02:15", "2026-10-03 23:00", "2026-10-03 15:30"),
    ("Asia/Kolkata", "22:00", "07:00", "2027-03-27 23:00", "2027-03-28 01:30"),
]


@pytest.mark.parametrize(("zone", "start", "end", "said", "over"), QUIET)
def test_quiet_hours_end_by_the_readers_clocks(zone: str, start: str, end: str, said: str, over: str) -> None:
    wishes = Wishes(quiet=(time.fromisoformat(start), time.fromisoformat(end)))
    found = wishes.quiet_until(there(said, zone), ZoneInfo(zone))
    assert found == datetime.fromisoformat(over).replace(tzinfo=UTC)


def test_quiet_hours_that_have_ended_do_not_begin_again_when_the_clocks_are_put_back() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    wishes = Wishes(quiet=(time(22), time(2, 30)))
    assert wishes.quiet_until(datetime(2026, 10, 25, 0, 15, tzinfo=UTC), berlin) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert wishes.quiet_until(datetime(2026, 10, 25, 1, 15, tzinfo=UTC), berlin) is None  # 02:15 for the second time


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"])
def test_no_moment_of_a_year_is_told_to_wait_for_the_past(zone: str) -> None:
    """Else a sender would try it again and again."""
    at = ZoneInfo(zone)
    wishes = Wishes(quiet=(time(1, 10), time(2, 20)), digest=time(2, 10))
    for minutes in range(0, 370 * 24 * 60, 25):
        now = datetime.fromtimestamp(1_790_000_000 + minutes * 60, UTC)
        quiet, digest = wishes.quiet_until(now, at), wishes.digest_after(now, at)
        assert quiet is None or quiet > now
        assert digest is not None and (digest - now).total_seconds() > -3600.0
