"""A page of numbers narrowed by period, owner, team and source: in its address, in its numbers, and told where it is not."""

from __future__ import annotations

import re
from html import unescape

import pytest
from starlette.testclient import TestClient

from engine.records.commands import Update
from tests.desk import Desk
from tests.web.desks import Open, rsoft

__all__ = ["rsoft"]
DESK, SALES = "/dashboards/lead_desk", "/dashboards/sales"


def tile(page: str, label: str) -> int:
    found = re.search(rf'>{label}</span><span class="tile-number">([\d,]+)</span>', page)
    assert found is not None, label
    return int(found[1])


def chart(page: str, name: str) -> str:
    return re.split(r"<figure ", page.partition(f'<h2 id="r-{name}">')[2])[0]


def team_of_asha(desk: Desk) -> tuple[str, str]:
    """A team, and the caller who is in it."""
    team = desk.create(desk.engine, "team", name="North")
    asha = desk.crm.reads.record(desk.engine, "user", desk.asha.user)
    desk.crm.writes.do(desk.engine, Update("user", desk.asha.user, asha.version, {"team": str(team.id)}))
    return str(team.id), str(desk.asha.user)


@pytest.fixture(scope="module")
def north(rsoft: Open) -> tuple[str, str]:
    for who, source in (("asha", "Google"), ("asha", "Website"), ("ravi", "Google")):
        made = rsoft.lead(who)
        if source != "Google":
            rsoft.desk.update(rsoft.desk.meera, "lead", made, source=source)
    return team_of_asha(rsoft.desk)


def page(client: TestClient, place: str) -> str:
    answer = client.get(place)
    assert answer.status_code == 200
    return unescape(answer.text)


def test_owner_team_and_source_narrow_what_has_them(rsoft: Open, north: tuple[str, str]) -> None:
    meera, (team, asha) = rsoft.browser("meera"), north
    assert tile(page(meera, DESK), "All leads") == 3
    assert tile(page(meera, f"{DESK}?owner={asha}"), "All leads") == 2
    assert tile(page(meera, f"{DESK}?source=Google"), "All leads") == 2
    assert tile(page(meera, f"{DESK}?owner={asha}&source=Google"), "All leads") == 1
    assert tile(page(meera, f"{DESK}?period=yesterday"), "All leads") == 0
    assert tile(page(meera, f"{DESK}?team={team}"), "All leads") == 2


def test_a_tile_opens_the_list_narrowed_alike(rsoft: Open, north: tuple[str, str]) -> None:
    meera, (team, _) = rsoft.browser("meera"), north
    found = re.search(r'class="tile" href="([^"]+)"', meera.get(f"{DESK}?team={team}").text)
    assert found is not None
    assert re.search(r'<span class="count">2</span>', meera.get(unescape(found[1])).text)


def test_what_is_not_narrowed_says_so(rsoft: Open, north: tuple[str, str]) -> None:
    meera = rsoft.browser("meera")
    told = page(meera, f"{SALES}?period=&source=Google")
    assert "Not narrowed by Source." in chart(told, "activity_by_seller")
    assert "Targets are not narrowed by Source." in chart(told, "sales_and_targets")
    assert "arrowed by Source" not in chart(told, "performance_by_seller")
    assert "arrowed by" not in page(meera, f"{SALES}?period=")


def test_a_report_is_opened_as_the_page_is_narrowed(rsoft: Open, north: tuple[str, str]) -> None:
    meera, (team, _) = rsoft.browser("meera"), north
    told = page(meera, f"{DESK}?team={team}&period=today&source=Google")
    place = re.search(r'href="(/reports/leads_by_source[^"]*)"', told)
    assert place is not None and place[1] == f"/reports/leads_by_source?period=today&team={team}&source=Google"
    opened = page(meera, place[1])
    assert "Team" in opened and "Owner → Team is North" in opened and re.search(r"Created · Today: \d+ Nov 2026", opened)


@pytest.mark.parametrize("asked", ["team=nobody", "source=Pigeon", "owner=1", "period=soon"])
def test_what_makes_no_sense_is_told_or_finds_nothing(rsoft: Open, north: tuple[str, str], asked: str) -> None:
    answer = rsoft.browser("meera").get(f"{DESK}?{asked}")
    assert (answer.status_code == 400 and 'role="alert"' in answer.text) or tile(answer.text, "All leads") == 0


def test_why_tells_which_records_what_each_number_is_and_what_is_not_in_it(rsoft: Open, north: tuple[str, str]) -> None:
    asha = rsoft.browser("asha")
    told = page(asha, "/reports/leads_by_source?period=this+month")
    assert "the number of records" in told and "Leads as a part of its total" in told
    assert "Leads that are not open to you, and those in the bin, are not counted." in told
    assert 'What has no "Created" is in no period.' in told
    assert "All leads are open to you; those in the bin are not counted." in page(
        rsoft.browser("dev"), "/reports/leads_by_source"
    )
