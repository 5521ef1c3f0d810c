"""How many requests one token may make in a minute, counted in each process by itself."""

from __future__ import annotations

from hashlib import blake2b

from engine.errors import TooMany

WINDOW = 60  # seconds
MOST_KNOWN = 10_000


class Budget:
    """`most` requests in each window; 0: no limit."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._spent: dict[bytes, int] = {}
        self._window = 0

    def spend(self, token: str, now: float) -> None:
        """`now` in seconds. Raises TooMany when the minute's budget is used up."""
        if not self.most:
            return
        window = int(now // WINDOW)
        if window != self._window:
            self._window, self._spent = window, {}
        elif len(self._spent) > MOST_KNOWN:  # a crowd of new ones must not free those that are over theirs
            self._spent = {key: spent for key, spent in self._spent.items() if 2 * spent > self.most}
        key = blake2b(token.encode(), digest_size=8).digest()
        spent = self._spent[key] = self._spent.get(key, 0) + 1
        if spent > self.most:
            left = WINDOW - int(now % WINDOW)
            raise TooMany(f"This token made {self.most:,} requests within a minute. Go on in {left} seconds.", left)
