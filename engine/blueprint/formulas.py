"""What a formula means: a bounded tree of plain nodes; nothing here can look up an attribute or loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from engine.blueprint.source import Source


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | int | Decimal | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    """A field of the same record."""

    field: str


@dataclass(frozen=True, slots=True)
class Unary:
    operator: str  # "-", "not"
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str  # + - * / ~ and or = != < <= > >= in
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class ListOf:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choose:
    """`a if test else b`."""

    test: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Call:
    """One of a fixed list of functions: round, min, max, abs, days_between, if_empty, lower, upper, length."""

    function: str
    arguments: tuple[Node, ...]


Node: TypeAlias = Literal | Name | Unary | Binary | ListOf | Choose | Call


@dataclass(frozen=True, slots=True)
class Formula:
    text: str
    tree: Node
    result: str  # the field type word of its result: integer, decimal, text, yes_no, date, datetime, money
    source: Source | None = None

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(_names(self.tree))


def _names(node: Node) -> Iterator[str]:
    match node:
        case Name(field):
            yield field
        case Unary(_, operand):
            yield from _names(operand)
        case Binary(_, left, right):
            yield from _names(left)
            yield from _names(right)
        case Choose(test, then, otherwise):
            for part in (test, then, otherwise):
                yield from _names(part)
        case ListOf(parts) | Call(_, parts):
            for part in parts:
                yield from _names(part)
