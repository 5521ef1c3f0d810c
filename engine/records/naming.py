"""How names are written in SQL."""

from __future__ import annotations


def quoted(name: str) -> str:
    """Always quoted: `user` and `order` are words of the language. Names come from a compiled set, not from people."""
    return '"' + name.replace('"', '""') + '"'


def listed(names: object) -> str:
    return ", ".join(map(quoted, names))  # type: ignore[call-overload]
