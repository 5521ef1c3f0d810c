"""Around everything: a number for each request, the headers of each answer, and how long it took."""

from __future__ import annotations

import logging
import re
import secrets
from time import perf_counter

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.web.metrics import Metrics
from engine.web.security import raw_headers

log = logging.getLogger("crm")
_NUMBER = re.compile(rb"[A-Za-z0-9._-]{8,64}")


class Envelope:
    """Plain ASGI: it costs a few microseconds. `behind_proxy`: a request number that the proxy gave is kept."""

    def __init__(self, app: ASGIApp, metrics: Metrics, *, secure: bool, behind_proxy: bool) -> None:
        self.app = app
        self.metrics = metrics
        self.always_secure = secure
        self.behind_proxy = behind_proxy
        self.plain, self.secure = raw_headers(False), raw_headers(True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status, begun = perf_counter(), 500, False
        number = self._number(scope)
        scope["crm.request"] = number.decode()
        headers = self.secure if self.always_secure or scope["scheme"] == "https" else self.plain

        async def answer(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                given = message.get("headers", ())
                said = {name for name, _ in given}
                more = [pair for pair in headers if pair[0] not in said]
                # An empty one was given to say that there is none, as of a page that others may frame.
                message["headers"] = [*(pair for pair in given if pair[1]), *more, (b"x-request-id", number)]
            await send(message)

        try:
            await self.app(scope, receive, answer)
        except Exception:
            log.exception("request %s failed outside its frame", scope["crm.request"])
            if begun:
                raise
            await Response("Something went wrong here.\n", 500, media_type="text/plain")(scope, receive, answer)
        finally:
            self.metrics.saw(scope, status, perf_counter() - started)

    def _number(self, scope: Scope) -> bytes:
        if self.behind_proxy:
            for name, value in scope["headers"]:
                if name == b"x-request-id" and _NUMBER.fullmatch(value):
                    return bytes(value)
        return secrets.token_hex(8).encode()
