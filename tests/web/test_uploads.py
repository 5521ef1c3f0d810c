"""A recording goes up with the form and comes down from its own address; a program sends it first and names it then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from engine.web.app import make_app
from engine.web.security import form_token
from tests.desk import Desk, open_desk

PDF = b"%PDF-1.7 an offer"


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    opened = open_desk(sqlite_url, files=tmp_path / "files")
    yield opened
    opened.close()


@pytest.fixture
def browsers(desk: Desk) -> Iterator[dict[str, TestClient]]:
    app, made = make_app(desk.runtime), {}
    for name in ("asha", "ravi", "meera"):
        desk.crm.accounts.set_password(desk.people[name].user, "four unrelated words")
        key = desk.crm.accounts.sign_in(f"{name}@firm.example", "four unrelated words").key
        headers = {"x-csrf-token": form_token(key), "sec-fetch-site": "same-origin"}
        made[name] = TestClient(app, "http://crm.example", follow_redirects=False, headers=headers)
        made[name].cookies.set("crm", key)
    yield made
    app.state.serving.close()


def test_asha_sends_a_recording_with_the_form_and_ravi_cannot_open_it(desk: Desk, browsers: dict[str, TestClient]) -> None:
    asha = browsers["asha"]
    assert 'enctype="multipart/form-data"' in asha.get("/call/new").text
    values = {"subject": "First call", "outcome": "RNR", "direction": "Outgoing", "recording": ""}
    answer = asha.post("/call/new", data=values, files={"recording__upload": ("a.mp3", b"ID3 tune", "text/html")})
    assert answer.status_code == 303, answer.text
    (key,) = desk.rows("select key from crm_file where record is not null")[0]
    got = asha.get(f"/files/{key}")
    assert (got.status_code, got.content, got.headers["content-type"]) == (200, b"ID3 tune", "audio/mpeg")
    assert got.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in got.headers["content-security-policy"]
    assert got.headers["x-content-type-options"] == "nosniff"
    assert browsers["meera"].get(f"/files/{key}").status_code == 200
    assert browsers["ravi"].get(f"/files/{key}").status_code == 404
    assert TestClient(asha.app, "http://crm.example", follow_redirects=False).get(f"/files/{key}").status_code == 303


def test_a_call_that_is_edited_keeps_its_recording(desk: Desk, browsers: dict[str, TestClient]) -> None:
    asha = browsers["asha"]
    values = {"subject": "First call", "outcome": "RNR", "direction": "Outgoing"}
    asha.post("/call/new", data=values, files={"recording__upload": ("a.pdf", PDF, "application/pdf")})
    call, file = desk.rows("select id, recording from call")[0]
    form = {**values, "subject": "Second", "recording": str(file), "_version": "1"}
    answer = asha.post(f"/call/{call}/edit", data=form, files={"recording__upload": ("", b"", "application/octet-stream")})
    assert answer.status_code == 303, answer.text
    assert desk.rows("select subject, recording from call") == [("Second", file)]
    assert f'value="{file}"' in asha.get(f"/call/{call}/edit").text


def test_an_empty_file_comes_back_with_a_sentence_at_its_field(desk: Desk, browsers: dict[str, TestClient]) -> None:
    values = {"subject": "First call", "outcome": "RNR", "direction": "Outgoing"}
    answer = browsers["asha"].post("/call/new", data=values, files={"recording__upload": ("a.pdf", b"", "x/y")})
    assert answer.status_code == 422 and "The file is empty." in answer.text
    assert desk.rows("select count(*) from call") == [(0,)]


def test_a_program_sends_a_file_and_then_names_it(desk: Desk, browsers: dict[str, TestClient]) -> None:
    _, token = desk.crm.tokens.make(desk.asha, "test")
    program = TestClient(browsers["asha"].app, "http://crm.example", headers={"authorization": f"Bearer {token}"})
    sent = program.post("/api/v1/files", files={"file": ("offer.pdf", PDF, "application/pdf")})
    assert sent.status_code == 201 and sent.json()["type"] == "application/pdf"
    call = {"subject": "First call", "outcome": "RNR", "recording": {"id": sent.json()["id"]}}
    made = program.post("/api/v1/call", json=call)
    assert made.status_code == 201, made.text
    assert made.json()["recording"]["url"] == sent.json()["url"]
    _, reader = desk.crm.tokens.make(desk.asha, "reads", only=[("call", "read")])
    reading = TestClient(browsers["asha"].app, "http://crm.example", headers={"authorization": f"Bearer {reader}"})
    assert reading.post("/api/v1/files", files={"file": ("a.pdf", PDF, "x/y")}).status_code == 403
    assert program.post("/api/v1/files", json={}).status_code == 400
