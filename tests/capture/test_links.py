"""A client answers by the link in a message: to open it changes nothing, each move is made once, its guards are asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from engine.records import offers
from engine.records.commands import Create, Move, Outcome
from engine.records.keys import milliseconds
from tests.capture.front import Front

DAY = 24 * 3_600_000


def demo(front: Front) -> Outcome:
    """A demo tomorrow, of a lead of Asha's."""
    lead = front.crm.writes.do(
        front.desk.dev, Create("lead", {"first_name": "Priya", "phone": "98765 43210"}, "DEMO CONFIRMED")
    )
    values = {"subject": "A demo for the school", "lead": str(lead.id), "starts_at": "2026-11-22T15:00", "kind": "Demo"}
    return front.crm.writes.do(front.desk.dev, Create("appointment", values))


def link(front: Front, made: Outcome, moves: tuple[str, ...] = ("confirm", "reschedule"), days: float = 7) -> str:
    now = milliseconds(front.clock.now)
    with front.desk.runtime.database.writing() as connection:
        key = offers.mint(connection, "appointment", made.id, moves, "demo_confirmed", now, now + int(days * DAY))
    return f"{offers.ADDRESS}{key}"


def stage(front: Front, made: Outcome) -> Any:
    record = front.crm.reads.record(front.desk.dev, "appointment", made.id)
    return record.values["status"]


def test_a_client_confirms_the_demo(either_front: Front) -> None:
    made = demo(either_front)
    at, client = link(either_front, made), either_front.stranger()
    page = client.get(at)
    assert ">Confirm<" in page.text
    answer = client.post(at, data={"move": "confirm"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{at}?done=1")
    assert stage(either_front, made) == "DEMO CONFIRMED"
    (row,) = either_front.desk.rows("select actor, rule from crm_history where action = 'moved' and entity = 'appointment'")
    assert tuple(row) == (None, "The client, by link")
    assert "thank you" in client.get(f"{at}?done=1").text


def test_programs_that_look_through_mails_confirm_nothing(front: Front) -> None:
    made = demo(front)
    at = link(front, made)
    for path in (at, f"{at}?move=confirm", f"{at}?done=1"):
        front.stranger().get(path)
        front.stranger().head(path)
    assert stage(front, made) == "PLANNED"
    assert front.desk.rows("select used_for from crm_offer") == [(None,)]


def test_a_double_click_moves_once(front: Front) -> None:
    made = demo(front)
    at, client = link(front, made), front.stranger()
    codes = [client.post(at, data={"move": "confirm"}).status_code for _ in range(2)]
    assert codes == [303, 303]
    assert len(front.desk.rows("select 1 from crm_history where transition = 'confirm'")) == 1


def test_a_client_moves_the_demo_to_another_day(front: Front) -> None:
    made = demo(front)
    at, client = link(front, made), front.stranger()
    empty = client.post(at, data={"move": "reschedule", "starts_at": "someday"})
    assert empty.status_code == 422
    assert "someday" in empty.text
    assert client.post(at, data={"move": "reschedule", "starts_at": "2026-11-25T11:30"}).status_code == 303
    moved = front.crm.reads.record(front.desk.dev, "appointment", made.id).values
    assert moved["starts_at"].astimezone(front.crm.reads.formats(front.desk.dev).zoneinfo).hour == 11
    again = client.post(at, data={"move": "reschedule", "starts_at": "2026-11-26T11:30"})
    assert again.status_code == 303
    assert front.crm.reads.record(front.desk.dev, "appointment", made.id).values["starts_at"] == moved["starts_at"]


def test_the_page_tells_no_more_than_the_message(front: Front) -> None:
    made = demo(front)
    text = front.stranger().get(link(front, made)).text
    assert "Starts at" in text
    for hidden in ("Priya", "A demo for the school", "APT-", "98765"):
        assert hidden not in text


def test_only_what_was_offered_can_be_done(front: Front) -> None:
    made = demo(front)
    at = link(front, made, ("confirm",))
    front.stranger().post(at, data={"move": "cancel"})
    front.stranger().post(at, data={"move": "confirm", "subject": "Changed"})
    record = front.crm.reads.record(front.desk.dev, "appointment", made.id)
    assert (record.values["status"], record.values["subject"]) == ("DEMO CONFIRMED", "A demo for the school")


def test_what_was_settled_in_the_meantime_is_said_kindly(front: Front) -> None:
    made = demo(front)
    at, client = link(front, made, ("confirm",)), front.stranger()
    front.crm.writes.do(front.desk.dev, Move("appointment", made.id, 1, "cancel"))
    assert "settled in the meantime" in client.get(at).text
    assert client.post(at, data={"move": "confirm"}).status_code == 200
    assert stage(front, made) == "CANCELLED"


def test_a_link_ends(front: Front) -> None:
    made = demo(front)
    at = link(front, made, days=1)
    front.clock.now += timedelta(days=1, seconds=1)
    assert front.stranger().get(at).status_code == 410
    assert front.stranger().post(at, data={"move": "confirm"}).status_code == 410
    assert stage(front, made) == "PLANNED"


def test_a_key_that_nobody_gave_out_opens_nothing_and_may_not_be_guessed_for_long(front: Front) -> None:
    client = front.stranger("198.51.100.9")
    codes = [client.get(f"/go/{n:032}").status_code for n in range(121)]
    assert (codes[0], codes[-1]) == (404, 429)


def test_the_table_knows_no_key(front: Front) -> None:
    at = link(front, demo(front))
    assert at.removeprefix(offers.ADDRESS) not in repr(front.desk.rows("select * from crm_offer"))
