"""Style sheets that stay quick: what a tick or the pointer changes must not make a browser style the whole page again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "engine" / "web" / "assets" / "css"
AFTER_HAS = re.compile(r":has\(.*?\)[^ >+~]*[ >+~]")
NAMED = re.compile(r"(^|[\s>+~,(])[a-z]|[.#\[]")  # a tag, a class, an id or an attribute


def rules(text: str) -> Iterator[str]:
    """Each rule's selectors, written out: what it is nested in stands in the place of its `&`."""
    around: list[list[str]] = [[""]]
    for before, brace in re.findall(r"([^{}]*)([{}])", re.sub(r"/\*.*?\*/", "", text, flags=re.S)):
        if brace == "}":
            around.pop()
            continue
        own = before.rpartition(";")[2].strip()
        nested = [within(outer, one) for outer in around[-1] for one in parts(own)]
        around.append(around[-1] if own.startswith("@") else nested)
        yield from around[-1]


def parts(selectors: str) -> list[str]:
    return [one.strip() for one in re.split(r",(?![^()]*\))", selectors)]


def within(outer: str, own: str) -> str:
    return own.replace("&", outer) if "&" in own else f"{outer} {own}".strip()


def is_broad(selector: str) -> bool:
    """Whether after a :has() anything at all may stand: Chromium keeps one set for all :has() of a page, and with such a
    rule each change that a :has() listens to makes it style all that is below."""
    inner = re.sub(r":(?:not|nth-\w+|nth-last-child|dir)\((?:[^()]|\([^()]*\))*\)", ":p", selector)
    inner = re.sub(r":has\((?:[^()]|\([^()]*\))*\)", ":has(x)", inner)
    last = re.split(r"[\s>+~]+", inner)[-1]
    return bool(AFTER_HAS.search(inner)) and ":has(" not in last and not NAMED.search(last)


@pytest.mark.parametrize("sheet", sorted(CSS.glob("*.css")), ids=lambda p: p.name)
def test_after_a_has_stands_something_with_a_name(sheet: Path) -> None:
    assert [rule for rule in rules(sheet.read_text(encoding="utf-8")) if is_broad(rule)] == []


@pytest.mark.parametrize(
    ("selector", "broad"),
    [
        ("tr:has(> .check :checked) > *", True),
        (".pair:has(.is-primary) > :first-child", True),
        (".work:has([value='a']:checked) > .more > :not(.ahead)", True),
        (".list:has(.check:checked) > .toolbar", False),
        (".steps > li:has(> [aria-disabled]) b", False),
        (".tiles:has(> :nth-child(4):last-child)", False),
        (".segments > :is([aria-current], :has(:checked))", False),
        (".table tr:hover > *", False),
    ],
)
def test_what_is_broad(selector: str, broad: bool) -> None:
    assert is_broad(selector) is broad
