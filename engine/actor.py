"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass

from engine.blueprint import Blueprint
from engine.errors import Unusable


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


def robot(blueprint: Blueprint, name: str = "Robot") -> Actor:
    """Whom jobs and the command line act as: somebody of the first role that administers, with no account.

    Raises Unusable when no role administers."""
    for role in blueprint.roles.values():
        if role.administers:
            return Actor(0, name, role.name, language=blueprint.manifest.language, zone=blueprint.manifest.zone)
    raise Unusable("No role of this set administers. Give one role `administers: true` in roles.yaml.")
