"""RSoft's two months: leads that are called, shown the product, offered it, and won or lost."""

from __future__ import annotations

from typing import Any

from tests.demo.story import TRADES, Story, when

CAST = [
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
MANAGERS = {handle: manager for _, handle, _, manager, _ in CAST if manager}
CALLERS = tuple(MANAGERS)
PRODUCTS = (
    ("Real estate CRM", "48000"), ("Education CRM", "36000"), ("Healthcare CRM", "54000"), ("Call centre add-on", "12000"),
    ("WhatsApp add-on", "9000"),
)  # fmt: skip
ONLINE = ("Google", "Website", "Facebook form", "WhatsApp", "IVR", "Chatbot", "Enquiry form")
OFFLINE = ("Hoarding", "Newspaper", "Referral", "Brochure")
CITIES = (
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
)
CITIES_ABROAD = {
    "Dubai": "United Arab Emirates", "Doha": "Qatar", "Muscat": "Oman", "Singapore": "Singapore", "Colombo": "Sri Lanka",
    "London": "United Kingdom", "Toronto": "Canada",
}  # fmt: skip
BEGUN = 80  # days ago


def story() -> Story:
    told = Story(7)
    told.hire(CAST, "rsoft.example", BEGUN)
    told.create(BEGUN - 1, 600, None, "product_category", "cat", {"name": "Software"})
    for i, (name, price) in enumerate(PRODUCTS):
        values = {"name": name, "price": price, "category": "@cat", "code": f"RS-{i + 1:02}"}
        told.create(BEGUN - 1, 601 + i, None, "product", f"p{i}", values)
    told.targets("latha", CALLERS, ("Kochi desk", "Pune desk"), 500_000, BEGUN - 2)
    for _ in range(330):
        lead(told, told.pick(*CALLERS))
    for _ in range(45):
        enquiry(told, told.pick(*CALLERS))
    return told


def lead(told: Story, caller: str) -> None:
    first, last = told.person()
    age = told.pick(0, 1, told.random.randint(2, 12), told.random.randint(13, 62), weights=[3, 5, 38, 54])
    name, phone = told.name("L"), told.phone()
    online = told.random.random() < 0.78
    source, city = told.pick(*(ONLINE if online else OFFLINE)), told.pick(*CITIES * 2, *CITIES_ABROAD)
    values = {
        "first_name": first, "last_name": last, "phone": phone, "source": source,
        "medium": "Online" if online else "Offline", "city": city, "country": CITIES_ABROAD.get(city, "India"),
        "product": a_product(told), "budget": str(told.random.randint(10, 120) * 1000),
    }  # fmt: skip
    if told.random.random() < 0.7:
        values["email"] = f"{first}.{last}{told.random.randint(1, 99)}@example.com".lower()
    if told.random.random() < 0.5:
        values["company"] = f"{last} {told.pick(*TRADES)}"
    minute = told.minute()
    told.create(age, minute, caller, "lead", name, {**values, "owner": f"@{caller}"})
    if told.random.random() >= (0.75 if age < 2 else 0.14):
        work(told, caller, name, phone, age, minute)


def a_product(told: Story) -> str:
    return f"@p{told.random.randrange(len(PRODUCTS))}"


def call(told: Story, caller: str, lead: str, phone: str, age: int, minute: int, outcome: str) -> None:
    values: dict[str, Any] = {
        "subject": told.pick("First call", "Follow-up call", "About the price", "Asked for details"),
        "about": f"@lead {lead}", "outcome": outcome, "direction": told.pick("Outgoing", "Incoming", weights=[5, 1]),
        "number": phone, "priority": told.pick("Normal", "High", "Low", weights=[6, 2, 1]), "started_at": when(age, minute),
    }  # fmt: skip
    if outcome == "Answered":
        values["length"] = f"00:{told.random.randint(1, 14):02}"
        values["remarks"] = told.pick(
            "Wants a demo for the whole team.", "Asked for the price list.", "Compares with another system.",
            "Prefers to be called after lunch.", "Decision with the partner.",
        )  # fmt: skip
    if outcome == "CALL BACK":
        values["call_back_at"] = f"+{told.random.randint(0, 3)}d 11:00"
    told.create(age, minute, caller, "call", told.name("C"), {**values, "owner": f"@{caller}"})


def work(told: Story, caller: str, lead: str, phone: str, age: int, minute: int) -> None:
    for _ in range(told.random.randint(0, 2)):
        call(told, caller, lead, phone, age, minute + 4, told.pick("RNR", "NUMBER BUSY", "CALL BACK"))
        age, minute = told.later(age, minute)
    fate = told.random.random()
    if fate < 0.16:
        return
    if fate < 0.30:
        lose(told, caller, lead, age, minute)
        return
    call(told, caller, lead, phone, age, minute + 3, "Answered")
    times = ("-2d 11:00", "-1d 15:30", "+0d 11:00", "+0d 16:30", "+1d 10:15", "+2d 12:00", "+4d 17:00")
    follow = told.pick(*times, weights=[2, 2, 2, 3, 3, 2, 2])
    told.move(age, minute + 8, caller, "attended", lead, "lead", follow_up_at=follow)
    if fate >= 0.52:
        demo(told, caller, lead, *told.later(age, minute + 8), fate)


def demo(told: Story, caller: str, lead: str, age: int, minute: int, fate: float) -> None:
    name, done_on = told.name("A"), max(0, age - told.random.randint(1, 4))
    upcoming = fate < 0.64 or done_on == 0
    ahead = ("+0d 17:30", "+1d 11:00", "+1d 15:00", "+2d 16:00", "+5d 12:00")
    values = {
        "subject": "Product demo", "lead": f"@{lead}", "kind": "Demo",
        "starts_at": told.pick(*ahead) if upcoming else f"-{done_on}d 11:00",
        "mode": told.pick("Online", "In person"), "owner": f"@{caller}",
    }  # fmt: skip
    told.create(age, minute + 2, caller, "appointment", name, values)
    told.move(age, minute + 6, caller, "confirm", name, "appointment")
    told.move(age, minute + 9, caller, "confirm_demo", lead, "lead")
    if not upcoming:
        demo_done(told, caller, lead, name, done_on, fate)


def demo_done(told: Story, caller: str, lead: str, demo: str, day: int, fate: float) -> None:
    outcomes = (
        "Went well; wants a proposal.",
        "Asked for a second round with finance.",
        "Liked the call desk most.",
    )
    told.move(day, 12 * 60 + 10, caller, "complete", demo, "appointment", outcome=told.pick(*outcomes))
    after = max(0, day - 1)
    if fate < 0.70:
        lose(told, caller, lead, after, 15 * 60)
        return
    offer = quote(told, caller, lead, after)
    told.move(after, 16 * 60, caller, "send_proposal", lead, "lead")
    if fate > 0.85 and day > 4:
        win(told, caller, lead, offer, day)


def win(told: Story, caller: str, lead: str, quote: str, day: int) -> None:
    told.move(day - 3, 14 * 60, MANAGERS[caller], "approve", quote, "quotation")
    told.move(day - 3, 15 * 60, caller, "send", quote, "quotation")
    told.move(day - 4, 12 * 60, caller, "win", lead, "lead")
    worth = str(told.random.randint(18, 160) * 1000)  # what an order is worth is the manager's to know
    told.change(day - 4, 13 * 60, MANAGERS[caller], lead, "lead", order_value=worth)


def quote(told: Story, caller: str, lead: str, day: int) -> str:
    name, at = told.name("Q"), 15 * 60
    values = {"subject": "CRM licences", "lead": f"@{lead}", "valid_until": "+20d", "owner": f"@{caller}"}
    told.create(day, at, caller, "quotation", name, values)
    for i in range(told.random.randint(1, 3)):
        line = {
            "quotation": f"@{name}", "product": f"@p{i}", "description": f"Licence, {told.pick(5, 10, 25)} seats",
            "quantity": str(told.pick(5, 10, 25)), "price": str(told.pick(900, 1200, 1800)),
            "discount": str(told.pick(0, 0, 5, 10)),
        }  # fmt: skip
        told.create(day, at + 2 + i, caller, "quotation_line", told.name("QL"), line)
    told.move(day, at + 20, caller, "submit", name, "quotation")
    return name


def lose(told: Story, caller: str, lead: str, age: int, minute: int) -> None:
    reason = told.pick("Price", "Lost to competitor", "No response", "Not interested", "Invalid number")
    told.move(age, minute + 12, caller, "lose", lead, "lead", lost_reason=reason)


def enquiry(told: Story, caller: str) -> None:
    first, last = told.person()
    name, age, minute = told.name("E"), told.pick(0, 1, 2, 4, 9), told.minute()
    asks = ("Please call me about the price.", "Do you have a school edition?", "We need it for 12 callers.")
    values = {
        "first_name": first, "last_name": last, "phone": told.phone(),
        "source": told.pick("Website", "Chatbot", "WhatsApp", "Enquiry form"), "medium": "Online",
        "message": told.pick(*asks), "product": a_product(told), "owner": f"@{caller}",
    }  # fmt: skip
    told.create(age, minute, caller, "enquiry", name, values)
    move = told.pick(None, "confirm", "junk", weights=[5, 3, 1])
    if move and age:
        told.move(age, minute + 20, caller, move, name, "enquiry")
