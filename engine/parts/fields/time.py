"""A time of day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.markup import Html, tag
from engine.parts.controls import text_input
from engine.parts.fields.contract import Column, Control, Example, Unreadable
from engine.parts.moments import time_in, time_writer
from engine.parts.plain import EMPTY, Plain
from engine.parts.refusals import is_blank, said
from engine.words import said as sentence


class Type(Plain):
    label = "Time of day"
    doc = "Hours and minutes on the wall clock, on no day in particular."
    operators = ("is", "is_not", "before", "after", "at_least", "at_most", "between", "empty")
    examples = (
        Example("14:30", time(14, 30), "2:30\u00a0PM", "14:30"),
        Example("2:30 pm", time(14, 30), "2:30\u00a0PM", "14:30"),
        Example("12:05 am", time(0, 5), "12:05\u00a0AM", "00:05"),
        Example("", None, "", None),
        Example("25:00", refusal='"25:00" is not a time of day. Write hours:minutes, for example 14:30.'),
        Example(
            "13:00 pm", refusal='"13:00 pm" is not a time of day. Write hours:minutes, for example 14:30.'
        ),
        Example(750, refusal='"750" is not a time of day. Write hours:minutes, for example 14:30.'),
    )

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(longest=5),)

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        if is_blank(given):
            return None
        if isinstance(given, time):
            return given.replace(second=0, microsecond=0, tzinfo=None)
        if not isinstance(given, str):
            raise Unreadable(sentence(
                "{given} is not a time of day. Write hours:minutes, for example 14:30.", given=said(given)
            ))
        return time_in(given.strip()).replace(second=0, microsecond=0)

    def store(self, field: Field, value: Any) -> tuple[Any, ...]:
        return (None if value is None else f"{value:%H:%M}",)

    def load(self, field: Field, raw: tuple[Any, ...]) -> Any:
        return None if raw[0] is None else time.fromisoformat(raw[0])

    def json(self, field: Field, value: Any) -> Any:
        return self.typed(field, value, Formats()) or None

    def typed(self, field: Field, value: Any, formats: Formats) -> str:
        return "" if value is None else f"{value:%H:%M}"

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        return "" if value is None else time_writer(formats)(value.hour * 60 + value.minute)

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        write = time_writer(formats)
        texts = {f"{minute // 60:02}:{minute % 60:02}": write(minute) for minute in range(1440)}
        return lambda *raw: "" if raw[0] is None else texts[raw[0]]

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        return (
            EMPTY
            if value is None
            else tag("time", self.show(field, value, formats), datetime=f"{value:%H:%M}")
        )

    def control(self, field: Field, at: Control) -> Html:
        return text_input(at, "time")
