"""A board's cards: the title, what it is worth, whose it is, how long it stands there, and what is to be done next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_compact_currency, format_compact_decimal

from engine.blueprint.entities import Board, Choice, Entity, Field
from engine.blueprint.triggers import Span
from engine.blueprint.values import Money
from engine.formats import Formats
from engine.markup import Html, tag, trusted
from engine.parts import field_type
from engine.parts.derived import effective
from engine.parts.fields.choice import choices_of
from engine.parts.links import initials
from engine.parts.numerals import locale_of
from engine.records.ahead import Ahead
from engine.records.columns import ID, VERSION, Row, Shown, value_of
from engine.web.frame import Screen
from engine.web.render import HUES

DAYS = {"days": 1, "weeks": 7, "months": 30}
ACTIVITY = "calendar-check"


@dataclass(frozen=True, slots=True)
class Next:
    """What is to be done next. `state`: late, today, later; none where nothing is planned for a record that is open."""

    state: str
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Card:
    id: int
    version: int
    title: str
    facts: tuple[tuple[str, Html], ...]
    worth: Html | None
    owner: Html | None
    age: tuple[str, str] | None  # short, and as a sentence
    is_long: bool
    next: Next | None


@dataclass(frozen=True, slots=True)
class Pattern:
    """How the cards of an entity are made for one role: what is asked of the database, and what is done with the rows."""

    entity: Entity
    board: Board
    asked: tuple[str, ...]
    facts: tuple[str, ...]
    worth: str | None
    step: str | None
    owner: bool


def pattern_of(seen: Screen, entity: Entity, board: Board) -> Pattern:
    """Only of fields that the role may read."""
    readable = seen.sight.fields(seen.actor.role, entity.name)
    worth = board.sum if board.sum in readable else None
    facts = tuple(name for name in board.card if name in readable and name != worth and name != board.by)
    step = entity.next_step if entity.next_step in readable and entity.next_step not in facts else None
    owner = "owner" in readable and entity.owned
    extra = [*([worth] if worth else []), *([step] if step else []), *(["owner"] if owner else []), "title"]
    return Pattern(entity, board, tuple(dict.fromkeys([*facts, *extra])), facts, worth, step, owner)


def cards_of(
    seen: Screen, pattern: Pattern, columns: tuple[Shown, ...], rows: list[Row], choice: Choice | None,
    since: Mapping[int, datetime], ahead: Mapping[int, Ahead],
) -> list[Card]:  # fmt: skip
    """`choice` is the column's; in one that ends nothing is late and nothing is missing."""
    by_name = {shown.name: shown for shown in columns}
    writers = {name: _writer(by_name[name], seen.formats) for name in pattern.asked if name in by_name}
    is_open = not (choice and choice.ends)
    longest = _seconds(pattern.board.too_long)

    def made(row: Row) -> Card:
        stood = (seen.ask.now - since[row[ID]]).total_seconds() if row[ID] in since else None
        title = value_of(by_name["title"], row)
        return Card(
            row[ID], row[VERSION], str(title or f"{pattern.entity.label} {row[ID]}"),
            tuple((by_name[n].label, text) for n in pattern.facts if (text := writers[n](row))),
            (writers[pattern.worth](row) or None) if pattern.worth else None,
            _avatar(seen, by_name["owner"], row) if pattern.owner else None,
            _age(seen, stood), is_open and stood is not None and stood > longest,
            _next(seen, pattern, by_name, row, ahead.get(row[ID])) if is_open else None,
        )  # fmt: skip

    return [made(row) for row in rows]


def _writer(shown: Shown, formats: Formats) -> Callable[[Row], Html]:
    if shown.late == "links":
        many = field_type(shown.field.type).cell(shown.field, formats)
        return lambda row: trusted(many(*row[shown.start]) if row[shown.start] else "")
    cell = field_type(shown.field.type).cell(shown.field, formats)
    return lambda row: trusted(cell(*row[shown.start : shown.stop]))


def _avatar(seen: Screen, shown: Shown, row: Row) -> Html | None:
    who = value_of(shown, row)
    if who is None:
        return None
    name = who.title if who.title is not None else seen.say("Not open to you")
    mark = tag("span", initials(name), aria_hidden="true")
    hue = HUES[who.id % len(HUES)]
    return tag("span", mark, tag("span", name, class_="sr-only"), class_="avatar", title=name, data_hue=hue)


# ---- how long it stands here


def _age(seen: Screen, seconds: float | None) -> tuple[str, str] | None:
    if seconds is None:
        return None
    language = seen.formats.language
    return _long(seconds, language, "short"), seen.say("In this stage for {span}", span=_long(seconds, language, "long"))


def _long(seconds: float, language: str, style: str) -> str:
    return _told(int(max(seconds, 60) // 60), language, style)


@lru_cache(maxsize=20_000)
def _told(minutes: int, language: str, style: Any) -> str:
    locale = locale_of(Formats(language))
    return format_timedelta(timedelta(minutes=minutes), granularity="minute", threshold=1, format=style, locale=locale)


def _seconds(span: Span) -> float:
    if span.unit in DAYS:
        return span.count * DAYS[span.unit] * 86_400.0
    return span.count * (3600.0 if span.unit == "hours" else 60.0)


# ---- what is next


def _next(
    seen: Screen, pattern: Pattern, columns: Mapping[str, Shown], row: Row, planned: Ahead | None
) -> Next | None:
    step = value_of(columns[pattern.step], row) if pattern.step else None
    is_plan = planned is not None and (step is None or planned.at is None or _is_before(seen, planned.at, step))
    at = planned.at if planned and is_plan else step
    named = planned.title if planned and is_plan else (columns[pattern.step].label if pattern.step else "")
    if at is None and planned is None:
        watched = pattern.step is not None or seen.crm.blueprint.activities_about(pattern.entity.name)
        return Next("none", seen.say("Nothing planned"), seen.say("Nothing is planned for this record")) if watched else None
    if at is None:
        return Next("later", named, named)
    state, text = when(seen, at)
    return Next(state, text, f"{named} · {text}")


def when(seen: Screen, at: datetime | date) -> tuple[str, str]:
    """late, today or later; and in words as short as they can be."""
    now = seen.ask.now.astimezone(seen.formats.zoneinfo)
    local = at.astimezone(seen.formats.zoneinfo) if isinstance(at, datetime) else None
    day = local.date() if local else at
    away, locale = (day - now.date()).days, locale_of(seen.formats)
    clock = format_time(local, "short", locale=locale) if local else ""
    if away < 0:
        return "late", seen.say("{span} late", span=_long(-away * 86_400, seen.formats.language, "short"))
    if away == 0:
        is_late = local is not None and local < now
        return ("late" if is_late else "today"), seen.say("Today {time}", time=clock).strip()
    if away == 1:
        return "later", seen.say("Tomorrow {time}", time=clock).strip()
    return "later", format_date(day, "d MMM" if day.year == now.year else "d MMM y", locale=locale)


def _is_before(seen: Screen, one: datetime | date, other: datetime | date) -> bool:
    return _moment(seen, one) <= _moment(seen, other)


def _moment(seen: Screen, at: datetime | date) -> datetime:
    return at if isinstance(at, datetime) else datetime.combine(at, time(), seen.formats.zoneinfo)


# ---- the head of a column


def briefly(field: Field, value: Any, formats: Formats) -> str:
    """An amount so short that a column's head holds it: ₹12.3L."""
    plain, locale = effective(field), locale_of(formats)
    if isinstance(value, Money):
        return format_compact_currency(value.amount, value.currency, locale=locale, fraction_digits=1)
    if plain.type in ("integer", "decimal"):
        return format_compact_decimal(value, locale=locale, fraction_digits=1)
    return field_type(plain.type).show(plain, value, formats)


def in_full(field: Field, value: Any, formats: Formats) -> str:
    plain = effective(field)
    return field_type(plain.type).show(plain, value, formats)


def choices(field: Field) -> tuple[Choice, ...]:
    return choices_of(effective(field))


__all__ = ["Card", "Next", "Pattern", "briefly", "cards_of", "choices", "in_full", "pattern_of", "when"]
