"""Sixteen browsers that never think: raw HTTP/1.1 over kept connections, so that the client costs little."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter

CONNECTIONS = 16


@dataclass(slots=True)
class Heard:
    """What came back. `seconds` is one entry for each request."""

    seconds: list[float] = field(default_factory=list)
    bytes: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)
    whole: float = 0.0


def ask(port: int, requests: list[bytes], *, connections: int = CONNECTIONS, keep: bool = False) -> Heard:
    """Sends all of them, `connections` at a time."""
    return asyncio.run(_ask(port, requests, connections, keep))


async def _ask(port: int, requests: list[bytes], connections: int, keep: bool) -> Heard:
    heard, waiting = Heard(), iter(requests)
    began = perf_counter()
    await asyncio.gather(*(_browse(port, waiting, heard, keep) for _ in range(connections)))
    heard.whole = perf_counter() - began
    return heard


async def _browse(port: int, waiting: Iterator[bytes], heard: Heard, keep: bool) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    try:
        for request in waiting:
            began = perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            at = head.lower().index(b"content-length:") + 15
            body = await reader.readexactly(int(head[at : head.index(b"\r", at)]))
            heard.seconds.append(perf_counter() - began)
            heard.bytes += len(head) + len(body)
            status = int(head[9:12])
            heard.statuses[status] = heard.statuses.get(status, 0) + 1
            if keep or status >= 400:
                heard.bodies.append(body)
    finally:
        writer.close()


def request(method: str, path: str, key: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: crm={key}", "Accept: */*"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if method != "GET":
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body
