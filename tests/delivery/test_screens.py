"""What people see of messages: the record's list of them, and how each wants to be told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from engine.records.wishes import wishes_of
from engine.web.app import make_app
from tests.delivery.conftest import Post

PASSWORD = "show me around 1"


@pytest.fixture
def as_asha(small_post: Post) -> Iterator[TestClient]:
    small_post.crm.accounts.set_password(small_post.asha.user, PASSWORD)
    with TestClient(make_app(small_post.runtime), base_url="http://crm.example", follow_redirects=True) as client:
        client.post("/login", data={"email": "asha@firm.example", "password": PASSWORD, **tokens(client, "/login")})
        yield client


def tokens(client: TestClient, page: str) -> dict[str, str]:
    import re

    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', client.get(page).text)
    return dict(found)


def test_a_record_tells_to_whom_it_went_and_why_not(small_post: Post, as_asha: TestClient) -> None:
    post = small_post
    post.mail.refuses["kiran@client.example"] = "550 No such user"
    made = post.lead("asha", email="kiran@client.example")
    post.settle()
    page = as_asha.get(f"/lead/{made.id}?tab=told").text
    assert "The client" in page and "kiran@client.example" in page
    assert "The mail server answered 550 No such user." in page
    assert "Meera" in page
    assert "90,000" not in page


def test_who_may_not_read_the_record_sees_none_of_its_messages(small_post: Post, as_asha: TestClient) -> None:
    made = small_post.lead("ravi")
    small_post.settle()
    assert as_asha.get(f"/lead/{made.id}?tab=told").status_code == 404


def test_asha_chooses_how_she_is_told(small_post: Post, as_asha: TestClient) -> None:
    page = as_asha.get("/me").text
    assert 'name="by-email"' in page and 'name="hear-new_lead"' in page and 'name="hear-welcome"' not in page
    chosen = {"hear-new_lead": "yes", "quiet-from": "21:00", "quiet-to": "07:30", "digest": "18:00"}
    assert "Saved." in as_asha.post("/me/wishes", data={**tokens(as_asha, "/me"), **chosen}).text
    with small_post.runtime.database.reading() as connection:
        wishes = wishes_of(connection, small_post.asha.user)
    assert "email" in wishes.off and "handed_over" in wishes.muted and "new_lead" not in wishes.muted
    assert [at.strftime("%H:%M") for at in wishes.quiet or ()] == ["21:00", "07:30"]
    assert 'value="21:00"' in as_asha.get("/me").text


def test_half_of_the_quiet_hours_is_not_enough(as_asha: TestClient) -> None:
    answer = as_asha.post("/me/wishes", data={**tokens(as_asha, "/me"), "quiet-from": "21:00"})
    assert answer.status_code == 422
    assert "Fill in both, or none." in answer.text
    assert 'value="21:00"' in answer.text
