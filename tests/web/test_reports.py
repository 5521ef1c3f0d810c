"""Dashboards and reports over HTTP: numbers of one's own records, each with the way to them, and as files."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from urllib.parse import urlsplit

import orjson
import pytest

from engine.web import render_reports
from tests.firm import Firm

REPORT = "/reports/deals_by_source"


def sources(firm: Firm) -> None:
    for name, title, source in (
        ("asha", "A", "Google"), ("asha", "B", "Google"), ("asha", "C", "Website"), ("ravi", "D", "Google"),
        ("ravi", "=1+1", None),
    ):  # fmt: skip
        given = {"source": source} if source else {}
        firm.deal("meera", title, owner=firm.actor(name).user, **given)  # a caller does not say where a deal came from


def test_a_caller_counts_only_her_own_and_each_number_opens_just_these(firm: Firm) -> None:
    sources(firm)
    asha, meera = firm.browser("asha"), firm.browser("meera")
    for client, counts in ((asha, {"Google": 2, "Website": 1}), (meera, {"Google": 3, "Website": 1, "Not said": 1})):
        page = client.get(REPORT).text
        found = re.findall(r'<th scope="row"><bdi>([^<]+)</bdi></th>.*?<a href="([^"]+)">(\d+)</a>', page)
        assert {name: int(number) for name, _, number in found} == counts
        for _, place, number in found:
            assert unescape(place).startswith("/deal?")
            opened = client.get(unescape(place)).text
            assert re.search(rf'<span class="count">{number}</span>', opened)


def test_a_page_is_narrowed_to_a_period_and_a_person(firm: Firm) -> None:
    sources(firm)
    meera, ravi = firm.browser("meera"), firm.actor("ravi").user
    narrowed = meera.get(f"{REPORT}?period=today&owner={ravi}").text
    assert re.findall(r"<bdi>(Google|Website|Not said)</bdi>", narrowed)[:2] == ["Google", "Not said"]
    assert "Nothing to count here." in meera.get(f"{REPORT}?period=1999").text
    assert "Nothing to count here." in meera.get(f"{REPORT}?from=2001-01-01&until=2001-12-31").text


@pytest.mark.parametrize("asked", ["period=whenever", "from=2026-02-01&until=2026-01-01", "from=x", "owner=nobody"])
def test_what_makes_no_sense_is_told_on_the_page(quick_firm: Firm, asked: str) -> None:
    answer = quick_firm.browser("meera").get(f"{REPORT}?{asked}")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_a_report_is_a_file_for_who_may_export_and_its_texts_are_no_formulas(firm: Firm) -> None:
    sources(firm)
    assert firm.browser("asha").get(f"{REPORT}/export").status_code == 403
    meera = firm.browser("meera")
    table = list(csv.reader(io.StringIO(meera.get(f"{REPORT}/export").content.decode("utf-8-sig"))))
    assert table[0] == ["Source", "Deals", "Value"]
    assert {row[0]: row[1] for row in table[1:]} == {"Google": "3", "Website": "1", "Not said": "1"}
    rows = orjson.loads(meera.get(f"{REPORT}/export?format=json").content)["rows"]
    assert {row["source"]: row["deals"] for row in rows} == {"Google": 3, "Website": 1, None: 1}
    book = meera.get(f"{REPORT}/export?format=xlsx")
    assert book.content.startswith(b"PK") and book.headers["content-disposition"].startswith("attachment")
    assert meera.get(f"{REPORT}/export?format=exe").status_code == 400


def test_a_dashboard_shows_its_tiles_and_charts_with_a_table_beside_each_picture(quick_firm: Firm) -> None:
    sources(quick_firm)
    page = quick_firm.browser("meera").get("/dashboards/desk").text
    assert 'class="tile"' in page and "Deals by source" in page
    for place in re.findall(r'<a class="tile" href="([^"]+)"', page):
        assert urlsplit(unescape(place)).path == "/deal"
    assert "style=" not in page


def test_a_period_that_makes_no_sense_makes_no_file(quick_firm: Firm) -> None:
    assert quick_firm.browser("meera").get(f"{REPORT}/export?period=whenever").status_code == 400


def test_of_many_groups_the_first_are_shown_and_how_many_are_not(
    quick_firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources(quick_firm)
    monkeypatch.setattr(render_reports, "MOST_DRAWN", 1)
    monkeypatch.setattr(render_reports, "MOST_LINES", 2)
    page = quick_firm.browser("meera").get(REPORT).text
    assert "1 further group is not shown here." in page and "<progress" not in page


def test_the_number_of_all_records_opens_all_of_them_whatever_view_a_list_begins_with(quick_firm: Firm) -> None:
    sources(quick_firm)
    page = quick_firm.browser("meera").get(REPORT).text
    total = re.search(r'<th scope="row"[^>]*>Total</th><td class="num"><a href="([^"]+)"', page)
    assert total is not None and unescape(total[1]) == "/deal?view=all"
