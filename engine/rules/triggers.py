"""Whether an event of the outbox is what a trigger waits for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.blueprint.triggers import Happening, Trigger


def matches(trigger: Trigger | None, event: Mapping[str, Any]) -> bool:
    """As far as the event tells. `trigger.before` speaks of values, which no event carries: the caller asks it."""
    return isinstance(trigger, Happening) and all(
        (
            trigger.on in event["on"],
            _any_of(trigger.fields, event["fields"]),
            _any_of(trigger.into, event.get("stages", {}).values()),
            _any_of(trigger.by, (event.get("transition"),)),
        )
    )


def _any_of(wanted: tuple[str, ...], found: Any) -> bool:
    return not wanted or not set(wanted).isdisjoint(found)
