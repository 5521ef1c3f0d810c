"""How a request becomes a call: the body read with a cap, one hop into a small pool of threads, one answer.

- Handlers are plain functions of an `Ask`; they run in as many threads as the database has connections, so that
  a crowd waits in line here and not in the database.
- A request keeps the blueprint that it began with: `Ask.crm` is one reference, taken once.
- More requests than can soon be answered are turned away at once (503), so that the others stay quick; a body that
  comes too slowly is not waited for, and while it comes it takes nobody's place.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from engine.actor import Actor
from engine.errors import BadRequest, CrmError, TooLarge, Unusable
from engine.runtime import Crm, Runtime
from engine.threads import Threads

LARGEST_BODY = 1024 * 1024  # bytes of JSON or of a form without files
LARGEST_UPLOAD = 32 * 1024 * 1024  # bytes of a form with files
MOST_WAITING = 200  # requests in the line and in work
MOST_SLOW = 40  # the same, of those that are slow: a crowd at the sign-in keeps nobody inside from working
LONGEST_READ = 30.0  # seconds for a whole body; ten times that for a form with files
MOST_EXPORTS = 2  # files being written at once; each has a connection and a thread
MOST_FIELDS = 2000
MOST_FILES = 20

log = logging.getLogger("crm")


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

    @property
    def id(self) -> str:
        """The request's own number: in its answer's X-Request-ID and in the log."""
        return str(self.request.scope.get("crm.request", ""))

    def who(self) -> Actor:
        """The signed-in actor; a handler that asks was let through by its face, so there is one."""
        assert self.actor is not None
        return self.actor


Handler = Callable[[Ask], Response]
Around = Callable[[Ask, Handler], Response]
Refusal = Callable[[CrmError], Response]


@dataclass(slots=True)
class Line:
    """Requests of one kind: who works on them, and how many may wait or be in work."""

    threads: Threads
    most: int
    waiting: int = 0


class Serving:
    """`around` is the face's frame: it finds the actor, calls the handler and turns what was raised into an answer."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.line = Line(Threads(runtime.threads, "crm"), MOST_WAITING)
        self.slow_line = Line(Threads(MOST_EXPORTS + 1, "crm-slow"), MOST_SLOW)  # one thread is left for sign-ins
        self.exports = BoundedSemaphore(MOST_EXPORTS)

    @property
    def waiting(self) -> int:
        """Requests that wait or are in work."""
        return self.line.waiting + self.slow_line.waiting

    def endpoint(
        self,
        handler: Handler,
        around: Around,
        *,
        largest: int = LARGEST_BODY,
        slow: bool = False,
        refuse: Refusal | None = None,
    ) -> Endpoint:
        """`slow` handlers (passwords, exports, pictures) have threads of their own, so that pages do not wait for them.
        `refuse` words the answer when there is no room to do anything else."""
        line = self.slow_line if slow else self.line
        return Endpoint(self, handler, around, largest, line, refuse or _plainly)

    def close(self) -> None:
        self.line.threads.close()
        self.slow_line.threads.close()


class Endpoint:
    """One address as an ASGI application: called without the layers that Starlette lays around a function."""

    def __init__(
        self, serving: Serving, handler: Handler, around: Around, largest: int, line: Line, refuse: Refusal
    ) -> None:
        self.serving = serving
        self.handler = handler
        self.around = around
        self.largest = largest
        self.line = line
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self.answer(Request(scope, receive, send))
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        runtime, handler, line = self.serving.runtime, self.handler, self.line
        ask = Ask(request, runtime.current, runtime.clock())
        if request.method not in ("GET", "HEAD"):
            try:
                handler = await _with_body(ask, handler, self.largest)
            except ClientDisconnect:
                return Response(status_code=400)
        if line.waiting >= line.most:
            return self.refuse(Unusable("Too many requests are waiting. Please try again in a moment."))
        line.waiting += 1
        try:
            return await line.threads.run(self.around, ask, handler)
        finally:
            line.waiting -= 1
            if ask.form is not None:
                await ask.form.close()


def mishap(ask: Ask, error: Exception) -> str:
    """Logs what nobody foresaw; the number under which it is found in the log, for the person to tell."""
    number = secrets.token_hex(4).upper()
    log.error("mishap %s in %s %s (request %s)", number, ask.request.method, _route(ask), ask.id, exc_info=error)
    return number


def _route(ask: Ask) -> str:
    """The route's pattern, not the address: what people search for does not belong into a log."""
    return str(getattr(ask.request.scope.get("route"), "path", "?"))


def _plainly(error: CrmError) -> Response:
    return Response(error.message, error.status, {"Retry-After": "2"}, "text/plain")


async def _with_body(ask: Ask, handler: Handler, largest: int) -> Handler:
    try:
        await _read(ask, largest)
    except (BadRequest, TooLarge) as error:
        return _raising(error)
    return handler


def _raising(error: CrmError) -> Handler:
    def handler(ask: Ask) -> Response:
        raise error

    return handler


async def _read(ask: Ask, largest: int) -> None:
    kind = ask.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if _declared(ask.request) > largest:
        raise _too_large(largest)
    has_files = kind == "multipart/form-data"
    try:
        async with asyncio.timeout(LONGEST_READ * (10 if has_files else 1)):
            if has_files:
                ask.form = await _multipart(ask.request, largest)
                return
            ask.body = b"".join([piece async for piece in _capped(ask.request, largest)])
    except TimeoutError:
        raise BadRequest("The request came too slowly and was not waited for. Please send it again.") from None
    if kind == "application/x-www-form-urlencoded":
        ask.form = _urlencoded(ask.body)


def _declared(request: Request) -> int:
    text = request.headers.get("content-length", "0")
    return int(text) if text.isascii() and text.isdigit() else 0


async def _capped(request: Request, largest: int) -> AsyncGenerator[bytes, None]:
    """What is declared may be a lie, and a chunked body declares nothing: so it is counted."""
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > largest:
            raise _too_large(largest)
        yield piece


async def _multipart(request: Request, largest: int) -> FormData:
    pieces = _capped(request, largest)
    parser = MultiPartParser(
        request.headers, pieces, max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=LARGEST_BODY
    )
    try:
        return await parser.parse()
    except MultiPartException as error:
        raise BadRequest(f"The form cannot be read: {error.message}") from error
    except (KeyError, UnicodeError, LookupError) as error:  # no boundary, or a character set that nobody knows
        raise BadRequest("The form cannot be read: its parts are not marked as they should be.") from error


def _urlencoded(body: bytes) -> FormData:
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except UnicodeError as error:
        raise BadRequest("The form cannot be read: it is not in UTF-8.") from error
    except ValueError as error:
        raise BadRequest(f"The form cannot be read: it has more than {MOST_FIELDS:,} fields.") from error
    return FormData([*pairs])


def _too_large(largest: int) -> TooLarge:
    return TooLarge(f"This is larger than {largest // 1024 // 1024} MB, which is the most that is taken here.")


__all__ = ["LARGEST_UPLOAD", "Around", "Ask", "Endpoint", "Handler", "Serving", "mishap"]
