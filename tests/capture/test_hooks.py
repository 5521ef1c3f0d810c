"""Other programs send: what is believed, what becomes of it, and that nothing is taken twice."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from engine.records import capturing, received
from engine.records.commands import Move
from tests.capture.front import SAMPLES, Front, body_of


def test_facebooks_lead_form_becomes_an_enquiry(either_front: Front) -> None:
    answer = either_front.hook("facebook_form", "facebook_form.json")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    (enquiry,) = either_front.records("enquiry")
    values = enquiry.values
    assert (values["first_name"], values["phone"]) == ("Priya Deshmukh", "+919876543210")
    assert values["email"] == "priya@example.com"
    assert (values["message"], values["source"], values["medium"]) == ("A CRM for a school", "Facebook form", "Online")


def test_the_same_lead_is_taken_once_however_often_it_comes(either_front: Front) -> None:
    again = json.loads(body_of("facebook_form.json"))
    again["entry"][0]["time"] += 60
    codes = [either_front.hook("facebook_form", sample).status_code for sample in ("facebook_form.json", again, again)]
    assert codes == [200, 200, 200]
    assert len(either_front.records("enquiry")) == 1
    assert len(either_front.arrivals()) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"x-hub-signature-256": "sha256=" + "0" * 64},
        {"x-hub-signature-256": "0" * 64},
        {"x-hub-signature-256": ""},
        {"x-hub-signature-256": "sha256=é"},
    ],
)
def test_what_is_not_signed_is_not_read(front: Front, headers: dict[str, str]) -> None:
    sent = {name: value.encode() for name, value in headers.items()}
    body = body_of("facebook_form.json")
    answer = front.stranger().post("/hooks/facebook_form", content=body, headers=sent)
    assert (answer.status_code, answer.text) == (401, "not signed\n")
    assert front.records("enquiry") == []
    assert [row.state for row in front.arrivals()] == ["refused"]


def test_a_signature_is_of_this_very_body(front: Front) -> None:
    body = body_of("facebook_form.json")
    sign = "sha256=" + hmac.new(b"the secret", body, hashlib.sha256).hexdigest()
    answer = front.hook("facebook_form", body.replace(b"Priya", b"Prija"), **{"x-hub-signature-256": sign})
    assert answer.status_code == 401


def test_a_flood_of_forgeries_fills_no_table(front: Front) -> None:
    codes = {front.hook("facebook_form", {"n": n}, secret="guessed").status_code for n in range(70)}
    assert codes == {401, 429}
    assert len(front.arrivals()) == 1


def test_a_hook_whose_secret_is_not_set_believes_nobody(front: Front) -> None:
    front.crm.settings.environment.pop("RSOFT_FACEBOOK_SECRET")
    assert front.hook("facebook_form", "facebook_form.json", secret="").status_code == 401
    assert "RSOFT_FACEBOOK_SECRET is not set." in str(front.arrivals()[0].reason)


def test_facebooks_question_is_answered_to_facebook_alone(front: Front) -> None:
    asked = "/hooks/facebook_form?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
    vera = front.stranger()
    assert vera.get(f"{asked}who asks").text == "1158201444"
    assert vera.get(f"{asked}guessed").status_code == 401
    odd = vera.get("/hooks/facebook_form?hub.verify_token=who asks&hub.challenge=<script>")
    assert (odd.status_code, odd.text) == (400, "not understood\n")


def test_who_writes_by_whatsapp_again_adds_to_the_enquiry_while_it_is_new(either_front: Front) -> None:
    either_front.hook("whatsapp", "whatsapp.json")
    again = json.loads(body_of("whatsapp.json"))
    message = again["entry"][0]["changes"][0]["value"]["messages"][0]
    message.update(id="wamid.2", text={"body": "Or on Monday?"})
    either_front.hook("whatsapp", again)
    (enquiry,) = either_front.records("enquiry")
    values = enquiry.values
    assert (values["first_name"], values["phone"]) == ("Karthik Rao", "+919812345678")
    assert (values["message"], enquiry.version) == ("Or on Monday?", 2)
    assert [row.state for row in either_front.arrivals()] == ["threaded", "taken"]
    texts = [row.text or "" for row in either_front.arrivals()]
    assert ["Or on Monday?" in texts[0], "Do you have a demo on Saturday?" in texts[1]] == [True, True]


def test_who_writes_after_the_enquiry_was_confirmed_makes_a_new_one(front: Front) -> None:
    front.hook("whatsapp", "whatsapp.json")
    (first,) = front.records("enquiry")
    front.crm.writes.do(front.desk.dev, Move("enquiry", first.id, first.version, "confirm"))
    again = json.loads(body_of("whatsapp.json"))
    again["entry"][0]["changes"][0]["value"]["messages"][0].update(id="wamid.3")
    front.hook("whatsapp", again)
    assert len(front.records("enquiry")) == 2


def test_what_is_no_message_is_passed_over(front: Front) -> None:
    assert front.hook("whatsapp", "whatsapp_status.json").status_code == 200
    assert front.arrivals() == []


def test_several_leads_of_one_message_are_several_enquiries(front: Front) -> None:
    many = json.loads(body_of("facebook_form.json"))
    changes = many["entry"][0]["changes"]
    other = json.loads(json.dumps(changes[0]))
    other["value"].update(leadgen_id="5", field_data=[{"name": "full_name", "values": ["Om"]}])
    changes.append(other)
    front.hook("facebook_form", many)
    assert {e.values["first_name"] for e in front.records("enquiry")} == {"Priya Deshmukh", "Om"}


# ---- the exchange and the chatbot


def test_a_call_to_the_exchange_becomes_an_enquiry(front: Front) -> None:
    query = (SAMPLES / "ivr.txt").read_text().strip()
    vera = front.stranger()
    assert vera.get(f"/hooks/ivr?{query}").status_code == 401
    assert vera.get(f"/hooks/ivr?{query}&token=the token").status_code == 200
    assert vera.get(f"/hooks/ivr?{query}&token=the token").status_code == 200
    (enquiry,) = front.records("enquiry")
    values = enquiry.values
    assert (values["phone"], values["source"]) == ("+919812300099", "IVR")
    assert values["message"] == "voicemail · 2 · https://recordings.example/6a1c.mp3"
    assert not any("the token" in str(row) for row in front.arrivals())


def chat(front: Front, sample: Any = "chatbot.json", *, away: int = 0) -> Any:
    body = body_of(sample)
    moment = str(int(front.clock.now.timestamp()) + away)
    digest = hmac.digest(b"the secret", f"{moment}.".encode() + body, "sha256")
    headers = {"x-chat-timestamp": moment, "x-chat-signature": base64.b64encode(digest).decode()}
    return front.stranger().post("/hooks/chatbot", content=body, headers={"content-type": "application/json", **headers})


def test_what_the_chatbot_found_out_becomes_an_enquiry_about_the_product(front: Front) -> None:
    product = front.desk.create(front.desk.dev, "product", name="Education CRM")
    assert chat(front).status_code == 200
    (enquiry,) = front.records("enquiry")
    assert (enquiry.values["first_name"], enquiry.values["product"].id) == ("Meena Iyer", product.id)
    assert enquiry.values["message"] == "Do you have something for schools? / Yes. May we call you?"


@pytest.mark.parametrize("away", [-301, 301])
def test_what_was_recorded_earlier_is_not_believed_later(front: Front, away: int) -> None:
    assert chat(front, away=away).status_code == 401
    assert "too far away" in str(front.arrivals()[0].reason)


def test_a_product_that_is_not_known_does_not_cost_the_enquiry(front: Front) -> None:
    assert chat(front).status_code == 200
    assert front.records("enquiry")[0].values["product"] is None
    assert front.arrivals()[0].reason == 'Interested in: There is no product "Education CRM".'


# ---- what cannot be kept


def lead(**fields: str) -> dict[str, Any]:
    return {"entry": [{"changes": [{"value": {"leadgen_id": "7", **fields}}]}]}


def test_a_number_that_cannot_be_read_does_not_cost_the_enquiry(front: Front) -> None:
    assert front.hook("facebook_form", lead(full_name="Om", phone_number="call me")).status_code == 200
    (enquiry,) = front.records("enquiry")
    assert (enquiry.values["first_name"], enquiry.values["phone"]) == ("Om", None)
    assert "Mobile:" in str(front.arrivals()[0].reason)


def test_what_cannot_become_an_enquiry_is_kept_and_taken_once_it_can(front: Front) -> None:
    answer = front.hook("facebook_form", lead(question="Anybody there?"))
    assert (answer.status_code, answer.text) == (202, "kept\n")
    (row,) = front.arrivals()
    assert (row.state, row.reason) == ("refused", "First name: First name is empty.")
    with front.desk.runtime.database.reading() as connection:
        found = received.one(connection, row.id)
    assert found is not None
    assert capturing.take_again(front.crm.writes, *found).state == "refused"
    assert len(front.arrivals()) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b'{"a":' * 5000, b"[" * 100_000, b"\xff\xfe", b'{"entry": 5}', b'{"entry": {"x": 1}}', b"null", b"7"],
)
def test_odd_bodies_are_answered_shortly_and_leave_nothing(front: Front, body: bytes) -> None:
    answer = front.hook("facebook_form", body)
    assert answer.status_code in (200, 400)
    assert len(answer.text) < 20
    assert front.records("enquiry") == []


def test_bombs_are_refused(front: Front) -> None:
    wide = {"entry": [{"changes": [{"value": {"leadgen_id": str(n)}} for n in range(201)]}]}
    assert front.hook("facebook_form", wide).status_code == 400
    assert front.hook("facebook_form", {"x": list(range(30_000))}).status_code == 400
    assert front.hook("facebook_form", b'{"x": "' + b"a" * 600_000 + b'"}').status_code == 413
    assert front.arrivals() == []


def test_a_hook_that_is_not_there_answers_as_any(front: Front) -> None:
    vera = front.stranger()
    for path in ("/hooks/nothing", "/hooks/enquiry_form", "/hooks/chatbot"):
        assert (vera.get(path).status_code, vera.get(path).text) == (404, "nothing here\n")


def test_values_hold_no_more_than_text(front: Front) -> None:
    front.hook("facebook_form", lead(full_name="<script>x</script>\0", email="{{ 7 * 7 }}@x.example", question="=cmd()"))
    values = front.records("enquiry")[0].values
    assert (values["first_name"], values["message"]) == ("<script>x</script>", "=cmd()")
    dev = front.browser("dev")
    assert "<script>x" not in dev.get("/admin/received").text
