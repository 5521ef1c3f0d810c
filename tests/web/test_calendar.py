"""The calendar's pages: what stands where, for whom, and what a drag does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest

from engine.records.commands import Update
from tests.planner import Planner, open_planner
from tests.real.databases import Databases


@pytest.fixture
def planner(sqlite_databases: Databases) -> Iterator[Planner]:
    opened = open_planner(sqlite_databases)
    yield opened
    opened.close()


@pytest.fixture
def both(databases: Databases) -> Iterator[Planner]:
    """On SQLite and on PostgreSQL."""
    opened = open_planner(databases)
    yield opened
    opened.close()


def titles(html: str) -> list[str]:
    return re.findall(r'class="cal-title">([^<]*)<', html) or re.findall(r'class="cal-what"><b><bdi>([^<]*)<', html)


def at(html: str, subject: str) -> tuple[int, int]:
    """The hour and minute at which an event is drawn."""
    found = re.search(r'cal-event[^>]*data-h="(\d+)" data-m="(\d+)"[^>]*>(?:(?!</a>).)*' + re.escape(subject), html, re.S)
    assert found, f"{subject} is not in the grid"
    return int(found[1]), int(found[2])


def test_asha_sees_her_appointments_tasks_and_follow_ups_and_none_of_ravis(both: Planner) -> None:
    both.meet("asha", "Demo at Acme", "2026-11-24T11:00")
    both.meet("ravi", "Ravis own demo", "2026-11-24T12:00")
    both.lead("asha", "Priya", "2026-11-25T16:30")
    both.desk.create(both.desk.asha, "task", subject="Write the offer", due_at="2026-11-26T12:00")
    for span in ("week", "month", "agenda"):
        page = both.browser("asha").get(f"/calendar?span={span}")
        assert page.status_code == 200
        assert sorted(titles(page.text)) == ["Demo at Acme", "Priya", "Write the offer"], span


def test_who_takes_part_in_an_appointment_has_it_where_the_role_may_read_it(planner: Planner) -> None:
    planner.meet("asha", "Joint demo", "2026-11-24T11:00", people=[str(planner.desk.meera.user)])
    assert titles(planner.browser("meera").get("/calendar").text) == ["Joint demo"]


def test_meera_chooses_whose_calendars_she_sees(planner: Planner) -> None:
    planner.meet("asha", "Demo of Asha", "2026-11-24T11:00")
    planner.meet("ravi", "Demo of Ravi", "2026-11-24T11:00")
    meera, ravi = planner.browser("meera"), planner.desk.ravi.user
    assert titles(meera.get("/calendar").text) == []
    assert titles(meera.get(f"/calendar?whose={ravi}").text) == ["Demo of Ravi"]
    assert sorted(titles(meera.get("/calendar?whose=all").text)) == ["Demo of Asha", "Demo of Ravi"]
    day = meera.get("/calendar?span=day&whose=all&by=people").text
    assert re.findall(r'<section class="cal-day[^"]*" aria-label="(\w+)"', day) == ["Asha", "Ravi"]


def test_asha_who_asks_for_ravis_calendar_finds_it_empty(planner: Planner) -> None:
    planner.meet("ravi", "Demo of Ravi", "2026-11-24T11:00")
    page = planner.browser("asha").get(f"/calendar?whose={planner.desk.ravi.user}")
    assert titles(page.text) == [] and "Demo of Ravi" not in page.text
    assert "cal-people" not in page.text  # nobody is offered


def test_an_event_stands_on_the_clocks_of_its_reader(planner: Planner) -> None:
    planner.meet("asha", "Demo at ten", "2026-11-24T10:15", length="1:30")
    html = planner.browser("asha").get("/calendar?span=day").text
    assert at(html, "Demo at ten") == (10, 15)
    assert 'data-lh="1" data-lm="30"' in html
    assert "Times are those of" not in html
    person = planner.desk.crm.reads.record(planner.desk.dev, "user", planner.desk.asha.user)
    planner.desk.crm.writes.do(planner.desk.dev, Update("user", person.id, person.version, {"zone": "Europe/Berlin"}))
    html = planner.browser("asha").get("/calendar?span=day").text
    assert at(html, "Demo at ten") == (5, 45)
    assert "Times are those of Berlin; the firm keeps those of Kolkata." in html


def test_a_call_that_is_over_is_shown_when_its_kind_is_switched_on(planner: Planner) -> None:
    planner.desk.create(planner.desk.asha, "call", subject="Rang twice", outcome="RNR", started_at="2026-11-24T09:40")
    asha = planner.browser("asha")
    assert titles(asha.get("/calendar").text) == []
    assert titles(asha.get("/calendar?kinds=call,task").text) == ["Rang twice"]
    assert titles(asha.get("/calendar?kinds=none").text) == []


def test_a_follow_up_of_a_lead_that_is_won_is_gone(planner: Planner) -> None:
    lead = planner.lead("asha", "Priya", "2026-11-25T16:30")
    planner.desk.move(planner.desk.asha, "lead", lead, "lose", lost_reason="Price", lost_remarks="Too dear")
    assert titles(planner.browser("asha").get("/calendar").text) == []


def test_an_entitys_calendar_has_the_filters_of_its_list(planner: Planner) -> None:
    planner.meet("asha", "The demo", "2026-11-24T11:00", kind="Demo")
    planner.meet("asha", "The training", "2026-11-25T11:00", kind="Training")
    asha = planner.browser("asha")
    assert sorted(titles(asha.get("/appointment/calendar").text)) == ["The demo", "The training"]
    assert titles(asha.get("/appointment/calendar?kind=Training").text) == ["The training"]
    searched = asha.get("/appointment/calendar?q=demo").text
    assert titles(searched) == ["The demo"] and 'href="/appointment/calendar">Clear' in searched
    assert asha.get("/appointment/calendar?nonsense=1").status_code == 400
    assert titles(asha.get("/lead/calendar?span=month&at=created_at").text) == ["Client0", "Client1"]


def test_an_entity_without_any_date_has_no_calendar(planner: Planner) -> None:
    assert planner.browser("asha").get("/product/calendar").status_code == 404


@pytest.mark.parametrize(
    "address",
    ["span=year", "on=yesterday", "by=colour", "whose=somebody", "whose=" + ",".join(map(str, range(1, 40)))],
)
def test_an_address_that_makes_no_sense_is_refused_with_a_sentence(planner: Planner, address: str) -> None:
    page = planner.browser("asha").get(f"/calendar?{address}")
    assert page.status_code == 400
    assert "Choose" in page.text or "Ask for" in page.text or "Write year-month-day" in page.text


@pytest.mark.parametrize("on", ["0001-01-01", "9999-12-31", "1970-01-01", "2026-03-29"])
@pytest.mark.parametrize("span", ["month", "week", "day", "agenda"])
def test_the_first_and_the_last_days_of_time_can_be_looked_at(planner: Planner, on: str, span: str) -> None:
    assert planner.browser("asha").get(f"/calendar?span={span}&on={on}").status_code == 200


def test_a_telephone_begins_with_the_agenda(planner: Planner) -> None:
    assert "cal-agenda" in planner.browser("asha", **{"sec-ch-ua-mobile": "?1"}).get("/calendar").text
    assert "cal-grid" in planner.browser("asha").get("/calendar").text


def test_an_event_over_midnight_stands_on_both_days(planner: Planner) -> None:
    planner.meet("asha", "Night watch", "2026-11-24T22:30", length="3:00")
    html = planner.browser("asha").get("/calendar").text
    assert titles(html).count("Night watch") == 2
    next_day = planner.browser("asha").get("/calendar?span=day&on=2026-11-25").text
    assert at(next_day, "Night watch") == (0, 0)
    assert 'data-lh="1" data-lm="30"' in next_day


def test_a_month_tells_how_many_more_there_are(planner: Planner) -> None:
    for n in range(10):
        planner.desk.create(planner.desk.asha, "task", subject=f"Task {n}", due_at=f"2026-11-24T{9 + n // 2:02}:00")
    html = planner.browser("asha").get("/calendar?span=month").text
    assert len(titles(html)) == 3 and "+7 more" in html


def test_a_name_of_anybodys_making_is_text(planner: Planner) -> None:
    planner.meet("asha", "<script>alert(1)</script>", "2026-11-24T11:00")
    for span in ("month", "week", "day", "agenda"):
        html = planner.browser("asha").get(f"/calendar?span={span}").text
        assert "<script>alert" not in html and "&lt;script&gt;alert(1)" in html


# ---- moving


def drag(planner: Planner, who: str, id: int, version: int, **said: str) -> tuple[int, dict[str, str]]:
    answer = planner.browser(who).post(f"/calendar/appointment/{id}/move", data={"_version": str(version), **said})
    return answer.status_code, answer.json()


def test_a_drag_moves_an_appointment_and_can_be_taken_back(both: Planner) -> None:
    made = both.meet("asha", "Demo", "2026-11-24T11:00")
    status, told = drag(both, "asha", made.id, made.version, day="2026-11-26", time="15:30")
    assert (status, told["said"]) == (200, "Moved to Thursday, 26 November, 3:30 – 4:30\u00a0pm.")
    assert both.starts(made.id) == "2026-11-26 15:30"
    undone = both.browser("asha").post(told["undo"], data={"_version": str(made.version + 1)})
    assert undone.status_code == 303
    assert both.starts(made.id) == "2026-11-24 11:00"


def test_a_drag_to_another_day_of_the_month_keeps_the_time(planner: Planner) -> None:
    made = planner.meet("asha", "Demo", "2026-11-24T11:00")
    assert drag(planner, "asha", made.id, made.version, day="2026-12-01")[0] == 200
    assert planner.starts(made.id) == "2026-12-01 11:00"


def test_an_appointment_is_pulled_longer(planner: Planner) -> None:
    made = planner.meet("asha", "Demo", "2026-11-24T11:00")
    drag(planner, "asha", made.id, made.version, day="2026-11-24", time="11:00", length="105")
    record = planner.desk.crm.reads.record(planner.desk.asha, "appointment", made.id)
    assert record.values["length"] == 105 * 60


def test_what_somebody_changed_meanwhile_is_not_moved(planner: Planner) -> None:
    made = planner.meet("asha", "Demo", "2026-11-24T11:00")
    planner.desk.update(planner.desk.asha, "appointment", made, starts_at="2026-11-24T12:00")
    status, told = drag(planner, "asha", made.id, made.version, day="2026-11-26")
    assert status == 409 and told["refused"]
    assert planner.starts(made.id) == "2026-11-24 12:00"


def test_nobody_moves_what_is_not_theirs(planner: Planner) -> None:
    made = planner.meet("ravi", "Demo", "2026-11-24T11:00")
    before = planner.desk.rows("select * from appointment")
    assert drag(planner, "asha", made.id, made.version, day="2026-11-26")[0] == 404
    assert planner.browser("asha").get(f"/calendar/appointment/{made.id}").status_code == 404
    assert planner.desk.rows("select * from appointment") == before


@pytest.mark.parametrize(
    "said",
    [{}, {"day": "soon"}, {"day": "2026-11-26", "length": "0"}, {"day": "2026-11-26", "length": "99999"},
     {"day": "9999-01-01"}, {"day": "2026-11-26", "length": "-5"}],
)  # fmt: skip
def test_a_drag_that_makes_no_sense_changes_nothing(planner: Planner, said: dict[str, str]) -> None:
    made = planner.meet("asha", "Demo", "2026-11-24T11:00")
    assert drag(planner, "asha", made.id, made.version, **said)[0] == 400
    assert planner.starts(made.id) == "2026-11-24 11:00"


def test_a_drag_needs_the_form_token(planner: Planner) -> None:
    made = planner.meet("asha", "Demo", "2026-11-24T11:00")
    answer = planner.browser("asha", **{"x-csrf-token": "x" * 43}).post(
        f"/calendar/appointment/{made.id}/move", data={"_version": "1", "day": "2026-11-26"}
    )
    assert answer.status_code == 403
    assert planner.starts(made.id) == "2026-11-24 11:00"


def test_the_dialog_says_when_it_is_and_moves_it_by_typing(planner: Planner) -> None:
    made = planner.meet("asha", "Demo", "2026-11-24T11:00")
    asha, place = planner.browser("asha"), f"/calendar/appointment/{made.id}"
    html = asha.get(f"{place}?back=/calendar?span%3Dmonth").text
    assert "Tuesday 24 November 2026" in html.replace(",", "") and 'name="starts_at"' in html
    answer = asha.post(place, data={"_version": "1", "starts_at": "2026-11-25T09:30", "back": "/calendar?span=month"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/calendar?span=month")
    assert planner.starts(made.id) == "2026-11-25 09:30"
    again = asha.post(place, data={"_version": "2", "starts_at": "whenever"})
    assert again.status_code == 422 and "whenever" in again.text


def test_the_way_back_leads_to_no_other_site(planner: Planner) -> None:
    made = planner.meet("asha", "Demo", "2026-11-24T11:00")
    answer = planner.browser("asha").post(
        f"/calendar/appointment/{made.id}", data={"_version": "1", "back": "//evil.example"}
    )
    assert answer.headers["location"] == "/calendar"


def test_meera_gives_an_appointment_to_ravi_by_dragging_it_into_his_column(planner: Planner) -> None:
    made = planner.meet("asha", "Demo", "2026-11-24T11:00")
    ravi = str(planner.desk.ravi.user)
    assert drag(planner, "meera", made.id, made.version, day="2026-11-24", time="11:00", person=ravi)[0] == 200
    record = planner.desk.crm.reads.record(planner.desk.meera, "appointment", made.id)
    assert record.values["owner"].id == planner.desk.ravi.user


def test_a_new_one_begins_with_its_time(planner: Planner) -> None:
    asha = planner.browser("asha")
    html = asha.get("/calendar/new?on=2026-11-26&at=15:15").text
    place = re.search(r'href="(/appointment/new[^"]*)"', html)
    assert place
    form = asha.get(place[1].replace("&amp;", "&")).text
    assert 'value="2026-11-26T15:15"' in form


def test_the_days_of_a_week_begin_as_the_readers_custom_is(planner: Planner) -> None:
    html = planner.browser("asha").get("/calendar?on=2026-11-24").text
    days = re.findall(r'class="cal-day[^>]*data-date="([^"]*)"', html)
    assert days[0] == "2026-11-22" and date.fromisoformat(days[0]).weekday() == 6  # Sunday, as in India
