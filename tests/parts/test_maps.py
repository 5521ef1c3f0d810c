"""Maps: which country a word means, what is drawn of it, and what is told of the rest."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from engine.blueprint.conditions import ALWAYS
from engine.blueprint.entities import Field
from engine.blueprint.reports import Measure, Report, Series
from engine.formats import Formats
from engine.parts.charts.contract import Look, World
from engine.parts.charts.map import SHADES, _shade, _steps
from engine.parts.countries import country_of
from engine.parts.registry import charts
from engine.parts.tables import Axis, Column, Line, Table

COUNT = Column("leads", "Leads", "count", None, Measure("leads", "Leads", "count"))
REPORT = Report("where", "Where", {"": Series("", "Leads", "lead", ("country",), {"leads": COUNT.measure})})
LOOK = Look(
    Formats("en", "UTC", "INR", "IN"), opens=lambda line, column: f"/lead?country.is={line.keys[0]}",
    world=World("/w.svg", frozenset({"IN", "AE", "GB"}), "0 0 20 9"),
)  # fmt: skip


def drawn(counts: dict[str | None, int], look: Look = LOOK) -> str:
    axis = Axis("country", "Country", Field("country", "text", "Country"), None, tuple(counts))
    lines = tuple(Line((name,), (n,), {"": ("lead", ALWAYS)}) for name, n in counts.items())
    return str(charts()["map"].draw(Table(REPORT, (axis,), (COUNT,), lines, None, datetime(2026, 1, 1, tzinfo=UTC)), look))


@pytest.mark.parametrize("word", ["India", "india ", "IN", "IND", "356", "भारत", "الهند"])
def test_a_country_is_known_by_its_codes_and_its_names_in_the_programs_languages(word: str) -> None:
    assert country_of(word) == "IN"


@pytest.mark.parametrize(("word", "code"), [("UK", "GB"), ("USA", "US"), ("Hong Kong", "HK"), ("UAE", "AE")])
def test_what_business_writes_is_known_too(word: str, code: str) -> None:
    assert country_of(word) == code


@pytest.mark.parametrize("word", ["", "unknown", "Asia/Pacific Region", "XX", "Kochi", "99", "\u200b"])
def test_what_is_no_country_is_none(word: str) -> None:
    assert country_of(word) is None


def test_a_name_in_the_readers_own_language_is_known() -> None:
    assert (country_of("Allemagne"), country_of("Allemagne", "fr")) == (None, "DE")


@given(st.text(max_size=20))
def test_any_text_is_a_country_or_none(text: str) -> None:
    found = country_of(text)
    assert found is None or re.fullmatch(r"[A-Z]{2}", found)


def test_each_country_opens_its_records_and_the_rest_is_told() -> None:
    html = drawn({"India": 40, "UAE": 3, "Nowhere": 2, None: 7, "Singapore": 0})
    assert 'href="/lead?country.is=India" aria-label="India: 40"' in html
    assert re.search(r'/w\.svg#IN" class="map-5"', html) and re.search(r'/w\.svg#AE" class="map-4"', html)
    assert "Not on the map: Nowhere (2), Not said (7)." in html and "Singapore" not in html


def test_two_spellings_of_a_country_are_one_number_and_open_no_half_of_it() -> None:
    html = drawn({"UK": 1, "United Kingdom": 2})
    assert "<title>UK: 3</title>" in html and "<a " not in html


def test_where_no_picture_goes_along_the_map_is_a_table() -> None:
    for look in (replace(LOOK, world=None), replace(LOOK, plain=True)):
        assert "<svg" not in drawn({"India": 40}, look) and "India" in drawn({"India": 40}, look)


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=60))
def test_shades_follow_the_order_of_numbers_and_the_largest_is_darkest(numbers: list[int]) -> None:
    sizes = [Decimal(n) for n in numbers]
    steps = _steps(sizes)
    shades = [_shade(size, steps) for size in sorted(sizes)]
    assert shades == sorted(shades) and shades[-1] == SHADES and shades[0] >= 1


def test_a_map_is_drawn_of_countries_and_not_of_months() -> None:
    months = replace(REPORT, series={"": replace(REPORT.first, group_by=("created_at by month",))})
    assert "stretches of time" in (charts()["map"].refusal(months) or "")


def test_the_built_outline_has_the_countries_once_and_is_small() -> None:
    from engine.web.static import BUILT

    found = list(Path(BUILT).glob("world.*.svg"))
    if not found:
        pytest.skip("the assets are not built here")
    text = found[0].read_text()
    codes = re.findall(r' id="([A-Z]{2})"', text)
    assert len(codes) == len(set(codes)) > 230 and {"IN", "AE", "BH", "SG", "US", "XK"} <= set(codes)
    assert len(text) < 60_000
    # No line goes across the whole map: what lies over the 180th meridian is two rings.
    rings = [ring for d in re.findall(r' d="([^"]+)"', text) for ring in d.split("z") if ring]
    steps = [int(step) for ring in rings for step in re.findall(r"-?\d+", ring.partition("l")[2])[::2]]
    assert max(map(abs, steps)) < 700
