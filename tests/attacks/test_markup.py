"""What a person types is shown as they typed it: nowhere does it become markup, a template, a script or a header."""

from __future__ import annotations

import json

from tests.firm import Firm

NASTY = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>{{7*'7'}}{% raw %}${7*7}</textarea></title>--><!--"
UNESCAPED = ("<img src=x", "<script>alert", "7777777", "</textarea></title>")


def test_a_nasty_text_is_text_in_every_place_that_shows_it(quick_firm: Firm) -> None:
    office, dev = quick_firm.office, quick_firm.actor("dev")
    team = office.create(dev, "team", name=NASTY)
    person = office.create(dev, "user", name=NASTY, email="n@firm.example", role="caller", team=team.id)
    account = office.create(dev, "account", name=NASTY)
    deal = quick_firm.deal(
        "dev", NASTY, notes=NASTY, tags=["<script>alert(2)"], account=account.id, interests=[account.id], team=team.id
    )
    call = office.create(dev, "call", deal=deal.id, outcome="Answered", note=NASTY)
    office.update(dev, "deal", deal.id, 1, name=f"{NASTY} again", owner=person.id, notes=f"{NASTY} again")
    browser, q = quick_firm.browser("dev"), {"q": NASTY[:60]}
    for place in (
        "/deal", "/account", "/user", "/team", "/call", f"/deal/{deal.id}", f"/deal/{deal.id}?tab=history",
        f"/deal/{deal.id}?tab=calls", f"/deal/{deal.id}/edit", f"/deal/{deal.id}/delete", f"/deal/{deal.id}/move/lose",
        f"/call/{call.id}", f"/account/{account.id}", f"/user/{person.id}", f"/user/{person.id}/link", f"/team/{team.id}",
        f"/call/new?deal={deal.id}", f"/deal?owner={person.id}", "/reports/deals_by_source", "/me", "/nothing" + NASTY[:9],
    ):  # fmt: skip
        _is_clean(browser.get(place).text, place)
    for place in ("/search", "/deal", "/deal/new"):
        _is_clean(browser.get(place, params={**q, "name": NASTY, "name.contains": NASTY, "back": f"/{NASTY}"}).text, place)
    for wrong in (NASTY, "sort", "source", "cursor", "limit", "created_at"):
        _is_clean(browser.get("/deal", params={wrong: NASTY}).text, wrong)
    _is_clean(browser.post(f"/deal/{deal.id}/edit", data={"_version": "1", "name": NASTY, "notes": NASTY}).text, "conflict")
    fields = dict.fromkeys(("name", "phone", "email", "budget", "source", "account", "follow_up_at", "owner"), NASTY)
    _is_clean(browser.post("/deal/new", data=fields).text, "complaints")
    _is_clean(browser.post("/login", data={"email": NASTY, "password": "x", "next": f"/{NASTY}"}).text, "sign-in")
    made = browser.post("/me/tokens", data={"name": NASTY})
    _is_clean(made.text, "tokens")


def _is_clean(page: str, place: str) -> None:
    assert not [piece for piece in UNESCAPED if piece in page], place


def test_a_picker_and_a_search_answer_as_data(quick_firm: Firm) -> None:
    """Opened as a page, the answer of a picker must not be one."""
    quick_firm.deal("asha", NASTY)
    browser, program = quick_firm.browser("asha"), quick_firm.program("asha")
    picked, found = browser.get("/deal/pick?q=onerror"), program.get("/api/v1/search?q=onerror")
    for answer in (picked, found, program.get("/api/v1/deal")):
        assert answer.headers["content-type"] == "application/json"
        assert json.dumps(NASTY)[1:-1] in json.dumps(answer.json())
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_web_address_is_a_link_only_when_it_leads_to_the_web(quick_firm: Firm) -> None:
    dev = quick_firm.program("dev")
    for address in (
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "\tjavascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x",
        "vbscript:x", "file:///etc/passwd", "https://evil.example\"onmouseover=alert(1)", "https://a b",
        "//evil.example\\@x",
    ):  # fmt: skip
        answer = dev.post("/api/v1/account", json={"name": "Steel", "website": address})
        if answer.status_code == 201:
            page = quick_firm.browser("dev").get(f"/account/{answer.json()['id']}").text
            assert answer.json()["website"].startswith(("http://", "https://")), address
            assert 'href="javascript' not in page.lower() and "onmouseover=" not in page, address
