# ruff: noqa: E501 (a sentence that people read stays on one line)
"""roles.yaml: each role's rights spelled out, and what a hidden field drags along."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.blueprint.conditions import ALWAYS, NEVER, AnyOf, Test as Asked, Word
from engine.blueprint.roles import Rights
from tests.compiler.sets import ENTITIES, ROLES, changed, compiled, told

OWN = Asked("owner", "is", Word("me"))
LEAD_RIGHTS = "lead: {read: own, create: own, update: own, assign: subordinates, transitions: any}"


def rights(root: Path, role: str = "caller", entity: str = "lead", **files: str) -> Rights:
    return compiled(root, **files).roles[role].rights[entity]


def lead_rights(new: str) -> str:
    return changed(ROLES, LEAD_RIGHTS, f"lead: {{{new}, transitions: any}}")


def test_a_scope_is_a_question_about_the_owner(tmp_path: Path) -> None:
    asha = rights(tmp_path)
    assert (asha.read, asha.create, asha.delete) == (OWN, OWN, NEVER)
    assert asha.assign == AnyOf((Asked("id", "is", Word("me")), Asked("id", "in", Word("my subordinates"))))
    assert asha.transitions == {"attend", "win", "lose"}


def test_what_is_not_said_is_denied(tmp_path: Path) -> None:
    blueprint = compiled(tmp_path)
    assert "team" not in blueprint.roles["caller"].rights
    assert blueprint.roles["manager"].rights["team"].read == ALWAYS
    assert not rights(tmp_path).may_export


def test_a_team_sees_its_peoples_records_and_the_teams_own(tmp_path: Path) -> None:
    with_team = changed(ENTITIES, "      phone: {type: phone}\n", "      phone: {type: phone}\n      team: {type: team}\n")
    found = rights(tmp_path, entities=with_team, roles=lead_rights("read: team")).read
    assert found == AnyOf((OWN, Asked("owner", "in", Word("my team")), Asked("team", "in", Word("my team"))))


def test_a_scope_on_people_speaks_of_the_person(tmp_path: Path) -> None:
    own_card = changed(ROLES, "user: {read: all}", "user: {read: all, update: own}")
    assert rights(tmp_path, entity="user", roles=own_card).update == Asked("id", "is", Word("me"))


def test_a_scope_may_be_any_condition(tmp_path: Path) -> None:
    found = rights(tmp_path, roles=lead_rights("read: {source: {is: Google}}")).read
    assert isinstance(found, Asked) and (found.field, found.operator, found.value) == ("source", "is", "Google")


def test_everything_stands_for_what_is_not_named_and_gives_unowned_things_to_nobody(tmp_path: Path) -> None:
    own = changed(ROLES, "      user: {read: all}\n      account: {read: all}\n", "      everything: {read: own}\n")
    unowned = changed(ENTITIES, "  account:\n", "  account:\n    owned: false\n")
    blueprint = compiled(tmp_path, roles=own, entities=unowned).roles["caller"].rights
    assert blueprint["account"].read == NEVER
    assert blueprint["call"].create == OWN
    assert blueprint["user"].read == Asked("id", "is", Word("me"))


def test_what_is_computed_from_a_hidden_field_is_hidden_too(tmp_path: Path) -> None:
    lines = (
        "      net: {type: computed, formula: budget * 2}\n      tax: {type: computed, formula: net / 10}\n"
        "      talk: {type: rollup, of: calls, take: sum, field: seconds}\n      phone: {type: phone}\n"
    )
    entities = changed(ENTITIES, "      phone: {type: phone}\n", lines)
    hides = "    hides:\n      lead: [budget]\n      call: [seconds]\n"
    assert rights(tmp_path, entities=entities, roles=ROLES + hides).hidden == {"budget", "net", "tax", "talk"}
    assert rights(tmp_path, entities=entities).hidden == frozenset()


def test_children_that_one_may_not_read_are_hidden_with_their_sums(tmp_path: Path) -> None:
    count = "      count: {type: rollup, of: calls, take: count}\n      phone: {type: phone}\n"
    entities = changed(ENTITIES, "      phone: {type: phone}\n", count)
    roles = changed(ROLES, "      call: {read: own, create: own}\n", "")
    assert rights(tmp_path, entities=entities, roles=roles).hidden == {"calls", "count"}


def test_a_move_that_names_its_roles_is_closed_to_the_others(tmp_path: Path) -> None:
    blueprint = compiled(tmp_path, roles=ROLES + "  guest:\n    rights:\n      lead: {read: all, transitions: any}\n")
    assert blueprint.roles["guest"].rights["lead"].transitions == {"attend", "win"}


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (LEAD_RIGHTS, LEAD_RIGHTS.replace("lead", "laed", 1), '13:7 "laed" is not an entity. Did you mean "lead"?'),
        ("read: own, create: own, update: own", "read: owm, create: own", '13:20 "owm" is not a scope. Did you mean "own"?'),
        ("reports_to: manager", "reports_to: manger", '9:17 "manger" is not a role. Did you mean "manager"?'),
        (LEAD_RIGHTS, LEAD_RIGHTS.replace("any", "[atend]"), '13:87 "atend" is not a transition of lead. Did you mean "attend"?'),
        (LEAD_RIGHTS, LEAD_RIGHTS.replace("any", "win"), '13:86 "win" is not any, none or a list of transitions. Write [win].'),
        (LEAD_RIGHTS, LEAD_RIGHTS.replace("read: own, ", "").replace("assign: subordinates, transitions: any", "delete: none"),
         "13:27 caller may not read lead, so update means nothing. Add a read right, or remove update."),
        ("      call: {read: own, create: own}\n", "      call: {read: own}\n    hides: {led: [budget]}\n",
         '15:13 "led" is not an entity. Did you mean "lead"?'),
        ("      call: {read: own, create: own}\n", "      call: {read: own}\n    hides: {lead: [budgt]}\n",
         '15:20 "budgt" is not a field of lead. Did you mean "budget"?'),
        ("      call: {read: own, create: own}\n", "      call: {read: own}\n    hides: {lead: [id]}\n",
         "15:20 id cannot be hidden: every record is found by it. Take it out."),
        ("      call: {read: own, create: own}\n", "      call: {read: own}\n    locks: {lead: [status]}\n",
         "15:20 status needs no lock: nobody writes it. Leave its transitions out of the role's rights."),
    ],
)  # fmt: skip
def test_a_wrong_right_is_told_at_its_own_place(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    found = [line for line in told(tmp_path, roles=changed(ROLES, old, new)) if line.startswith("roles")]
    assert found == [f"roles.yaml:{sentence}"]


def test_a_scope_that_selects_nothing_is_told(tmp_path: Path) -> None:
    unowned = changed(ENTITIES, "  account:\n", "  account:\n    owned: false\n")
    roles = changed(ROLES, "account: {read: all}", "account: {read: own, assign: all}")
    assert told(tmp_path, entities=unowned, roles=roles) == [
        'roles.yaml:12:23 account has no owner ("owned: false"), so "own" selects no record. Write all, none or a condition.',
        "roles.yaml:12:36 account has no owner, so it cannot be assigned. Remove this key.",
    ]


def test_roles_cannot_report_in_a_circle(tmp_path: Path) -> None:
    roles = changed(ROLES, "    administers: true\n", "    administers: true\n    reports_to: caller\n")
    assert told(tmp_path, roles=roles) == [
        "roles.yaml:10:17 Roles report in a circle: manager -> caller -> manager. Let one of them report to nobody."
    ]


def test_a_role_that_the_move_leaves_out_cannot_claim_it(tmp_path: Path) -> None:
    guest = ROLES + "  guest:\n    rights:\n      lead: {read: all, transitions: [lose]}\n"
    assert told(tmp_path, roles=guest) == [
        'roles.yaml:17:39 guest may not use "lose": its `roles` in workflows.yaml do not name guest. '
        "Add guest there, or take lose out here."
    ]
