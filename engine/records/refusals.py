"""Refused deeds are remembered too, so many a minute for each person: who tried what on which record, and no values."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from threading import Lock

from engine.errors import CrmError
from engine.records.commands import Create, Move, One
from engine.records.journal import REFUSED, Entry, remember as write
from engine.records.rows import rows
from engine.records.task import Task

A_MINUTE = 30


class Budget:
    """How many of something one person may still have in this minute, by this process."""

    def __init__(self, most: int = A_MINUTE) -> None:
        self._most = most
        self._lock = Lock()
        self._minute = -1
        self._counts: dict[int, int] = defaultdict(int)

    def left(self, user: int, now: datetime) -> bool:
        minute = int(now.timestamp()) // 60
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._counts.clear()
            self._counts[user] += 1
            return self._counts[user] <= self._most


def remember(task: Task, command: One, refusal: CrmError) -> None:
    """A row outside the record's chain. A record that does not exist leaves no trace: there is nothing to look at."""
    if command.entity not in task.know.blueprint.entities:
        return
    record = 0 if isinstance(command, Create) else command.id
    if record and not rows(task.connection, task.know.shapes[command.entity].select, (record,)):
        return
    transition = command.transition[:100] if isinstance(command, Move) else None
    said = {"deed": type(command).__name__.lower(), "said": refusal.message, "status": refusal.status}
    write(
        task.connection,
        Entry(
            task.new_id(), command.entity, record, task.now, task.who, REFUSED, said, task.know.blueprint.hash,
            transition=transition,
        ),
    )  # fmt: skip
