"""A calendar's address is a way in without a sign-in: what it opens, to whom, how often, and for how long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st
from icalendar import Calendar

from engine.parts.feeds import Entry, feed, zone_of
from engine.records.commands import Update
from tests.planner import Planner, open_planner
from tests.real.databases import Databases


@pytest.fixture
def planner(sqlite_databases: Databases) -> Iterator[Planner]:
    opened = open_planner(sqlite_databases)
    yield opened
    opened.close()


def subscribe(planner: Planner, who: str) -> str:
    """The address that a person is shown once."""
    page = planner.browser(who).post("/me/feeds", data={"name": "Telephone"})
    found = re.search(r"http://crm\.example(/calendar/feed/[\w-]+\.ics)", page.text)
    assert found, page.text[:500]
    return found[1]


def entries(text: bytes) -> dict[str, Any]:
    return {str(event["SUMMARY"]): event for event in Calendar.from_ical(text).walk("VEVENT")}


def test_asha_subscribes_to_what_is_hers_and_to_nothing_of_ravis(planner: Planner) -> None:
    planner.meet("asha", "Demo", "2026-11-24T11:00", length="1:30")
    planner.meet("ravi", "Secret of Ravi", "2026-11-24T11:00")
    planner.desk.create(planner.desk.asha, "task", subject="Offer", due_at="2026-11-26T12:00")
    answer = planner.stranger().get(subscribe(planner, "asha"))
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    found = entries(answer.content)
    assert b"Secret of Ravi" not in answer.content
    demo = next(event for title, event in found.items() if title.startswith("Demo"))
    assert demo.decoded("DTSTART") == datetime(2026, 11, 24, 11, tzinfo=ZoneInfo("Asia/Kolkata"))
    assert demo.decoded("DTEND") - demo.decoded("DTSTART") == timedelta(minutes=90)
    assert "Offer" in found


def test_the_address_tells_nothing_of_its_person_and_is_kept_as_a_hash(planner: Planner) -> None:
    place = subscribe(planner, "asha")
    token = place.removeprefix("/calendar/feed/").removesuffix(".ics")
    assert len(token) == 43 and "asha" not in place.lower()
    kept = str(planner.desk.rows("select * from crm_feed"))
    assert token not in kept
    assert token not in planner.browser("asha").get("/me").text  # it is shown once


def test_an_address_that_was_taken_back_answers_like_one_that_never_was(planner: Planner) -> None:
    place = subscribe(planner, "asha")
    asha = planner.browser("asha")
    id = re.search(r'action="/me/feeds/(\d+)"', asha.get("/me").text)
    assert id
    assert planner.browser("ravi").post(f"/me/feeds/{id[1]}").status_code == 404
    assert planner.stranger().get(place).status_code == 200
    assert asha.post(f"/me/feeds/{id[1]}").status_code == 303
    gone = planner.stranger().get(place)
    never = planner.stranger().get("/calendar/feed/" + "x" * 43 + ".ics")
    assert gone.status_code == never.status_code == 404
    assert gone.content == never.content


def test_the_address_of_somebody_who_left_is_closed(planner: Planner) -> None:
    place = subscribe(planner, "asha")
    person = planner.desk.crm.reads.record(planner.desk.dev, "user", planner.desk.asha.user)
    planner.desk.crm.writes.do(planner.desk.dev, Update("user", person.id, person.version, {"active": False}))
    assert planner.stranger().get(place).status_code == 404


def test_rights_that_were_taken_away_are_gone_from_the_feed_too(planner: Planner) -> None:
    made = planner.meet("asha", "Demo", "2026-11-24T11:00")
    place = subscribe(planner, "asha")
    assert any(title.startswith("Demo") for title in entries(planner.stranger().get(place).content))
    planner.desk.update(planner.desk.meera, "appointment", made, owner=str(planner.desk.ravi.user))
    assert not any(title.startswith("Demo") for title in entries(planner.stranger().get(place).content))


def test_a_program_that_asks_again_is_told_that_nothing_changed(planner: Planner) -> None:
    made = planner.meet("asha", "Demo", "2026-11-24T11:00")
    place, stranger = subscribe(planner, "asha"), planner.stranger()
    first = stranger.get(place)
    again = stranger.get(place, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    planner.desk.update(planner.desk.asha, "appointment", made, starts_at="2026-11-25T11:00")
    changed = stranger.get(place, headers={"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200
    before, after = (next(e for t, e in entries(a.content).items() if t.startswith("Demo")) for a in (first, changed))
    assert before["UID"] == after["UID"] and after["SEQUENCE"] > before["SEQUENCE"]


def test_the_feed_reaches_thirty_days_back_and_half_a_year_ahead(planner: Planner) -> None:
    days = {"long ago": "2026-10-01", "before": "2026-11-01", "ahead": "2027-05-01", "far": "2027-08-01"}
    for subject, day in days.items():
        planner.desk.create(planner.desk.asha, "task", subject=subject, due_at=f"{day}T12:00")
    assert {"before", "ahead"} == set(entries(planner.stranger().get(subscribe(planner, "asha")).content))


def test_one_address_is_asked_a_few_times_a_minute_and_no_more(planner: Planner) -> None:
    place, stranger = subscribe(planner, "asha"), planner.stranger()
    answers = [stranger.get(place).status_code for _ in range(24)]
    assert answers[:20] == [200] * 20 and answers[20:] == [429] * 4
    planner.desk.clock.pass_time(minutes=2)
    assert stranger.get(place).status_code == 200


def test_who_guesses_addresses_is_stopped(planner: Planner) -> None:
    stranger = planner.stranger()
    answers = [stranger.get(f"/calendar/feed/{n}.ics").status_code for n in range(310)]
    assert set(answers[:300]) == {404} and set(answers[300:]) == {429}


@pytest.mark.parametrize("key", ["x" * 5000, "%00", "' or 1=1 --", "..%2f..%2fetc"])
def test_an_address_of_anything_else_is_nothing(planner: Planner, key: str) -> None:
    assert planner.stranger().get(f"/calendar/feed/{key}").status_code == 404


def test_nobody_makes_more_than_ten_addresses_and_a_program_makes_none(planner: Planner) -> None:
    asha = planner.browser("asha")
    answers = [asha.post("/me/feeds", data={"name": str(n)}).status_code for n in range(11)]
    assert answers == [200] * 10 + [422]
    assert planner.program("ravi").post("/me/feeds").status_code in (303, 401)
    assert planner.desk.rows("select count(*) from crm_feed")[0][0] == 10


def test_when_it_was_last_read_is_shown_to_its_person(planner: Planner) -> None:
    place = subscribe(planner, "asha")
    assert planner.desk.rows("select used_at from crm_feed") == [(None,)]
    planner.stranger().get(place)
    assert planner.desk.rows("select used_at from crm_feed")[0][0]


def test_a_name_cannot_begin_a_line_of_its_own(planner: Planner) -> None:
    evil = "Demo\nATTENDEE:mailto:vera@evil.example"
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    entry = Entry("a-1", 1, moment, evil, moment, place=evil)
    made = feed("RSoft", [entry], ZoneInfo("UTC"), date(2026, 1, 1), date(2027, 1, 1), "x")
    assert b"\r\nATTENDEE" not in made and len(Calendar.from_ical(made).walk("VEVENT")) == 1


zones = st.sampled_from(
    ["Europe/Berlin", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe", "Asia/Gaza", "America/Sao_Paulo",
     "Africa/Casablanca", "Asia/Tehran"]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(zones, st.dates(date(2015, 1, 1), date(2030, 1, 1)), st.integers(0, 200 * 1440))
def test_the_feeds_zone_shows_what_the_clocks_show(name: str, first: date, minutes: int) -> None:
    """By the rules of RFC 5545: the change in force at a moment is the last one that began at or before it."""
    zone, last = ZoneInfo(name), first + timedelta(days=200)
    moment = datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(minutes=minutes)
    begun = []
    for part in zone_of(zone, first, last).subcomponents:
        at = part.decoded("DTSTART") - part.decoded("TZOFFSETFROM")
        begun.append((at.replace(tzinfo=UTC), part.decoded("TZOFFSETTO")))
    in_force = max(((at, offset) for at, offset in begun if at <= moment), key=lambda both: both[0])
    assert in_force[1] == moment.astimezone(zone).utcoffset()
