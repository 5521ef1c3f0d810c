"""A record's page: works, not yours, yours to see but not to change, wrong id; stages, history, what belongs to it."""

from __future__ import annotations

import re

from tests.firm import Firm
from tests.web.forms import form_on, send

NOWHERE = 4_611_686_018_427_387_904


def told(text: str) -> str:
    """The page without what differs at each request."""
    return re.sub(r'value="[^"]{20,}"|<small class="faint">.*?</small>', "", text)


def test_asha_opens_her_deal_and_sees_where_it_stands(firm: Firm) -> None:
    deal = firm.deal("asha", "Chairs", phone="98765 43210")
    page = firm.browser("asha").get(f"/deal/{deal.id}")
    assert page.status_code == 200
    assert "<bdi>Chairs</bdi>" in page.text
    assert 'href="tel:+919876543210"' in page.text
    assert 'aria-current="step"' in page.text
    assert "Log an answered call first." in page.text
    assert "Lost" in page.text


def test_another_callers_deal_reads_like_one_that_is_not_there(firm: Firm) -> None:
    theirs = firm.deal("ravi", "Tables")
    asha = firm.browser("asha")
    for tail in ("", "/edit", "/delete", "/move/lose"):
        foreign, missing = asha.get(f"/deal/{theirs.id}{tail}"), asha.get(f"/deal/{NOWHERE}{tail}")
        assert (foreign.status_code, missing.status_code) == (404, 404)
        assert told(foreign.text) == told(missing.text)
        assert "Tables" not in foreign.text


def test_an_id_that_is_none_is_not_found(quick_firm: Firm) -> None:
    asha = quick_firm.browser("asha")
    for id in ("abc", "-1", "0", "1.5", "99999999999999999999999", "%00"):
        assert asha.get(f"/deal/{id}").status_code == 404


def test_what_one_may_see_but_not_change_says_so_and_stays_as_it_is(firm: Firm) -> None:
    account = firm.office.create(firm.actor("meera"), "account", name="Steel works")
    asha = firm.browser("asha")
    page = asha.get(f"/account/{account.id}")
    assert page.status_code == 200
    assert "Yours to see, not to change" in page.text
    assert asha.get(f"/account/{account.id}/edit").status_code == 403
    forged = asha.post(f"/account/{account.id}/edit", data={"name": "Mine", "_version": "1"})
    assert forged.status_code == 403
    assert firm.office.values("account", account.id)["name"] == "Steel works"


def test_a_hidden_field_is_not_on_the_page_nor_in_its_history(firm: Firm) -> None:
    asha = firm.actor("asha")
    deal = firm.deal("meera", "Desks", budget="777777", owner=str(asha.user))
    firm.office.update(firm.actor("meera"), "deal", deal.id, 1, budget="888888")
    browser = firm.browser("asha")
    for tail in ("", "?tab=history", "/edit"):
        page = browser.get(f"/deal/{deal.id}{tail}").text
        assert not re.search(r"[Bb]udget|777777|888888|8,88,888|Expected value", page)
    assert "something that your role does not see" in browser.get(f"/deal/{deal.id}?tab=history").text
    assert "888,888" in firm.browser("meera").get(f"/deal/{deal.id}").text.replace("8,88,888", "888,888")


def test_a_move_asks_for_what_it_needs_and_then_is_made(firm: Firm) -> None:
    deal = firm.deal("asha", "Chairs")
    asha, place = firm.browser("asha"), f"/deal/{deal.id}/move/lose"
    dialog = asha.get(place)
    assert 'name="lost_reason"' in dialog.text
    empty = send(asha, dialog, place)
    assert empty.status_code == 409
    assert 'id="lost_reason-error"' in empty.text
    assert "Lost reason is empty." in empty.text
    moved = send(asha, empty, place, lost_reason="Price")
    assert (moved.status_code, moved.headers["location"]) == (303, f"/deal/{deal.id}")
    page = asha.get(f"/deal/{deal.id}").text
    assert "is-closed" in page
    assert "Price" in page


def test_a_refused_move_tells_why_and_changes_nothing(firm: Firm) -> None:
    deal = firm.deal("asha", "Chairs")
    asha = firm.browser("asha")
    refused = asha.get(f"/deal/{deal.id}/move/attend")
    assert refused.status_code == 409
    assert "Log an answered call first." in refused.text
    forced = asha.post(
        f"/deal/{deal.id}/move/attend", data={"_version": "1", "follow_up_at": "2026-12-01T10:00"}
    )
    assert forced.status_code == 409
    assert firm.office.values("deal", deal.id)["status"] == "NEW"


def test_a_call_is_logged_from_the_deal_and_opens_the_way(firm: Firm) -> None:
    deal = firm.deal("asha", "Chairs")
    asha = firm.browser("asha")
    page = asha.get(f"/deal/{deal.id}?tab=calls").text
    adds = re.search(r'href="(/call/new\?[^"]+)"', page)
    assert adds is not None
    form = asha.get(adds[1].replace("&amp;", "&"))
    assert form_on(form, "/call/new")["deal"] == str(deal.id)
    saved = send(asha, form, "/call/new", outcome="Answered")
    assert saved.headers["location"] == f"/deal/{deal.id}?tab=calls"
    after = asha.get(saved.headers["location"]).text
    assert "Answered" in after
    assert f'href="/deal/{deal.id}/move/attend"' in after


def test_what_a_stage_does_not_allow_is_offered_with_the_reason(quick_firm: Firm) -> None:
    workflow = quick_firm.runtime.current.blueprint.workflows["deal_sales"]
    object.__setattr__(workflow.stages["NEW"], "allows", ())
    deal = quick_firm.deal("asha", "Chairs")
    page = quick_firm.browser("asha").get(f"/deal/{deal.id}?tab=calls").text
    assert "Calls are not added to a deal in the stage New." in page
    assert "/call/new?" not in page


def test_history_tells_who_changed_what(firm: Firm) -> None:
    deal = firm.deal("asha", "Chairs")
    firm.office.update(firm.actor("asha"), "deal", deal.id, 1, name="Better chairs")
    page = firm.browser("asha").get(f"/deal/{deal.id}?tab=history").text
    bare = re.sub(r"</?bdi>", "", page)
    assert "<del>Chairs</del>" in bare
    assert "<ins>Better chairs</ins>" in bare
    assert "made this deal" in page
