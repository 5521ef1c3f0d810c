"""Templates and the small pieces of markup that all screens share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from engine.blueprint.entities import Field
from engine.formats import Formats
from engine.markup import Html, join, tag, trusted
from engine.parts import field_type
from engine.parts.charts.contract import World
from engine.rules.words import article
from engine.web.static import Assets, words_address
from engine.words import ENGLISH, Said, Sentences, Speech, direction, said, said_n

NIL = trusted('<span class="nil">–</span>')
HUES = ("teal", "indigo", "amber", "pink", "blue", "green", "violet", "orange")
ASSETS = Assets()


def render(template: str, words: Speech = ENGLISH, /, **values: Any) -> Html:
    """`words`: how the reader's language is spoken. A page's maker has it at hand as `seen.render`."""
    return trusted(_templates(words).get_template(template).render(**values))


def icon(name: str, more: str = "") -> Html:
    return _icon(name, more, ASSETS.address("icons.svg"))


@lru_cache(maxsize=1000)
def _icon(name: str, more: str, sprite: str) -> Html:
    """A set may ask for an icon that is not drawn here; it gets a sheet of paper."""
    drawn = tag("use", href=f"{sprite}#{name if name in _icons(sprite) else 'file'}")
    return tag("svg", drawn, class_=f"icon {more}".strip(), aria_hidden="true")


@lru_cache(maxsize=4)
def _icons(sprite: str) -> frozenset[str]:
    built = ASSETS.folder / sprite.rpartition("/")[2]
    return (
        frozenset(re.findall(r'<symbol id="([^"]+)"', built.read_text())) if built.is_file() else frozenset()
    )


def world() -> World | None:
    """The outline for maps; None where the assets were not built."""
    return _world(ASSETS.address("world.svg"))


@lru_cache(maxsize=4)
def _world(picture: str) -> World | None:
    built = ASSETS.folder / picture.rpartition("/")[2]
    text = built.read_text() if built.is_file() else ""
    box = re.search(r'viewBox="([^"]+)"', text)
    return World(picture, frozenset(re.findall(r' id="([A-Z]{2})"', text)), box[1]) if box else None


def address(path: str, pairs: Iterable[tuple[str, str]] | Mapping[str, str] = ()) -> str:
    """A place inside the site; `pairs` are its query."""
    query = urlencode(pairs if isinstance(pairs, Mapping) else list(pairs), quote_via=quote)
    return f"{path}?{query}" if query else path


def shown(field: Field, value: Any, formats: Formats) -> Html:
    """A value on a record's page; what is empty is a dash."""
    if value is None or value == ():
        return NIL
    return field_type(field.type).html(field, value, formats) or NIL


def counted(count: int, most: int) -> str:
    """`1,284`, or `10,000+` where counting stopped."""
    return f"{most - 1:,}+" if count >= most else f"{count:,}"


def hidden(pairs: Iterable[tuple[str, str]]) -> Html:
    return join(tag("input", type="hidden", name=name, value=value) for name, value in pairs)


def span(seconds: float) -> Said:
    """How long, in the largest unit that says enough: `3 days`, `4 hours`, `a moment`."""
    if seconds < 60:
        return said("a moment")
    if seconds < 3600:
        return said_n("{n} minute", "{n} minutes", int(seconds // 60))
    if seconds < 86_400:
        return said_n("{n} hour", "{n} hours", int(seconds // 3600))
    if seconds < 2_592_000:
        return said_n("{n} day", "{n} days", int(seconds // 86_400))
    if seconds < 31_536_000:
        return said_n("{n} month", "{n} months", int(seconds // 2_592_000))
    return said_n("{n} year", "{n} years", int(seconds // 31_536_000))


# ---- templates, once for each language


@lru_cache(maxsize=40)
def _templates(words: Speech) -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        bytecode_cache=_COMPILED,
        finalize=lambda value: words.tell(value) if isinstance(value, (Said, Sentences)) else value,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.newstyle_gettext = True  # type: ignore[attr-defined]
    made.globals.update(_spoken(words))
    made.globals.update(
        icon=icon, asset=ASSETS.address, nil=NIL, address=address, span=span, article=article, say=words.say,
        say_n=words.say_n, words_address=words_address,
    )
    return made


def _spoken(words: Speech) -> dict[str, Any]:
    """`_` and `ngettext` of templates: what they are given may be a sentence of its own, which is told too."""

    def gettext(text: str, /, **values: Any) -> Html:
        return filled(words.catalogue.gettext(text), values)

    def ngettext(one: str, many: str, number: int, /, **values: Any) -> Html:
        return filled(words.catalogue.ngettext(one, many, number), {"num": number, **values})

    def filled(text: str, values: Mapping[str, Any]) -> Html:
        told = {name: words.tell(one) if isinstance(one, (Said, Sentences)) else one for name, one in values.items()}
        return trusted(text) % told

    return {"gettext": gettext, "ngettext": ngettext}


class _Compiled(BytecodeCache):
    """A template's code is the same in all languages: it is compiled once."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.code


_COMPILED = _Compiled()

__all__ = [
    "ASSETS", "HUES", "NIL", "address", "article", "counted", "direction", "hidden", "icon", "render", "shown", "span",
    "world",
]  # fmt: skip
