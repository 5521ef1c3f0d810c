"""Words for lengths and times of day: `15 minutes`, `2 working hours`, `07:00`, `monday`."""

from __future__ import annotations

import re
from datetime import time

from engine.blueprint.triggers import Span
from engine.compiler.draft import Draft
from engine.compiler.spot import Spot
from engine.compiler.suggest import nearest
from engine.parts.fields.contract import Unreadable
from engine.parts.moments import time_in

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
UNITS = {"minute": ("minutes", 1), "hour": ("hours", 1), "day": ("days", 1), "week": ("weeks", 1),
         "month": ("months", 1), "year": ("months", 12)}  # fmt: skip
SHORT = {"min": "minute", "mins": "minute", "hr": "hour", "hrs": "hour", "h": "hour", "d": "day", "w": "week"}
WORKING_UNITS = ("minutes", "hours", "days")
PASSING_UNITS = ("minutes", "hours")
MOST = 1000  # of a unit: what is longer is a slip
_SPAN = re.compile(r"(\d{1,9}) (?:(\w+) )?(\w+)")
_WHOLE = re.compile(r"^(\d{1,2})( ?[AaPp]\.?[Mm]\.?)?$")  # 7 pm
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def read_span(draft: Draft, spot: Spot | None) -> Span | None:
    """One and several are both right: `1 hour`, `2 hours`. None after telling why not."""
    return span_in(draft, spot, spot.word or "") if spot is not None and spot.node.is_scalar else None


def span_in(draft: Draft, spot: Spot, text: str) -> Span | None:
    """The span that a text says, which stands at the spot or within it."""
    found = _SPAN.fullmatch(" ".join(text.split()))
    if found is None or found[2] not in (None, "working") or _unit(found[3]) is None:
        draft.tell(spot, "wrong-value", f'"{text}" is not a span of time.', _better(found))
        return None
    unit, times = UNITS[_unit(found[3]) or ""]
    span = Span(int(found[1]) * times, unit, found[2] is not None)
    return span if _makes_sense(draft, spot, span, text, found) else None


def _makes_sense(draft: Draft, spot: Spot, span: Span, text: str, found: re.Match[str]) -> bool:
    if not 1 <= int(found[1]) <= MOST:
        draft.tell(spot, "wrong-value", f'"{text}" is not a span of time.', f"Its number goes from 1 to {MOST:,}.")
    elif span.working and span.unit not in WORKING_UNITS:
        hint = f"Write {found[1]} {found[3]}, or count in working days."
        draft.tell(spot, "wrong-value", f"Work is counted in minutes, hours and days, not in {found[3]}.", hint)
    else:
        return not span.working or has_working_hours(draft, spot)
    return False


def _unit(word: str) -> str | None:
    return next((unit for unit in UNITS if word in (unit, unit + "s")), None)


def _better(found: re.Match[str] | None) -> str:
    if found is not None and (found[2] is None or nearest(found[2], ["working"])):
        unit = SHORT.get(found[3].lower()) or nearest(found[3].lower(), [*UNITS, *(u + "s" for u in UNITS)])
        if unit:
            one, work = unit.removesuffix("s"), "working " if found[2] else ""
            return f'Did you mean "{found[1]} {work}{one}{"" if found[1] == "1" else "s"}"?'
    return "Write it as in 15 minutes, 1 day or 2 working hours."


def has_working_hours(draft: Draft, spot: Spot) -> bool:
    """Tells when something waits for hours that crm.yaml does not say."""
    if not draft.manifest.hours.week and draft.can_judge("manifest") and not draft.section("manifest").get("working_hours"):
        message = "This set says no working hours."
        hint = "Say them in crm.yaml, as in working_hours: {monday-friday: 09:30-18:30}."
        draft.tell(spot, "contradiction", message, hint)
        return False
    return True


def read_time(draft: Draft, spot: Spot | None) -> time | None:
    """A time of day on a clock of 24 hours. None after telling why not."""
    if spot is None or not spot.node.is_scalar:
        return None
    found = time_of(spot.word or "")
    if found is None:
        draft.wrong(spot, "a time of day", _better_time(spot.word or ""))
    return found


def time_of(text: str) -> time | None:
    found = _TIME.fullmatch(text)
    return time(int(found[1]), int(found[2])) if found else None


def _better_time(text: str) -> str:
    try:
        at = time_in(_WHOLE.sub(r"\1:00\2", text))
        return f"Write {at:%H:%M}."
    except Unreadable:
        return "Write hours and minutes from 00:00 to 23:59, as in 07:00."


def read_weekday(draft: Draft, spot: Spot) -> int | None:
    """0 for Monday. None after telling why not."""
    word = (spot.word or "").lower()
    if word in WEEKDAYS:
        return WEEKDAYS.index(word)
    draft.unknown(spot, spot.word, "a day of the week", [day.capitalize() for day in WEEKDAYS])
    return None
