"""What numbers are narrowed by: a period, and fields such as owner, team and source, told as texts of an address.

What an entity has no field of is asked of its owner: so `team` narrows leads by the team of who has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from engine.actor import Actor
from engine.blueprint.conditions import AllOf, Condition, Test
from engine.blueprint.entities import Field
from engine.errors import BadRequest, Complaint
from engine.parts import field_type
from engine.parts.fields.contract import Unreadable
from engine.parts.words import Span, span_word
from engine.records.periods import Period
from engine.records.read import Reads
from engine.records.reporting import Asked
from engine.words import said

OWNER = "owner"
FURTHEST = timedelta(days=366 * 30)
TIME = ("period", "from", "until")


def period_asked(text: str, start: str = "", end: str = "") -> Period | None:
    """`last month`, or a first and a last day. Raises Unreadable."""
    if start or end:
        first = date.fromisoformat(start) if _is_day(start) else None
        last = date.fromisoformat(end) if _is_day(end) else None
        if first is None or last is None or not first <= last <= first + FURTHEST:
            raise Unreadable(said("A period of one's own has a first and a last day, of at most 30 years."))
        return Span(first, last + timedelta(days=1))
    return span_word(text) if text else None


def _is_day(text: str) -> bool:
    try:
        return 1000 < date.fromisoformat(text).year < 9000
    except ValueError:
        return False


def reached(reads: Reads, actor: Actor, entity: str, name: str) -> tuple[Field, bool] | None:
    """The entity's own field, or that of its owner, which the second says; None for what the reader knows nothing of."""
    fields = reads.sight.fields(actor.role, entity)
    if name in fields:
        return fields[name], False
    if OWNER not in fields or not reads.sight.may_open(actor, "user"):
        return None
    field = reads.sight.fields(actor.role, "user").get(name)
    return (field, True) if field is not None else None


def narrowed(reads: Reads, actor: Actor, name: str, found: tuple[Field, bool], chosen: str) -> Condition:
    """Raises Unreadable for what is no value of the field."""
    field, by_owner = found
    value = field_type(field.type).read(field, chosen, reads.reading(actor))
    test = Test(name, "is", value)
    return Test(OWNER, "where", test) if by_owner else test


def asked_by(reads: Reads, actor: Actor, entities: Iterable[str], given: Mapping[str, str]) -> Asked:
    """All of an address's pairs. Raises BadRequest with everything that is wrong; what narrows nothing that the reader
    may know of is wrong."""
    wrong: list[Complaint] = []
    period = None
    try:
        period = period_asked(*(given.get(name, "").strip() for name in TIME))
    except Unreadable as problem:
        wrong.append(Complaint("period", str(problem)))
    tests: dict[str, list[Condition]] = {}
    readable = [name for name in dict.fromkeys(entities) if reads.sight.may_open(actor, name)]
    for name, text in given.items():
        if name not in TIME:
            wrong += _narrow(reads, actor, readable, name, text.strip(), tests)
    if wrong:
        raise BadRequest(" ".join(one.message for one in wrong), wrong)
    any_time = period is None and "period" in given
    return Asked(period, any_time, {entity: AllOf(tuple(some)) for entity, some in tests.items()})


def _narrow(
    reads: Reads, actor: Actor, entities: list[str], name: str, text: str, tests: dict[str, list[Condition]]
) -> list[Complaint]:
    found = {entity: one for entity in entities if (one := reached(reads, actor, entity, name)) is not None}
    found = {entity: one for entity, one in found.items() if "is" in field_type(one[0].type).operators}
    if not found:
        return [Complaint(name, said('There is no field "{name}" that this can be narrowed by.', name=name[:60]))]
    wrong = []
    for entity, one in found.items():
        try:
            tests.setdefault(entity, []).append(narrowed(reads, actor, name, one, text))
        except Unreadable as problem:
            wrong.append(Complaint(name, f"{one[0].label}: {problem}"))
    return wrong if len(wrong) == len(found) else []  # a word that one of them knows is a word


__all__ = ["TIME", "asked_by", "narrowed", "period_asked", "reached"]
