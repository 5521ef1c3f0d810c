"""A real mail server and a real gateway on this machine, each of which can be told how to misbehave."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

from tests.real.redis import free_port


@dataclass
class MailServer:
    """`refuses` maps an address to the answer to RCPT TO; `answers` are given to the next mails instead of 250."""

    mails: list[EmailMessage] = field(default_factory=list)
    connections: int = 0
    refuses: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    hangs: float = 0.0  # seconds before each answer to DATA
    port: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.hangs:
            import asyncio

            await asyncio.sleep(self.hangs)
        if self.answers:
            return self.answers.pop(0)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if address in str(mail["To"])]


@contextmanager
def mail_server() -> Iterator[MailServer]:
    handler = MailServer()
    handler.port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port, data_size_limit=50_000_000)
    controller.start()
    try:
        yield handler
    finally:
        controller.stop(no_assert=True)


@dataclass
class Asked:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Gateway:
    """`status`, `body` and `headers` are what it answers; `hangs` seconds before it does; `drips` a byte now and then."""

    asked: list[Asked] = field(default_factory=list)
    status: int = 200
    body: bytes = b'{"messages": [{"id": "g-17"}]}'
    headers: dict[str, str] = field(default_factory=dict)
    hangs: float = 0.0
    drips: bool = False
    port: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/send"


@contextmanager
def gateway() -> Iterator[Gateway]:
    told = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told.asked.append(Asked(self.path, dict(self.headers), body))
            told.ended.wait(told.hangs) if told.hangs else None
            try:
                self._answer()
            except OSError:
                pass

        do_GET = do_POST

        def _answer(self) -> None:
            if told.drips:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while not told.ended.wait(0.2):
                    self.wfile.write(b"X-More: yes\r\n")
                return
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        told.ended.set()
        server.shutdown()
        server.server_close()
        time.sleep(0)
