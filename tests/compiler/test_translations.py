"""The set's words in other languages: what counts, what is refused, what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.blueprint import Blueprint
from engine.blueprint.translated import texts_of, translated
from engine.compiler import check_set, compile_set
from engine.compiler.translations import missing

ROOT = Path(__file__).parents[2]


def a_set(folder: Path, words: str, crm: str = "languages: [en, ar]", **files: str) -> Path:
    (folder / "translations").mkdir(parents=True)
    (folder / "crm.yaml").write_text(f"name: near\ntitle: Near\nextends: base\n{crm}\n")
    (folder / "translations/ar.yaml").write_text(words)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def in_arabic(folder: Path) -> Blueprint:
    blueprint = compile_set(folder)
    return translated(blueprint, blueprint.words["ar"], str)


def problems(folder: Path) -> list[str]:
    return [f"{Path(p.file).name}:{p.line} {p.message} {p.hint}".strip() for p in check_set(folder)[1]]


def test_labels_choices_stages_and_texts_are_told_in_the_language(tmp_path: Path) -> None:
    told = in_arabic(a_set(tmp_path, "entities: {lead: {fields: {budget: {help: ما يمكن دفعه.}}}}"))
    lead = told.entities["lead"]
    assert (lead.label, lead.plural) == ("عميل محتمل", "العملاء المحتملون")
    assert lead.fields["budget"].help == "ما يمكن دفعه."
    assert [c.label for c in lead.fields["source"].options["choices"]][:2] == ["الموقع الإلكتروني", "توصية"]
    assert [c.value for c in lead.fields["source"].options["choices"]][:2] == ["Website", "Referral"]
    assert next(c.label for c in lead.fields["status"].options["stages"]) == "جديد"
    assert told.workflows["lead_sales"].stages["New"].name == "New"
    assert [c.label for c in told.entities["user"].fields["role"].options["choices"]] == [
        role.label for role in told.roles.values()
    ]
    assert told.notifications["won_sale"].text.text == "كُسب {{ title }}."


def test_a_label_that_the_client_changed_is_not_told_by_the_old_word(tmp_path: Path) -> None:
    files = {"entities": "entities: {lead: {label: Enquirer, fields: {phone: {label: Call here}}}}"}
    near = a_set(tmp_path, "entities: {lead: {fields: {phone: {label: اتصل هنا}}}}", **files)
    lead = in_arabic(near).entities["lead"]
    assert lead.label == "Enquirer"
    assert lead.fields["phone"].label == "اتصل هنا"
    paths = [path for path, _ in missing(compile_set(near), compile_set(near).words["ar"])]
    assert ("entities", "lead", "label") in paths
    assert ("entities", "lead", "fields", "phone", "label") not in paths


def test_what_the_client_took_away_need_not_be_untold(tmp_path: Path) -> None:
    near = a_set(tmp_path, "{}", reports="reports: {leads_by_source: removed}\ndashboards: removed\n")
    assert not [line for line in problems(near) if line.startswith("ar.yaml")]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("entities: {lead: {feilds: {}}}", 'ar.yaml:1 Unknown key "feilds". Did you mean "fields"?'),
        ("entities: {leed: {label: x}}", 'ar.yaml:1 "leed" is not in the set\'s entities. Did you mean "lead"?'),
        (
            "entities: {lead: {fields: {source: {choices: {Websit: x}}}}}",
            'ar.yaml:1 "Websit" is not in the set\'s choices. Did you mean "Website"?',
        ),
        ("entities: {lead: {label: {a: b}}}", "ar.yaml:1 A map is not a text. At most 2,000 characters."),
        ("entities: [lead]", "ar.yaml:1 A list is not a map. Write keys beneath it."),
        (
            'notifications: {won_sale: {text: "{{ titel }}"}}',
            'ar.yaml:1 "titel" is not a field of opportunity. Did you mean "title"?',
        ),
    ],
)
def test_a_slip_is_told_with_what_would_be_right(tmp_path: Path, words: str, sentence: str) -> None:
    assert sentence in problems(a_set(tmp_path, words))


def test_a_language_without_words_and_words_without_a_language_are_told(tmp_path: Path) -> None:
    told = problems(a_set(tmp_path / "a", "{}", crm="languages: [en, fr]"))
    assert "crm.yaml:4 There is no translations/fr.yaml, so nothing is said in this language." in told[0]
    assert "ar is not among the languages of this set, so nobody can read this." in told[1]


def test_what_is_not_filled_in_yet_is_missing_and_no_mistake(tmp_path: Path) -> None:
    near = a_set(tmp_path, "entities:\n  lead:\n    fields:\n      budget:\n        help:\n")
    assert problems(near) == []


@pytest.mark.parametrize("name", [".", "config/rsoft"])
@pytest.mark.parametrize("language", ["ar", "hi"])
def test_the_shipped_sets_are_told_nearly_in_full(name: str, language: str) -> None:
    blueprint = compile_set(ROOT / name)
    left = missing(blueprint, blueprint.words[language])
    assert len(left) < len(list(texts_of(blueprint))) / 20, left[:10]
