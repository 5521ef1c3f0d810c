"""Which folders make up a set: itself, what it extends, and so on down to what every set has."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.blueprint.source import Source
from engine.compiler.node import Node
from engine.compiler.problems import Problems
from engine.compiler.reader import read_file
from engine.compiler.sentences import did_you_mean, quoted, unknown_name, wrong_value

MANIFEST = "crm.yaml"
BASE = "base"
MOST_LAYERS = 10
ENGINE = Path(__file__).resolve().parent.parent
SYSTEM = ENGINE / "compiler" / "system"


@dataclass(frozen=True)
class Layer:
    """One folder of the chain; `shown_as` begins the file names told to people ("" for the current folder)."""

    folder: Path
    shown_as: str
    manifest: Node | None = None

    def shown(self, file: str) -> str:
        return f"{self.shown_as}/{file}" if self.shown_as else file


def find_layers(folder: Path, shown_as: str, problems: Problems, digest: Any) -> tuple[list[Layer], bool]:
    """The layers, lowest first, and whether all of them were found."""
    return _Search(problems, digest).chain(Layer(folder.resolve(), shown_as))


def base_folder() -> Path:
    """The repository's root in a checkout, engine/base in an installed package."""
    return ENGINE.parent if (ENGINE.parent / MANIFEST).is_file() else ENGINE / BASE


class _Search:
    def __init__(self, problems: Problems, digest: Any) -> None:
        self.problems = problems
        self.digest = digest
        self.found: list[Layer] = []

    def chain(self, asked: Layer) -> tuple[list[Layer], bool]:
        if not self._is_set(asked):
            return self._with_system(), False
        layer: Layer | None = self._opened(asked)
        while layer is not None:
            self.found.append(layer)
            extends = layer.manifest.get("extends") if layer.manifest else None
            if extends is None or extends.value is None:
                return self._with_system(), layer.manifest is not None
            layer = self._below(layer, extends)
        return self._with_system(), False

    def _with_system(self) -> list[Layer]:
        return [Layer(SYSTEM, "system"), *reversed(self.found)]

    def _is_set(self, layer: Layer) -> bool:
        if (layer.folder / MANIFEST).is_file():
            return True
        shown = layer.shown_as or "this folder"
        if layer.folder.is_dir():
            message, hint = f"There is no {MANIFEST}, so {shown} is not a config set.", "Give it one."
        else:
            message = f"There is no folder {quoted(shown)}."
            hint = did_you_mean(layer.folder.name, sets_beside(layer.folder))
        self.problems.tell(Source(layer.shown(MANIFEST), 1, 1), "missing-file", message, hint)
        return False

    def _opened(self, layer: Layer) -> Layer:
        shown = layer.shown(MANIFEST)
        manifest = read_file(layer.folder / MANIFEST, shown, self.problems, self.digest)
        return Layer(layer.folder, layer.shown_as, manifest)

    def _below(self, layer: Layer, extends: Node) -> Layer | None:
        if not extends.is_text:
            self.problems.add(wrong_value(extends.source, "extends", extends.value, "the name of a set"))
            return None
        below = _resolve(layer, extends.value)
        if not (below.folder / MANIFEST).is_file():
            known = [BASE, *_sets_around(layer, extends.value)]
            self.problems.add(unknown_name(extends.source, "extends", extends.value, "a config set", known))
            return None
        return self._opened(below) if self._is_sound(below, extends) else None

    def _is_sound(self, below: Layer, extends: Node) -> bool:
        folders = [layer.folder for layer in self.found]
        if below.folder in folders:
            names = [layer.folder.name for layer in self.found[folders.index(below.folder) :]]
            circle = " -> ".join([*names, below.folder.name])
            message = f"The set extends itself: {circle}."
            self.problems.tell(extends.source, "circle", message, "Break the circle.", "extends")
        elif len(folders) >= MOST_LAYERS:
            message = f"More than {MOST_LAYERS} sets extend one another."
            self.problems.tell(extends.source, "too-deep", message, "Extend a lower one.", "extends")
        else:
            return True
        return False


def _resolve(layer: Layer, name: str) -> Layer:
    if name == BASE:
        return Layer(base_folder().resolve(), BASE)
    path = name if "/" in name or name.startswith(".") else f"../{name}"
    shown = os.path.normpath(os.path.join(layer.shown_as, path))
    return Layer((layer.folder / path).resolve(), Path(shown).as_posix())


def _sets_around(layer: Layer, name: str) -> list[str]:
    """The sets that could have been meant, written as `name` is: with its path or without."""
    around, slash, _ = name.rpartition("/")
    if not slash:
        return sets_beside(layer.folder)
    return [f"{around}/{found}" for found in sets_beside(layer.folder / around / layer.folder.name)]


def sets_beside(folder: Path) -> list[str]:
    """The names of the other sets in the folder that holds this one."""
    beside = folder.parent
    if not beside.is_dir():
        return []
    return sorted(f.name for f in beside.iterdir() if f != folder and (f / MANIFEST).is_file())
