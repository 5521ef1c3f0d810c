"""The catalogues beside this file, one for each language that the program speaks."""

from __future__ import annotations

import io
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

FOLDER = Path(__file__).parent


def spoken() -> tuple[str, ...]:
    """The languages that the program itself speaks."""
    return ("en", *sorted(file.stem for file in FOLDER.glob("*.po")))


def catalogue(language: str) -> NullTranslations:
    """Of `ar-EG`, else of `ar`, else English. Nothing is read for English."""
    for name in (language.replace("-", "_"), language.partition("-")[0].lower()):
        if _is_kept(name):
            return _read(name)
    return NullTranslations()


@lru_cache(maxsize=200)
def _is_kept(name: str) -> bool:
    return name.replace("_", "").isalnum() and (FOLDER / f"{name}.po").is_file()


@lru_cache(maxsize=20)
def _read(name: str) -> NullTranslations:
    """Babel is loaded here: only when somebody reads another language than English."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (FOLDER / f"{name}.po").open("rb") as file:
        words = read_po(file, locale=name)
    compiled = io.BytesIO()
    write_mo(compiled, words)
    compiled.seek(0)
    return GNUTranslations(compiled)


__all__ = ["FOLDER", "catalogue", "spoken"]
