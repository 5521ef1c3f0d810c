"""A config set and the sets beneath it, merged into one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from engine.blueprint.source import Source
from engine.compiler.layers import MANIFEST, Layer, find_layers
from engine.compiler.merge import Merging, Origin, Steps
from engine.compiler.node import Node
from engine.compiler.problems import Problem, Problems, dotted
from engine.compiler.reader import read_file
from engine.compiler.sentences import did_you_mean, quoted, unknown_key, wrong_value

FILES = {
    "entities": ("entities",),
    "workflows": ("workflows", "rules"),
    "roles": ("roles", "assignments"),
    "notifications": ("notifications", "channels"),
    "reports": ("reports", "dashboards"),
}
FILE_OF = {section: file for file, sections in FILES.items() for section in sections}
FOLDERS = ("imports", "capture", "translations")
OWN = ("name", "title", "extends", "languages")  # what a manifest says of itself and does not hand up


@dataclass(frozen=True)
class MergedSet:
    """The whole set as one tree.

    `root` is a map of `manifest`, each section of the five files (FILES) and one
    map per folder (FOLDERS: a file's stem -> its content). Each is there and is a map, empty where
    nothing was written. `layers` are the folders, lowest first, beginning with the engine's own.

    `unreadable` names the parts of `root` of which something could not be read: call no name unknown for the lack
    of them. `hash` is of every file read.
    """

    layers: tuple[Layer, ...]
    root: Node
    problems: tuple[Problem, ...]
    unreadable: frozenset[str]
    hash: str
    _history: dict[Steps, list[Origin]] = field(repr=False, default_factory=dict)

    def section(self, name: str) -> Node:
        return self.root.value[name]

    def history(self, path: str | Steps) -> tuple[Origin, ...]:
        """What each layer said about a key, the last word first; also of keys that were removed.

        `path` is dotted text or a tuple of keys and indexes, from the root: `entities.lead.label`. Empty for an
        unknown one.
        """
        steps = self.steps(path) if isinstance(path, str) else path
        if steps in self._history:
            return tuple(reversed(self._history[steps]))
        node = self.root.at(steps) if steps else None
        return (Origin(node.key_source, "sets", node),) if node else ()

    @cached_property
    def removals(self) -> dict[Steps, Source]:
        """What a layer took away and none above it brought back, and where."""
        return {steps: origins[-1].source for steps, origins in self._history.items() if origins[-1].deed == "removes"}

    def was_beneath(self, steps: Steps) -> bool:
        """Whether more than one layer spoke of this key."""
        return steps in self._history

    def provenance(self, path: str | Steps) -> tuple[Source, ...]:
        """Where a key comes from: its last word first, then what that one overrode."""
        return tuple(origin.source for origin in self.history(path))

    def steps(self, path: str) -> Steps:
        """The keys of a dotted path; a key may itself hold dots. Empty for an unknown path."""
        removed = {dotted(steps): steps for steps in self._history}
        return removed.get(path) or _steps(self.root, path.split(".")) or ()


def _steps(node: Node, parts: list[str]) -> Steps | None:
    if not parts:
        return ()
    if node.is_list:
        keys: list[tuple[str | int, int]] = [(int(parts[0]), 1)] if parts[0].isdecimal() else []
    else:
        keys = [(".".join(parts[:n]), n) for n in range(len(parts), 0, -1)]
    for key, length in keys:
        child = node.at((key,))
        rest = _steps(child, parts[length:]) if child else None
        if rest is not None:
            return (key, *rest)
    return None


def load_set(folder: Path | str, shown_as: str | None = None) -> MergedSet:
    """Read and merge a set, the sets that it extends and what every set has. Never raises for what is in the files.

    `shown_as` begins the names of the set's files in messages; by default the folder as given.
    """
    shown = Path(folder).as_posix() if shown_as is None else shown_as
    return _Loading("" if shown == "." else shown).load(Path(folder))


class _Loading:
    def __init__(self, shown_as: str) -> None:
        self.shown_as = shown_as
        self.problems = Problems()
        self.digest: Any = hashlib.sha256()
        self.unreadable: set[str] = set()
        self.merging = Merging(self.problems)
        self.layers: list[Layer] = []
        self.languages: frozenset[str] = frozenset()

    def load(self, folder: Path) -> MergedSet:
        layers, complete = find_layers(folder, self.shown_as, self.problems, self.digest)
        self.layers, self.languages = layers, frozenset(_languages(layers))
        if not complete:
            self.unreadable.update(("manifest",), FILE_OF, FOLDERS)
        root = self._empty()
        for layer in layers:
            self._forget_own(root.value["manifest"])
            for name, node in self._parts(layer):
                root.value[name] = self.merging.lay(root.value[name], node, (name,))
        return MergedSet(
            tuple(layers),
            root,
            self.problems.sorted(),
            frozenset(self.unreadable),
            self.digest.hexdigest(),
            self.merging.history,
        )

    def _forget_own(self, manifest: Node) -> None:
        for key in OWN:
            manifest.value.pop(key, None)

    def _empty(self) -> Node:
        """A place for each part, for those problems that concern what nobody wrote."""
        at = Layer(Path(), self.shown_as)
        files = {
            "manifest": MANIFEST,
            **{s: f"{file}.yaml" for s, file in FILE_OF.items()},
            **{f: f for f in FOLDERS},
        }
        parts = {name: Node({}, at.shown(file), 1, 1) for name, file in files.items()}
        return Node(parts, at.shown(MANIFEST), 1, 1)

    def _parts(self, layer: Layer) -> list[tuple[str, Node]]:
        parts = [part for file in FILES for part in self._file(layer, file)]
        parts += [(name, self._folder(layer, name)) for name in FOLDERS]
        if layer.manifest is not None:
            parts.append(("manifest", layer.manifest))
            self._misnamed(layer)
        return parts

    def _file(self, layer: Layer, file: str) -> list[tuple[str, Node]]:
        path = layer.folder / f"{file}.yaml"
        if not path.exists():
            return []
        content = read_file(path, layer.shown(path.name), self.problems, self.digest)
        if content is None:
            self.unreadable.update(FILES[file])
            return []
        return [(key, node) for key, node in content.items() if self._belongs(file, key, node)]

    def _belongs(self, file: str, key: str, node: Node) -> bool:
        if key not in FILES[file]:
            self._misplaced(file, key, node)
            return False
        if node.value is None:
            return False
        if not node.is_map:
            self.problems.add(wrong_value(node.source, key, node.value, "a map", "Write keys beneath it."))
            self.unreadable.add(key)
        return node.is_map

    def _misplaced(self, file: str, key: str, node: Node) -> None:
        if key in FILE_OF:
            message = f"{quoted(key)} does not belong in {file}.yaml."
            hint = f"Move it to {FILE_OF[key]}.yaml."
            self.problems.tell(node.key_source, "unknown-key", message, hint, key)
        else:
            self.problems.add(unknown_key(node.key_source, key, key, FILES[file]))

    def _folder(self, layer: Layer, name: str) -> Node:
        contents: dict[str, Node] = {}
        for path in sorted((layer.folder / name).glob("*.yaml")):
            if name == "translations" and not self._is_offered(path.stem, layer):
                continue
            content = read_file(path, layer.shown(f"{name}/{path.name}"), self.problems, self.digest)
            if content is None:
                self.unreadable.add(name)
            else:
                contents[path.stem] = content
        return Node(contents, layer.shown(name), 1, 1)

    def _is_offered(self, language: str, layer: Layer) -> bool:
        """What a lower layer says in a language that this set does not offer is not even read: a start waits for nothing."""
        return layer is self.layers[-1] or language in self.languages

    def _misnamed(self, layer: Layer) -> None:
        """A file that looks like one of ours and would be passed over in silence."""
        known = [MANIFEST, *(f"{file}.yaml" for file in FILES)]
        for path in sorted(layer.folder.glob("*.y*ml")):
            hint = did_you_mean(path.name, known) if path.name not in known else ""
            if hint:
                source = Source(layer.shown(path.name), 1, 1)
                self.problems.tell(source, "unknown-file", "This file is not read under its name.", hint)


def _languages(layers: list[Layer]) -> Iterator[str]:
    """What the set itself offers, and the language in which it, or a set beneath it, is written."""
    for layer in layers:
        for key in ("language", *(("languages",) if layer is layers[-1] else ())):
            node = layer.manifest.get(key) if layer.manifest is not None else None
            for one in () if node is None else node if node.is_list else (node,):
                if one.is_text:
                    yield one.value
