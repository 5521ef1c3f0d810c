"""What `assignments` of roles.yaml mean: who gets a record that has to be somebody's."""

from __future__ import annotations

from dataclasses import dataclass

from engine.blueprint.conditions import ALWAYS, Condition
from engine.blueprint.source import Source


@dataclass(frozen=True, slots=True)
class Territory:
    """A branch of the tree: records for which `when` holds go to the people of `among` (within the branch above)."""

    name: str
    label: str
    when: Condition
    among: Condition = ALWAYS  # on people
    territories: tuple[Territory, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    name: str
    label: str
    entity: str
    how: str  # round_robin, least_loaded
    among: Condition  # on people
    counts: Condition = ALWAYS  # on the entity: which of a person's records are load
    capacity: int | None = None  # of people who have none of their own
    skill: str | None = None  # the record's field that the person's skills must have
    working_hours_only: bool = False
    territories: tuple[Territory, ...] = ()
    overflow: str | None = None  # the assignment that is asked when nobody fits
    source: Source | None = None
