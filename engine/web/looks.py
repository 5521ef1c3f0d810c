"""Where the screens come from."""

from __future__ import annotations

try:
    from engine.web.pages import PAGES, failure
except ImportError:  # until the screens are all there
    from engine.web.plain import PAGES, failure  # type: ignore[assignment]

__all__ = ["PAGES", "failure"]
