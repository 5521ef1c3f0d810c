"""A moment in a file is what the reader's clock showed, and comes back as the very same moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.formats import Formats, Reading
from engine.parts import field_type
from engine.records.exporting import moments
from tests.small import field

STEP = timedelta(minutes=7, seconds=31, milliseconds=123)
CHANGES = (
    ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),  # by half an hour
    ("America/St_Johns", datetime(2006, 10, 29, 2, 31, tzinfo=UTC)),  # a minute past midnight there
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),  # a day was left out
    ("Asia/Kolkata", datetime(2026, 11, 22, tzinfo=UTC)),  # nothing ever changes
)


@pytest.mark.parametrize(("zone", "change"), CHANGES)
def test_a_moment_near_a_change_of_the_clocks_is_told_and_read_back(zone: str, change: datetime) -> None:
    write, at = moments(ZoneInfo(zone), exact=True), Reading(Formats("en", zone, "INR", "IN"), change)
    kept, kind = field("follows_up_at", "datetime"), field_type("datetime")
    for step in range(-400, 400):
        moment = change + step * STEP
        text = write(round(moment.timestamp() * 1000))
        assert text[:16] == f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
        assert kind.read(kept, text, at) == moment


def test_only_an_hour_that_comes_twice_needs_its_offset() -> None:
    write = moments(ZoneInfo("Europe/Berlin"), exact=False)
    told = [write(round(datetime(2026, 10, 25, hour, 30, tzinfo=UTC).timestamp() * 1000)) for hour in (0, 1, 2)]
    assert told == ["2026-10-25 02:30+0200", "2026-10-25 02:30+0100", "2026-10-25 03:30"]
