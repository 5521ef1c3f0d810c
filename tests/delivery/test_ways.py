"""Every kind of channel, by its own examples; and what a mail looks like, word for word."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from jsonschema import Draft202012Validator

from engine.outbound import Client
from engine.parts import registry
from engine.parts.channels import http, webhook
from engine.parts.channels.contract import Example, Outgoing, Unsendable, Way
from engine.parts.letter import Letter, Piece, as_html, as_text
from engine.parts.mail import id_in, mail, message_key

AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
HELLO = Outgoing("k1", "+919876543210", "Greeting", "Hello", AT, kind="hello", record={"id": "7"})
REQUESTS = {"http": http.request, "webhook": webhook.request}
EXAMPLES = [
    pytest.param(word, example, id=f"{word}-{number}")
    for word, part in registry.channels().items()
    for number, example in enumerate(part.examples)
]


def way(environment: dict[str, str] | None = None) -> Way:
    return Way((environment or {}).get, Client(), title="Meera & Sons", color="#0b5cd6")


@pytest.mark.parametrize(("word", "example"), EXAMPLES)
def test_an_example_is_one(word: str, example: Example) -> None:
    part = registry.channel(word)
    schema = {"type": "object", "properties": dict(part.schema), "required": list(part.needs), "additionalProperties": False}
    assert list(Draft202012Validator(schema).iter_errors(example.settings)) == []
    ready = Way(example.environment.get, Client(), smtp_url="smtp://here")
    assert part.missing(example.settings, ready) == ()
    if example.environment:
        assert set(part.missing(example.settings, way())) == set(example.environment)


@pytest.mark.parametrize(("word", "example"), [e for e in EXAMPLES if e.values[1].makes is not None])
def test_an_example_makes_its_request(word: str, example: Example) -> None:
    made = REQUESTS[word](example.settings, HELLO, way(dict(example.environment)))
    assert example.makes == {
        "method": made.method, "url": made.url, "headers": dict(made.headers),
        "body": made.body.decode() if made.body else None,
    }  # fmt: skip


def test_every_channel_has_a_sentence_and_an_example() -> None:
    for part in registry.channels().values():
        assert part.label and part.doc.endswith(".") and part.examples


def test_what_a_text_holds_breaks_no_json_and_no_header() -> None:
    settings = {"url_from": "URL", "headers": {"X-Text": "{{ text }}"}, "json": {"text": "{{ text }}"}}
    nasty = Outgoing("k", "1", "", 'a "quote"\nand {{ to }}', AT)
    with pytest.raises(Unsendable, match="more than one line"):
        http.request(settings, nasty, way())
    made = http.request({**settings, "headers": {}}, nasty, way())
    assert made.body == rb'{"text":"a \"quote\"\nand {{ to }}"}'


PIECE = Piece("<b>Hi</b>", "One\nTwo\n\nThree", "https://crm.example/lead/1", "Kiran")
LETTER = Letter("Meera & Sons", "#0b5cd6", "ar", (PIECE,))


def test_a_letter_in_words() -> None:
    assert as_text(LETTER) == "One\nTwo\n\nThree\nKiran: https://crm.example/lead/1\n"


def test_a_letter_is_escaped_and_runs_in_its_direction() -> None:
    html = as_html(LETTER)
    assert "&lt;b&gt;Hi&lt;/b&gt;" in html and "<b>Hi" not in html
    assert '<html lang="ar" dir="rtl">' in html
    assert "One<br>Two</p>" in html
    assert "Meera &amp; Sons" in html
    assert "prefers-color-scheme:dark" in html


def test_an_address_that_is_no_address_is_not_mailed() -> None:
    for bad in ("nobody", "a@b\r\nBcc: c@d", "a b@c.example", "", "@x"):
        with pytest.raises(Unsendable):
            mail(Outgoing("k", bad, "S", "T", AT), {"from": "crm@firm.example"}, way())


def test_a_button_leads_to_a_web_address_only() -> None:
    html = as_html(Letter("T", "red; x", "en", (Piece("", "t", "javascript:alert(1)", "x"),)))
    assert "javascript" not in html and "red; x" not in html


def test_a_message_id_is_known_again() -> None:
    key = message_key("welcome 17 client email", 382462643438379056)
    assert id_in(f"<{key}@firm.example>") == (382462643438379056, key)
    assert id_in("<x@y>") is None and id_in("") is None
