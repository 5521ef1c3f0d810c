"""What a calendar's address says: how many days from which one, whose, what kinds, and how they stand side by side.

    /calendar?span=week&on=2026-11-22&whose=all&kinds=appointment,task
    /appointment/calendar?span=month&kind=Demo        # the other parameters are the list's own filters
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from engine.errors import BadRequest
from engine.rules.days import FIRST, LAST, Span
from engine.web.render import address
from engine.words import said as sentence

SPANS: tuple[Span, ...] = ("month", "week", "day", "agenda")
WORDS = ("span", "on", "whose", "kinds", "by", "hours", "at")
MINE, ALL, NOTHING = "me", "all", "none"
BYS = ("day", "people", "place")
MOST_PEOPLE = 12  # side by side, and asked for at once


@dataclass(frozen=True, slots=True)
class State:
    """`whose`: ids of users, or () for everybody's; `kinds` None: the usual ones. `others` are the list's filters."""

    path: str
    span: Span
    on: date
    today: date
    me: int
    usual: Span = "week"
    whose: tuple[int, ...] = ()
    kinds: tuple[str, ...] | None = None
    by: str = "day"
    all_hours: bool = False
    at: str | None = None
    others: tuple[tuple[str, str], ...] = ()

    @property
    def is_mine(self) -> bool:
        return self.whose == (self.me,)

    def pairs(self) -> list[tuple[str, str]]:
        """What differs from the usual, so that the plain address is the plain calendar."""
        said = [
            ("span", self.span if self.span != self.usual else ""),
            ("on", "" if self.on == self.today else self.on.isoformat()),
            ("whose", _whose_text(self)),
            ("kinds", "" if self.kinds is None else ",".join(self.kinds) or NOTHING),
            ("by", "" if self.by == "day" else self.by),
            ("hours", ALL if self.all_hours else ""),
            ("at", self.at or ""),
        ]
        return [pair for pair in (*said, *self.others) if pair[1]]

    def address(self, **changes: Any) -> str:
        """Of the same calendar with something else."""
        return address(self.path, replace(self, **changes).pairs())

    def without(self, *words: str) -> list[tuple[str, str]]:
        """For a form that gives those itself."""
        return [pair for pair in self.pairs() if pair[0] not in words]


def state_of(path: str, given: Sequence[tuple[str, str]], today: date, me: int, usual: Span, *, everybody: bool) -> State:
    """`everybody`: nobody's in particular is the usual (an entity's calendar shows what its list shows). Raises BadRequest
    with a sentence for what makes no sense."""
    said = {name: text.strip() for name, text in given if name in WORDS and name != "whose" and text.strip()}
    span = said.get("span", usual)
    if span not in SPANS:
        raise BadRequest(sentence(
            '"{span}" is no view of a calendar. Ask for month, week, day or agenda.', span=span[:20]
        ))
    by = said.get("by", "day")
    if by not in BYS:
        raise BadRequest(sentence('"{by}" is no way to arrange a day. Ask for day, people or place.', by=by[:20]))
    kinds = said.get("kinds")
    return State(
        path, span, _day(said.get("on"), today), today, me, usual, _whose(given, me, everybody),
        None if kinds is None else tuple(k for k in kinds.split(",") if k and k != NOTHING)[:40],
        by, said.get("hours") == ALL, said.get("at"),
        tuple((n, t) for n, t in given if n not in WORDS and n != "cursor" and t.strip()),
    )  # fmt: skip


def _day(text: str | None, today: date) -> date:
    if text is None:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadRequest(sentence(
            '"{text}" is not a day. Write year-month-day, for example {today}.', text=text[:20], today=today
        )) from None
    return min(max(day, FIRST), LAST)


def _whose(given: Sequence[tuple[str, str]], me: int, everybody: bool) -> tuple[int, ...]:
    words = [word for name, text in given if name == "whose" for word in text.split(",") if word.strip()]
    if not words:
        return () if everybody else (me,)
    if ALL in words:
        return ()
    ids = tuple(dict.fromkeys(me if word == MINE else _id(word) for word in words))
    if len(ids) > MOST_PEOPLE:
        raise BadRequest(sentence(
            "The calendars of {count} people cannot be shown at once. Choose up to {most_people}.",
            count=len(ids), most_people=MOST_PEOPLE
        ))
    return ids


def _id(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 20 and int(text) < 2**63:
        return int(text)
    raise BadRequest(sentence('"{text}" is nobody. Choose people from the list.', text=text[:20]))


def _whose_text(state: State) -> str:
    everybody_is_usual = state.path != "/calendar"
    if not state.whose:
        return "" if everybody_is_usual else ALL
    if state.is_mine:
        return MINE if everybody_is_usual else ""
    return ",".join(MINE if id == state.me else str(id) for id in state.whose)


__all__ = ["ALL", "MINE", "SPANS", "WORDS", "State", "state_of"]
