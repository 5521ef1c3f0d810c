"""What notifications.yaml means."""

from __future__ import annotations

from dataclasses import dataclass

from engine.blueprint.conditions import ALWAYS, Condition
from engine.blueprint.source import Source
from engine.blueprint.templates import Template


@dataclass(frozen=True, slots=True)
class Notification:
    name: str
    label: str
    entity: str
    on: str  # created, changed, moved, assigned
    text: Template
    to: tuple[str, ...]  # "owner", "manager of owner", "actor", "role:manager", "field:assistant"
    fields: tuple[str, ...] = ()  # with `changed`: only when one of these changed
    into: tuple[str, ...] = ()  # with `moved`: only into these stages
    when: Condition = ALWAYS
    source: Source | None = None
