"""Stored files: kept before the row that names them, given out only through the record that holds them.

A file lies at `files/<first two characters>/<key>`; its key is random. It is written and synced, then its row is written,
and then a record claims it. Whoever dies in between leaves an orphan, which the sweeper takes after a day.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from engine.actor import Actor
from engine.blueprint.entities import Field
from engine.blueprint.values import FileRef
from engine.errors import BadRequest, NotFound, TooLarge, TooMany
from engine.parts.fields.file import USUAL_MEGABYTES, most_of
from engine.records.database import Database
from engine.records.keys import milliseconds, new_id
from engine.records.media import PICTURES, media_type_of
from engine.records.read import Reads
from engine.records.rows import change, in_words_of, rows
from engine.records.sight import NOT_FOUND
from engine.words import said

PIECE = 256 * 1024  # bytes
MOST_UNCLAIMED = 100  # files of one person that no record holds
KEPT_UNCLAIMED = timedelta(days=1)
_INSERT = (
    "insert into crm_file (id, key, name, size, media_type, sha256, created_at, created_by) values (?, ?, ?, ?, ?, ?, ?, ?)"
)
_ONE = "select id, name, size, media_type, created_by, entity, record, field from crm_file where key = ?"


class Source(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Opened:
    file: FileRef
    path: Path

    @property
    def is_picture(self) -> bool:
        """Of a kind that may be shown in a page."""
        return self.file.media_type in PICTURES


class Files:
    """`folder` is on a disk that all processes share."""

    def __init__(self, database: Database, reads: Reads, folder: Path) -> None:
        self.database, self.reads, self.folder = database, reads, folder

    def keep(self, actor: Actor, source: Source, name: str, now: datetime, most: int = USUAL_MEGABYTES) -> FileRef:
        """Stores an upload of at most `most` megabytes; until a record claims it, only its author may open it.

        Raises TooLarge, BadRequest when it is empty, TooMany for somebody with too many unclaimed ones."""
        self._check_room(actor)
        key, id = secrets.token_urlsafe(18), new_id(now)
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{key}.part")
        try:
            size, digest, start = _copied(source, part, most)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(path.parent)
        file = FileRef(key, plain_name(name), size, media_type_of(start, name), id)
        with self.database.writing() as connection:
            row = (id, key, file.name, size, file.media_type, digest, milliseconds(now), actor.user)
            change(connection, _INSERT, row)
        return file

    def open(self, actor: Actor, key: str) -> Opened:
        """A file that the actor may read. Raises NotFound, the same for one that is not there."""
        with self.database.reading() as connection:
            found = rows(connection, _ONE, (key[:100],))
        if not found:
            raise NotFound(NOT_FOUND)
        id, name, size, media_type, author, entity, record, field = found[0]
        if record is None and author != actor.user:
            raise NotFound(NOT_FOUND)
        if record is not None:
            self._check(actor, entity, record, field, key)
        path = self._path(key)
        if not path.is_file():
            raise NotFound(NOT_FOUND)
        return Opened(FileRef(key, name, size, media_type, id), path)

    def discard(self, actor: Actor, id: int) -> None:
        """Takes away a file of the actor's that no record holds; nothing happens to any other."""
        mine = "id = ? and record is null and created_by = ?"
        with self.database.writing() as connection:
            found = rows(connection, f"select key from crm_file where {mine}", (id, actor.user))
            change(connection, f"delete from crm_file where {mine}", (id, actor.user))
        for (key,) in found:
            self._path(key).unlink(missing_ok=True)

    def sweep(self, now: datetime) -> int:
        """Takes away what no record claimed within a day; how many files."""
        before = now - KEPT_UNCLAIMED
        with self.database.writing() as connection:
            lost = rows(
                connection, "select key from crm_file where record is null and created_at < ?", (milliseconds(before),)
            )
            text = in_words_of(connection.dialect, "delete from crm_file where key = ? and record is null")
            gone = [key for (key,) in lost if connection.change(text, (key,)) == 1]
        for key in gone:
            self._path(key).unlink(missing_ok=True)
        return len(gone) + sum(map(self._sweep_stray, self._strays(before)))

    # ---- inside

    def _check_room(self, actor: Actor) -> None:
        text = "select count(*) from crm_file where record is null and created_by = ?"
        with self.database.reading() as connection:
            if rows(connection, text, (actor.user,))[0][0] >= MOST_UNCLAIMED:
                raise TooMany(said(
                    "{most_unclaimed} of your files wait for a record to hold them. Use those first.",
                    most_unclaimed=MOST_UNCLAIMED
                ), 3600)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key

    def _check(self, actor: Actor, entity: str, record: int, field: str, key: str) -> None:
        """The record and the field must be the actor's to read, and the record must hold this very file now."""
        if entity not in self.reads.blueprint.entities:
            raise NotFound(NOT_FOUND)
        value = self.reads.record(actor, entity, record).values.get(field)
        if not isinstance(value, FileRef) or value.key != key:
            raise NotFound(NOT_FOUND)

    def _strays(self, before: datetime) -> Iterator[Path]:
        """Files older than a day; those without a row were written by somebody who died before the row."""
        for path in self.folder.glob("??/*"):
            if path.is_file() and path.stat().st_mtime < before.timestamp():
                yield path

    def _sweep_stray(self, path: Path) -> bool:
        with self.database.reading() as connection:
            if rows(connection, "select 1 from crm_file where key = ?", (path.name,)):
                return False
        path.unlink(missing_ok=True)
        return True


def most_megabytes(field: Field) -> int:
    return most_of(field)  # `most_megabytes`, as the page says before a file is sent


def plain_name(name: str) -> str:
    """The last piece of a path, without control characters, at most 200 characters, the ending kept."""
    bare = "".join(c for c in name.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable()).strip(" .")
    stem, dot, ending = bare.rpartition(".")
    if len(bare) > 200:
        bare = f"{stem[:180]}{dot}{ending[:18]}" if stem else bare[:200]
    return bare or "file"


def _copied(source: Source, part: Path, most: int) -> tuple[int, str, bytes]:
    """Size, hash and first bytes of what was written and synced."""
    size, digest, start = 0, hashlib.sha256(), b""
    with part.open("xb") as file:
        while piece := source.read(PIECE):
            size += len(piece)
            if size > most * 1_000_000:
                raise TooLarge(said("The file is larger than {most} MB, which is the most that is kept here.", most=most))
            start = start or piece[:4096]
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if not size:
        raise BadRequest(said("The file is empty."))
    return size, digest.hexdigest(), start


def _sync_folder(folder: Path) -> None:
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows opens no folders
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


__all__ = ["Files", "Opened", "most_megabytes", "plain_name"]
