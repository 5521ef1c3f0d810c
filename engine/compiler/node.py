"""YAML as read: plain values that know where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from engine.blueprint.source import Source


class Node:
    """A value of a set: `value` is a scalar, a dict of nodes or a list of nodes. Treat it as frozen.

    `text` is a scalar as it was spelled; `plain` tells that it had no quotes. Positions are kept as numbers and
    made into a Source when asked: a set has tens of thousands of nodes and few are ever complained about.
    """

    __slots__ = ("column", "file", "key_column", "key_line", "line", "plain", "text", "value")

    def __init__(
        self,
        value: Any,
        file: str,
        line: int,
        column: int,
        key_line: int = 0,
        key_column: int = 0,
        text: str | None = None,
        plain: bool = False,
    ) -> None:
        self.value = value
        self.file = file
        self.line = line
        self.column = column
        self.key_line = key_line
        self.key_column = key_column
        self.text = text
        self.plain = plain

    @property
    def source(self) -> Source:
        """Where the value begins."""
        return Source(self.file, self.line, self.column)

    @property
    def key_source(self) -> Source:
        """Where its key begins; for a list's item and for a file's root, where the value begins."""
        return Source(self.file, self.key_line, self.key_column) if self.key_line else self.source

    @property
    def is_map(self) -> bool:
        return type(self.value) is dict

    @property
    def is_list(self) -> bool:
        return type(self.value) is list

    @property
    def is_text(self) -> bool:
        return type(self.value) is str

    @property
    def is_scalar(self) -> bool:
        return type(self.value) is not dict and type(self.value) is not list

    def get(self, key: str) -> Node | None:
        """The node under `key`, or None when this is not a map or has no such key."""
        return self.value.get(key) if type(self.value) is dict else None

    def items(self) -> Iterable[tuple[str, Node]]:
        """The pairs of a map; nothing when it is no map."""
        return self.value.items() if type(self.value) is dict else ()

    def __iter__(self) -> Iterator[Node]:
        """The items of a list; nothing when it is no list."""
        return iter(self.value if type(self.value) is list else ())

    def data(self) -> Any:
        """Plain dicts, lists and scalars, without positions."""
        value = self.value
        if type(value) is dict:
            return {key: node.data() for key, node in value.items()}
        return [node.data() for node in value] if type(value) is list else value

    def at(self, path: Iterable[str | int]) -> Node | None:
        """The node at `path` beneath this one, or None."""
        node: Node | None = self
        for step in path:
            node = node._child(step) if node is not None else None
        return node

    def deepest(self, path: Iterable[str | int]) -> Node:
        """The node at `path`, or the last one on the way there: where to point when something is missing."""
        node = self
        for step in path:
            child = node._child(step)
            if child is None:
                return node
            node = child
        return node

    def _child(self, step: str | int) -> Node | None:
        if type(self.value) is list:
            return self.value[step] if isinstance(step, int) and 0 <= step < len(self.value) else None
        return self.get(step) if isinstance(step, str) else None

    def with_value(self, value: Any) -> Node:
        """The same place, another value."""
        place = (self.file, self.line, self.column, self.key_line, self.key_column)
        return Node(value, *place, self.text, self.plain)

    def __repr__(self) -> str:
        return f"Node({self.data()!r} at {self.file}:{self.line}:{self.column})"
