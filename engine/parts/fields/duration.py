"""A span of time."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from typing import Any

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.markup import Html
from engine.parts.controls import text_input
from engine.parts.fields.contract import Control, Example, Unreadable
from engine.parts.plain import Whole
from engine.parts.refusals import is_blank, said
from engine.words import said as sentence

_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PIECE = re.compile(
    r"(\d{1,9})\s*(d(?:ays?)?|h(?:rs?|ours?)?|m(?:ins?|inutes?)?|s(?:ecs?|econds?)?)\s*", re.IGNORECASE
)
_CLOCK = re.compile(r"(\d{1,6}):([0-5]\d)(?::([0-5]\d))?")
_HOW = sentence("Write for example 1h 30m, 45 min or 1:30.")
_MOST = 3_153_600_000  # a hundred years


class Type(Whole):
    label = "Duration"
    doc = (
        "A span of time in seconds. Written 1h 30m, 45 min, 1:30 (hours:minutes) or 0:01:30; "
        "a bare number is minutes in a form and seconds in JSON."
    )
    operators = ("is", "above", "at_least", "below", "at_most", "between", "empty")
    examples = (
        Example("1h 30m", 5_400, "1h 30m", 5_400),
        Example("90 min", 5_400, "1h 30m", 5_400),
        Example("1:30", 5_400, "1h 30m", 5_400),
        Example("0:01:30", 90, "1m 30s", 90),
        Example("45", 2_700, "45m", 2_700),
        Example(90, 90, "1m 30s", 90),
        Example("2 days", 172_800, "2d", 172_800),
        Example(0, 0, "0s", 0),
        Example("", None, "", None),
        Example("a while", refusal=f'"a while" is not a duration. {_HOW}'),
        Example(-5, refusal=f'"-5" is not a duration. {_HOW}'),
        Example("99999999 h", refusal='"99999999 h" is too long. At most a hundred years fit.'),
    )

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        if is_blank(given):
            return None
        seconds = _seconds(given)
        if seconds is None or seconds < 0:
            raise Unreadable(sentence("{given} is not a duration. {how}", given=said(given), how=_HOW))
        if seconds > _MOST:
            raise Unreadable(sentence("{given} is too long. At most a hundred years fit.", given=said(given)))
        return seconds

    def typed(self, field: Field, value: Any, formats: Formats) -> str:
        return "" if value is None else written(value)

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        return "" if value is None else written(value)

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        return lambda *raw: "" if raw[0] is None else written(raw[0])

    def control(self, field: Field, at: Control) -> Html:
        return text_input(at, autocomplete="off")


def _seconds(given: Any) -> int | None:
    if isinstance(given, timedelta):
        return int(given.total_seconds())
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    return _typed(given.strip()) if isinstance(given, str) and len(given) < 60 else None


def _typed(text: str) -> int | None:
    if text.isascii() and text.isdigit():
        return int(text) * 60
    if found := _CLOCK.fullmatch(text):
        return int(found[1]) * 3_600 + int(found[2]) * 60 + int(found[3] or 0)
    if _PIECE.sub("", text):
        return None
    return sum(int(count) * _SECONDS[unit[0].lower()] for count, unit in _PIECE.findall(text))


@lru_cache(maxsize=10_000)
def written(seconds: int) -> str:
    """`1h 30m`; what is read back is the same number of seconds."""
    rest, pieces = abs(seconds), []
    for unit, size in _SECONDS.items():
        count, rest = divmod(rest, size)
        if count:
            pieces.append(f"{count}{unit}")
    return ("-" if seconds < 0 else "") + (" ".join(pieces) or "0s")
