"""A client's set laid over the base: what merges, what replaces, what goes, and where each key came from."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from engine.compiler.layers import base_folder
from engine.compiler.merge import Merging
from engine.compiler.node import Node
from engine.compiler.overlay import MergedSet, load_set
from engine.compiler.problems import Problems, as_text

LEAD = """entities:
  lead:
    label: Lead
    fields:
      name: {type: text}
      fax: {type: phone}
      source: {type: choice, choices: [Google, Website, Facebook]}
    form:
      - {section: Who, fields: [name]}
      - {section: Interest, fields: [source]}
"""


class Folder:
    """Sets on disk: `low` and what extends it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("low", crm="name: low\ntitle: Low\nzone: Asia/Kolkata\n", entities=LEAD)

    def write(self, name: str, extends: str | None = None, **files: str) -> None:
        (self.root / name).mkdir(exist_ok=True, parents=True)
        if extends:
            files = {"crm": f"name: {name}\ntitle: {name.title()}\nextends: {extends}\n", **files}
        for stem, text in files.items():
            path = self.root / name / f"{stem.replace('__', '/')}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)

    def load(self, name: str = "top") -> MergedSet:
        return load_set(self.root / name, shown_as=name)

    def over(self, entities: str) -> MergedSet:
        self.write("top", "low", entities=entities)
        return self.load()


@pytest.fixture
def sets(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def told(merged: MergedSet) -> list[str]:
    return [f"{p.file}:{p.line}:{p.column} {p.path} {p.code}: {p.sentence}" for p in merged.problems]


def lead(merged: MergedSet) -> dict:
    assert merged.problems == (), as_text(merged.problems)
    return merged.root.at(("entities", "lead")).data()


# Merging


def test_maps_merge_scalars_and_lists_replace_and_new_keys_follow(sets: Folder) -> None:
    found = lead(
        sets.over(
            "entities:\n  lead:\n    label: Enquiry\n    fields:\n"
            "      budget: {type: money}\n      source: {label: From, choices: [IVR]}\n"
        )
    )
    assert found["label"] == "Enquiry"
    assert list(found["fields"]) == ["name", "fax", "budget", "source"]
    assert list(found["fields"]["source"]) == ["type", "label", "choices"]
    assert found["fields"]["source"] == {"type": "choice", "choices": ["IVR"], "label": "From"}


@pytest.mark.parametrize(
    ("above", "order"),
    [
        ("name: {label: N}, nick: {type: text}, alias: {type: text}", "name nick alias fax source"),
        ("fax: removed, mail: {type: email}", "name mail source"),
        ("fax: removed, source: removed, mail: {type: email}, source_2: {type: text}", "name mail source_2"),
        ("mail: {type: email}, fax: {label: F}, pager: {type: phone}", "name mail fax pager source"),
        ("source: {label: From}, a: {type: text}, name: {label: N}, b: {type: text}", "name b fax source a"),
    ],
)
def test_a_new_key_follows_the_key_above_it_so_that_a_stage_can_stand_in_the_middle(
    sets: Folder, above: str, order: str
) -> None:
    found = lead(sets.over(f"entities: {{lead: {{fields: {{{above}}}}}}}\n"))
    assert list(found["fields"]) == order.split()


def test_each_node_points_into_the_file_where_it_was_written(sets: Folder) -> None:
    merged = sets.over("entities:\n  lead:\n    fields:\n      source: {label: From}\n")
    source = merged.root.at(("entities", "lead", "fields", "source"))
    assert str(source.key_source) == "top/entities.yaml:4:7"
    assert str(source.get("label").source) == "top/entities.yaml:4:23"
    assert str(source.get("choices").key_source) == "low/entities.yaml:7:30"


def test_the_history_of_a_key_tells_who_set_changed_replaced_and_removed_it(sets: Folder) -> None:
    sets.write("middle", "low", entities="entities: {lead: {label: Enquiry, fields: {fax: removed}}}\n")
    sets.write("top", "middle", entities="entities: {lead: {label: Prospect}}\n")
    merged = sets.load()
    deeds = [(o.deed, o.node.value, o.source.file) for o in merged.history("entities.lead.label")]
    assert deeds == [
        ("replaces", "Prospect", "top/entities.yaml"),
        ("replaces", "Enquiry", "middle/entities.yaml"),
        ("sets", "Lead", "low/entities.yaml"),
    ]
    assert [o.deed for o in merged.history("entities.lead")] == ["changes", "changes", "sets"]
    assert [o.deed for o in merged.history("entities.lead.fields.fax")] == ["removes", "sets"]
    assert [str(s) for s in merged.provenance("entities.lead.fields.name")] == ["low/entities.yaml:5:7"]
    assert [str(s) for s in merged.provenance(("entities", "lead", "form", 1))] == ["low/entities.yaml:10:9"]
    assert merged.provenance("entities.lead.fields.nothing") == ()


def test_a_key_with_dots_in_it_is_found_by_its_dotted_path(sets: Folder) -> None:
    merged = sets.over("entities:\n  lead:\n    stages: {No. 1: {color: red}}\n")
    assert merged.steps("entities.lead.stages.No. 1.color")[-2:] == ("No. 1", "color")


def test_a_key_is_removed_by_the_word(sets: Folder) -> None:
    merged = sets.over("entities:\n  lead:\n    fields:\n      fax: removed\n")
    assert list(lead(merged)["fields"]) == ["name", "source"]


def test_what_was_removed_can_be_written_anew_above(sets: Folder) -> None:
    sets.write("middle", "low", entities="entities: {lead: {fields: {fax: removed}}}\n")
    sets.write("top", "middle", entities="entities: {lead: {fields: {fax: {type: text}}}}\n")
    merged = sets.load()
    assert lead(merged)["fields"]["fax"] == {"type": "text"}
    assert [o.deed for o in merged.history("entities.lead.fields.fax")] == ["sets", "removes", "sets"]


def test_in_quotes_removed_is_a_word_like_any_other(sets: Folder) -> None:
    assert lead(sets.over('entities: {lead: {label: "removed"}}\n'))["label"] == "removed"


def test_what_is_not_there_cannot_be_removed(sets: Folder) -> None:
    merged = sets.over("entities:\n  lead:\n    fields:\n      fxa: removed\n      x: {is: removed}\n")
    assert told(merged) == [
        'top/entities.yaml:4:7 entities.lead.fields.fxa nothing-to-remove: There is no "fxa" to remove here. '
        'Did you mean "fax"?',
        'top/entities.yaml:5:11 entities.lead.fields.x.is nothing-to-remove: There is no "is" to remove here. '
        'If the text "removed" is meant, put it in quotes.',
    ]


# Changing a list


def changed(sets: Folder, change: str) -> list:
    text = f"entities: {{lead: {{fields: {{source: {{choices: {change}}}}}}}}}\n"
    return lead(sets.over(text))["fields"]["source"]["choices"]


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ("{add: [IVR, Radio]}", ["Google", "Website", "Facebook", "IVR", "Radio"]),
        ("{add: [IVR], before: Google}", ["IVR", "Google", "Website", "Facebook"]),
        ("{add: [IVR, Radio], after: Google}", ["Google", "IVR", "Radio", "Website", "Facebook"]),
        ("{remove: [Website]}", ["Google", "Facebook"]),
        ("{remove: [Google], add: [IVR], after: Website}", ["Website", "IVR", "Facebook"]),
        ("[IVR]", ["IVR"]),
        ("[]", []),
    ],
)
def test_a_list_gains_and_loses_items_without_being_repeated(sets: Folder, change: str, result: list) -> None:
    assert changed(sets, change) == result


def test_a_section_of_a_form_is_meant_by_its_name(sets: Folder) -> None:
    merged = sets.over(
        "entities:\n  lead:\n    form:\n      add: [{section: Money, fields: [fax]}]\n"
        "      before: {section: Interest}\n      remove: [{section: Who}]\n"
    )
    assert [item["section"] for item in lead(merged)["form"]] == ["Money", "Interest"]
    places = [str(item.source) for item in merged.root.at(("entities", "lead", "form"))]
    assert places == ["top/entities.yaml:4:13", "low/entities.yaml:10:9"]


MISUSES = {
    "{add: [Google]}": '"Google" is already in the list. Leave it out.',
    "{add: IVR}": '"IVR" is not a list. Write [ ... ].',
    "{remove: [Gogle]}": '"Gogle" is not in the list beneath. Did you mean "Google"?',
    "{remove: [{a: b}]}": "An item like this is not in the list beneath.",
    "{add: [IVR], after: Gogle}": '"Gogle" is not in the list beneath. Did you mean "Google"?',
    "{add: [IVR], after: Google, before: Website}": 'Both "before" and "after" are given. Keep one of the two.',
    "{after: Google}": '"add" is missing. Say what is to go there: "add: [...]".',
    "{ad: [IVR]}": 'Unknown key "ad". Did you mean "add"?',
    "{add: [IVR], colour: red}": 'Unknown key "colour". Allowed here: add, remove, before, after.',
}


@pytest.mark.parametrize("change", MISUSES)
def test_a_misused_change_of_a_list_is_told(sets: Folder, change: str) -> None:
    text = f"entities: {{lead: {{fields: {{source: {{choices: {change}}}}}}}}}\n"
    assert [p.sentence for p in sets.over(text).problems] == [MISUSES[change]]


def test_only_a_list_can_gain_an_item(sets: Folder) -> None:
    assert told(sets.over("entities:\n  lead:\n    label: {add: [x]}\n")) == [
        'top/entities.yaml:3:12 entities.lead.label wrong-type: "Lead" is not a list, so nothing can be added to it '
        "or removed from it. It is written in low/entities.yaml:3:12."
    ]


def test_before_may_be_a_key_of_its_own_where_no_list_is_beneath(sets: Folder) -> None:
    assert lead(sets.over("entities: {lead: {label: {before: now}}}\n"))["label"] == {"before": "now"}


# Files and folders


def test_a_key_of_another_file_is_sent_there_and_an_unknown_one_is_named(sets: Folder) -> None:
    sets.write("top", "low", roles="role: {}\nentities: {x: {}}\n", reports="reports:\ndashboards: {}\n")
    assert told(sets.load()) == [
        'top/roles.yaml:1:1 role unknown-key: Unknown key "role". Did you mean "roles"?',
        'top/roles.yaml:2:1 entities unknown-key: "entities" does not belong in roles.yaml. Move it to entities.yaml.',
    ]


def test_a_section_that_is_no_map_is_told_and_marked_unreadable(sets: Folder) -> None:
    sets.write("top", "low", roles="roles: [a]\n")
    merged = sets.load()
    assert told(merged) == [
        "top/roles.yaml:1:8 roles wrong-type: A list is not a map. Write keys beneath it."
    ]
    assert merged.unreadable == {"roles"}


def test_a_broken_file_does_not_hide_the_faults_of_the_others(sets: Folder) -> None:
    sets.write("top", "low", roles="roles: [\n", workflows="workflows: {a: *x}\n")
    merged = sets.load()
    assert [(p.file, p.code) for p in merged.problems] == [
        ("top/roles.yaml", "syntax"),
        ("top/workflows.yaml", "alias"),
    ]
    assert merged.unreadable >= {"roles", "assignments"}
    assert merged.section("entities").get("lead")


def test_a_misnamed_file_is_not_passed_over_in_silence(sets: Folder) -> None:
    sets.write("top", "low", workflow="workflows: {}\n")
    (sets.root / "top" / "roles.yml").write_text("roles: {}\n")
    (sets.root / "top" / "docker-compose.yaml").write_text("services: {}\n")
    assert told(sets.load()) == [
        'top/roles.yml:1:1  unknown-file: This file is not read under its name. Did you mean "roles.yaml"?',
        'top/workflow.yaml:1:1  unknown-file: This file is not read under its name. Did you mean "workflows.yaml"?',
    ]


def test_imports_merge_by_the_name_of_their_file(sets: Folder) -> None:
    sets.write("low", imports__leads="entity: lead\nkey: phone\n", imports__calls="entity: call\n")
    sets.write("top", "low", imports__leads="key: email\n")
    merged = sets.load()
    assert merged.section("imports").data() == {
        "calls": {"entity": "call"},
        "leads": {"entity": "lead", "key": "email"},
    }


def test_a_manifest_hands_up_its_settings_but_not_its_name(sets: Folder) -> None:
    sets.write("top", "low")
    assert sets.load().section("manifest").data() == {
        "zone": "Asia/Kolkata",
        "name": "top",
        "title": "Top",
        "extends": "low",
    }


def test_every_part_is_there_even_when_nobody_wrote_it(sets: Folder) -> None:
    merged = sets.load("low")
    assert merged.section("dashboards").value == {}
    assert str(merged.section("dashboards").source) == "low/reports.yaml:1:1"


def test_the_hash_changes_with_any_file_of_any_layer(sets: Folder) -> None:
    sets.write("top", "low")
    before = sets.load().hash
    assert sets.load().hash == before
    sets.write("low", entities=LEAD + "# a remark\n")
    assert sets.load().hash != before


# Extending


def test_a_set_without_extends_still_has_what_the_engine_gives(sets: Folder) -> None:
    merged = sets.load("low")
    assert [layer.shown_as for layer in merged.layers] == ["system", "low"]


def test_the_base_is_found_from_any_folder_and_shown_by_its_name(sets: Folder) -> None:
    sets.write("top", "base")
    merged = sets.load()
    assert [layer.shown_as for layer in merged.layers] == ["system", "base", "top"]
    assert merged.layers[1].folder == base_folder().resolve()


def test_a_path_may_be_extended(sets: Folder) -> None:
    sets.write("clients/north", "../../low")
    merged = sets.load("clients/north")
    assert [layer.shown_as for layer in merged.layers] == ["system", "low", "clients/north"]
    assert merged.unreadable == frozenset()


def test_an_unknown_base_is_told_with_the_nearest_and_nothing_else_is_called_unknown(sets: Folder) -> None:
    sets.write("top", "lwo")
    merged = sets.load()
    assert told(merged) == [
        'top/crm.yaml:3:10 extends unknown-name: "lwo" is not a config set. Did you mean "low"?'
    ]
    assert {"entities", "roles", "manifest", "imports"} <= merged.unreadable


def test_sets_that_extend_one_another_in_a_circle_are_refused(sets: Folder) -> None:
    sets.write("top", "side")
    sets.write("side", "top")
    assert told(sets.load()) == [
        "side/crm.yaml:3:10 extends circle: The set extends itself: top -> side -> top. Break the circle."
    ]


def test_a_tower_of_sets_has_a_limit(sets: Folder) -> None:
    for n in range(12):
        sets.write(f"s{n}", f"s{n + 1}" if n < 11 else "low")
    assert [p.sentence for p in sets.load("s0").problems] == [
        "More than 10 sets extend one another. Extend a lower one."
    ]


def test_a_folder_that_is_no_set_is_told(sets: Folder) -> None:
    (sets.root / "bare").mkdir()
    assert told(sets.load("bare")) == [
        "bare/crm.yaml:1:1  missing-file: There is no crm.yaml, so bare is not a config set. Give it one."
    ]
    assert told(sets.load("lwo")) == [
        'lwo/crm.yaml:1:1  missing-file: There is no folder "lwo". Did you mean "low"?'
    ]


def test_extends_must_be_a_name(sets: Folder) -> None:
    sets.write("top", "[low]")
    assert [p.sentence for p in sets.load().problems] == ["A list is not the name of a set."]


@pytest.mark.parametrize("name", ["", "config/rsoft", "config/raalink"])
def test_the_shipped_sets_are_read_without_a_problem(name: str) -> None:
    merged = load_set(base_folder() / name, shown_as=name)
    assert as_text(merged.problems) == ""
    assert merged.unreadable == frozenset()


def test_two_thousand_lines_over_a_base_load_in_less_than_a_blink(sets: Folder) -> None:
    fields = "".join(
        f"      field_{n}: {{type: choice, label: Number {n}, choices: [A, B]}}\n" for n in range(40)
    )
    entities = "entities:\n" + "".join(f"  e{n}:\n    fields:\n{fields}" for n in range(45))
    sets.write("low", entities=entities)
    sets.write("top", "low", entities=entities.replace("Number", "No."))
    times = []
    for _ in range(3):
        start = time.process_time()
        assert sets.load().problems == ()
        times.append(time.process_time() - start)
    assert min(times) < 0.5  # 0.12 s for half as much on a quiet machine


# Laws of merging


def shaped(depth: int) -> st.SearchStrategy:
    """Maps in which a key's first letter fixes the kind of its value."""
    kinds = {"s": st.sampled_from(["x", "y", 1, None]), "l": st.lists(st.sampled_from("xyz"), max_size=3)}
    if depth:
        kinds["m"] = shaped(depth - 1)
    return st.fixed_dictionaries({}, optional={f"{kind}{n}": kinds[kind] for kind in kinds for n in range(2)})


def as_node(value: object, file: str) -> Node:
    if isinstance(value, dict):
        return Node({key: as_node(child, file) for key, child in value.items()}, file, 1, 1, 1, 1)
    if isinstance(value, list):
        return Node([as_node(child, file) for child in value], file, 1, 1, 1, 1)
    return Node(value, file, 1, 1, 1, 1)


def lay(below: Node, above: Node) -> Node:
    return Merging(Problems()).lay(below, above, ())


@given(shaped(2), shaped(2), shaped(2))
@settings(max_examples=150, deadline=None)
def test_three_layers_merge_alike_from_below_and_from_above(a: dict, b: dict, c: dict) -> None:
    low, middle, top = as_node(a, "a"), as_node(b, "b"), as_node(c, "c")
    upward, downward = lay(lay(low, middle), top), lay(low, lay(middle, top))
    assert upward.data() == downward.data()  # the order may differ: a new key asks what stands beneath it


@given(shaped(2), shaped(2))
@settings(max_examples=150, deadline=None)
def test_the_upper_word_holds_and_comes_from_the_upper_file(a: dict, b: dict) -> None:
    merged = lay(as_node(a, "a"), as_node(b, "b"))
    for path, value in leaves(b):
        node = merged.at(path)
        assert node is not None and node.data() == value and node.file == "b"
    for path, _ in leaves(a):
        assert merged.at(path) is not None


def leaves(tree: dict, path: tuple = ()):
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


@given(shaped(2))
@settings(max_examples=50, deadline=None)
def test_nothing_over_a_set_is_the_set_and_laying_twice_is_laying_once(a: dict) -> None:
    assert lay(as_node(a, "a"), as_node({}, "b")).data() == a
    assert lay(as_node(a, "a"), as_node(a, "b")).data() == a
