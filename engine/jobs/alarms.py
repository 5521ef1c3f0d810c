"""What people asked to hear at a time: a notice that they put off comes back, and what is about to begin is told."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.blueprint.entities import Field
from engine.errors import NotFound
from engine.formats import Formats
from engine.parts import field_type
from engine.parts.moments import moment_of
from engine.records import notices, reminders
from engine.records.calendar import kind_of, one_event
from engine.records.reminders import Due
from engine.runtime import Crm
from engine.words import speech

BREATH = timedelta(milliseconds=900)  # between two looks
SWEEP_EVERY = timedelta(hours=1)
MOMENT = Field("at", "datetime", "When")


class Alarms:
    """Made once per blueprint; any number of workers may look at the same time."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        self.moments = reminders.reminded(crm.blueprint)
        self._looked: datetime | None = None
        self._swept: datetime | None = None

    def ring(self, now: datetime) -> int:
        """How many were told."""
        if self._looked is not None and timedelta() <= now - self._looked < BREATH:
            return 0
        self._looked = now
        return notices.wake(self.crm.database, now) + self._remind(now)

    def _remind(self, now: datetime) -> int:
        with self.crm.database.reading() as connection:
            if not reminders.any_wanted(connection):
                return 0
            found = [one for entity, at in self.moments.items() for one in reminders.due(connection, entity, at, now)]
        for one in found:
            text = self._text(one)
            with self.crm.database.writing() as connection:
                reminders.told(connection, one, text, now)
        self._sweep(now)
        return len(found)

    def _sweep(self, now: datetime) -> None:
        if self._swept is None or now - self._swept > SWEEP_EVERY:
            self._swept = now
            with self.crm.database.writing() as connection:
                reminders.sweep(connection, now)

    def _text(self, one: Due) -> str | None:
        """With the eyes of whom it is told; None for what they may not see, or what is done."""
        crm = self.crm
        with crm.database.reading() as connection:
            person = crm.accounts.people.by_id(connection, one.user)
        if person is None or not person.may_enter:
            return None
        actor = person.actor(crm.blueprint)
        try:
            kind = kind_of(crm.reads, actor, crm.reads.sight.entity(actor, one.entity))
            event = one_event(crm.reads, actor, kind, one.record) if kind is not None else None
        except NotFound:
            return None
        if event is None or event.cancelled or (event.done and event.kind.is_planned):
            return None
        formats: Formats = crm.reads.formats(actor)
        at = field_type("datetime").show(MOMENT, moment_of(one.at), formats)
        return speech(actor.language).say("{title} begins {time}.", title=event.title, time=at)


__all__ = ["Alarms"]
