"""A stored picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.blueprint.entities import Field
from engine.blueprint.values import FileRef
from engine.formats import Formats
from engine.markup import Html, escape, join, tag
from engine.parts.fields.contract import Example
from engine.parts.fields.file import Type as FileType, address
from engine.parts.plain import EMPTY


class Type(FileType):
    label = "Picture"
    doc = "One picture (JPEG, PNG, GIF or WebP), at most 25 MB unless `most_megabytes` says otherwise."
    accept = "image/jpeg,image/png,image/gif,image/webp"
    examples = (
        Example(12, 12, "#12", {"id": "12"}),
        Example("", None, "", None),
        Example("me.png", refusal='"me.png" is not a stored file. Upload it first.'),
    )

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        def write(id: int | None, key: str | None = None, name: str | None = None, *_: Any) -> str:
            if id is None:
                return ""
            if not key:
                return f"#{id}"
            picture = (
                f'<img src="/files/{escape(key)}" alt="{escape(name)}" loading="lazy" width="20" height="20">'
            )
            return f'<span class="avatar">{picture}</span>'

        return write

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        if not isinstance(value, FileRef):
            return EMPTY if value is None else join(f"#{value}")
        picture = tag("img", src=address(value), alt=value.name, loading="lazy", class_="picture")
        return tag("a", picture, href=address(value))
