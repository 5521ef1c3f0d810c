"""Which deeds and fields a role has: plain values, no database."""

from __future__ import annotations

import pytest

from engine.actor import Actor
from engine.rules.permissions import may, rights_of, who_may, writable
from tests.small import small

FIRM = small()
ASHA = Actor(1, "Asha", "caller")
MEERA = Actor(2, "Meera", "manager")
VERA = Actor(9, "Vera", "visitor")
ACTIONS = ("read", "create", "update", "delete", "assign", "import", "export", "bulk")


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("entity", [*FIRM.entities, "nothing"])
def test_vera_from_outside_may_nothing(action: str, entity: str) -> None:
    assert not may(FIRM, VERA, action, entity)


def test_asha_may_what_her_role_says_and_no_more() -> None:
    allowed = {action for action in ACTIONS if may(FIRM, ASHA, action, "deal")}
    assert allowed == {"read", "create", "update", "assign"}


def test_import_export_and_bulk_are_rights_of_their_own() -> None:
    assert all(may(FIRM, MEERA, a, "deal") for a in ("import", "export", "bulk"))
    assert not any(may(FIRM, MEERA, a, "account") for a in ("import", "export", "bulk"))


@pytest.mark.parametrize(
    ("action", "allowed"),
    [*((a, True) for a in ("read", "update", "assign", "bulk")), *((a, False) for a in ("create", "delete", "import"))],
)
def test_a_token_narrows_and_an_update_in_other_words_is_an_update(action: str, allowed: bool) -> None:
    bearer = Actor(2, "Meera", "manager", only=frozenset({("deal", "read"), ("deal", "update")}))
    assert may(FIRM, bearer, action, "deal") is allowed
    assert not may(FIRM, bearer, "read", "account")


def test_a_role_writes_what_it_reads_but_for_locked_hidden_and_made_fields() -> None:
    deal, rights = FIRM.entities["deal"], rights_of(FIRM, "caller", "deal")
    names = writable(deal.fields, rights)
    assert {"name", "owner", "tags", "interests", "lost_reason"} <= names
    assert names.isdisjoint(
        {"source", "budget", "expected", "status", "number", "calls", "call_count", "id", "version", "created_at"}
    )


def test_who_may_names_the_other_roles() -> None:
    assert who_may(FIRM, "delete", "deal", "caller") == ("Sales manager", "Administrator")
    assert who_may(FIRM, "import", "account") == ("Administrator",)
