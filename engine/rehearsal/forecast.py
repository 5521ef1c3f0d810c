"""Plays the coming days on a copy of the data: who would be told what, when, over which channel, and why."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.actor import robot
from engine.blueprint import Blueprint
from engine.blueprint.conditions import fields_in
from engine.blueprint.triggers import fields_of
from engine.errors import NotFound
from engine.parts import field_type
from engine.records.copying import copy_to_play_with
from engine.records.database import Database
from engine.rehearsal.stage import Sent, Stage, on_stage
from engine.settings import Settings


@dataclass(frozen=True, slots=True)
class Foretold:
    """`at` in the firm's zone; `who` a person's name or the client's address; `why` the values that the rule asked for."""

    at: datetime
    notification: str
    label: str
    who: str
    channel: str
    about: str
    text: str
    why: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Forecast:
    messages: tuple[Foretold, ...]

    def a_day(self) -> list[tuple[date, str, int]]:
        """How many messages each person gets on each day, the most first."""
        counted = Counter((m.at.date(), m.who) for m in self.messages)
        return sorted(((day, who, n) for (day, who), n in counted.items()), key=lambda row: (row[0], -row[2], row[1]))


def forecast(
    blueprint: Blueprint, folder: Path, database: Database, settings: Settings, start: datetime, end: datetime
) -> Forecast:
    """What would be sent from `start` to `end`, if nobody did anything. The data itself is not touched."""
    with tempfile.TemporaryDirectory(prefix="crm-simulate-") as where:
        path = Path(where) / "copy.db"
        copy_to_play_with(database, blueprint, path)
        kept = replace(settings, database_url=f"sqlite:///{path}")
        with on_stage(blueprint, folder, kept, start) as stage, stage.crm.database.hurried():
            stage.go_to(end)  # what waits at the start goes out at once: that is part of the truth
            telling = _Telling(blueprint, stage)
            return Forecast(tuple(telling.of(sent) for sent in stage.sent(start)))


class _Telling:
    def __init__(self, blueprint: Blueprint, stage: Stage) -> None:
        self.blueprint = blueprint
        self.reads = stage.crm.reads
        self.robot = robot(blueprint, "Simulation")
        self.zone = ZoneInfo(blueprint.manifest.zone)
        self.names: dict[int, str] = {}

    def of(self, sent: Sent) -> Foretold:
        notification = self.blueprint.notifications.get(sent.notification)
        about, why = self._record(sent)
        at = datetime.fromtimestamp(sent.at / 1000, self.zone)
        label = notification.label if notification else sent.notification
        return Foretold(at, sent.notification, label, self._who(sent), sent.channel, about, sent.text, why)

    def _who(self, sent: Sent) -> str:
        if sent.user is None:
            return sent.address or "client"
        if sent.user not in self.names:
            self.names[sent.user] = str(self.reads.record(self.robot, "user", sent.user).title)
        return self.names[sent.user]

    def _record(self, sent: Sent) -> tuple[str, Mapping[str, str]]:
        if sent.entity is None or sent.record is None:
            return "", {}
        entity = self.blueprint.entities[sent.entity]
        try:
            record = self.reads.record(self.robot, sent.entity, sent.record)
        except NotFound:  # it was deleted on the way
            return entity.label, {}
        asked = self._asked(sent.notification)
        formats = self.reads.formats(self.robot)
        shown = {
            f.label: field_type(f.type).show(f, record.values.get(f.name), formats)
            for f in entity.fields.values()
            if f.name in asked and f.name in record.values
        }
        return f"{entity.label} {record.title}", shown

    def _asked(self, name: str) -> frozenset[str]:
        notification = self.blueprint.notifications.get(name)
        return fields_in(notification.when) | fields_of(notification.trigger) if notification else frozenset()
