"""A place in the merged set: a node together with the keys that lead to it, so that a problem can name both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.blueprint.source import Source
from engine.compiler.node import Node


@dataclass(frozen=True, slots=True)
class Spot:
    node: Node
    path: tuple[str | int, ...]

    @property
    def source(self) -> Source:
        return self.node.source

    @property
    def key_source(self) -> Source:
        return self.node.key_source

    @property
    def key(self) -> str:
        return str(self.path[-1])

    def get(self, key: str) -> Spot | None:
        node = self.node.get(key)
        return None if node is None else Spot(node, (*self.path, key))

    def __getitem__(self, key: str) -> Spot:
        """Where the schema, or an earlier look, says that there is something."""
        return Spot(self.node.value[key], (*self.path, key))

    def items(self) -> Iterator[tuple[str, Spot]]:
        for key, node in self.node.items():
            yield key, Spot(node, (*self.path, key))

    def each(self) -> Iterator[Spot]:
        for index, node in enumerate(self.node):
            yield Spot(node, (*self.path, index))

    @property
    def word(self) -> str | None:
        """A scalar as it was spelled: `choices: [1, 2]` are words too. None for maps, lists and empty values."""
        value = self.node.value
        if type(value) is str:
            return value
        if isinstance(value, (bool, int, float)):
            return self.node.text if self.node.text is not None else str(value)
        return None

    def text(self, key: str) -> str | None:
        child = self.get(key)
        return child.word if child is not None else None

    def flag(self, key: str, default: bool = False) -> bool:
        child = self.get(key)
        return child.node.value if child is not None and isinstance(child.node.value, bool) else default

    def number(self, key: str) -> int | None:
        child = self.get(key)
        value = child.node.value if child is not None else None
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def words(self, key: str) -> list[tuple[str, Spot]]:
        """The items of the list at `key` that are words; nothing when there is no list."""
        child = self.get(key)
        return [] if child is None else child.spelled()

    def spelled(self) -> list[tuple[str, Spot]]:
        """The items of this list that are words."""
        return [(item.word, item) for item in self.each() if item.word is not None]
