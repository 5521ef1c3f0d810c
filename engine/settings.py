"""What the environment says; read once at the start, then passed in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """`database_url` as SQLAlchemy writes it; `files` is a folder; `secure` marks cookies `Secure`.

    `metrics_token` opens /metrics to other machines; `api_budget` is how many requests a token may make in a minute,
    in each process (0: no limit).

    `address` is where people find the program, such as https://crm.firm.example: messages that leave the house link to it.
    `smtp_url` is smtp://, smtp+starttls:// or smtps://user:password@host:port. `outbound_private` lets channels call
    machines of private networks: for tests and development. `environment` holds what keys that end in `_from` name."""

    database_url: str
    files: Path = Path("data/files")
    secure: bool = False
    behind_proxy: bool = False  # believe X-Forwarded-For and -Proto
    development: bool = False  # shows /design; never in production
    rehearsal: bool = False  # nothing leaves the house: channels keep what they are given (crm test, crm simulate)
    metrics_token: str | None = None
    api_budget: int = 6000
    address: str = ""
    smtp_url: str | None = field(default=None, repr=False)
    redis_url: str | None = field(default=None, repr=False)  # workers are woken through it; None: a thread of `crm serve`
    outbound_private: bool = False
    environment: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def secret(self, name: str) -> str | None:
        """What the environment variable holds; None when it is not set or empty."""
        return self.environment.get(name) or None


def settings_for(folder: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """A set without CRM_DATABASE_URL keeps its data in `data/` beside its YAML."""
    data = folder / "data"
    return Settings(
        database_url=environment.get("CRM_DATABASE_URL") or f"sqlite:///{(data / 'crm.db').resolve()}",
        files=Path(environment.get("CRM_FILES") or data / "files"),
        secure=_yes(environment.get("CRM_SECURE")),
        behind_proxy=_yes(environment.get("CRM_BEHIND_PROXY")),
        development=_yes(environment.get("CRM_DEVELOPMENT")),
        metrics_token=environment.get("CRM_METRICS_TOKEN") or None,
        api_budget=_number(environment.get("CRM_API_BUDGET"), 6000),
        address=(environment.get("CRM_ADDRESS") or "").strip().rstrip("/"),
        rehearsal=_yes(environment.get("CRM_REHEARSAL")),
        smtp_url=environment.get("CRM_SMTP_URL") or None,
        redis_url=environment.get("CRM_REDIS_URL") or None,
        outbound_private=_yes(environment.get("CRM_OUTBOUND_PRIVATE")),
        environment=dict(environment),
    )


def _yes(text: str | None) -> bool:
    return (text or "").strip().lower() in ("1", "true", "yes")


def _number(text: str | None, otherwise: int) -> int:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() else otherwise
