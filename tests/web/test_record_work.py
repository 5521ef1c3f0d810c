"""Working at a record: what happened to it in one order, what comes next, writing things down, and why one sees it."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.web.desks import Open, rsoft
from tests.web.forms import send

__all__ = ["rsoft"]


def entries(page: str) -> list[str]:
    """The entries of the timeline as text, newest first."""
    panel = page[page.index('id="timeline"') :]
    found = re.findall(r'<li class="entry[^>]*>(.*?)</li>\n', panel, re.S)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", one)).strip() for one in found]


def seen(rsoft: Open, lead: int, who: str = "asha", query: str = "") -> str:
    return rsoft.browser(who).get(f"/lead/{lead}{query}").text


# ---- one timeline


def test_changes_calls_and_notes_stand_in_one_order_by_time(rsoft: Open) -> None:
    lead = rsoft.lead()
    rsoft.desk.clock.pass_time(minutes=20)
    rsoft.call(lead, remarks="Asked for the price", started_at=rsoft.desk.clock.now.isoformat())
    rsoft.desk.clock.pass_time(minutes=20)
    rsoft.desk.update(rsoft.desk.asha, "lead", lead, city="Pune")
    rsoft.desk.clock.pass_time(minutes=20)
    rsoft.note(lead, "Wants a brochure")
    told = entries(seen(rsoft, lead.id))
    assert [bool(re.search(word, one)) for word, one in zip(
        ("Wants a brochure", "City", "Asked for the price", "made this lead"), told, strict=True
    )] == [True] * 4  # fmt: skip


def test_a_call_of_yesterday_that_is_logged_today_stands_at_yesterday(rsoft: Open) -> None:
    lead = rsoft.lead()
    yesterday = (rsoft.desk.clock.now - timedelta(days=1)).isoformat()
    rsoft.call(lead, subject="Rang from the road", started_at=yesterday)
    told = entries(seen(rsoft, lead.id))
    assert "made this lead" in told[0]
    assert "Rang from the road" in told[1]


def test_a_timeline_of_many_pages_leaves_nothing_out_and_tells_nothing_twice(rsoft: Open) -> None:
    lead = rsoft.lead()
    began = rsoft.desk.clock.now
    for n in range(40):  # calls and changes, moments apart and together
        at = began - timedelta(minutes=n // 3)
        rsoft.call(lead, subject=f"Call {n:02}", outcome="RNR", started_at=at.isoformat())
    for n in range(30):
        rsoft.desk.clock.pass_time(minutes=20)
        rsoft.desk.update(rsoft.desk.asha, "lead", now(rsoft, lead.id), city=f"City {n:02}")
    told, place = [], f"/lead/{lead.id}"
    for _ in range(10):
        page = rsoft.browser("asha").get(place).text
        told += entries(page)
        older = re.search(r'href="([^"]+before=[^"]+)" data-more', page)
        if older is None:
            break
        place = older[1].replace("&amp;", "&")
    calls = [one for one in told if "Call " in one]
    assert sorted(re.findall(r"Call \d\d", " ".join(calls))) == [f"Call {n:02}" for n in range(40)]
    assert sum("City" in one for one in told) == 30
    assert len(told) == 71


def now(rsoft: Open, lead: int):  # type: ignore[no-untyped-def]
    from engine.records.commands import Outcome

    record = rsoft.desk.crm.reads.record(rsoft.desk.asha, "lead", lead)
    return Outcome("lead", lead, record.version)


def test_small_changes_one_after_another_are_told_as_one(rsoft: Open) -> None:
    lead = rsoft.lead()
    rsoft.desk.update(rsoft.desk.asha, "lead", lead, city="Pune")
    rsoft.desk.update(rsoft.desk.asha, "lead", now(rsoft, lead.id), city="Nagpur", company="Steel works")
    told = entries(seen(rsoft, lead.id))
    assert len(told) == 2
    assert "Nagpur" in told[0]
    assert "Steel works" in told[0]
    assert "Pune" not in told[0]


def test_a_timeline_can_be_narrowed_to_one_kind(rsoft: Open) -> None:
    lead = rsoft.lead()
    rsoft.call(lead, subject="First ring")
    rsoft.note(lead, "Wants a brochure")
    assert [("First ring" in one) for one in entries(seen(rsoft, lead.id, query="?show=call"))] == [True]
    assert [("brochure" in one) for one in entries(seen(rsoft, lead.id, query="?show=note"))] == [True]
    assert ["made this lead" in one for one in entries(seen(rsoft, lead.id, query="?show=history"))] == [True]
    assert len(entries(seen(rsoft, lead.id, query="?show=nonsense"))) == 3


def test_a_task_of_somebody_else_is_in_no_timeline_of_hers(rsoft: Open) -> None:
    lead = rsoft.lead()
    task = rsoft.task(lead, "Check how Asha calls", who="meera")
    rsoft.desk.move(rsoft.desk.meera, "task", task, "finish")
    assert "Check how Asha calls" not in seen(rsoft, lead.id)
    assert "Check how Asha calls" in seen(rsoft, lead.id, "meera")


def test_a_long_text_is_folded_and_markup_in_it_is_text(rsoft: Open) -> None:
    lead = rsoft.lead()
    rsoft.note(lead, "<script>alert(1)</script>\n" + "word " * 200)
    page = seen(rsoft, lead.id)
    assert 'class="fold-short"' in page
    assert "<script>alert" not in page


def test_a_program_reads_the_same_order_page_by_page(rsoft: Open) -> None:
    lead, asha = rsoft.lead(), rsoft.browser("asha")
    for n in range(5):
        rsoft.call(lead, subject=f"Call {n}", outcome="RNR")
    rsoft.note(lead, "Wants a brochure")
    place, told = f"/api/v1/lead/{lead.id}/timeline", []
    cursor: str | None = ""
    while cursor is not None:
        page = asha.get(f"{place}?limit=2&cursor={cursor}").json()
        told += page["items"]
        cursor = page["next"]
    assert [one["kind"] for one in told] == ["note", *["call"] * 5, "history"]
    assert told[1]["activity"]["title"] == "Call 4"
    assert [one["kind"] for one in asha.get(f"{place}?kind=note").json()["items"]] == ["note"]
    assert asha.get(f"{place}?kind=nonsense").status_code == 400
    assert asha.get(f"/api/v1/lead/{rsoft.lead('ravi').id}/timeline").status_code == 404


# ---- writing down


def test_a_note_is_written_in_one_field_and_named_by_its_first_line(rsoft: Open) -> None:
    lead, asha = rsoft.lead(), rsoft.browser("asha")
    page = asha.get(f"/lead/{lead.id}")
    saved = send(asha, page, f"/lead/{lead.id}/log/note", text="**Wants** a demo\nin Hindi")
    assert (saved.status_code, saved.headers["location"]) == (303, f"/lead/{lead.id}")
    assert "in Hindi" in entries(seen(rsoft, lead.id))[0]
    (title,) = rsoft.desk.rows(f"select subject from note where about = {lead.id}")
    assert title[0] == "Wants** a demo"


def test_a_call_asks_for_its_outcome_and_is_named_by_it(rsoft: Open) -> None:
    lead, asha = rsoft.lead(), rsoft.browser("asha")
    place = f"/lead/{lead.id}/log/call"
    form = asha.get(place)
    assert re.findall('name="(outcome|remarks)"', form.text) == ["outcome", "remarks"]
    empty = send(asha, form, place, remarks="Nobody there")
    assert empty.status_code == 422
    assert "Nobody there" in empty.text
    saved = send(asha, empty, place, outcome="RNR")
    assert saved.status_code == 303
    assert "Nobody there" in entries(seen(rsoft, lead.id))[0]


def test_a_call_back_asks_when(rsoft: Open) -> None:
    lead, asha = rsoft.lead(), rsoft.browser("asha")
    place = f"/lead/{lead.id}/log/call"
    refused = send(asha, asha.get(place), place, outcome="CALL BACK")
    assert refused.status_code == 422
    assert "Call back at" in refused.text


def test_what_cannot_be_about_a_lead_cannot_be_written_down_there(rsoft: Open) -> None:
    lead, asha = rsoft.lead(), rsoft.browser("asha")
    for child in ("quotation", "user", "nothing"):
        assert asha.get(f"/lead/{lead.id}/log/{child}").status_code == 404


def test_at_anothers_lead_nothing_is_written_down(rsoft: Open) -> None:
    lead, asha = rsoft.lead("ravi"), rsoft.browser("asha")
    assert asha.get(f"/lead/{lead.id}/log/note").status_code == 404
    assert asha.post(f"/lead/{lead.id}/log/note", data={"text": "Mine"}).status_code == 404
    assert not rsoft.desk.rows(f"select id from note where about = {lead.id}")


def test_what_the_stage_does_not_allow_says_so(rsoft: Open) -> None:
    lead = rsoft.lead()
    page = seen(rsoft, lead.id)
    assert f"/lead/{lead.id}/log/appointment" not in page
    assert "Appointments are not added to a lead" in page


# ---- what comes next


def test_what_comes_next_stands_on_the_page_until_it_is_done(rsoft: Open) -> None:
    lead, asha = rsoft.lead(), rsoft.browser("asha")
    assert "No next step is planned." in seen(rsoft, lead.id)
    task = rsoft.task(lead, "Ring back")
    page = asha.get(f"/lead/{lead.id}")
    assert "No next step is planned." not in page.text
    place = f"/task/{task.id}/move/finish"
    assert send(asha, page, place).status_code == 303
    after = seen(rsoft, lead.id)
    assert place not in after
    assert "Ring back" in entries(after)[0] or "Ring back" in " ".join(entries(after))


def test_a_task_is_put_off_from_now_and_not_from_when_it_was_due(rsoft: Open) -> None:
    lead = rsoft.lead()
    task = rsoft.task(lead, "Ring back", hours=1)
    rsoft.desk.clock.pass_time(days=30)
    asha = rsoft.browser("asha")
    page = asha.get(f"/lead/{lead.id}")
    assert "Overdue" in page.text
    done = send(asha, page, f"/task/{task.id}/later", by="tomorrow")
    assert (done.status_code, done.headers["location"]) == (303, f"/lead/{lead.id}")
    due = rsoft.desk.crm.reads.record(rsoft.desk.asha, "task", task.id).values["due_at"]
    assert 0 < (due - rsoft.desk.clock.now).total_seconds() < 2 * 86400
    assert "Overdue" not in seen(rsoft, lead.id)


@pytest.mark.parametrize("by", ["", "never", "a year"])
def test_a_task_cannot_be_put_off_to_nonsense(rsoft: Open, by: str) -> None:
    lead, asha = rsoft.lead(), rsoft.browser("asha")
    task = rsoft.task(lead, "Ring back")
    assert asha.post(f"/task/{task.id}/later", data={"by": by, "_version": "1"}).status_code == 400
    assert asha.post(f"/lead/{lead.id}/later", data={"by": "week", "_version": "1"}).status_code == 404


def test_what_is_put_off_twice_from_one_page_meets_the_conflict(rsoft: Open) -> None:
    lead, asha = rsoft.lead(), rsoft.browser("asha")
    task = rsoft.task(lead, "Ring back")
    first = asha.post(f"/task/{task.id}/later", data={"by": "week", "_version": "1"})
    again = asha.post(f"/task/{task.id}/later", data={"by": "hour", "_version": "1"})
    assert (first.status_code, again.status_code) == (303, 409)


# ---- pins


def test_a_note_is_pinned_to_the_top_and_taken_down(rsoft: Open) -> None:
    lead, asha = rsoft.lead(), rsoft.browser("asha")
    note = rsoft.note(lead, "Speaks only Hindi")
    place = f"/lead/{lead.id}/pin/note/{note.id}"
    assert send(asha, asha.get(f"/lead/{lead.id}"), place).status_code == 303
    page = asha.get(f"/lead/{lead.id}")
    assert 'class="timeline is-pinned"' in page.text
    assert send(asha, page, place).status_code == 303
    assert 'class="timeline is-pinned"' not in seen(rsoft, lead.id)


def test_only_what_is_about_the_record_and_hers_to_read_is_pinned(rsoft: Open) -> None:
    lead, other, asha = rsoft.lead(), rsoft.lead("ravi"), rsoft.browser("asha")
    theirs = rsoft.note(other, "Not hers", "ravi")
    assert asha.post(f"/lead/{lead.id}/pin/note/{theirs.id}", data={}).status_code == 404
    assert asha.post(f"/lead/{other.id}/pin/note/{theirs.id}", data={}).status_code == 404
    assert rsoft.desk.rows(f"select count(*) from crm_pin where record in ({lead.id}, {other.id})") == [(0,)]


# ---- writing to the client


def test_a_message_of_the_set_goes_to_the_client_and_stands_in_the_timeline(rsoft: Open) -> None:
    lead, asha = rsoft.lead(email="anil@example.org"), rsoft.browser("asha")
    place = f"/lead/{lead.id}/tell"
    form = asha.get(place)
    assert "Brochure" in form.text
    sent = [send(asha, form, place, message="send_brochure") for _ in range(2)]  # a double click
    assert [answer.status_code for answer in sent] == [303, 303]
    asked = f"select channel, state from crm_delivery where record = {lead.id} and notification = 'send_brochure'"
    rows = rsoft.desk.rows(asked)
    assert sorted(rows) == [("email", "waiting"), ("whatsapp", "waiting")]
    told = entries(seen(rsoft, lead.id))
    assert "Brochure" in told[0]
    assert "Waiting" in told[0]


def test_only_messages_that_are_meant_for_it_are_sent_by_hand(rsoft: Open) -> None:
    lead, asha = rsoft.lead(), rsoft.browser("asha")
    for name in ("welcome", "lost_lead", "nothing", ""):
        assert asha.post(f"/lead/{lead.id}/tell", data={"message": name}).status_code == 400
    theirs = rsoft.lead("ravi")
    assert asha.post(f"/lead/{theirs.id}/tell", data={"message": "send_brochure"}).status_code == 404


# ---- beside the list


def test_a_record_leads_on_to_the_next_of_the_list_that_one_came_from(rsoft: Open) -> None:
    asha = rsoft.browser("asha")
    one, two, three = (rsoft.lead(name=name, city="Thane") for name in ("Bela", "Chand", "Asif"))
    ordered = [three.id, one.id, two.id]
    question = "city=Thane&sort=first_name"
    page = asha.get(f"/lead/{one.id}", headers={"referer": f"http://crm.example/lead?{question}"}).text
    assert re.findall(r'href="/lead/(\d+)\?in=[^"]+" rel="(prev|next)"', page) == [
        (str(ordered[0]), "prev"), (str(ordered[2]), "next"),
    ]  # fmt: skip
    following = re.search(r'href="(/lead/\d+\?in=[^"]+)" rel="next"', page)
    assert following is not None
    last = asha.get(following[1].replace("&amp;", "&")).text
    assert 'rel="next"' not in last
    assert "/lead?city=Thane&amp;sort=first_name" in last


def test_whoever_came_from_nowhere_is_led_nowhere(rsoft: Open) -> None:
    lead = rsoft.lead()
    assert "steps-nav" not in seen(rsoft, lead.id)
    assert "steps-nav" not in seen(rsoft, lead.id, query="?in=nonsense.is%3D1")


def test_nobody_stands_beside_a_lead_who_is_not_hers_to_read(rsoft: Open) -> None:
    mine = rsoft.lead(name="Zara", city="Vashi")
    rsoft.lead("ravi", name="Yusuf", city="Vashi")
    page = seen(rsoft, mine.id, query="?in=city%3DVashi")
    assert 'rel="next"' not in page
    assert 'rel="prev"' not in page


def test_what_was_done_is_told_only_to_a_script_that_shows_it(rsoft: Open) -> None:
    lead, asha = rsoft.lead(), rsoft.browser("asha")
    asha.cookies.set("crm_said", base64.urlsafe_b64encode(b'["Saved."]').decode())
    for headers in ({}, {"x-part": "silent"}):
        silent = asha.get(f"/lead/{lead.id}/presence", headers=headers)
        assert "Saved." not in silent.text and "set-cookie" not in silent.headers
    told = asha.get(f"/lead/{lead.id}/presence", headers={"x-part": "tells"})
    assert "Saved." in told.text and "crm_said" in told.headers["set-cookie"]


def test_a_lead_is_looked_at_beside_its_list(rsoft: Open) -> None:
    lead, asha = rsoft.lead(name="Priya"), rsoft.browser("asha")
    rsoft.call(lead, subject="First ring")
    whole = asha.get(f"/lead/{lead.id}/peek").text
    piece = asha.get(f"/lead/{lead.id}/peek", headers={"x-part": "tells"}).text
    assert whole.startswith("<!doctype html>")
    assert not piece.startswith("<!doctype html>")
    for text in (whole, piece):
        assert "Priya" in text
        assert "First ring" in text
    assert asha.get(f"/lead/{rsoft.lead('ravi').id}/peek").status_code == 404


# ---- why


def test_she_is_told_that_a_lead_is_hers(rsoft: Open) -> None:
    lead = rsoft.lead()
    page = rsoft.browser("asha").get(f"/lead/{lead.id}/why").text
    assert "You are its owner." in page
    assert "You may change it." in page
    assert "Some fields are hidden from your role." in page
    assert "Order value" not in page
    assert ".yaml" not in page


def test_her_manager_is_told_whose_lead_it_is(rsoft: Open) -> None:
    lead = rsoft.lead()
    assert "Asha, its owner, is one of your people." in rsoft.browser("meera").get(f"/lead/{lead.id}/why").text


def test_an_administrator_is_told_where_the_set_says_so_and_what_another_sees(rsoft: Open) -> None:
    lead, dev = rsoft.lead(), rsoft.browser("dev")
    page = dev.get(f"/lead/{lead.id}/why?user={rsoft.desk.ravi.user}").text
    assert re.search(r"config/rsoft/roles.yaml:\d+", page)
    assert "Ravi may not read it" in page
    assert "Ravi may not read it" not in rsoft.browser("meera").get(f"/lead/{lead.id}/why?user={rsoft.desk.ravi.user}").text


def test_why_another_lead_is_not_shown_is_not_told(rsoft: Open) -> None:
    lead = rsoft.lead("ravi")
    assert rsoft.browser("asha").get(f"/lead/{lead.id}/why").status_code == 404


def test_a_notice_tells_its_rule(rsoft: Open) -> None:
    from engine.records.keys import milliseconds, new_id
    from engine.records.notices import tell

    lead, at = rsoft.lead(), datetime.now(UTC)
    id = new_id(at)
    with rsoft.desk.runtime.database.writing() as connection:
        tell(connection, id, rsoft.desk.asha.user, milliseconds(at), "not_attempted", "lead", lead.id, "Call Anil")
    page = rsoft.browser("asha").get(f"/notices/{id}/why").text
    assert "Not attempted" in page
    assert "A lead got a new owner." in page
    assert "Status is NOT ATTEMPTED" in page
    assert rsoft.browser("ravi").get(f"/notices/{id}/why").status_code == 404


# ---- the stage bar


def test_a_stage_tells_how_long_and_how_often_a_lead_was_there(rsoft: Open) -> None:
    lead = rsoft.lead()
    rsoft.desk.clock.pass_time(days=2)
    lost = rsoft.desk.move(rsoft.desk.asha, "lead", lead, "lose", lost_reason="Price")
    rsoft.desk.clock.pass_time(days=3)
    soon = (rsoft.desk.clock.now + timedelta(days=1)).isoformat()
    back = rsoft.desk.move(rsoft.desk.asha, "lead", lost, "re_engage", follow_up_at=soon)
    rsoft.desk.clock.pass_time(days=1)
    again = rsoft.desk.move(rsoft.desk.asha, "lead", back, "lose", lost_reason="Price")
    rsoft.desk.clock.pass_time(days=1)
    rsoft.desk.move(rsoft.desk.asha, "lead", again, "re_engage", follow_up_at=(rsoft.desk.clock.now).isoformat())
    bar = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", seen(rsoft, lead.id).split('class="stage-bar"')[1].split("</nav>")[0]))
    assert "NOT ATTEMPTED 2 days" in bar
    assert "FOLLOW-UP for a moment, time 2" in bar
    assert "Lost · 2 times, 4 days" in bar
