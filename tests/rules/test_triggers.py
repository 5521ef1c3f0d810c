"""What sets a trigger off, told by the event alone."""

from __future__ import annotations

import pytest

from engine.blueprint.triggers import Around, Happening
from engine.rules.triggers import matches

LOST = {
    "entity": "deal", "record": "7", "action": "moved", "on": ["moved", "changed"], "transition": "lose",
    "fields": ["reason", "stage"], "stages": {"stage": "LOST"}, "actor": "1",
}  # fmt: skip
NEW = {**LOST, "action": "created", "on": ["created", "assigned"], "transition": None, "stages": {"stage": "NEW"}}


@pytest.mark.parametrize(
    "trigger, lost, new",
    [
        (Happening("moved"), True, False),
        (Happening("created"), False, True),
        (Happening("assigned"), False, True),
        (Happening("changed", fields=("reason",)), True, False),
        (Happening("changed", fields=("amount",)), False, False),
        (Happening("moved", into=("LOST", "HOLD")), True, False),
        (Happening("moved", into=("HOLD",)), False, False),
        (Happening("moved", by=("lose",)), True, False),
        (Happening("moved", by=("win",)), False, False),
        (Happening("created", into=("NEW",)), False, True),
        (Around("before", "starts_at"), False, False),
        (None, False, False),
    ],
)
def test_an_event_sets_off_what_waits_for_it_and_nothing_else(trigger, lost, new):
    assert (matches(trigger, LOST), matches(trigger, NEW)) == (lost, new)
