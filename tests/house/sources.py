"""The program's own text, read without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = ("engine/web/static/", "engine/web/assets/node_modules/")


@dataclass(frozen=True)
class Import:
    file: str
    line: int
    module: str  # dotted, as written: "engine.records.read", "sqlalchemy.dialects"
    name: str | None = None  # `from module import name`

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module}{f' ({self.name})' if self.name else ''}"


@cache
def python_files() -> tuple[str, ...]:
    return files("*.py")


@cache
def templates() -> tuple[str, ...]:
    return files("*.html") + files("*.jinja")


def files(pattern: str) -> tuple[str, ...]:
    found = (path.relative_to(ROOT).as_posix() for path in (ROOT / "engine").rglob(pattern))
    return tuple(sorted(name for name in found if not name.startswith(NOT_OURS)))


@cache
def text_of(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8")


@cache
def tree_of(file: str) -> ast.Module:
    return ast.parse(text_of(file), filename=file)


def imports_of(file: str) -> Iterator[Import]:
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield Import(file, node.lineno, absolute(file, node), alias.name)


def absolute(file: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    folder = list(Path(file).with_suffix("").parts[: -node.level])
    return ".".join([*folder, *([node.module] if node.module else [])])


def calls_in(file: str) -> Iterator[tuple[int, str, ast.Call]]:
    """(line, the last word of what is called, the call)."""
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            yield node.lineno, name, node


def is_in(file: str, places: set[str]) -> bool:
    """`places` are files, or folders that end with a slash."""
    return any(file == place or (place.endswith("/") and file.startswith(place)) for place in places)
