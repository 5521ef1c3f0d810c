"""A sentence that remembers what it was made of, so that whoever shows it can say it in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Said(str):
    """In English it is the text itself. `many` is the pattern for other numbers than one, and `n` the number."""

    __slots__ = ("many", "n", "pattern", "values")

    pattern: str
    many: str | None
    n: int
    values: Mapping[str, Any]

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.pattern, self.many, self.n, dict(self.values))


def said(pattern: str, /, **values: Any) -> Said:
    """`said("{label} is empty.", label=field.label)`. The pattern is written out here, as it is gathered from here."""
    return _again(pattern, None, 0, values)


def said_n(one: str, many: str, n: int, /, **values: Any) -> Said:
    """A sentence about a number: `said_n("{n} record is left.", "{n} records are left.", left)`."""
    return _again(one, many, n, values)


def _again(pattern: str, many: str | None, n: int, values: Mapping[str, Any]) -> Said:
    spoken = pattern if many is None or n == 1 else many
    given = values if many is None else {"n": f"{n:,}", **values}
    made = Said(spoken.format(**given) if given else spoken)
    made.pattern, made.many, made.n, made.values = pattern, many, n, values
    return made


__all__ = ["Said", "said", "said_n"]
