"""Asha sends values that no form of ours would send: a clear refusal, soon, and nothing is written."""

from __future__ import annotations

from time import process_time

import pytest
from httpx2 import Response

from tests.firm import Firm

JSON = {"content-type": "application/json"}


HUGE = ("1e999999999", "-1e999999999", "0e999999999", "1e-999999999", "1e" + "9" * 30, "1." + "0" * 100_000 + "1")


@pytest.mark.parametrize("number", HUGE, ids=lambda number: number[:15])
def test_a_short_number_that_means_a_gigabyte_is_refused_at_once(quick_firm: Firm, number: str) -> None:
    dev, deal = quick_firm.program("dev"), quick_firm.deal("dev")
    started = process_time()
    for field in ("seconds", "note", "at", "deal", "outcome"):
        given = {"deal": f'"{deal.id}"', "outcome": '"RNR"', field: number}
        body = "{" + ", ".join(f'"{name}": {value}' for name, value in given.items()) + "}"
        refused_briefly(dev.post("/api/v1/call", content=body, headers=JSON))
    for field in ("budget", "discount", "closes_on", "is_hot", "tags", "phone"):
        body = f'{{"name": "Chairs", "{field}": {number}}}'
        refused_briefly(dev.post("/api/v1/deal", content=body, headers=JSON))
    assert process_time() - started < 2  # seconds; one such number took sixteen


def refused_briefly(answer: Response) -> None:
    assert answer.status_code in (400, 422), answer.text[:300]
    assert len(answer.content) < 2000


def test_a_number_beyond_the_machine_is_refused_by_its_field_also_with_a_key(quick_firm: Firm) -> None:
    asha, deal = quick_firm.program("asha"), quick_firm.deal("asha")
    for number in (10**60, 2**64, -(10**30)):
        for headers in ({}, {"idempotency-key": f"once {number}"}):
            given = {"deal": str(deal.id), "outcome": "RNR", "seconds": number}
            answer = asha.post("/api/v1/call", json=given, headers=headers)
            assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (422, ["seconds"])


def test_a_value_that_another_record_has_is_an_invalid_value(quick_firm: Firm) -> None:
    dev = quick_firm.program("dev")
    assert dev.post("/api/v1/team", json={"name": "North"}).status_code == 201
    answer = dev.post("/api/v1/team", json={"name": "North"})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")


def test_a_tokens_life_is_a_number_of_days(quick_firm: Firm) -> None:
    asha = quick_firm.browser("asha")
    for days in ("0", "366", "00001" + "9" * 20, "9" * 5000, "-1", "1e3", "\u0661"):
        assert asha.post("/me/tokens", data={"name": "mine", "days": days}).status_code == 422, days[:30]


def test_a_person_has_a_time_zone_that_there_is(quick_firm: Firm) -> None:
    """Else every page of theirs, and every notice to them, would fail."""
    dev, asha = quick_firm.program("dev"), quick_firm.actor("asha")
    for zone in ("Mars/Olympus", "../../etc/passwd", "/etc/localtime", "Asia", "Asia/Kolkata\0", "a" * 64):
        answer = dev.patch(f"/api/v1/user/{asha.user}", json={"version": 1, "zone": zone})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "zone"), zone
    assert dev.patch(f"/api/v1/user/{asha.user}", json={"version": 1, "zone": "Asia/Tokyo"}).status_code == 200


def test_a_person_whose_time_zone_is_no_more_works_on_in_the_firms(quick_firm: Firm) -> None:
    quick_firm.deal("asha")
    with quick_firm.office.database.writing() as connection:
        connection.change("""update "user" set zone = 'Mars/Olympus', language = '"><script>'""", ())
    asha = quick_firm.browser("asha")
    for place in ("/deal", "/dashboards/desk", "/me", "/api/v1/deal"):
        answer = asha.get(place)
        assert answer.status_code == 200 and '"><script>' not in answer.text, place
