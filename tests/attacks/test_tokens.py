"""A program with a narrow token tries to do more than it was made for."""

from __future__ import annotations

from tests.firm import Firm


def test_a_token_is_not_told_that_a_deed_beyond_it_was_done(quick_firm: Firm) -> None:
    """The same key and body as a wider token's: the answer would be that one's."""
    wide, narrow = quick_firm.program("asha"), quick_firm.program("asha", only=[("deal", "read")])
    key = {"idempotency-key": "the same"}
    made = wide.post("/api/v1/deal", json={"name": "Chairs"}, headers=key)
    again = narrow.post("/api/v1/deal", json={"name": "Chairs"}, headers=key)
    assert (made.status_code, again.status_code) == (201, 422) and made.json()["id"] not in again.text


def test_a_key_is_its_own_persons(quick_firm: Firm) -> None:
    key = {"idempotency-key": "the same"}
    ashas = quick_firm.program("asha").post("/api/v1/deal", json={"name": "Chairs"}, headers=key)
    ravis = quick_firm.program("ravi").post("/api/v1/deal", json={"name": "Chairs"}, headers=key)
    assert ashas.status_code == ravis.status_code == 201
    assert ashas.json()["id"] != ravis.json()["id"] and "Idempotency-Replayed" not in ravis.headers


def test_a_token_opens_no_screen(quick_firm: Firm) -> None:
    program = quick_firm.program("dev")
    for place in ("/", "/deal", "/me", "/admin", "/deal/export", "/deal/pick?q=a"):
        assert program.get(place).status_code == 303 and program.get(place).headers["location"].startswith("/login"), place
    assert program.post("/me/tokens", data={"name": "another"}).headers["location"] == "/login"


def test_what_a_token_may_not_read_is_not_in_what_it_may(quick_firm: Firm) -> None:
    dev = quick_firm.actor("dev")
    account = quick_firm.office.create(dev, "account", name="Secret steel", industry="Steel")
    deal = quick_firm.deal("dev", account=account.id, interests=[account.id])
    quick_firm.office.create(dev, "call", deal=deal.id, outcome="RNR", note="secret words")
    program = quick_firm.program("dev", only=[("deal", "read")])
    for place in (
        "/api/v1/deal?columns=account,account.name,account.industry,interests,call_count,owner,owner.email,created_by",
        f"/api/v1/deal/{deal.id}", f"/api/v1/deal/{deal.id}/history", f"/api/v1/deal/{deal.id}/transitions",
        "/api/v1/search?q=secret", "/api/v1/deal?sort=account",
    ):  # fmt: skip
        answer = program.get(place)
        assert answer.status_code == 200, place
        assert "ecret" not in answer.text and "Steel" not in answer.text and "dev@" not in answer.text, place
    told = program.get(f"/api/v1/deal/{deal.id}").json()
    assert told["call_count"] == 0 and told["account"]["title"] is None
    for asked in ("account.name=Secret steel", "owner.email.contains=dev", "call_count.above=0"):
        assert program.get(f"/api/v1/deal?{asked}&count=true").json()["count"] == 0, asked


def test_a_token_that_adds_points_to_nothing_that_it_may_not_read(quick_firm: Firm) -> None:
    account = quick_firm.office.create(quick_firm.actor("dev"), "account", name="Steel")
    program = quick_firm.program("asha", only=[("deal", "read"), ("deal", "create")])
    answer = program.post("/api/v1/deal", json={"name": "Chairs", "account": str(account.id)})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "account")
    assert program.post("/api/v1/deal", json={"name": "Chairs"}).status_code == 201
