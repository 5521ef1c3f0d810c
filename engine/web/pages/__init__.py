"""The screens. `PAGES` is the whole list of their addresses; `failure` is what a person sees when one cannot be had.

The application makes routes of them in this order: a word such as `new` or `pick` comes before `{id}`.
"""

from __future__ import annotations

from engine.web.pages.failures import failure
from engine.web.pages.table import PAGES, Page

__all__ = ["PAGES", "Page", "failure"]
