"""The words of the program: gathered completely, told in each language with all that changes in them."""

from __future__ import annotations

import pickle
import re
from typing import Any

import pytest
from babel.messages.pofile import read_po

from engine.words import Said, said, said_n, sentences, speech
from engine.words.__main__ import TEMPLATE, gathered, languages, written
from engine.words.catalogues import for_scripts
from engine.words.wanted import wanted

HOLES = re.compile(r"%\(\w+\)s|(?<!\{)\{\w+\}(?!\})")
FORMS = {"ar": 6, "hi": 2}


def words_of(language: str) -> Any:
    file = next(file for file in languages() if file.stem == language)
    with file.open("rb") as opened:
        return read_po(opened, locale=language)


def test_every_sentence_that_the_program_says_is_in_the_catalogues() -> None:
    assert written(gathered()) == TEMPLATE.read_bytes(), "Run `make words`, and commit engine/words."


@pytest.mark.parametrize("language", FORMS)
def test_a_translation_has_the_holes_of_its_sentence_and_all_forms_of_its_numbers(language: str) -> None:
    wrong = []
    for message in words_of(language):
        if not message.id or not message.string:
            continue
        if isinstance(message.id, tuple):
            told = tuple(message.string)
            holes = {hole for one in message.id for hole in HOLES.findall(one)}
            if any(told) and (len(told) != FORMS[language] or {h for t in told for h in HOLES.findall(t)} != holes):
                wrong.append(message.id)
        elif set(HOLES.findall(message.id)) != set(HOLES.findall(message.string)):
            wrong.append(message.id)
    assert not wrong, wrong


@pytest.mark.parametrize("language", FORMS)
def test_nearly_nothing_is_left_in_english(language: str) -> None:
    told = [bool(all(m.string) if isinstance(m.string, tuple) else m.string) for m in words_of(language) if m.id]
    assert sum(told) / len(told) > 0.9


def test_omar_is_told_in_arabic_what_a_door_said_in_english() -> None:
    refusal = said("{label} is empty.", label="الجوال")
    assert refusal == "الجوال is empty."
    assert speech("ar").tell(refusal) == "الحقل \u2068الجوال\u2069 فارغ."
    assert speech("ar-EG").tell(refusal) == "الحقل \u2068الجوال\u2069 فارغ."
    assert speech("xx").tell(refusal) == refusal
    assert speech("en").tell(refusal) == refusal


def test_arabic_counts_in_six_ways() -> None:
    told = [speech("ar").tell(said_n("{n} day", "{n} days", n)) for n in (0, 1, 2, 5, 11, 100)]
    assert told == ["أقل من يوم", "يوم واحد", "يومان", "5 أيام", "11 يوماً", "100 يوم"]


def test_a_sentence_within_a_sentence_is_told_too_and_what_people_typed_is_not() -> None:
    told = speech("ar").tell(said("{who} may do this.", who=said("{some} or {last}", some="Asha", last="{label} is empty.")))
    assert told == "يمكن لـ\u2068Asha\u2069 أو \u2068{label} is empty.\u2069 القيام بذلك."


def test_several_reasons_are_told_as_one() -> None:
    reasons = sentences([said("{label} is empty.", label="A"), "Call first."])
    assert reasons == "A is empty; Call first."
    assert speech("ar").tell(reasons) == "الحقل \u2068A\u2069 فارغ; Call first."


def test_a_sentence_survives_being_put_away() -> None:
    kept = pickle.loads(pickle.dumps(said("{label} is empty.", label="A")))
    assert isinstance(kept, Said)
    assert speech("ar").tell(kept) == "الحقل \u2068A\u2069 فارغ."


def test_scripts_bring_the_same_words_along() -> None:
    words = for_scripts("ar")
    assert words["Close"] == "إغلاق"
    assert len(words["{n} ticked"]) == 6


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ar", "ar"),
        ("ar-EG,ar;q=0.9,en;q=0.1", "ar"),
        ("fr,de;q=0.9", "en-IN"),
        ("en;q=0.2,hi;q=0.8", "hi"),
        ("ar;q=0", "en-IN"),
        ("ar;q=many", "en-IN"),
        ("", "en-IN"),
        (",;q=;;," * 500, "en-IN"),
    ],
)
def test_a_stranger_reads_what_their_browser_wants_of_what_is_offered(header: str, language: str) -> None:
    assert wanted(header, ("en-IN", "hi", "ar")) == language


def test_amounts_and_codes_keep_their_order_in_a_sentence_from_right_to_left() -> None:
    pattern = "Tell {name} that it costs {amount}."
    assert speech("ar").say(pattern, name="سلمى", amount="US$ 3,480.00") == (
        "Tell \u2068سلمى\u2069 that it costs \u2068US$ 3,480.00\u2069."
    )
    assert speech("ar").say(pattern, name="A", amount="\u2068B\u2069") == "Tell \u2068A\u2069 that it costs \u2068B\u2069."
    assert speech("en").say(pattern, name="A", amount="B") == "Tell A that it costs B."
