"""What goes with a mail: files of the set, files of the record, an invitation to an appointment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from engine.actor import Actor
from engine.blueprint.notifications import Attachment, Notification
from engine.blueprint.values import FileRef, Place, Ref
from engine.errors import CrmError
from engine.parts.channels.contract import Attached, Invitation
from engine.parts.mail import LARGEST
from engine.records.media import media_type_of
from engine.records.read import Record
from engine.runtime import Crm

FOLDER = "files"  # of the set
USUAL_LENGTH = timedelta(hours=1)


class Enclosures:
    def __init__(self, crm: Crm) -> None:
        self.crm = crm

    def attached(
        self, notification: Notification, more: Sequence[Sequence[str | None]], actor: Actor, record: Record | None
    ) -> tuple[tuple[Attached, ...], list[str]]:
        """The files, and the names of those that are too large or cannot be had. A file of the record is one that the
        reader may open."""
        taken, left, size = [], [], 0
        for name, path, kind in self._found([*notification.attach, *(Attachment(*one) for one in more)], actor, record):
            length = path.stat().st_size if path.is_file() else LARGEST + 1
            if size + length > LARGEST:
                left.append(name)
                continue
            size += length
            content = path.read_bytes()
            taken.append(Attached(name, kind or media_type_of(content[:4096], name), content))
        return tuple(taken), left

    def _found(
        self, wanted: Sequence[Attachment], actor: Actor, record: Record | None
    ) -> Iterator[tuple[str, Path, str | None]]:
        for one in wanted:
            if one.file is not None:
                yield Path(one.file).name, file_of_set(self.crm.blueprint.folders, one.file), None
            elif record is not None and isinstance(value := record.values.get(one.field or ""), FileRef):
                try:
                    opened = self.crm.files.open(actor, value.key)
                except CrmError:
                    continue
                yield value.name, opened.path, value.media_type

    def invitation(
        self, notification: Notification, record: Record | None, holds: Callable[[Any], bool]
    ) -> Invitation | None:
        """None without a time: then there is nothing to invite to."""
        invite = notification.invite
        starts = record.values.get(invite.starts) if invite and record else None
        if invite is None or record is None or not isinstance(starts, datetime):
            return None
        values = record.values
        length = values.get(invite.length) if invite.length else None
        return Invitation(
            record.entity, record.id, record.version, starts, timedelta(seconds=length) if length else USUAL_LENGTH,
            _words(values.get(invite.title)) if invite.title else record.title,
            _words(values.get(invite.place)) if invite.place else "",
            invite.cancelled_when is not None and holds(invite.cancelled_when),
        )  # fmt: skip


def file_of_set(folders: tuple[Path, ...], name: str) -> Path:
    """The highest layer's file; never one outside its folder."""
    for folder in reversed(folders):
        root = (folder / FOLDER).resolve()
        path = (root / name).resolve()
        if path.is_relative_to(root) and path.is_file():
            return path
    return Path(name)


def _words(value: Any) -> str:
    if isinstance(value, Ref):
        return value.title or ""
    if isinstance(value, Place):
        return value.address
    return str(value or "")
