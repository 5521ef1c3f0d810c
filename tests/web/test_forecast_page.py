"""The page of a forecast: what is told and why, and where somebody says what they expect themselves."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import orjson
import pytest
from pypdf import PdfReader

from engine.records.importing import import_file
from engine.records.sheets import read_sheet
from engine.web.pages.reports import entities_on, told_of
from tests.real.databases import SQLiteDatabases
from tests.web.desk import Front, open_front, text_of
from tests.web.forms import send

PAGE = "/reports/sales_forecast"
HEAD = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value"
SOLD = (900, 400, 500, 910, 390, 510, 905, 410, 505, 920)  # January to October: the quarter's first month is the best


@pytest.fixture
def front(sqlite_databases: SQLiteDatabases, tmp_path: Path) -> Iterator[Front]:
    file = tmp_path / "sales.csv"
    lines = [f"S{at},Dev,Chair,,Won,2026-{at:02}-02,2026-{at:02}-20,{value}" for at, value in enumerate(SOLD, 1)]
    file.write_text("\n".join([HEAD, *lines]))
    with open_front(sqlite_databases.empty(), "config/raalink") as front:
        front.desk.create(front.desk.dev, "product", name="Chair", kind="Product")
        mapping = front.desk.crm.blueprint.imports["sales_pipeline"]
        assert not import_file(front.desk.crm.writes, front.desk.engine, mapping, read_sheet(file)).rejected
        yield front


def test_a_page_tells_the_forecast_its_method_and_its_error_beside_the_naive_one(front: Front) -> None:
    page = front.browser("dev").get(PAGE)
    assert page.status_code == 200
    told = text_of(page.text)
    assert "Told by the same month of the quarter before: the numbers follow the quarter." in told
    assert re.search(r"off by \$\S+ \([\d.]+%\) on average; the month before taken again, by \$\S+ \([\d.]+%\)\.", told)
    assert "Held back from the choice, the last 3 months were off by" in told
    assert "Where there is no range" not in told
    assert page.text.count("is-dashed") == 1
    assert page.text.count('stroke-dasharray="5 4"') == 3  # for a whole page, for a column and for a telephone
    assert 'name="period"' not in page.text


def test_what_somebody_expects_is_written_once_and_stands_beside_the_forecast(front: Front) -> None:
    dev = front.browser("dev")
    form = unescape(re.findall(r'class="button is-small" href="([^"]+)">Dec 2026<', dev.get(PAGE).text)[0])
    sent = send(dev, dev.get(form), "/expected_sale/new", amount="777")
    assert (sent.status_code, sent.headers["location"]) == (303, PAGE)
    page = dev.get(PAGE).text
    assert "Dec 2026 · My number: $777.00" in page
    opened = re.findall(r'href="([^"]+)"[^>]*>\$777\.00</a>', page)[0]
    assert "Dec" in text_of(dev.get(unescape(opened)).text)
    narrowed = dev.get(f"{PAGE}?owner={front.desk.dev.user}").text
    assert "My number" not in narrowed
    assert "Numbers given by hand are of the whole, so they do not stand beside a part." in narrowed


def test_a_file_has_the_months_to_come_and_says_how_they_were_told(front: Front) -> None:
    found = orjson.loads(front.browser("dev").get(f"{PAGE}/export?format=json").content)
    last = found["rows"][-1]
    assert last["closed_on by month"] == "2027-02-01"
    assert last["sales"] is None
    assert last["forecast"]["currency"] == "USD"
    assert found["notes"][0].startswith("Told by")


def test_a_paper_a_picture_and_a_program_are_told_how_it_was_told_too(front: Front) -> None:
    dev = front.browser("dev")
    paper = PdfReader(io.BytesIO(dev.get(f"{PAGE}/export?format=pdf").content))
    words = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    assert "Told by the same month of the quarter before" in words
    picture = dev.get(f"{PAGE}/export?format=svg").text
    assert ">Forecast</text>" in picture and "My number" not in picture  # its keys: only what is drawn
    assert dev.get("/api/v1/reports/sales_forecast").json()["notes"][0].startswith("Told by")


def test_who_may_not_export_what_people_expect_has_it_in_no_file(front: Front) -> None:
    told = {name: told_of(front.desk.crm.blueprint.reports[name]) for name in ("sales_forecast", "won_and_lost")}
    assert "expected_sale" in told["sales_forecast"] and told["won_and_lost"] == ("opportunity",)
    page = front.desk.crm.blueprint.dashboards["sales"]
    assert "expected_sale" in [entity.name for entity in entities_on(front.desk.crm.blueprint, page)]


def test_a_manager_without_sales_is_told_what_is_missing(front: Front) -> None:
    told = text_of(front.browser("meera").get(PAGE).text)
    assert "There are 0 full months to tell from. A forecast needs at least 7." in told
    assert "Sales forecast" in text_of(front.browser("meera").get("/dashboards/sales").text)
