"""A demo's story: what people did, line by line, replayed through the write door at its own past moments.

Each line of `demo/story.jsonl` is one deed: `{"at": "-3d 10:15", "as": "asha", "create": "call", "name": "C1",
"values": {...}}`, `{"at": ..., "move": "lose", "entity": "deal", "record": "D7", "values": {...}}`, or the same without
`move`, which changes fields. What `create` makes may say its `stage`: so came what was in a former system.

`at` counts back from now: `-3d 10:15` is three days ago at a quarter past ten in the firm's zone, `-90m` ninety minutes
ago. In values, `@name` is a record made before, `@deal D7` the same for a reference to one of several entities, `+2d
11:00` a moment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.actor import Actor, robot
from engine.errors import CrmError, Unusable
from engine.records.commands import Create, Move, Outcome, Update
from engine.records.write import Writes
from engine.runtime import Crm

_DAYS = re.compile(r"([+-]\d+)d(?: (\d\d:\d\d))?")
_MINUTES = re.compile(r"-(\d+)m")


@dataclass(slots=True)
class Replay:
    """`now` is when the story ends; nothing in it happens later."""

    crm: Crm
    now: datetime
    moment: datetime = field(init=False)
    writes: Writes = field(init=False)
    known: dict[str, Outcome] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.moment = self.now
        crm = self.crm
        self.writes = Writes(crm.blueprint, crm.database, crm.tables, crm.reads, clock=lambda: self.moment)

    def play(self, path: Path) -> int:
        """How many deeds were done. A deed that the rules refuse is left out, with all that depends on it."""
        done = 0
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            done += self._do(json.loads(line), f"{path.name}:{number}")
        return done

    def _do(self, deed: Mapping[str, Any], where: str) -> bool:
        try:
            self.moment = min(self._moment(deed["at"]), self.now)
            outcome = self.writes.do(self._actor(deed.get("as")), self._command(deed))
        except (CrmError, KeyError) as error:
            self.skipped.append(f"{where}: {_told(error)}")
            return False
        self.known[deed.get("name") or deed["record"]] = outcome
        return True

    def _command(self, deed: Mapping[str, Any]) -> Create | Move | Update:
        values = {name: self._value(value) for name, value in deed["values"].items()}
        if "create" in deed:
            return Create(deed["create"], values, deed.get("stage"))
        record = self.known[deed["record"]]
        if "move" not in deed:
            return Update(deed["entity"], record.id, record.version, values)
        return Move(deed["entity"], record.id, record.version, deed["move"], values)

    def _value(self, text: str) -> Any:
        if text.startswith("@"):
            entity, _, name = text[1:].rpartition(" ")
            if text[1:] in self.known:
                return str(self.known[text[1:]].id)
            return {"entity": entity, "id": str(self.known[name].id)}
        found = _DAYS.fullmatch(text)
        if found is None:
            return self._moment(text).isoformat() if _MINUTES.fullmatch(text) else text
        moment = self._moment(text)
        return moment.isoformat() if found[2] else moment.astimezone(self._zone).date().isoformat()

    def _moment(self, text: str) -> datetime:
        if minutes := _MINUTES.fullmatch(text):
            return self.now - timedelta(minutes=int(minutes[1]))
        found = _DAYS.fullmatch(text)
        if found is None:
            raise Unusable(f'"{text}" is not a moment of a story. Write -3d 10:15 or -90m.')
        day = self.now.astimezone(self._zone).date() + timedelta(days=int(found[1]))
        return datetime.combine(day, time.fromisoformat(found[2] or "00:00"), self._zone).astimezone(self.now.tzinfo)

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.crm.blueprint.manifest.zone)

    def _actor(self, name: str | None) -> Actor:
        if name is None:
            return robot(self.crm.blueprint)
        if name not in self.actors:
            self.actors[name] = self._signed_in(name)
        return self.actors[name]

    def _signed_in(self, name: str) -> Actor:
        user = self.known[name].id
        record = self.crm.reads.record(robot(self.crm.blueprint), "user", user)
        manifest = self.crm.blueprint.manifest
        team = record.values.get("team")
        return Actor(user, str(record.title), record.values["role"], (team.id,) if team else (), zone=manifest.zone)


def stories(crm: Crm) -> Iterator[Path]:
    """The set's own story, else that of the nearest set beneath it that has one."""
    for folder in reversed(crm.blueprint.folders):
        if (folder / "demo" / "story.jsonl").exists():
            yield folder / "demo" / "story.jsonl"
            return


def _told(error: Exception) -> str:
    if not isinstance(error, CrmError):
        return f"{error} is not there."
    return f"{error.message} {' '.join(f'{c.field}: {c.message}' for c in error.complaints)}".rstrip()
