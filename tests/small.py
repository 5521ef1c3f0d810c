"""A small firm made in Python, for tests of the rooms below the compiler: accounts, deals with stages, calls.

Asha and Ravi are callers, Meera manages them, Dev administers. A caller sees and changes her own deals, reads no
budget, and moves a deal to its next stage; a manager sees her own and her people's.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.blueprint import Blueprint
from engine.blueprint.conditions import ALWAYS, NEVER, AnyOf, Condition, Test, Word
from engine.blueprint.entities import Board, Choice, Entity, Field, ListView, Section
from engine.blueprint.formulas import Binary, Formula, Literal, Name
from engine.blueprint.manifest import Manifest
from engine.blueprint.notifications import Notification
from engine.blueprint.reports import Dashboard, Measure, Report, Series, Tile
from engine.blueprint.roles import Rights, Role
from engine.blueprint.templates import Template
from engine.blueprint.triggers import Happening
from engine.blueprint.values import Money
from engine.blueprint.workflows import PREVIOUS, Action, Stage, Transition, Workflow

OWN = Test("owner", "is", Word("me"))
SUBORDINATES = AnyOf((OWN, Test("owner", "in", Word("my subordinates"))))
TEAM = AnyOf((Test("owner", "in", Word("my team")),))


def small() -> Blueprint:
    """User, team, account, deal and call; caller < manager < administrator."""
    entities = {e.name: e for e in (_user(), _team(), _account(), _deal(), _call())}
    return Blueprint(
        manifest=Manifest("small", "Small firm", None, "Asia/Kolkata", "INR", "IN", "en", ("en", "ar"), (4, 1)),
        entities=entities,
        workflows={"deal_sales": _deal_sales()},
        roles={r.name: r for r in (_caller(), _manager(), _administrator())},
        notifications={
            "new_deal": Notification(
                "new_deal", "New deal", "deal", Happening("created"),
                Template("New deal {{ name }}", frozenset({"name"})), ("owner", "manager of owner"),
            )
        },
        reports={
            "deals_by_source": Report(
                "deals_by_source", "Deals by source",
                {"": Series("", "Deals by source", "deal", ("source",),
                    {"deals": Measure("deals", "Deals", "count"), "value": Measure("value", "Value", "sum", "budget")})},
                chart="bar",
            )
        },
        dashboards={
            "desk": Dashboard(
                "desk", "Desk", ("caller", "manager"),
                {"hot": Tile("hot", "Hot deals", "deal", Measure("hot", "Hot deals", "count"), Test("is_hot", "is", True))},
                ("deals_by_source",),
            )
        },
        hash="small",
    )  # fmt: skip


def field(name: str, type: str, /, label: str = "", **more: Any) -> Field:
    """A field as the compiler makes it: keys of Field, everything else is an option of its type."""
    known = {k: more.pop(k) for k in tuple(more) if k in Field.__dataclass_fields__}
    return Field(name, type, label or name.replace("_", " ").capitalize(), options=more, **known)


def entity(
    name: str, fields: tuple[Field, ...], *, owned: bool = True, title: str = "name", **more: Any
) -> Entity:
    """An entity with the fields that the engine keeps, one form section and a list of its first fields."""
    named = {f.name: f for f in (*fields, *(_owner() if owned else ()), *_kept())}
    typed = tuple(
        f.name
        for f in fields
        if f.type not in ("computed", "rollup", "children", "reference_number", "stage")
    )
    columns = tuple(f.name for f in fields if f.type not in ("children", "rollup"))[:8]
    more.setdefault("label", name.capitalize())
    more.setdefault("plural", f"{more['label']}s")
    return Entity(
        name=name,
        title=Template(f"{{{{ {title} }}}}", frozenset({title})),
        fields=named,
        form=(Section("Details", typed + (("owner",) if owned else ())),),
        list=ListView(columns, (("created_at", True),)),
        owned=owned,
        **more,
    )


def _owner() -> tuple[Field, ...]:
    return (field("owner", "user", default=Word("me"), required=True),)


def _kept() -> tuple[Field, ...]:
    return (
        field("id", "id", "Id", system=True),
        field("version", "integer", system=True),
        field("created_at", "datetime", "Created", system=True),
        field("created_by", "user", "Created by", system=True),
        field("updated_at", "datetime", "Updated", system=True),
        field("updated_by", "user", "Updated by", system=True),
        field("deleted_at", "datetime", "Deleted", system=True),
    )


def _choices(*words: str) -> tuple[Choice, ...]:
    return tuple(Choice(word, word) for word in words)


def _user() -> Entity:
    fields = (
        field("name", "text", required=True, search=True, longest=200),
        field("email", "email", required=True, unique=True, search=True),
        field("phone", "phone", search=True),
        field("role", "choice", required=True, choices=_choices("caller", "manager", "administrator")),
        field("manager", "user"),
        field("team", "team"),
        field("teams", "references", entity="team"),
        field("active", "yes_no", default=True),
        field("language", "text", default="en"),
        field("zone", "text"),
    )
    return entity("user", fields, owned=False)


def _team() -> Entity:
    return entity("team", (field("name", "text", required=True, unique=True, search=True),), owned=False)


def _account() -> Entity:
    fields = (
        field("name", "text", required=True, search=True, longest=200),
        field("industry", "choice", choices=_choices("Education", "Retail", "Steel")),
        field("website", "url"),
        field("deals", "children", entity="deal", through="account"),
    )
    return entity("account", fields)


def _deal() -> Entity:
    fields = (
        field("number", "reference_number", "Deal number", unique=True, search=True,
              pattern="DEAL-{year}-{number:05}", resets="yearly"),
        field("name", "text", required=True, search=True, longest=200),
        field("phone", "phone", search=True, index=True),
        field("email", "email", search=True),
        field("source", "choice", choices=_choices("Google", "Website", "Walk-in")),
        field("budget", "money", currency="INR", currencies=("INR",), places=2, least=0, most=None),
        field("discount", "percent", least=0, most=100),
        field("follow_up_at", "datetime"),
        field("closes_on", "date"),
        field("is_hot", "yes_no", default=False),
        field("lost_reason", "choice", choices=_choices("Price", "No interest", "Other")),
        field("account", "reference", entity="account"),
        field("interests", "references", entity="account"),
        field("tags", "tags"),
        field("notes", "long_text"),
        field("team", "team"),
        field("calls", "children", entity="call", through="deal"),
        field("call_count", "rollup", "Calls made", of="calls", take="count", field=None, when=None),
        field("expected", "computed", "Expected value", formula=_expected(), currency="INR"),
        field("status", "stage", stages=tuple(Choice(s.name, s.label, s.hue) for s in _stages())),
    )  # fmt: skip
    return entity("deal", fields, board=Board("status", ("phone", "account"), "budget"))


def _expected() -> Formula:
    """budget * (1 - discount / 100)"""
    off = Binary("-", Literal(1), Binary("/", Name("discount"), Literal(100)))
    return Formula("budget * (1 - discount / 100)", Binary("*", Name("budget"), off), "money")


def _call() -> Entity:
    fields = (
        field("deal", "reference", entity="deal", required=True),
        field("outcome", "choice", required=True, choices=_choices("Answered", "RNR", "Busy")),
        field("at", "datetime"),
        field("seconds", "integer", least=0, most=None),
        field("note", "long_text", search=True),
    )
    return entity("call", fields, title="outcome")


def _stages() -> tuple[Stage, ...]:
    return (
        Stage("NEW", "New"),
        Stage("FOLLOW-UP", "Follow-up", "blue", 20, requires=("follow_up_at",)),
        Stage("PROPOSAL", "Proposal", "amber", 70, allows=("call",)),
        Stage("ON HOLD", "On hold", "grey"),
        Stage("WON", "Won", "green", 100, "won"),
        Stage("LOST", "Lost", "red", 0, "lost", requires=("lost_reason",)),
    )


def _deal_sales() -> Workflow:
    open_stages = ("NEW", "FOLLOW-UP", "PROPOSAL", "ON HOLD")
    answered = Test("calls", "some", Test("outcome", "is", "Answered"))
    transitions = (
        Transition("attend", "Call attended", ("NEW",), "FOLLOW-UP", asks=("follow_up_at",),
                   when=answered, refusal="Log an answered call first."),
        Transition("propose", "Send proposal", ("FOLLOW-UP",), "PROPOSAL"),
        Transition("hold", "Put on hold", ("NEW", "FOLLOW-UP", "PROPOSAL"), "ON HOLD"),
        Transition("resume", "Resume", ("ON HOLD",), PREVIOUS),
        Transition("win", "Won", ("PROPOSAL",), "WON", roles=("manager",),
                   when=Test("budget", "above", Money(Decimal(0), "INR"))),
        Transition("lose", "Lost", open_stages, "LOST", asks=("lost_reason",),
                   then=(Action("set", {"is_hot": False}),)),
    )  # fmt: skip
    return Workflow(
        "deal_sales", "Status", "deal", "status", "NEW",
        {s.name: s for s in _stages()}, {t.name: t for t in transitions},
    )  # fmt: skip


def _caller() -> Role:
    rights = {
        "user": Rights(read=ALWAYS),
        "team": Rights(read=ALWAYS),
        "account": Rights(read=ALWAYS, create=OWN, update=OWN, assign=NEVER),
        "deal": Rights(
            read=OWN, create=OWN, update=OWN, assign=_assign(SUBORDINATES),
            transitions=frozenset({"attend", "propose", "hold", "resume", "lose"}),
            hidden=frozenset({"budget", "expected"}), locked=frozenset({"source"}),
        ),
        "call": Rights(read=OWN, create=OWN, update=OWN, delete=OWN),
    }  # fmt: skip
    return Role("caller", "Tele-caller", "manager", rights)


def _manager() -> Role:
    everything = frozenset({"attend", "propose", "hold", "resume", "win", "lose"})
    rights = {
        "user": Rights(read=ALWAYS),
        "team": Rights(read=ALWAYS),
        "account": Rights(read=ALWAYS, create=ALWAYS, update=ALWAYS, delete=OWN, assign=ALWAYS),
        "deal": Rights(
            read=SUBORDINATES, create=ALWAYS, update=SUBORDINATES, delete=SUBORDINATES, assign=_assign(SUBORDINATES),
            transitions=everything, may_import=True, may_export=True, may_bulk=True,
        ),
        "call": Rights(read=SUBORDINATES, create=ALWAYS, update=OWN),
    }  # fmt: skip
    return Role("manager", "Sales manager", "administrator", rights)


def _administrator() -> Role:
    everything = frozenset({"attend", "propose", "hold", "resume", "win", "lose"})
    rights = {
        name: Rights(
            ALWAYS,
            ALWAYS,
            ALWAYS,
            ALWAYS,
            ALWAYS,
            everything if name == "deal" else frozenset(),
            True,
            True,
            True,
        )
        for name in ("user", "team", "account", "deal", "call")
    }
    return Role("administrator", "Administrator", None, rights, administers=True)


def _assign(scope: Condition) -> Condition:
    """`assign` speaks of the person who gets the record, so the test is on the user's own id."""
    if not isinstance(scope, AnyOf):
        return scope
    return AnyOf(tuple(Test("id", t.operator, t.value) for t in scope.parts if isinstance(t, Test)))
