"""Lists among the tiles and charts of a page: the first records, how many there are in all, and the list of all."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from engine.records.reporting import PARTLY, table_of
from engine.web import render_reports
from engine.web.render_reports import MOST_LISTED
from tests.web.desks import Open, rsoft

__all__ = ["rsoft"]
DESK = "/dashboards/lead_desk"


def listed(page: str) -> str:
    return re.split(r"<figure ", page.partition('<h2 id="r-lead.to_call">')[2])[0]


def test_a_view_on_a_page_shows_its_first_records_and_leads_to_all(rsoft: Open) -> None:
    asha = rsoft.browser("asha")
    for n in range(MOST_LISTED + 3):
        rsoft.lead("asha", f"Anil{n}")
    rsoft.lead("ravi", "Hidden")
    piece = listed(asha.get(DESK).text)
    assert piece.startswith('<a href="/lead?view=to_call">To call now</a>')
    assert piece.count("<tr") == MOST_LISTED + 1 and "Hidden" not in piece
    found = re.search(r'<p class="chart-more"><a href="([^"]+)">All 11</a>', piece)
    assert found is not None and "sort=follow_up_at" in found[1]
    assert re.search(r'<span class="count">11</span>', asha.get(unescape(found[1])).text)


def test_a_long_table_on_a_page_shows_its_first_lines_and_leads_to_all(
    rsoft: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render_reports, "MOST_TABLED", 2)
    for who in ("asha", "ravi", "meera"):
        rsoft.call(rsoft.lead(who, "Anil"), who)
    page = rsoft.browser("meera").get("/dashboards/today_desk").text
    piece = page.partition('<h2 id="r-performance_by_hour">')[2].partition("</figure>")[0]
    assert re.search(r'<p class="chart-more"><a href="/reports/performance_by_hour[^"]*">All 3</a>', piece)
    assert piece.count("<tr") == 4  # the heads, two lines, and the sum of all
    assert "not shown here" not in piece
    whole = rsoft.browser("meera").get("/reports/performance_by_hour").text
    assert whole.count("<tr") == 5 and 'class="chart-more"' not in whole


def test_a_list_leaves_out_the_columns_that_a_role_does_not_see_and_says_so(rsoft: Open) -> None:
    crm, asha, meera = rsoft.desk.crm, rsoft.desk.asha, rsoft.desk.meera
    report = replace(crm.blueprint.reports["closed_this_month"], roles=None)
    assert report.order == (("order_value", True),)  # which a caller may not read
    whole, part = table_of(crm.reads, meera, report), table_of(crm.reads, asha, report)
    assert {shown.name for shown in whole.page.columns} == set(report.columns) and whole.left_out == ()
    assert {shown.name for shown in part.page.columns} == set(report.columns) - {"order_value"}
    assert part.left_out == (PARTLY,)
