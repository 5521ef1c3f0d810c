"""What the demo stories are made of: people, companies, and deeds at moments that count back from today.

A story is replayed through the write door at its own past moments, so that the demo's histories, times in stage and
counts are as real as those of a firm that has worked with the CRM for months.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

FIRST = """
    Aarav Aditi Ajay Akash Amit Ananya Anil Anita Arjun Arun Asif Bhavna Chitra Deepa Dev Divya Farah
    Fatima Gaurav Geeta Harish Imran Isha Jaya Karan Karthik Kavita Kiran Lakshmi Madhu Manish Meena
    Mohan Naveen Neha Nikhil Nisha Omkar Pallavi Pooja Pradeep Priya Rahul Rajesh Rakesh Rekha Ritu
    Rohan Sahil Sana Sandeep Sanjay Seema Shalini Shreya Siddharth Sneha Sunil Sunita Suresh Swati Tanvi
    Uma Varun Vidya Vijay Vikram Vinod Yash Zoya
""".split()  # noqa: SIM905
LAST = """
    Agarwal Bhat Banerjee Chatterjee Chauhan Das Deshmukh Deshpande Gandhi Ghosh Goswami Gupta Iyer Jain
    Joshi Kapoor Kaur Khan Kulkarni Kumar Mathew Mehta Menon Mishra Nair Naidu Pandey Patel Patil Pillai
    Qureshi Rao Reddy Saxena Shah Sharma Sheikh Shetty Singh Sinha Thomas Tiwari Varma Verma Yadav
""".split()  # noqa: SIM905
TRADES = (
    "Traders",
    "Realty",
    "Motors",
    "Academy",
    "Clinics",
    "Foods",
    "Exports",
    "Builders",
    "Textiles",
    "Systems",
)
Cast = list[tuple[str, str, str, str | None, str]]  # name, handle, role, handle of the manager, team


class Story:
    """The same seed tells the same.

    A `day` counts back from today (0 is today), a `minute` is of that day in the firm's zone.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.events: list[tuple[int, int, dict[str, Any]]] = []
        self.names = 0

    # ---- deeds; `by` is the handle of who does it, none: the CRM

    def create(
        self, day: int, minute: int, by: str | None, entity: str, name: str, values: dict[str, Any]
    ) -> None:
        self._add(day, minute, by, create=entity, name=name, values=values)

    def move(
        self, day: int, minute: int, by: str, move: str, record: str, entity: str, **values: Any
    ) -> None:
        self._add(day, minute, by, move=move, record=record, entity=entity, values=values)

    def change(self, day: int, minute: int, by: str, record: str, entity: str, **values: Any) -> None:
        self._add(day, minute, by, record=record, entity=entity, values=values)

    def _add(self, day: int, minute: int, by: str | None, **deed: Any) -> None:
        who = {"as": by} if by else {}
        self.events.append((-day, minute, {"at": when(day, minute), **who, **deed}))

    def write(self, path: Path) -> None:
        self.events.sort(key=lambda e: e[:2])
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = (
            json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n" for _, _, event in self.events
        )
        path.write_text("".join(lines), encoding="utf-8")

    # ---- who there is

    def hire(self, cast: Cast, domain: str, begun: int) -> None:
        """`begun`: days ago."""
        for team in sorted({team for *_, team in cast}):
            self.create(begun, 0, None, "team", f"team {team}", {"name": team})
        for name, handle, role, manager, team in cast:
            values = {"name": name, "email": f"{handle}@{domain}", "role": role, "team": f"@team {team}"}
            if manager:
                values["manager"] = f"@{manager}"
            self.create(begun, 1, None, "user", handle, values)

    def targets(
        self, by: str, sellers: tuple[str, ...], teams: tuple[str, ...], most: int, begun: int
    ) -> None:
        """What each seller and each team is to bring in, for the months of the story."""
        for age in reversed(range(15, begun, 30)):
            month = f"-{age}d"
            for seller in sellers:
                amount = str(self.random.randint(6, 10) * most // 10)
                values = {"month": month, "user": f"@{seller}", "amount": amount}
                self.create(begun, 700, by, "target", f"t {seller} {age}", values)
            for team in teams:
                values = {"month": month, "team": f"@team {team}", "amount": str(most * 2)}
                self.create(begun, 700, by, "target", f"t {team} {age}", values)

    # ---- chance

    def name(self, letter: str) -> str:
        self.names += 1
        return f"{letter}{self.names}"

    def person(self) -> tuple[str, str]:
        return self.random.choice(FIRST), self.random.choice(LAST)

    def company(self) -> str:
        return f"{self.random.choice(LAST)} {self.pick(*TRADES)}"

    def phone(self) -> str:
        return f"+91 9{self.random.randint(6000, 8999)} {self.random.randint(10000, 99999)}"

    def pick(self, *choices: Any, weights: list[int] | None = None) -> Any:
        return self.random.choices(choices, weights)[0]

    def minute(self) -> int:
        return self.random.randint(9 * 60 + 30, 18 * 60)

    def later(self, age: int, minute: int) -> tuple[int, int]:
        """Some time after; none of it in the future."""
        age = max(0, age - self.pick(0, 1, 2, 3, 5, weights=[2, 4, 4, 3, 2]))
        return age, min(minute + self.random.randint(15, 90), 19 * 60)


def when(day: int, minute: int) -> str:
    """As the replay reads it; today's deeds are minutes ago, so that none is in the future."""
    return f"-{day}d {minute // 60:02}:{minute % 60:02}" if day else f"-{max(2, 700 - minute)}m"
