# ruff: noqa: E501 (a sentence that people read stays on one line)
"""entities.yaml: what an officer writes about fields, titles, forms and lists, and what comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.blueprint.conditions import Word
from engine.blueprint.entities import SYSTEM_FIELDS, Choice
from tests.compiler.sets import ENTITIES, changed, compiled, told


def lead_with(line: str) -> str:
    return changed(ENTITIES, "      phone: {type: phone}\n", f"      {line}\n      phone: {{type: phone}}\n")


def problem(root: Path, line: str) -> str:
    found = told(root, entities=lead_with(line))
    assert len(found) == 1, found
    place, sentence = found[0].split(" ", 1)
    assert place.startswith("entities.yaml:10:")
    return f"{place.rsplit(':', 1)[1]} {sentence}"


def test_the_smallest_entity_has_a_title_a_form_and_a_list(tmp_path: Path) -> None:
    entities = "entities:\n  visit:\n    fields:\n      reason_for_visit: {type: text}\n      came_on: {type: date}\n"
    made = compiled(tmp_path, entities=entities, workflows="", roles="").entities["visit"]
    assert (made.label, made.plural, made.title.text) == ("Visit", "Visits", "{{ reason_for_visit }}")
    assert made.fields["reason_for_visit"].label == "Reason for visit"
    assert [section.fields for section in made.form] == [("reason_for_visit", "came_on", "owner")]
    assert made.list.columns == ("reason_for_visit", "came_on", "owner")
    assert made.list.sort == (("created_at", True),)
    assert made.list.filters == ("owner",)
    assert tuple(made.fields)[-len(SYSTEM_FIELDS) :] == SYSTEM_FIELDS


def test_the_owner_is_whoever_makes_the_record_unless_somebody_else_is_named(tmp_path: Path) -> None:
    owner = compiled(tmp_path).entities["lead"].fields["owner"]
    assert (owner.type, owner.required, owner.default) == ("user", False, Word("me"))
    relabelled = compiled(tmp_path, entities=lead_with("owner: {label: Tele-caller}"))
    assert relabelled.entities["lead"].fields["owner"].label == "Tele-caller"


def test_the_workflow_makes_the_stage_field(tmp_path: Path) -> None:
    lead = compiled(tmp_path).entities["lead"]
    assert lead.fields["status"].type == "stage"
    assert lead.fields["status"].options["stages"][0] == Choice("NEW", "NEW", "grey")
    assert lead.list.filters == ("status", "source", "lost_reason", "owner")
    assert "status" not in [name for section in lead.form for name in section.fields]


def test_children_find_their_way_back(tmp_path: Path) -> None:
    calls = compiled(tmp_path).entities["lead"].fields["calls"]
    assert dict(calls.options) == {"entity": "call", "through": "lead"}


def test_money_is_in_the_firms_currency_unless_others_are_named(tmp_path: Path) -> None:
    budget = compiled(tmp_path).entities["lead"].fields["budget"].options
    assert (budget["currency"], budget["currencies"], budget["places"]) == ("INR", ("INR",), 2)
    fee = compiled(tmp_path, entities=lead_with("fee: {type: money, currencies: [USD, KWD]}")).entities["lead"].fields["fee"]
    assert (fee.options["currency"], fee.options["places"]) == ("USD", 3)


def test_choices_are_words_or_words_with_colours(tmp_path: Path) -> None:
    line = "mood: {type: choice, choices: {Good: {color: green, label: In good mood}, Bad: {}}, default: Good}"
    mood = compiled(tmp_path, entities=lead_with(line)).entities["lead"].fields["mood"]
    assert mood.options["choices"] == (Choice("Good", "In good mood", "green"), Choice("Bad", "Bad"))
    assert mood.default == "Good"


def test_users_and_teams_are_there_without_a_word(tmp_path: Path) -> None:
    entities = compiled(tmp_path).entities
    assert entities["user"].fields["role"].options["choices"] == (
        Choice("manager", "Sales manager"),
        Choice("caller", "Tele-caller"),
    )
    assert not entities["user"].owned and "owner" not in entities["user"].fields
    more = ENTITIES + "  user:\n    fields:\n      desk: {type: text}\n"
    assert "desk" in compiled(tmp_path, entities=more).entities["user"].fields


def test_nothing_in_a_blueprint_can_be_changed(tmp_path: Path) -> None:
    blueprint = compiled(tmp_path)
    with pytest.raises(TypeError):
        blueprint.entities["lead"].fields["x"] = None  # type: ignore[index]
    with pytest.raises(TypeError):
        blueprint.entities["lead"].fields["budget"].options["currency"] = "USD"  # type: ignore[index]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("city: {type: txt}", '20 "txt" is not a field type. Did you mean "text"?'),
        ("city: {type: stage}", '20 A field of type "stage" is made by a workflow. Name it there as `field`.'),
        ("City: {type: text}", '7 "City" cannot name a field: a name may have small letters, digits and _ only, '
                               'and begins with a letter. Write "city", and what people read as its label.'),
        ("home city: {type: text}", '7 "home city" cannot name a field: a name may have small letters, digits and _ only, '
                                    'and begins with a letter. Write "home_city", and what people read as its label.'),
        ("id: {type: text}", '7 "id" cannot name a field: the engine keeps that name for itself. '
                             "Choose another name; its label may be anything."),
        ("any: {type: text}", '7 "any" cannot name a field: the engine keeps that name for itself. '
                              "Choose another name; its label may be anything."),
        (f"{'a' * 59}: {{type: text}}", f'7 "{"a" * 59}" cannot name a field: a name has at most 58 characters. '
                                        f'Write "{"a" * 58}", and what people read as its label.'),
        ("firm: {type: reference, to: acount}", '35 "acount" is not an entity. Did you mean "account"?'),
        ("about: {type: reference_any, to: [call, acount]}", '47 "acount" is not an entity. Did you mean "account"?'),
        ("kids: {type: children, of: account}", "34 account has no reference to lead, so it cannot be its child. "
                                                "Give account a field {type: reference, to: lead}."),
        ("kids: {type: children, of: call, through: led}", '49 "led" is not a reference from call to lead. '
                                                           'Did you mean "lead"?'),
        ("fee: {type: money, currencies: [inr]}", '39 "inr" is not the code of a currency, as in INR. Write "INR".'),
        ("mood: {type: choice, choices: [Good, Bad, Good]}", '49 "Good" is a choice already. Remove one of the two.'),
        ("mood: {type: choice, choices: [Good, Bad], default: Goood}", '59 "Goood" is not a choice of lead.mood. '
                                                                       'Did you mean "Good"?'),
        ("size: {type: integer, default: many}", '38 "many" is not a number. Write digits, for example 42.'),
        ("size: {type: integer, least: 9, most: 5}", '45 "most" (5) is smaller than "least" (9). Swap the two.'),
        ("more: {type: children, of: call, required: true}", '40 "required" means nothing here: a field of type children '
                                                            "is not written by people. Remove it."),
        ("size: {type: integer, search: true}", "29 A field of type integer cannot be searched. Remove it."),
        ("owner: {type: text}", '15 "type" of owner cannot be changed: the engine makes this field. '
                                "Only its label and help may be said."),
        ("status: {type: text}", ""),
    ],
)  # fmt: skip
def test_a_wrong_field_is_told_where_it_stands_with_what_would_be_right(tmp_path: Path, line: str, sentence: str) -> None:
    if sentence:
        assert problem(tmp_path, line) == sentence


def test_a_field_and_a_workflow_cannot_share_a_name(tmp_path: Path) -> None:
    assert told(tmp_path, entities=lead_with("status: {type: text}")) == [
        "workflows.yaml:4:12 lead has a field status already (entities.yaml:10:15), and a workflow makes its own. "
        "Remove that field, or choose another name."
    ]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("api", '"api" cannot name an entity: the address /api is taken by the program. '
                "Choose another name; its label may be anything."),
        ("crm_lead", '"crm_lead" cannot name an entity: the engine\'s own tables begin with crm_. '
                     "Choose another name; its label may be anything."),
        ("Deal", '"Deal" cannot name an entity: a name may have small letters, digits and _ only, and begins with a '
                 'letter. Write "deal", and what people read as its label.'),
    ],
)  # fmt: skip
def test_an_entitys_name_must_fit_a_table_and_an_address(tmp_path: Path, name: str, sentence: str) -> None:
    more = f"{ENTITIES}  {name}:\n    fields:\n      name: {{type: text}}\n"
    assert told(tmp_path, entities=more) == [f"entities.yaml:24:3 {sentence}"]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ('title: "{{ nmae }}"', '"nmae" is not a field of lead. Did you mean "name"?'),
        ('title: "{{ account.naem }}"', '"naem" is not a field of account. Did you mean "name"?'),
        ('title: "{{ name.first }}"', '"name" is not a reference, so nothing can follow the dot.'),
        ('title: "{{ name"', "The text stops in the middle. Is a bracket or a quote left open?"),
        ("title: Lead", 'This title is the same for every record. Name a field, as in "{{ name }}".'),
        ("form: [{section: Who, fields: [name, phon]}]", '"phon" is not a field of lead. Did you mean "phone"?'),
        ("form: [{section: Who, fields: [phone]}]", "name is required and has no default, but stands in no section of "
                                                    "this form. Add name to a section."),
        ("form: [{section: Who, fields: [name, status]}]", "status cannot stand in a form: a stage is changed by moving "
                                                           "the record. Take it out."),
        ("form: [{section: Who, fields: [name, name]}]", "name stands in this form already. Remove one of the two."),
        ("list: {columns: [name, account.indusry]}", '"indusry" is not a field of account. Did you mean "industry"?'),
        ("list: {columns: [name, calls]}", "calls cannot be a column: it is many records. Make a roll-up of it."),
        ("list: {sort: [-created]}", '"created" is not a field of lead. Did you mean "created_at"?'),
        ("list: {sort: [calls]}", "A list cannot be sorted by calls, a field of type children."),
        ("list: {filters: [sorce]}", '"sorce" is not a field of lead. Did you mean "source"?'),
    ],
)  # fmt: skip
def test_titles_forms_and_lists_name_fields_that_are_there(tmp_path: Path, more: str, sentence: str) -> None:
    entities = changed(ENTITIES, '    title: "{{ name }}"\n', f"    {more}\n")
    assert [line.split(" ", 1)[1] for line in told(tmp_path, entities=entities)] == [sentence]


def test_two_fields_cannot_have_been_the_same(tmp_path: Path) -> None:
    lines = "mobile: {type: text, was: tel}\n      work: {type: text, was: tel}\n      fax: {type: text, was: phone}"
    assert told(tmp_path, entities=lead_with(lines)) == [
        'entities.yaml:11:31 mobile was "tel" already. Only one of them can keep its data.',
        'entities.yaml:12:30 fax cannot have been "phone": that is there still. '
        "Name what it was called before, or remove this key.",
    ]


# Computed fields and roll-ups


def kinds(root: Path, *formulas: str) -> list[str]:
    lines = "\n      ".join(f"f{i}: {{type: computed, formula: '{f}'}}" for i, f in enumerate(formulas))
    fields = compiled(root, entities=lead_with(lines)).entities["lead"].fields
    return [fields[f"f{i}"].options["formula"].result for i in range(len(formulas))]


def test_the_type_of_a_formula_is_worked_out(tmp_path: Path) -> None:
    assert kinds(tmp_path, "budget * (1 - discount / 100)", "budget / budget", "1 + 2", "1 / 2") == [
        "money", "decimal", "integer", "decimal",
    ]  # fmt: skip
    assert kinds(tmp_path, 'source in ["Google"]', "name ~ 1", "length(name)", "f2 + 1") == [
        "yes_no", "text", "integer", "integer",
    ]  # fmt: skip
    assert kinds(tmp_path, "days_between(created_at, follow_up_at)", '"High" if budget > 1000 else none') == ["integer", "text"]


def test_a_computed_amount_has_a_currency_and_a_rollup_knows_its_child(tmp_path: Path) -> None:
    lines = "net: {type: computed, formula: budget * 2}\n      time: {type: rollup, of: calls, take: sum, field: seconds}"
    fields = compiled(tmp_path, entities=lead_with(lines)).entities["lead"].fields
    assert (fields["net"].options["currency"], fields["net"].options["places"]) == ("INR", 2)
    time = fields["time"].options
    assert (time["entity"], time["through"], time["result"], time["child"].name) == ("call", "lead", "integer", "seconds")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("x: {type: computed, formula: budgt * 2}", '36 "budgt" is not a field of lead. Did you mean "budget"?'),
        ("x: {type: computed, formula: name * 2}", "36 name is a text; only numbers can be computed with."),
        ("x: {type: computed, formula: follow_up_at - created_at}", "36 follow_up_at is a date and time; only numbers can "
                                                                    "be computed with. Write days_between(earlier, later)."),
        ("x: {type: computed, formula: budget * budget}", "36 Money times money is nothing. Multiply money by a number."),
        ("x: {type: computed, formula: calls}", "36 A formula cannot use calls: it is of type children. "
                                                "Make a roll-up of it and use that."),
        ("x: {type: computed, formula: rond(budget)}", '36 "rond" is not a function. Did you mean "round"?'),
        ("x: {type: computed, formula: budget =}", "36 One = does not compare. Write == to compare."),
        ("x: {type: computed, formula: 'source == \"Gogle\"'}", '36 "Gogle" is not a choice of lead.source. '
                                                                 'Did you mean "Google"?'),
        ("x: {type: computed, formula: name > 3}", "36 name is a text and 3 is a whole number: what is compared must be alike."),
        ("x: {type: computed, formula: 1 if budget else 2}", "36 budget is money where yes or no is asked for. "
                                                             "Compare it with something, as in amount > 0."),
        ("x: {type: computed, formula: budget, result: text}", "52 The formula gives money, not a text. "
                                                               "Write money, or leave `result` out."),
        ("x: {type: computed, formula: x + 1}", "36 This is computed from itself: lead.x -> lead.x. Take one of them out."),
        ("x: {type: rollup, of: cals, take: count}", '29 "cals" is not a field of lead. Did you mean "calls"?'),
        ("x: {type: rollup, of: account, take: count}", '29 "account" is not a field of type children of lead. Known: calls.'),
        ("x: {type: rollup, of: calls, take: sum}", '10 "field" is missing: the sum of which field of call?'),
        ("x: {type: rollup, of: calls, take: sum, field: subject}", "54 call.subject holds no number to sum. "
                                                                    "Fields with numbers: seconds."),
        ("x: {type: rollup, of: calls, take: count, field: seconds}", "49 A count needs no field. Remove it."),
    ],
)  # fmt: skip
def test_a_wrong_formula_says_what_does_not_go_together(tmp_path: Path, line: str, sentence: str) -> None:
    assert problem(tmp_path, line) == sentence


def test_a_circle_of_computed_fields_is_told_once(tmp_path: Path) -> None:
    lines = "a: {type: computed, formula: b + 1}\n      b: {type: computed, formula: c + 1}\n      c: {type: computed, formula: a + 1}"
    assert told(tmp_path, entities=lead_with(lines)) == [
        "entities.yaml:10:36 This is computed from itself: lead.a -> lead.b -> lead.c -> lead.a. Take one of them out."
    ]
