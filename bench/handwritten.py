"""The desk as somebody would write it by hand: Starlette, SQL in constants, Jinja templates, one file.

It works on the very database that the generated CRM made, keeps the same rights (one's own leads, deny by default),
history with its hash chain, stays in stages, outbox and idempotency keys, and answers the same questions. SQLite only.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
import re
import secrets
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import phonenumbers
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def words(text: str, by: str | None = None) -> list[str]:
    return text.split(by)


DATABASE = os.environ["BENCH_DATABASE"]
IST = timezone(timedelta(hours=5, minutes=30))
MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec")
STAGES = ("NOT ATTEMPTED", "FOLLOW-UP", "DEMO CONFIRMED", "PROPOSAL SENT", "CLOSE TO WON", "CLOSE TO LOOSE")
HUES = {
    "NOT ATTEMPTED": "grey", "FOLLOW-UP": "blue", "DEMO CONFIRMED": "violet", "PROPOSAL SENT": "amber",
    "CLOSE TO WON": "green", "CLOSE TO LOOSE": "red", "Online": "blue", "Offline": "amber", "High in Relevance": "green",
    "Might be": "teal", "Not Sure": "amber", "Low in Relevance": "orange", "Worst": "red", "New": "blue",
    "Re-engaged": "violet", "Junk": "grey", "Answered": "green", "RNR": "red", "CALL BACK": "amber",
    "NUMBER BUSY": "orange", "Low": "grey", "Normal": "blue", "High": "red", "PLANNED": "blue",
}  # fmt: skip
SOURCES = frozenset(
    words(
    "Google,Website,Facebook,Facebook form,Chatbot,WhatsApp,Enquiry form,IVR,API portal,SMS campaign,WhatsApp campaign,"
    "E-mail campaign,Hoarding,Brochure,Poster,Banner,Newspaper,Pamphlet,Referral,Direct traffic,Organic search,Live chat,"
    "Other",
    ",")
)
LOST = frozenset(
    words(
    "Price,Lost to competitor,No response,Not interested,Invalid number,Not eligible,Already a customer,"
    "Looking for another product,Not recognised,Duplicate",
    ",")
)
MOVES = {
    "attended": ("Call attended", ("NOT ATTEMPTED",), "FOLLOW-UP"),
    "confirm_demo": ("Demo confirmed", ("FOLLOW-UP",), "DEMO CONFIRMED"),
    "send_proposal": ("Proposal sent", ("DEMO CONFIRMED",), "PROPOSAL SENT"),
    "win": ("Order taken", ("PROPOSAL SENT",), "CLOSE TO WON"),
    "lose": ("Lost", STAGES[:4], "CLOSE TO LOOSE"),
    "re_engage": ("Re-engage", ("CLOSE TO LOOSE",), "FOLLOW-UP"),
}
GUARDS = {
    "attended": (
        "select 1 from call where about = ? and about__entity = 'lead' and outcome = 'Answered' and deleted_at is null",
        "Log an answered call first.",
    ),
    "confirm_demo": (
        "select 1 from appointment where lead = ? and kind = 'Demo' and status = 'DEMO CONFIRMED' and deleted_at is null",
        "Confirm a demo appointment with the client first.",
    ),
    "send_proposal": (
        "select 1 from appointment where lead = ? and kind = 'Demo' and status = 'DEMO COMPLETED' and deleted_at is null",
        "Complete the demo first.",
    ),
}
ALLOWED = {
    "NOT ATTEMPTED": {"call", "task", "note", "enquiry"},
    "FOLLOW-UP": {"call", "task", "note", "enquiry", "appointment", "ticket"},
    "CLOSE TO LOOSE": {"call", "note", "enquiry"},
}
EVERYTHING = {"call", "task", "note", "enquiry", "appointment", "ticket", "quotation"}
RELATED = (
    ("notes", "note", "Note", "file-text"), ("calls", "call", "Call", "phone"),
    ("appointments", "appointment", "Appointment", "calendar"), ("quotations", "quotation", "Quotation", "file-text"),
    ("tickets", "ticket", "Ticket", "file-text"), ("enquiries", "enquiry", "Enquiry", "inbox"),
    ("tasks", "task", "Task", "circle-check"),
)  # fmt: skip
LABELS = {
    "first_name": "First name", "last_name": "Last name", "phone": "Mobile", "email": "E-mail", "source": "Source",
    "medium": "Medium", "kind": "New or re-engaged", "city": "City", "company": "Company", "quality": "Quality",
    "lost_reason": "Lost sub-status", "follow_up_at": "Next follow-up", "reference": "Number",
    "lost_remarks": "Why it was lost", "do_not_email": "Do not email", "do_not_call": "Do not call",
}  # fmt: skip
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,30}")
EPOCH = 1_704_067_200_000

# ---- SQL

SESSION = (
    "select s.csrf, s.seen_at, s.expires_at, u.id, u.name, u.role, u.active from crm_session s join user u "
    "on u.id = s.user where s.key_hash = ? and u.deleted_at is null"
)
COLUMNS = (
    "l.id, l.reference, l.first_name, l.last_name, l.phone, l.source, l.medium, l.status, l.quality, l.follow_up_at, "
    "l.source in ('Google', 'Website'), o.name, l.created_at"
)
LIST = f"select {COLUMNS} from lead l left join user o on o.id = l.owner where l.owner = ? and l.deleted_at is null "
ORDER = "order by l.id desc limit 51"
LISTS = {
    (False, False): LIST + ORDER,
    (True, False): LIST + "and l.status = ? " + ORDER,
    (False, True): LIST + "and l.id < ? " + ORDER,
    (True, True): LIST + "and l.status = ? and l.id < ? " + ORDER,
}
COUNTS = {
    False: "select count(*) from (select 1 from lead where owner = ? and deleted_at is null limit 10001)",
    True: "select count(*) from (select 1 from lead where owner = ? and status = ? and deleted_at is null limit 10001)",
}
SEARCH = (
    f"select {COLUMNS} from lead__search f cross join lead l on l.id = f.rowid left join user o on o.id = l.owner "
    "where f.lead__search match ? and l.owner = ? and l.deleted_at is null " + ORDER
)
SEARCH_COUNT = (
    "select count(*) from (select 1 from lead__search f cross join lead l on l.id = f.rowid "
    "where f.lead__search match ? and l.owner = ? and l.deleted_at is null limit 10001)"
)
FIELDS = words(
    "id version reference first_name last_name company phone email source medium kind product budget follow_up_at "
    "lost_reason lost_remarks city country occupation specialization quality prospect_id lead_number visits time_on_site "
    "pages_per_visit last_activity do_not_email do_not_call status owner created_at created_by updated_at updated_by"
)
DETAIL = (
    f"select {', '.join('l.' + name for name in FIELDS)}, l.source in ('Google', 'Website') as is_hot, "
    "(select count(*) from call c where c.about = l.id and c.about__entity = 'lead' and c.deleted_at is null "
    "and c.owner = :me) as call_count, "
    "(select max(c.started_at) from call c where c.about = l.id and c.about__entity = 'lead' and c.deleted_at is null "
    "and c.owner = :me) as last_call_at, "
    "p.name as product_name, o.name as owner_name, b.name as created_by_name, e.name as updated_by_name "
    "from lead l left join product p on p.id = l.product left join user o on o.id = l.owner "
    "left join user b on b.id = l.created_by left join user e on e.id = l.updated_by "
    "where l.id = :id and l.owner = :me and l.deleted_at is null"
)
NAMES = (*FIELDS, "is_hot", "call_count", "last_call_at", "product_name", "owner_name", "created_by_name", "updated_by_name")
_MINE = "deleted_at is null and owner = :me limit 101)"
RELATED_COUNTS = "select " + ", ".join(
    f"(select count(*) from (select 1 from {child} where "
    + ("about = :id and about__entity = 'lead' and " if child in ("note", "call", "task") else "lead = :id and ")
    + _MINE + ")"
    for _, child, _, _ in RELATED
)  # fmt: skip
CALLS = (
    "select c.id, c.subject, c.direction, c.outcome, c.priority, c.started_at, o.name from call c left join user o "
    "on o.id = c.owner where c.about = ? and c.about__entity = 'lead' and c.owner = ? and c.deleted_at is null "
    "order by c.id desc limit 21"
)
APPOINTMENTS = (
    "select a.id, a.reference, a.subject, a.kind, a.status, a.starts_at, o.name from appointment a left join user o "
    "on o.id = a.owner where a.lead = ? and a.owner = ? and a.deleted_at is null order by a.starts_at, a.id limit 21"
)
EVENTS = (
    "select h.at, u.name, h.action, h.transition, h.stage_from, h.stage_to, h.changes from crm_history h "
    "left join user u on u.id = h.actor where h.record = ? and h.entity = 'lead' and h.action <> 'refused' "
    "order by h.id desc limit 51"
)
STAY = "select entered_at from crm_stage_time where record = ? and field = 'status' and left_at is null"
CLAIM = (
    "insert into crm_idempotency (actor, key, request, at, status, answer) values (?, ?, ?, ?, null, null) "
    "on conflict (actor, key) do nothing"
)
CLAIMED = "select request, answer from crm_idempotency where actor = ? and key = ?"
ANSWERED = "update crm_idempotency set status = ?, answer = ? where actor = ? and key = ?"
NUMBER = (
    "insert into crm_series (name, period, last) values ('lead.reference', ?, 1) "
    "on conflict (name, period) do update set last = last + 1 returning last"
)
INSERT_NAMES = words(
    "id reference reference__find first_name first_name__find last_name last_name__find company company__find phone "
    "phone__find email email__find source medium kind product budget follow_up_at city quality do_not_email do_not_call "
    "status owner version created_at created_by updated_at updated_by chain"
)
INSERT = f"insert into lead ({', '.join(INSERT_NAMES)}) values ({', '.join('?' * len(INSERT_NAMES))})"
HISTORY = (
    "insert into crm_history (id, entity, record, at, actor, action, transition, stage_from, stage_to, changes, blueprint, "
    "previous, hash) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
ENTER = "insert into crm_stage_time (id, entity, record, field, stage, entered_at) values (?, 'lead', ?, 'status', ?, ?)"
LEAVE = "update crm_stage_time set left_at = ? where record = ? and field = 'status' and left_at is null"
OUTBOX = (
    "insert into crm_outbox (id, kind, payload, created_at, due_at, state, attempts) "
    "values (?, 'event', ?, ?, ?, 'waiting', 0)"
)
FOR_MOVE = (
    "select status, version, chain, lost_reason, follow_up_at, updated_at from lead "
    "where id = ? and owner = ? and deleted_at is null"
)
LOSE = (
    "update lead set status = ?, lost_reason = ?, lost_remarks = ?, updated_at = ?, updated_by = ?, chain = ?, "
    "version = version + 1 where id = ? and version = ?"
)

# ---- connections

_mine = threading.local()
_writing = threading.Lock()


def reading() -> sqlite3.Connection:
    found = getattr(_mine, "reader", None)
    if found is None:
        found = _mine.reader = _opened("pragma query_only = on", "pragma mmap_size = 1073741824")
    return found


def writing() -> sqlite3.Connection:
    found = getattr(_mine, "writer", None)
    if found is None:
        found = _mine.writer = _opened("pragma journal_mode = wal", "pragma synchronous = full")
    return found


def _opened(*more: str) -> sqlite3.Connection:
    made = sqlite3.connect(DATABASE, timeout=10, isolation_level=None, check_same_thread=False, cached_statements=512)
    for pragma in ("pragma foreign_keys = on", "pragma cache_size = -16000", "pragma temp_store = memory", *more):
        made.execute(pragma)
    return made


# ---- the frame of a request


class Stop(Exception):
    def __init__(self, status: int, message: str) -> None:
        self.status, self.message = status, message


class Me:
    __slots__ = ("csrf", "id", "key", "name")

    def __init__(self, key: str, id: int, name: str, csrf: str) -> None:
        self.key, self.id, self.name, self.csrf = key, id, name, csrf


def me(request: Request) -> Me:
    key = request.cookies.get("crm")
    if key is None:
        raise Stop(401, "Sign in first.")
    found = reading().execute(SESSION, (hashlib.sha256(key.encode()).hexdigest(),)).fetchone()
    now = now_ms()
    if found is None or not found[6] or found[2] <= now or found[1] + 43_200_000 <= now or found[5] != "caller":
        raise Stop(401, "Sign in first.")
    return Me(key, found[3], found[4], found[0])


HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'",
    "x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin", "cache-control": "no-store",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(self), microphone=(), payment=(), usb=()",
}  # fmt: skip
pool = ThreadPoolExecutor(2)


def endpoint(handler: Callable[[Request, Me, bytes], Response]) -> Callable[[Request], Any]:
    def work(request: Request, body: bytes) -> Response:
        try:
            who = me(request)
            if request.method == "POST":
                check_write(request, who)
            return handler(request, who, body)
        except Stop as stop:
            return json({"detail": stop.message, "status": stop.status}, stop.status)

    async def answer(request: Request) -> Response:
        body = await request.body() if request.method == "POST" else b""
        return await asyncio.get_running_loop().run_in_executor(pool, work, request, body)

    return answer


def check_write(request: Request, who: Me) -> None:
    given = base64.urlsafe_b64decode(request.headers.get("x-csrf-token", "") + "=")
    if len(given) != 32 or not hmac.compare_digest(crossed(given[16:], given[:16]), proof(who)):
        raise Stop(403, "This form was not given out to you.")


def proof(who: Me) -> bytes:
    return hmac.digest(who.key.encode(), b"csrf", "sha256")[:16]


def crossed(text: bytes, mask: bytes) -> bytes:
    return (int.from_bytes(text) ^ int.from_bytes(mask)).to_bytes(16)


def page(who: Me, title: str, body: str) -> Response:
    mask = secrets.token_bytes(16)
    token = base64.urlsafe_b64encode(mask + crossed(proof(who), mask)).decode().rstrip("=")
    made = FRAME.render(title=title, body=Markup(body), csrf=token, name=who.name, initials=initials(who.name))
    return Response(made, headers=HEADERS, media_type="text/html; charset=utf-8")


def json(content: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, HEADERS, "application/json")


# ---- list and search


def leads(request: Request, who: Me) -> tuple[list[tuple[Any, ...]], str | None, str, Callable[[], int]]:
    asked = request.query_params
    text, status, cursor = asked.get("q", "").strip(), asked.get("status"), asked.get("cursor")
    if status is not None and status not in STAGES:
        raise Stop(400, f'"{status}" is not a stage.')
    db = reading()
    if text:
        match = matching(text)
        rows = db.execute(SEARCH, (match, who.id)).fetchall() if match else []
        return rows, status, text, lambda: db.execute(SEARCH_COUNT, (match, who.id)).fetchone()[0]
    values: list[Any] = [who.id]
    if status:
        values.append(status)
    if cursor:
        values.append(int(base64.urlsafe_b64decode(cursor.encode())))
    rows = db.execute(LISTS[bool(status), bool(cursor)], values).fetchall()
    counted = (who.id, status) if status else (who.id,)
    return rows, status, "", lambda: db.execute(COUNTS[bool(status)], counted).fetchone()[0]


def matching(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    if len(digits) >= 3 and not re.search(r"[A-Za-z]", text):
        return f'phone__find : "{digits}"'
    words = [word.casefold().replace('"', '""') for word in text.split() if len(word) > 2]
    return " AND ".join(f'"{word}"' for word in words)


def list_page(request: Request, who: Me, body: bytes) -> Response:
    rows, status, text, count = leads(request, who)
    more, rows = len(rows) > 50, rows[:50]
    number = count() if more else len(rows)
    query = urlencode({"status": status}) if status else ""
    kept = Markup('<input type="hidden" name="status" value="{}">').format(status) if status else Markup("")
    made = LIST_PAGE.render(
        rows=rows, status=status, search=text, count="10,000+" if number > 10_000 else f"{number:,}",
        next=cursor_of(rows[-1][0]) if more else "", query=query, kept=kept, name=who.name,
    )  # fmt: skip
    return page(who, "Leads", made)


def list_json(request: Request, who: Me, body: bytes) -> Response:
    rows, *_ = leads(request, who)
    more, rows = len(rows) > 50, rows[:50]
    items = [
        {
            "id": str(id), "reference": reference, "first_name": first, "last_name": last, "phone": phone,
            "source": source, "medium": medium, "status": status, "quality": quality,
            "follow_up_at": follow_up and iso(follow_up), "is_hot": bool(hot),
            "owner": {"id": str(who.id), "title": owner}, "created_at": iso(created),
        }
        for id, reference, first, last, phone, source, medium, status, quality, follow_up, hot, owner, created in rows
    ]  # fmt: skip
    return json({"items": items, "next": cursor_of(rows[-1][0]) if more else None})


def cursor_of(id: int) -> str:
    return base64.urlsafe_b64encode(str(id).encode()).decode()


# ---- one lead


class Lead:
    def __init__(self, row: tuple[Any, ...]) -> None:
        self.__dict__.update(zip(NAMES, row, strict=True))
        self.title = f"{self.first_name or ''} {self.last_name or ''}".strip()

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def lead(db: sqlite3.Connection, who: Me, id: int) -> Lead:
    row = db.execute(DETAIL, {"id": id, "me": who.id}).fetchone()
    if row is None:
        raise Stop(404, "There is nothing here, or nothing that you may see.")
    return Lead(row)


def detail_page(request: Request, who: Me, body: bytes) -> Response:
    db, id = reading(), int(request.path_params["id"])
    found = lead(db, who, id)
    counts = db.execute(RELATED_COUNTS, {"id": id, "me": who.id}).fetchone()
    related = [(*one, count) for one, count in zip(RELATED, counts, strict=True)]
    tab = request.query_params.get("tab") or next((r[0] for r in related if r[4]), "history")
    moves = offered(db, found)
    entered = db.execute(STAY, (id,)).fetchone()
    made = RECORD_PAGE.render(
        r=found, related=related, tab=tab, moves=moves, to={m["to"]: m for m in moves}, stages=STAGES,
        allowed=ALLOWED.get(found.status, EVERYTHING), since=lasting(entered[0] if entered else found.created_at),
        days=days(db, id) if tab == "history" else (), panel=panel(db, who, id, tab),
    )  # fmt: skip
    return page(who, found.title, made)


def offered(db: sqlite3.Connection, found: Lead) -> list[dict[str, Any]]:
    moves = []
    for name, (label, sources, to) in MOVES.items():
        if found.status in sources:
            guard = GUARDS.get(name)
            refusal = guard[1] if guard and not db.execute(guard[0], (found.id,)).fetchone() else None
            moves.append({"name": name, "label": label, "to": to, "refusal": refusal})
    return moves


def panel(db: sqlite3.Connection, who: Me, id: int, tab: str) -> list[tuple[Any, ...]]:
    if tab == "calls":
        return db.execute(CALLS, (id, who.id)).fetchall()
    if tab == "appointments":
        return db.execute(APPOINTMENTS, (id, who.id)).fetchall()
    return []


def days(db: sqlite3.Connection, id: int) -> list[tuple[str, list[dict[str, Any]]]]:
    events = [told(*row) for row in db.execute(EVENTS, (id,)).fetchall()]
    return [(day, list(some)) for day, some in groupby(events, key=lambda e: date_of(e["at"]))]


def told(
    at: int, who: str, action: str, transition: str | None, source: str | None, target: str | None, changes: str
) -> dict[str, Any]:
    if action == "created":
        return {"at": at, "who": who, "said": "made this lead", "icon": "plus", "changes": []}
    said = f"moved it from {source} to {target}" if action == "moved" else "changed"
    content = orjson.loads(changes)
    shown = [(LABELS[n], was, now) for n, (was, now) in content.items() if n in LABELS]
    return {"at": at, "who": who, "said": said, "icon": "arrow-right", "changes": shown}


def detail_json(request: Request, who: Me, body: bytes) -> Response:
    return json(item(reading(), who, int(request.path_params["id"])))


def item(db: sqlite3.Connection, who: Me, id: int) -> dict[str, Any]:
    r = lead(db, who, id)
    return {
        "id": str(r.id), "version": r.version, "reference": r.reference, "first_name": r.first_name,
        "last_name": r.last_name, "company": r.company, "phone": r.phone, "email": r.email, "source": r.source,
        "medium": r.medium, "kind": r.kind, "product": r.product and {"id": str(r.product), "title": r.product_name},
        "budget": None if r.budget is None else {"amount": f"{r.budget / 100:.2f}", "currency": "INR"},
        "follow_up_at": r.follow_up_at and iso(r.follow_up_at), "lost_reason": r.lost_reason,
        "lost_remarks": r.lost_remarks, "city": r.city, "country": r.country, "occupation": r.occupation,
        "specialization": r.specialization, "quality": r.quality, "prospect_id": r.prospect_id,
        "lead_number": r.lead_number, "visits": r.visits, "time_on_site": r.time_on_site,
        "pages_per_visit": r.pages_per_visit, "last_activity": r.last_activity, "do_not_email": bool(r.do_not_email),
        "do_not_call": bool(r.do_not_call), "is_hot": bool(r.is_hot), "call_count": r.call_count,
        "last_call_at": r.last_call_at and iso(r.last_call_at), "status": r.status,
        "owner": {"id": str(r.owner), "title": r.owner_name}, "created_at": iso(r.created_at),
        "created_by": r.created_by and {"id": str(r.created_by), "title": r.created_by_name},
        "updated_at": iso(r.updated_at),
        "updated_by": r.updated_by and {"id": str(r.updated_by), "title": r.updated_by_name},
        "deleted_at": None, "title": r.title,
    }  # fmt: skip


# ---- writing


def create(request: Request, who: Me, body: bytes) -> Response:
    given = orjson.loads(body)
    values = checked(given)
    return once(request, who, "create", body, 201, lambda db, now: _create(db, who, now, values))


def checked(given: dict[str, Any]) -> dict[str, Any]:
    wrong = []
    known = {"first_name", "last_name", "company", "phone", "email", "source", "city"}
    if not isinstance(given, dict) or set(given) - known:
        raise Stop(422, "These are not fields of a lead.")
    for name in ("first_name", "last_name", "company", "city"):
        value = given.get(name)
        if value is not None and (not isinstance(value, str) or len(value) > 200):
            wrong.append(f"{name} is a text of at most 200 characters.")
    if not given.get("first_name"):
        wrong.append("First name is empty.")
    if given.get("source") is not None and given["source"] not in SOURCES:
        wrong.append("This is not a source.")
    if given.get("email") is not None and not EMAIL.fullmatch(given["email"]):
        wrong.append("This is not an e-mail address.")
    phone = given.get("phone")
    if phone is not None:
        try:
            number = phonenumbers.parse(phone, "IN")
            phone = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        except phonenumbers.NumberParseException:
            wrong.append("This is not a phone number.")
    if wrong:
        raise Stop(422, " ".join(wrong))
    return {**given, "phone": phone}


def _create(db: sqlite3.Connection, who: Me, now: int, values: dict[str, Any]) -> int:
    id = new_id(now)
    today = datetime.fromtimestamp(now / 1000, IST)
    year = today.year if today.month > 3 else today.year - 1
    last = db.execute(NUMBER, (f"{year}-{(year + 1) % 100:02}",)).fetchone()[0]
    row: dict[str, Any] = {
        **values, "reference": f"LEAD-{today.year}-{last:05}", "kind": "New", "do_not_email": 0, "do_not_call": 0,
        "status": "NOT ATTEMPTED", "owner": who.id,
    }  # fmt: skip
    changes = {name: [None, value] for name, value in row.items() if value is not None}
    history = entry(id, id, now, who.id, "created", None, None, "NOT ATTEMPTED", changes, None)
    for name in ("reference", "first_name", "last_name", "company", "email"):
        value = row.get(name)
        row[f"{name}__find"] = value and value.casefold()
    row["phone__find"] = row.get("phone") and row["phone"][1:]
    row.update(id=id, version=1, created_at=now, created_by=who.id, updated_at=now, updated_by=who.id, chain=history[-1])
    db.execute(INSERT, tuple(map(row.get, INSERT_NAMES)))
    db.execute(HISTORY, history)
    db.execute(ENTER, (id + 1, id, "NOT ATTEMPTED", now))
    db.execute(OUTBOX, (id + 2, event(id, "created", list(changes), None, "NOT ATTEMPTED", who), now, now))
    return id


def move(request: Request, who: Me, body: bytes) -> Response:
    given, id = orjson.loads(body), int(request.path_params["id"])
    name, values = given.get("transition"), given.get("values") or {}
    if name not in MOVES or not isinstance(given.get("version"), int):
        raise Stop(422, "This is not a move.")
    version = given["version"]
    return once(
        request, who, f"move {id}", body, 200, lambda db, now: _move(db, who, now, id, name, version, values)
    )


def _move(
    db: sqlite3.Connection, who: Me, now: int, id: int, name: str, version: int, values: dict[str, Any]
) -> int:
    found = db.execute(FOR_MOVE, (id, who.id)).fetchone()
    if found is None:
        raise Stop(404, "There is nothing here, or nothing that you may see.")
    stage, at_version, chain, reason, _, updated = found
    _, sources, target = MOVES[name]
    if at_version != version:
        raise Stop(409, "Somebody changed this lead.")
    if stage not in sources:
        raise Stop(409, f"This move does not start at {stage}.")
    guard = GUARDS.get(name)
    if guard and not db.execute(guard[0], (id,)).fetchone():
        raise Stop(409, guard[1])
    lost, remarks = values.get("lost_reason", reason), values.get("lost_remarks")
    if name == "lose" and lost not in LOST:
        raise Stop(409, "Lost sub-status is empty.")
    now = max(now, updated + 1)
    changes = {"lost_reason": [reason, lost], "status": [stage, target]}
    if remarks:
        changes["lost_remarks"] = [None, remarks]
    stamp = new_id(now)
    history = entry(stamp, id, now, who.id, "moved", name, stage, target, changes, chain)
    if db.execute(LOSE, (target, lost, remarks, now, who.id, history[-1], id, version)).rowcount != 1:
        raise Stop(409, "Somebody changed this lead.")
    db.execute(HISTORY, history)
    db.execute(LEAVE, (now, id))
    db.execute(ENTER, (stamp + 1, id, target, now))
    db.execute(OUTBOX, (stamp + 2, event(id, "moved", list(changes), name, target, who), now, now))
    return id


def once(
    request: Request, who: Me, route: str, body: bytes, status: int, deed: Callable[[sqlite3.Connection, int], int]
) -> Response:
    """One transaction; the same key does it once."""
    key, now, db = request.headers.get("idempotency-key"), now_ms(), writing()
    with _writing:
        db.execute("begin immediate")
        try:
            answer = None
            if key:
                fingerprint = hashlib.sha256(route.encode() + b"\0" + body).hexdigest()
                if not db.execute(CLAIM, (who.id, key, fingerprint, now)).rowcount:
                    earlier, answer = db.execute(CLAIMED, (who.id, key)).fetchone()
                    if earlier != fingerprint:
                        raise Stop(422, "This idempotency key was used for another request.")
            id = int(orjson.loads(answer)["id"]) if answer else deed(db, now)
            if key and not answer:
                db.execute(ANSWERED, (status, orjson.dumps({"id": str(id)}).decode(), who.id, key))
            db.execute("commit")
        except BaseException:
            db.execute("rollback")
            raise
    return json(item(reading(), who, id), status)


def entry(
    id: int, record: int, at: int, actor: int, action: str, transition: str | None, source: str | None,
    target: str | None, changes: dict[str, Any], previous: str | None,
) -> tuple[Any, ...]:  # fmt: skip
    content = (
        id, "lead", record, at, actor, action, transition, source, target, orjson.dumps(changes).decode(), "hand", previous,
    )  # fmt: skip
    return (*content, hashlib.sha256(orjson.dumps(content)).hexdigest())


def event(id: int, action: str, fields: list[str], transition: str | None, stage: str, who: Me) -> str:
    made = {
        "entity": "lead", "record": str(id), "action": action, "on": [action], "transition": transition,
        "fields": fields, "stages": {"status": stage}, "actor": str(who.id),
    }  # fmt: skip
    return orjson.dumps(made).decode()


# ---- words


def now_ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


def new_id(now: int) -> int:
    return (now - EPOCH << 22) | secrets.randbits(21)


def moment(ms: int) -> str:
    at = datetime.fromtimestamp(ms / 1000, IST)
    return f"{at.day} {MONTHS[at.month]} {at.year}, {at.hour % 12 or 12}:{at.minute:02} {'pm' if at.hour > 11 else 'am'}"


def date_of(ms: int) -> str:
    at = datetime.fromtimestamp(ms / 1000, IST)
    return f"{at.day} {MONTHS[at.month]} {at.year}"


def iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def lasting(ms: int) -> str:
    days = (now_ms() - ms) // 86_400_000
    return f"{days} days" if days else "a moment"


def initials(name: str) -> str:
    return "".join([word[0] for word in name.split()[:2]])


def rupees(minor: int) -> str:
    return f"{minor / 100:,.2f}"


templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
templates.globals.update(moment=moment, iso=iso, initials=initials, rupees=rupees, hues=HUES)
FRAME, LIST_PAGE, RECORD_PAGE = (templates.get_template(f"{n}.html") for n in ("frame", "list", "record"))


@asynccontextmanager
async def lifespan(app: Starlette) -> Any:
    yield
    pool.shutdown()


app = Starlette(
    routes=[
        Route("/lead", endpoint(list_page)),
        Route("/lead/{id:int}", endpoint(detail_page)),
        Route("/api/v1/lead", endpoint(list_json)),
        Route("/api/v1/lead", endpoint(create), methods=["POST"]),
        Route("/api/v1/lead/{id:int}", endpoint(detail_json)),
        Route("/api/v1/lead/{id:int}/transitions", endpoint(move), methods=["POST"]),
    ],
    lifespan=lifespan,
)
