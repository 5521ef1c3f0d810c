"""What was probably meant."""

from __future__ import annotations

import random
import string
import time

import pytest

from engine.blueprint.source import Source
from engine.compiler.sentences import missing_key, quoted, unknown_key, unknown_name, wrong_value
from engine.compiler.suggest import nearest

STAGES = ["NOT ATTEMPTED", "FOLLOW-UP", "DEMO CONFIRMED", "PROPOSAL SENT", "CLOSE TO WON", "CLOSE TO LOOSE"]
KEYS = [
    "label", "title", "reference", "fields", "duplicates", "form", "views", "workflows", "type", "required",
    "choices", "of", "take", "field", "formula", "match", "among", "outcome", "section", "columns", "sort", "by",
    "card", "from", "to", "asks", "roles", "when", "then", "refusal", "starts_at", "ends", "is", "in",
]  # fmt: skip
HERE = Source("workflows.yaml", 22, 9)


@pytest.mark.parametrize(
    ("word", "candidates", "meant"),
    [
        ("CLOSE TO WIN", STAGES, "CLOSE TO WON"),
        ("follow up", STAGES, "FOLLOW-UP"),
        ("Not_Attempted", STAGES, "NOT ATTEMPTED"),
        ("PROPSAL SNET", STAGES, "PROPOSAL SENT"),
        ("lable", KEYS, "label"),
        ("taks", ["tasks", "task", "asks"], "task"),
        ("follow_up", ["follow_up_at", "phone"], "follow_up_at"),
        ("next_follow_up_at", ["follow_up_at", "phone"], "follow_up_at"),
        ("colour", ["column", "color"], "color"),
        ("draf", ["DRAFT", "draft"], "draft"),
        ("i", ["in", "to"], "in"),
        ("CALLER", ["caller", "manager"], "caller"),
        ("zebra", KEYS, None),
        ("qz", KEYS, None),
        ("", KEYS, None),
        ("label", [], None),
        ("क्षेत्", ["क्षेत्र", "नाम"], "क्षेत्र"),
        ("a" * 500, ["a" * 499], None),
    ],
)
def test_the_nearest_word_is_the_one_that_was_meant(
    word: str, candidates: list[str], meant: str | None
) -> None:
    assert nearest(word, candidates) == meant


def test_of_random_slips_ninety_seven_in_a_hundred_find_their_word() -> None:
    rng = random.Random(7)
    words = [word for word in KEYS + STAGES if len(word) > 2]
    slips = [(word, slipped(word, rng)) for word in words for _ in range(20)]
    found = [nearest(slip, KEYS + STAGES) == word for word, slip in slips if slip not in KEYS + STAGES]
    assert sum(found) / len(found) >= 0.97


def slipped(word: str, rng: random.Random) -> str:
    i = rng.randrange(len(word) - 1)
    letter = rng.choice(string.ascii_lowercase)
    return rng.choice(
        [
            word[:i] + word[i + 1 :],
            word[:i] + letter + word[i:],
            word[:i] + letter + word[i + 1 :],
            word[:i] + word[i + 1] + word[i] + word[i + 2 :],
        ]
    )


def test_thousands_of_names_are_searched_quickly() -> None:
    names = [f"{key}_{n}" for key in KEYS for n in range(150)]
    nearest("warm", names)
    start = time.process_time()
    nearest("refernce_77", names)
    assert time.process_time() - start < 0.2


def test_an_unknown_key_is_told_with_the_near_one_or_with_all() -> None:
    assert (
        unknown_key(HERE, "a.lable", "lable", KEYS).sentence == 'Unknown key "lable". Did you mean "label"?'
    )
    assert unknown_key(HERE, "a.x", "xy", ["a", "b"]).sentence == 'Unknown key "xy". Allowed here: a, b.'
    many = unknown_key(HERE, "a.x", "qqqqqq", [f"key{n}" for n in range(20)]).hint
    assert many.endswith("key11 and 8 more.")


def test_an_unknown_name_is_told_as_in_the_style_guide() -> None:
    problem = unknown_name(
        HERE, "workflows.lead.transitions.win.to", "CLOSE TO WIN", "a stage of lead", STAGES
    )
    assert (problem.code, problem.line, problem.column) == ("unknown-name", 22, 9)
    assert problem.sentence == '"CLOSE TO WIN" is not a stage of lead. Did you mean "CLOSE TO WON"?'


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ("yes", '"yes" is not true or false. Write true.'),
        ("Off", '"Off" is not true or false. Write false.'),
        ("TRUE", '"TRUE" is not true or false. Write true.'),
        (1, "1 is not true or false. Write true or false."),
        (None, "An empty value is not true or false. Write true or false."),
        ([], "A list is not true or false. Write true or false."),
    ],
)
def test_a_wrong_value_is_told_with_the_right_one(found: object, sentence: str) -> None:
    assert wrong_value(HERE, "a.required", found, "true or false").sentence == sentence


def test_a_missing_key_is_told() -> None:
    assert missing_key(HERE, "a", "to", "Name a stage.").sentence == '"to" is missing. Name a stage.'


def test_long_texts_are_cut_and_kept_on_one_line() -> None:
    assert quoted("word\n" * 30) == '"' + ("word " * 30)[:57] + '..."'
