"""What a set's `checks` say of a record: the same for a form while it is filled in and for the write door."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from engine.blueprint.conditions import Condition, fields_in
from engine.blueprint.duplicates import Check
from engine.blueprint.entities import Entity
from engine.errors import Complaint

Holds = Callable[[Condition], bool]


def broken(
    entity: Entity, holds: Holds, readable: Collection[str], changed: Collection[str] | None = None
) -> Iterator[Complaint]:
    """`changed`: only checks that speak of one of these fields; an old record does not have to be mended before it can be
    used. A field that the reader does not know is not named."""
    for check in entity.checks:
        if changed is not None and fields_of(check).isdisjoint(changed):
            continue
        if holds(check.when) and not holds(check.must):
            yield Complaint(check.field if check.field in readable else None, check.refusal)


def fields_of(check: Check) -> frozenset[str]:
    return fields_in(check.must) | fields_in(check.when)


__all__ = ["broken", "fields_of"]
