"""A person's own arrangement of a dashboard: kept for them alone, and put back to the set's."""

from __future__ import annotations

import re

from starlette.testclient import TestClient

from tests.web.desks import Open, rsoft

__all__ = ["rsoft"]
DESK = "/dashboards/lead_desk"
TILES = ["all", "hot", "previous_month", "not_attempted", "lost", "follow_up", "missed"]


def posted(client: TestClient, do: str, **form: list[str]) -> str:
    answer = client.post(f"{DESK}/arrange", data={"do": do, **form})
    return answer.text if answer.status_code == 200 else client.get(answer.headers["location"]).text


def charts(page: str) -> list[str]:
    return re.findall(r'<h2 id="r-([\w.]+)">', page)


def test_a_person_orders_hides_and_widens_and_nobody_elses_page_changes(rsoft: Open) -> None:
    meera, ravi = rsoft.browser("meera"), rsoft.browser("ravi")
    before, his = charts(meera.get(DESK).text), charts(ravi.get(DESK).text)
    assert len(before) > 1 and len(his) > 1
    order = list(reversed(before))
    ticked = {"charts.shown": order[:-1], "charts.wide": order[:1], "tiles.shown": TILES[2:]}
    page = posted(meera, "apply", tiles=TILES, charts=order, **ticked)
    assert charts(page) == order[:-1]
    assert page.count('<figure class="chart is-span"') == 1 and page.count('class="tile"') == 5
    assert charts(ravi.get(DESK).text) == his
    assert charts(posted(meera, "reset")) == before


def test_the_form_is_moved_about_before_anything_is_kept(rsoft: Open) -> None:
    meera = rsoft.browser("meera")
    before = charts(meera.get(DESK).text)
    page = posted(meera, "down:charts:0", charts=before, **{"charts.shown": before})
    assert re.findall(r'name="charts" value="([\w.]+)"', page)[:2] == [before[1], before[0]]
    assert f'name="charts.shown" value="{before[0]}" checked' in page
    assert charts(meera.get(DESK).text) == before


def test_what_the_form_says_beside_the_set_is_passed_over(rsoft: Open) -> None:
    meera = rsoft.browser("meera")
    before = charts(meera.get(DESK).text)
    for deed in ("up:charts:99", "down:nowhere:0", "up:charts:x", ""):
        assert meera.post(f"{DESK}/arrange", data={"do": deed, "charts": ["no_such", *before]}).status_code == 200
    page = posted(meera, "apply", charts=["no_such", *before], **{"charts.shown": ["no_such", *before]})
    assert charts(page) == before


def test_a_page_of_which_all_is_hidden_says_so_and_keeps_what_it_is_narrowed_to(rsoft: Open) -> None:
    meera = rsoft.browser("meera")
    before = charts(posted(meera, "reset"))
    answer = meera.post(f"{DESK}/arrange", data={"do": "apply", "tiles": TILES, "charts": before, "asked": "period=today"})
    assert answer.headers["location"] == f"{DESK}?period=today"
    assert "All tiles and charts of this page are hidden." in meera.get(DESK).text


def test_another_roles_dashboard_is_none_to_arrange(rsoft: Open) -> None:
    asha = rsoft.browser("asha")
    assert asha.get("/dashboards/sales/arrange").status_code == 404
    assert asha.get("/dashboards/none/arrange").status_code == 404
