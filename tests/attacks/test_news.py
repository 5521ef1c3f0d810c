"""Asha's browser, or her program, listens many times at once."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.firm import HERE, Firm

MOST = 10  # streams of one person


def test_nobody_takes_all_the_lines_by_listening_many_times(quick_firm: Firm) -> None:
    asha, ravi = quick_firm.browser("asha").cookies["crm"], quick_firm.browser("ravi").cookies["crm"]
    statuses = asyncio.run(asyncio.wait_for(_listening(quick_firm, [asha] * 30 + [ravi]), 15))
    assert statuses[:MOST] == [200] * MOST
    assert set(statuses[MOST:30]) == {204}  # which tells a browser not to come again
    assert statuses[30] == 200


def test_who_stops_listening_may_begin_again(quick_firm: Firm) -> None:
    asha = quick_firm.browser("asha").cookies["crm"]
    for _ in range(2):
        statuses = asyncio.run(asyncio.wait_for(_listening(quick_firm, [asha] * MOST), 15))
        assert statuses == [200] * MOST


async def _listening(firm: Firm, keys: list[str]) -> list[int]:
    """The status that each is answered, while all those before still listen."""
    streams, statuses = [], []
    for key in keys:
        answered: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        streams.append(asyncio.create_task(_stream(firm, key, answered)))
        statuses.append(await answered)
    for stream in streams:
        stream.cancel()
    await asyncio.gather(*streams, return_exceptions=True)
    firm.app.state.newsroom.looking = None
    return statuses


async def _stream(firm: Firm, key: str, answered: asyncio.Future[int]) -> None:
    status = 0

    async def receive() -> dict[str, Any]:
        if not asked:
            asked.append(True)
            return {"type": "http.request", "body": b"", "more_body": False}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        elif not answered.done() and (message.get("body") or not message.get("more_body")):
            answered.set_result(status)

    asked: list[bool] = []
    scope = {
        "type": "http", "method": "GET", "scheme": "http", "path": "/notices/news", "raw_path": b"/notices/news",
        "query_string": b"", "root_path": "", "http_version": "1.1", "server": ("crm.example", 80),
        "client": ("203.0.113.9", 50000),
        "headers": [(b"host", HERE.partition("//")[2].encode()), (b"cookie", f"crm={key}".encode()),
                    (b"accept", b"text/event-stream")],
    }  # fmt: skip
    await firm.app(scope, receive, send)
