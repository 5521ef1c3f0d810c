"""Three months of a small firm's sales, made through the write door, and beside it a log of what each sale was when."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.actor import Actor
from engine.records.commands import Delete, Move, Restore, Update
from tests.desk import Desk

WAYS = {
    "Prospecting": {"discuss": "Discussion", "propose": "Proposal", "lose": "Lost", "hold": "On hold"},
    "Discussion": {"propose": "Proposal", "lose": "Lost", "hold": "On hold"},
    "Proposal": {"commit": "Committed", "win": "Won", "lose": "Lost"},
    "Committed": {"win": "Won", "lose": "Lost"},
    "On hold": {"resume": "", "lose": "Lost"},
    "Won": {"reopen": "Discussion"},
    "Lost": {"reopen": "Discussion"},
}
OPEN = ("Prospecting", "Discussion", "Proposal", "Committed", "On hold")


@dataclass(frozen=True)
class Sale:
    """What a sale was from `at` on."""

    id: int
    at: datetime
    stage: str
    owner: int
    amount: Decimal | None
    close_date: date | None
    deleted: bool = False


@dataclass
class Sales:
    desk: Desk
    sellers: list[Actor]
    log: list[Sale] = field(default_factory=list)

    @property
    def ids(self) -> list[int]:
        return list(dict.fromkeys(sale.id for sale in self.log))

    def of(self, id: int) -> list[Sale]:
        return [sale for sale in self.log if sale.id == id]

    def now(self, id: int) -> Sale:
        return self.of(id)[-1]

    def at(self, id: int, moment: datetime) -> Sale | None:
        """As it was before that moment; None where it was not there yet."""
        return next((sale for sale in reversed(self.of(id)) if sale.at < moment), None)

    def stays(self, id: int) -> list[tuple[str, datetime, datetime | None]]:
        entries = [one for n, one in enumerate(self.of(id)) if not n or self.of(id)[n - 1].stage != one.stage]
        ends = [*(one.at for one in entries[1:]), None]
        return [(one.stage, one.at, end) for one, end in zip(entries, ends, strict=True)]


def made(desk: Desk, count: int, deeds: int, seed: int = 7) -> Sales:
    sellers = [seller(desk, name) for name in ("Sita", "Omar")]
    sales, chosen = Sales(desk, sellers), random.Random(seed)
    for number in range(count + deeds):
        desk.clock.pass_time(hours=chosen.randrange(1, int(24 * 90 * 2 / (count + deeds))))
        if number < 5 or chosen.random() < count / (count + deeds):
            sales.log.append(_new(sales, chosen, number))
        else:
            sales.log += _deed(sales, chosen, sales.now(chosen.choice(sales.ids)))
    return sales


def seller(desk: Desk, name: str) -> Actor:
    made = desk.create(desk.engine, "user", name=name, email=f"{name.lower()}@firm.example", role="seller",
                       manager=desk.meera.user)  # fmt: skip
    return Actor(made.id, name, "seller", zone=desk.crm.blueprint.manifest.zone)


def _new(sales: Sales, chosen: random.Random, number: int) -> Sale:
    today = sales.desk.clock.now.date()
    amount = chosen.choice((None, Decimal(1000), Decimal(chosen.randrange(1, 90) * 100)))
    close = chosen.choice((None, today + timedelta(days=chosen.randrange(-20, 80))))
    owner = chosen.choice(sales.sellers).user
    values = {"name": f"Sale {number}", "owner": str(owner), "amount": amount, "close_date": close}
    made = sales.desk.create(sales.desk.dev, "opportunity", **{k: str(v) for k, v in values.items() if v is not None})
    return Sale(made.id, sales.desk.clock.now, "Prospecting", owner, amount, close)


def _deed(sales: Sales, chosen: random.Random, sale: Sale) -> Iterator[Sale]:
    do, id = sales.desk.crm.writes.do, sale.id
    dev, version = sales.desk.dev, _version(sales, sale)
    if sale.deleted:
        do(dev, Restore("opportunity", id, version))
        yield replace(sale, at=sales.desk.clock.now, deleted=False)
    elif chosen.random() < 0.07:
        do(dev, Delete("opportunity", id, version))
        yield replace(sale, at=sales.desk.clock.now, deleted=True)
    elif chosen.random() < (0.85 if sale.stage == "Won" else 0.35):
        changed = _changed(sales, chosen, sale)
        do(dev, Update("opportunity", id, version, {k: str(v) for k, v in changed.items()}))
        yield replace(sale, at=sales.desk.clock.now, **changed)
    else:
        yield _moved(sales, chosen, sale, version)


def _changed(sales: Sales, chosen: random.Random, sale: Sale) -> dict[str, Any]:
    today = sales.desk.clock.now.date()
    return chosen.choice(
        (
            {"amount": (sale.amount or Decimal(0)) + chosen.randrange(1, 9) * 50},
            {"amount": (sale.amount or Decimal(0)) / 2},
            {"close_date": today + timedelta(days=chosen.randrange(-30, 90))},
            {"owner": chosen.choice(sales.sellers).user},
        )
    )


def _moved(sales: Sales, chosen: random.Random, sale: Sale, version: int) -> Sale:
    ways = sorted(WAYS[sale.stage])
    way = chosen.choice(ways if chosen.random() < 0.4 else [one for one in ways if one not in ("lose", "hold")])
    before = [stage for stage, _, _ in sales.stays(sale.id)]
    to = WAYS[sale.stage][way] or before[-2]
    values: dict[str, Any] = {"lost_reason": "Price"} if way == "lose" else {}
    if way in ("propose", "commit", "win", "resume"):
        is_kept = sale.amount is not None and chosen.random() < 0.5
        values["amount"] = sale.amount if is_kept else Decimal(chosen.randrange(9) * 700)
    if way in ("commit", "resume"):
        values["close_date"] = sale.close_date or sales.desk.clock.now.date()
    asked = {name: str(value) for name, value in values.items()} if way != "resume" else {}
    sales.desk.crm.writes.do(sales.desk.dev, Move("opportunity", sale.id, version, way, asked))
    kept = {name: value for name, value in values.items() if name in asked and name != "lost_reason"}
    return replace(sale, at=sales.desk.clock.now, stage=to, **kept)


def _version(sales: Sales, sale: Sale) -> int:
    return int(sales.desk.rows(f"select version from opportunity where id = {sale.id}")[0][0])
