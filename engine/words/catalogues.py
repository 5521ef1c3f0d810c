"""The catalogues beside this file, one for each language that the program speaks."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def spoken() -> tuple[str, ...]:
    """The languages that the program itself speaks."""
    return ("en", *sorted(file.stem for file in FOLDER.glob("*.po")))


def catalogue(language: str) -> NullTranslations:
    """Of `ar-EG`, else of `ar`, else English. Nothing is read for English."""
    name = file_for(language)
    return _compiled(name) if name else NullTranslations()


def file_for(language: str) -> str | None:
    """The stem of the catalogue in which a language is told."""
    names = (language.replace("-", "_"), language.partition("-")[0].lower())
    return next((name for name in names if _is_kept(name)), None)


def for_scripts(name: str) -> Mapping[str, str | list[str]]:
    """What the scripts of a page say, by the English that stands in them; for a number all forms of the language."""
    found: dict[str, str | list[str]] = {}
    for message in _read(name):
        if any(file.endswith(".js") for file, _ in message.locations):
            key = message.id[0] if isinstance(message.id, tuple) else message.id
            told = list(message.string) if isinstance(message.string, tuple) else message.string
            if key and told and all(told):
                found[key] = told
    return found


@lru_cache(maxsize=200)
def _is_kept(name: str) -> bool:
    return name.replace("_", "").isalnum() and (FOLDER / f"{name}.po").is_file()


@lru_cache(maxsize=20)
def _compiled(name: str) -> NullTranslations:
    from babel.messages.mofile import write_mo

    compiled = io.BytesIO()
    write_mo(compiled, _read(name))
    compiled.seek(0)
    return GNUTranslations(compiled)


@lru_cache(maxsize=20)
def _read(name: str) -> Any:
    """Babel is loaded here: only when somebody reads another language than English."""
    from babel.messages.pofile import read_po

    with (FOLDER / f"{name}.po").open("rb") as file:
        return read_po(file, locale=name)


__all__ = ["FOLDER", "catalogue", "file_for", "for_scripts", "spoken"]
