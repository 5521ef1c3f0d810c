"""A handful of connections, made when first wanted, lent to one thread at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any


class Pool:
    """At most `size` lent at once; the one given back last is lent first, as its cache is warm."""

    def __init__(self, make: Callable[[], Any], size: int) -> None:
        self._make = make
        self._free: deque[Any] = deque()  # its append and pop are atomic
        self._room = BoundedSemaphore(size)

    def take(self, deadline: float) -> Any | None:
        """A connection, or None when all stay lent for `deadline` seconds."""
        if not self._room.acquire(timeout=deadline):
            return None
        try:
            return self._free.pop()
        except IndexError:
            return self._made()

    def give_back(self, connection: Any, *, broken: bool) -> None:
        if broken:
            connection.close()
        else:
            self._free.append(connection)
        self._room.release()

    def close(self) -> None:
        while self._free:
            self._free.pop().close()

    def _made(self) -> Any:
        try:
            return self._make()
        except BaseException:
            self._room.release()
            raise
