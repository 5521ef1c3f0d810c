"""How a person likes a page of tiles and charts: their order, what is hidden, what is wide.

Kept as a habit beside those of lists, under `dashboards/NAME`, which no entity is called. A piece of the set that was
renamed (`was`) keeps its place; one that is gone leaves no gap; one that came since stands where the set has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from engine.blueprint.reports import Dashboard
from engine.clock import Clock
from engine.records.database import Connection, Database
from engine.records.keys import milliseconds
from engine.records.rows import change, rows
from engine.records.views import KEEP_HABITS

PARTS = ("tiles", "charts")


class Named(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def was(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Kept:
    """Of one part of a page. `order` names all that was there when the person arranged it, hidden or not."""

    order: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    wide: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Piece:
    """`is_new`: it came to the set after the person arranged the page."""

    name: str
    hidden: bool = False
    wide: bool = False
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Arrangement:
    """By part of the page; `is_own` when the person arranged it."""

    parts: Mapping[str, Kept] = field(default_factory=dict)

    @property
    def is_own(self) -> bool:
        return bool(self.parts)

    def of(self, part: str, known: Iterable[Named]) -> tuple[Piece, ...]:
        return arranged(tuple(known), self.parts.get(part))


def arranged(known: Sequence[Named], kept: Kept | None) -> tuple[Piece, ...]:
    """All pieces in the person's order; without one, in the set's."""
    if kept is None:
        return tuple(Piece(one.name) for one in known)
    now = _now(known)
    order = list(dict.fromkeys(now[name] for name in kept.order if name in now))
    old = set(order)
    for at, one in enumerate(known):
        if one.name not in old:
            order.insert(_place(order, [before.name for before in known[:at]]), one.name)
    hidden, wide = ({now.get(name) for name in names} for names in (kept.hidden, kept.wide))
    return tuple(Piece(name, name in hidden, name in wide, name not in old) for name in order)


def _now(known: Sequence[Named]) -> dict[str, str]:
    """By every name that a piece has or had, the one that it has."""
    return {**{one.was: one.name for one in known if one.was}, **{one.name: one.name for one in known}}


def _place(order: list[str], before: list[str]) -> int:
    """Behind the nearest piece that stands before it in the set."""
    return next((order.index(name) + 1 for name in reversed(before) if name in order), 0)


# ---- kept


def arrangement_of(lent: Connection, user: int, dashboard: Dashboard) -> Arrangement:
    keys = [_key(name) for name in (dashboard.name, dashboard.was) if name]
    marks = ", ".join("?" for _ in keys)
    asked = f'select entity, habits from crm_habit where "user" = ? and entity in ({marks})'
    found: dict[str, str] = dict(rows(lent, asked, (user, *keys)))
    text = next((found[key] for key in keys if key in found), None)
    content = orjson.loads(text) if text else {}
    return Arrangement({part: _read(content[part]) for part in PARTS if part in content})


def keep_arrangement(database: Database, clock: Clock, user: int, dashboard: Dashboard, parts: Mapping[str, Kept]) -> None:
    content = {
        part: {"order": list(kept.order), "hidden": sorted(kept.hidden), "wide": sorted(kept.wide)}
        for part, kept in parts.items()
    }
    with database.writing() as lent:
        change(lent, KEEP_HABITS, (user, _key(dashboard.name), orjson.dumps(content).decode(), milliseconds(clock())))


def forget_arrangement(database: Database, user: int, dashboard: Dashboard) -> None:
    """The page is as the set has it again."""
    with database.writing() as lent:
        for name in filter(None, (dashboard.name, dashboard.was)):
            change(lent, 'delete from crm_habit where "user" = ? and entity = ?', (user, _key(name)))


def _key(dashboard: str) -> str:
    return f"dashboards/{dashboard}"


def _read(kept: Mapping[str, Any]) -> Kept:
    return Kept(tuple(kept["order"]), frozenset(kept["hidden"]), frozenset(kept["wide"]))


__all__ = [
    "PARTS", "Arrangement", "Kept", "Piece", "arranged", "arrangement_of", "forget_arrangement", "keep_arrangement",
]  # fmt: skip
