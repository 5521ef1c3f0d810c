"""How often a sign-in may fail before it must wait. Counted before the password is looked at, so that a hundred tries
at once count as a hundred; the same for an account that is not there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from engine.records.database import Connection
from engine.records.rows import change, rows
from engine.rules.network import network

WINDOW = 15 * 60_000  # ms; failures are forgotten after it


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` failures in a window; each one more blocks twice as long as the one before, at most `longest` ms."""

    free: int
    first: int
    longest: int


PAIR = Limit(5, 30_000, 60 * 60_000)  # one account from one address
ADDRESS = Limit(50, 60_000, 60 * 60_000)  # one address, any account
ACCOUNT = Limit(100, 60_000, 5 * 60_000)  # one account from anywhere; short, lest strangers lock people out


class Throttle:
    """The counters of one sign-in: this account, this address, both."""

    def __init__(self, connection: Connection, account: str, address: str) -> None:
        self.connection, address = connection, network(address)
        self.keys = [(_key("pair", account, address), PAIR), (_key("account", account), ACCOUNT)]
        if address:
            self.keys.append((_key("address", address), ADDRESS))

    def wait(self, now: int) -> int:
        """Seconds until the next try is looked at; 0: now, and it is counted as failed until `succeeded`."""
        until = max(self._blocked_until(key) for key, _ in self.keys)
        if until > now:
            return (until - now) // 1000 + 1
        for key, limit in self.keys:
            self._count(key, limit, now)
        return 0

    def succeeded(self) -> None:
        """The person is who they say: this account's counters go, and the address gets its one back, so that an office
        behind one address does not block itself by signing in."""
        for key, limit in self.keys:
            if limit is ADDRESS:
                text = "update crm_attempt set failures = failures - 1, blocked_until = 0 where key = ? and failures <= ?"
                change(self.connection, text, (key, limit.free))
            else:
                change(self.connection, "delete from crm_attempt where key = ?", (key,))

    def _blocked_until(self, key: str) -> int:
        found = rows(self.connection, "select blocked_until from crm_attempt where key = ?", (key,))
        return found[0][0] if found else 0

    def _count(self, key: str, limit: Limit, now: int) -> None:
        found = rows(self.connection, "select failures, since from crm_attempt where key = ?", (key,))
        failures, since = found[0] if found and found[0][1] > now - WINDOW else (0, now)
        failures += 1
        over = failures - limit.free
        blocked = now + min(limit.first << min(over, 20), limit.longest) if over >= 0 else 0
        change(
            self.connection,
            "insert into crm_attempt (key, failures, since, blocked_until) values (?, ?, ?, ?) "
            "on conflict (key) do update set failures = excluded.failures, since = excluded.since, "
            "blocked_until = excluded.blocked_until",
            (key, failures, now if blocked else since, blocked),
        )


def forget_old(connection: Connection, now: int) -> None:
    """Sweeps counters that no longer count."""
    change(connection, "delete from crm_attempt where since < ? and blocked_until < ?", (now - WINDOW, now))


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
