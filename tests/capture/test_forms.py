"""A stranger fills in a public form."""

from __future__ import annotations

import pytest

from tests.capture.front import Front
from tests.web.forms import form_on

PRIYA = {"first_name": "Priya", "phone": "98765 43210", "_consent": "yes"}


def test_what_vera_fills_in_becomes_an_enquiry(either_front: Front) -> None:
    sent = either_front.fill("enquiry_form", **PRIYA, message="Do you have a demo?")
    assert (sent.status_code, sent.headers["location"]) == (303, "/forms/enquiry_form?sent=1")
    (enquiry,) = either_front.records("enquiry")
    values = enquiry.values
    assert (values["first_name"], values["phone"], values["source"]) == ("Priya", "+919876543210", "Enquiry form")
    assert (values["status"], values["message"], values["owner"]) == ("NEW", "Do you have a demo?", None)
    assert "call you back" in either_front.stranger().get("/forms/enquiry_form?sent=1").text


def test_what_was_agreed_to_is_kept_with_the_moment(front: Front) -> None:
    front.fill("enquiry_form", **PRIYA)
    (row,) = front.arrivals()
    assert row.consent is not None
    assert row.consent.startswith("I agree that RSoft keeps")
    assert row.record == front.records("enquiry")[0].id
    assert row.at > 0


def test_without_the_tick_nothing_is_kept_and_what_was_typed_stays(front: Front) -> None:
    again = front.fill("enquiry_form", first_name="Priya <b>", phone="12")
    assert again.status_code == 422
    assert form_on(again, "/forms/enquiry_form")["first_name"] == "Priya <b>"
    assert "Please tick this box" in again.text
    assert "&#34;12&#34; is not a" in again.text
    assert front.records("enquiry") == []
    assert front.arrivals() == []


def test_a_form_that_is_sent_twice_makes_one_enquiry(front: Front) -> None:
    vera = front.stranger()
    page = vera.get("/forms/enquiry_form")
    front.clock.pass_time(seconds=30)
    answers = [front.send(page, "enquiry_form", vera, **PRIYA) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303]
    assert len(front.records("enquiry")) == 1


def test_the_source_is_read_from_the_address(front: Front) -> None:
    front.fill("website", "?utm_source=Google&utm_campaign=x", **PRIYA)
    front.fill("website", "?utm_source=unheard-of", **PRIYA)
    front.fill("website", **PRIYA)
    assert [e.values["source"] for e in front.records("enquiry")] == ["Website", "Website", "Google"]


def test_in_a_frame_the_source_is_read_from_the_page_around_it(front: Front) -> None:
    vera = front.stranger(referer="https://www.rsoft.in/schools?utm_source=facebook&q=1")
    front.fill("website", client=vera, **PRIYA)
    assert front.records("enquiry")[0].values["source"] == "Facebook"


def test_nobody_sends_more_than_the_form_asks(front: Front) -> None:
    front.fill("website", **PRIYA, message="Slipped in", lead="1", owner="1", status="CONFIRMED", source="Referral")
    (enquiry,) = front.records("enquiry")
    values = enquiry.values
    assert (values["message"], values["lead"], values["owner"], values["status"]) == (None, None, None, "NEW")
    assert values["source"] == "Website"


def test_who_falls_into_the_trap_is_thanked_and_not_taken(front: Front) -> None:
    sent = front.fill("enquiry_form", **PRIYA, website_="https://spam.example")
    assert sent.status_code == 303
    assert front.records("enquiry") == []
    (row,) = front.arrivals("refused")
    assert row.reason == "The field that people do not see was filled in."


def test_what_was_refused_by_mistake_is_taken_by_dev(front: Front) -> None:
    front.fill("enquiry_form", **PRIYA, website_="filled in by the browser")
    dev = front.browser("dev")
    page = dev.get("/admin/received")
    assert "The field that people do not see" in page.text
    (row,) = front.arrivals()
    done = dev.post(f"/admin/received/{row.id}", data=form_on(page, f"/admin/received/{row.id}"))
    assert done.status_code == 303
    (enquiry,) = front.records("enquiry")
    assert enquiry.values["first_name"] == "Priya"
    assert front.arrivals()[0].record == enquiry.id


@pytest.mark.parametrize("wait", [0.5, 25 * 3600])
def test_what_comes_too_quickly_or_too_late_is_asked_for_once_more(front: Front, wait: float) -> None:
    vera = front.stranger()
    again = front.fill("enquiry_form", client=vera, wait=wait, **PRIYA)
    assert again.status_code == 422
    assert form_on(again, "/forms/enquiry_form")["first_name"] == "Priya"
    front.clock.pass_time(seconds=3)
    assert front.send(again, "enquiry_form", vera, _consent="yes").status_code == 303
    assert len(front.records("enquiry")) == 1


def test_a_page_that_nobody_gave_out_is_not_believed(front: Front) -> None:
    assert front.fill("enquiry_form", **PRIYA, _page="a.1.b").status_code == 422
    assert front.records("enquiry") == []


def test_only_the_sites_that_the_set_names_may_frame_a_form(front: Front) -> None:
    vera = front.stranger()
    form = vera.get("/forms/enquiry_form")
    assert "frame-ancestors 'self' https://www.rsoft.in https://rsoft.in;" in form.headers["content-security-policy"]
    assert "x-frame-options" not in form.headers
    for other in ("/login", "/forms/nowhere", "/healthz"):
        answer = vera.get(other)
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "DENY"


def test_one_address_may_not_flood_the_desk(front: Front) -> None:
    vera = front.stranger("198.51.100.7")
    page = vera.get("/forms/website")
    front.clock.pass_time(seconds=30)
    codes = [front.send(page, "website", vera, **PRIYA).status_code for _ in range(31)]
    assert (codes[0], codes[-1]) == (303, 429)
    assert front.fill("website", client=front.stranger("198.51.100.8"), **PRIYA).status_code == 303


def test_history_says_by_which_way_it_came(front: Front) -> None:
    front.fill("enquiry_form", **PRIYA)
    (row,) = front.desk.rows("select actor, rule from crm_history where action = 'created' and entity = 'enquiry'")
    assert tuple(row) == (None, "Form: Ask for a demo")
