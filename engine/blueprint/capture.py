"""What capture/NAME.yaml means: a way in, and how what comes becomes a record."""

from __future__ import annotations

from dataclasses import dataclass

from engine.blueprint.imports import Column
from engine.blueprint.source import Source


@dataclass(frozen=True, slots=True)
class Capture:
    name: str
    label: str
    kind: str  # form, webhook, mailbox
    entity: str
    columns: tuple[Column, ...] = ()
    source: Source | None = None
