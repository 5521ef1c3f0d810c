"""A request that is sent twice is done once: its key is claimed in the transaction that does it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import orjson

from engine.errors import Complaint, Invalid
from engine.records.database import Connection
from engine.records.rows import change, rows
from engine.words import said

KEPT = 24 * 3_600_000  # ms
LONGEST_KEY = 200

_CLAIM = (
    "insert into crm_idempotency (actor, key, request, at, status, answer) values (?, ?, ?, ?, null, null) "
    "on conflict (actor, key) do nothing"
)

_CLAIM_OLD = (
    "update crm_idempotency set request = ?, at = ?, status = null, answer = null where actor = ? and key = ? and at < ?"
)


class UsedKey(Invalid):
    """The key was used for another request; `answer` is what that one was told."""

    def __init__(self, answer: Any) -> None:
        super().__init__([Complaint(None, said("This idempotency key was used for another request. Use a new one."))])
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Claim:
    """A key that is ours in this transaction; `answered` keeps what a repetition is told."""

    connection: Connection
    actor: int
    key: str

    def answered(self, status: int, answer: Any) -> None:
        change(
            self.connection,
            "update crm_idempotency set status = ?, answer = ? where actor = ? and key = ?",
            (status, orjson.dumps(answer).decode(), self.actor, self.key),
        )


def claim(connection: Connection, actor: int, key: str, request: str, now: int) -> Claim | Any:
    """A Claim, or the answer that was given before. Raises UsedKey when the key was used for another request."""
    if not 0 < len(key) <= LONGEST_KEY:
        raise Invalid([Complaint(None, said(
            "The idempotency key has {count} characters; 1 to {longest_key} are taken.",
            count=len(key), longest_key=LONGEST_KEY
        ))])
    # A second request with the same key waits here until the first has ended.
    if change(connection, _CLAIM, (actor, key, request, now)) or change(
        connection, _CLAIM_OLD, (request, now, actor, key, now - KEPT)
    ):
        return Claim(connection, actor, key)
    earlier, answer = rows(
        connection, "select request, answer from crm_idempotency where actor = ? and key = ?", (actor, key)
    )[0]
    if earlier != request:
        raise UsedKey(orjson.loads(answer) if answer else None)
    return orjson.loads(answer)


def fingerprint(route: str, body: Any) -> str:
    """One short text for a route and its body, whatever the order of the body's keys."""
    try:
        text = orjson.dumps(body, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=repr)
    except TypeError:  # a number of more than 64 bits: the values' own types have yet to refuse it
        text = json.dumps(body, sort_keys=True, default=repr).encode()
    return hashlib.sha256(route.encode() + b"\0" + text).hexdigest()


def forget_old(connection: Connection, now: int) -> int:
    """Sweeps keys older than a day; how many."""
    return change(connection, "delete from crm_idempotency where at < ?", (now - KEPT,))
