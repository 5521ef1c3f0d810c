"""The set's own colour and logo, as the screens, mails and papers use them."""

from __future__ import annotations

import re
from pathlib import Path

from engine.blueprint.manifest import Brand

COLOUR = "#2f6f4f"
LARGEST_LOGO = 1024 * 1024  # bytes
LOGOS = {".svg": "svg", ".png": "png", ".webp": "webp", ".jpg": "jpg", ".jpeg": "jpg"}
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")


def colour_of(brand: Brand) -> str:
    return brand.color if _COLOUR.fullmatch(brand.color) else COLOUR


def logo_of(brand: Brand, folders: tuple[Path, ...]) -> tuple[bytes, str] | None:
    """Its content and its name's ending, from the highest layer; never a file outside of the set's folders."""
    for folder in reversed(folders if brand.logo else ()):
        path = (folder / str(brand.logo)).resolve()
        if path.is_relative_to(folder.resolve()) and path.suffix in LOGOS and path.is_file():
            return (path.read_bytes(), path.suffix) if path.stat().st_size <= LARGEST_LOGO else None
    return None


__all__ = ["COLOUR", "LOGOS", "colour_of", "logo_of"]
