"""Two firms that differ only in what a person may not see answer that person's every request alike, byte for byte.

For every role of every shipped set, over screens and API; the second firm is the first with each unseen record and each
hidden value changed, and with more unseen records.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.actor import Actor
from engine.compiler import compile_set
from engine.records.apply import apply
from engine.records.database import Database
from engine.records.passwords import Passwords
from engine.records.plan import plan
from engine.runtime import Runtime
from engine.settings import Settings
from engine.story import Replay, stories
from engine.web.app import make_app
from tests.firm import PASSWORD, QuickHasher
from tests.two_worlds.filler import Filler
from tests.two_worlds.twin import MARK, Twin, asked_about, questions

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SETS = {"base": ROOT, "rsoft": ROOT / "config/rsoft", "raalink": ROOT / "config/raalink"}

Founded = tuple[Path, dict[str, list[int]]]
# What differs in every answer by itself: tokens of forms and requests.
NOISE = re.compile(rb'(name="(csrf|key|_key|_csrf|idempotency)" value="|data-key=")[^"]*"')


class World:
    """One firm with its own clock that stands still."""

    def __init__(self, folder: Path, path: Path) -> None:
        settings = Settings(f"sqlite:///{path}", files=path.parent)
        self.runtime = Runtime(folder, settings, lambda: NOW, passwords=Passwords(QuickHasher()))
        self.app = make_app(self.runtime)

    async def get(self, address: str, key: str) -> tuple[int, bytes]:
        """Status and body. Straight through the ASGI application: a client library would cost four times the answer."""
        path, _, query = address.partition("?")
        scope = {
            "type": "http", "method": "GET", "scheme": "http", "path": path, "raw_path": path.encode(),
            "query_string": query.encode(), "root_path": "", "http_version": "1.1", "server": ("crm.example", 80),
            "client": ("203.0.113.9", 50000),
            "headers": [(b"host", b"crm.example"), (b"cookie", f"crm={key}".encode())],
        }  # fmt: skip
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, _Nothing(), send)
        return sent[0]["status"], b"".join(m.get("body", b"") for m in sent[1:])

    def close(self) -> None:
        self.app.state.serving.close()
        self.runtime.close()


def founded(name: str, path: Path) -> dict[str, list[int]]:
    """Fills a firm of the set at `path`; the ids of what was made, by entity."""
    folder = SETS[name]
    database = Database(f"sqlite:///{path}")
    apply(plan(compile_set(folder), database), database)
    database.close()
    world = World(folder, path)
    crm = world.runtime.current
    with crm.database.hurried():
        filler = Filler(crm)
        filler.fill()
        for story in stories(crm):
            Replay(crm, NOW).play(_shortened(story, path))
        for actor in filler.people.values():
            crm.accounts.set_password(actor.user, PASSWORD)
    world.close()
    _fold_journal(path)
    return filler.made


def _shortened(story: Path, beside: Path) -> Path:
    short = beside.with_suffix(".story.jsonl")
    short.write_bytes(b"\n".join(story.read_bytes().splitlines()[:700]))
    return short


def _fold_journal(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("pragma wal_checkpoint(truncate)")
    database.close()


def roles_of(name: str) -> list[str]:
    return list(compile_set(SETS[name]).roles)


def roles_where(name: str, quick: tuple[str, ...]) -> list[Any]:
    """All of them; those who are not `quick` are asked in `make soak`."""
    return [role if role in quick else pytest.param(role, marks=pytest.mark.soak) for role in roles_of(name)]


def learn_nothing(name: str, role: str, firm: Founded, tmp_path: Path, *, all_of_them: bool) -> None:
    """Asks both worlds everything as a person of the role, and fails with the first answer that differs."""
    original, made = firm
    one = World(SETS[name], _copy(original, tmp_path / "one.db"))
    actor = _person(one, role)
    key = one.runtime.current.accounts.sign_in(f"{role}0@firm.example", PASSWORD).key
    _fold_journal(tmp_path / "one.db")
    twin_path = _copy(tmp_path / "one.db", tmp_path / "two.db")
    twin = Twin(one.runtime.current, actor, twin_path)
    changed = twin.make()
    two = World(SETS[name], twin_path)
    ids = asked_about(made, twin.seen, all_of_them)
    try:
        asked = asyncio.run(_differences(one, two, key, list(questions(one.runtime.current, ids, all_of_them))))
    finally:
        one.close()
        two.close()
    assert not asked, f"{len(asked)} answers differ, the first: {asked[0]}"
    assert changed or role == "administrator" or not _denied(one, role)


async def _differences(one: World, two: World, key: str, asked: list[str]) -> list[str]:
    found = []
    for address in asked:
        (status, mine), (other, theirs) = await asyncio.gather(one.get(address, key), two.get(address, key))
        mine, theirs = NOISE.sub(b"", mine), NOISE.sub(b"", theirs)
        if status >= 500:
            found.append(f"{address} fails with {status}: {mine[:300]!r}")
        elif (status, mine) != (other, theirs):
            found.append(f"{address}: {status}/{other} {_where(mine, theirs)}")
        elif MARK not in address and MARK.encode() in theirs:
            found.append(f"{address} tells a secret: {_around(theirs)}")
    return found


class _Nothing:
    """An empty body, and then a browser that stays."""

    told = False

    async def __call__(self) -> dict[str, Any]:
        if self.told:
            await asyncio.Event().wait()
        self.told = True
        return {"type": "http.request", "body": b"", "more_body": False}


def _where(one: bytes, two: bytes) -> str:
    at = next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    return f"{one[max(0, at - 80):at + 120]!r} / {two[max(0, at - 80):at + 120]!r}"


def _around(text: bytes) -> str:
    at = text.index(MARK.encode())
    return repr(text[max(0, at - 200) : at + 100])


def _copy(source: Path, target: Path) -> Path:
    shutil.copy(source, target)
    return target


def _person(world: World, role: str) -> Actor:
    actor = world.runtime.current.accounts.actor(f"{role}0@firm.example")
    assert actor is not None
    return actor


def _denied(world: World, role: str) -> bool:
    """Whether there is anything that the role may not see."""
    from engine.blueprint.conditions import ALWAYS

    rights = world.runtime.current.blueprint.roles[role].rights
    return any(r.read != ALWAYS or r.hidden for r in rights.values())
