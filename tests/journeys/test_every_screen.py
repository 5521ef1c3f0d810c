"""Every screen of RSoft, in English and in Arabic: nothing for axe to find, nothing wider than a telephone, no English
words left where the reader chose another language.

The addresses come from the table of pages, so that a new screen is walked through without being named here. Pictures of
the Arabic ones go to the folder that CRM_SHOTS names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from engine.web.pages import PAGES
from tests.journeys.desk import Desk, in_hours, open_desk

pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
# No pages of their own: streams, pieces that a script fetches, files, what needs a key from elsewhere.
APART = re.compile(
    r"/(news|palette|free|feed|part|counts|pick|export|cells|presence|tell|cell|call|file|files|go|peek|why)\b"
)
FILLED = {"entity": "lead", "name": "lead_desk"}
LONG = "Wolfeschlegelsteinhausenbergerdorff " * 13
NAMES = ("Priya Sharma", "سلمى حدّاد", "Zoë 👩‍💻 Ångström", "<script>alert(1)</script>", LONG)


@pytest.fixture(scope="module")
def desk(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk("rsoft", tmp_path_factory.mktemp("everyscreen"), browser) as opened:
        fill(opened)
        yield opened


def fill(desk: Desk) -> None:
    dev = desk.hire("Dev Menon", "administrator")
    desk.hire("Dana Haddad", "administrator", language="ar")
    for name, language in (("Asha Nair", "en-IN"), ("Omar Haddad", "ar")):
        first = desk.hire(name, "caller", manager=str(dev.user), language=language)
        by = name.split()[0].lower()
        for n, called in enumerate(NAMES):
            lead = desk.make(
                "lead", by, first_name=called[:200], phone=f"98765{first.user % 1000:03}{n:02}",
                source="Website", budget="57000", follow_up_at=in_hours(24 * (n - 2)),
            )  # fmt: skip
            if not n:
                desk.make("task", by, subject="Send prices", about=f"lead/{lead.id}", due_at=in_hours(2))


def addresses(page: Any) -> list[str]:
    """Every page that opens for this reader, with the first of their leads where a record is wanted."""
    page.goto("/lead")
    record = re.search(r'href="/lead/(\d+)"', page.content())
    filled = {**FILLED, "id": record[1] if record else "0", "child": "call", "transition": "attend"}
    found = []
    for one in PAGES:
        holes = set(re.findall(r"\{(\w+)\}", one.path))
        if one.method == "GET" and not one.public and not one.open and not APART.search(one.path) and holes <= set(filled):
            found.append(one.path.format(**filled))
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(
    "who", [*(pytest.param(who, marks=pytest.mark.soak) for who in ("omar", "dev", "asha")), "dana"]
)
def test_every_screen_is_fit_for_those_who_listen_and_for_a_telephone(desk: Desk, axe: str, who: str) -> None:
    page = desk.page(who)
    arabic = desk.people[who].language == "ar"
    wrong, seen = [], 0
    for path in addresses(page):
        page.set_viewport_size({"width": 1440, "height": 900})
        answer = page.goto(path, wait_until="load")
        if answer is None or answer.status >= 400 or "html" not in answer.headers.get("content-type", ""):
            continue
        seen += 1
        page.evaluate(axe)
        told = page.evaluate(f"axe.run({{runOnly: {TAGS}, resultTypes: ['violations']}})")
        wrong += [f"{path}: {v['id']} {v['nodes'][0]['html'][:140]}" for v in told["violations"]]
        if arabic:
            assert page.evaluate("document.dir") == "rtl"
            desk.shoot(page, f"{who}{path.replace('/', '-')}")
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_timeout(50)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            wrong.append(f"{path}: {wide} px too wide for a telephone")
        if arabic:
            desk.shoot(page, f"{who}{path.replace('/', '-')}-phone")
    page.context.close()
    assert seen > 15
    assert not wrong, "\n".join(wrong)
