"""Twenty thousand deals of forty people, quickly: for tests that look at how the database finds them."""

from __future__ import annotations

import random
from typing import Any

from tests.records.firm import ASHA, MEERA, NOW, RAVI, VERA, Firm, founded

STAGES = ("NEW", "FOLLOW-UP", "PROPOSAL", "ON HOLD", "WON", "LOST")
SOURCES = ("Google", "Website", "Walk-in")
FIRST = ("Asha", "Binu", "Chitra", "Deepa", "Esha", "Farid", "Gita", "Hari", "Indu", "Jaya")
OWNERS = (ASHA, RAVI, VERA, MEERA, *range(51, 87))
LAST = ("Kumar", "Rao", "Das", "Menon", "Iyer", "Nair", "Shah", "Gupta", "Bose", "Khan")


def fill(url: str, count: int = 20_000) -> None:
    firm: Firm = founded(url)
    for id in range(1, 101):
        firm.add("account", 1000 + id, name=f"Account {id}", industry="Steel", owner=MEERA)
    for id in range(51, 87):
        firm.add("user", id, name=f"Caller {id}", email=f"c{id}@small.example", role="caller", manager=MEERA)
    firm.reach()
    table = firm.tables.of("deal")
    with firm.database.writing() as lent:
        rows = deals(count)
        for at in range(0, count, 5000):
            lent.execute(table.insert(), rows[at : at + 5000])
    with firm.database.writing() as lent:
        lent.change("analyze")
    firm.close()


def deals(count: int) -> list[dict[str, Any]]:
    chosen, now = random.Random(7), int(NOW.timestamp() * 1000)
    return [deal(chosen, now, i) for i in range(count)]


def deal(chosen: random.Random, now: int, i: int) -> dict[str, Any]:
    name, digits = f"{chosen.choice(FIRST)} {chosen.choice(LAST)}", f"98{chosen.randrange(10**8):08}"
    return {
        "id": 10_000_000 + i, "version": 1, "created_at": now, "updated_at": now,
        "owner": chosen.choice(OWNERS),
        "name": name, "name__find": name.lower(), "phone": f"+91{digits}", "phone__find": f"91{digits}",
        "email": f"p{i}@small.example", "email__find": f"p{i}@small.example", "number": f"DEAL-2026-{i:05}",
        "number__find": f"deal-2026-{i:05}", "source": chosen.choice(SOURCES), "status": chosen.choice(STAGES),
        "budget": chosen.randrange(10**7), "discount": 500, "follow_up_at": now + chosen.randrange(10**9), "is_hot": i % 2,
        "account": 1001 + i % 100,
    }  # fmt: skip
