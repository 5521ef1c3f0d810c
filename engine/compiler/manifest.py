"""crm.yaml -> Manifest."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, available_timezones

from engine.blueprint.manifest import Brand, Manifest
from engine.compiler.codes import COUNTRIES, CURRENCIES
from engine.compiler.draft import Draft, rule_of_names, tidy_name
from engine.compiler.hours import read_hours
from engine.compiler.spot import Spot

DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
UNDO = re.compile(r"(\d{1,4}) (second|minute)s?")
AN_HOUR = re.compile(r"(\d{1,7}) an hour")
LONGEST_UNDO = 600  # seconds: others wait for what they are to be told


def build_manifest(draft: Draft) -> None:
    spot = draft.section("manifest")
    default = Manifest("", "")
    name = _name(draft, spot)
    language = _language(draft, spot.get("language")) or default.language
    draft.manifest = Manifest(
        name=name,
        title=spot.text("title") or name,
        extends=spot.text("extends"),
        zone=_zone(draft, spot.get("zone")) or default.zone,
        currency=_code(draft, spot.get("currency"), CURRENCIES, "the code of a currency, as in INR") or default.currency,
        country=_code(draft, spot.get("country"), COUNTRIES, "the code of a country, as in IN") or default.country,
        language=language,
        languages=_languages(draft, language, spot.get("languages")),
        financial_year_starts=_month_and_day(draft, spot.get("financial_year_starts")) or (1, 1),
        brand=_brand(draft, spot.get("brand")),
        hours=read_hours(draft, spot),
        undo=_undo(draft, spot.get("undo")),
        to_clients=_to_clients(draft, spot.get("messages_to_clients")),
        source=spot.source,
    )


def _name(draft: Draft, spot: Spot) -> str:
    name = spot.get("name")
    if name is None or name.word is None:
        return ""
    wrong = rule_of_names(name.word)
    if wrong:
        draft.tell(name, "bad-name", f'"{name.word}" cannot be a name: {wrong}.', f'Write "{tidy_name(name.word)}".')
    return name.word


def _zone(draft: Draft, spot: Spot | None) -> str | None:
    if spot is None or not spot.node.is_text:
        return None
    try:
        ZoneInfo(spot.node.value)
    except (KeyError, ValueError, OSError):
        draft.unknown(spot, spot.word, "a time zone", _zones(spot.node.value))
        return None
    return spot.node.value


def _zones(found: str) -> list[str]:
    """Those of the same continent first: the whole list helps nobody."""
    every = sorted(available_timezones())
    city = found.rsplit("/", 1)[-1].replace(" ", "_").casefold()
    return [zone for zone in every if zone.rsplit("/", 1)[-1].casefold() == city] or every


def _code(draft: Draft, spot: Spot | None, known: frozenset[str], expected: str) -> str | None:
    if spot is None or not spot.node.is_text:
        return None
    if spot.node.value in known:
        return spot.node.value
    near = spot.node.value.strip().upper()
    draft.wrong(spot, expected, f'Write "{near}".' if near in known else "")
    return None


def _language(draft: Draft, spot: Spot | None) -> str | None:
    if spot is None or not spot.node.is_text:
        return None
    if LANGUAGE.fullmatch(spot.node.value):
        return spot.node.value
    draft.wrong(spot, "the code of a language, as in en, hi or ar")
    return None


def _languages(draft: Draft, own: str, spot: Spot | None) -> tuple[str, ...]:
    """Its own first."""
    named = [_language(draft, item) for item in spot.each()] if spot is not None else []
    return tuple(dict.fromkeys([own, *(language for language in named if language)]))


def _month_and_day(draft: Draft, spot: Spot | None) -> tuple[int, int] | None:
    if spot is None or spot.word is None:
        return None
    found = re.fullmatch(r"(\d\d?)-(\d\d?)", spot.word)
    if found:
        month, day = int(found[1]), int(found[2])
        if 1 <= month <= 12 and 1 <= day <= DAYS[month - 1] and (month, day) != (2, 29):
            return month, day
    draft.wrong(spot, "a month and a day that every year has", "Write 04-01 for 1 April.")
    return None


def _undo(draft: Draft, spot: Spot | None) -> int:
    if spot is None or spot.word is None:
        return Manifest("", "").undo
    found = UNDO.fullmatch(spot.word)
    seconds = int(found[1]) * (60 if found[2] == "minute" else 1) if found else None
    if seconds is not None and seconds <= LONGEST_UNDO:
        return seconds
    draft.wrong(spot, "a time to take a slip back, up to 10 minutes", "Write it as in 10 seconds; 0 seconds for none.")
    return Manifest("", "").undo


def _to_clients(draft: Draft, spot: Spot | None) -> int:
    if spot is None or spot.word is None:
        return Manifest("", "").to_clients
    found = AN_HOUR.fullmatch(spot.word)
    if found and int(found[1]) > 0:
        return int(found[1])
    draft.wrong(spot, "a number of messages within an hour", "Write it as in 200 an hour.")
    return Manifest("", "").to_clients


def _brand(draft: Draft, spot: Spot | None) -> Brand:
    if spot is None or not spot.node.is_map:
        return Brand()
    return Brand(_color(draft, spot.get("color")) or Brand().color, _logo(draft, spot.get("logo")))


def _color(draft: Draft, spot: Spot | None) -> str | None:
    if spot is None or not spot.node.is_text:
        return None
    if COLOR.fullmatch(spot.node.value):
        return spot.node.value.lower()
    draft.wrong(spot, "a colour", 'Write "#" and six digits from 0 to f, in quotes.')
    return None


def _logo(draft: Draft, spot: Spot | None) -> str | None:
    if spot is None or not spot.node.is_text:
        return None
    folders = [layer.folder.resolve() for layer in draft.merged.layers]
    for folder in reversed(folders):
        file = (folder / spot.node.value).resolve()
        if file.is_relative_to(folder) and file.is_file():
            return spot.node.value
    draft.wrong(spot, "a file of this set", "Write its path within the set's folder.")
    return None
