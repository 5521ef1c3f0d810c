"""A sentence that remembers what it was made of, so that whoever shows it can say it in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

STOPS = ".。।۔"


class Said(str):
    """In English it is the text itself. `many` is the pattern for other numbers than one, and `n` the number."""

    __slots__ = ("many", "n", "pattern", "values")

    pattern: str
    many: str | None
    n: int
    values: Mapping[str, Any]

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.pattern, self.many, self.n, dict(self.values))


class Sentences(str):
    """Several sentences told as one."""

    __slots__ = ("parts",)

    parts: tuple[str, ...]

    def __reduce__(self) -> tuple[Any, ...]:
        return sentences, (self.parts,)


def said(pattern: str, /, **values: Any) -> Said:
    """`said("{label} is empty.", label=field.label)`. The pattern is written out here, as it is gathered from here."""
    return _again(pattern, None, 0, values)


def said_n(one: str, many: str, n: int, /, **values: Any) -> Said:
    """A sentence about a number: `said_n("{n} record is left.", "{n} records are left.", left)`."""
    return _again(one, many, n, values)


def sentences(parts: Sequence[str]) -> Sentences:
    """`Demo date is empty; Log an answered call first.`"""
    made = Sentences(as_one(parts))
    made.parts = tuple(parts)
    return made


def as_one(parts: Sequence[str]) -> str:
    return "; ".join(part.rstrip(STOPS) for part in parts) + (parts[-1][-1:] if parts and parts[-1][-1:] in STOPS else ".")


def _again(pattern: str, many: str | None, n: int, values: Mapping[str, Any]) -> Said:
    spoken = pattern if many is None or n == 1 else many
    given = values if many is None else {"n": f"{n:,}", **values}
    made = Said(spoken.format(**given) if given else spoken)
    made.pattern, made.many, made.n, made.values = pattern, many, n, values
    return made


__all__ = ["Said", "Sentences", "as_one", "said", "said_n", "sentences"]
