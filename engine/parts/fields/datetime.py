"""A moment: a day and a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.markup import Html, escaped, join, tag
from engine.parts.controls import as_text, text_input
from engine.parts.fields.contract import Column, Control, Example, Unreadable
from engine.parts.moments import date_in, milliseconds, moment_of, moment_writer, time_in, wall_clock
from engine.parts.plain import EMPTY, Plain
from engine.parts.refusals import is_blank, said
from engine.words import said as sentence

_MOMENT = re.compile(r"(.+?)(?:T|,?\s+)(\d{1,2}[:.]\d{2}.*?)\s*(Z|[+-]\d{2}:?\d{2})?")
_LOCAL = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?")
_HOW = sentence("Write a day and a time, for example 2026-01-31 14:30.")


class Type(Plain):
    label = "Date and time"
    doc = (
        "A moment. It is typed and shown on the reader's own wall clock, and kept in UTC to the millisecond."
    )
    operators = ("before", "after", "at_least", "at_most", "between", "within", "empty")
    examples = (
        Example(
            "2026-01-31T14:30",
            datetime(2026, 1, 31, 14, 30, tzinfo=UTC),
            "Jan 31, 2026, 2:30\u00a0PM",
            "2026-01-31T14:30:00Z",
        ),
        Example(
            "2026-01-31 14:30:05.250",
            datetime(2026, 1, 31, 14, 30, 5, 250_000, UTC),
            None,
            "2026-01-31T14:30:05.250Z",
        ),
        Example(
            "2026-01-31T20:00:00+05:30",
            datetime(2026, 1, 31, 14, 30, tzinfo=UTC),
            None,
            "2026-01-31T14:30:00Z",
        ),
        Example(
            "31 Jan 2026, 2:30 pm", datetime(2026, 1, 31, 14, 30, tzinfo=UTC), None, "2026-01-31T14:30:00Z"
        ),
        Example("", None, "", None),
        Example("2026-01-31", refusal=f'"2026-01-31" is not a date and time. {_HOW}'),
        Example(
            "12/11/2026 10:00",
            refusal='"12/11/2026" could mean two different days. Write year-month-day, for example 2026-01-31.',
        ),
        Example(
            "2026-01-31T26:00",
            refusal='"26:00" is not a time of day. Write hours:minutes, for example 14:30.',
        ),
        Example(1_769_869_800, refusal=f'"1769869800" is not a date and time. {_HOW}'),
    )

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(kind="integer"),)

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        if is_blank(given):
            return None
        if isinstance(given, datetime):
            return _whole_milliseconds(given if given.tzinfo else wall_clock(given, at.formats.zoneinfo))
        found = _MOMENT.fullmatch(given.strip()) if isinstance(given, str) and len(given) < 80 else None
        if not found:
            raise Unreadable(sentence("{given} is not a date and time. {how}", given=said(given), how=_HOW))
        return _whole_milliseconds(_moment(date_in(found[1].rstrip(",")), found[2], found[3], at))

    def gather(self, field: Field, form: Mapping[str, Any], name: str) -> Any:
        """Left as it was, it means the moment it meant: of an hour that the clocks repeat it may be the second."""
        shown, exact = as_text(form.get(f"{name}__was")).partition("|")[::2]
        return exact if exact and shown == form.get(name) else form.get(name)

    def store(self, field: Field, value: Any) -> tuple[Any, ...]:
        return (None if value is None else milliseconds(value),)

    def load(self, field: Field, raw: tuple[Any, ...]) -> Any:
        return None if raw[0] is None else moment_of(raw[0])

    def json(self, field: Field, value: Any) -> Any:
        if value is None:
            return None
        return f"{value.astimezone(UTC).isoformat(timespec='milliseconds' if value.microsecond else 'seconds')[:-6]}Z"

    def typed(self, field: Field, value: Any, formats: Formats) -> str:
        """On the reader's wall clock; with the offset where the wall clock alone would mean another moment."""
        if value is None:
            return ""
        local = value.astimezone(formats.zoneinfo)
        bare = local.replace(tzinfo=None)
        text = bare.isoformat(
            timespec="milliseconds" if bare.microsecond else "seconds" if bare.second else "minutes"
        )
        return text if not local.fold else f"{text}{_offset(local)}"

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        return "" if value is None else moment_writer(formats)(milliseconds(value))

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        write = moment_writer(formats)
        return lambda *raw: "" if raw[0] is None else write(raw[0])

    def fact(self, field: Field, formats: Formats) -> Callable[..., str] | None:
        write = moment_writer(formats)

        def fact(*raw: Any) -> str:
            if raw[0] is None:
                return ""
            return f'<time datetime="{self.json(field, moment_of(raw[0]))}">{escaped(write(raw[0]))}</time>'

        return fact

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        return (
            EMPTY
            if value is None
            else tag("time", self.show(field, value, formats), datetime=self.json(field, value))
        )

    def control(self, field: Field, at: Control) -> Html:
        text = as_text(at.text)
        found = _LOCAL.match(text)
        if not found:
            return text_input(at, "datetime-local", value="" if text and not at.invalid else text)
        local = found[0]
        box = text_input(at, "datetime-local", value=local, step="any" if found[1] else None)
        return (
            box
            if local == text
            else join(box, tag("input", type="hidden", name=f"{at.name}__was", value=f"{local}|{text}"))
        )


def _moment(day: date, clock: str, offset: str | None, at: Reading) -> datetime:
    local = datetime.combine(day, time_in(clock))
    if offset is None:
        return wall_clock(local, at.formats.zoneinfo)
    return datetime.fromisoformat(f"{local.isoformat()}{offset.replace('Z', '+00:00')}").astimezone(UTC)


def _whole_milliseconds(moment: datetime) -> datetime:
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _offset(local: datetime) -> str:
    text = f"{local:%z}"
    return f"{text[:3]}:{text[3:5]}"
