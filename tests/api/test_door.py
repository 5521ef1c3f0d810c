"""Who is let in to the API, by token or by cookie, and who is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.firm import PASSWORD, Firm, email, open_firm
from tests.real.databases import SQLiteDatabases


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer crm_x",
        "Basic ZGV2OmRldg==",
        "crm_x",
        "Bearer " + "x" * 5000,
    ],
)
def test_without_a_good_token_nothing_is_told(quick_firm: Firm, header: str) -> None:
    answer = quick_firm.stranger(authorization=header).get("/api/v1/deal")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json()["type"] == "/problems/not-signed-in"


def test_a_bad_token_is_not_saved_by_a_good_cookie(quick_firm: Firm) -> None:
    answer = quick_firm.browser("asha").get("/api/v1/me", headers={"authorization": "Bearer crm_x"})
    assert answer.status_code == 401


def test_a_token_does_no_more_than_it_was_made_for(quick_firm: Firm) -> None:
    deal = quick_firm.deal("meera")
    reader = quick_firm.program("meera", only=[("deal", "read")])
    at = f"/api/v1/deal/{deal.id}"
    assert reader.get(at).status_code == 200
    assert reader.get("/api/v1/account").status_code == 404
    assert [e["name"] for e in reader.get("/api/v1/me").json()["entities"]] == ["deal"]
    for answer in (
        reader.patch(at, json={"version": 1, "name": "X"}),
        reader.delete(at, headers={"if-match": '"1"'}),
        reader.post("/api/v1/deal", json={"name": "X"}),
        reader.post(f"{at}/transitions", json={"transition": "hold", "version": 1}),
        reader.post("/api/v1/deal/bulk", json={"commands": [{"do": "create", "values": {}}]}),
    ):
        assert answer.status_code == 403, answer.text


def test_a_token_ends_with_its_person(quick_firm: Firm) -> None:
    asha = quick_firm.program("asha")
    assert asha.get("/api/v1/me").status_code == 200
    record = quick_firm.office.reads.record(quick_firm.actor("dev"), "user", quick_firm.actor("asha").user)
    quick_firm.office.update(quick_firm.actor("dev"), "user", record.id, record.version, active=False)
    assert asha.get("/api/v1/me").status_code == 401


def test_a_revoked_token_is_no_more(quick_firm: Firm) -> None:
    tokens, asha = quick_firm.runtime.current.tokens, quick_firm.actor("asha")
    client = quick_firm.program("asha")
    tokens.revoke(asha, tokens.of(asha)[0].id)
    assert client.get("/api/v1/me").status_code == 401


def test_a_signed_in_browser_reads_and_with_the_form_token_writes(quick_firm: Firm) -> None:
    asha = quick_firm.browser("asha")
    assert asha.get("/api/v1/me").json()["name"] == "Asha"
    assert asha.post("/api/v1/deal", json={"name": "Chairs"}).status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-csrf-token": "x"},
        {"x-csrf-token": "x" * 5000},
        {"x-csrf-token": "A" * 43},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://crm.example.evil.example"},
        {"origin": "http://crm.example:81"},
    ],
)
def test_a_write_that_our_page_did_not_send_is_refused(quick_firm: Firm, headers: dict[str, str]) -> None:
    asha = quick_firm.browser("asha", proves=False)
    if "x-csrf-token" not in headers and headers:  # a good token does not make up for another site
        headers = {**headers, "x-csrf-token": quick_firm.browser("asha").headers["x-csrf-token"]}
    answer = asha.post("/api/v1/deal", json={"name": "Chairs"}, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/refused")
    assert quick_firm.program("asha").get("/api/v1/deal?count=true").json()["count"] == 0


def test_another_sessions_form_token_is_not_taken(quick_firm: Firm) -> None:
    asha = quick_firm.browser("asha", proves=False)
    others = quick_firm.browser("asha").headers["x-csrf-token"]
    assert asha.post("/api/v1/deal", json={"name": "X"}, headers={"x-csrf-token": others}).status_code == 403


def test_a_program_needs_no_form_token(quick_firm: Firm) -> None:
    headers = {"origin": "http://evil.example", "sec-fetch-site": "cross-site"}
    assert (
        quick_firm.program("asha").post("/api/v1/deal", json={"name": "X"}, headers=headers).status_code
        == 201
    )


def test_an_idle_session_ends(quick_firm: Firm) -> None:
    asha = quick_firm.browser("asha")
    quick_firm.office.clock.pass_time(hours=11)
    assert asha.get("/api/v1/me").status_code == 200
    quick_firm.office.clock.pass_time(hours=13)
    assert asha.get("/api/v1/me").status_code == 401


def test_who_must_choose_a_new_password_does_that_first(quick_firm: Firm) -> None:
    accounts = quick_firm.runtime.current.accounts
    accounts.set_password(quick_firm.actor("asha").user, PASSWORD, must_change=True)
    asha = quick_firm.browser("asha")
    assert asha.get("/api/v1/deal").status_code == 403
    assert asha.get("/deal").headers["location"] == "/me/password"


def test_a_token_has_a_budget_for_each_minute(sqlite_databases: SQLiteDatabases) -> None:
    firm = open_firm(sqlite_databases, api_budget=3)
    try:
        asha, ravi = firm.program("asha"), firm.program("ravi")
        firm.office.clock.now = firm.office.clock.now.replace(second=20)
        statuses = [asha.get("/api/v1/me").status_code for _ in range(4)]
        refused = asha.get("/api/v1/me")
        assert statuses == [200, 200, 200, 429]
        assert 0 < int(refused.headers["retry-after"]) <= 40
        assert ravi.get("/api/v1/me").status_code == 200
        firm.office.clock.pass_time(minutes=1)
        assert asha.get("/api/v1/me").status_code == 200
    finally:
        firm.close()


def test_a_mishap_is_told_by_its_number_and_nothing_else(
    quick_firm: Firm, caplog: pytest.LogCaptureFixture
) -> None:
    asha = quick_firm.program("asha")
    with quick_firm.office.database.writing() as connection:
        connection.change("alter table deal rename to gone")
    answer = asha.get("/api/v1/deal?name=the secret")
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/failed")
    number = answer.json()["detail"].rstrip(".").split()[-1]
    assert number in caplog.text
    assert answer.headers["x-request-id"] in caplog.text
    assert "deal" not in answer.json()["detail"] and "sqlite" not in answer.text.lower()


def test_an_address_that_is_not_there_is_a_problem_too(quick_firm: Firm) -> None:
    dev = quick_firm.program("dev")
    for path in (
        "/api/v1/nothing",
        "/api/v1/deal/1/nothing",
        "/api/v2/deal",
        "/api/",
        "/api/v1/deal/",
        "/api/v1/crm_session",
    ):
        answer = dev.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), path
    wrong = dev.put("/api/v1/deal", json={})
    assert (wrong.status_code, wrong.headers["allow"], wrong.json()["type"]) == (
        405,
        "GET, HEAD, POST",
        "/problems/wrong-method",
    )
    asked = dev.options("/api/v1/deal")
    assert (asked.status_code, asked.headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")


def test_head_answers_like_get_without_a_body(quick_firm: Firm) -> None:
    dev = quick_firm.program("dev")
    got, head = dev.get("/api/v1/deal"), dev.head("/api/v1/deal")
    assert (head.status_code, head.headers["content-length"]) == (200, got.headers["content-length"])


def test_every_kind_of_problem_is_explained_where_its_type_leads(quick_firm: Firm) -> None:
    stranger = quick_firm.stranger()
    told = stranger.get(quick_firm.stranger().get("/api/v1/deal").json()["type"]).json()
    assert (told["status"], told["title"]) == (401, "Sign in first")
    assert stranger.get("/problems/nothing").status_code == 404


def test_a_session_that_was_signed_out_is_no_more(quick_firm: Firm) -> None:
    asha = quick_firm.browser("asha")
    key = asha.cookies["crm"]
    assert asha.post("/logout").status_code == 303
    again = quick_firm.stranger()
    again.cookies.set("crm", key)
    assert again.get("/api/v1/me").status_code == 401


def test_too_many_wrong_passwords_must_wait(quick_firm: Firm) -> None:
    stranger = quick_firm.stranger()
    form = {"email": email("asha"), "password": "wrong password here"}
    statuses = [stranger.post("/login", data=form).status_code for _ in range(8)]
    assert statuses[0] == 422
    assert statuses[-1] == 429
    quick_firm.office.clock.now += timedelta(hours=2)
    assert stranger.post("/login", data={**form, "password": PASSWORD}).status_code == 303
