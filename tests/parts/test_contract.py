"""Every part's examples, walked: a new field type needs no test file, only honest examples."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from engine.blueprint.entities import Field
from engine.blueprint.values import Ref
from engine.formats import Formats, Reading
from engine.markup import Html
from engine.parts import field_type, field_types, operators
from engine.parts.fields.contract import Control, Example, Unreadable

AT = Reading(Formats(), datetime(2026, 11, 21, 10, 0, tzinfo=UTC), user=7)
TYPES = sorted(field_types())
EXAMPLES = [
    pytest.param(word, example, id=f"{word}-{number}")
    for word in TYPES
    for number, example in enumerate(field_type(word).examples)
]
KEPT = [e for e in EXAMPLES if e.values[1].refusal is None]
REFUSED = [e for e in EXAMPLES if e.values[1].refusal is not None]
SHOWN_AS_TEXT = {
    "text",
    "rich_text",
    "integer",
    "decimal",
    "percent",
    "money",
    "date",
    "time",
    "datetime",
    "duration",
    "id",
}


class Tags(HTMLParser):
    """What a browser would make of a piece of markup."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def field(word: str, example: Example) -> Field:
    return Field("example", word, "Example", options=example.options, search=field_type(word).searchable)


@pytest.mark.parametrize(("word", "example"), KEPT)
def test_what_is_given_is_read_as_the_example_says(word, example):
    value = field_type(word).read(field(word, example), example.given, AT)
    assert value == example.value
    assert type(value) is type(example.value)


@pytest.mark.parametrize(("word", "example"), REFUSED)
def test_what_cannot_be_kept_is_refused_with_the_examples_sentence(word, example):
    with pytest.raises(Unreadable) as refused:
        field_type(word).read(field(word, example), example.given, AT)
    assert str(refused.value) == example.refusal
    assert str(refused.value)[-1] in ".?"


@pytest.mark.parametrize(("word", "example"), KEPT)
def test_a_value_comes_back_from_its_columns_unchanged(word, example):
    kind, of = field_type(word), field(word, example)
    raw = kind.store(of, example.value)
    if kind.columns(of):
        assert len(raw) == len(kind.columns(of))
    kinds = {"integer": int, "text": str, "real": float}
    for column, part in zip(kind.columns(of), raw, strict=False):
        assert part is None or (
            type(part) is kinds[column.kind] and abs(len(str(part))) <= (column.longest or 10**6)
        )
    assert kind.load(of, raw) == example.value


@pytest.mark.parametrize(("word", "example"), KEPT)
def test_a_value_is_written_as_json_and_for_people(word, example):
    kind, of = field_type(word), field(word, example)
    if example.json is not None:
        assert kind.json(of, example.value) == example.json
    if example.value is None:
        assert kind.json(of, None) is None
    if example.shown is not None:
        assert kind.show(of, example.value, AT.formats) == example.shown


@pytest.mark.parametrize(("word", "example"), KEPT)
def test_json_is_read_back_as_the_same_value(word, example):
    kind, of = field_type(word), field(word, example)
    if word == "children":
        return
    assert kind.read(of, kind.json(of, example.value), AT) == example.value


@pytest.mark.parametrize(("word", "example"), KEPT)
@pytest.mark.parametrize("language", ["en", "de", "ar", "hi"])
def test_what_a_form_holds_is_read_back_as_the_same_value(word, example, language):
    at = Reading(Formats(language, "Asia/Kolkata"), AT.now)
    kind, of = field_type(word), field(word, example)
    assert kind.read(of, kind.typed(of, example.value, at.formats), at) == example.value


@pytest.mark.parametrize(("word", "example"), KEPT)
def test_cells_and_pages_escape_what_people_typed(word, example):
    kind, of = field_type(word), field(word, example)
    raw = kind.store(of, example.value)
    cell = kind.cell(of, AT.formats)(*raw) if raw else ""
    page = kind.html(of, example.value, AT.formats)
    assert isinstance(page, Html)
    for html in (cell, page):
        assert not {"script", "style"} & {name for name, _ in Tags(html).tags}
        assert not any(
            key.startswith("on") or key == "style" for _, attributes in Tags(html).tags for key in attributes
        )
    if example.value is None:
        assert cell == page == ""
    elif word in SHOWN_AS_TEXT:
        assert Tags(cell).text == kind.show(of, example.value, AT.formats)


@pytest.mark.parametrize(("word", "example"), KEPT)
def test_what_is_written_quickly_on_a_page_is_what_the_type_says(word, example):
    kind, of = field_type(word), field(word, example)
    raw, fact = kind.store(of, example.value), kind.fact(of, AT.formats)
    if fact is None or not raw:
        return
    value, beside = example.value, ()
    if kind.beside and value is not None:
        value, beside = Ref(kind.entity_of(of), example.value, "Rao & Sons"), ("Rao & Sons",)
    assert fact(*raw, *beside) == str(kind.html(of, value, AT.formats))


@pytest.mark.parametrize("word", TYPES)
@pytest.mark.parametrize("text", ["", "<script>alert(1)</script>", '" onfocus="alert(1)'])
def test_every_control_has_an_id_and_says_what_is_wrong(word, text):
    kind = field_type(word)
    of = field(word, kind.examples[0])
    at = Control("example", text, AT.formats, required=True, invalid=True, described_by="e-example")
    tags = Tags(kind.control(of, at)).tags
    if word == "children":
        return
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert "f-example" in ids
    assert len(ids) == len(set(ids))
    marked = next(attributes for _, attributes in tags if attributes.get("id") == "f-example")
    assert marked["aria-describedby"] == "e-example"
    assert word in ("computed", "rollup") or marked.get("aria-invalid") == "true"
    assert not any(name == "script" for name, _ in tags)
    assert not any(key.startswith("on") or key == "style" for _, attributes in tags for key in attributes)


@pytest.mark.parametrize("word", [w for w in TYPES if field_type(w).stored or w == "references"])
def test_an_untouched_form_gathers_what_it_showed(word):
    kind = field_type(word)
    for example in (e for e in kind.examples if e.refusal is None):
        of = field(word, example)
        text = kind.typed(of, example.value, AT.formats)
        picked = (
            tuple((part, "A title") for part in str(text).split("\n") if part) if "reference" in word else ()
        )
        at = Control("example", text, AT.formats, picked=picked)
        form = posted(kind.control(of, at)) if word not in ("user", "team") else {"example": text}
        assert kind.read(of, kind.gather(of, form, "example"), AT) == example.value, example


def posted(control: str) -> dict[str, list[str] | str]:
    """What a browser would send for a control that nobody touched."""
    form: dict[str, list[str]] = {}
    name, text_of = None, ""
    tags = Tags(control).tags
    for tag, attributes in tags:
        if tag in ("select", "textarea"):
            name = attributes["name"]
        if tag == "textarea":
            found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", control, re.DOTALL)
            text_of = found[1] if found else ""
            form[attributes["name"]] = [text_of.replace("&lt;", "<").replace("&gt;", ">")]
        if tag == "option" and "selected" in attributes:
            form.setdefault(name, []).append(attributes["value"])
        if (
            tag == "input"
            and attributes.get("type") != "file"
            and not (attributes.get("type") in ("checkbox", "radio") and "checked" not in attributes)
        ):
            form.setdefault(attributes["name"], []).append(attributes.get("value") or "")
    return {key: values if len(values) > 1 else values[0] for key, values in form.items()}


def test_the_files_are_the_words():
    assert {"text", "money", "reference_any", "yes_no"} <= set(field_types())
    assert {"is", "in", "not_in", "within", "where"} <= set(operators())
    assert len(TYPES) >= 33


@pytest.mark.parametrize("word", TYPES)
def test_every_type_documents_itself_and_its_options(word):
    import jsonschema

    kind = field_type(word)
    assert kind.word == word
    assert kind.label
    assert kind.doc.endswith(".")
    assert set(kind.needs) <= set(kind.schema)
    assert set(kind.operators) <= set(operators())
    jsonschema.Draft202012Validator.check_schema({"properties": dict(kind.schema)})
    assert any(e.refusal is None for e in kind.examples)
    assert word in ("computed", "rollup", "children") or any(e.value is not None for e in kind.examples)
    assert any(e.refusal for e in kind.examples)


@pytest.mark.parametrize("word", sorted(operators()))
def test_every_operator_documents_itself(word):
    part = operators()[word]
    assert part.word == word
    assert part.label
    assert part.doc.endswith(".")
    assert part.takes in ("value", "list", "flag", "span", "condition", "stay")
    assert any(word in kind.operators for kind in field_types().values())
