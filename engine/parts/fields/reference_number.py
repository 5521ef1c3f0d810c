"""The number by which people speak of a record."""

from __future__ import annotations

import re
from datetime import date

from engine.blueprint.entities import Field
from engine.markup import Html
from engine.parts.controls import text_input
from engine.parts.fields.contract import Control, Example
from engine.parts.fields.text import Type as TextType

_SAMPLE = {"pattern": "DEAL-{year}-{number:05}", "resets": "yearly"}
_AROUND = r"([^{}]|\{(year|month|financial_year)\})*"
_HOLE = re.compile(r"\{(year|month|financial_year|number)(?::0(\d))?\}")


class Type(TextType):
    label = "Reference number"
    doc = (
        "Given to each new record in turn. `pattern` may hold {number}, {number:05} (at least so many digits), "
        "{year}, {month} and {financial_year} (2026-27); `resets` says when counting begins again: never, "
        "yearly or financial_year."
    )
    schema = {
        "pattern": {
            "type": "string",
            "maxLength": 60,
            "x-what": "a pattern: it needs one {number}, and may have {year}, {month} and {financial_year}",
            "examples": ["Q-{year}-{number:05}"],
            "pattern": rf"^{_AROUND}\{{number(:0[1-9])?\}}{_AROUND}$",
        },
        "resets": {"type": "string", "enum": ["never", "yearly", "financial_year"]},
    }
    needs = ("pattern",)
    longest = 80
    examples = (
        Example("DEAL-2026-00042", "DEAL-2026-00042", "DEAL-2026-00042", "DEAL-2026-00042", options=_SAMPLE),
        Example("", None, "", None, options=_SAMPLE),
        Example(True, refusal='"True" is not text. Give text.', options=_SAMPLE),
    )

    def control(self, field: Field, at: Control) -> Html:
        return text_input(at, class_="input is-code", readonly=True, required=False)

    def made(self, field: Field, number: int, on: date, year_starts: tuple[int, int] = (1, 1)) -> str:
        """The text of the series' `number`, given on a day of the firm's zone."""
        words = {
            "year": str(on.year),
            "month": f"{on.month:02}",
            "financial_year": financial_year(on, year_starts),
        }
        return _HOLE.sub(
            lambda hole: words.get(hole[1]) or f"{number:0{hole[2] or 1}}", field.options["pattern"]
        )

    def period(self, field: Field, on: date, year_starts: tuple[int, int] = (1, 1)) -> str:
        """What a series counts within: a new period begins at one. "" when it never begins again."""
        resets = field.options.get("resets", "never")
        if resets == "financial_year":
            return financial_year(on, year_starts)
        return str(on.year) if resets == "yearly" else ""


def financial_year(on: date, starts: tuple[int, int]) -> str:
    """`2026-27`, or `2026` where the financial year is the calendar's."""
    if starts == (1, 1):
        return str(on.year)
    first = on.year if (on.month, on.day) >= starts else on.year - 1
    return f"{first}-{(first + 1) % 100:02}"
