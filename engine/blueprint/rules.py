"""What `rules` of workflows.yaml mean: when this happens, or that moment comes, do these."""

from __future__ import annotations

from dataclasses import dataclass

from engine.blueprint.conditions import ALWAYS, Condition
from engine.blueprint.source import Source
from engine.blueprint.triggers import ONCE, Happening, Missed, Trigger
from engine.blueprint.workflows import Action


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    label: str
    entity: str
    trigger: Trigger | None  # None only while the set has problems
    then: tuple[Action, ...]
    when: Condition = ALWAYS
    working_hours_only: bool = False
    missed: Missed = ONCE
    source: Source | None = None

    @property
    def on(self) -> str | None:
        """What must happen to a record; None for one that time sets off."""
        return self.trigger.on if isinstance(self.trigger, Happening) else None
