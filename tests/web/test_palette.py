"""The palette shows only what this person may do, here and anywhere; the search page the same without script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from engine.records.commands import Outcome
from tests.web.desk import Front, open_front, text_of


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with open_front(f"sqlite:///{tmp_path_factory.mktemp('palette')}/crm.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def priya(front: Front) -> Outcome:
    values = {"first_name": "Priya", "last_name": "Banerjee", "phone": "98765 43210", "source": "Google"}
    return front.desk.create(front.desk.asha, "lead", **values)


def palette(front: Front, who: str, **asked: str) -> Any:
    return front.browser(who).get("/palette", params=asked)


def options(page: str) -> list[str]:
    """Label and, where there is one, the address."""
    found = re.findall(r'<(?:a|button)[^>]*role="option"[^>]*>(.*?)</(?:a|button)>', page, re.DOTALL)
    return [text_of(one) for one in found]


def places(page: str) -> list[str]:
    return [unescape(place) for place in re.findall(r'role="option"[^>]*href="([^"]+)"', page)]


def test_without_a_word_it_leads_to_ones_places_and_what_one_may_add(front: Front) -> None:
    found = places(palette(front, "asha").text)
    assert {"/today", "/calendar", "/lead", "/lead/new", "/today/calling"} <= set(found)
    assert "/admin" not in found
    assert "/admin" in places(palette(front, "dev").text)


def test_on_a_record_it_offers_what_may_be_done_with_it_now(front: Front, priya: Outcome) -> None:
    at = f"/lead/{priya.id}"
    found = places(palette(front, "asha", at=at).text)
    assert [f"{at}/call?back=%2Flead%2F{priya.id}", f"{at}/move/lose", f"{at}/edit"] == found[:3]
    assert f"{at}/move/attended" not in found  # an answered call comes first
    assert f"{at}/delete" not in found
    assert f"{at}/delete" in places(palette(front, "dev", at=at).text)


def test_on_anothers_record_it_offers_nothing_of_it(front: Front, priya: Outcome) -> None:
    there = palette(front, "ravi", at=f"/lead/{priya.id}")
    assert there.text == palette(front, "ravi", at="/lead/1").text
    assert "Priya" not in there.text


@pytest.mark.parametrize("typed", ["priya", "pryia", "43210", "banerjee pri"])
def test_a_record_is_found_and_the_match_is_marked(front: Front, priya: Outcome, typed: str) -> None:
    page = palette(front, "asha", q=typed).text
    assert f"/lead/{priya.id}" in places(page)
    assert "<mark>" in page
    assert f"/lead/{priya.id}" not in places(palette(front, "ravi", q=typed).text)


PLACES = {"lea": "/lead", "new lead": "/lead/new", "tod": "/today", "tick": "/ticket"}


@pytest.mark.parametrize(("typed", "place"), PLACES.items())
def test_a_place_is_found_by_how_its_words_begin(front: Front, typed: str, place: str) -> None:
    assert place in places(palette(front, "asha", q=typed).text)


def test_a_move_of_the_open_record_is_found_by_name(front: Front, priya: Outcome) -> None:
    page = palette(front, "asha", q="lost", at=f"/lead/{priya.id}").text
    assert places(page)[0] == f"/lead/{priya.id}/move/lose"
    assert "data-dialog" in page


def test_what_was_opened_lately_is_named_only_to_who_may_read_it(front: Front, priya: Outcome) -> None:
    recent = f"lead/{priya.id},lead/1,nothing/5,../../etc,user/9999999999999999999999"
    assert "Priya Banerjee" in " ".join(options(palette(front, "asha", recent=recent).text))
    assert palette(front, "ravi", recent=recent).text == palette(front, "ravi").text


def test_a_themes_button_and_the_list_of_keys_are_there(front: Front) -> None:
    page = palette(front, "asha", q="dark").text
    assert 'data-theme-choice="dark"' in page
    assert "data-opens" in palette(front, "asha", q="keys").text


@pytest.mark.parametrize(
    "asked", [{"q": "<script>alert(1)</script>"}, {"q": "a" * 5000}, {"q": "\0%_\\'\""}, {"at": "/" + "x" * 3000},
              {"at": "/lead/99999999999999999999"}, {"recent": "," * 3000}, {"q": "🙂 ⁦مرحبا⁩"}],
)  # fmt: skip
def test_nonsense_is_answered_calmly(front: Front, asked: dict[str, str]) -> None:
    page = palette(front, "asha", **asked)
    assert page.status_code == 200
    assert "<script" not in page.text


def test_nobody_keeps_what_the_palette_told(front: Front) -> None:
    assert palette(front, "asha").headers["cache-control"] == "no-store"


def test_every_option_has_a_name_of_its_own(front: Front, priya: Outcome) -> None:
    page = palette(front, "asha", q="l", at=f"/lead/{priya.id}").text
    ids = re.findall(r'id="(palette-[^"]+)"', page)
    assert len(ids) == len(set(ids))
    for part in re.findall(r'aria-labelledby="([^"]+)"', page):
        assert f'id="{part}"' in page


def test_the_search_page_tells_counts_and_where_it_matches(front: Front, priya: Outcome) -> None:
    page = front.browser("asha").get("/search", params={"q": "98765"}).text
    assert "Leads 1" in text_of(page)
    assert "<mark>98765</mark>" in page
    assert "spelled otherwise" in front.browser("asha").get("/search", params={"q": "pryia"}).text
    assert "Nothing found" in front.browser("ravi").get("/search", params={"q": "priya"}).text
