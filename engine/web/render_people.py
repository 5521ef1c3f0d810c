"""What a person may choose for themselves: the languages that the set offers, by their own names, and the time zones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from zoneinfo import available_timezones

from engine.blueprint.entities import Choice, Entity, Field
from engine.blueprint.manifest import Manifest

REGIONS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def with_offers(manifest: Manifest, entity: Entity, field: Field, value: Any) -> Field:
    """A person's language and zone as a list to choose from; every other field as it is. What is kept now is always in
    the list, also where the set does not offer it any more."""
    if entity.name != "user" or field.name not in ("language", "zone") or field.type != "text":
        return field
    offered = languages(manifest.languages) if field.name == "language" else zones()
    kept = () if not value or any(one.value == value for one in offered) else (Choice(str(value), str(value)),)
    return replace(field, type="choice", options=MappingProxyType({"choices": (*offered, *kept)}))


@lru_cache(maxsize=20)
def languages(codes: Iterable[str]) -> tuple[Choice, ...]:
    """`English (India)`, `हिन्दी`, `العربية`."""
    return tuple(Choice(code, name_of(code)) for code in codes)


@lru_cache(maxsize=200)
def name_of(code: str) -> str:
    """A language in its own words. Babel is loaded on first use."""
    from babel import Locale, UnknownLocaleError

    try:
        name = Locale.parse(code, sep="-").display_name or code
    except (UnknownLocaleError, ValueError):
        return code
    return name[:1].upper() + name[1:]


@lru_cache(maxsize=1)
def zones() -> tuple[Choice, ...]:
    known = sorted(zone for zone in available_timezones() if zone.partition("/")[0] in REGIONS)
    return tuple(Choice(zone, zone.replace("_", " ")) for zone in ("UTC", *known))


__all__ = ["languages", "name_of", "with_offers", "zones"]
