"""A select compiled once for an entity, a role and a shape of question, then only given values."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from engine.formats import Reading
from engine.records.database import Statement
from engine.records.scope import Live

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Prepared:
    """`live` are the tests whose values depend on the moment, with the names that their values are bound to.

    `lasting` is False where the text itself depends on the moment, so that it must not be kept."""

    statement: Statement
    live: tuple[tuple[Live, tuple[str, ...]], ...] = ()
    lasting: bool = True

    def values(self, given: Mapping[str, Any], at: Reading) -> Mapping[str, Any]:
        if not self.live:
            return given
        found = dict(given)
        for live, names in self.live:
            found.update(zip(names, live.values(at), strict=True))
        return found


def prepare(expression: sa.ClauseElement, dialect: sa.Dialect, live: list[Live]) -> Prepared:
    compiled: Any = expression.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    names = tuple(compiled.positiontup) if compiled.positional else None
    statement = Statement(str(compiled), names, dict(compiled.params))
    bound = [(one, tuple(compiled.bind_names[p] for p in one.names)) for one in live]
    lasting = not any(p.expanding for one in live for p in one.names)
    return Prepared(statement, tuple(bound) if lasting else (), lasting)


class Kept(Generic[T]):
    """The last so many things that were made, by what they were made from."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T], keep: Callable[[T], bool] = lambda made: True) -> T:
        with self._lock:
            found = self._made.get(key)
            if found is not None:
                self._made.move_to_end(key)
                return found
        made = make()
        if keep(made):
            self._put(key, made)
        return made

    def _put(self, key: Hashable, made: T) -> None:
        with self._lock:
            self._made[key] = made
            while len(self._made) > self._most:
                self._made.popitem(last=False)
