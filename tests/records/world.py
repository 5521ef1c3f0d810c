"""A day's records of the small firm, for tests that read: Asha's deals and Ravi's, the calls on them, two accounts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from engine.blueprint.values import Money
from tests.records.firm import ASHA, MEERA, NORTH, RAVI, VERA, Firm, founded

ACME, BELL = 21, 22
WEEK = datetime(2026, 11, 16, tzinfo=UTC)


def money(amount: str) -> Money:
    return Money(Decimal(amount), "INR")


DEALS: list[dict[str, Any]] = [
    {"id": 101, "name": "Zoë Kumar", "phone": "+919876543210", "owner": ASHA, "status": "NEW", "source": "Google",
     "budget": money("100.00"), "account": ACME, "interests": (ACME, BELL), "closes_on": date(2026, 11, 20)},
    {"id": 102, "name": "Anil Rao", "phone": "+919876500000", "owner": ASHA, "status": "FOLLOW-UP", "source": "Website",
     "budget": money("300.00"), "discount": Decimal("10.00"), "follow_up_at": datetime(2026, 11, 20, 4, tzinfo=UTC)},
    {"id": 103, "name": "Binu Das", "owner": ASHA, "status": "FOLLOW-UP", "team": NORTH, "tags": ("vip", "old"),
     "follow_up_at": datetime(2026, 11, 19, 20, tzinfo=UTC), "account": BELL},
    {"id": 201, "name": "Ravi's Kumar", "phone": "+919812345678", "owner": RAVI, "status": "NEW", "source": "Google",
     "budget": money("900.00"), "account": ACME},
    {"id": 202, "name": "Chitra", "owner": RAVI, "status": "WON", "budget": money("50.00"), "is_hot": True},
    {"id": 301, "name": "South deal", "owner": VERA, "status": "NEW", "budget": money("70.00")},
    {"id": 401, "name": "Meera's own", "owner": MEERA, "status": "PROPOSAL"},
]  # fmt: skip

CALLS: list[dict[str, Any]] = [
    {"id": 501, "deal": 101, "outcome": "Answered", "owner": ASHA, "seconds": 60, "note": "wants a demo"},
    {"id": 502, "deal": 101, "outcome": "RNR", "owner": RAVI, "seconds": 5},
    {"id": 503, "deal": 201, "outcome": "Answered", "owner": RAVI, "seconds": 33},
]


def fill(url: str) -> None:
    firm: Firm = founded(url)
    firm.add("account", ACME, name="Acme", industry="Steel", owner=MEERA)
    firm.add("account", BELL, name="Bell", industry="Retail", owner=ASHA)
    firm.add_many("deal", [dict(deal) for deal in DEALS])
    firm.add_many("call", [dict(call) for call in CALLS])
    firm.close()
