"""One YAML file, strictly: plain values with positions, or every problem of its spelling."""

from __future__ import annotations

from pathlib import Path

from engine.compiler.node import Node
from engine.compiler.problems import Problems


def read_file(path: Path, name: str, problems: Problems) -> Node | None:
    """The root of the file (a map), or None when it cannot be read. `name` is the file's name for people."""
    raise NotImplementedError


def read_text(content: bytes | str, name: str, problems: Problems) -> Node | None:
    """The same from memory: for the editor and for tests."""
    raise NotImplementedError
