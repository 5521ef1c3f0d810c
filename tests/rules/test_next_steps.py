"""When somebody is called next: never at night, never on a day off, and as the outcome suggests."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as some

from engine.blueprint.manifest import Manifest, WorkingHours
from engine.blueprint.triggers import Span
from engine.rules.moments import FirmTime
from engine.rules.next_steps import picks

PUNE = ZoneInfo("Asia/Kolkata")
OPEN = ((time(9, 30), time(18, 30)),)
FIRM = FirmTime(Manifest("firm", "Firm", zone="Asia/Kolkata", hours=WorkingHours((*[OPEN] * 6, ()))))
ALWAYS = FirmTime(Manifest("firm", "Firm", zone="Asia/Kolkata"))


def offered(at: str, suggested: Span | datetime | None = None, firm: FirmTime = FIRM) -> dict[str, str]:
    now = datetime.fromisoformat(at).replace(tzinfo=PUNE)
    return {pick.name: f"{pick.at.astimezone(PUNE):%a %H:%M}" for pick in picks(firm, now, suggested)}


def test_on_a_monday_morning_everything_is_offered() -> None:
    assert offered("2026-11-23 10:33") == {
        "hour": "Mon 11:35", "afternoon": "Mon 15:00", "tomorrow": "Tue 10:00", "later": "Thu 10:00", "week": "Mon 10:00",
    }  # fmt: skip


def test_in_the_evening_an_hour_later_is_the_next_opening() -> None:
    assert offered("2026-11-23 18:10")["hour"] == "Tue 09:30"
    assert "afternoon" not in offered("2026-11-23 14:30")


def test_on_a_saturday_tomorrow_is_monday_and_no_moment_stands_there_twice() -> None:
    found = offered("2026-11-21 15:41")
    assert found["tomorrow"] == "Mon 10:00"
    assert "week" not in found
    assert len(set(found.values())) == len(found)


def test_what_an_outcome_suggests_stands_first_and_within_the_hours() -> None:
    two_hours = Span(2, "hours", working=True)
    assert next(iter(offered("2026-11-23 17:45", two_hours).items())) == ("suggested", "Tue 10:45")
    assert next(iter(offered("2026-11-23 18:15", Span(30, "minutes")).items())) == ("suggested", "Tue 09:30")


def test_what_the_client_named_is_not_moved() -> None:
    wished = datetime(2026, 11, 22, 20, 0, tzinfo=PUNE)
    assert next(iter(offered("2026-11-21 10:00", wished).items())) == ("suggested", "Sun 20:00")


def test_a_firm_without_hours_is_always_open() -> None:
    assert offered("2026-11-22 23:30", firm=ALWAYS)["hour"] == "Mon 00:30"


@given(some.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)))
def test_nobody_is_called_when_the_firm_is_shut(now: datetime) -> None:
    for pick in picks(FIRM, now.replace(tzinfo=UTC), Span(2, "hours")):
        assert pick.at > now.replace(tzinfo=UTC) - timedelta(seconds=1)
        assert FIRM.opening(pick.at) == pick.at
        assert pick.at.minute % 5 == 0 and pick.at.second == 0
