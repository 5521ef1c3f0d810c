"""What is forged, foreign, hidden, stale, doubled or broken gets a clear 4xx, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest

from tests.firm import Firm

JSON = {"content-type": "application/json"}


def told(answer: Any) -> dict[str, str]:
    return {error["field"]: error["message"] for error in answer.json()["errors"]}


def test_a_forged_stage_is_not_a_field_to_fill(firm: Firm) -> None:
    deal = firm.deal("asha")
    before, asha = firm.office.everything(), firm.program("asha")
    for answer in (
        asha.post("/api/v1/deal", json={"name": "Chairs", "status": "WON"}),
        asha.patch(f"/api/v1/deal/{deal.id}", json={"version": 1, "status": "WON"}),
    ):
        assert (answer.status_code, told(answer)) == (
            422,
            {"status": '"status" is not a field of Deal that you may fill.'},
        )
    assert untouched(firm, before)


def test_a_hidden_field_reads_like_one_that_does_not_exist(firm: Firm) -> None:
    deal = firm.deal("asha")
    asha, before = firm.program("asha"), firm.office.everything()
    for asked in ("budget=5", "budget.above=5", "sort=budget", "columns=name,budget", "sort=-expected"):
        hidden = asha.get(f"/api/v1/deal?{asked}")
        unknown = asha.get(f"/api/v1/deal?{asked.replace('budget', 'gadget').replace('expected', 'gadget')}")
        assert (hidden.status_code, unknown.status_code) == (400, 400), asked
        assert (
            hidden.json()["detail"].replace("budget", "gadget").replace("expected", "gadget")
            == unknown.json()["detail"]
        )
    hidden = asha.patch(f"/api/v1/deal/{deal.id}", json={"version": 1, "budget": 5})
    unknown = asha.patch(f"/api/v1/deal/{deal.id}", json={"version": 1, "gadget": 5})
    assert hidden.status_code == unknown.status_code == 422
    assert hidden.text.replace("budget", "gadget") == unknown.text
    assert "budget" not in asha.get(f"/api/v1/deal/{deal.id}").text
    assert untouched(firm, before)


def test_a_foreign_record_reads_like_one_that_is_not_there(firm: Firm) -> None:
    his = firm.deal("ravi")
    asha, before = firm.program("asha"), firm.office.everything()
    for method, tail, body in (
        ("GET", "", None), ("PATCH", "", {"version": 1, "name": "Mine"}), ("DELETE", "", {"version": 1}),
        ("POST", "/restore", {"version": 1}), ("GET", "/transitions", None), ("GET", "/history", None),
        ("POST", "/transitions", {"version": 1, "transition": "lose"}),
    ):  # fmt: skip
        foreign = asha.request(method, f"/api/v1/deal/{his.id}{tail}", json=body)
        missing = asha.request(method, f"/api/v1/deal/{his.id + 1}{tail}", json=body)
        assert foreign.status_code == missing.status_code == 404, (method, tail)
        assert foreign.text == missing.text.replace(str(his.id + 1), str(his.id))
    assert untouched(firm, before)


def test_a_reference_to_a_foreign_record_is_refused(firm: Firm) -> None:
    his, before = firm.deal("ravi"), firm.office.everything()
    answer = firm.program("asha").post("/api/v1/call", json={"deal": str(his.id), "outcome": "Answered"})
    missing = firm.program("asha").post("/api/v1/call", json={"deal": str(his.id + 1), "outcome": "Answered"})
    assert answer.status_code == missing.status_code == 422
    assert answer.text == missing.text
    assert untouched(firm, before)


@pytest.mark.parametrize(
    "id", ["0", "-1", "x", "1.5", "99999999999999999999", "1e3", "%00", "١", "1%0d%0aX:y"]
)
def test_what_is_no_id_finds_nothing(quick_firm: Firm, id: str) -> None:
    assert quick_firm.program("dev").get(f"/api/v1/deal/{id}").status_code == 404


def test_a_stale_version_is_told_what_changed_since(firm: Firm) -> None:
    deal = firm.deal("asha", "Chairs", phone="98765 43210")
    firm.office.update(firm.actor("meera"), "deal", deal.id, 1, name="Many chairs", budget=9)
    before = firm.office.everything()
    answer = firm.program("asha").patch(f"/api/v1/deal/{deal.id}", json={"version": 1, "name": "Few chairs"})
    assert (answer.status_code, answer.json()["version"]) == (409, 2)
    assert answer.json()["theirs"] == {
        "name": {"was": "Chairs", "now": "Many chairs"}
    }  # and not the hidden budget
    assert untouched(firm, before)


def test_a_change_without_a_version_is_asked_for_one(firm: Firm) -> None:
    deal = firm.deal("asha")
    asha, at = firm.program("asha"), f"/api/v1/deal/{deal.id}"
    for answer in (
        asha.patch(at, json={"name": "X"}),
        asha.delete(at),
        asha.post(f"{at}/transitions", json={"transition": "lose"}),
    ):
        assert (answer.status_code, answer.json()["type"]) == (428, "/problems/version-missing")
    for version in (0, -1, "1", 1.5, True, None, [1], 2**40):
        assert asha.patch(at, json={"name": "X", "version": version}).status_code == 422, version
    assert asha.patch(at, json={"name": "X"}, headers={"if-match": "new"}).status_code == 400
    assert asha.patch(at, json={"name": "X", "version": 1}, headers={"if-match": '"2"'}).status_code == 400


def test_a_post_that_is_sent_twice_is_done_once(firm: Firm) -> None:
    asha, key = firm.program("asha"), {"idempotency-key": "from-the-till-1"}
    first = asha.post("/api/v1/deal", json={"name": "Chairs"}, headers=key)
    again = asha.post("/api/v1/deal", json={"name": "Chairs"}, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.headers["location"], first.json()) == (again.headers["location"], again.json())
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    other = asha.post("/api/v1/deal", json={"name": "Tables"}, headers=key)
    assert other.status_code == 422
    assert asha.get("/api/v1/deal?count=true").json()["count"] == 1
    anothers = firm.program("ravi").post("/api/v1/deal", json={"name": "Chairs"}, headers=key)
    assert anothers.json()["id"] != first.json()["id"]


def test_a_repeated_change_moves_the_version_once(firm: Firm) -> None:
    deal = firm.deal("asha")
    asha, key = firm.program("asha"), {"idempotency-key": "k"}
    answers = [
        asha.patch(f"/api/v1/deal/{deal.id}", json={"version": 1, "name": "X"}, headers=key) for _ in range(2)
    ]
    assert [a.status_code for a in answers] == [200, 200]
    assert [a.json()["version"] for a in answers] == [2, 2]
    strange = {"idempotency-key": b"\xe9"}
    assert (
        asha.patch(f"/api/v1/deal/{deal.id}", json={"version": 2, "name": "Y"}, headers=strange).status_code
        == 400
    )


def test_a_value_of_ten_megabytes_is_not_read(firm: Firm) -> None:
    before, asha = firm.office.everything(), firm.program("asha")
    large = b'{"name": "' + b"x" * 10_000_000 + b'"}'
    answer = asha.post("/api/v1/deal", content=large, headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")
    in_pieces = asha.post("/api/v1/deal", content=iter([large[:5_000_000], large[5_000_000:]]), headers=JSON)
    assert in_pieces.status_code == 413
    long = asha.post("/api/v1/deal", json={"name": "x" * 900_000})
    assert (long.status_code, list(told(long))) == (422, ["name"])
    assert untouched(firm, before)


def test_every_wrong_value_is_told_by_its_field(firm: Firm) -> None:
    before = firm.office.everything()
    answer = firm.program("meera").post("/api/v1/deal", json={
        "name": {"a": 1}, "phone": [], "email": "no", "budget": "lots", "discount": 101, "follow_up_at": "soon",
        "closes_on": 5, "is_hot": "perhaps", "account": "Acme", "source": "Radio", "interests": "x", "tags": 4,
    })  # fmt: skip
    assert answer.status_code == 422
    assert set(told(answer)) >= {
        "name", "email", "budget", "discount", "follow_up_at", "closes_on", "is_hot", "account", "source", "interests",
    }  # fmt: skip
    assert untouched(firm, before)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", ""]
)
def test_only_json_is_taken(quick_firm: Firm, kind: str) -> None:
    before = quick_firm.office.everything()
    answer = quick_firm.program("asha").post(
        "/api/v1/deal", content=b'{"name": "X"}', headers={"content-type": kind}
    )
    assert answer.status_code == (400 if kind.startswith("multipart") else 415)
    assert untouched(quick_firm, before)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b'"x"', b"null", b"5", b'{"name": NaN}', b'{"name": Infinity}', b'{"name": -Infinity}',
        b'{"name": "a", "name": "b"}', b'{"name": "\xff"}', b"\xff\xfe{\x00}\x00", b'{"name": "a",}', b"{'name': 'a'}",
        b'{"name": "\\ud800"}', b'{"\\ud800": 1}', b'{"budget": ' + b"9" * 5000 + b"}", b"[" * 100_000,
        b'{"name": ' + b"[" * 50 + b"]" * 50 + b"}", b'{"a":' * 2000 + b"1" + b"}" * 2000,
        b"{" + b",".join(b'"f%d": 1' % n for n in range(1200)) + b"}",
    ],
    ids=lambda body: repr(body[:20]),
)  # fmt: skip
def test_broken_json_is_a_bad_request(quick_firm: Firm, body: bytes) -> None:
    before = quick_firm.office.everything()
    answer = quick_firm.program("asha").post("/api/v1/deal", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["status"]) == (400, 400)
    assert untouched(quick_firm, before)


@pytest.mark.parametrize(
    "asked",
    [
        "limit=0", "limit=201", "limit=x", "limit=-1", "limit=99999999999", "cursor=x", "cursor=AAAA", "cursor=%00",
        "sort=nothing", "sort=calls", "status.above=3", "name.where=x", "created_at=soon", "budget=many", "count=maybe",
        "deleted=perhaps", "id=x", "owner=nobody", "calls.some=x", "name.__class__=x", "columns=calls", "columns=nothing",
        "sort=name,name,name,name,name", "account.nothing=1", "account.name.is.is=1",
    ],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_a_bad_request(quick_firm: Firm, asked: str) -> None:
    quick_firm.deal("dev")
    answer = quick_firm.program("dev").get(f"/api/v1/deal?{asked}")
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-request"), answer.text


def test_all_that_is_wrong_with_a_question_is_told_at_once(quick_firm: Firm) -> None:
    answer = quick_firm.program("dev").get("/api/v1/deal?limit=0&nothing=1&sort=calls")
    assert set(told(answer)) == {"limit", "nothing", "sort"}


def test_a_cursor_of_another_order_is_refused(quick_firm: Firm) -> None:
    for n in range(3):
        quick_firm.deal("asha", f"Deal {n}")
    asha = quick_firm.program("asha")
    next = asha.get("/api/v1/deal?limit=1").json()["next"]
    assert asha.get("/api/v1/deal", params={"limit": 1, "cursor": next, "sort": "name"}).status_code == 400


def test_a_body_says_only_what_is_asked_for(quick_firm: Firm) -> None:
    deal = quick_firm.deal("asha")
    asha, at = quick_firm.program("asha"), f"/api/v1/deal/{deal.id}"
    for answer in (
        asha.post(f"{at}/transitions", json={"transition": "lose", "version": 1, "as": "dev"}),
        asha.post(f"{at}/transitions", json={"version": 1}),
        asha.post(f"{at}/transitions", json={"transition": "lose", "version": 1, "values": [1]}),
        asha.post(f"{at}/restore", json={"version": 1, "name": "X"}),
        asha.post("/api/v1/deal", json={"id": "5", "name": "X"}),
        asha.post("/api/v1/deal", json={"created_by": "5", "name": "X"}),
        quick_firm.program("meera").post("/api/v1/deal/bulk", json={"commands": []}),
        quick_firm.program("meera").post("/api/v1/deal/bulk", json={"commands": [{"do": "drop"}]}),
        quick_firm.program("meera").post(
            "/api/v1/deal/bulk", json={"commands": [{"do": "delete", "id": "x", "version": 1}]}
        ),
    ):
        assert answer.status_code == 422, answer.text


def test_an_unknown_move_is_a_bad_request(quick_firm: Firm) -> None:
    deal = quick_firm.deal("asha")
    answer = quick_firm.program("asha").post(
        f"/api/v1/deal/{deal.id}/transitions", json={"transition": "x", "version": 1}
    )
    assert answer.status_code == 400


def untouched(firm: Firm, before: dict[str, Any]) -> bool:
    """Nothing but the note that a token was used, and by whom."""
    quiet = ("crm_token", "crm_session")
    after = firm.office.everything()
    return {k: v for k, v in before.items() if k not in quiet} == {
        k: v for k, v in after.items() if k not in quiet
    }
