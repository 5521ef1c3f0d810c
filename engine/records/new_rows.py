"""New records as rows: one function generated for each list of fields (decision 7).

A loop asks of each value of each record what its type is and where its columns are; the generated function was told once.
Its text holds only names of the blueprint's fields, as `repr` writes them, and numbers of the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.records.rows import Raw, RowShape, Slot, links_of

Get = Callable[[str], Any]  # a record's value by the field's name, None where it has none


@dataclass(frozen=True, slots=True)
class NewRow:
    """`fill` makes of a record's values what history keeps of each of `names`, and the raw values of `columns`."""

    names: tuple[str, ...]
    columns: tuple[str, ...]
    fill: Callable[[Get], tuple[Raw, Raw]]


class NewRows:
    """Of one entity. `of(names)` is the NewRow of these fields, made when it is first asked for."""

    def __init__(self, shape: RowShape) -> None:
        # Whoever writes through the API chooses which fields are given: the number of lists that are kept is bounded.
        self.of = lru_cache(maxsize=200)(lambda names: new_row(shape.slots, names))


def new_row(slots: Mapping[str, Slot], names: tuple[str, ...]) -> NewRow:
    """`names` without a slot are many-references fields, which have no column."""
    known: dict[str, Any] = {"links_of": links_of}
    lines: list[str] = []
    kept: list[str] = []
    put: list[str] = []
    columns: list[str] = []
    for at, name in enumerate(names):
        piece = _Piece(at, name, slots.get(name), known)
        lines += piece.lines()
        kept.append(piece.kept())
        put += piece.put()
        columns += piece.columns()
    body = "\n    ".join([*lines, f"return ({_tuple(kept)}), ({_tuple(put)})"])
    exec(compile(f"def fill(get):\n    {body}\n", "<new row>", "exec"), known)  # noqa: S102 - as in items.py
    return NewRow(names, tuple(columns), known["fill"])


@dataclass(frozen=True, slots=True)
class _Piece:
    """What the function says about one field: `v3` is its value, `r3` its raw values."""

    at: int
    name: str
    slot: Slot | None
    known: dict[str, Any]

    def lines(self) -> list[str]:
        at, slot = self.at, self.slot
        found = [f"v{at} = get({self.name!r})"]
        if slot is not None and not slot.kept:
            self.known.update({f"store{at}": slot.store, f"field{at}": slot.field, f"none{at}": (None,) * slot.width})
            found.append(f"r{at} = none{at} if v{at} is None else store{at}(field{at}, v{at})")
        return found

    def kept(self) -> str:
        at, slot = self.at, self.slot
        if slot is None:
            return f"None if v{at} is None else links_of(v{at})"
        if slot.kept:
            return f"v{at}"
        return f"r{at}[0]" if slot.width == 1 else f"None if v{at} is None else list(r{at})"

    def put(self) -> list[str]:
        at, slot = self.at, self.slot
        if slot is None:
            return []
        raw = [f"v{at}"] if slot.kept else [f"r{at}[{n}]" for n in range(slot.width)]
        if slot.find is None:
            return raw
        self.known.update({f"find{at}": slot.find, f"field{at}": slot.field})
        return [*raw, f"None if v{at} is None else find{at}(field{at}, v{at})"]

    def columns(self) -> tuple[str, ...]:
        return self.slot.names if self.slot is not None else ()


def _tuple(pieces: list[str]) -> str:
    return "".join(f"{piece}, " for piece in pieces)


__all__ = ["NewRow", "NewRows"]
