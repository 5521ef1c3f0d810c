"""What is known while a set is being compiled: the merged tree, the problems so far, and what has been built.

Rooms of the compiler are handed one Draft and fill it in this order: manifest, entities and fields, stages,
computed fields, conditions, workflows, roles, and what speaks of all of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from engine.blueprint.assignments import Assignment
from engine.blueprint.capture import Capture
from engine.blueprint.entities import Entity, Field
from engine.blueprint.imports import ImportMapping
from engine.blueprint.manifest import Manifest
from engine.blueprint.notifications import Channel, Notification
from engine.blueprint.reports import Dashboard, Report
from engine.blueprint.roles import Role
from engine.blueprint.rules import Rule
from engine.blueprint.source import Source
from engine.blueprint.workflows import Workflow
from engine.compiler.overlay import MergedSet
from engine.compiler.problems import Problems, problem_at
from engine.compiler.sentences import unknown_name, wrong_value
from engine.compiler.spot import Spot
from engine.compiler.suggest import nearest
from engine.formats import Formats, Reading

COMPILED_AT = datetime(2026, 1, 1, tzinfo=UTC)  # a value in a set may not depend on the day it was compiled


class Draft:
    def __init__(self, merged: MergedSet, problems: Problems) -> None:
        self.merged = merged
        self.problems = problems
        self.manifest = Manifest("", "")
        self.fields: dict[str, dict[str, Field]] = {}  # by entity; conditions and formulas come in later
        self.broken: set[tuple[str, str]] = set()  # fields that are there but cannot be understood
        self.owned: dict[str, bool] = {}
        self.titles: dict[str, str] = {}  # an entity's label
        self.entities: dict[str, Entity] = {}
        self.workflows: dict[str, Workflow] = {}
        self.roles: dict[str, Role] = {}
        self.notifications: dict[str, Notification] = {}
        self.reports: dict[str, Report] = {}
        self.dashboards: dict[str, Dashboard] = {}
        self.imports: dict[str, ImportMapping] = {}
        self.channels: dict[str, Channel] = {}
        self.rules: dict[str, Rule] = {}
        self.assignments: dict[str, Assignment] = {}
        self.captures: dict[str, Capture] = {}

    def section(self, name: str) -> Spot:
        return Spot(self.merged.section(name), (name,))

    @property
    def reading(self) -> Reading:
        """How values in YAML are read: numbers as in English, whatever the firm's language."""
        m = self.manifest
        formats = Formats("en", m.zone, m.currency, m.country)
        return Reading(formats, COMPILED_AT, None, m.financial_year_starts)

    # ---- problems

    def tell(self, spot: Spot, code: str, message: str, hint: str = "", at_key: bool = False) -> None:
        source = spot.key_source if at_key else spot.source
        self.problems.add(problem_at(source, code, message, hint, spot.path))

    def unknown(self, spot: Spot, name: object, what: str, known: Iterable[str], at_key: bool = False) -> None:
        source = spot.key_source if at_key else spot.source
        problem = unknown_name(source, spot.path, name, what, known)
        removed = self._removed(str(name), what)
        if removed is not None:
            problem = replace(problem, hint=self._after_removal(removed, source, spot.path, str(name)))
        self.problems.add(problem)

    def _removed(self, name: str, what: str) -> Source | None:
        """Where a layer took away what is now not found."""
        kind, words = _KINDS.get(" ".join(what.split()[:3]), _KINDS.get(what, (None, ()))), what.split()
        for steps, source in self.merged.removals.items() if kind else ():
            if steps[-1] == name and kind in (steps[0], steps[-2]) and (kind != "fields" or steps[1] == words[-1]):
                return source
        return None

    def _after_removal(self, removed: Source, mention: Source, path: tuple[str | int, ...], name: str) -> str:
        """A line of a set beneath is not the author's to change: then they are told what to write in their own."""
        above = self._layer(mention.file) - self._layer(removed.file)
        if above > 0:
            return f"It is removed in {removed}, which this set extends. Name another."
        if above == 0:
            return f"It is removed in {removed}: change this line too, or keep it there."
        return f"It is removed in {removed}. In that set, also write {_said_above(path[2:], name)}; or keep it."

    def _layer(self, file: str) -> int:
        """How high the set of a file lies."""
        shown = enumerate(layer.shown("") for layer in self.merged.layers)
        return max(((len(folder), n) for n, folder in shown if file.startswith(folder)), default=(0, 0))[1]

    def wrong(self, spot: Spot, expected: str, hint: str = "", code: str = "wrong-value") -> None:
        self.problems.add(wrong_value(spot.source, spot.path, spot.node.value, expected, hint, code))

    # ---- names

    def can_judge(self, *sections: str) -> bool:
        """False where a file could not be read: what it names must not be called unknown."""
        return not self.merged.unreadable & set(sections)

    def entity_named(self, spot: Spot | None, what: str = "an entity") -> str | None:
        """The entity that the spot names, or None after telling why not."""
        return self._named(spot, what, self.fields, "entities")

    def role_named(self, spot: Spot | None) -> str | None:
        return self._named(spot, "a role", self.section("roles").node.value, "roles")

    def _named(self, spot: Spot | None, what: str, known: Iterable[str], section: str) -> str | None:
        if spot is None or spot.word is None:
            return None
        if spot.word in known:
            return spot.word
        if self.can_judge(section):
            self.unknown(spot, spot.word, what, known)
        return nearest(spot.word, known)  # go on as if that was meant: what follows from the slip need not be told

    def field_named(self, entity: str, spot: Spot, name: str | None = None, at_key: bool = False) -> Field | None:
        """The entity's field that the spot (or `name`, read from it) names, or None after telling why not."""
        name = spot.word if name is None else name
        if name is None:
            return None
        fields = self.fields.get(entity, {})
        if self.is_unknown(entity, name):
            self.unknown(spot, name, f"a field of {entity}", fields, at_key)
        return fields.get(name)

    def is_unknown(self, entity: str, name: str) -> bool:
        """Whether the entity certainly has no such field; of one whose own line is wrong no more need be said."""
        known = name in self.fields.get(entity, {}) or (entity, name) in self.broken
        return not known and self.can_judge("entities", "workflows")

    def choices_of(self, field: Field) -> tuple[str, ...] | None:
        """The words that a choice or stage field may hold; None for all others, and where none could be read."""
        listed = field.options.get("stages", field.options.get("choices"))
        return tuple(choice.value for choice in listed) if listed else None


_KINDS = {"a field of": "fields", "a stage of": "stages", "a transition of": "transitions", "an entity": "entities",
          "a role": "roles", "a report": "reports"}  # fmt: skip


def _said_above(inside: tuple[str | int, ...], name: str) -> str:
    """What a layer above says so that a line beneath no longer counts: `list: {columns: {remove: [phone]}}`."""
    *around, last = inside
    listed = next((n for n, step in enumerate(around) if isinstance(step, int)), None)
    if listed is not None:
        return f"{_nested(around[:listed], '[...]')}, in full without it"
    if isinstance(last, int):
        return _nested(around, f"{{remove: [{name}]}}")
    return _nested(inside, "removed" if last == name else "...")


def _nested(steps: Iterable[str | int], value: str) -> str:
    first, *rest = steps
    return f"{first}: {value}" if not rest else f"{first}: {{{_nested(rest, value)}}}"


def frozen(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


def label_from(name: str) -> str:
    """`follow_up_at` as `Follow up at`."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def plural_of(label: str) -> str:
    last = label[-1:].lower()
    if last == "y" and label[-2:-1].lower() not in "aeiou":
        return f"{label[:-1]}ies"
    return f"{label}es" if last in "sxz" or label[-2:].lower() in ("ch", "sh") else f"{label}s"


def rule_of_names(name: str, longest: int = 58) -> str | None:
    """What is wrong with a name that becomes a table, a column or an address; None when nothing is."""
    allowed = "abcdefghijklmnopqrstuvwxyz0123456789_"
    if not name[:1].isascii() or not name[:1].islower() or not set(name) <= set(allowed):
        return "a name may have small letters, digits and _ only, and begins with a letter"
    if "__" in name or name.endswith("_"):
        return "a name has no _ at its end and no two of them together"
    return f"a name has at most {longest} characters" if len(name) > longest else None


def tidy_name(name: str) -> str:
    """The nearest name that the rule allows: for hints."""
    kept = "".join(c if c.isascii() and c.isalnum() else "_" for c in name.lower())
    parts = [part for part in kept.split("_") if part]
    tidied = "_".join(parts)[:58]
    return tidied if tidied[:1].isalpha() else f"n_{tidied}".rstrip("_")
