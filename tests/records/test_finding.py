"""One search over everything: what was typed, what may have been meant, where it matches; and never what is another's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, strategies as some

from engine.actor import Actor
from engine.records.finding import Group, Marked, find, marked_digits, marked_in
from engine.records.spelling import Vocabulary, slips
from tests.desk import Desk, open_desk
from tests.real.databases import Databases

PEOPLE = (
    ("Priya", "Banerjee", "98765 43210"), ("Lakshmi", "Chatterjee", "98765 00000"), ("Zoë", "Deshpande", "98111 22233"),
)  # fmt: skip


@pytest.fixture(scope="module")
def desk(kept_databases: Databases) -> Iterator[Desk]:
    opened = open_desk(kept_databases.empty())
    for first, last, phone in PEOPLE:
        opened.create(
            opened.asha, "lead", first_name=first, last_name=last, phone=phone, source="Google",
            email=f"{first.lower().replace('ë', 'e')}@works.example",
        )  # fmt: skip
    opened.create(opened.ravi, "lead", first_name="Priyanka", last_name="Rao", phone="98222 33344", source="Google")
    yield opened
    opened.close()


def found(desk: Desk, actor: Actor, text: str, each: int = 5) -> list[Group]:
    with desk.runtime.database.reading() as lent:
        return find(desk.crm.reads, lent, actor, text, each)


def names(desk: Desk, actor: Actor, text: str) -> list[str]:
    return [hit.name for group in found(desk, actor, text) if group.entity == "lead" for hit in group.hits]


def told(marked: Marked) -> str:
    return "".join(f"[{text}]" if is_match else text for text, is_match in marked)


@pytest.mark.parametrize("typed", ["98765 43210", "+91 9876543210", "09876543210", "43210", "(98765) 43-210", "9876543210"])
def test_a_phone_is_found_however_it_is_typed(desk: Desk, typed: str) -> None:
    assert names(desk, desk.asha, typed) == ["Priya Banerjee"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("pryia", "Priya Banerjee"), ("pria", "Priya Banerjee"), ("priyaa", "Priya Banerjee"),
        ("lakhsmi", "Lakshmi Chatterjee"), ("chaterjee", "Lakshmi Chatterjee"), ("chattrejje", "Lakshmi Chatterjee"),
        ("deshpnade", "Zoë Deshpande"),
        ("lakshmo chaterjee", "Lakshmi Chatterjee"), ("deshpa", "Zoë Deshpande"),
    ],
)  # fmt: skip
def test_a_name_with_a_slip_in_it_leads_to_who_was_meant(desk: Desk, typed: str, meant: str) -> None:
    assert meant in names(desk, desk.asha, typed)


@pytest.mark.parametrize("typed", ["zoe", "ZOË", "zoe@works", "works.example"])
def test_accents_capitals_and_parts_of_a_mail_address_do_not_matter(desk: Desk, typed: str) -> None:
    assert "Zoë Deshpande" in names(desk, desk.asha, typed)


def test_a_lead_is_found_by_its_number(desk: Desk) -> None:
    number = desk.rows("select reference from lead where first_name = 'Priya'")[0][0]
    assert names(desk, desk.asha, number) == ["Priya Banerjee"]
    assert names(desk, desk.asha, number[-5:]) == ["Priya Banerjee"]


def test_the_match_is_shown_in_the_name_or_where_else_it_is(desk: Desk) -> None:
    (by_name,) = [h for g in found(desk, desk.asha, "zoe desh") for h in g.hits]
    assert (told(by_name.title), by_name.where) == ("[Zoë] [Desh]pande", None)
    (by_phone,) = [h for g in found(desk, desk.asha, "9811122") for h in g.hits]
    assert by_phone.where is not None
    assert (by_phone.where[0], told(by_phone.where[1])) == ("Mobile", "[98111 22]233")


def test_ravi_finds_his_own_by_any_spelling_and_nothing_of_ashas(desk: Desk) -> None:
    assert names(desk, desk.ravi, "priya") == ["Priyanka Rao"]
    assert names(desk, desk.ravi, "pryia") == ["Priyanka Rao"]
    assert names(desk, desk.ravi, "lakshmi") == names(desk, desk.ravi, "lakhsmi") == []
    assert set(names(desk, desk.meera, "priya")) == {"Priyanka Rao", "Priya Banerjee"}


def test_what_is_more_than_shown_is_counted_within_ones_own(desk: Desk) -> None:
    (group,) = [g for g in found(desk, desk.meera, "priya", each=1) if g.entity == "lead"]
    assert (len(group.hits), group.count) == (1, 2)
    (hers,) = [g for g in found(desk, desk.asha, "priya", each=1) if g.entity == "lead"]
    assert hers.count == 1


def test_what_nobody_is_called_is_not_found(desk: Desk) -> None:
    for typed in ("xqzzv", "%", "''", '" OR 1', "\0", " ", "a" * 5000, "ｐｒｉｙａ" * 3):
        assert names(desk, desk.asha, typed) == []


# ---- spelling


def vocabulary(*words: str) -> Vocabulary:
    made = Vocabulary()
    made.learn("lead", words)
    return made


@given(some.text("abcdeprsty", min_size=5, max_size=9), some.integers(0, 8), some.sampled_from("abcdeprsty"))
def test_one_slip_is_always_forgiven(word: str, at: int, letter: str) -> None:
    known, at = vocabulary(word), at % len(word)
    swapped = word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :] if at + 1 < len(word) else word
    for typed in (word[:at] + letter + word[at + 1 :], word[:at] + word[at + 1 :], word[:at] + letter + word[at:], swapped):
        if typed != word and len(typed) >= 4:
            assert word in [near for near, _ in known.near(typed)]


@given(some.text("abc", max_size=7), some.text("abc", max_size=7))
def test_slips_are_the_same_both_ways_and_none_between_equals(one: str, other: str) -> None:
    assert slips(one, other, 9) == slips(other, one, 9)
    assert (slips(one, other, 9) == 0) is (one == other)


def test_short_words_and_numbers_are_not_guessed_at() -> None:
    known = vocabulary("priya", "ravi")
    assert known.near("rav") == known.near("98765") == known.near("") == ()


# ---- marks


@given(some.text(max_size=30), some.lists(some.text(max_size=5), max_size=3))
def test_marks_change_no_letter(text: str, words: list[str]) -> None:
    assert "".join(piece for piece, _ in marked_in(text, words)) == text
    assert "".join(piece for piece, _ in marked_digits(text, words)) == text


def test_markup_in_a_name_stays_text() -> None:
    assert told(marked_in("<b>Anil</b>", ["anil"])) == "<b>[Anil]</b>"
    assert told(marked_in("ﬁrm & Söhne", ["fir", "soh"])) == "[ﬁr]m & [Söh]ne"
