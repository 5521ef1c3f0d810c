"""Forms lose nothing that was typed, are done once, and settle it when two people change one record."""

from __future__ import annotations

from tests.firm import Firm
from tests.web.forms import form_on, send


def test_a_deal_is_made_and_opened(firm: Firm) -> None:
    asha = firm.browser("asha")
    saved = send(
        asha, asha.get("/deal/new"), "/deal/new", name="Chairs", phone="98765 43210", tags="new, hall"
    )
    assert saved.status_code == 303
    page = asha.get(saved.headers["location"]).text
    assert "Deal added." in page
    assert "<bdi>Chairs</bdi>" in page
    assert "hall" in page


def test_what_was_typed_stays_when_something_is_wrong(firm: Firm) -> None:
    asha = firm.browser("asha")
    again = send(asha, asha.get("/deal/new"), "/deal/new", name="", phone="12", notes="Called <twice>")
    assert again.status_code == 422
    assert "2 things to put right" in again.text
    assert "Name is empty." in again.text
    assert 'href="#f-phone"' in again.text
    typed = form_on(again, "/deal/new")
    assert (typed["phone"], typed["notes"]) == ("12", "Called <twice>")
    assert 'aria-invalid="true"' in again.text


def test_a_form_that_is_sent_twice_makes_one_deal(firm: Firm) -> None:
    asha = firm.browser("asha")
    page = asha.get("/deal/new")
    first, second = (send(asha, page, "/deal/new", name="Once") for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert asha.get("/deal").text.count(">Once</a>") == 1


def test_a_field_that_one_may_not_fill_is_not_on_the_form_and_cannot_be_sent(firm: Firm) -> None:
    asha = firm.browser("asha")
    page = asha.get("/deal/new")
    fields = form_on(page, "/deal/new")
    assert not {"budget", "source", "status", "expected"} & set(fields)
    sent = send(asha, page, "/deal/new", name="Chairs", budget="5", source="Google", status="WON")
    id = int(sent.headers["location"].rsplit("/", 1)[1])
    values = firm.office.values("deal", id)
    assert (values["budget"], values["source"], values["status"]) == (None, None, "NEW")


def test_a_link_fills_in_what_it_knows(quick_firm: Firm) -> None:
    page = quick_firm.browser("asha").get("/deal/new?name=Hall+chairs&is_hot=yes&budget=5")
    fields = form_on(page, "/deal/new")
    assert (fields["name"], fields["is_hot"]) == ("Hall chairs", "yes")
    assert "budget" not in fields


def test_two_changes_to_one_deal_are_laid_side_by_side(firm: Firm) -> None:
    deal = firm.deal("asha", "Chairs")
    asha, place = firm.browser("asha"), f"/deal/{deal.id}/edit"
    opened = asha.get(place)
    firm.office.update(firm.actor("meera"), "deal", deal.id, 1, name="Meera's chairs", discount="10")
    stale = send(asha, opened, place, name="Asha's chairs", notes="Mine")
    assert stale.status_code == 409
    for text in ("Chairs", "Asha&#39;s chairs", "Meera&#39;s chairs"):
        assert text in stale.text
    assert firm.office.values("deal", deal.id)["name"] == "Meera's chairs"
    settled = send(asha, stale, place)
    assert settled.status_code == 303
    values = firm.office.values("deal", deal.id)
    assert (values["name"], values["notes"], values["discount"]) == ("Asha's chairs", "Mine", 10)


def test_in_a_conflict_one_may_take_the_others_word(firm: Firm) -> None:
    deal = firm.deal("asha", "Chairs")
    asha, place = firm.browser("asha"), f"/deal/{deal.id}/edit"
    opened = asha.get(place)
    firm.office.update(firm.actor("meera"), "deal", deal.id, 1, name="Meera's chairs")
    stale = send(asha, opened, place, name="Asha's chairs")
    send(asha, stale, place, **{"choose.name": "theirs"})
    assert firm.office.values("deal", deal.id)["name"] == "Meera's chairs"


def test_a_form_of_another_site_is_not_taken(quick_firm: Firm) -> None:
    asha = quick_firm.browser("asha", proves=False)
    refused = asha.post("/deal/new", data={"name": "Forged"})
    assert refused.status_code == 403
    assert "Forged" not in asha.get("/deal").text


def test_a_form_without_its_version_is_not_guessed_at(quick_firm: Firm) -> None:
    deal = quick_firm.deal("asha", "Chairs")
    asha = quick_firm.browser("asha")
    assert asha.post(f"/deal/{deal.id}/edit", data={"name": "x"}).status_code == 400
    assert asha.post(f"/deal/{deal.id}/edit", data={"name": "x", "_version": "one"}).status_code == 400


def test_a_place_to_go_back_to_is_on_this_site(quick_firm: Firm) -> None:
    asha = quick_firm.browser("asha")
    page = asha.get("/deal/new?back=//evil.example/x")
    assert "evil.example" not in page.text
    saved = send(asha, page, "/deal/new", name="Chairs", back="https://evil.example/")
    assert saved.headers["location"].startswith("/deal/")
