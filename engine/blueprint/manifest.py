"""What crm.yaml means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

from engine.blueprint.source import Source


@dataclass(frozen=True, slots=True)
class Brand:
    color: str = "#2f6f4f"
    logo: str | None = None  # a path inside the set's folder


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """`week` holds the open spans of each day, Monday first, in local time and in order; nothing given: always open.

    `holidays` are single days; `yearly` are (month, day) of every year."""

    week: tuple[tuple[tuple[time, time], ...], ...] = ()
    holidays: Mapping[date, str] = field(default_factory=dict)
    yearly: Mapping[tuple[int, int], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    name: str
    title: str
    extends: str | None = "base"
    zone: str = "UTC"  # IANA time zone of the firm
    currency: str = "USD"  # ISO 4217
    country: str = "US"  # ISO 3166 alpha-2; how a phone number without a country code is read
    language: str = "en"
    languages: tuple[str, ...] = ("en",)  # what people may choose from; its own comes first
    financial_year_starts: tuple[int, int] = (1, 1)  # month, day
    brand: Brand = field(default_factory=Brand)
    hours: WorkingHours = field(default_factory=WorkingHours)
    undo: int = 10  # seconds in which a slip can be taken back before anybody is told of it
    to_clients: int = 200  # messages to clients that one person's deeds may set off within an hour, unasked
    source: Source | None = None
