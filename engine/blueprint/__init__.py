"""What the YAML means, as frozen values. Nothing outside the compiler looks at YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.blueprint.assignments import Assignment
from engine.blueprint.capture import Capture
from engine.blueprint.entities import Entity
from engine.blueprint.imports import ImportMapping
from engine.blueprint.manifest import Manifest
from engine.blueprint.notifications import Channel, Notification
from engine.blueprint.reports import Dashboard, Report
from engine.blueprint.roles import Role
from engine.blueprint.rules import Rule
from engine.blueprint.workflows import Workflow


@dataclass(frozen=True, slots=True)
class Blueprint:
    """One config set, compiled: immutable, complete and free of errors."""

    manifest: Manifest
    entities: Mapping[str, Entity]
    workflows: Mapping[str, Workflow]
    roles: Mapping[str, Role]
    notifications: Mapping[str, Notification] = field(default_factory=dict)
    reports: Mapping[str, Report] = field(default_factory=dict)
    dashboards: Mapping[str, Dashboard] = field(default_factory=dict)
    imports: Mapping[str, ImportMapping] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    assignments: Mapping[str, Assignment] = field(default_factory=dict)
    captures: Mapping[str, Capture] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # by language, in the shape of the YAML files
    folders: tuple[Path, ...] = ()  # the set's layers, lowest first: where demo data, brand and templates are found
    hash: str = ""  # of every file read; each history row carries it

    def workflows_of(self, entity: str) -> tuple[Workflow, ...]:
        return tuple(w for w in self.workflows.values() if w.entity == entity)

    def activities_about(self, entity: str) -> tuple[Entity, ...]:
        """The entities whose records are done about one of `entity`."""
        return tuple(e for e in self.entities.values() if e.activity and entity in e.fields[e.activity.about].targets)


__all__ = ["Blueprint"]
