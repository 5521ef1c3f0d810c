"""The design page: all that screens are made of, in development."""

from __future__ import annotations

import re

from engine.parts import field_type, field_types
from engine.parts.registry import charts
from engine.web.pages.design import TOKENS
from tests.firm import Firm, open_firm
from tests.real.databases import Databases


def test_in_development_every_token_field_type_and_chart_stands_on_the_design_page(
    sqlite_databases: Databases,
) -> None:
    firm = open_firm(sqlite_databases, development=True)
    page = firm.browser("asha").get("/design").text
    firm.close()
    assert set(re.findall(r"<h3><code>(\w+)</code>", page)) == {
        *(word for word in field_types() if field_type(word).examples), *charts()
    }  # fmt: skip
    colours = set(re.findall(r"^  --([a-z0-9-]+): light-dark", TOKENS.read_text(), re.M))
    assert colours <= set(re.findall(r'data-token="([\w-]+)"', page))
    assert "style=" not in page and "<script>alert" not in page


def test_elsewhere_there_is_no_design_page(quick_firm: Firm) -> None:
    assert quick_firm.browser("dev").get("/design").status_code == 404
