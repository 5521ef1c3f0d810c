"""A config set and the sets beneath it, merged into one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from engine.blueprint.source import Source
from engine.compiler.node import Node
from engine.compiler.problems import Problem

SECTIONS = {
    "entities": ("entities",),
    "workflows": ("workflows",),
    "roles": ("roles",),
    "notifications": ("notifications",),
    "reports": ("reports", "dashboards"),
}
FOLDERS = ("imports", "translations")


@dataclass(frozen=True)
class Origin:
    """One layer's word on a key: `deed` is "sets", "adds to", "replaces" or "removes"."""

    source: Source
    deed: str
    node: Node


@dataclass(frozen=True)
class Layer:
    """One folder of the chain; `shown_as` begins the file names told to people."""

    folder: Path
    shown_as: str


@dataclass(frozen=True)
class MergedSet:
    """The whole set as one tree: `root` is a map with `manifest`, `entities`, `workflows`, `roles`,
    `notifications`, `reports`, `dashboards` and one map per folder (`imports`, `translations`: file stem -> its content).
    Each is there and is a map, empty where nothing was written.

    `unreadable` names the sections of which a file could not be read: do not call a name unknown because of them.
    """

    folder: Path
    layers: tuple[Layer, ...]
    root: Node
    problems: tuple[Problem, ...]
    unreadable: frozenset[str]
    _history: dict[tuple[str | int, ...], tuple[Origin, ...]] = field(repr=False, default_factory=dict)

    def section(self, name: str) -> Node:
        return self.root.value[name]

    def history(self, path: str | tuple[str | int, ...]) -> tuple[Origin, ...]:
        """What each layer said about a key, the effective word first; also of keys that were removed."""
        raise NotImplementedError

    def provenance(self, path: str | tuple[str | int, ...]) -> tuple[Source, ...]:
        """Where a key comes from: its effective place first, then what it overrode."""
        return tuple(origin.source for origin in self.history(path))


def load_set(folder: Path | str, shown_as: str | None = None) -> MergedSet:
    """Read and merge a set, its bases and the built-in entities. Never raises for what is in the files."""
    raise NotImplementedError
