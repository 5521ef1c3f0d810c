"""Secrets that the program makes for itself: the same in every process that shares the database."""

from __future__ import annotations

import secrets

from engine.records.database import Database
from engine.records.rows import change, rows

_MAKE = "insert into crm_secret (name, value, made_at) values (?, ?, ?) on conflict (name) do nothing"
_READ = "select value from crm_secret where name = ?"


def secret_of(database: Database, name: str, now: int) -> bytes:
    """The secret of that name, made when it is first asked for; `now` in ms."""
    with database.reading() as connection:
        found = rows(connection, _READ, (name,))
    if not found:
        with database.writing() as connection:
            change(connection, _MAKE, (name, secrets.token_hex(32), now))
            found = rows(connection, _READ, (name,))
    return bytes.fromhex(found[0][0])
