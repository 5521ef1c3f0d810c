"""Links by which a client answers without an account: each opens one record's page, and makes the moves that it offers.

- The key is in the message and nowhere else; the table knows its hash.
- Each move may be made once by a link. A link grants nothing by itself: the move's own guards are asked again.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from engine.records.database import Connection
from engine.records.rows import change, rows

LONGEST_KEY = 100  # characters
WHO = "The client, by link"  # whose name history tells
ADDRESS = "/go/"


@dataclass(frozen=True, slots=True)
class Offer:
    """`moves` are transitions; `used` those of them that were made by this link. Moments in ms."""

    key_hash: str
    entity: str
    record: int
    moves: tuple[str, ...]
    notification: str
    expires_at: int
    used: tuple[str, ...] = ()

    @property
    def left(self) -> tuple[str, ...]:
        return tuple(move for move in self.moves if move not in self.used)


def mint(
    connection: Connection, entity: str, record: int, moves: Sequence[str], notification: str, now: int, expires: int
) -> str:
    """The key of a new link, in the caller's transaction; its page is at ADDRESS + key, `?move=NAME` goes straight to
    one move. `now` and `expires` in ms since 1970 UTC."""
    key = secrets.token_urlsafe(24)
    change(
        connection,
        "insert into crm_offer (key_hash, entity, record, moves, notification, created_at, expires_at) "
        "values (?, ?, ?, ?, ?, ?, ?)",
        (_hash(key), entity, record, orjson.dumps(list(moves)).decode(), notification, now, expires),
    )
    return key


def find(connection: Connection, key: str) -> Offer | None:
    """The link of that key, also one that is used up or too old."""
    if not 0 < len(key) <= LONGEST_KEY:
        return None
    found = rows(
        connection,
        "select key_hash, entity, record, moves, notification, expires_at, used_for from crm_offer where key_hash = ?",
        (_hash(key),),
    )
    if not found:
        return None
    key_hash, entity, record, moves, notification, expires, used = found[0]
    made = tuple(orjson.loads(used or "[]"))
    return Offer(key_hash, entity, record, tuple(orjson.loads(moves)), notification, expires, made)


def use(connection: Connection, offer: Offer, move: str, now: int) -> bool:
    """Marks the move as made by this link, in the transaction that makes it; False when it was before."""
    before = orjson.dumps(list(offer.used)).decode() if offer.used else None
    after = orjson.dumps([*offer.used, move]).decode()
    if move not in offer.left:
        return False
    text = "update crm_offer set used_at = ?, used_for = ? where key_hash = ? and coalesce(used_for, '') = ?"
    return change(connection, text, (now, after, offer.key_hash, before or "")) == 1


def sweep(connection: Connection, before: int) -> int:
    """Takes away links that ended before that moment; how many."""
    return change(connection, "delete from crm_offer where expires_at < ?", (before,))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


__all__ = ["ADDRESS", "Offer", "find", "mint", "sweep", "use"]
