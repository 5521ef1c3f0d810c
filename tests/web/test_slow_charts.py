"""A dashboard does not wait for a chart that takes long: it comes after the page, the same as it would have been on it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from engine.web import render_desk
from tests.web.desks import Open, rsoft

__all__ = ["rsoft"]
DESK = "/dashboards/lead_desk"
LATER = re.compile(r'data-later="([^"]+)"')
FIGURE = re.compile(r"<figure .*?</figure>", re.S)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render_desk, "LONG", -1.0)


def figures(text: str) -> dict[str, str]:
    return {found: figure for figure in FIGURE.findall(text) for found in re.findall(r'<h2 id="r-([^"]+)"', figure)}


def test_each_chart_that_comes_later_is_the_one_that_the_whole_page_has(rsoft: Open, impatient: None) -> None:
    rsoft.lead("asha")
    asha = rsoft.browser("asha")
    whole = figures(asha.get(f"{DESK}?whole=yes&source=Google").text)
    page = asha.get(f"{DESK}?source=Google").text
    later = [unescape(address) for address in LATER.findall(page)]
    assert len(later) == len(whole) > 5
    assert all("source=Google" in address for address in later)
    brought = [asha.get(address) for address in later]
    assert [answer.status_code for answer in brought] == [200] * len(later)
    assert figures("".join(answer.text for answer in brought)) == whole
    assert "data-later" not in "".join(whole.values())


def test_the_tiles_are_there_at_once(rsoft: Open, impatient: None) -> None:
    assert "tile-number" in rsoft.browser("asha").get(DESK).text


def test_what_took_long_for_a_role_is_not_waited_for_again(rsoft: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render_desk, "LONG", 5.0)
    paces = rsoft.desk.crm.paces
    monkeypatch.setitem(paces, ("caller", "leads_by_source"), 6.0)
    page = rsoft.browser("asha").get(DESK).text
    assert LATER.findall(page) == [f"{DESK}/charts/leads_by_source"]
    assert rsoft.browser("asha").get(f"{DESK}/charts/leads_by_source").status_code == 200
    assert paces["caller", "leads_by_source"] < 5
    assert "data-later" not in rsoft.browser("asha").get(DESK).text


def test_a_chart_of_others_is_not_there(rsoft: Open, impatient: None) -> None:
    asha = rsoft.browser("asha")
    assert "leads_by_week_and_caller" not in asha.get(DESK).text
    for place in (f"{DESK}/charts/leads_by_week_and_caller", f"{DESK}/charts/none", "/dashboards/sales/charts/lead_funnel"):
        assert asha.get(place).status_code == 404, place


def test_a_table_of_many_columns_has_the_breadth_of_the_page_at_once_and_later(
    rsoft: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    rsoft.lead("asha")
    meera = rsoft.browser("meera")
    on_page = figures(meera.get("/dashboards/today_desk?whole=yes").text)
    monkeypatch.setattr(render_desk, "LONG", -1.0)
    ((_, later),) = figures(meera.get("/dashboards/today_desk/charts/performance_by_hour").text).items()
    for figure in (on_page["performance_by_hour"], later):
        assert figure.startswith('<figure class="chart is-span"')
    assert on_page["calls_by_caller"].startswith('<figure class="chart"')
