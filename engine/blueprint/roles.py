"""What roles.yaml means: every role's rights on every entity, spelled out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.blueprint.conditions import NEVER, Condition
from engine.blueprint.source import Source

ACTIONS = ("read", "create", "update", "delete", "assign")


@dataclass(frozen=True, slots=True)
class Rights:
    """What one role may do with one entity. A scope is a Condition: ALWAYS is `all`, NEVER is `none`.

    `own` is {owner: {is: me}}; `team` is owner in my team, or the record's `team` field is one of mine;
    `subordinates` is the owner is me or below me. `assign` is a condition on the user entity: to whom.
    """

    read: Condition = NEVER
    create: Condition = NEVER
    update: Condition = NEVER
    delete: Condition = NEVER
    assign: Condition = NEVER
    transitions: frozenset[str] = frozenset()
    may_import: bool = False
    may_export: bool = False
    may_bulk: bool = False
    hidden: frozenset[str] = frozenset()  # may not read; what is computed from them is here too
    locked: frozenset[str] = frozenset()  # may read, may not write
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Role:
    name: str
    label: str
    reports_to: str | None
    rights: Mapping[str, Rights]  # by entity; one that is missing is denied
    administers: bool = False  # may see configuration, explain others' rights, manage tokens and passwords
    help: str | None = None
    was: str | None = None
    source: Source | None = None
    free_busy: str = "none"  # none, team, all: whose busy times it sees without reading what they do
    home: str | None = None  # `today`, a dashboard or an entity: where its people begin
