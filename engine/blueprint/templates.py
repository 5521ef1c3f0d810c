"""A text with holes, already checked: `"{{ first_name }} {{ last_name }}"`."""

from __future__ import annotations

from dataclasses import dataclass

from engine.blueprint.source import Source


@dataclass(frozen=True, slots=True)
class Template:
    text: str
    fields: frozenset[str]  # the names it reads; `owner.name` is kept whole
    source: Source | None = None
