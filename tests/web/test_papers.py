"""Reports that leave the house: PDF and pictures, for one reader each, made by the real typesetter and read back."""

from __future__ import annotations

import io
import re
import struct
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from pypdf import PdfReader

from engine.blueprint.manifest import Brand
from engine.formats import Formats
from engine.parts.charts.contract import Look
from engine.parts.paper.picture import Picture, data_of, picture, svg_of
from engine.parts.paper.printing import FACES, FONTS, printed
from engine.parts.registry import charts
from engine.records import report_paper
from engine.records.report_paper import Paper, Reader, pdf_of
from engine.words import speech
from tests.firm import Firm
from tests.parts import test_charts as drawn
from tests.small import small

REPORT = "/reports/deals_by_source/export"
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def words_of(content: bytes) -> str:
    """All that a paper says, told apart by single blanks."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def sources(firm: Firm) -> None:
    for name, source in (("asha", "Google"), ("asha", "Google"), ("asha", "Website"), ("ravi", "Google")):
        firm.deal("dev", f"Deal of {name}", owner=firm.actor(name).user, source=source, budget="731.31")


def reader(language: str = "en", name: str = "Meera", **brand: str) -> Reader:
    blueprint = small()
    blueprint = replace(blueprint, manifest=replace(blueprint.manifest, brand=Brand(**brand)))
    return Reader(blueprint, name, Formats(language, "Asia/Kolkata", "INR", "IN"), speech(language))


# ---- over HTTP


def test_a_paper_says_what_it_is_when_it_was_made_and_for_whom(quick_firm: Firm) -> None:
    sources(quick_firm)
    answer = quick_firm.browser("meera").get(f"{REPORT}?format=pdf&period=this+month&owner={quick_firm.actor('asha').user}")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="deals_by_source.pdf"'
    words = words_of(answer.content)
    for told in ("Small firm", "Deals by source", "This month", "Owner Asha", "Made for Meera", "As of", "Google 2",
                 "Website 1", "Total 3", "Why these numbers", "1 / 1"):  # fmt: skip
        assert told in words, (told, words)
    assert PdfReader(io.BytesIO(answer.content)).metadata.title == "Deals by source"  # type: ignore[union-attr]


def test_what_a_role_does_not_see_is_on_no_paper_of_its_and_who_may_not_export_gets_none(quick_firm: Firm) -> None:
    sources(quick_firm)
    dev, meera, asha = (quick_firm.browser(name) for name in ("dev", "meera", "asha"))
    assert "2,925.24" in words_of(dev.get(f"{REPORT}?format=pdf").content)
    for kind in ("pdf", "png", "svg"):
        assert asha.get(f"{REPORT}?format={kind}").status_code == 403
    assert asha.get("/dashboards/desk/export").status_code == 403
    assert dev.get("/dashboards/desk/export").status_code == 404
    assert "Deals by source" in words_of(meera.get("/dashboards/desk/export").content)


def test_a_dashboard_on_paper_has_its_tiles_and_its_reports(quick_firm: Firm) -> None:
    sources(quick_firm)
    words = words_of(quick_firm.browser("meera").get("/dashboards/desk/export").content)
    assert "Desk" in words and "Hot deals 0" in words and "Google 3" in words and "Made for Meera" in words
    assert quick_firm.browser("meera").get(f"{REPORT}?format=pdf&period=whenever").status_code == 400


def test_a_chart_is_a_picture_that_any_program_opens(quick_firm: Firm) -> None:
    sources(quick_firm)
    meera = quick_firm.browser("meera")
    svg, png = (meera.get(f"{REPORT}?format={kind}") for kind in ("svg", "png"))
    assert svg.headers["content-type"].startswith("image/svg+xml") and png.headers["content-type"] == "image/png"
    told = "".join(ElementTree.fromstring(svg.content).itertext())
    assert "Deals by source" in told and "Google" in told
    assert not re.search(rb"<a\b|class=|style=|href|script", svg.content)
    width, height = struct.unpack(">II", png.content[16:24])
    assert width > 1200 and height > 100
    assert meera.get(f"{REPORT}?format=gif").status_code == 400


# ---- the paper itself


@pytest.mark.parametrize("word", sorted(charts()))
@pytest.mark.parametrize("language", ["en", "ar", "hi"])
def test_every_chart_can_be_printed_in_every_script(word: str, language: str) -> None:
    tables = [replace(one, report=replace(one.report, chart=word)) for one in drawn.tables(word)]
    words = words_of(pdf_of(Paper("#set text(red) *Deals* $x$", NOW, tables), reader(language)))
    assert "Asha <i>" in words or "<b>& 'bold'" in words or word in ("number", "gauge")
    assert "#set text(red) *Deals* $x$" in words  # a name is a text, never source


def test_arabic_is_set_from_right_to_left_with_its_letters_joined() -> None:
    paper = Paper("تقرير المبيعات", NOW, [drawn.one_group(True)], facts=[("الهاتف", "+91 98200 10342")])
    content = pdf_of(paper, reader("ar"))
    fonts = {str(f["/BaseFont"]) for f in fonts_of(content)}
    assert any("Vazirmatn" in name for name in fonts) and any("Inter" in name for name in fonts)
    words = words_of(content)
    assert "+91 98200 10342" in words and "المبيعات" in words  # it can be searched, and copied


def fonts_of(content: bytes) -> list[dict[str, object]]:
    pages = PdfReader(io.BytesIO(content)).pages
    return [font.get_object() for page in pages for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]


def test_a_long_table_is_cut_with_a_word_about_it_and_its_pages_are_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_paper, "MOST_PRINTED", 90)
    one = drawn.one_group(False)
    lines = tuple(replace(one.lines[0], keys=(f"Source {at}",)) for at in range(91))
    content = pdf_of(Paper("Long", NOW, [replace(one, lines=lines)]), reader())
    words, pages = words_of(content), len(PdfReader(io.BytesIO(content)).pages)
    assert "Source 89 " in words and "Source 90 " not in words
    assert "There are more rows; they are in the spreadsheet." in words and f"2 / {pages}" in words


def test_a_logo_that_cannot_be_drawn_costs_no_paper(tmp_path: object) -> None:
    data = {
        "language": "en", "mirrored": False, "firm": "Acme", "title": "T", "help": None, "colour": "#2f6f4f", "facts": [],
        "logo": {"content": list(b"no picture"), "format": "png"}, "tiles": [], "sections": [], "landscape": False,
        "counts": [], "counts-head": "", "foot": "",
    }  # fmt: skip
    assert "Acme" in words_of(printed("paper.typ", data, NOW))


def test_the_same_numbers_at_the_same_moment_make_the_same_file() -> None:
    paper = Paper("Twice", NOW, [drawn.two_groups()])
    assert pdf_of(paper, reader()) == pdf_of(paper, reader())


# ---- pictures


def pictured(word: str, mirrored: bool = False) -> list[Picture]:
    look = Look(Formats("ar" if mirrored else "en", "UTC", "INR", "IN"), mirrored=mirrored)
    found = [picture(charts()[word], table, look, ("Deals", "Last month")) for table in drawn.tables(word)]
    return [one for one in found if one is not None]


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("word", sorted(charts()))
def test_every_word_of_a_picture_stands_within_it(word: str, mirrored: bool) -> None:
    for one in pictured(word, mirrored):
        for text in one.words:
            room = len(text.text) * text.size * 0.62
            assert text.x - room * text.share > -8 and text.x + room * (1 - text.share) < one.width + 8, text
            assert 0 < text.y <= one.height
        ElementTree.fromstring(svg_of(one))
        assert "<text" not in data_of(one)["shapes"]


def test_a_picture_of_several_series_says_what_its_colours_mean() -> None:
    told = [text.text for one in pictured("stacked_bar") for text in one.words]
    assert "Asha <i>" in told and "Not open to you" in told
    assert any(text.startswith("Web: ") for one in pictured("pie") for text in (w.text for w in one.words))


def test_the_faces_of_the_screens_are_there_for_paper() -> None:
    assert len(FACES) == 3 and len(list(FONTS.glob("*.ttf"))) == 6
