"""The few sentences that every refusal is made from."""

from __future__ import annotations

from collections.abc import Sequence

from engine.words import Said, said, sentences


def listed(names: Sequence[str], last: str = "or") -> str:
    """`A`, `A or B`, `A, B or C`; with `and` as well."""
    if len(names) < 2:
        return "".join(names)
    some = ", ".join(names[:-1])
    if last == "and":
        return said("{some} and {last}", some=some, last=names[-1])
    return said("{some} or {last}", some=some, last=names[-1])


def article(label: str) -> Said:
    """`a call`, `an account`; other languages say the word alone, or with articles of their own."""
    if label[:1].lower() in "aeiou":
        return said("an {label}", label=label.lower())
    return said("a {label}", label=label.lower())


def may(who: Sequence[str]) -> Said:
    """`Sales manager or Administrator may do this.`"""
    return said("{who} may do this.", who=listed(who)) if who else said("Nobody's role allows this.")


def is_empty(label: str) -> Said:
    return said("{label} is empty.", label=label)


def as_one(reasons: Sequence[str]) -> str:
    """Several sentences as the end of one: `Demo date is empty; Log an answered call first.`"""
    return sentences(reasons)
