"""Whatever is written and however: a number is found, a merge loses nothing, and what is taken back is as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given, settings, strategies as st

from engine.formats import Formats, Reading
from engine.parts import field_type
from engine.rules.duplicates import Watch
from engine.rules.sounds import sound
from tests.duplicates.desk import desk
from tests.duplicates.test_merging import content, merge, undo
from tests.office import Office, TestClock

DIGITS = st.tuples(st.sampled_from("6789"), st.text("0123456789", min_size=9, max_size=9)).map("".join)
BETWEEN = st.lists(st.sampled_from(["", "", "", " ", "-", "."]), min_size=9, max_size=9)
BEFORE = st.sampled_from(["", "0", "+91", "+91 ", "91", "(+91) ", "tel ", " "])


@given(DIGITS, BETWEEN, BEFORE)
def test_every_way_to_write_a_number_leads_to_the_same_key(digits: str, between: list[str], before: str) -> None:
    written = "".join(d + s for d, s in zip(digits, [*between, ""], strict=True))
    before = before.replace("tel ", "")
    assert keys(f"{before}{written}") == keys(f"+91{digits}")


def keys(number: str, watch: list[Watch] = []) -> list[str]:  # noqa: B006 - made once
    if not watch:
        import tempfile

        watch.append(Watch(desk(Path(tempfile.mkdtemp()))))
    field = watch[0].blueprint.entities["lead"].fields["phone"]
    at = Reading(Formats("en", "Asia/Kolkata", "INR", "IN"), TestClock()())
    return watch[0].keys("lead", {"phone": field_type("phone").read(field, number, at)})


@given(st.lists(st.sampled_from(["Asha", "Rao", "Kumar", "Nair", "Lakshmi"]), min_size=1, max_size=4), st.randoms())
def test_the_order_of_a_names_words_does_not_matter(words: list[str], chance: Any) -> None:
    mixed = list(words)
    chance.shuffle(mixed)
    assert sound(" ".join(words)) == sound("  ".join(mixed).upper())


@given(st.text())
def test_any_text_has_a_sound_or_none(text: str) -> None:
    assert isinstance(sound(text), str)


WORD = st.sampled_from(["", "Kavya", "Kavya R", "K."])
LEAD = st.fixed_dictionaries({
    "first_name": WORD, "city": WORD, "tags": st.lists(st.sampled_from("abc"), unique=True),
    "budget": st.sampled_from(["", "10", "2000"]), "email": st.sampled_from(["", "k@example.com"]),
})  # fmt: skip
CHOOSE = st.dictionaries(st.sampled_from(["first_name", "city", "budget", "owner"]), st.sampled_from(["this", "other"]))
CHILDREN = st.lists(st.tuples(st.sampled_from(["call", "deal", "both"]), st.booleans()), max_size=4)


@settings(max_examples=25)
@given(LEAD, LEAD, CHOOSE, CHILDREN)
def test_a_merge_loses_no_child_and_taking_it_back_leaves_all_as_it_was(
    office: Office, one: dict[str, Any], two: dict[str, Any], choose: dict[str, str], children: list[tuple[str, bool]]
) -> None:
    this = office.create(office.meera, "lead", phone="98765 43210", **one).id
    other = office.create(office.meera, "lead", phone="98765 43210", **two).id
    made = [_child(office, kind, other if of_other else this, this, other) for kind, of_other in children]
    before = content(office)
    merge(office, office.meera, this, other, **choose)
    for entity, id, name in made:
        value = office.values(entity, id)[name]
        ids = {ref.id for ref in (value if isinstance(value, tuple) else (value,))}
        assert ids == {this}
    lists = undo(office, office.meera, this).lists
    assert lists is not None and (lists["kept"], lists["failed"]) == ([], [])
    assert content(office) == before


def _child(office: Office, kind: str, of: int, this: int, other: int) -> tuple[str, int, str]:
    if kind == "call":
        return "call", office.create(office.meera, "call", subject="Hello", about=f"lead/{of}").id, "about"
    if kind == "deal":
        return "deal", office.create(office.meera, "deal", name="Chairs", lead=str(of)).id, "lead"
    made = office.create(office.meera, "deal", name="Tables", others=[str(other), str(this)])
    return "deal", made.id, "others"
