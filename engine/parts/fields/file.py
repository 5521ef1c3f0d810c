"""A stored file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from engine.blueprint.entities import Field
from engine.blueprint.values import FileRef
from engine.formats import Formats, Reading
from engine.markup import Html, escape, join, tag
from engine.parts.controls import as_text, marks
from engine.parts.fields.contract import Column, Control, Example, Unreadable
from engine.parts.plain import EMPTY, Plain
from engine.parts.refusals import is_blank, said
from engine.words import said as sentence, speech

USUAL_MEGABYTES = 25
_SIZES = ("bytes", "kB", "MB", "GB")


class Type(Plain):
    """Read and kept as the id of its row in crm_file; the reader makes it a FileRef."""

    label = "File"
    doc = "One file, at most 25 MB unless `most_megabytes` says otherwise. Only who may read the record may open it."
    schema = {"most_megabytes": {"type": "integer", "minimum": 1, "maximum": 1000}}
    operators = ("empty",)
    sortable = False
    beside = ("key", "name")
    accept: ClassVar[str | None] = None
    examples: ClassVar[tuple[Example, ...]] = (
        Example(12, 12, "#12", {"id": "12"}),
        Example("12", 12, "#12", {"id": "12"}),
        Example("", None, "", None),
        Example("a.pdf", refusal='"a.pdf" is not a stored file. Upload it first.'),
    )

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(kind="integer", references="crm_file"),)

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        if is_blank(given):
            return None
        given = given.get("id") if isinstance(given, Mapping) else given
        text = str(given) if isinstance(given, (int, str)) and not isinstance(given, bool) else ""
        if not (text.isascii() and text.isdigit() and 0 < int(text[:20]) < 2**63):
            raise Unreadable(sentence("{given} is not a stored file. Upload it first.", given=said(given)))
        return int(text)

    def gather(self, field: Field, form: Mapping[str, Any], name: str) -> Any:
        """The id in the hidden input; the screen has put the id of what was uploaded as `name__upload` there."""
        return None if form.get(f"{name}__remove") else form.get(name)

    def json(self, field: Field, value: Any) -> Any:
        if not isinstance(value, FileRef):
            return None if value is None else {"id": str(value)}
        return {"id": str(value.id), "name": value.name, "size": value.size, "type": value.media_type, "url": address(value)}

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        return "" if value is None else value.name if isinstance(value, FileRef) else f"#{value}"

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        def write(id: int | None, key: str | None = None, name: str | None = None, *_: Any) -> str:
            if id is None:
                return ""
            return f'<a href="/files/{escape(key)}">{escape(name)}</a>' if key else f"#{id}"

        return write

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        if not isinstance(value, FileRef):
            return EMPTY if value is None else join(f"#{value}")
        return join(
            tag("a", tag("bdi", value.name), href=address(value)),
            " ",
            tag("span", size_of(value.size), class_="faint"),
        )

    def control(self, field: Field, at: Control) -> Html:
        """`picked` holds (id, file name) of the present file; what is uploaded is posted as `name__upload`."""
        upload = {**marks(at), "name": f"{at.name}__upload", "required": at.required and not at.picked}
        drop = tag(
            "div",
            tag("span", speech(at.formats.language).say("Choose a file, or drop it here")),
            tag("input", type="file", accept=self.accept, data_most=most_of(field), **upload),
            class_="drop",
        )
        held = tag(
            "input", type="hidden", name=at.name, value=at.picked[0][0] if at.picked else as_text(at.text)
        )
        return join(drop, held, _present(at))

    def typed(self, field: Field, value: Any, formats: Formats) -> str:
        return "" if value is None else str(value.id if isinstance(value, FileRef) else value)


def most_of(field: Field) -> int:
    """The most megabytes that are kept."""
    return int(field.options.get("most_megabytes", USUAL_MEGABYTES))


def _present(at: Control) -> Html | None:
    if not at.picked:
        return None
    box = tag(
        "input",
        type="checkbox",
        class_="check",
        name=f"{at.name}__remove",
        value="yes",
        id=f"f-{at.name}--remove",
    )
    remove = None if at.required else tag("label", box, " Remove", class_="option")
    return tag("ul", tag("li", tag("bdi", at.picked[0][1]), remove), class_="files")


def address(file: FileRef) -> str:
    return f"/files/{file.key}"


def size_of(size: int) -> str:
    amount, unit = float(size), 0
    while amount >= 1000 and unit < len(_SIZES) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.0f} {_SIZES[unit]}" if unit == 0 or amount >= 10 else f"{amount:.1f} {_SIZES[unit]}"
