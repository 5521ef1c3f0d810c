"""The few sentences that every refusal is made from."""

from __future__ import annotations

from collections.abc import Sequence

from engine.words import Said, said, sentences


def listed(names: Sequence[str]) -> str:
    """`A`, `A or B`, `A, B or C`."""
    if len(names) < 2:
        return "".join(names)
    return said("{some} or {last}", some=", ".join(names[:-1]), last=names[-1])


def may(who: Sequence[str]) -> Said:
    """`Sales manager or Administrator may do this.`"""
    return said("{who} may do this.", who=listed(who)) if who else said("Nobody's role allows this.")


def is_empty(label: str) -> Said:
    return said("{label} is empty.", label=label)


def as_one(reasons: Sequence[str]) -> str:
    """Several sentences as the end of one: `Demo date is empty; Log an answered call first.`"""
    return sentences(reasons)
