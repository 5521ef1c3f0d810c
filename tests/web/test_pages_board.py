"""Boards, as people meet them: cards in columns, what they add up to, where each can go and why not."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from engine.records.commands import Create, Move
from tests.firm import Firm
from tests.web.forms import form_on

STAGES = ("NEW", "FOLLOW-UP", "PROPOSAL", "ON HOLD", "WON", "LOST")


def columns(text: str) -> dict[str, list[str]]:
    """The titles of the cards by column."""
    pieces = re.split(r'<details class="column" id="column-\d+" data-column="([^"]*)"', text)[1:]
    found = zip(pieces[::2], pieces[1::2], strict=True)
    return {unescape(name): cards(piece) for name, piece in found}


def cards(text: str) -> list[str]:
    return [unescape(t) for t in re.findall(r"<bdi>([^<]*)</bdi></a></h3>", text)]


def counts(text: str) -> list[str]:
    return re.findall(r"data-count>([^<]*)<", text)


def post_move(firm: Firm, who: str, deal: Any, move: str, **values: str) -> Any:
    sent = {"_version": str(deal.version), "back": f"/deal/board/part?_card={deal.id}", **values}
    return firm.browser(who).post(f"/deal/{deal.id}/move/{move}", data=sent)


def test_a_callers_board_holds_her_own_deals_by_their_stage(firm: Firm) -> None:
    chairs = firm.deal("asha", "Chairs")
    firm.deal("asha", "Desks")
    firm.deal("ravi", "Tables of Ravi")
    post_move(firm, "asha", chairs, "hold")
    page = firm.browser("asha").get("/deal/board")
    assert page.status_code == 200
    assert {name: held for name, held in columns(page.text).items() if held} == {"NEW": ["Desks"], "ON HOLD": ["Chairs"]}
    assert tuple(columns(page.text)) == STAGES
    assert counts(page.text) == ["1", "0", "0", "1", "0", "0"]
    assert "Tables" not in page.text
    assert counts(firm.browser("meera").get("/deal/board").text)[:4] == ["2", "0", "0", "1"]


def test_a_column_adds_up_its_money_and_what_is_likely_of_it(firm: Firm) -> None:
    for budget in ("100000", "50000"):
        followed_up(firm, firm.deal("meera", "Chairs", budget=budget, owner=str(firm.actor("asha").user)))
    page = firm.browser("meera").get("/deal/board").text
    told = re.findall(r'<bdi[^>]*title="([^"]+)">', page)
    assert told == ["₹1,50,000.00 in all", "₹30,000.00 by how likely each is"]
    hers = firm.browser("asha").get("/deal/board").text
    assert counts(hers)[1] == "2"
    assert "in all" not in hers  # her role does not see the budget
    assert "₹" not in hers


def followed_up(firm: Firm, deal: Any) -> None:
    writes, asha = firm.runtime.current.writes, firm.actor("asha")
    writes.do(asha, Create("call", {"deal": str(deal.id), "outcome": "Answered"}))
    writes.do(asha, Move("deal", deal.id, deal.version, "attend", {"follow_up_at": "2030-01-01T10:00"}))


def test_a_board_is_narrowed_by_the_same_address_as_the_list(quick_firm: Firm) -> None:
    quick_firm.deal("asha", "Hot chairs", is_hot="yes")
    quick_firm.deal("asha", "Cold chairs", is_hot="no")
    asha = quick_firm.browser("asha")
    assert columns(asha.get("/deal/board?is_hot.is=yes").text)["NEW"] == ["Hot chairs"]
    assert columns(asha.get("/deal/board?q=cold").text)["NEW"] == ["Cold chairs"]
    assert asha.get("/deal/board?nothing=1").status_code == 400
    assert asha.get("/deal/board?by=name").status_code == 400
    assert asha.get("/deal/board?by=budget").status_code == 400  # hidden from her
    assert asha.get("/account/board").status_code == 404  # nothing makes columns there


def test_words_that_depend_on_the_moment_and_the_reader_hold_in_every_column(firm: Firm) -> None:
    today = firm.office.clock().date().isoformat()
    firm.deal("asha", "Today", follow_up_at=f"{today}T18:00")
    held = firm.deal("asha", "Today on hold", follow_up_at=f"{today}T19:00")
    post_move(firm, "asha", held, "hold")
    firm.deal("ravi", "Of Ravi", follow_up_at=f"{today}T18:00")
    firm.deal("asha", "Some day", follow_up_at="2031-01-01T10:00")
    meera = firm.browser("meera")
    for question in ("follow_up_at.within=today&owner.is_not=me", 'where={"follow_up_at":{"within":"today"}}'):
        page = meera.get(f"/deal/board?{question}").text
        shown = {name: held for name, held in columns(page).items() if held}
        assert shown == {"NEW": ["Of Ravi", "Today"], "ON HOLD": ["Today on hold"]}
        assert counts(page) == ["2", "0", "0", "1", "0", "0"]


def test_a_board_of_any_choice_has_a_column_for_what_is_empty(quick_firm: Firm) -> None:
    quick_firm.deal("meera", "Chairs", source="Google", owner=str(quick_firm.actor("asha").user))
    quick_firm.deal("asha", "Desks")
    page = quick_firm.browser("meera").get("/deal/board?by=source").text
    assert {name: held for name, held in columns(page).items() if held} == {"Google": ["Chairs"], "": ["Desks"]}


def test_the_menu_of_a_card_tells_where_it_can_go_and_why_not(quick_firm: Firm) -> None:
    deal = quick_firm.deal("asha", "Chairs")
    page = quick_firm.browser("asha").get(f"/deal/{deal.id}/move?back=/deal/board").text
    ways = re.findall(r'<li data-to="([^"]+)"[^>]*?( data-place="[^"]+")?( data-asks)?>', page)
    assert [(to, bool(place), bool(asks)) for to, place, asks in ways] == [
        ("ON HOLD", True, False), ("LOST", True, True), ("FOLLOW-UP", False, True),
    ]  # fmt: skip
    assert "Log an answered call first." in page


def test_a_move_from_the_board_comes_back_with_the_card_and_the_heads(quick_firm: Firm) -> None:
    deal = quick_firm.deal("asha", "Chairs")
    answer = post_move(quick_firm, "asha", deal, "hold")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/deal/board/part?_card={deal.id}")
    asha = quick_firm.browser("asha")
    asha.cookies.update(answer.cookies)
    piece = asha.get(answer.headers["location"])
    assert 'data-at="ON HOLD"' in piece.text
    assert counts(piece.text) == ["0", "0", "0", "1", "0", "0"]
    assert 'class="toast"' in piece.text
    assert "crm_said" in piece.headers["set-cookie"]  # and it is said once
    assert f'data-card="{deal.id}"' not in asha.get(f"/deal/board/part?is_hot.is=yes&_card={deal.id}").text


def test_a_choice_is_changed_by_the_menu_of_its_board(quick_firm: Firm) -> None:
    deal = quick_firm.deal("meera", "Chairs", source="Google")
    meera = quick_firm.browser("meera")
    page = meera.get(f"/deal/{deal.id}/move?by=source&back=/deal/board")
    sent = form_on(page, f"/deal/{deal.id}/edit")
    sent["source"] = "Website"
    assert meera.post(f"/deal/{deal.id}/edit", data=sent).headers["location"] == "/deal/board"
    assert columns(meera.get("/deal/board?by=source").text)["Website"] == ["Chairs"]
    closed = quick_firm.browser("asha").get(f"/deal/{quick_firm.deal('asha', 'Desks').id}/move?by=source").text
    assert "data-place" not in closed
    assert "Your role may not change Source." in closed


def test_a_long_column_is_read_by_the_piece_and_every_card_comes_once(firm: Firm) -> None:
    for n in range(75):
        firm.deal("asha", f"Deal {n}")
    asha = firm.browser("asha")
    page = asha.get("/deal/board")
    seen = columns(page.text)["NEW"]
    more = re.search(r'data-more="([^"]+)"', page.text)
    while more:
        page = asha.get(unescape(more[1]))
        seen += cards(page.text)
        more = re.search(r'data-more="([^"]+)"', page.text)
    assert seen == [f"Deal {n}" for n in range(74, -1, -1)]


def test_the_statements_of_a_board_do_not_grow_with_its_cards(quick_firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked() -> int:
        made: list[str] = []
        from engine.records.database import Connection

        rows, run = Connection.rows, Connection.run
        afresh = Connection.rows_afresh
        with monkeypatch.context() as patch:
            patch.setattr(Connection, "rows", lambda self, s, v: (made.append(s.text), rows(self, s, v))[1])
            patch.setattr(Connection, "rows_afresh", lambda self, s, v: (made.append(s.text), afresh(self, s, v))[1])
            patch.setattr(Connection, "run", lambda self, t, v=(): (made.append(t), run(self, t, v))[1])
            assert browser.get("/deal/board").status_code == 200
        return len(made)

    browser = quick_firm.browser("meera")
    quick_firm.deal("asha", "First")
    browser.get("/deal/board")
    few = asked()
    for n in range(15):
        quick_firm.deal("asha", f"Deal {n}")
    assert asked() == few
