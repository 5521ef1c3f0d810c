"""What the environment says; read once at the start, then passed in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """`database_url` as SQLAlchemy writes it; `files` is a folder; `secure` marks cookies `Secure`.

    `metrics_token` opens /metrics to other machines; `api_budget` is how many requests a token may make in a minute,
    in each process (0: no limit)."""

    database_url: str
    files: Path = Path("data/files")
    secure: bool = False
    behind_proxy: bool = False  # believe X-Forwarded-For and -Proto
    development: bool = False  # shows /design; never in production
    metrics_token: str | None = None
    api_budget: int = 6000


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
    )


def _yes(text: str | None) -> bool:
    return (text or "").strip().lower() in ("1", "true", "yes")


def _number(text: str | None, otherwise: int) -> int:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() else otherwise
