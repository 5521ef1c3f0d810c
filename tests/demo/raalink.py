"""Raalink's seventeen months: a year of sales that are over, and what is under way; enough to tell a forecast from."""

from __future__ import annotations

from tests.demo.story import Story

CAST = [
    ("Dev Menon", "dev", "administrator", None, "Head office"),
    ("Leela Thomas", "leela", "management", None, "Head office"),
    ("Thomas George", "thomas", "manager", None, "Kochi"),
    ("Priya Nambiar", "priya", "manager", None, "Bengaluru"),
    ("Asha Varma", "asha", "seller", "thomas", "Kochi"),
    ("Ravi Shenoy", "ravi", "seller", "thomas", "Kochi"),
    ("Omar Haddad", "omar", "seller", "priya", "Bengaluru"),
    ("Anu Rao", "anu", "accountant", None, "Head office"),
]
BRANCHES = {handle: team for _, handle, role, _, team in CAST if role == "seller"}
SELLERS = tuple(BRANCHES)
PRODUCTS = (
    ("Leased line 100 Mbps", "Service", "540", "Kochi"),
    ("Leased line 1 Gbps", "Service", "1900", "Bengaluru"),
    ("Cloud telephony", "Service", "260", "Kochi"),
    ("Firewall appliance", "Product", "3200", "Bengaluru"),
    ("Wi-Fi rollout", "Service", "4100", "Kochi"),
)
BEGUN = 520  # days ago: a year of sales and a quarter to tell a forecast from


def story() -> Story:
    told = Story(11)
    told.hire(CAST, "raalink.example", BEGUN)
    for i, (name, kind, price, team) in enumerate(PRODUCTS):
        values = {"name": name, "kind": kind, "price": price, "team": f"@team {team}"}
        told.create(BEGUN - 1, 600 + i, None, "product", f"p{i}", values)
    told.targets("leela", SELLERS, ("Kochi", "Bengaluru"), 14_000, BEGUN - 2)
    for _ in range(90):
        lead(told, told.pick(*SELLERS))
    for _ in range(30):
        account(told, told.pick(*SELLERS))
    past(told)
    return told


def lead(told: Story, seller: str) -> None:
    first, last = told.person()
    age, minute, name = told.random.randint(0, 60), told.minute(), told.name("L")
    values = {
        "first_name": first, "last_name": last, "company": told.company(), "phone": told.phone(),
        "source": told.pick("Website", "Referral", "Trade fair"), "budget": str(told.random.randint(2, 60) * 100),
        "interest": f"@p{offered(told, seller)}", "owner": f"@{seller}",
    }  # fmt: skip
    told.create(age, minute, seller, "lead", name, values)
    follow = {"follow_up_at": told.pick("+0d 16:00", "+1d 11:00", "-1d 12:00")}
    for move, asked in (("assign", {}), ("process", follow), ("convert", {})):
        age, minute = told.later(age, minute)
        if told.random.random() < 0.3:
            return
        told.move(age, minute + 1, seller, move, name, "lead", **asked)


def account(told: Story, seller: str) -> None:
    name, minute = told.name("K"), told.minute()
    values = {
        "name": f"{told.company()} {told.names}", "industry": told.pick("Retail", "Finance", "Software", "Services"),
        "phone": told.phone(), "country": "India", "employees": str(told.random.randint(5, 900)), "owner": f"@{seller}",
    }  # fmt: skip
    told.create(BEGUN - 10, minute, seller, "account", name, values)
    first, last = told.person()
    contact = told.name("P")
    values = {
        "first_name": first, "last_name": last, "account": f"@{name}", "phone": told.phone(), "owner": f"@{seller}",
    }  # fmt: skip
    told.create(BEGUN - 11, minute, seller, "contact", contact, values)
    for _ in range(told.random.randint(1, 3)):
        under_way(told, seller, name)


def under_way(told: Story, seller: str, account: str) -> None:
    name, age, minute = told.name("O"), told.random.randint(1, 60), told.minute()
    product, worth = offered(told, seller), told.random.randint(3, 90) * 100
    sale(told, name, seller, account, product, worth, age, minute)
    for move, asked in (("qualify", {}), ("propose", {"close_date": "+20d"}), ("commit", {}), ("win", {})):
        age, minute = told.later(age, minute)
        if told.random.random() < 0.18:
            told.move(age, minute + 1, seller, "lose", name, "opportunity", lost_reason=why_lost(told))
            return
        if told.random.random() < 0.25:
            return
        told.move(age, minute + 1, seller, move, name, "opportunity", **asked)


def past(told: Story) -> None:
    """What was won and lost in the year before the last months, stage by stage: most of it won at a quarter's end."""
    made = [event for _, _, event in told.events if event.get("create") == "account"]
    accounts = {seller: [event["name"] for event in made if event["as"] == seller] for seller in SELLERS}
    for month in range(2, 15):
        for at in range(14 if month % 3 == 0 else 9):
            age, seller = month * 30 + 8 + told.random.randint(-9, 9), SELLERS[at % 3]
            begun, account = age + told.random.randint(10, 60), told.random.choice(accounts[seller])
            name, product = told.name("O"), offered(told, seller)
            worth = told.random.randint(20, 70) * 100
            sale(told, name, seller, account, product, worth, begun, told.minute())
            closed(told, seller, name, begun, age, won=at % 5 < 3)


def closed(told: Story, seller: str, name: str, begun: int, age: int, won: bool) -> None:
    """The moves between its beginning and its end, at even distances; what is lost got as far as chance would have it."""
    ways: list[tuple[str, dict[str, str]]] = [
        ("qualify", {}),
        ("propose", {"close_date": f"-{age}d"}),
        ("commit", {}),
    ]
    end = ("win", {}) if won else ("lose", {"lost_reason": why_lost(told)})
    ways = [*(ways if won else ways[: told.random.randint(0, 3)]), end]
    for n, (move, asked) in enumerate(ways, 1):
        told.move(
            begun - (begun - age) * n // len(ways), 1080 + n, seller, move, name, "opportunity", **asked
        )


def sale(
    told: Story, name: str, seller: str, account: str, product: int, worth: int, age: int, minute: int
) -> None:
    values = {
        "name": PRODUCTS[product][0], "kind": "New sale", "account": f"@{account}", "product": f"@p{product}",
        "amount": str(worth), "engaged_on": f"-{age}d", "owner": f"@{seller}",
    }  # fmt: skip
    told.create(age, minute, seller, "opportunity", name, values)


def offered(told: Story, seller: str) -> int:
    """One of the products of the seller's branch."""
    return told.random.choice([i for i, product in enumerate(PRODUCTS) if product[3] == BRANCHES[seller]])


def why_lost(told: Story) -> str:
    return str(told.pick("Price", "Competitor"))
