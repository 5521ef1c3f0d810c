"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person or a robot; every reading and writing is done as one.

    `only` narrows a token: None means all that the role may, else pairs such as ("lead", "read").
    """

    user: int
    name: str
    role: str
    teams: tuple[int, ...] = ()
    language: str = "en"
    zone: str = "UTC"
    only: frozenset[tuple[str, str]] | None = None
