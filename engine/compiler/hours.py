"""crm.yaml: when the firm works, and when it does not.

    working_hours: {monday-friday: [09:00-13:00, 14:00-18:00], saturday: 09:30-13:00}
    holidays: {2026-12-25: Christmas, 08-15: Independence Day}
"""

from __future__ import annotations

import re
from datetime import date, time
from types import MappingProxyType

from engine.blueprint.manifest import WorkingHours
from engine.compiler.draft import Draft
from engine.compiler.spans import WEEKDAYS, time_of
from engine.compiler.spot import Spot
from engine.compiler.suggest import nearest

LEAP_YEAR = 2024
_DAY = re.compile(r"(?:(\d{4})-)?(\d\d?)-(\d\d?)")
Hours = tuple[tuple[time, time], ...]


def read_hours(draft: Draft, spot: Spot) -> WorkingHours:
    """`spot` is the manifest. What is wrong has been told, and is left out."""
    single, yearly = _holidays(draft, spot.get("holidays"))
    return WorkingHours(_week(draft, spot.get("working_hours")), MappingProxyType(single), MappingProxyType(yearly))


def _week(draft: Draft, spot: Spot | None) -> tuple[Hours, ...]:
    said: dict[int, tuple[str, Hours]] = {}
    for key, at in spot.items() if spot else ():
        for day in _days(draft, key, at):
            if day in said:
                before = said[day][0]
                hint = f"Say it once: change the days, or write {before}: removed."
                draft.tell(at, "two-meanings", f"{WEEKDAYS[day].capitalize()} is in {before} too.", hint, at_key=True)
                break
            said[day] = (key, _hours(draft, at))
    return tuple(said[day][1] if day in said else () for day in range(7)) if said else ()


def _days(draft: Draft, key: str, spot: Spot) -> list[int]:
    """`monday-friday` and `saturday`; `saturday-monday` goes over the week's end."""
    words = [word.strip().lower() for word in key.split("-")]
    wrong = [word for word in words if word not in WEEKDAYS]
    if wrong or len(words) > 2:
        near = [nearest(word, WEEKDAYS) if word in wrong else word for word in words]
        hint = f'Did you mean "{"-".join(map(str, near))}"?' if all(near) and len(words) < 3 else ""
        message = f'"{key}" is not a day of the week, or two with a hyphen.'
        draft.tell(spot, "unknown-name", message, hint or "Write it as in monday-friday or saturday.", at_key=True)
        return []
    first, last = WEEKDAYS.index(words[0]), WEEKDAYS.index(words[-1])
    return [(first + n) % 7 for n in range((last - first) % 7 + 1)]


def _hours(draft: Draft, spot: Spot) -> Hours:
    """Several spans must come in their order, each after the other's end."""
    spans: list[tuple[time, time]] = []
    for at in spot.each() if spot.node.is_list else (spot,):
        span = _span(draft, at)
        if span and spans and (spans[-1][1] == time() or span[0] < spans[-1][1]):
            draft.tell(at, "contradiction", f'"{at.word}" begins before the hours in front of it end.', "Put them in order.")
        elif span:
            spans.append(span)
    return tuple(spans)


def _span(draft: Draft, spot: Spot) -> tuple[time, time] | None:
    words = [word.strip() for word in (spot.word or "").replace("–", "-").split("-")]
    times = [time() if n and word == "24:00" else time_of(word) for n, word in enumerate(words)]
    if len(times) != 2 or times[0] is None or times[1] is None:
        draft.wrong(spot, "a span of hours", "Write it as in 09:30-18:30; a day ends at 24:00.")
    elif words[1] != "24:00" and times[1] <= times[0]:
        hint = "Hours that go over midnight are written in two days: 22:00-24:00, and 00:00-06:00 on the next."
        draft.tell(spot, "wrong-value", f'"{spot.word}" ends before it begins.', hint)
    else:
        return times[0], times[1]
    return None


def _holidays(draft: Draft, spot: Spot | None) -> tuple[dict[date, str], dict[tuple[int, int], str]]:
    single: dict[date, str] = {}
    yearly: dict[tuple[int, int], str] = {}
    for key, at in spot.items() if spot else ():
        day, label = _day(draft, key, at), at.word or ""
        if day is not None and key.count("-") == 2:
            single[day] = label
        elif day is not None:
            yearly[day.month, day.day] = label
    return single, yearly


def _day(draft: Draft, key: str, spot: Spot) -> date | None:
    found = _DAY.fullmatch(key)
    try:
        if found:
            return date(int(found[1] or LEAP_YEAR), int(found[2]), int(found[3]))
    except ValueError:
        pass
    hint = "Write 2026-12-25 for one day, or 12-25 for every year."
    draft.tell(spot, "wrong-value", f'"{key}" is not a day of the calendar.', hint, at_key=True)
    return None
