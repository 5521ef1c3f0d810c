"""Writes the demo stories of the shipped sets: `python -m tests.demo.make_stories`. The same seed gives the same story.

A story is replayed through the write door at its own past moments, so that the demo's histories, times in stage and
counts are as real as those of a firm that has worked with the CRM for two months.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FIRST = [
    "Aarav",
    "Aditi",
    "Ajay",
    "Akash",
    "Amit",
    "Ananya",
    "Anil",
    "Anita",
    "Arjun",
    "Arun",
    "Asif",
    "Bhavna",
    "Chitra",
    "Deepa",
    "Dev",
    "Divya",
    "Farah",
    "Fatima",
    "Gaurav",
    "Geeta",
    "Harish",
    "Imran",
    "Isha",
    "Jaya",
    "Karan",
    "Karthik",
    "Kavita",
    "Kiran",
    "Lakshmi",
    "Madhu",
    "Manish",
    "Meena",
    "Mohan",
    "Naveen",
    "Neha",
    "Nikhil",
    "Nisha",
    "Omkar",
    "Pallavi",
    "Pooja",
    "Pradeep",
    "Priya",
    "Rahul",
    "Rajesh",
    "Rakesh",
    "Rekha",
    "Ritu",
    "Rohan",
    "Sahil",
    "Sana",
    "Sandeep",
    "Sanjay",
    "Seema",
    "Shalini",
    "Shreya",
    "Siddharth",
    "Sneha",
    "Sunil",
    "Sunita",
    "Suresh",
    "Swati",
    "Tanvi",
    "Uma",
    "Varun",
    "Vidya",
    "Vijay",
    "Vikram",
    "Vinod",
    "Yash",
    "Zoya",
]
LAST = [
    "Agarwal",
    "Bhat",
    "Banerjee",
    "Chatterjee",
    "Chauhan",
    "Das",
    "Deshmukh",
    "Deshpande",
    "Gandhi",
    "Ghosh",
    "Goswami",
    "Gupta",
    "Iyer",
    "Jain",
    "Joshi",
    "Kapoor",
    "Kaur",
    "Khan",
    "Kulkarni",
    "Kumar",
    "Mathew",
    "Mehta",
    "Menon",
    "Mishra",
    "Nair",
    "Naidu",
    "Pandey",
    "Patel",
    "Patil",
    "Pillai",
    "Qureshi",
    "Rao",
    "Reddy",
    "Saxena",
    "Shah",
    "Sharma",
    "Sheikh",
    "Shetty",
    "Singh",
    "Sinha",
    "Thomas",
    "Tiwari",
    "Varma",
    "Verma",
    "Yadav",
]
CITIES = [
    "Mumbai",
    "Pune",
    "Kochi",
    "Bengaluru",
    "Chennai",
    "Hyderabad",
    "Delhi",
    "Ahmedabad",
    "Kolkata",
    "Jaipur",
]
CITIES_ABROAD = {
    "Dubai": "United Arab Emirates",
    "Doha": "Qatar",
    "Muscat": "Oman",
    "Singapore": "Singapore",
    "Colombo": "Sri Lanka",
    "London": "United Kingdom",
    "Toronto": "Canada",
}
MANAGERS = {"asha": "meera", "ravi": "meera", "sana": "meera", "nikhil": "joseph", "divya": "joseph"}
TRADES = [
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
]


class Story:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.events: list[tuple[int, int, dict[str, Any]]] = []
        self.names = 0

    def name(self, letter: str) -> str:
        self.names += 1
        return f"{letter}{self.names}"

    def add(self, day: int, minute: int, **event: Any) -> None:
        """`day` counts back from today (0 is today), `minute` is of that day in the firm's zone."""
        at = f"-{day}d {minute // 60:02}:{minute % 60:02}" if day else f"-{max(2, 700 - minute)}m"
        self.events.append((-day, minute, {"at": at, **event}))

    def write(self, path: Path) -> None:
        self.events.sort(key=lambda e: e[:2])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            "".join(
                json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n"
                for _, _, event in self.events
            ),
            encoding="utf-8",
        )

    def person(self) -> tuple[str, str]:
        return self.random.choice(FIRST), self.random.choice(LAST)

    def phone(self) -> str:
        return f"+91 9{self.random.randint(6000, 8999)} {self.random.randint(10000, 99999)}"

    def pick(self, *choices: Any, weights: list[int] | None = None) -> Any:
        return self.random.choices(choices, weights)[0]

    def minute(self) -> int:
        return self.random.randint(9 * 60 + 30, 18 * 60)


def people(
    story: Story, rows: list[tuple[str, str, str, str | None, str]], domain: str, begun: int = 80
) -> Iterator[str]:
    teams = sorted({team for *_, team in rows})
    for team in teams:
        story.add(begun, 0, create="team", name=f"team {team}", values={"name": team})
    for name, handle, role, manager, team in rows:
        values = {"name": name, "email": f"{handle}@{domain}", "role": role, "team": f"@team {team}"}
        if manager:
            values["manager"] = f"@{manager}"
        story.add(begun, 1, create="user", name=handle, values=values)
        yield handle


MANAGERS = {"asha": "meera", "ravi": "meera", "sana": "meera", "nikhil": "joseph", "divya": "joseph"}


def rsoft() -> Story:
    story = Story(7)
    cast = [
        ("Dev Menon", "dev", "administrator", None, "Head office"),
        ("Latha Krishnan", "latha", "management", None, "Head office"),
        ("Meera Nair", "meera", "manager", None, "Kochi desk"),
        ("Joseph Mathew", "joseph", "manager", None, "Pune desk"),
        ("Asha Pillai", "asha", "caller", "meera", "Kochi desk"),
        ("Ravi Kumar", "ravi", "caller", "meera", "Kochi desk"),
        ("Sana Sheikh", "sana", "caller", "meera", "Kochi desk"),
        ("Nikhil Joshi", "nikhil", "caller", "joseph", "Pune desk"),
        ("Divya Patil", "divya", "caller", "joseph", "Pune desk"),
    ]
    list(people(story, cast, "rsoft.example"))
    callers = ["asha", "ravi", "sana", "nikhil", "divya"]
    products = [
        ("Real estate CRM", "48000"),
        ("Education CRM", "36000"),
        ("Healthcare CRM", "54000"),
        ("Call centre add-on", "12000"),
        ("WhatsApp add-on", "9000"),
    ]
    story.add(79, 600, create="product_category", name="cat", values={"name": "Software"})
    for i, (name, price) in enumerate(products):
        story.add(
            79,
            601 + i,
            create="product",
            name=f"p{i}",
            values={"name": name, "price": price, "category": "@cat", "code": f"RS-{i + 1:02}"},
        )
    _targets(story, "latha", callers, ("Kochi desk", "Pune desk"), 500_000)
    for _ in range(330):
        _lead(story, story.pick(*callers), len(products))
    for _ in range(45):
        _enquiry(story, story.pick(*callers), len(products))
    return story


def _targets(
    story: Story, by: str, sellers: list[str], teams: tuple[str, ...], most: int, begun: int = 78
) -> None:
    """What each seller and each team is to bring in, for the months of the story."""
    for age in reversed(range(15, begun, 30)):
        for seller in sellers:
            amount = str(story.random.randint(6, 10) * most // 10)
            values = {"month": f"-{age}d", "user": f"@{seller}", "amount": amount}
            story.add(begun, 700, **{"as": by}, create="target", name=f"t {seller} {age}", values=values)
        for team in teams:
            values = {"month": f"-{age}d", "team": f"@team {team}", "amount": str(most * 2)}
            story.add(begun, 700, **{"as": by}, create="target", name=f"t {team} {age}", values=values)


def _lead(story: Story, caller: str, products: int) -> None:
    first, last = story.person()
    age = story.pick(0, 1, story.random.randint(2, 12), story.random.randint(13, 62), weights=[3, 5, 38, 54])
    lead, phone = story.name("L"), story.phone()
    online = story.random.random() < 0.78
    source = story.pick(
        *(
            ["Google", "Website", "Facebook form", "WhatsApp", "IVR", "Chatbot", "Enquiry form"]
            if online
            else ["Hoarding", "Newspaper", "Referral", "Brochure"]
        )
    )
    city = story.pick(*CITIES * 2, *CITIES_ABROAD)
    values = {
        "first_name": first,
        "last_name": last,
        "phone": phone,
        "source": source,
        "medium": "Online" if online else "Offline",
        "city": city,
        "country": CITIES_ABROAD.get(city, "India"),
        "product": f"@p{story.random.randrange(products)}",
        "budget": str(story.random.randint(10, 120) * 1000),
    }
    if story.random.random() < 0.7:
        values["email"] = f"{first}.{last}{story.random.randint(1, 99)}@example.com".lower()
    if story.random.random() < 0.5:
        values["company"] = f"{last} {story.pick(*TRADES)}"
    minute = story.minute()
    story.add(
        age, minute, **{"as": caller}, create="lead", name=lead, values={**values, "owner": f"@{caller}"}
    )
    if story.random.random() < (0.75 if age < 2 else 0.14):
        return
    _work(story, caller, lead, phone, age, minute)


def _later(story: Story, age: int, minute: int) -> tuple[int, int]:
    """Some time after; None of it in the future."""
    age = max(0, age - story.pick(0, 1, 2, 3, 5, weights=[2, 4, 4, 3, 2]))
    return age, min(minute + story.random.randint(15, 90), 19 * 60)


def _call(story: Story, caller: str, lead: str, phone: str, age: int, minute: int, outcome: str) -> None:
    values: dict[str, Any] = {
        "subject": story.pick("First call", "Follow-up call", "About the price", "Asked for details"),
        "about": f"@lead {lead}",
        "outcome": outcome,
        "direction": story.pick("Outgoing", "Incoming", weights=[5, 1]),
        "number": phone,
        "priority": story.pick("Normal", "High", "Low", weights=[6, 2, 1]),
        "started_at": f"-{age}d {minute // 60:02}:{minute % 60:02}" if age else f"-{max(2, 700 - minute)}m",
    }
    if outcome == "Answered":
        values["length"] = f"00:{story.random.randint(1, 14):02}"
        values["remarks"] = story.pick(
            "Wants a demo for the whole team.",
            "Asked for the price list.",
            "Compares with another system.",
            "Prefers to be called after lunch.",
            "Decision with the partner.",
        )
    if outcome == "CALL BACK":
        values["call_back_at"] = f"+{story.random.randint(0, 3)}d 11:00"
    story.add(
        age,
        minute,
        **{"as": caller},
        create="call",
        name=story.name("C"),
        values={**values, "owner": f"@{caller}"},
    )


def _work(story: Story, caller: str, lead: str, phone: str, age: int, minute: int) -> None:
    for _ in range(story.random.randint(0, 2)):
        _call(story, caller, lead, phone, age, minute + 4, story.pick("RNR", "NUMBER BUSY", "CALL BACK"))
        age, minute = _later(story, age, minute)
    fate = story.random.random()
    if fate < 0.16:
        return
    if fate < 0.30:
        _lose(story, caller, lead, age, minute)
        return
    _call(story, caller, lead, phone, age, minute + 3, "Answered")
    follow = story.pick(
        "-2d 11:00",
        "-1d 15:30",
        "+0d 11:00",
        "+0d 16:30",
        "+1d 10:15",
        "+2d 12:00",
        "+4d 17:00",
        weights=[2, 2, 2, 3, 3, 2, 2],
    )
    story.add(
        age,
        minute + 8,
        **{"as": caller},
        move="attended",
        record=lead,
        entity="lead",
        values={"follow_up_at": follow},
    )
    if fate < 0.52:
        return
    age, minute = _later(story, age, minute + 8)
    _demo(story, caller, lead, age, minute, fate)


def _demo(story: Story, caller: str, lead: str, age: int, minute: int, fate: float) -> None:
    demo, done_on = story.name("A"), max(0, age - story.random.randint(1, 4))
    upcoming = fate < 0.64 or done_on == 0
    starts = (
        story.pick("+0d 17:30", "+1d 11:00", "+1d 15:00", "+2d 16:00", "+5d 12:00")
        if upcoming
        else f"-{done_on}d 11:00"
    )
    story.add(
        age,
        minute + 2,
        **{"as": caller},
        create="appointment",
        name=demo,
        values={
            "subject": "Product demo",
            "lead": f"@{lead}",
            "kind": "Demo",
            "starts_at": starts,
            "mode": story.pick("Online", "In person"),
            "owner": f"@{caller}",
        },
    )
    story.add(age, minute + 6, **{"as": caller}, move="confirm", record=demo, entity="appointment", values={})
    story.add(age, minute + 9, **{"as": caller}, move="confirm_demo", record=lead, entity="lead", values={})
    if upcoming:
        return
    story.add(
        done_on,
        12 * 60 + 10,
        **{"as": caller},
        move="complete",
        record=demo,
        entity="appointment",
        values={
            "outcome": story.pick(
                "Went well; wants a proposal.",
                "Asked for a second round with finance.",
                "Liked the call desk most.",
            )
        },
    )
    if fate < 0.70:
        _lose(story, caller, lead, max(0, done_on - 1), 15 * 60)
        return
    quote = _quote(story, caller, lead, max(0, done_on - 1))
    story.add(
        max(0, done_on - 1),
        16 * 60,
        **{"as": caller},
        move="send_proposal",
        record=lead,
        entity="lead",
        values={},
    )
    if fate > 0.85 and done_on > 4:
        story.add(
            done_on - 3,
            14 * 60,
            **{"as": MANAGERS[caller]},
            move="approve",
            record=quote,
            entity="quotation",
            values={},
        )
        story.add(
            done_on - 3, 15 * 60, **{"as": caller}, move="send", record=quote, entity="quotation", values={}
        )
        story.add(done_on - 4, 12 * 60, **{"as": caller}, move="win", record=lead, entity="lead", values={})
        worth = str(story.random.randint(18, 160) * 1000)  # what an order is worth is the manager's to know
        story.add(
            done_on - 4,
            13 * 60,
            **{"as": MANAGERS[caller]},
            record=lead,
            entity="lead",
            values={"order_value": worth},
        )


def _quote(story: Story, caller: str, lead: str, day: int) -> str:
    quote = story.name("Q")
    story.add(
        day,
        15 * 60,
        **{"as": caller},
        create="quotation",
        name=quote,
        values={"subject": "CRM licences", "lead": f"@{lead}", "valid_until": "+20d", "owner": f"@{caller}"},
    )
    for i in range(story.random.randint(1, 3)):
        story.add(
            day,
            15 * 60 + 2 + i,
            **{"as": caller},
            create="quotation_line",
            name=story.name("QL"),
            values={
                "quotation": f"@{quote}",
                "product": f"@p{i}",
                "description": f"Licence, {story.pick(5, 10, 25)} seats",
                "quantity": str(story.pick(5, 10, 25)),
                "price": str(story.pick(900, 1200, 1800)),
                "discount": str(story.pick(0, 0, 5, 10)),
            },
        )
    story.add(day, 15 * 60 + 20, **{"as": caller}, move="submit", record=quote, entity="quotation", values={})
    return quote


def _lose(story: Story, caller: str, lead: str, age: int, minute: int) -> None:
    reason = story.pick("Price", "Lost to competitor", "No response", "Not interested", "Invalid number")
    story.add(
        age,
        minute + 12,
        **{"as": caller},
        move="lose",
        record=lead,
        entity="lead",
        values={"lost_reason": reason},
    )


def _enquiry(story: Story, caller: str, products: int) -> None:
    first, last = story.person()
    enquiry, age, minute = story.name("E"), story.pick(0, 1, 2, 4, 9), story.minute()
    values = {
        "first_name": first,
        "last_name": last,
        "phone": story.phone(),
        "source": story.pick("Website", "Chatbot", "WhatsApp", "Enquiry form"),
        "medium": "Online",
        "message": story.pick(
            "Please call me about the price.", "Do you have a school edition?", "We need it for 12 callers."
        ),
        "product": f"@p{story.random.randrange(products)}",
        "owner": f"@{caller}",
    }
    story.add(age, minute, **{"as": caller}, create="enquiry", name=enquiry, values=values)
    move = story.pick(None, "confirm", "junk", weights=[5, 3, 1])
    if move and age:
        story.add(age, minute + 20, **{"as": caller}, move=move, record=enquiry, entity="enquiry", values={})


BEGUN = 520  # days ago: a year of sales and a quarter to tell a forecast from


def raalink() -> Story:
    story = Story(11)
    cast = [
        ("Dev Menon", "dev", "administrator", None, "Head office"),
        ("Leela Thomas", "leela", "management", None, "Head office"),
        ("Thomas George", "thomas", "manager", None, "Kochi"),
        ("Priya Nambiar", "priya", "manager", None, "Bengaluru"),
        ("Asha Varma", "asha", "seller", "thomas", "Kochi"),
        ("Ravi Shenoy", "ravi", "seller", "thomas", "Kochi"),
        ("Omar Haddad", "omar", "seller", "priya", "Bengaluru"),
        ("Anu Rao", "anu", "accountant", None, "Head office"),
    ]
    list(people(story, cast, "raalink.example", BEGUN))
    for i, (name, kind, price, team) in enumerate(_RAALINK_PRODUCTS):
        story.add(
            BEGUN - 1,
            600 + i,
            create="product",
            name=f"p{i}",
            values={"name": name, "kind": kind, "price": price, "team": f"@team {team}"},
        )
    _targets(story, "leela", ["asha", "ravi", "omar"], ("Kochi", "Bengaluru"), 14_000, BEGUN - 2)
    for _ in range(90):
        _raalink_lead(story, story.pick("asha", "ravi", "omar"))
    for _ in range(30):
        _raalink_account(story, story.pick("asha", "ravi", "omar"))
    _raalink_past(story, ["asha", "ravi", "omar"])
    return story


def _raalink_past(story: Story, sellers: list[str]) -> None:
    """What was won and lost in the year before the last months, stage by stage: most of it won at a quarter's end."""
    made = [event for _, _, event in story.events if event.get("create") == "account"]
    accounts = {seller: [event["name"] for event in made if event["as"] == seller] for seller in sellers}
    for month in range(2, 15):
        for at in range(14 if month % 3 == 0 else 9):
            age, seller = month * 30 + 8 + story.random.randint(-9, 9), sellers[at % 3]
            begun = age + story.random.randint(10, 60)
            sale = _past_sale(story, seller, story.random.choice(accounts[seller]), begun)
            _closed(story, seller, sale, age, won=at % 5 < 3)


def _past_sale(story: Story, seller: str, account: str, age: int) -> tuple[str, int]:
    sale, product = story.name("O"), _offered(story, seller)
    values = {
        "name": _RAALINK_PRODUCTS[product][0],
        "kind": "New sale",
        "account": f"@{account}",
        "product": f"@p{product}",
        "amount": str(story.random.randint(20, 70) * 100),
        "engaged_on": f"-{age}d",
        "owner": f"@{seller}",
    }
    story.add(age, story.minute(), **{"as": seller}, create="opportunity", name=sale, values=values)
    return sale, age


def _closed(story: Story, seller: str, sale: tuple[str, int], age: int, won: bool) -> None:
    """The moves between its beginning and its end, at even distances; what is lost got as far as chance would have it."""
    name, begun = sale
    ways: list[tuple[str, dict[str, str]]] = [
        ("qualify", {}),
        ("propose", {"close_date": f"-{age}d"}),
        ("commit", {}),
    ]
    end = ("win", {}) if won else ("lose", {"lost_reason": story.pick("Price", "Competitor")})
    ways = [*(ways if won else ways[: story.random.randint(0, 3)]), end]
    for n, (move, values) in enumerate(ways, 1):
        day = begun - (begun - age) * n // len(ways)
        deed = {"as": seller, "move": move, "record": name, "entity": "opportunity", "values": values}
        story.add(day, 1080 + n, **deed)


_RAALINK_PRODUCTS = [
    ("Leased line 100 Mbps", "Service", "540", "Kochi"),
    ("Leased line 1 Gbps", "Service", "1900", "Bengaluru"),
    ("Cloud telephony", "Service", "260", "Kochi"),
    ("Firewall appliance", "Product", "3200", "Bengaluru"),
    ("Wi-Fi rollout", "Service", "4100", "Kochi"),
]


def _offered(story: Story, seller: str) -> int:
    """One of the products of the seller's branch."""
    branch = "Bengaluru" if seller == "omar" else "Kochi"
    return story.random.choice([i for i, product in enumerate(_RAALINK_PRODUCTS) if product[3] == branch])


def _company(story: Story) -> str:
    return f"{story.random.choice(LAST)} {story.pick(*TRADES)}"


def _raalink_lead(story: Story, seller: str) -> None:
    first, last = story.person()
    age, minute, lead = story.random.randint(0, 60), story.minute(), story.name("L")
    values = {
        "first_name": first,
        "last_name": last,
        "company": _company(story),
        "phone": story.phone(),
        "source": story.pick("Website", "Referral", "Trade fair"),
        "budget": str(story.random.randint(2, 60) * 100),
        "interest": f"@p{_offered(story, seller)}",
        "owner": f"@{seller}",
    }
    story.add(age, minute, **{"as": seller}, create="lead", name=lead, values=values)
    for move, given in (
        ("assign", {}),
        ("process", {"follow_up_at": story.pick("+0d 16:00", "+1d 11:00", "-1d 12:00")}),
        ("convert", {}),
    ):
        age, minute = _later(story, age, minute)
        if story.random.random() < 0.3:
            return
        story.add(age, minute + 1, **{"as": seller}, move=move, record=lead, entity="lead", values=given)


def _raalink_account(story: Story, seller: str) -> None:
    account, minute = story.name("K"), story.minute()
    story.add(
        BEGUN - 10,
        minute,
        **{"as": seller},
        create="account",
        name=account,
        values={
            "name": _company(story) + f" {story.names}",
            "industry": story.pick("Retail", "Finance", "Software", "Services"),
            "phone": story.phone(),
            "country": "India",
            "employees": str(story.random.randint(5, 900)),
            "owner": f"@{seller}",
        },
    )
    first, last = story.person()
    story.add(
        BEGUN - 11,
        minute,
        **{"as": seller},
        create="contact",
        name=story.name("P"),
        values={
            "first_name": first,
            "last_name": last,
            "account": f"@{account}",
            "phone": story.phone(),
            "owner": f"@{seller}",
        },
    )
    for _ in range(story.random.randint(1, 3)):
        _raalink_sale(story, seller, account)


def _raalink_sale(story: Story, seller: str, account: str) -> None:
    sale, age, minute = story.name("O"), story.random.randint(1, 60), story.minute()
    product = _offered(story, seller)
    story.add(
        age,
        minute,
        **{"as": seller},
        create="opportunity",
        name=sale,
        values={
            "name": _RAALINK_PRODUCTS[product][0],
            "kind": "New sale",
            "account": f"@{account}",
            "product": f"@p{product}",
            "amount": str(story.random.randint(3, 90) * 100),
            "engaged_on": f"-{age}d",
            "owner": f"@{seller}",
        },
    )
    for move, given in (("qualify", {}), ("propose", {"close_date": "+20d"}), ("commit", {}), ("win", {})):
        age, minute = _later(story, age, minute)
        if story.random.random() < 0.18:
            story.add(
                age,
                minute + 1,
                **{"as": seller},
                move="lose",
                record=sale,
                entity="opportunity",
                values={"lost_reason": story.pick("Price", "Competitor")},
            )
            return
        if story.random.random() < 0.25:
            return
        story.add(
            age, minute + 1, **{"as": seller}, move=move, record=sale, entity="opportunity", values=given
        )


if __name__ == "__main__":
    rsoft().write(ROOT / "config/rsoft/demo/story.jsonl")
    raalink().write(ROOT / "config/raalink/demo/story.jsonl")
