"""Every kind of chart, walked: what it draws is markup of ours alone, told in words, and whole without a style sheet."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, strategies as st

from engine.blueprint.conditions import ALWAYS
from engine.blueprint.entities import Choice, Field
from engine.blueprint.reports import Measure, Report, Series
from engine.blueprint.values import Money, Ref
from engine.formats import Formats
from engine.parts.charts.contract import Look, World
from engine.parts.drawing import scale
from engine.parts.registry import charts
from engine.parts.tables import Axis, Column, Line, Table

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
CHOICES = (Choice("Web", "Web", "blue"), Choice("<b>&", "<b>& 'bold'", "red"))
SOURCE = Field("source", "choice", "Source", options={"choices": CHOICES})
MONTH = Field("created_at", "datetime", "Created")
OWNER = Field("owner", "user", "Owner", options={"entity": "user"})
AMOUNT = Field("amount", "money", "Amount", options={"currency": "INR"})
COUNT = Column("deals", "Deals", "count", None, Measure("deals", "Deals", "count"))
VALUE = Column("value", "Value", "value", AMOUNT, Measure("value", "Value", "sum", "amount"))
RATE = Column("rate", "Rate", "percent", None, Measure("rate", "Rate", "ratio", of=("deals", "deals")))
OTHER = Column("asked", "Asked", "count", None, Measure("asked", "Asked", "count"))
SERIES = Series("", "Deals", "deal", ("source",), {"deals": COUNT.measure})
REPORT = Report("deals", "Deals", {"": SERIES})
MONTHS = tuple(date(2026, month, 1) for month in range(6, 12))
WORLD = World("/w.svg", frozenset({"IN", "AE", "GB"}), "0 0 20 9")
LOOK = Look(Formats("en", "UTC", "INR", "IN"), opens=lambda line, column: "/deal?source.is=Web&x=%22", world=WORLD)


def money(amount: str) -> Money:
    return Money(Decimal(amount), "INR")


def line(*keys: Any, n: int | None, value: Any = None) -> Line:
    numbers = (n, value, Decimal("0.25") if n else None, (n or 0) * 2)
    return Line(keys, numbers, {"": ("deal", ALWAYS)})


def one_group(bucketed: bool) -> Table:
    sources = Axis("s", "Source", SOURCE, None, ("Web", "<b>&", None))
    axis = Axis("m", "Created", MONTH, "month", MONTHS) if bucketed else sources
    pairs = zip(axis.values, (3, 0, 7, 1, 2, 12), strict=False)
    lines = [line(value, n=n, value=money(f"{n}.50") if n else None) for value, n in pairs]
    return table(axis, lines=lines)


def two_groups() -> Table:
    owners = (Ref("user", 1, "Asha <i>"), Ref("user", 2, None))
    lines = [line(month, owner, n=(at * 3 + k) % 5) for at, month in enumerate(MONTHS) for k, owner in enumerate(owners)]
    return table(Axis("m", "Created", MONTH, "month", MONTHS), Axis("o", "Owner", OWNER, None, owners), lines=lines[:-1])


def table(*axes: Axis, lines: list[Line]) -> Table:
    total = Line((), (25, money("9.99"), Decimal("0.5"), 50), {"": ("deal", ALWAYS)})
    return Table(REPORT, axes, (COUNT, VALUE, RATE, OTHER), tuple(lines), total, NOW)


def tables(word: str) -> list[Table]:
    kind, found = charts()[word], []
    if 1 in kind.axes:
        found += [one_group(True), one_group(False)]
    if 2 in kind.axes:
        found.append(two_groups())
    return found or [table(lines=[line(n=3, value=money("4"))])]


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("word", sorted(charts()))
def test_a_chart_draws_escaped_markup_without_a_style_of_its_own(word: str) -> None:
    for given_table in tables(word):
        html = str(charts()[word].draw(given_table, LOOK))
        found = Tags(html).tags
        assert not {tag for tag, _ in found} & {"i", "script", "style"}
        assert not [attributes for _, attributes in found if "style" in attributes]
        assert {a["href"] for tag, a in found if tag == "a"} <= {"/deal?source.is=Web&x=%22"}
        ElementTree.fromstring(f"<x>{re.sub('&nbsp;', ' ', html)}</x>")  # whole, each element closed


@pytest.mark.parametrize("word", sorted(charts()))
def test_a_plain_chart_brings_its_colours_and_no_links(word: str) -> None:
    for given_table in tables(word):
        found = Tags(str(charts()[word].draw(given_table, replace(LOOK, plain=True)))).tags
        assert not [tag for tag, _ in found if tag == "a"]
        shapes = [a for tag, a in found if tag in ("rect", "path", "circle")]
        assert all(a.get("fill") or a.get("stroke") for a in shapes)


@pytest.mark.parametrize("word", sorted(charts()))
def test_a_chart_of_nothing_or_of_one_is_drawn_too(word: str) -> None:
    for given_table in tables(word):
        charts()[word].draw(replace(given_table, lines=given_table.lines[:1]), LOOK)
        nothing = [replace(one, numbers=(0, None, None, 0)) for one in given_table.lines]
        charts()[word].draw(replace(given_table, lines=tuple(nothing)), LOOK)


@pytest.mark.parametrize("word", sorted(set(charts()) - {"number", "gauge"}))
def test_each_group_is_told_in_words(word: str) -> None:
    html = str(charts()[word].draw(tables(word)[-1], LOOK))
    for named in (["Asha &lt;i&gt;", "Not open to you"] if len(tables(word)[-1].axes) == 2 else ["Web", "Not said"]):
        assert named in html


def test_a_mirrored_chart_begins_at_the_right() -> None:
    drawn = [str(charts()["bar"].draw(one_group(True), replace(LOOK, mirrored=mirrored))) for mirrored in (False, True)]
    first = [[float(x) for x in re.findall(r'<rect x="([\d.]+)"', html)] for html in drawn]
    assert first[0][0] < first[0][-1] and first[1][0] > first[1][1]


@given(st.lists(st.decimals(-(10**12), 10**12, places=2), min_size=1, max_size=30))
def test_a_scale_holds_all_numbers_in_a_few_round_steps(numbers: list[Decimal]) -> None:
    made = scale(numbers, 100.0)
    assert made.low <= min(numbers) and max(numbers) <= made.high and made.low <= 0 <= made.high
    assert 1 <= len(made.ticks) <= 12
    assert all(-0.001 <= made.at(number) <= 100.001 for number in numbers)
