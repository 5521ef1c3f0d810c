"""Python's collector of garbage, told what will stay."""

from __future__ import annotations

import gc


def settle() -> None:
    """What was made at the start stays: without this the collector walks it again and again. It makes the slowest 1 % of
    a server's answers, and a tenth of an import.

    Nothing is collected before: of half a million things a thousand could go, and to find them takes 0.1 s."""
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)
    gc.enable()
