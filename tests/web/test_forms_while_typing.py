"""What a form says while it is filled in: what is shown, what must be filled, what can be made; and where it leads after."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from engine.blueprint.conditions import Test as Asked
from tests import firm as firms
from tests.firm import Firm, open_firm
from tests.real.databases import Databases
from tests.small import small
from tests.web.forms import form_on, send


@pytest.fixture
def asking(sqlite_databases: Databases, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A firm whose deals ask for a reason when they are hot, and for notes when the discount is high."""
    monkeypatch.setattr(firms, "small", lambda: _asking(small()))
    opened = open_firm(sqlite_databases)
    yield opened
    opened.close()


def _asking(blueprint: Any) -> Any:
    deal = blueprint.entities["deal"]
    fields = {
        **deal.fields,
        "lost_reason": replace(deal.fields["lost_reason"], shown_when=Asked("is_hot", "is", True)),
        "notes": replace(deal.fields["notes"], required_when=Asked("discount", "above", 20)),
    }
    return replace(blueprint, entities={**blueprint.entities, "deal": replace(deal, fields=fields)})


def test_the_server_judges_what_the_page_cannot(asking: Firm) -> None:
    asha = asking.browser("asha")
    page = asha.get("/deal/new").text
    assert 'data-shown="/deal/shown"' in page
    assert unescape(re.search(r'data-shown-when="([^"]+)"', page)[1]) == '["is","is_hot",["yes"]]'  # type: ignore[index]
    assert 'data-needed-when="&#34;?&#34;"' in page

    def judged(**typed: str) -> Any:
        return json.loads(asha.post("/deal/shown", data={"name": "Chairs", **typed}).content)

    assert judged(discount="5") == {"notes": [True, False], "lost_reason": [False, False]}
    assert judged(discount="20.5 %", is_hot="yes") == {"notes": [True, True], "lost_reason": [True, False]}
    assert judged(discount="nonsense")["notes"] == [True, False]


def test_a_stranger_to_a_record_cannot_ask_what_its_form_would_show(asking: Firm) -> None:
    deal = asking.deal("ravi", "Tables")
    assert asking.browser("asha").post(f"/deal/{deal.id}/shown", data={"name": "x"}).status_code == 404
    assert asking.browser("meera").post(f"/deal/{deal.id}/shown", data={"name": "x"}).status_code == 200


def test_a_form_says_under_what_its_draft_is_kept(quick_firm: Firm) -> None:
    asha, user = quick_firm.browser("asha"), quick_firm.actor("asha").user
    deal = quick_firm.deal("asha", "Chairs")
    kept = [re.search(r'data-draft="([^"]+)"', asha.get(place).text)[1] for place in (  # type: ignore[index]
        "/deal/new", "/deal/new?name=Desks&back=/deal", f"/deal/{deal.id}/edit", f"/deal/{deal.id}/move/hold",
    )]  # fmt: skip
    places = ("/deal/new", "/deal/new?name=Desks", f"/deal/{deal.id}/edit", f"/deal/{deal.id}/move/hold")
    assert kept == [f"{user} {place}" for place in places]


def test_saved_and_another_one_keeps_what_the_link_filled_in(quick_firm: Firm) -> None:
    asha = quick_firm.browser("asha")
    page = asha.get("/deal/new?source=Google&back=/deal/board")
    again = unescape(form_on(page, "/deal/new")["_again"])
    assert again == "/deal/new?source=Google&back=%2Fdeal%2Fboard"
    saved = send(asha, page, "/deal/new", name="First", _then="another")
    assert saved.headers["location"] == again
    forged = send(asha, asha.get("/deal/new"), "/deal/new", name="Second", _then="another", _again="//evil.example")
    assert forged.headers["location"] == "/deal/new"


def test_a_picker_offers_to_make_what_the_role_may_make(quick_firm: Firm) -> None:
    page = unescape(quick_firm.browser("asha").get("/deal/new").text)
    assert re.search(r'data-pick="/deal/pick/account"[^>]*data-makes="\[\["/account/new", "New account", "name"\]\]"', page)
    assert not re.search(r'data-pick="/deal/pick/owner"[^>]*data-makes', page)


def test_a_form_that_arrived_and_is_sent_again_makes_one_record(quick_firm: Firm) -> None:
    asha = quick_firm.browser("asha")
    page = asha.get("/deal/new")
    first = send(asha, page, "/deal/new", name="Chairs")
    again = send(asha, page, "/deal/new", name="Chairs")
    assert first.headers["location"] == again.headers["location"]
    changed = send(asha, page, "/deal/new", name="Chairs and tables")
    assert changed.status_code == 422
    assert "saved when it was first sent" in changed.text


def test_the_program_can_be_put_on_a_telephone(quick_firm: Firm) -> None:
    stranger = quick_firm.stranger()
    manifest = stranger.get("/app.webmanifest").json()
    assert (manifest["display"], manifest["start_url"]) == ("standalone", "/")
    assert stranger.get(manifest["icons"][0]["src"]).headers["content-type"] == "image/svg+xml"
    page = stranger.get("/offline")
    assert page.status_code == 200
    assert "No connection" in page.text
    worker = stranger.get("/worker.js")
    assert worker.headers["cache-control"] == "no-cache"
    for kept in json.loads(re.search(r"const shell = (\[.*?\]);", worker.text)[1]):  # type: ignore[index]
        assert kept == "/offline" or kept.startswith(("/static/built/", "/brand.css")), "no page with a record is kept"
        assert stranger.get(kept).status_code == 200
