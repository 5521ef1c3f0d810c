"""What came in, as those see it who work with the record; files that strangers send; devices."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.blueprint.values import FileRef
from engine.jobs.round import Round
from engine.records import capturing
from engine.records.mailing import Post, take_mail
from engine.rules.mails import read_mail
from tests.capture.front import Front, open_front
from tests.real.databases import Databases

PRIYA = {"first_name": "Priya", "phone": "98765 43210", "_consent": "yes"}
MANIFEST = "name: kit\ntitle: Kit\nextends: {base}\nzone: Asia/Kolkata\ncurrency: INR\ncountry: IN\n"
FORM = """label: Work with us
from: form
entity: contact
fields: [first_name, phone, email, picture, cv]
"""
ENTITIES = """entities:
  contact:
    fields:
      cv: {type: file, most_megabytes: 1}
      email: {unique: true}
    duplicates:
      same_person: {match: [phone], block: true}
"""
NOTICES = """notifications:
  wrote_again:
    entity: ticket
    on: received
    to: [role: administrator]
    text: "{{ title }}: a mail came in."
"""
MAILBOX = """label: Support
from: mailbox
entity: ticket
url_from: MAILBOX
columns: {subject: {from: subject}, description: {from: text}}
"""
ROOM = """label: Cold room
from: webhook
entity: ticket
signed: {by: bearer, secret_from: DEVICES}
each: readings.*
only: {state: [alarm]}
id: id
columns:
  subject: {from: [above.device.name, state], join: ": "}
  description: {from: [celsius, at], join: " at "}
  due_at: {from: at}
  priority: {value: Urgent}
"""


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of a firm that takes applications and listens to its cold room."""
    folder = tmp_path_factory.mktemp("kit")
    (folder / "capture").mkdir()
    (folder / "crm.yaml").write_text(MANIFEST.format(base="base"))
    (folder / "entities.yaml").write_text(ENTITIES)
    (folder / "capture" / "apply.yaml").write_text(FORM)
    (folder / "capture" / "room.yaml").write_text(ROOM)
    (folder / "capture" / "mails.yaml").write_text(MAILBOX)
    (folder / "notifications.yaml").write_text(NOTICES)
    return folder


def test_what_was_said_stands_with_the_record(front: Front) -> None:
    front.fill("enquiry_form", **PRIYA, message="Do you have a demo?")
    (enquiry,) = front.records("enquiry")
    page = front.browser("dev").get(f"/enquiry/{enquiry.id}").text
    for words in ("Do you have a demo?", "I agree that RSoft keeps", "Form: Ask for a demo"):
        assert words in page


def test_who_administers_sees_the_ways_in_and_others_do_not(front: Front) -> None:
    page = front.browser("dev").get("/admin/received").text
    for words in ("https://crm.example/forms/enquiry_form", "&lt;iframe src=", "RSOFT_SUPPORT_MAILBOX must be set"):
        assert words in page
    assert front.browser("asha").get("/admin/received").status_code == 404


def test_a_file_that_is_sent_along_is_kept_with_the_record(sqlite_databases: Databases, kit: Path) -> None:
    front = open_front(sqlite_databases, kit)
    vera = front.stranger()
    page = vera.get("/forms/apply")
    front.clock.pass_time(seconds=30)
    files = {"cv__upload": ("cv.pdf", b"%PDF-1.4 hello", "application/pdf")}
    typed = {"_page": page.text.split('name="_page" value="')[1].split('"')[0], "first_name": "Vera", "_came": "{}"}
    assert vera.post("/forms/apply", data=typed, files=files).status_code == 303
    cv = front.records("contact")[0].values["cv"]
    assert isinstance(cv, FileRef)
    assert cv.name == "cv.pdf"
    assert vera.get(f"/files/{cv.key}").status_code == 303
    front.close()


def test_a_stranger_cannot_name_a_file_that_another_sent(sqlite_databases: Databases, kit: Path) -> None:
    front = open_front(sqlite_databases, kit)
    held = front.crm.files.keep(front.desk.engine, io.BytesIO(b"secret"), "secret.txt", front.clock.now)
    front.fill("apply", first_name="Vera", cv=str(held.id))
    assert front.records("contact")[0].values["cv"] is None
    front.close()


def test_what_was_uploaded_for_nothing_is_taken_away(sqlite_databases: Databases, kit: Path) -> None:
    front = open_front(sqlite_databases, kit)
    vera = front.stranger()
    page = vera.get("/forms/apply")
    front.clock.pass_time(seconds=30)
    typed = {"_page": page.text.split('name="_page" value="')[1].split('"')[0], "first_name": "", "_came": "{}"}
    files = {"cv__upload": ("cv.pdf", b"%PDF-1.4 hello", "application/pdf")}
    assert vera.post("/forms/apply", data=typed, files=files).status_code == 422
    large = {"cv__upload": ("cv.pdf", b"x" * 1_500_000, "application/pdf")}
    again = vera.post("/forms/apply", data={**typed, "first_name": "Vera"}, files=large)
    assert "larger than 1 MB" in again.text
    assert front.desk.rows("select count(*) from crm_file") == [(0,)]
    front.close()


def test_a_device_that_is_too_warm_makes_a_ticket(sqlite_databases: Databases, kit: Path) -> None:
    front = open_front(sqlite_databases, kit, DEVICES="the device's secret")
    sent = {"device": {"name": "Cold room 2"}, "readings": [
        {"id": "r1", "state": "ok", "celsius": 3.5, "at": 1795201800},
        {"id": "r2", "state": "alarm", "celsius": 9.25, "at": 1795201860},
    ]}  # fmt: skip
    vera = front.stranger(authorization="Bearer the device's secret")
    assert [vera.post("/hooks/room", json=sent).status_code for _ in range(2)] == [200, 200]
    (ticket,) = front.records("ticket")
    values = ticket.values
    assert (values["subject"], values["priority"]) == ("Cold room 2: alarm", "Urgent")
    assert values["description"] == "9.25 at 1795201860"
    assert int(values["due_at"].timestamp()) == 1795201860
    front.close()


@pytest.mark.parametrize("again", [{"phone": "98765 43210"}, {"email": "priya@example.com"}])
def test_a_stranger_does_not_learn_who_is_known(sqlite_databases: Databases, kit: Path, again: dict[str, str]) -> None:
    front = open_front(sqlite_databases, kit)
    front.fill("apply", first_name="Priya", phone="98765 43210", email="priya@example.com")
    sent = front.fill("apply", first_name="Eve", **again)
    assert (sent.status_code, sent.headers["location"]) == (303, "/forms/apply?sent=1")
    assert [c.values["first_name"] for c in front.records("contact")] == ["Priya"]
    (row,) = front.arrivals("refused")
    assert "already" in str(row.reason)
    told = front.fill("apply", first_name="", **again)
    assert told.status_code == 422
    assert "already" not in told.text
    front.close()


def test_whoever_listens_hears_that_a_mail_came_in(sqlite_databases: Databases, kit: Path) -> None:
    front = open_front(sqlite_databases, kit)
    post = Post(front.crm.writes, front.crm.files, front.crm.blueprint.captures["mails"])
    first = b"From: priya@example.com\r\nSubject: Hello\r\nMessage-ID: <1@x>\r\n\r\nHi\r\n"
    take_mail(post, read_mail(first), "1")
    again = b"From: priya@example.com\r\nSubject: Re\r\nMessage-ID: <2@x>\r\nIn-Reply-To: <1@x>\r\n\r\nMore\r\n"
    take_mail(post, read_mail(again), "2")
    Round(front.crm).until_quiet(front.clock.now)
    texts = [text for (text,) in front.desk.rows("select text from crm_notice where notification = 'wrote_again'")]
    assert len(texts) == 1
    assert texts[0].endswith("Hello: a mail came in.")
    front.close()


def test_a_message_that_comes_eight_times_at_once_is_one_record(databases: Databases, kit: Path) -> None:
    front = open_front(databases, kit, DEVICES="x")
    capture = front.crm.blueprint.captures["room"]
    sent = {"device": {"name": "Cold room"}, "readings": [{"id": "r1", "state": "alarm", "celsius": 9, "at": 1795201860}]}
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: capturing.take_sent(front.crm.writes, capture, sent, "x")[0].state, range(8)))
    assert sorted(found) == ["replayed"] * 7 + ["taken"]
    assert len(front.records("ticket")) == 1
    front.close()
