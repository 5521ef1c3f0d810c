"""What tests/NAME.yaml means: stories about people, records and time, and what must be true along the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.blueprint.source import Source
from engine.blueprint.triggers import Span


@dataclass(frozen=True, slots=True)
class Given:
    """A person (`entity` is user) or a record that is there when the scenario begins. `values` are texts as written;
    a name of another given one stands for it. `wishes` of a person: as records/wishes.py keeps them."""

    name: str
    entity: str
    values: Mapping[str, Any]
    source: Source
    wishes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """`follow_up_soon by email at 14:45`: channel and local time are compared only where they are said."""

    notification: str
    channel: str | None = None
    at: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Expect:
    """What must be true after a step. None: not asked."""

    refused: str | None = None
    told: Mapping[str, tuple[Message, ...]] | None = None  # by person, or "client"; exactly these since the step before
    sees: Mapping[str, tuple[str, ...]] | None = None  # exactly these of the scenario's named records
    may: Mapping[str, tuple[str, ...]] | None = None  # exactly these moves of the record
    count: Mapping[str, int] | None = None  # by entity: how many there are
    values: Mapping[str, Any] = field(default_factory=dict)  # of the record
    places: Mapping[str, Source] = field(default_factory=dict)  # where each key is written
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Time passes (`until` or `passes`), or somebody does something, or neither: only a look at what is true.

    `deed` is a transition, `change`, `delete`, or `create`, `form`, `hook` with `what` naming the entity, form or hook."""

    source: Source
    until: datetime | None = None  # local time of the firm, naive
    passes: Span | None = None
    who: str | None = None
    deed: str | None = None
    what: str | None = None
    on: str | None = None  # the record; None: the scenario's first one
    values: Mapping[str, Any] = field(default_factory=dict)
    called: str | None = None  # the name that a new record gets
    expect: Expect | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    now: datetime  # local time of the firm, naive
    given: tuple[Given, ...]
    steps: tuple[Step, ...]
    source: Source
