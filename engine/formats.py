"""How one reader writes numbers and dates, and how what people type is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Formats:
    """The reader's language and zone and the firm's currency; hashable, so that formatters are made once for each."""

    language: str = "en"
    zone: str = "UTC"
    currency: str = "USD"
    country: str = "US"

    @property
    def zoneinfo(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


@lru_cache(maxsize=1000)
def is_zone(name: str) -> bool:
    """Whether there is a time zone of this name, such as Asia/Kolkata."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; a path; a folder
        return False
    return True


@dataclass(frozen=True, slots=True)
class Reading:
    """What is needed to understand a value that somebody gave: in which zone, as of when, for whom."""

    formats: Formats
    now: datetime
    user: int | None = None
    financial_year_starts: tuple[int, int] = (1, 1)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.formats.zoneinfo).date()
