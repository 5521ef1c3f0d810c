"""The values of a record that are more than one plain Python value."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple


@dataclass(frozen=True, slots=True, order=True)
class Money:
    amount: Decimal  # in whole currency units
    currency: str  # ISO 4217 code


@dataclass(frozen=True, slots=True)
class Place:
    address: str
    latitude: Decimal | None = None  # degrees, WGS 84
    longitude: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Ref:
    """Another record, as this reader may see it: `title` is None where the reader may not read that record."""

    entity: str
    id: int
    title: str | None = None


@dataclass(frozen=True, slots=True)
class FileRef:
    """A stored file; `key` is random and names it on its own route, `size` is in bytes, `id` names it in a form."""

    key: str
    name: str
    size: int
    media_type: str
    id: int = field(default=0, compare=False)


class Stayed(NamedTuple):
    """A record's time in one stage; `left_at` is None where it stands now."""

    stage: str
    entered_at: datetime
    left_at: datetime | None = None
