"""A notice that was put off comes back once, and what is about to begin is told to who asked for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from engine.jobs.alarms import Alarms
from engine.records.notices import tell
from tests.planner import NOW, Planner, open_planner
from tests.real.databases import Databases


@pytest.fixture
def planner(databases: Databases) -> Iterator[Planner]:
    opened = open_planner(databases)
    yield opened
    opened.close()


def told(planner: Planner, name: str) -> list[str]:
    return [n.text for n in planner.desk.crm.notices.latest(planner.actor(name)) if not n.read]


def notice(planner: Planner, name: str, text: str) -> int:
    with planner.desk.runtime.database.writing() as connection:
        tell(connection, 4711, planner.actor(name).user, 0, "missed", None, None, text)
    return 4711


def ring(planner: Planner, **by: float) -> int:
    planner.desk.clock.pass_time(**by)
    return Alarms(planner.desk.crm).ring(planner.desk.clock())


def test_asha_puts_a_notice_off_for_ten_minutes_and_it_comes_back_once(planner: Planner) -> None:
    id = notice(planner, "asha", "A follow-up was missed")
    answer = planner.browser("asha").post(f"/notices/{id}/snooze", data={"for": "10m"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/notices")
    assert told(planner, "asha") == []
    assert ring(planner, minutes=9) == 0
    assert ring(planner, minutes=2) == 1
    assert told(planner, "asha") == ["A follow-up was missed"]
    assert ring(planner, hours=1) == 0
    news = planner.browser("asha").get(f"/notices/news?after={id}").json()
    assert [item["text"] for item in news["items"]] == ["A follow-up was missed"]


def test_tomorrow_is_when_the_firm_opens(planner: Planner) -> None:
    id = notice(planner, "asha", "Write the offer")
    planner.browser("asha").post(f"/notices/{id}/snooze", data={"for": "tomorrow"})
    assert ring(planner, hours=22) == 0  # eight in the morning
    assert ring(planner, hours=1, minutes=31) == 1


def test_two_workers_bring_a_notice_back_once(planner: Planner) -> None:
    id = notice(planner, "asha", "Once")
    planner.browser("asha").post(f"/notices/{id}/snooze", data={"for": "10m"})
    assert ring(planner, minutes=11) + ring(planner) == 1
    assert told(planner, "asha") == ["Once"]


@pytest.mark.parametrize("given", ["", "5y", "forever", "10"])
def test_only_what_is_offered_puts_a_notice_off(planner: Planner, given: str) -> None:
    id = notice(planner, "asha", "Here")
    assert planner.browser("asha").post(f"/notices/{id}/snooze", data={"for": given}).status_code == 400
    assert told(planner, "asha") == ["Here"]


def test_nobody_puts_off_the_notices_of_others(planner: Planner) -> None:
    id = notice(planner, "asha", "Here")
    assert planner.browser("ravi").post(f"/notices/{id}/snooze", data={"for": "1h"}).status_code == 404
    assert told(planner, "asha") == ["Here"]


def remind(planner: Planner, who: str, id: int, minutes: str) -> int:
    place = f"/calendar/appointment/{id}"
    return planner.browser(who).post(place, data={"_version": "1", "remind": minutes}).status_code


def test_asha_is_reminded_a_quarter_of_an_hour_before(planner: Planner) -> None:
    made = planner.meet("asha", "Demo", "2026-11-24T11:00")
    assert remind(planner, "asha", made.id, "15") == 303
    page = planner.browser("asha").get(f"/calendar/appointment/{made.id}").text
    assert re.search(r'<option value="15" selected>15 minutes before', page)
    assert ring(planner, minutes=44) == 0
    assert ring(planner, minutes=2) == 1
    assert told(planner, "asha") == ["Demo begins 24 Nov 2026, 11:00\u00a0am."]
    assert ring(planner, minutes=2) == 0


def test_what_was_moved_is_reminded_of_at_its_new_time(planner: Planner) -> None:
    made = planner.meet("asha", "Demo", "2026-11-24T11:00")
    remind(planner, "asha", made.id, "15")
    assert ring(planner, minutes=50) == 1
    planner.desk.update(planner.desk.asha, "appointment", made, starts_at="2026-11-24T16:00")
    assert ring(planner, minutes=20) == 0
    assert ring(planner, hours=4, minutes=40) == 1
    assert len(told(planner, "asha")) == 2


def test_who_may_not_see_it_any_more_is_not_reminded(planner: Planner) -> None:
    made = planner.meet("asha", "Demo", "2026-11-24T11:00")
    remind(planner, "asha", made.id, "15")
    planner.desk.update(planner.desk.meera, "appointment", made, owner=str(planner.desk.ravi.user))
    ring(planner, minutes=50)
    assert told(planner, "asha") == []


def test_what_was_cancelled_or_is_long_over_is_not_reminded_of(planner: Planner) -> None:
    made = planner.meet("asha", "Visit", "2026-11-24T11:00", kind="Visit")
    late = planner.meet("asha", "Late", "2026-11-24T11:00")
    remind(planner, "asha", made.id, "15")
    remind(planner, "asha", late.id, "15")
    planner.desk.move(planner.desk.asha, "appointment", made, "cancel")
    assert ring(planner, hours=5) == 0  # nothing ran until four hours after it began
    assert told(planner, "asha") == [] and planner.desk.clock.now > NOW


def test_nobody_is_reminded_of_what_they_may_not_see(planner: Planner) -> None:
    made = planner.meet("ravi", "Secret", "2026-11-24T11:00")
    assert remind(planner, "asha", made.id, "15") == 404
    assert planner.desk.rows("select count(*) from crm_reminder") == [(0,)]
