"""What came in, as those see it who work with the record; files that strangers send; devices."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from engine.blueprint.values import FileRef
from tests.capture.front import Front, open_front
from tests.real.databases import Databases

PRIYA = {"first_name": "Priya", "phone": "98765 43210", "_consent": "yes"}
MANIFEST = "name: kit\ntitle: Kit\nextends: {base}\nzone: Asia/Kolkata\ncurrency: INR\ncountry: IN\n"
FORM = """label: Work with us
from: form
entity: contact
fields: [first_name, phone, picture, cv]
"""
ENTITIES = """entities:
  contact:
    fields:
      cv: {type: file, most_megabytes: 1}
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
    return folder


def test_what_was_said_stands_with_the_record(front: Front) -> None:
    front.fill("enquiry_form", **PRIYA, message="Do you have a demo?")
    (enquiry,) = front.records("enquiry")
    page = front.browser("dev").get(f"/enquiry/{enquiry.id}?tab=history").text
    for words in ("What came in", "Do you have a demo?", "I agree that RSoft keeps", "Form: Ask for a demo"):
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
