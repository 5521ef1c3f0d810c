"""What notifications.yaml means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.blueprint.conditions import ALWAYS, Condition, Word
from engine.blueprint.source import Source
from engine.blueprint.templates import Template
from engine.blueprint.triggers import ONCE, Happening, Missed, Trigger


@dataclass(frozen=True, slots=True)
class Invite:
    """An .ics invitation: the record's fields for its parts."""

    starts: str
    length: str | None = None
    title: str | None = None
    place: str | None = None
    cancelled_when: Condition | None = None  # then the invitation is taken back


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the set (a path within its `files/`), or the record's file field; one of the two."""

    file: str | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    name: str
    label: str
    entity: str | None  # None: about no record, by schedule only
    trigger: Trigger | None  # None: sent only when something names it
    text: Template
    to: tuple[str, ...]  # owner, manager of owner, team of owner, actor, client, role:NAME, field:lead.owner
    through: tuple[str, ...] = ("app",)
    subject: Template | None = None
    when: Condition = ALWAYS
    working_hours_only: bool = False
    missed: Missed = ONCE
    attach: tuple[Attachment, ...] = ()
    reports: tuple[str, ...] = ()  # their numbers, as the receiver may read them, stand in the mail
    period: Word | None = None  # what the reports are asked about, in place of their own
    report_files: tuple[str, ...] = ()  # and go with it as csv, xlsx, json
    invite: Invite | None = None
    offers: tuple[str, ...] = ()  # transitions that the client may make by a link
    holds: bool = False  # at most once: what may have been sent is not sent again
    source: Source | None = None

    @property
    def on(self) -> str | None:
        """What must happen to a record; None for one that time sets off."""
        return self.trigger.on if isinstance(self.trigger, Happening) else None


@dataclass(frozen=True, slots=True)
class Channel:
    """A way out of the house. `kind` is a part in parts/channels; `settings` are its keys, as read by the compiler."""

    name: str
    label: str
    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    source: Source | None = None
