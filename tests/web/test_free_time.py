"""Finding a time, and being told that somebody is busy: of others only what one may know of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from engine.actor import Actor
from tests.planner import Planner, open_planner
from tests.real.databases import Databases


@pytest.fixture
def planner(databases: Databases) -> Iterator[Planner]:
    opened = open_planner(databases)
    yield opened
    opened.close()


def times(html: str, day: str) -> list[str]:
    found = re.search(rf'<section aria-label="{day}">(.*?)</section>', html, re.S)
    assert found, f"{day} is not offered"
    texts = re.findall(r'<(?:a|span) class="(?:button|badge)[^"]*"[^>]*>([^<]+)<', found[1])
    return [unescape(text).replace("\xa0", " ") for text in texts]


def seeing(planner: Planner, right: str) -> None:
    """From now on the callers' role has this right."""
    runtime = planner.desk.runtime
    roles = dict(runtime.current.blueprint.roles)
    roles["caller"] = replace(roles["caller"], free_busy=right)
    changed = replace(runtime.current.blueprint, roles=roles)
    runtime.read_set = lambda folder: changed
    runtime.reload()


def test_meera_finds_a_time_at_which_both_of_hers_are_free(planner: Planner) -> None:
    planner.meet("asha", "Demo", "2026-11-25T09:30", length="2:00")
    planner.meet("ravi", "Visit", "2026-11-25T12:00", length="1:00")
    asha, ravi = planner.desk.asha.user, planner.desk.ravi.user
    html = planner.browser("meera").get(f"/calendar/free?people={asha},{ravi}&length=60&from=2026-11-25").text
    assert times(html, "Wednesday, 25 November")[:3] == ["1 pm", "1:30 pm", "2 pm"]
    offered = unescape(html)
    assert "/appointment/new?starts_at=2026-11-25T13%3A00&length=60+min" in offered and f"people={ravi}" in offered


def test_what_is_done_or_cancelled_makes_nobody_busy(planner: Planner) -> None:
    made = planner.meet("asha", "Visit", "2026-11-25T09:30", length="9:00", kind="Visit")
    planner.desk.move(planner.desk.asha, "appointment", made, "cancel")
    html = planner.browser("asha").get("/calendar/free?from=2026-11-25").text
    assert times(html, "Wednesday, 25 November")[0] == "9:30 am"


def test_a_room_that_is_taken_is_not_offered(planner: Planner) -> None:
    planner.meet("ravi", "In the large room", "2026-11-25T09:30", length="2:00", mode="In person", place="Large room")
    html = planner.browser("meera").get("/calendar/free?place=large+ROOM&from=2026-11-25").text
    assert times(html, "Wednesday, 25 November")[0] == "11:30 am"


def test_sundays_and_holidays_offer_nothing(planner: Planner) -> None:
    html = planner.browser("asha").get("/calendar/free?from=2026-12-20").text
    assert times(html, "Sunday, 20 December") == [] and times(html, "Friday, 25 December") == []
    assert times(html, "Monday, 21 December")


def test_asha_does_not_learn_when_ravi_is_busy_unless_her_role_may(planner: Planner) -> None:
    planner.meet("ravi", "Secret", "2026-11-25T09:30", length="2:00")
    asha, place = planner.browser("asha"), f"/calendar/free?people={planner.desk.ravi.user}&from=2026-11-25"
    before = asha.get(place).text
    assert times(before, "Wednesday, 25 November")[0] == "9:30 am"
    assert "you may not know when they are busy" in before
    seeing(planner, "all")
    after = asha.get(place).text
    assert times(after, "Wednesday, 25 November")[0] == "11:30 am"
    assert "Secret" not in after and "you may not know" not in after


def test_the_right_for_the_team_does_not_reach_another_team(planner: Planner) -> None:
    seeing(planner, "team")
    planner.meet("ravi", "Secret", "2026-11-25T09:30", length="2:00")
    html = planner.browser("asha").get(f"/calendar/free?people={planner.desk.ravi.user}&from=2026-11-25").text
    assert times(html, "Wednesday, 25 November")[0] == "9:30 am"


def clash(planner: Planner, who: str, **typed: str) -> str:
    given = {"subject": "Another", "length": "1:00", "_on": "starts_at", **typed}
    return planner.browser(who).post("/appointment/known", data=given).text


def test_a_form_tells_that_its_time_is_taken(planner: Planner) -> None:
    made = planner.meet("asha", "Demo", "2026-11-25T11:00", length="1:00")
    told = clash(planner, "asha", starts_at="2026-11-25T11:30")
    assert "busy at that time already" in told and "Demo" in told and "11 am – 12 pm" in told.replace("\xa0", " ")
    assert "busy" not in clash(planner, "asha", starts_at="2026-11-25T12:00")
    assert "busy" not in clash(planner, "asha", starts_at="whenever")
    own = planner.browser("asha").post(
        f"/appointment/{made.id}/known", data={"starts_at": "2026-11-25T11:30", "length": "1:00"}
    )
    assert "busy" not in own.text  # it does not clash with itself


def test_a_form_names_a_colleagues_busy_time_only_where_the_role_may_know_it(planner: Planner) -> None:
    planner.meet("ravi", "Secret", "2026-11-25T11:00", length="1:00")
    ravi = {"people": str(planner.desk.ravi.user), "starts_at": "2026-11-25T11:30"}
    assert "busy" not in clash(planner, "asha", **ravi)
    seeing(planner, "all")
    told = clash(planner, "asha", **ravi)
    assert "Ravi" in told and "Secret" not in told


def test_a_token_that_reads_less_is_told_no_busy_times(planner: Planner) -> None:
    from engine.records.busy import busy

    planner.meet("ravi", "Secret", "2026-11-25T11:00", length="1:00")
    seeing(planner, "all")
    crm, asha = planner.desk.crm, planner.desk.asha
    narrow = Actor(asha.user, asha.name, asha.role, zone=asha.zone, only=frozenset({("lead", "read")}))
    since, until = planner.desk.clock.now, planner.desk.clock.now + timedelta(days=3)
    with crm.database.reading() as lent:
        for who, known in ((asha, 1), (narrow, 0)):
            found = busy(crm.reads, who, (planner.desk.ravi.user,), since, until, since.date(), until.date(), lent)
            assert len(found) == known
