"""A text that keeps its own direction, whatever stands around it (Unicode's bidirectional algorithm, UAX #9)."""

from __future__ import annotations

ISOLATE, END = "\u2068", "\u2069"


def isolated(text: str, mirrored: bool = True) -> str:
    """Among words that are read from right to left an amount, a code or a telephone number keeps its own order. One that
    is isolated already, and nothing, stay as they are."""
    return f"{ISOLATE}{text}{END}" if mirrored and text and not text.startswith(ISOLATE) else text


__all__ = ["isolated"]
