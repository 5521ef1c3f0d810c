"""Lists, as people meet them: what is theirs, what is not, and all of it in the address."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.firm import Firm
from tests.web.forms import send


def titles(text: str) -> list[str]:
    return [unescape(t) for t in re.findall(r'<td class="cell-title"><a href="/deal/\d+">([^<]*)</a>', text)]


def test_a_caller_sees_her_own_deals_and_no_trace_of_another_callers(firm: Firm) -> None:
    firm.deal("asha", "Chairs for Asha")
    firm.deal("ravi", "Tables for Ravi")
    page = firm.browser("asha").get("/deal")
    assert page.status_code == 200
    assert titles(page.text) == ["Chairs for Asha"]
    assert "Ravi" not in page.text
    assert '<span class="count">1</span>' in page.text
    assert titles(firm.browser("meera").get("/deal").text) == ["Tables for Ravi", "Chairs for Asha"]


def test_a_hidden_field_is_nowhere_on_the_list_nor_in_its_filters(quick_firm: Firm) -> None:
    quick_firm.deal("meera", "Desks", budget="777777", owner=str(quick_firm.actor("asha").user))
    page = quick_firm.browser("asha").get("/deal")
    assert titles(page.text) == ["Desks"]
    assert not re.search(r"[Bb]udget|777,?777|7,77,777|Expected value", page.text)
    assert "Budget" in quick_firm.browser("meera").get("/deal").text


@pytest.mark.parametrize("query", ["budget.at_least=5", "sort=budget", "expected.above=1"])
def test_asking_for_a_hidden_field_reads_like_asking_for_one_that_is_not_there(
    quick_firm: Firm, query: str
) -> None:
    asha = quick_firm.browser("asha")
    hidden = asha.get(f"/deal?{query}")
    name = re.split(r"[.=]", query.removeprefix("sort="))[0]
    missing = asha.get(f"/deal?{query.replace(name, 'nothing')}")
    assert (hidden.status_code, missing.status_code) == (400, 400)
    told = [re.findall(r"<p>([^<]*)</p>", page.text)[0] for page in (hidden, missing)]
    assert re.sub(r" Did you mean.*", "", told[0]).replace(name, "nothing") == re.sub(
        r" Did you mean.*", "", told[1]
    )


def test_a_name_that_is_a_script_is_only_a_name(quick_firm: Firm) -> None:
    name = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    quick_firm.deal("asha", name)
    page = quick_firm.browser("asha").get("/deal", params={"q": "<script>"})
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert titles(quick_firm.browser("asha").get("/deal").text) == [name]


def test_a_filter_in_the_address_narrows_the_list_and_its_chip_takes_it_away(quick_firm: Firm) -> None:
    quick_firm.deal("asha", "Hot one", is_hot="yes")
    quick_firm.deal("asha", "Cold one", is_hot="no")
    asha = quick_firm.browser("asha")
    page = asha.get("/deal?is_hot.is=yes&sort=name")
    assert titles(page.text) == ["Hot one"]
    off = re.search(r'class="filter-off" href="([^"]+)"', page.text)
    assert off is not None
    assert titles(asha.get(unescape(off[1])).text) == ["Cold one", "Hot one"]


def test_controls_that_were_left_empty_do_not_stay_in_the_address(quick_firm: Firm) -> None:
    went = quick_firm.browser("asha").get("/deal?name.contains=&is_hot.is=yes&q=")
    assert (went.status_code, went.headers["location"]) == (303, "/deal?is_hot.is=yes")


def test_a_head_sorts_and_turns_round_when_pressed_again(quick_firm: Firm) -> None:
    for name in ("Beta", "Alpha", "Gamma"):
        quick_firm.deal("asha", name)
    asha = quick_firm.browser("asha")
    first = asha.get("/deal?sort=name")
    assert titles(first.text) == ["Alpha", "Beta", "Gamma"]
    assert 'aria-sort="ascending"><a href="/deal?sort=-name"' in first.text
    assert titles(asha.get("/deal?sort=-name").text) == ["Gamma", "Beta", "Alpha"]


def test_every_deal_is_on_one_page_and_on_one_only(quick_firm: Firm) -> None:
    for number in range(60):
        quick_firm.deal("asha", f"Deal {number:02}")
    asha = quick_firm.browser("asha")
    first = asha.get("/deal?sort=name")
    assert "50 of 60" in first.text
    onward = re.search(r'href="([^"]+)" rel="next"', first.text)
    assert onward is not None
    second = asha.get(unescape(onward[1]))
    assert titles(first.text) + titles(second.text) == [f"Deal {n:02}" for n in range(60)]
    back = re.search(r'href="([^"]+)" rel="prev"', second.text)
    assert back is not None
    assert titles(asha.get(unescape(back[1])).text) == titles(first.text)


def test_an_empty_list_says_why_and_what_to_do(quick_firm: Firm) -> None:
    asha = quick_firm.browser("asha")
    nothing = asha.get("/deal")
    assert "No deals yet" in nothing.text
    assert 'href="/deal/new"' in nothing.text
    quick_firm.deal("asha", "Chairs")
    no_match = asha.get("/deal?q=zebra")
    assert "Nothing matches" in no_match.text
    assert "zebra" in no_match.text
    assert "Clear search and filters" in no_match.text


def test_nobody_can_forge_a_slot_of_the_page(quick_firm: Firm) -> None:
    quick_firm.deal("asha", "Chairs")
    asha = quick_firm.browser("asha")
    assert asha.get("/deal", params={"name.contains": "\x01rows\x01"}).status_code in (200, 400)
    assert titles(asha.get("/deal", params={"name.contains": "Chairs"}).text) == ["Chairs"]


def test_a_list_that_a_role_may_not_read_is_not_found_and_not_in_the_menu(quick_firm: Firm) -> None:
    nobody = quick_firm.browser("asha")
    assert nobody.get("/nothing").status_code == 404
    page = nobody.get("/deal").text
    assert 'href="/deal"' in page
    assert 'href="/admin"' not in page
    assert 'href="/admin"' in quick_firm.browser("dev").get("/deal").text


def test_the_file_holds_the_rows_and_columns_of_the_list_and_no_formula(quick_firm: Firm) -> None:
    quick_firm.deal("meera", "=HYPERLINK(1)")
    meera = quick_firm.browser("meera").get("/deal/export")
    assert meera.status_code == 200
    assert "'=HYPERLINK(1)" in meera.text
    assert quick_firm.browser("asha").get("/deal/export").status_code == 403


def test_the_picker_finds_what_the_actor_may_read_and_nothing_else(quick_firm: Firm) -> None:
    firm = quick_firm
    firm.deal("asha", "Chairs")
    firm.deal("ravi", "Chairs too")
    found = firm.browser("asha").get("/call/pick/deal", params={"q": "chairs"})
    assert [one["title"] for one in found.json()] == ["Chairs"]
    assert firm.browser("asha").get("/call/pick/outcome").status_code == 404


def test_one_search_covers_everything_readable(quick_firm: Firm) -> None:
    quick_firm.deal("asha", "Chairs for the hall")
    quick_firm.deal("ravi", "Chairs for the yard")
    page = quick_firm.browser("asha").get("/search?q=chairs")
    assert "Chairs for the hall" in page.text.replace("<mark>", "").replace("</mark>", "")
    assert "yard" not in page.text


def test_a_deal_goes_to_the_bin_and_comes_back_by_undo(quick_firm: Firm) -> None:
    deal = quick_firm.deal("meera", "Chairs")
    meera = quick_firm.browser("meera")
    place = f"/deal/{deal.id}"
    gone = send(meera, meera.get(f"{place}/delete"), f"{place}/delete")
    assert (gone.status_code, gone.headers["location"]) == (303, "/deal")
    after = meera.get("/deal")
    assert "moved to the bin" in after.text
    assert titles(after.text) == []
    assert meera.get(place).status_code == 404
    assert "Chairs" in meera.get("/bin/deal").text
    (undo,) = re.findall(r'action="(/undo/[^"]+)"', after.text)
    assert send(meera, after, undo).status_code == 303
    assert titles(meera.get("/deal").text) == ["Chairs"]
