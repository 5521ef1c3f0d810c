"""The few sentences that every refusal is made from."""

from __future__ import annotations

from collections.abc import Sequence


def listed(names: Sequence[str], last: str = "or") -> str:
    """`A`, `A or B`, `A, B or C`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def may(who: Sequence[str]) -> str:
    """`Sales manager or Administrator may do this.`"""
    return f"{listed(who)} may do this." if who else "Nobody's role allows this."


def is_empty(label: str) -> str:
    return f"{label} is empty."


def as_one(reasons: Sequence[str]) -> str:
    """Several sentences as the end of one: `Demo date is empty; Log an answered call first.`"""
    return "; ".join(reason.rstrip(".") for reason in reasons) + "."
