# ruff: noqa: E501 (a sentence that people read stays on one line)
"""workflows.yaml: a machine that makes sense compiles; one that does not says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.blueprint import conditions as c
from engine.blueprint.conditions import Word
from engine.blueprint.workflows import PREVIOUS
from tests.compiler.sets import ROLES, WORKFLOWS, changed, compiled, told

WIN = "      win: {from: [FOLLOW-UP], to: CLOSE TO WON}\n"
HOLD = "      hold: {from: [FOLLOW-UP], to: ON HOLD}\n      resume: {from: [ON HOLD], to: previous}\n"
ON_HOLD = changed(WORKFLOWS, "      CLOSE TO WON: {", "      ON HOLD: {color: grey}\n      CLOSE TO WON: {")


def sentences(root: Path, workflows: str, **files: str) -> list[str]:
    return told(root, workflows=workflows, **files)


def test_stages_and_moves_are_spelled_out(tmp_path: Path) -> None:
    flow = compiled(tmp_path).workflows["lead_sales"]
    assert (flow.label, flow.entity, flow.field, flow.starts_at) == ("Lead sales", "lead", "status", "NEW")
    assert flow.stages["FOLLOW-UP"].requires == ("follow_up_at",)
    assert flow.stages["CLOSE TO WON"].ends == "won"
    assert flow.transitions["lose"].sources == ("NEW", "FOLLOW-UP", "CLOSE TO WON")
    assert flow.transitions["lose"].roles == ("caller", "manager")
    assert flow.transitions["win"].roles is None


def test_a_field_that_two_workflows_share_is_not_misspelt_in_one_of_them(tmp_path: Path) -> None:
    second = WORKFLOWS.removeprefix("workflows:\n").replace("lead_sales:", "lead_renewal:")
    both = WORKFLOWS.replace("    field:", "    when: {source: {is: Google}}\n    field:") + second.replace("field: status", "field: statis")
    (sentence,) = [s for s in sentences(tmp_path, both) if "field of its own" in s]
    assert sentence == 'workflows.yaml:18:12 "statis" would be a field of its own, beside "status" with the same stages. Did you mean "status"?'


def test_a_record_can_go_back_to_where_it_was(tmp_path: Path) -> None:
    flow = compiled(tmp_path, workflows=changed(ON_HOLD, WIN, WIN + HOLD)).workflows["lead_sales"]
    assert flow.transitions["resume"].target == PREVIOUS
    assert flow.transitions["resume"].sources == ("ON HOLD",)


def test_a_move_sets_values_and_makes_records(tmp_path: Path) -> None:
    then = (
        "        then:\n          - {set: {follow_up_at: in 3 days, source: Google}}\n"
        "          - {create: {entity: account, copy: {name: name}, keep_in: account, when: {account: {empty: true}}}}\n"
    )
    workflows = changed(WORKFLOWS, WIN, f"      win:\n        from: [FOLLOW-UP]\n        to: CLOSE TO WON\n{then}")
    setting, creating = compiled(tmp_path, workflows=workflows).workflows["lead_sales"].transitions["win"].then
    assert (setting.kind, dict(setting.settings)) == ("set", {"follow_up_at": Word("in 3 days"), "source": "Google"})
    made = creating.settings
    assert (made["entity"], dict(made["copy"]), made["keep_in"], made["link"]) == ("account", {"name": "name"}, "account", None)
    assert isinstance(made["when"], c.Test)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("starts_at: NEW", "starts_at: NEU", '5:16 "NEU" is not a stage of lead_sales. Did you mean "NEW"?'),
        ("to: CLOSE TO WON}", "to: CLOSE TO WIN}", '13:36 "CLOSE TO WIN" is not a stage of lead_sales. Did you mean "CLOSE TO WON"?'),
        ("from: [NEW]", "from: [NWE]", '12:23 "NWE" is not a stage of lead_sales. Did you mean "NEW"?'),
        ("from: [NEW]", "from: NEW", '12:22 "NEW" is not any or a list of stages. Write [NEW].'),
        ("requires: [follow_up_at]", "requires: [folow_up_at]", '8:43 "folow_up_at" is not a field of lead. Did you mean "follow_up_at"?'),
        ("requires: [follow_up_at]", "requires: [calls]", "8:43 calls cannot be asked of anybody: nobody writes a field of type "
                                                          "children. Take it out, or name the fields that it is made from."),
        ("asks: [lost_reason]", "asks: [status]", "14:52 status cannot be asked of anybody: nobody writes a field of type "
                                                  "stage. Take it out, or name the fields that it is made from."),
        ("NEW: {color: grey}", "NEW: {color: grey, allows: [cal]}", '7:35 "cal" is not an entity. Did you mean "call"?'),
        ("roles: [caller, manager]", "roles: [caler, manager]", '14:74 "caler" is not a role. Did you mean "caller"?'),
        ("entity: lead", "entity: laed", '3:13 "laed" is not an entity. Did you mean "lead"?'),
        (WIN, WIN + "      again: {from: [NEW], to: previous}\n",
         "14:32 NEW has no previous stage: records start there and nothing goes back to it. Take NEW out of `from`."),
        (WIN, "", "9:7 No transition goes to CLOSE TO WON. Add a transition to it, or remove the stage."),
        ("      CLOSE TO WON: {color: green, ends: won}", "      CLOSE TO WON: {color: green}", None),
    ],
)  # fmt: skip
def test_a_wrong_name_in_a_workflow_is_told_with_the_nearest(tmp_path: Path, old: str, new: str, sentence: str | None) -> None:
    found = sentences(tmp_path, changed(WORKFLOWS, old, new))
    assert [f for f in found if f.startswith("workflows.yaml")] == ([f"workflows.yaml:{sentence}"] if sentence else [])


def test_a_stage_that_nothing_can_be_left_of_must_say_how_it_ends(tmp_path: Path) -> None:
    workflows = changed(WORKFLOWS, "from: any", "from: [NEW, FOLLOW-UP]")
    workflows = changed(workflows, "{color: green, ends: won}", "{color: green}")
    assert sentences(tmp_path, workflows) == [
        "workflows.yaml:9:7 No transition goes out of CLOSE TO WON. "
        "Add a transition from it, or say how it ends: `ends: won`, `lost` or `done`."
    ]


def test_a_removed_stage_names_where_its_records_go(tmp_path: Path) -> None:
    flow = compiled(tmp_path, workflows=WORKFLOWS + "    gone: {OPEN: NEW}\n").workflows["lead_sales"]
    assert flow.gone == {"OPEN": "NEW"}
    assert sentences(tmp_path, WORKFLOWS + "    gone: {OPEN: NWE, NEW: FOLLOW-UP}\n") == [
        'workflows.yaml:15:18 "NWE" is not a stage of lead_sales. Did you mean "NEW"?',
        'workflows.yaml:15:23 "NEW" is still a stage of lead_sales, so its records go nowhere. Remove this line, or the stage.',
    ]


SECOND = """  lead_other:
    entity: lead
    field: status
    when: {source: {is: Walk-in}}
    starts_at: NEW
    stages:
      NEW: {color: grey}
      VISITED: {color: teal, ends: done}
    transitions:
      visit: {from: [NEW], to: VISITED}
"""


def test_two_workflows_share_a_field_when_it_is_said_who_follows_which(tmp_path: Path) -> None:
    blueprint = compiled(tmp_path, workflows=WORKFLOWS + SECOND)
    stages = [choice.value for choice in blueprint.entities["lead"].fields["status"].options["stages"]]
    assert stages == ["NEW", "FOLLOW-UP", "CLOSE TO WON", "CLOSE TO LOOSE", "VISITED"]
    unsaid = changed(SECOND, "    when: {source: {is: Walk-in}}\n", "")
    assert sentences(tmp_path, WORKFLOWS + unsaid) == [
        "workflows.yaml:15:3 Both lead_sales and lead_other apply to every lead. Say with `when` which records follow which."
    ]


def test_one_word_cannot_mean_two_stages(tmp_path: Path) -> None:
    other = changed(SECOND, "      VISITED: {color: teal, ends: done}", "      VISITED: {ends: done}\n      CLOSE TO WON: {ends: lost}")
    other += "      won: {from: [NEW], to: CLOSE TO WON}\n"
    assert sentences(tmp_path, WORKFLOWS + other) == [
        "workflows.yaml:23:7 CLOSE TO WON means something else in lead_sales (workflows.yaml:9:21), "
        "which shares the field status. Give both the same label and `ends`."
    ]


def test_a_move_that_nobody_may_make_is_told(tmp_path: Path) -> None:
    roles = ROLES.replace("transitions: any", "transitions: [attend, lose]")
    assert sentences(tmp_path, WORKFLOWS, roles=roles) == [
        'workflows.yaml:13:7 No role may use "win". Name it under transitions in the rights of a role on lead.'
    ]


def test_a_role_named_at_a_move_needs_the_right_too(tmp_path: Path) -> None:
    caller = changed(ROLES, "assign: subordinates, transitions: any", "assign: subordinates, transitions: [attend, win]")
    assert sentences(tmp_path, WORKFLOWS, roles=caller) == [
        'workflows.yaml:14:74 caller may not use "lose": its rights on lead do not name it. '
        "Add it there, or take the role out here."
    ]


def test_a_stage_cannot_require_what_everybody_who_goes_there_is_kept_from(tmp_path: Path) -> None:
    lose = changed(WORKFLOWS, ", asks: [lost_reason], roles: [caller, manager]", ", roles: [caller]")
    roles = ROLES + "    locks: {lead: [lost_reason]}\n"
    assert sentences(tmp_path, lose, roles=roles) == [
        "workflows.yaml:10:59 Nobody who may move a record to CLOSE TO LOOSE can write lost_reason: "
        "it is hidden from them or locked. Change the rights, or do not require it."
    ]


@pytest.mark.parametrize(
    ("then", "sentence"),
    [
        ("[{sett: {source: Google}}]", '"sett" is not something that can be done. Did you mean "set"?'),
        ("[{set: {sorce: Google}}]", '"sorce" is not a field of lead. Did you mean "source"?'),
        ("[{set: {source: Gogle}}]", '"Gogle" is not a choice of lead.source. Did you mean "Google"?'),
        ("[{set: {status: NEW}}]", "status of lead cannot be set: it is of type stage. A stage is changed by a move only: {move: {transition: ...}} in a rule."),
        ("[{create: {entity: acount, copy: {name: name}}}]", '"acount" is not an entity. Did you mean "account"?'),
        ("[{create: {entity: account}}]", "A new account needs its name, and nothing fills it here. Add name to `copy` or `set`."),
        ("[{create: {entity: account, copy: {name: nmae}}}]", '"nmae" is not a field of lead. Did you mean "name"?'),
        ("[{create: {entity: account, copy: {name: budget}}}]",
         "lead.budget (money) does not fit into account.name (text). Copy fields of the same type."),
        ("[{create: {entity: account, copy: {name: name}, keep_in: acount}}]",
         '"acount" is not a reference from lead to account. Did you mean "account"?'),
    ],
)  # fmt: skip
def test_what_a_move_does_is_checked(tmp_path: Path, then: str, sentence: str) -> None:
    workflows = changed(WORKFLOWS, WIN, f"      win:\n        from: [FOLLOW-UP]\n        to: CLOSE TO WON\n        then: {then}\n")
    assert [line.split(" ", 1)[1] for line in sentences(tmp_path, workflows)] == [sentence]


def test_entities_may_have_two_fields_of_stages(tmp_path: Path) -> None:
    second = changed(SECOND, "field: status", "field: visit_status").replace("    when: {source: {is: Walk-in}}\n", "")
    lead = compiled(tmp_path, workflows=WORKFLOWS + second).entities["lead"]
    assert [field.name for field in lead.fields_of("stage")] == ["status", "visit_status"]
