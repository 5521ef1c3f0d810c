"""An address, and where it lies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from engine.blueprint.entities import Field
from engine.blueprint.values import Place
from engine.folding import fold
from engine.formats import Formats, Reading
from engine.markup import Html, escaped, join, tag
from engine.parts.controls import labelled, part_of, text_input
from engine.parts.fields.contract import Column, Control, Example, Unreadable
from engine.parts.numerals import number_in, scaled, unscaled
from engine.parts.plain import EMPTY, Plain, folded_needle
from engine.parts.refusals import is_blank, line_of, said, within_length
from engine.words import said as sentence

D = Decimal
_PLACES = 7  # a hair over a centimetre


class Type(Plain):
    label = "Place"
    doc = "An address and, where it is known, its latitude and longitude in degrees."
    operators = ("contains", "empty")
    searchable = True
    sortable = False
    grouped = True
    examples = (
        Example(
            "12 MG Road, Pune",
            Place("12 MG Road, Pune"),
            "12 MG Road, Pune",
            {"address": "12 MG Road, Pune", "latitude": None, "longitude": None},
        ),
        Example(
            {"address": "Pune", "latitude": "18.5204303", "longitude": 73.8567437},
            Place("Pune", D("18.5204303"), D("73.8567437")),
            "Pune",
            {"address": "Pune", "latitude": "18.5204303", "longitude": "73.8567437"},
        ),
        Example(
            {"latitude": "-1.5", "longitude": "2"},
            Place("", D("-1.5000000"), D("2.0000000")),
            "-1.5, 2",
            {"address": "", "latitude": "-1.5000000", "longitude": "2.0000000"},
        ),
        Example({"address": " ", "latitude": "", "longitude": ""}, None, "", None),
        Example("<script>", Place("<script>"), "<script>"),
        Example("", None, "", None),
        Example(
            {"address": "Pune", "latitude": "91", "longitude": "0"},
            refusal='"91" is no latitude. Give degrees from -90 to 90.',
        ),
        Example(
            {"address": "Pune", "latitude": "18.5"},
            refusal="A place has both a latitude and a longitude, or neither. Give both.",
        ),
        Example(7.5, refusal='"7.5" is not a place. Give an address.'),
    )

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(), Column("lat", "integer"), Column("lon", "integer"))

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        if is_blank(given):
            return None
        if isinstance(given, Place):
            given = {"address": given.address, "latitude": given.latitude, "longitude": given.longitude}
        if not isinstance(given, (str, Mapping)):
            raise Unreadable(sentence("{given} is not a place. Give an address.", given=said(given)))
        parts = {"address": given} if isinstance(given, str) else given
        address = within_length(line_of(parts.get("address")), 500)
        latitude = _degrees(parts.get("latitude"), "latitude", 90, at)
        longitude = _degrees(parts.get("longitude"), "longitude", 180, at)
        if (latitude is None) != (longitude is None):
            raise Unreadable(sentence("A place has both a latitude and a longitude, or neither. Give both."))
        return Place(address, latitude, longitude) if address or latitude is not None else None

    def gather(self, field: Field, form: Mapping[str, Any], name: str) -> Any:
        return {
            "address": form.get(name),
            "latitude": form.get(f"{name}__latitude"),
            "longitude": form.get(f"{name}__longitude"),
        }

    def store(self, field: Field, value: Any) -> tuple[Any, ...]:
        if value is None:
            return (None, None, None)
        return (
            value.address,
            *(None if d is None else scaled(d, _PLACES) for d in (value.latitude, value.longitude)),
        )

    def load(self, field: Field, raw: tuple[Any, ...]) -> Any:
        if raw[0] is None:
            return None
        return Place(raw[0], *(None if d is None else unscaled(d, _PLACES) for d in raw[1:3]))

    def json(self, field: Field, value: Any) -> Any:
        if value is None:
            return None
        return {
            "address": value.address,
            "latitude": _plain(value.latitude),
            "longitude": _plain(value.longitude),
        }

    def typed(self, field: Field, value: Any, formats: Formats) -> Any:
        """A map, for there are three inputs."""
        if value is None:
            return ""
        return {
            "address": value.address,
            "latitude": _plain(value.latitude) or "",
            "longitude": _plain(value.longitude) or "",
        }

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        return (
            "" if value is None else value.address or f"{_short(value.latitude)}, {_short(value.longitude)}"
        )

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        return lambda *raw: (
            "" if raw[0] is None else escaped(raw[0] or self.show(field, self.load(field, raw), formats))
        )

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        if value is None:
            return EMPTY
        if value.latitude is None:
            return tag("bdi", value.address)
        where = f"geo:{_plain(value.latitude)},{_plain(value.longitude)}"
        return join(
            tag("bdi", value.address),
            " ",
            tag("a", f"{_short(value.latitude)}, {_short(value.longitude)}", href=where, dir="ltr"),
        )

    def control(self, field: Field, at: Control) -> Html:
        address = part_of(at.text, "address") if isinstance(at.text, Mapping) else part_of(at.text, "")
        degrees = (_degree_input(at, suffix) for suffix in ("latitude", "longitude"))
        return tag(
            "div",
            text_input(at, value=address, autocomplete="off"),
            tag("div", *degrees, class_="row"),
            class_="stack",
        )

    def find(self, field: Field, value: Any) -> str | None:
        return fold(value.address) or None if value else None

    def needle(self, field: Field, typed: str, formats: Formats) -> str | None:
        return folded_needle(typed)


def _degree_input(at: Control, suffix: str) -> Html:
    return labelled(
        at,
        suffix,
        suffix.title(),
        text_input(at, suffix=suffix, class_="input is-number", inputmode="decimal"),
    )


def _degrees(given: Any, noun: str, most: int, at: Reading) -> Decimal | None:
    number = number_in(given, at.formats, "18.5204")
    if number is None:
        return None
    if abs(number) > most:
        raise Unreadable(sentence(
            "{given} is no {noun}. Give degrees from -{most} to {most2}.",
            given=said(str(given)), noun=noun, most=most, most2=most
        ))
    return round(number, _PLACES) + 0


def _plain(degrees: Decimal | None) -> str | None:
    return None if degrees is None else f"{degrees:f}"


def _short(degrees: Decimal) -> str:
    return f"{degrees:f}".rstrip("0").rstrip(".")
