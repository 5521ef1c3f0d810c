"""Who gets a record: a pure decision about the people who could.

1. Whoever may not, cannot or should not take it now is passed over, each with the reason.
2. Of the others, round robin takes who was given something longest ago; least loaded, who has the fewest records.
3. The same people in the same state are always chosen the same: ties go to who was given something longest ago, then to
   who is known longest.

Who was given longest ago, not "the next in the list": people come, go and are away, and nobody who returns gets in one
morning what was missed in a fortnight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from engine.blueprint.entities import Field
from engine.formats import Formats
from engine.parts.registry import field_type

DAY = Field("day", "date", "Day")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody as they are now. `last` rises with each record given by this assignment; None: none yet."""

    user: int
    name: str
    load: int = 0  # records that count
    capacity: int | None = None
    last: int | None = None
    skills: frozenset[str] = frozenset()  # folded
    works_now: bool = True
    enters: bool = True  # active, not deleted, with a role that the set has
    may_own: bool = True  # the role may read such records
    away_from: date | None = None
    away_until: date | None = None  # the last day
    today: date | None = None  # where they are


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the record asks of a person."""

    skills: Mapping[str, str] = field(default_factory=dict)  # folded -> as written
    not_user: int | None = None  # who has it now
    working_hours_only: bool = False


class Passed(NamedTuple):
    """Why somebody was passed over: a kind (see KINDS), and the sentence without its stop."""

    kind: str
    said: str


KINDS = {
    "barred": "may not sign in", "role": "may not read it", "holder": "had it", "away": "away", "skill": "lacks a skill",
    "hours": "not at work", "full": "full",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """`user` None: nobody could. `passed`: who was passed over, and why."""

    user: int | None
    why: str
    passed: Mapping[int, Passed] = field(default_factory=dict)


def decide(how: str, candidates: Iterable[Candidate], wanted: Wanted, formats: Formats) -> Decision:
    fit: list[Candidate] = []
    passed: dict[int, Passed] = {}
    for one in candidates:
        why = why_not(one, wanted, formats)
        if why is None:
            fit.append(one)
        else:
            passed[one.user] = Passed(why.kind, f"{one.name} {why.said}")
    if not fit:
        return Decision(None, "Nobody can take it.", passed)
    chosen = min(fit, key=_by_load if how == "least_loaded" else _by_turn)
    return Decision(chosen.user, _told(how, chosen, len(fit)), passed)


def why_not(one: Candidate, wanted: Wanted, formats: Formats) -> Passed | None:
    """What speaks against this person, in words that follow the name; None when nothing does."""
    if not one.enters:
        return Passed("barred", "may not sign in")
    if not one.may_own:
        return Passed("role", "has a role that may not read it")
    if one.user == wanted.not_user:
        return Passed("holder", "has it now")
    if _is_away(one):
        return Passed("away", f"is away until {_day(one.away_until, formats)}" if one.away_until else "is away")
    if lacks := [word for folded, word in wanted.skills.items() if folded not in one.skills]:
        return Passed("skill", f"has no skill {', '.join(lacks)}")
    if wanted.working_hours_only and not one.works_now:
        return Passed("hours", "is not at work now")
    if one.capacity is not None and one.load >= one.capacity:
        return Passed("full", f"has {one.load} of {one.capacity}")
    return None


def _is_away(one: Candidate) -> bool:
    if one.today is None or (one.away_from is None and one.away_until is None):
        return False
    return (one.away_from or date.min) <= one.today <= (one.away_until or date.max)


def _day(day: date | None, formats: Formats) -> str:
    return field_type("date").show(DAY, day, formats)


def _by_turn(one: Candidate) -> tuple[int, int]:
    return one.last or 0, one.user


def _by_load(one: Candidate) -> tuple[int, int, int]:
    return one.load, one.last or 0, one.user


def _told(how: str, chosen: Candidate, fit: int) -> str:
    if fit == 1:
        return f"{chosen.name} is the only one who can take it."
    if how == "least_loaded":
        return f"{chosen.name} has the fewest: {chosen.load}. {fit} could take it."
    return f"It is {chosen.name}'s turn. {fit} could take it."
