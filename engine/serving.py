"""How a request becomes a call: the body read with a cap, one hop into a small pool of threads, one answer.

- Handlers are plain functions of an `Ask`; they run in as many threads as the database has connections, so that
  a crowd waits in line here and not in the database.
- A request keeps the blueprint that it began with: `Ask.crm` is one reference, taken once.
- More requests than can soon be answered are turned away at once (503), so that the others stay quick.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from engine.actor import Actor
from engine.errors import BadRequest, TooLarge
from engine.runtime import Crm, Runtime

LARGEST_BODY = 1024 * 1024  # bytes of JSON or of a form without files
LARGEST_UPLOAD = 32 * 1024 * 1024  # bytes of a form with files
MOST_WAITING = 200  # requests in the line and in work

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(slots=True)
class Ask:
    """One request, as a handler sees it. `session` is the face's own idea of who is signed in."""

    request: Request
    crm: Crm
    now: datetime
    body: bytes = b""
    form: FormData | None = None
    actor: Actor | None = None
    session: Any = None
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> Mapping[str, str]:
        return self.request.path_params

    def who(self) -> Actor:
        """The signed-in actor; a handler that asks was let through by its face, so there is one."""
        assert self.actor is not None
        return self.actor


Handler = Callable[[Ask], Response]
Around = Callable[[Ask, Handler], Response]


class Serving:
    """`around` is the face's frame: it finds the actor, calls the handler and turns what was raised into an answer."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.threads = ThreadPoolExecutor(runtime.threads, thread_name_prefix="crm")
        self.slow_threads = ThreadPoolExecutor(2, thread_name_prefix="crm-slow")
        self.waiting = 0

    def endpoint(
        self, handler: Handler, around: Around, *, largest: int = LARGEST_BODY, slow: bool = False
    ) -> Callable[[Request], Awaitable[Response]]:
        """`slow` handlers (passwords, exports, pictures) have threads of their own, so that pages do not wait for them."""
        pool = self.slow_threads if slow else self.threads

        async def serve(request: Request) -> Response:
            if self.waiting >= MOST_WAITING:
                return Response("Too busy. Please try again.", 503, {"Retry-After": "2"}, "text/plain")
            self.waiting += 1
            try:
                return await self._answer(request, handler, around, largest, pool)
            except ClientDisconnect:
                return Response(status_code=400)
            finally:
                self.waiting -= 1

        return serve

    async def _answer(
        self, request: Request, handler: Handler, around: Around, largest: int, pool: ThreadPoolExecutor
    ) -> Response:
        ask = Ask(request, self.runtime.current, self.runtime.clock())
        try:
            if request.method not in ("GET", "HEAD"):
                await _read(ask, largest)
        except (BadRequest, TooLarge) as error:
            handler = _raising(error)
        return await asyncio.get_running_loop().run_in_executor(pool, around, ask, handler)

    def close(self) -> None:
        self.threads.shutdown()
        self.slow_threads.shutdown()


def _raising(error: Exception) -> Handler:
    def handler(ask: Ask) -> Response:
        raise error

    return handler


async def _read(ask: Ask, largest: int) -> None:
    kind = ask.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if _declared(ask.request) > largest:
        raise _too_large(largest)
    if kind == "multipart/form-data":
        ask.form = await _multipart(ask.request, largest)
        return
    ask.body = await _capped(ask.request, largest)
    if kind == "application/x-www-form-urlencoded":
        ask.request._body = ask.body  # what was read is handed to Starlette's parser
        ask.form = await ask.request.form(max_fields=2000)


def _declared(request: Request) -> int:
    text = request.headers.get("content-length", "0")
    return int(text) if text.isdecimal() else 0


async def _capped(request: Request, largest: int) -> bytes:
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > largest:
            raise _too_large(largest)
        pieces.append(piece)
    return b"".join(pieces)


async def _multipart(request: Request, largest: int) -> FormData:
    try:
        return await request.form(max_files=20, max_fields=2000, max_part_size=largest)
    except MultiPartException as error:
        raise BadRequest(f"The form cannot be read: {error.message}") from error


def _too_large(largest: int) -> TooLarge:
    return TooLarge(f"This is larger than {largest // 1024 // 1024} MB, which is the most that is taken here.")


__all__ = ["LARGEST_UPLOAD", "Ask", "Handler", "Serving"]
