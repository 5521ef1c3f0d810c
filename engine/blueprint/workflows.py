"""What workflows.yaml means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.blueprint.conditions import ALWAYS, Condition
from engine.blueprint.source import Source
from engine.blueprint.templates import Template

PREVIOUS = "previous"  # a transition's `to` that means: back to the stage before this one


@dataclass(frozen=True, slots=True)
class Stage:
    name: str  # as stored
    label: str
    hue: str = "grey"
    probability: int | None = None  # percent
    ends: str | None = None  # "won", "lost", "done", or None while open
    requires: tuple[str, ...] = ()  # fields that must be filled on a record in this stage
    allows: tuple[str, ...] | None = None  # entities that may be added to a record here; None: all
    was: str | None = None
    help: str | None = None
    source: Source | None = None
    script: Template | None = None  # what is said in a call to a record here, as Markdown


@dataclass(frozen=True, slots=True)
class Action:
    """One effect of a move: the file in parts/actions that does it, and its settings."""

    kind: str
    settings: Any
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    name: str
    label: str
    sources: tuple[str, ...]  # stage names; `from: any` is already spelled out (every stage but the target)
    target: str  # a stage name or PREVIOUS
    roles: tuple[str, ...] | None = None  # None: whoever a role's rights let
    asks: tuple[str, ...] = ()  # fields asked for in the move dialog
    when: Condition = ALWAYS
    refusal: str | None = None  # said when `when` does not hold
    then: tuple[Action, ...] = ()
    help: str | None = None
    was: str | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Workflow:
    name: str
    label: str
    entity: str
    field: str
    starts_at: str
    stages: Mapping[str, Stage]
    transitions: Mapping[str, Transition]
    applies: Condition = ALWAYS  # which records of the entity follow this workflow
    gone: Mapping[str, str] | None = None  # a removed stage -> where its records go
    source: Source | None = None
