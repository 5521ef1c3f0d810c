"""A database with many leads, as the write door would have made them, but without asking it a million times.

People are made through the write door. Leads, their calls and appointments are raw rows: every column, folded text,
history row with its hash, stay in a stage. A filled file is kept in the data folder and copied for each run.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.actor import robot
from engine.compiler import compile_set
from engine.folding import fold
from engine.records.accounts import hashed
from engine.records.apply import apply
from engine.records.commands import Create
from engine.records.database import Connection, Database
from engine.records.journal import COLUMNS, STAY, Entry
from engine.records.plan import plan
from engine.records.rows import RowShape, in_words_of
from engine.records.search_index import PAUSED, create, drop, search_name
from engine.runtime import Crm, Runtime
from engine.settings import Settings


def words(text: str, by: str | None = None) -> list[str]:
    return text.split(by)


SET = Path(__file__).parent.parent / "config" / "rsoft"
CALLERS = 50
EPOCH = 1_704_067_200_000  # ms; ids count from 2024
SPAN = 700 * 86_400_000  # ms over which the leads came in
BATCH = 10_000
KEYS = {"administrator": "bench-administrator", "manager": "bench-manager"}

FIRST = words(
    "Aarav Aditi Akash Amina Ananya Anil Arjun Asif Bhavna Chetan Deepa Devika Dinesh Divya Esha Farah Gaurav Geeta "
    "Harish Imran Isha Jaya Joseph Kabir Karan Kavya Kiran Lakshmi Leela Mahesh Manoj Maya Meena Mohan Nadia Naveen "
    "Neha Nikhil Omkar Pooja Prakash Priya Rahul Rajesh Rekha Ritu Rohit Sahil Sana Sanjay Shreya Sunil Tara Uma Varun "
    "Vijay Vikram Yash Zara Zoya"
)
LAST = words(
    "Agarwal Ahmed Bansal Bhat Bose Chatterjee Chauhan Das Desai Dutta Fernandes Ghosh Goswami Gupta Iyer Jain Joshi "
    "Kapoor Khan Krishnan Kulkarni Kumar Malhotra Mathew Mehta Menon Mishra Mukherjee Nair Naidu Patel Pillai Qureshi "
    "Rao Reddy Saxena Shah Sharma Sheikh Shetty Singh Sinha Thomas Tiwari Varma Verma Yadav"
)
TRADES = words("Traders Foods Textiles Motors Pharma Realty Exports Logistics Studios Academy Clinics Solar")
CITIES = words("Mumbai Pune Kochi Delhi Chennai Hyderabad Bengaluru Kolkata Jaipur Surat")
SOURCES = (
    "Google",
    "Website",
    "Facebook",
    "Chatbot",
    "WhatsApp",
    "IVR",
    "Hoarding",
    "Referral",
    "Newspaper",
    "Live chat",
)
STAGES = (
    *(["NOT ATTEMPTED"] * 35), *(["FOLLOW-UP"] * 25), *(["DEMO CONFIRMED"] * 10), *(["PROPOSAL SENT"] * 8),
    *(["CLOSE TO WON"] * 7), *(["CLOSE TO LOOSE"] * 15),
)  # fmt: skip
CLOSED = ("CLOSE TO WON", "CLOSE TO LOOSE")
REASONS = ("Price", "No response", "Not interested", "Lost to competitor")
QUALITIES = ("High in Relevance", "Might be", "Not Sure", None, None)
DRAWN = random.Random(20)


def filled(folder: Path, leads: int) -> Path:
    """A SQLite file with this many leads; made when the folder has none."""
    path = folder / f"crm-bench-{leads}.db"
    if path.exists():
        fit(f"sqlite:///{path}")
    else:
        making = path.with_suffix(".making")
        making.unlink(missing_ok=True)
        fill(f"sqlite:///{making}", leads)
        making.rename(path)
    return path


def worn(folder: Path, leads: int) -> Path:
    """A copy to write into."""
    master = filled(folder, leads)
    path = folder / f"crm-bench-{leads}-run.db"
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    shutil.copyfile(master, path)
    return path


def fill(url: str, leads: int, *, calls: float = 0.5, said: Any = print) -> None:
    """Tables, people and rows; `calls` for each lead, and an appointment for every tenth."""
    fit(url)
    runtime = Runtime(SET, Settings(database_url=url, files=Path("/tmp")))
    crm = runtime.current
    with crm.database.hurried():
        people = _people(crm)
    rows = Rows(crm, people, calls)
    with crm.database.writing() as connection:
        _quick(connection)
    began = datetime.now()
    with crm.database.hurried():
        rows.fill(leads)
    said(f"{leads:,} leads in {(datetime.now() - began).total_seconds():.0f} s")
    runtime.close()


def fit(url: str) -> None:
    """The set may have changed since the file was filled."""
    database = Database(url)
    apply(plan(compile_set(SET), database), database)
    database.close()


def _quick(connection: Connection) -> None:
    if connection.dialect == "sqlite":
        connection.raw.execute("pragma cache_size = -400000")


# ---- people


@dataclass(frozen=True, slots=True)
class People:
    callers: list[int]
    products: list[int]


def _people(crm: Crm) -> People:
    """An administrator, five managers, fifty callers below them, each with a session whose key the bench knows."""
    who = robot(crm.blueprint, "Fill")
    team = _made(crm, who, "team", {"name": "Sales"})
    boss = _person(crm, who, "Dev Menon", "administrator", None, team)
    managers = [_person(crm, who, f"Manager {n}", "manager", boss, team) for n in range(5)]
    callers = [
        _person(crm, who, f"Caller {n:02}", "caller", managers[n % len(managers)], team) for n in range(CALLERS)
    ]
    products = [_made(crm, who, "product", {"name": f"Product {n}", "code": f"P{n}"}) for n in range(12)]
    keys = {KEYS["administrator"]: boss, KEYS["manager"]: managers[0]}
    renew(crm.database, {**keys, **{caller_key(n): id for n, id in enumerate(callers)}})
    return People(callers, products)


def _person(crm: Crm, who: Any, name: str, role: str, manager: int | None, team: int) -> int:
    email = f"{name.lower().replace(' ', '.')}@bench.example"
    values = {"name": name, "email": email, "role": role, "team": team, "active": True}
    return _made(crm, who, "user", {**values, **({"manager": manager} if manager else {})})


def _made(crm: Crm, who: Any, entity: str, values: dict[str, Any]) -> int:
    return crm.writes.do(who, Create(entity, values)).id


def caller_key(n: int) -> str:
    return f"bench-caller-{n:02}"


def renew(database: Database, users: dict[str, int]) -> None:
    now = int(datetime.now(UTC).timestamp() * 1000)
    text = (
        'insert into crm_session (key_hash, "user", created_at, seen_at, expires_at, csrf) values (?, ?, ?, ?, ?, ?)'
    )
    with database.writing() as connection:
        rows = [(hashed(key), user, now, now, now + 10**9, "x") for key, user in users.items()]
        connection.change_many(in_words_of(connection.dialect, text), rows)


# ---- rows


class Rows:
    """Raw rows of leads, calls and appointments."""

    def __init__(self, crm: Crm, people: People, calls: float) -> None:
        self.crm, self.people, self.calls = crm, people, calls
        self.hash = crm.blueprint.hash
        self.shapes = {n: RowShape(crm.blueprint.entities[n]) for n in ("lead", "call", "appointment")}
        self.now = int(datetime.now(UTC).timestamp() * 1000)

    def fill(self, count: int) -> None:
        step = SPAN // count
        if self.crm.database.dialect == "postgresql":
            self._without_search()
        for start in range(0, count, BATCH):
            with self.crm.database.writing() as connection:
                if connection.dialect == "sqlite":
                    connection.change(f"insert into {PAUSED} (id) values (1)")
                self._batch(connection, start, min(count, start + BATCH), step)
                if connection.dialect == "sqlite":
                    connection.change(f"delete from {PAUSED}")
        with self.crm.database.writing() as connection:
            self._ended(connection, count)

    def _batch(self, connection: Connection, start: int, end: int, step: int) -> None:
        made: dict[str, list[tuple[Any, ...]]] = {"lead": [], "call": [], "appointment": []}
        histories, stays = [], []
        for n in range(start, end):
            at = self.now - SPAN + n * step
            for entity, columns, stage in self._story(n, at):
                row, history = self._row(entity, columns, at, stage)
                made[entity].append(row)
                histories.append(history)
                if stage:
                    stays.append((columns["id"] + 5, entity, columns["id"], "status", stage, at))
        for entity, rows in made.items():
            connection.insert_many(entity, self.shapes[entity].writable, rows)
        connection.insert_many("crm_history", COLUMNS, histories)
        connection.insert_many("crm_stage_time", STAY, stays)

    def _row(
        self, entity: str, columns: dict[str, Any], at: int, stage: str | None
    ) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        changes = {n: [None, v] for n, v in columns.items() if v is not None and "__" not in n and n != "id"}
        id, owner = columns["id"], columns["owner"]
        history = Entry(id, entity, id, at, owner, "created", changes, self.hash, stage_to=stage).row()
        columns.update(version=1, created_at=at, created_by=owner, updated_at=at, updated_by=owner, chain=history[-1])
        return tuple(map(columns.get, self.shapes[entity].writable)), history

    def _story(self, n: int, at: int) -> Iterator[tuple[str, dict[str, Any], str | None]]:
        lead = self._lead(n, at)
        yield "lead", lead, lead["status"]
        for k in range(int((n + 1) * self.calls) - int(n * self.calls)):
            yield "call", self._call(lead, at, k), None
        if n % 10 == 0:
            yield "appointment", self._appointment(n, lead, at), "PLANNED"

    def _lead(self, n: int, at: int) -> dict[str, Any]:
        draw = DRAWN
        first, last = draw.choice(FIRST), draw.choice(LAST)
        company = f"{draw.choice(LAST)} {draw.choice(TRADES)}" if n % 3 == 0 else None
        number = f"LEAD-{datetime.fromtimestamp(at / 1000, UTC).year}-{n + 1:05}"
        phone = f"9{draw.randrange(10**9):09}"
        email = f"{first}.{last}{n}@example.com".lower()
        stage = draw.choice(STAGES)
        return {
            "id": (at - EPOCH << 22) + 1000, "reference": number, "reference__find": number.lower(), "first_name": first,
            "first_name__find": fold(first), "last_name": last, "last_name__find": fold(last), "company": company,
            "company__find": company and fold(company), "phone": f"+91{phone}", "phone__find": f"91{phone}",
            "email": email, "email__find": email, "source": draw.choice(SOURCES), "medium": "Online", "kind": "New",
            "product": draw.choice(self.people.products), "budget": draw.randrange(10**7),
            "follow_up_at": at + 86_400_000 if stage != "NOT ATTEMPTED" else None,
            "lost_reason": draw.choice(REASONS) if stage == "CLOSE TO LOOSE" else None,
            "closed_at": at + 864_000_000 if stage in CLOSED else None,
            "order_value": draw.randrange(10**7) if stage == "CLOSE TO WON" else None, "city": draw.choice(CITIES),
            "quality": draw.choice(QUALITIES), "do_not_email": 0, "do_not_call": 0, "status": stage,
            "owner": draw.choice(self.people.callers),
        }  # fmt: skip

    def _call(self, lead: dict[str, Any], at: int, k: int) -> dict[str, Any]:
        return {
            "id": (at + 1 - EPOCH << 22) + 2000 + k, "subject": "First call", "subject__find": "first call",
            "about": lead["id"], "about__entity": "lead", "number": lead["phone"], "number__find": lead["phone__find"],
            "priority": "Normal", "direction": "Outgoing", "started_at": at + 60_000 + k * 86_400_000, "outcome": "Answered",
            "owner": lead["owner"],
        }  # fmt: skip

    def _appointment(self, n: int, lead: dict[str, Any], at: int) -> dict[str, Any]:
        number = f"APT-2026-{n // 10 + 1:05}"
        return {
            "id": (at + 2 - EPOCH << 22) + 3000, "reference": number, "reference__find": number.lower(),
            "subject": "Product demo", "subject__find": "product demo", "lead": lead["id"], "kind": "Demo",
            "starts_at": at + 172_800_000, "length": 3600, "mode": "Online", "status": "PLANNED", "owner": lead["owner"],
        }  # fmt: skip

    def _ended(self, connection: Connection, count: int) -> None:
        """The counters stand after the rows, and the search finds them."""
        text = "insert into crm_series (name, period, last) values ('lead.reference', '2026-27', ?)"
        connection.change(in_words_of(connection.dialect, text), (count,))
        for entity, shape in self.shapes.items():
            if connection.dialect == "sqlite":
                table = search_name(entity)
                connection.change(f"insert into \"{table}\" (\"{table}\") values ('rebuild')")
            else:
                connection.change("set local statement_timeout = 0")
                connection.change("set local maintenance_work_mem = '512MB'")
                create(connection, entity, shape.searched)
        if connection.dialect == "postgresql":  # as its own housekeeping would; SQLite has no such
            connection.change("analyze")

    def _without_search(self) -> None:
        """A trigram index that is made at once is smaller, and twenty times sooner there."""
        with self.crm.database.writing() as connection:
            for entity in self.shapes:
                drop(connection, entity)
