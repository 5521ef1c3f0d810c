"""Mails that come in by IMAP: a step of the round, which never holds the others up.

- Each mailbox is looked into when its time has come, in a thread of its own; the round waits PATIENCE seconds for it and
  goes on. One look takes at most DEADLINE seconds and MOST mails; what is left comes with the next one.
- The first look takes what is unread; every other goes on behind the last mail that was taken. Whatever is taken twice
  all the same is known by its Message-ID, and nothing happens.
- A mail is fetched without its content first: one that is too large is fetched in part.
"""

from __future__ import annotations

import hashlib
import imaplib
import logging
import re
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from engine.blueprint.capture import Capture, Mailbox
from engine.errors import CrmError
from engine.records import mailing
from engine.records.keys import milliseconds
from engine.records.mailing import Place, Post
from engine.rules.mails import LARGEST, read_mail
from engine.runtime import Crm

PATIENCE = 2.0  # seconds that a round waits
TIMEOUT = 15.0  # seconds for one answer of the server
DEADLINE = 60.0  # seconds for one look
MOST = 100  # mails of one look
START = 200_000  # bytes of a mail that is too large
log = logging.getLogger("crm")
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,15})")


class Mailboxes:
    """Made once per blueprint; the step of a round."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        self.captures = [c for c in crm.blueprint.captures.values() if c.mailbox is not None]
        self._next: dict[str, int] = {}
        self._looks: dict[str, Look] = {}

    def read(self, now: datetime) -> int:
        """Looks into each mailbox whose time has come; how many mails were taken by looks that have ended."""
        if self.crm.settings.rehearsal:
            return 0
        return sum(self._one(capture, capture.mailbox, now) for capture in self.captures if capture.mailbox)

    def _one(self, capture: Capture, mailbox: Mailbox, now: datetime) -> int:
        look = self._looks.get(capture.name)
        if look is None:
            if milliseconds(now) < self._next.get(capture.name, 0):
                return 0
            self._next[capture.name] = milliseconds(now) + mailbox.every * 1000
            look = self._begun(capture, mailbox, now)
            if look is None:
                return 0
            look.join(PATIENCE)
        if look.is_alive():
            return 0
        del self._looks[capture.name]
        return look.taken

    def _begun(self, capture: Capture, mailbox: Mailbox, now: datetime) -> Look | None:
        if not self.crm.settings.secret(mailbox.url_from):
            return None
        with self.crm.database.writing() as connection:
            place = mailing.claim(connection, capture.name, milliseconds(now), mailbox.every * 1000)
        if place is None:
            return None
        look = self._looks[capture.name] = Look(self.crm, capture, mailbox, place, now)
        look.start()
        return look


class Look(threading.Thread):
    """One look into one mailbox."""

    def __init__(self, crm: Crm, capture: Capture, mailbox: Mailbox, place: Place, now: datetime) -> None:
        super().__init__(daemon=True, name=f"crm-mailbox-{capture.name}")
        self.crm, self.capture, self.mailbox, self.place, self.now = crm, capture, mailbox, place, now
        self.post = Post(crm.writes, crm.files, capture)
        self.taken = 0
        self.ends = time.monotonic() + DEADLINE

    def run(self) -> None:
        try:
            self._read()
        except Exception as error:  # a server that is away, a wrong password: tried again later, the round goes on
            why = f"{type(error).__name__}: {error}"
            log.warning("mailbox %s cannot be read: %s", self.capture.name, why)
            every = self.mailbox.every * 1000
            with self.crm.database.writing() as connection:
                mailing.failed(connection, self.capture.name, why, milliseconds(self.now), every, self.place.failures)

    def _read(self) -> None:
        with _opened(self.crm.settings.secret(self.mailbox.url_from) or "", self.mailbox.folder) as box:
            validity = int(box.folder.status(self.mailbox.folder, ["UIDVALIDITY"])["UIDVALIDITY"])
            last = self.place.last if self.place.validity == validity else 0
            for uid in self._waiting(box, last, self.place.validity == validity):
                if self.taken >= MOST or time.monotonic() > self.ends:
                    break
                self._one(box, uid)
                self.taken += 1
                last = max(last, uid)
                self._note(validity, last)
            self._note(validity, last)

    def _waiting(self, box: Any, last: int, known: bool) -> Iterator[int]:
        """The numbers of the mails that are new: by their number where the folder is known, else what is unread."""
        found = box.uids(f"UID {last + 1}:*" if known and last else "UNSEEN")
        return iter(sorted(uid for uid in map(int, found) if uid > last))

    def _note(self, validity: int, last: int) -> None:
        with self.crm.database.writing() as connection:
            mailing.went_on(connection, self.capture.name, validity, last, milliseconds(self.now))

    def _one(self, box: Any, uid: int) -> None:
        """One bad mail must not stop the others."""
        try:
            content, cut = _fetched(box, uid)
            mail = read_mail(content)
            key = mail.message_id or hashlib.sha256(content).hexdigest()
            mailing.take_mail(self.post, mail, key, _own(self.crm, self.mailbox), cut)
            box.flag([str(uid)], ["\\Seen"], True)
        except (imaplib.IMAP4.abort, OSError):
            raise
        except CrmError as error:
            if error.status >= 500:
                raise
            self._refuse(uid, error.message)
        except Exception as error:
            log.exception("a mail of %s could not be read", self.capture.name)
            self._refuse(uid, f"It could not be read: {type(error).__name__}.")

    def _refuse(self, uid: int, why: str) -> None:
        mailing.refuse(self.post, f"{self.mailbox.folder} {uid}", why, self.crm.writes.clock())


def _opened(url: str, folder: str) -> Any:
    """The mailbox, with its folder open; to be closed by `with`."""
    import imap_tools

    parts = urlsplit(url)
    box: Any
    host, user, password = parts.hostname or "", unquote(parts.username or ""), unquote(parts.password or "")
    match parts.scheme:
        case "imaps":
            box = imap_tools.MailBox(host, parts.port or 993, timeout=TIMEOUT)
        case "imap+starttls":
            box = imap_tools.MailBoxStartTls(host, parts.port or 143, timeout=TIMEOUT)
        case "imap":
            box = imap_tools.MailBoxUnencrypted(host, parts.port or 143, timeout=TIMEOUT)
        case _:
            raise ValueError("the address of a mailbox begins with imaps://, imap+starttls:// or imap://")
    return box.login(user, password, initial_folder=folder)


def _fetched(box: Any, uid: int) -> tuple[bytes, str | None]:
    """The mail's bytes, and what was left out of one that is too large."""
    size = _size(box, uid)
    if size <= LARGEST:
        return _content(box, uid, "(BODY.PEEK[])"), None
    cut = f"The mail has {size / 1_000_000:.0f} MB: only its beginning was read. It is in the mailbox as it came."
    return _content(box, uid, f"(BODY.PEEK[]<0.{START}>)"), cut


def _size(box: Any, uid: int) -> int:
    _, found = box.client.uid("fetch", str(uid), "(RFC822.SIZE)")
    sizes = [_SIZE.search(one if isinstance(one, bytes) else one[0]) for one in found or () if one]
    return max((int(size[1]) for size in sizes if size), default=LARGEST + 1)


def _content(box: Any, uid: int, what: str) -> bytes:
    _, found = box.client.uid("fetch", str(uid), what)
    return next((bytes(one[1]) for one in found or () if isinstance(one, tuple)), b"")


def _own(crm: Crm, mailbox: Mailbox) -> list[str]:
    """The mailbox's own address: what it sent itself does not come in."""
    user = unquote(urlsplit(crm.settings.secret(mailbox.url_from) or "").username or "").lower()
    return [user] if "@" in user else []


__all__ = ["Mailboxes"]
