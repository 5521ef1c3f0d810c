"""What the field types that point at other records share."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from engine.blueprint.values import Ref
from engine.markup import Html, escape, escaped, join, tag, trusted
from engine.parts.controls import select
from engine.parts.fields.contract import Control, Unreadable
from engine.parts.refusals import said
from engine.words import said as sentence

_ID = re.compile(r"[1-9]\d{0,18}")
CLOSED = trusted(
    '<span class="no-right">Not open to you</span>'
)  # there is a record, which this reader may not see
_HUES = ("red", "orange", "amber", "green", "teal", "blue", "indigo", "violet", "pink")


def id_in(given: Any, noun: str = "record") -> int:
    """The id of a record: a positive whole number, as text or as a number, or a map that holds it. Raises Unreadable."""
    given = given.get("id") if isinstance(given, Mapping) else given.id if isinstance(given, Ref) else given
    text = str(given).strip() if isinstance(given, (int, str)) and not isinstance(given, bool) else ""
    if not _ID.fullmatch(text) or int(text) >= 2**63:
        raise Unreadable(sentence(
            "{given} is not the number of a {noun}. Choose one from the list.", given=said(given), noun=noun
        ))
    return int(text)


def id_of(value: Any) -> int | None:
    return value.id if isinstance(value, Ref) else value


def told(value: Any) -> str:
    """A reference in plain text."""
    if value is None:
        return ""
    if isinstance(value, Ref):
        return value.title if value.title is not None else "Not open to you"
    return f"#{value}"


def link(entity: str, id: int | None, title: str | None) -> str:
    """The link in a list's cell."""
    if id is None:
        return ""
    return str(CLOSED) if title is None else f'<a href="/{entity}/{id}">{escape(title) or "—"}</a>'


def linker(entity: str) -> Callable[..., str]:
    start = f'<a href="/{escape(entity)}/'
    closed = str(CLOSED)

    def write(id: int | None, title: str | None = None, *_: Any) -> str:
        if id is None:
            return ""
        return closed if title is None else f'{start}{id}">{escaped(title) or "—"}</a>'

    return write


def person(id: int | None, name: str | None) -> Html:
    """A person's initials and name."""
    if id is None:
        return trusted("")
    if name is None:
        return CLOSED
    mark = tag("span", initials(name), class_="avatar", data_hue=_HUES[id % len(_HUES)], aria_hidden="true")
    return tag("span", mark, tag("span", name), class_="person")


def initials(name: str) -> str:
    words = [word for word in re.split(r"\W+", name) if word]
    return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper() if words else "?"


def picker(at: Control, many: bool = False, **more: Any) -> Html:
    """A menu that script makes a search box of; it holds what is picked and what is offered."""
    picked = dict(at.picked)
    rows = [*picked.items(), *((value, label) for value, label in at.offered if value not in picked)]
    makes = json.dumps(at.makes, ensure_ascii=False) if at.makes else None
    return select(at, rows, picked, multiple=many or None, data_pick=at.pick_url, data_makes=makes, **more)


def pills(items: list[Html]) -> Html:
    return tag("ul", join(*(tag("li", item) for item in items)), class_="pills")
