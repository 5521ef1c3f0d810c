"""Moved to engine/web/render_bulk.py."""

from engine.web.render_bulk import bar

__all__ = ["bar"]
