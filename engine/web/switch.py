"""Finds a request's route among many: by its number of pieces and its first word, then by the patterns that are left.

Starlette tries one pattern after the other, a microsecond each, and the screens' come last.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route, Router
from starlette.types import Receive, Scope, Send

Nowhere = Callable[[Request, Sequence[str]], Awaitable[Response]]


class Switch(Router):
    """A router for plain routes; no pattern may hold a slash (`{name:path}`). `nowhere` answers what meets none, with
    the methods that the address would answer."""

    def __init__(self, routes: Sequence[Route], nowhere: Nowhere, **more: object) -> None:
        super().__init__(routes, redirect_slashes=False, **more)  # type: ignore[arg-type]
        assert not any(":path}" in route.path for route in routes)
        self._nowhere = nowhere
        self._known: dict[tuple[int, str], tuple[Route, ...]] = {}
        for route in routes:
            self._known.setdefault(_place(route.path), ())
        for size, word in tuple(self._known):
            self._known[size, word] = tuple(r for r in routes if _place(r.path) in ((size, word), (size, "")))

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().app(scope, receive, send)
            return
        allowed: tuple[str, ...] = ()
        for route in self._candidates(scope["path"]):
            match, child = route.matches(scope)
            if match is Match.NONE:
                continue
            scope["route"] = route
            if match is Match.FULL:
                scope.update(child)
                await route.app(scope, receive, send)
                return
            allowed = allowed or tuple(sorted(route.methods or ()))
        response = await self._nowhere(Request(scope, receive, send), allowed)
        await response(scope, receive, send)

    def _candidates(self, path: str) -> tuple[Route, ...]:
        size, word = _place(path)
        return self._known.get((size, word)) or self._known.get((size, ""), ())


def _place(path: str) -> tuple[int, str]:
    """The number of slashes, and the first word; "" for one that is open."""
    word = path[1 : path.find("/", 1)] if "/" in path[1:] else path[1:]
    return path.count("/"), "" if word.startswith("{") else word or "/"
