"""A caller's morning over HTTP, without script: her day, a call logged by its outcome, the next step, the move it allows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.records.commands import Outcome
from tests.web.desk import Front, hidden, open_front, record, text_of


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with open_front(f"sqlite:///{tmp_path_factory.mktemp('today')}/crm.db") as made:
        yield made


@pytest.fixture
def front(opened: Front, request: pytest.FixtureRequest) -> Front:
    """In which Asha begins anew: a caller of this test's own."""
    opened.hire("asha", str(abs(hash(request.node.nodeid))))
    return opened


NUMBERS = (f"98765{n:05}" for n in range(43210, 99999))


def a_lead(front: Front, name: str = "Anil", hours: float | None = None, **values: Any) -> Outcome:
    due = None if hours is None else (front.desk.clock.now + timedelta(hours=hours)).isoformat()
    values = {"phone": next(NUMBERS), "source": "Google", "follow_up_at": due, **values}
    return front.desk.create(front.desk.asha, "lead", first_name=name, **values)


def log(front: Front, lead: Outcome, outcome: str, **values: str) -> Any:
    asha = front.browser("asha")
    page = asha.get(f"/lead/{lead.id}/call", params={"back": "/today"})
    return asha.post(f"/lead/{lead.id}/call", data={**hidden(page.text), "_outcome": outcome, **values})


def go_on(front: Front, answer: Any, **values: str) -> Any:
    """The page that asks what is next, answered."""
    asha = front.browser("asha")
    page = asha.get(answer.headers["location"])
    sent = {**hidden(page.text), **values}
    return page, asha.post(re.findall(r'action="(/lead/\d+/call/\d+)"', page.text)[0], data=sent)


def test_a_caller_begins_with_today_and_her_manager_with_the_desk(front: Front) -> None:
    assert front.browser("asha").get("/").headers["location"] == "/today"
    assert front.browser("meera").get("/").headers["location"].startswith("/dashboards/")


def test_todays_line_says_whom_to_reach_and_why(front: Front) -> None:
    a_lead(front, "Anil", -3, email="anil@example.org", phone="9811122233")
    page = front.browser("asha").get("/today")
    assert page.status_code == 200
    told = text_of(page.text)
    assert "Overdue 1" in told
    assert "Anil" in told and "98111 22233" in told and "NOT ATTEMPTED" in told and "not touched yet" in told
    for link in ('href="tel:+919811122233"', 'href="https://wa.me/919811122233"', 'href="mailto:anil@example.org"'):
        assert link in page.text
    assert "0 done 1 left" in told


def test_a_client_who_wants_no_calls_has_no_number_there(front: Front) -> None:
    a_lead(front, "Anil", -3, do_not_call="yes")
    page = front.browser("asha").get("/today").text
    assert "tel:" not in page
    assert "No calls, please" in page


def test_an_empty_day_says_so(front: Front) -> None:
    assert "Nothing is waiting" in front.browser("asha").get("/today").text


def test_meera_looks_at_ashas_day_and_ravi_does_not(front: Front) -> None:
    a_lead(front, "Anil", -3)
    asha = front.desk.people["asha"].user
    assert "Anil" in front.browser("meera").get(f"/today?who={asha}").text
    assert front.browser("ravi").get(f"/today?who={asha}").status_code == 404
    assert "Anil" not in front.browser("ravi").get("/today").text


def test_a_call_that_nobody_answered_is_kept_by_one_button_and_its_next_step_by_another(front: Front) -> None:
    lead = a_lead(front, "Anil", -3)
    front.desk.move(front.desk.asha, "lead", *answered(front, lead))
    made = log(front, lead, "RNR")
    page, done = go_on(front, made)
    offered = re.findall(r'name="next" value="([^"]+)" data-digit="(\d)"', page.text)
    assert offered[0][1] == "1"
    page, done = go_on(front, made, next=offered[0][0])
    assert done.headers["location"] == "/today"
    (call,) = [c for c in calls(front) if c["outcome"] == "RNR"]
    number = record(front, "asha", "lead", lead.id).values["phone"]
    assert (call["subject"], call["number"], call["direction"]) == ("Call: Anil", number, "Outgoing")
    assert record(front, "asha", "lead", lead.id).values["follow_up_at"] > front.desk.clock.now


def answered(front: Front, lead: Outcome) -> tuple[Outcome, str]:
    front.desk.create(front.desk.asha, "call", subject="First", about=f"lead/{lead.id}", outcome="Answered")
    return lead, "attended"


def calls(front: Front) -> list[dict[str, Any]]:
    reads = front.desk.crm.reads
    rows = front.desk.rows(f"select id from call where owner = {front.desk.asha.user} order by id")
    return [reads.item(front.desk.asha, "call", row[0]) for row in rows]


def test_an_answered_call_offers_the_move_that_waited_for_it_and_makes_both_at_once(front: Front) -> None:
    lead = a_lead(front)
    made = log(front, lead, "Answered")
    page = front.browser("asha").get(made.headers["location"]).text
    assert re.search(r'name="move" value="attended" checked', page)
    moment = re.findall(r'name="next" value="([^"]+)" data-digit', page)[0]
    _, done = go_on(front, made, move="attended", next=moment, remarks="Wants a demo")
    assert done.status_code == 303
    found = record(front, "asha", "lead", lead.id)
    assert (found.values["status"], found.values["follow_up_at"] is not None) == ("FOLLOW-UP", True)
    assert [call["remarks"] for call in calls(front)] == ["Wants a demo"]


def test_who_wants_to_be_called_back_is_asked_when_and_nobody_is_asked_twice(front: Front) -> None:
    lead = a_lead(front)
    asked = log(front, lead, "CALL BACK")
    assert asked.status_code == 422
    assert calls(front) == []
    moment = re.findall(r'name="call_back_at" value="([^"]+)" data-digit="1"', asked.text)[0]
    done = front.browser("asha").post(
        f"/lead/{lead.id}/call", data={**hidden(asked.text), "call_back_at": moment}
    )
    assert done.headers["location"] == "/today"
    (call,) = calls(front)
    follow_up = record(front, "asha", "lead", lead.id).values["follow_up_at"]
    assert call["call_back_at"] == follow_up.isoformat().replace("+00:00", "Z")


def test_a_form_that_is_sent_twice_logs_one_call(front: Front) -> None:
    lead = a_lead(front)
    asha = front.browser("asha")
    sent = {**hidden(asha.get(f"/lead/{lead.id}/call").text), "_outcome": "RNR"}
    for _ in range(3):
        assert asha.post(f"/lead/{lead.id}/call", data=sent).status_code == 303
    assert len(calls(front)) == 1


def test_no_next_step_wants_a_reason_which_stands_in_the_call(front: Front) -> None:
    lead = a_lead(front, "Anil", 5)
    made = log(front, lead, "RNR")
    _, refused = go_on(front, made, next="none")
    assert refused.status_code == 422
    assert "Say why there is no next step." in refused.text
    _, done = go_on(front, made, next="none", remarks="Moved abroad")
    assert done.status_code == 303
    assert record(front, "asha", "lead", lead.id).values["follow_up_at"] is None
    assert [call["remarks"] for call in calls(front)] == ["No next step: Moved abroad"]


def test_what_was_changed_meanwhile_is_not_overwritten(front: Front) -> None:
    lead = a_lead(front, "Anil", 5)
    made = log(front, lead, "RNR")
    asha = front.browser("asha")
    page = asha.get(made.headers["location"]).text
    front.desk.update(front.desk.asha, "lead", lead, city="Pune")
    sent = {**hidden(page), "next": "2030-01-01T10:00"}
    answer = asha.post(re.findall(r'action="(/lead/\d+/call/\d+)"', page)[0], data=sent)
    assert answer.status_code == 409
    assert "Somebody changed this record meanwhile" in answer.text


def test_ravi_logs_nothing_about_ashas_lead(front: Front) -> None:
    lead = a_lead(front)
    made = log(front, lead, "RNR").headers["location"]
    ravi = front.browser("ravi")
    assert ravi.get(f"/lead/{lead.id}/call").status_code == 404
    assert ravi.post(f"/lead/{lead.id}/call", data={"_outcome": "RNR"}).status_code == 404
    assert ravi.get(made).status_code == 404
    assert len(calls(front)) == 1


def test_a_call_of_another_lead_is_not_gone_on_with_here(front: Front) -> None:
    anil, bina = a_lead(front), a_lead(front, "Bina", phone="9876500000")
    made = log(front, anil, "RNR").headers["location"]
    assert front.browser("asha").get(made.replace(str(anil.id), str(bina.id))).status_code == 404


def test_an_outcome_that_there_is_not_is_refused(front: Front) -> None:
    assert log(front, a_lead(front), "SHOUTED").status_code == 400


def test_the_way_back_stays_in_the_house(front: Front) -> None:
    lead = a_lead(front)
    asha = front.browser("asha")
    page = asha.get(f"/lead/{lead.id}/call", params={"back": "https://evil.example/"})
    assert hidden(page.text)["_back"] == f"/lead/{lead.id}"


# ---- what is said


def test_the_script_speaks_with_the_callers_eyes_and_a_name_stays_a_name(front: Front) -> None:
    lead = a_lead(front, "**Anil** [x](https://evil.example)")
    page = front.browser("asha").get(f"/lead/{lead.id}/call").text
    script = page[page.index('class="script"') : page.index("</details>")]
    assert "This is Asha from RSoft." in text_of(script)
    assert "**Anil** [x](https://evil.example)" in text_of(script)
    assert "evil.example\"" not in script


# ---- one after another


def test_calling_leads_from_one_to_the_next_until_nothing_is_left(front: Front) -> None:
    late, new = a_lead(front, "Late", -3), a_lead(front, "New", phone="9876500000")
    asha = front.browser("asha")
    assert asha.get("/today/calling").headers["location"] == f"/today/calling/lead/{late.id}"
    page = asha.get(f"/today/calling/lead/{late.id}")
    assert 'class="calling-number" href="tel:+9198765' in page.text and "What to say" in page.text
    assert hidden(page.text)["_back"] == f"/today/calling/lead/{new.id}"
    for lead in (late, new):
        _, done = go_on(front, log(front, lead, "RNR"), next="2030-01-01T10:00")
        assert done.status_code == 303
    assert asha.get("/today/calling").headers["location"] == "/today"


def test_who_is_to_be_called_at_a_later_hour_is_not_called_before(front: Front) -> None:
    lead, asha = a_lead(front, "Now", -1), front.browser("asha")
    today = front.desk.clock.now.astimezone(ZoneInfo("Asia/Kolkata")).date()
    go_on(front, log(front, lead, "RNR"), next=f"{today}T23:40")
    assert asha.get("/today/calling").headers["location"] == "/today"
    told = text_of(asha.get("/today").text)
    assert re.search(r"Nothing is left to call until [^.]*11:40", told), told
    assert "Today 1" in told


def test_nobody_calls_anothers_lead(front: Front) -> None:
    lead = a_lead(front, "Anil", -3)
    assert front.browser("ravi").get(f"/today/calling/lead/{lead.id}").status_code == 404
    assert front.browser("ravi").get("/today/calling").headers["location"] == "/today"


# ---- over the API


def test_a_program_is_told_the_same_day(front: Front) -> None:
    lead = a_lead(front, "Anil", -3)
    due = (front.desk.clock.now + timedelta(hours=2)).isoformat()
    task = front.desk.create(front.desk.asha, "task", subject="Send it", about=f"lead/{lead.id}", due_at=due)
    told = front.browser("asha").get("/api/v1/today").json()
    assert [(item["part"], item["entity"], item["id"]) for item in told["items"]] == [
        ("overdue", "lead", str(lead.id)), ("today", "task", str(task.id)),
    ]  # fmt: skip
    assert told["items"][1]["about"]["title"] == "Anil"
    assert (told["counts"]["overdue"], told["done"], told["left"]) == (1, 0, 2)


def test_a_program_asks_for_nobody_elses_day_and_for_no_part_that_there_is_not(front: Front) -> None:
    a_lead(front, "Anil", -3)
    asha = front.desk.people["asha"].user
    assert len(front.browser("meera").get(f"/api/v1/today?who={asha}&show=overdue").json()["items"]) == 1
    assert front.browser("ravi").get(f"/api/v1/today?who={asha}").status_code == 404
    for asked in ("who=1", "who=x", "who=9999999999999999999999", "show=never", "who="):
        assert front.browser("ravi").get(f"/api/v1/today?{asked}").status_code in (400, 404), asked
