"""A pipeline over time on the page: a funnel's numbers and the lines of what changed lead to just their records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from engine.records.commands import Delete
from engine.web.app import make_app
from engine.web.security import form_token
from tests.desk import ROOT, Desk, open_desk
from tests.real.databases import SQLiteDatabases

PASSWORD = "four unrelated words"


@pytest.fixture
def desk(sqlite_databases: SQLiteDatabases, tmp_path: Path) -> Iterator[Desk]:
    desk = open_desk(sqlite_databases.empty(), str(ROOT), tmp_path)
    made = {name: desk.create(desk.meera, "opportunity", name=name, amount=amount, owner=str(desk.meera.user))
            for name, amount in (("Chairs", "100"), ("Tables", "300"), ("Lamps", "50"), ("Rugs", "70"))}  # fmt: skip
    desk.clock.pass_time(days=40)
    desk.create(desk.meera, "opportunity", name="Sofas", amount="500", owner=str(desk.meera.user))
    desk.update(desk.meera, "opportunity", made["Chairs"], amount="120")
    proposed = desk.move(desk.meera, "opportunity", made["Tables"], "propose")
    desk.move(desk.meera, "opportunity", proposed, "win", amount="350")
    desk.crm.writes.do(desk.meera, Delete("opportunity", made["Lamps"].id, made["Lamps"].version))
    yield desk
    desk.close()


@pytest.fixture
def meera(desk: Desk) -> TestClient:
    desk.crm.accounts.set_password(desk.meera.user, PASSWORD)
    key = desk.crm.accounts.sign_in("meera@firm.example", PASSWORD).key
    client = TestClient(make_app(desk.runtime), "http://crm.example", headers={"x-csrf-token": form_token(key)})
    client.cookies.set("crm", key)
    return client


def lines(page: str) -> dict[str, tuple[str, str]]:
    """Of the table beside the chart: the number and the address by the name of the line."""
    found = re.findall(r'<th scope="row"><bdi>([^<]+)</bdi></th><td class="num"><a href="([^"]+)">([^<]+)</a>', page)
    return {name: (number, unescape(place)) for name, place, number in found}


def test_what_changed_adds_up_and_each_line_lists_its_records(desk: Desk, meera: TestClient) -> None:
    told = lines(meera.get("/reports/pipeline_changes?period=last+30+days").text)
    assert {name: re.sub(r"[^0-9.-]", "", number) for name, (number, _) in told.items()} == {
        "At the start": "520.00", "New": "500.00", "Raised": "70.00", "Won": "-350.00", "Deleted": "-50.00", "Now": "690.00",
    }  # fmt: skip
    for name, records in (("New", ["Sofas"]), ("Raised", ["Tables", "Chairs"]), ("Won", ["Tables"]),
                          ("At the start", ["Tables", "Chairs", "Rugs", "Lamps"])):  # fmt: skip
        place = told[name][1]
        assert place.startswith("/reports/pipeline_changes?line=") and place.endswith("#moved")
        section = meera.get(place).text.partition('id="moved"')[2].partition("</section>")[0]
        assert sorted(re.findall(r"<bdi>([^<]+)</bdi>", section)) == sorted(records)
    binned = meera.get(told["Deleted"][1]).text.partition('id="moved"')[2].partition("</section>")[0]
    assert "in the bin" in binned and "<a href" not in binned.partition("<tbody>")[2]
    assert '<span class="count">3</span>' in meera.get(told["Now"][1]).text


def test_a_line_is_opened_as_a_list_of_the_same_records(desk: Desk, meera: TestClient) -> None:
    page = meera.get("/reports/pipeline_changes?period=last+30+days&line=raised").text
    place = unescape(re.search(r'href="(/opportunity\?id[^"]+)"', page)[1])  # type: ignore[index]
    assert '<span class="count">2</span>' in meera.get(place).text
    assert 'id="moved"' not in meera.get("/reports/pipeline_changes?line=nothing").text
    assert meera.get("/reports/won_and_lost?line=won").status_code == 200


def test_the_page_goes_on_as_it_is_narrowed(desk: Desk, meera: TestClient) -> None:
    narrowed = f"/dashboards/sales?from=2026-12-20&until=2027-01-20&owner={desk.meera.user}"
    place = lines(meera.get(narrowed).text)["New"][1]
    assert "from=2026-12-20" in place and f"owner={desk.meera.user}" in place


def test_a_funnels_numbers_open_their_lists(desk: Desk, meera: TestClient) -> None:
    for asked in ("", "?period=last+30+days", "?from=2026-11-01&until=2026-12-20"):
        page = meera.get(f"/reports/sales_funnel{asked}").text
        found = re.findall(r'<td class="num"><a href="(/opportunity[^"]+)">(\d+)</a>', page)
        assert found
        for place, number in found:
            assert f'<span class="count">{number}</span>' in meera.get(unescape(place)).text, place


def test_a_condition_on_the_past_is_put_together_on_its_page(desk: Desk, meera: TestClient) -> None:
    given = "w.0.field=stage&w.0.op=entered&w.0.value=Won&w.0.value=last+7+days"
    page = meera.get(f"/opportunity/filter?{given}").text
    assert 'value="last 7 days"' in page and "began in" in page
    where = '{"stage":{"entered":{"Won":"last 7 days"}}}'
    shown = meera.get("/opportunity", params={"where": where}).text
    assert '<span class="count">1</span>' in shown and "entered" in shown
