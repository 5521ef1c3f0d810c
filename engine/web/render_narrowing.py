"""What a page of numbers is narrowed by: a period, and fields such as owner, team and source, all of them in the address.

What an entity has no field of is asked of its owner: so `team` narrows leads by the team of who has them. What can be
narrowed in neither way stays whole, and that is told beside its numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.blueprint.conditions import AllOf, Condition, Word
from engine.blueprint.entities import Entity, Field
from engine.blueprint.values import Ref
from engine.parts import field_type
from engine.parts.fields.contract import Unreadable
from engine.records.narrowing import narrowed, period_asked, reached
from engine.records.periods import Period
from engine.records.reporting import Asked
from engine.records.sight import targets_of
from engine.web.frame import Screen
from engine.web.render_forms import offered
from engine.words import said

OFFERED = 50  # people or records in a filter's menu
PERIODS = (
    ("", said("Any time")), ("today", said("Today")), ("yesterday", said("Yesterday")), ("this week", said("This week")),
    ("last 7 days", said("Last 7 days")), ("this month", said("This month")), ("last month", said("Last month")),
    ("this quarter", said("This quarter")),
    ("last quarter", said("Last quarter")), ("this year", said("This year")), ("last year", said("Last year")),
    ("this financial year", said("This financial year")), ("last financial year", said("Last financial year")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """A menu of the page: its name in the address, what it offers and what is chosen."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class Filters:
    """`whole`: by entity the labels of what is chosen and does not narrow it. `pairs`: the same as an address says it."""

    asked: Asked
    periods: tuple[tuple[str, str], ...] | None
    period: str
    start: str
    end: str
    choices: tuple[Choice, ...]
    complaints: tuple[str, ...]
    whole: Mapping[str, tuple[str, ...]]
    pairs: tuple[tuple[str, str], ...]

    @property
    def status(self) -> int:
        return 400 if self.complaints else 200

    @property
    def is_narrowed(self) -> bool:
        return bool(self.asked.where) or bool(self.start or self.end)


def filters_of(seen: Screen, entities: Sequence[Entity], names: Sequence[str], begins: Word | None) -> Filters:
    """Of the address; what makes no sense is told and passed over."""
    query = seen.ask.request.query_params
    text = query.get("period", begins.text if begins is not None else "").strip()
    start, end = query.get("from", "").strip(), query.get("until", "").strip()
    complaints: list[str] = []
    period = _told_or(complaints, text, start, end) if "period" in names else None
    found = [one for name in names if (one := _menu(seen, entities, name, query.get(name, "").strip())) is not None]
    complaints += [one.complaint for one in found if one.complaint]
    any_time = "period" in names and "period" in query and period is None and not complaints
    offered_periods = tuple((value, seen.say(label)) for value, label in PERIODS) if "period" in names else None
    return Filters(
        Asked(period, any_time, _all_of(found)), offered_periods, text, start, end, tuple(one.choice for one in found),
        tuple(complaints), _whole(entities, found), _pairs(found, query, text if "period" in names else "", start, end),
    )  # fmt: skip


def not_narrowed(seen: Screen, filters: Filters, entities: Iterable[str]) -> tuple[str, ...]:
    """What is to be told of numbers of these entities: which of the page's filters do not reach them."""
    named = dict.fromkeys(entities)
    labels = {name: filters.whole.get(name, ()) for name in named}
    missed = dict.fromkeys(label for some in labels.values() for label in some)
    everywhere = [label for label in missed if all(label in some for some in labels.values())]
    told = [seen.say("Not narrowed by {filters}.", filters=", ".join(everywhere))] if everywhere else []
    for name, some in labels.items():
        partly = [label for label in some if label not in everywhere]
        if partly:
            plural = seen.crm.blueprint.entities[name].plural
            told.append(seen.say("{plural} are not narrowed by {filters}.", plural=plural, filters=", ".join(partly)))
    return tuple(told)


# ---- periods


def _told_or(complaints: list[str], text: str, start: str, end: str) -> Period | None:
    try:
        return period_asked(text, start, end)
    except Unreadable as problem:
        complaints.append(str(problem))
        return None


def period_named(seen: Screen, text: str) -> str:
    """`This month`; a word that no menu offers as the set wrote it."""
    return seen.say(dict(PERIODS).get(text, text))


# ---- one menu


@dataclass(frozen=True, slots=True)
class _Found:
    """`where`: by entity what it is narrowed by."""

    choice: Choice
    where: Mapping[str, Condition]
    complaint: str = ""


def _menu(seen: Screen, entities: Sequence[Entity], name: str, chosen: str) -> _Found | None:
    """None for what is no field of anything that is shown, as far as the reader may know."""
    reads, actor = seen.crm.reads, seen.actor
    there = {entity.name: one for entity in entities if (one := reached(reads, actor, entity.name, name)) is not None}
    if not there:
        return None
    where: dict[str, Condition] = {}
    complaint = ""
    for entity, found in there.items() if chosen else ():
        try:
            where[entity] = narrowed(reads, actor, name, found, chosen)
        except Unreadable as problem:
            complaint = f"{found[0].label}: {problem}"
    choice = _choice(seen, entities, name, [field for field, _ in there.values()], chosen)
    return _Found(choice, where, complaint if not where else "")


def _choice(seen: Screen, entities: Sequence[Entity], name: str, fields: Sequence[Field], chosen: str) -> Choice:
    first = fields[0]
    options: dict[str, str] = {}
    for field in fields:
        known = field.options.get("stages") or field.options.get("choices")
        options.update({choice.value: choice.label for choice in known or () if choice.value not in options})
    if first.type == "yes_no":
        options = {"yes": seen.say("Yes"), "no": seen.say("No")}
    elif not options:
        options = dict(offered(seen, entities[0], first, None, OFFERED))
        if chosen and chosen not in options:  # beyond the menu's end
            options.update(_titled(seen, first, chosen))
    return Choice(name, first.label, tuple(options.items()), chosen)


def _titled(seen: Screen, field: Field, chosen: str) -> dict[str, str]:
    try:
        value: Any = field_type(field.type).read(field, chosen, seen.crm.reads.reading(seen.actor))
    except Unreadable:
        return {}
    ref = value if isinstance(value, Ref) else Ref(targets_of(field)[0], value) if isinstance(value, int) else None
    title = seen.crm.reads.titles(seen.actor, [ref]).get((ref.entity, ref.id)) if ref is not None else None
    return {chosen: title} if title else {}


# ---- all of them


def _all_of(found: Sequence[_Found]) -> dict[str, Condition]:
    tests: dict[str, list[Condition]] = {}
    for one in found:
        for entity, test in one.where.items():
            tests.setdefault(entity, []).append(test)
    return {entity: AllOf(tuple(some)) for entity, some in tests.items()}


def _whole(entities: Sequence[Entity], found: Sequence[_Found]) -> dict[str, tuple[str, ...]]:
    asked = [one for one in found if one.where]
    missed = {entity.name: tuple(o.choice.label for o in asked if entity.name not in o.where) for entity in entities}
    return {name: labels for name, labels in missed.items() if labels}


def _pairs(
    found: Sequence[_Found], query: Mapping[str, str], period: str, start: str, end: str
) -> tuple[tuple[str, str], ...]:
    time = [("from", start), ("until", end)] if start or end else []
    if not time and (period or "period" in query):
        time = [("period", period)]
    return (*time, *((one.choice.name, one.choice.chosen) for one in found if one.choice.chosen))


__all__ = ["PERIODS", "Choice", "Filters", "filters_of", "not_narrowed", "period_named"]
