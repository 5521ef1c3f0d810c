"""HTML from values: the only file that may call a text markup. Everything else is escaped here."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, TypeAlias

from markupsafe import Markup, escape

Html: TypeAlias = Markup
Child: TypeAlias = "str | Html | None | Iterable[str | Html | None]"

_VOID = frozenset({"input", "br", "img", "hr", "link", "meta", "source"})


def tag(name: str, /, *children: Child, **attributes: object) -> Html:
    """`tag("a", "Name", href="/x", class_="link", data_hue="blue")`.

    None and False leave an attribute out, True leaves it bare."""
    opened = f"<{name}{''.join(_attribute(key, value) for key, value in attributes.items())}>"
    if name in _VOID:
        return Markup(opened)
    return Markup(f"{opened}{join(*children)}</{name}>")


def join(*children: Child) -> Html:
    return Markup("".join([c if isinstance(c, Markup) else escaped(c) for c in _flat(children)]))


def _escaped(text: str) -> str:
    return str(escape(text))


try:  # what `escape` is made of: a tenth of the time where it is called for each cell of a list
    from markupsafe._speedups import _escape_inner as escaped
except ImportError:
    escaped = _escaped


def trusted(html: str) -> Html:
    """Marks text that this program itself wrote, from escaped pieces, as HTML."""
    return Markup(html)


def rich(markdown: str) -> Html:
    """Markdown as HTML: headings, lists, tables, quotes, emphasis, links; no pictures, no HTML of the author's own."""
    return _rich(markdown) if len(markdown) <= KEPT else _made_rich(markdown)


KEPT = 4000  # characters of a text whose HTML is kept: a note is shown again and again


@lru_cache(maxsize=500)
def _rich(markdown: str) -> Html:
    return _made_rich(markdown)


def _made_rich(markdown: str) -> Html:
    nh3, parse = _rich_tools()
    return Markup(
        nh3.clean(
            parse(markdown), tags=_RICH, attributes=_RICH_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=_REL
        )
    )


_BLOCKS = ("h3", "h4", "h5", "h6", "p", "br", "hr", "ul", "ol", "li", "blockquote", "pre")
_INLINE = ("code", "em", "strong", "s", "del", "a")
_TABLE = ("table", "thead", "tbody", "tr", "th", "td")
_RICH = {*_BLOCKS, *_INLINE, *_TABLE}
_RICH_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel"}
_REL = "noopener noreferrer nofollow"


@lru_cache(maxsize=1)
def _rich_tools() -> tuple[Any, Any]:
    """Loaded on first use: together they take a tenth of a second."""
    import nh3
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 20})
    parser.enable(["table", "strikethrough"]).disable("image")
    parser.add_render_rule("heading_open", lambda self, tokens, at, *_: f"<{_lower_heading(tokens[at].tag)}>")
    parser.add_render_rule(
        "heading_close", lambda self, tokens, at, *_: f"</{_lower_heading(tokens[at].tag)}>\n"
    )
    return nh3, parser.render


def _lower_heading(name: str) -> str:
    """The page has its own h1 and h2."""
    return f"h{min(6, int(name[1]) + 2)}"


def _flat(children: Iterable[Child]) -> Iterable[str | Html]:
    for child in children:
        if child is None:
            continue
        if isinstance(child, str):
            yield child
        else:
            yield from _flat(child)


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(value)}"'


__all__ = ["Child", "Html", "escape", "escaped", "join", "rich", "tag", "trusted"]
