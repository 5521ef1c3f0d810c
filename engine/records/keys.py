"""Ids that any process can make: creation order is id order, so "newest first" is `id desc`, with no index of its own.

41 bits of milliseconds since 2024, then 22 bits that start anywhere and count up within the millisecond. They do
not fit a JavaScript number, so they leave the process as text.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from datetime import UTC, datetime
from threading import Lock

EPOCH = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp() * 1000)
_BITS = 22
MILLISECOND = 1 << _BITS  # ids of one
REMEMBERED = 100  # milliseconds
AHEAD = 60_000  # ms that an id may be ahead of its moment: two million ids in one millisecond borrow from the next
_LAST = (1 << _BITS) - 1
_lock = Lock()
_moments: OrderedDict[int, tuple[int, int]] = OrderedDict()  # of the latest that were asked for: (millisecond, next)


def new_id(now: datetime) -> int:
    """The id of a record made now; larger than any that this process made for an earlier or the same moment."""
    return new_ids(now, 1)[0]


def new_ids(now: datetime, count: int) -> range:
    """`count` ids in a row, at most two million, for records that are written together."""
    asked = milliseconds(now) - EPOCH
    with _lock:
        # The lower half only, so that two million records may follow in the same millisecond. One that comes again (a clock
        # that stands still, or two of them in turn) goes on where it was.
        known = _moments.pop(asked) if asked in _moments else None
        moment, at = known or (asked, secrets.randbits(_BITS - 1))
        if at + count > _LAST:  # borrowed from the millisecond to come
            moment, at = moment + 1, 0
        _moments[asked] = moment, at + count
        if len(_moments) > REMEMBERED:
            _moments.popitem(last=False)
    first = (moment << _BITS) | at
    return range(first, first + count)


def first_id(moment: datetime) -> int:
    """The least id that a record made at this moment can have."""
    return (milliseconds(moment) - EPOCH) << _BITS


def milliseconds(moment: datetime) -> int:
    """A moment as it is stored: whole milliseconds since 1970 UTC."""
    return round(moment.timestamp() * 1000)
