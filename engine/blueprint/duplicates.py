"""What `duplicates` and `checks` of an entity mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from engine.blueprint.conditions import ALWAYS, Condition
from engine.blueprint.source import Source

OUTCOMES = ("duplicate", "re_engaged", "junk")


@dataclass(frozen=True, slots=True)
class Same:
    """The same value. Several fields: each may hold it (`any`), as a mobile and a second mobile do."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alike:
    """Texts that sound alike, whatever their spelling and the order of their words; several fields are read as one."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """All of these at once (`all`)."""

    parts: tuple[Same | Alike, ...]


Match: TypeAlias = Same | Alike | Together


@dataclass(frozen=True, slots=True)
class Among:
    """Where it is looked: an entity, which of its records, and what our fields are called there (ours -> theirs)."""

    entity: str
    when: Condition = ALWAYS
    fields: Mapping[str, str] = field(default_factory=dict)

    def theirs(self, name: str) -> str:
        return self.fields.get(name, name)


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """Asked in the order of the set; the first that finds something decides. Without `match` its `when` alone decides."""

    name: str
    outcome: str  # one of OUTCOMES
    match: tuple[Match, ...] = ()
    among: tuple[Among, ...] = ()
    when: Condition = ALWAYS  # of the new record
    set: Mapping[str, Any] = field(default_factory=dict)  # field -> value or Word
    block: bool = False
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """What must hold of every record for which `when` holds; `refusal` is told at `field`."""

    name: str
    must: Condition
    refusal: str
    when: Condition = ALWAYS
    field: str | None = None
    source: Source | None = None


def parts_of(match: Match) -> tuple[Same | Alike, ...]:
    return match.parts if isinstance(match, Together) else (match,)


def fields_of(match: Match) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in parts_of(match) for name in part.fields))


__all__ = [
    "OUTCOMES", "Alike", "Among", "Check", "DuplicateRule", "Match", "Same", "Together", "fields_of", "parts_of",
]  # fmt: skip
