"""Asha asks odd questions: each gets its answer or a clear refusal, soon, and she learns nothing from it."""

from __future__ import annotations

from time import process_time
from urllib.parse import quote

import pytest

from tests.firm import Firm


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param("limit=000100" + "9" * 5000, id="a limit of five thousand digits"),
        pytest.param("&".join(f"z{n}=1" for n in range(5000)), id="five thousand unknown filters"),
        pytest.param("&".join(f"account.z{n}=1" for n in range(2500)), id="unknown filters one record further"),
        pytest.param("&".join(["name.contains=a"] * 2500), id="one filter two thousand times"),
        pytest.param("&".join(f"name.is_not={n}" for n in range(2500)), id="two thousand values that it is not"),
        pytest.param("columns=" + ",".join(f"nothing{n}" for n in range(4000)), id="thousands of unknown columns"),
    ],
)
def test_a_question_of_thousands_of_pieces_is_refused_at_once(quick_firm: Firm, asked: str) -> None:
    quick_firm.deal("asha")
    asha = quick_firm.program("asha")
    started = process_time()
    answer = asha.get(f"/api/v1/deal?{asked}")
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-request")
    assert process_time() - started < 0.5  # seconds; 2.3 before the pieces were counted first


def test_as_many_filters_as_a_person_could_want_are_answered(quick_firm: Firm) -> None:
    quick_firm.deal("asha", "A thousand chairs")
    asked = "&".join([*["name.contains=chairs"] * 40, *[f"source.is_not={s}" for s in ("Google", "Website")]])
    answer = quick_firm.program("asha").get(f"/api/v1/deal?{asked}")
    assert [item["name"] for item in answer.json()["items"]] == ["A thousand chairs"]


ODD = ("a\0chairs", "\0", "chairs\0", '"* OR NEAR( ^ : {', "%%%", "\u200b\u200b", "e" + "\u0301" * 190, "\ufdfa" * 200)


def test_odd_characters_are_searched_for_like_any_other(firm: Firm) -> None:
    firm.deal("asha")
    asha, browser = firm.program("asha"), firm.browser("asha")
    for q in map(quote, ODD):
        for place in (f"/api/v1/deal?q={q}&count=true", f"/api/v1/search?q={q}", f"/api/v1/deal/pick?q={q}"):
            assert asha.get(place).status_code == 200, place
        for place in (f"/deal?q={q}", f"/search?q={q}", f"/deal/pick?q={q}"):
            assert browser.get(place).status_code in (200, 303), place  # what folds to nothing leads to the whole list


@pytest.mark.parametrize("name", ["budget", "expected"])
def test_what_is_hidden_from_asha_is_not_one_record_further_either(quick_firm: Firm, name: str) -> None:
    deal = quick_firm.deal("dev", budget="5000", owner=quick_firm.actor("asha").user)
    quick_firm.office.create(quick_firm.actor("asha"), "call", deal=deal.id, outcome="RNR")
    asha = quick_firm.program("asha")
    for asked in (f"deal.{name}=5000", f"deal.{name}.above=1", f"columns=deal.{name}"):
        hidden, unknown = (asha.get(f"/api/v1/call?{asked.replace(name, said)}") for said in (name, "nothing_such"))
        assert hidden.status_code == unknown.status_code == 400
        assert hidden.text.replace(name, "") == unknown.text.replace("nothing_such", "")


def test_a_reference_to_a_foreign_record_tells_its_number_and_no_more(quick_firm: Firm) -> None:
    """Ravi's deal was handed to Asha's call by an administrator: she sees that there is one."""
    deal = quick_firm.deal("ravi", "Ravi's secret buyer")
    call = quick_firm.office.create(
        quick_firm.actor("dev"), "call", deal=deal.id, outcome="RNR", owner=quick_firm.actor("asha").user
    )
    asha, browser = quick_firm.program("asha"), quick_firm.browser("asha")
    for place in (
        "/api/v1/call", f"/api/v1/call/{call.id}", f"/api/v1/call/{call.id}/history", "/api/v1/call?columns=deal.name,title",
        "/api/v1/call?sort=deal", "/api/v1/search?q=secret", "/api/v1/deal/pick?q=secret",
    ):  # fmt: skip
        answer = asha.get(place)
        assert answer.status_code == 200 and "secret" not in answer.text, place
    for place in (
        "/call", f"/call/{call.id}", f"/call/{call.id}/edit", f"/call/{call.id}?tab=history", f"/call?deal={deal.id}",
        f"/call/new?deal={deal.id}", "/call/pick/deal?q=secret", f"/call?deal.name={quote('Ravi')}",
    ):  # fmt: skip
        answer = browser.get(place)
        assert answer.status_code == 200 and "secret buyer" not in answer.text, place
    assert asha.get("/api/v1/call?deal.name.contains=secret&count=true").json()["count"] == 0
    assert asha.get("/api/v1/call?deal.name.is_not=anything&count=true").json()["count"] == 0
