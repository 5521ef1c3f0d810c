"""The person behind a session, a token or an e-mail address: found in one query, whatever fields the set added to `user`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.folding import fold
from engine.formats import is_zone
from engine.records.database import Connection
from engine.records.reach import roles_above
from engine.records.rows import rows
from engine.records.tables import linked

COLUMNS = ("id", "name", "email", "role", "active", "language", "zone", "team")


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    email: str
    role: str
    may_enter: bool  # active, alive, and with a role that the set has
    teams: tuple[int, ...] = ()
    language: str = ""
    zone: str = ""

    def actor(self, blueprint: Blueprint, only: frozenset[tuple[str, str]] | None = None) -> Actor:
        firm = blueprint.manifest
        zone = self.zone if self.zone and is_zone(self.zone) else firm.zone  # zones come and go with the system's tables
        return Actor(self.id, self.name, self.role, self.teams, self.language or firm.language, zone, only)


class People:
    """The queries, written once for a blueprint."""

    def __init__(self, blueprint: Blueprint, dialect: str) -> None:
        self.blueprint = blueprint
        self._group = "group_concat(l.target_id)" if dialect == "sqlite" else "string_agg(l.target_id::text, ',')"
        self.fields = blueprint.entities["user"].fields
        person = ", ".join(self._column(name) for name in COLUMNS)
        teams = "u.id"
        if "teams" in self.fields and linked(self.fields["teams"]):
            teams = "(select {group} from \"user__teams\" l where l.record_id = u.id)"
        self._select = f'select {{more}}{person}, {teams} from "user" u'
        self.by_session = (
            self._with("s.csrf, s.seen_at, s.expires_at, coalesce(p.must_change, 0), ")
            + ' join crm_session s on s."user" = u.id left join crm_password p on p."user" = u.id'
            + " where s.key_hash = ? and u.deleted_at is null"
        )
        self.by_token = (
            self._with('t.id, t."only", t.expires_at, t.used_at, ')
            + ' join crm_token t on t."user" = u.id'
            + " where t.hash = ? and t.revoked_at is null and u.deleted_at is null"
        )
        self.by_feed = (
            self._with("f.id, f.used_at, ")
            + ' join crm_feed f on f."user" = u.id'
            + " where f.hash = ? and f.revoked_at is null and u.deleted_at is null"
        )

    def by_id(self, connection: Connection, id: int) -> Person | None:
        return self._one(connection, "u.id = ?", id)

    def by_email(self, connection: Connection, email: str) -> Person | None:
        """Whatever its case and width; None also for a text that is no address."""
        searched = self.fields["email"].search
        column, given = ('u."email__find"', fold(email)) if searched else ("lower(u.email)", email.strip().lower())
        return self._one(connection, f"{column} = ?", given)

    def person(self, row: Sequence[Any]) -> Person:
        id, name, email, role, active, language, zone, team, others = row
        many = [int(t) for t in str(others or "").split(",") if t] if others != id else []
        teams = tuple(dict.fromkeys(t for t in (team, *many) if t))
        may_enter = bool(active) and role in self.blueprint.roles
        return Person(id, name or "", email or "", role or "", may_enter, teams, language or "", zone or "")

    def _one(self, connection: Connection, where: str, value: Any) -> Person | None:
        found = rows(connection, f"{self._with('')} where {where} and u.deleted_at is null", (value,))
        return self.person(found[0]) if found else None

    def _with(self, more: str) -> str:
        return self._select.format(more=more, group=self._group)

    def _column(self, name: str) -> str:
        return f'u."{name}"' if name in self.fields else "null"


def is_below(blueprint: Blueprint, role: str, other: str) -> bool:
    """Whether `role` is below `other` in the tree of roles."""
    return role in blueprint.roles and other in roles_above(blueprint, role)
