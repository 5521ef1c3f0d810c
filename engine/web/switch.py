"""Finds a request's route among many: by its number of pieces and its first word, then by the patterns that are left.

Starlette tries one pattern after the other, a microsecond each, and the screens' come last.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.routing import Match, Route, Router
from starlette.types import Receive, Scope, Send


class Switch(Router):
    """A router for plain routes. No pattern may hold a slash (`{name:path}`)."""

    def __init__(self, routes: Sequence[Route], **more: object) -> None:
        super().__init__(routes, redirect_slashes=False, **more)  # type: ignore[arg-type]
        assert not any(":path}" in route.path for route in routes)
        self._routes = tuple(routes)
        self._known: dict[tuple[int, str], tuple[Route, ...]] = {}
        for route in routes:
            self._known.setdefault(_place(route.path), ())
        for size, word in tuple(self._known):
            self._known[size, word] = tuple(r for r in routes if _place(r.path) in ((size, word), (size, "")))

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().app(scope, receive, send)
            return
        scope["router"] = self
        partial: Route | None = None
        for route in self._candidates(scope["path"]):
            match, child = route.matches(scope)
            if match is Match.FULL:
                scope["route"] = route
                scope.update(child)
                await route.app(scope, receive, send)
                return
            if match is Match.PARTIAL and partial is None:
                partial = route
        if partial is None:
            raise HTTPException(404)
        scope["route"] = partial
        raise HTTPException(405, headers={"Allow": ", ".join(sorted(partial.methods or ()))})

    def _candidates(self, path: str) -> tuple[Route, ...]:
        size, word = _place(path)
        return self._known.get((size, word)) or self._known.get((size, ""), ())


def _place(path: str) -> tuple[int, str]:
    """The number of slashes, and the first word; "" for one that is open."""
    word = path[1 : path.find("/", 1)] if "/" in path[1:] else path[1:]
    return path.count("/"), "" if word.startswith("{") else word or "/"
