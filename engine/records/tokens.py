"""API tokens: `crm_` and 256 random bits, kept as a hash. A token is its person, narrowed to what it was made for."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.clock import Clock, system_clock
from engine.errors import Complaint, Invalid, NotFound, Refused
from engine.records.accounts import hashed
from engine.records.database import Connection, Database
from engine.records.keys import milliseconds, new_id
from engine.records.people import People, is_below
from engine.records.rows import change, rows
from engine.words import said

PREFIX = "crm_"
USED_EVERY = 60_000  # ms between two notes that a token is in use
ACTIONS = ("read", "create", "update", "delete", "import", "export")
COLUMNS = 'id, "user", name, "only", created_at, expires_at, used_at, revoked_at'
MINE = f'select {COLUMNS} from crm_token where "user" = ? order by id desc'


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its owner sees it; times in ms since 1970 UTC. `only`: (entity, action) pairs, None: all the role may."""

    id: int
    user: int
    name: str
    only: frozenset[tuple[str, str]] | None
    created_at: int
    expires_at: int | None
    used_at: int | None
    revoked_at: int | None


class Tokens:
    def __init__(self, blueprint: Blueprint, database: Database, clock: Clock = system_clock) -> None:
        self.blueprint = blueprint
        self.database = database
        self.clock = clock
        self.people = People(blueprint, database.dialect)

    def make(
        self, actor: Actor, name: str, *, user: int | None = None, only: Iterable[tuple[str, str]] | None = None,
        expires: datetime | None = None,
    ) -> tuple[int, str]:  # fmt: skip
        """The token's id and its text, which is told this once. Raises Invalid for an unknown entity or action, Refused
        for somebody else's token without the right to administer."""
        only = None if only is None else frozenset(only)
        self._check_only(only)
        if not name.strip():
            raise Invalid([Complaint("name", said("Name is empty."))])
        text, now = PREFIX + secrets.token_urlsafe(32), self.clock()
        with self.database.writing() as connection:
            whose = self._whose(connection, actor, user)
            id = new_id(now)
            kept = None if only is None else orjson.dumps(sorted(map(list, only))).decode()
            insert = (
                'insert into crm_token (id, "user", name, hash, "only", created_at, created_by, expires_at) '
                "values (?, ?, ?, ?, ?, ?, ?, ?)"
            )
            ends = milliseconds(expires) if expires else None
            change(
                connection, insert, (id, whose, name.strip()[:100], hashed(text), kept, milliseconds(now), actor.user, ends)
            )
        return id, text

    def actor(self, text: str) -> Actor | None:
        """Who bears this token; None when it is none, has ended, was revoked, or its person may no longer come in."""
        if not text.startswith(PREFIX) or len(text) > 200:
            return None
        now = milliseconds(self.clock())
        with self.database.reading() as connection:
            found = rows(connection, self.people.by_token, (hashed(text),))
        if not found:
            return None
        id, only, expires_at, used_at, *row = found[0]
        person = self.people.person(row)
        if not person.may_enter or (expires_at is not None and expires_at <= now):
            return None
        if used_at is None or used_at + USED_EVERY < now:
            with self.database.writing() as connection:
                change(connection, "update crm_token set used_at = ? where id = ?", (now, id))
        return person.actor(self.blueprint, _only(only))

    def of(self, actor: Actor, user: int | None = None) -> tuple[Token, ...]:
        """The tokens of the actor, or of somebody they look after; newest first. Raises Refused."""
        with self.database.reading() as connection:
            whose = self._whose(connection, actor, user)
            return tuple(Token(r[0], r[1], r[2], _only(r[3]), *r[4:]) for r in rows(connection, MINE, (whose,)))

    def revoke(self, actor: Actor, id: int) -> None:
        """Raises NotFound for a token that is not there or not the actor's to revoke."""
        with self.database.writing() as connection:
            found = rows(connection, 'select "user" from crm_token where id = ? and revoked_at is null', (id,))
            if not found or not self._may_revoke(connection, actor, found[0][0]):
                raise NotFound(said("There is no such token."))
            change(connection, "update crm_token set revoked_at = ? where id = ?", (milliseconds(self.clock()), id))

    def _may_revoke(self, connection: Connection, actor: Actor, user: int) -> bool:
        try:
            return self._whose(connection, actor, user) == user
        except (Refused, NotFound):
            return False

    def _whose(self, connection: Connection, actor: Actor, user: int | None) -> int:
        if actor.only is not None:
            raise Refused(said("A token cannot look after tokens. Sign in with a password."))
        if user is None or user == actor.user:
            return actor.user
        person = self.people.by_id(connection, user)
        role = self.blueprint.roles[actor.role]
        if not role.administers or person is None or is_below(self.blueprint, actor.role, person.role):
            who = [r.label for r in self.blueprint.roles.values() if r.administers]
            raise Refused(said("Your role does not look after other people's tokens."), who)
        return person.id

    def _check_only(self, only: Iterable[tuple[str, str]] | None) -> None:
        wrong = [
            f"{entity}: {action}"
            for entity, action in only or ()
            if entity not in self.blueprint.entities or action not in ACTIONS
        ]
        if wrong:
            raise Invalid([Complaint("only", said(
                "There is no {wrong}. Actions are {names}.", wrong=', '.join(wrong)[:200], names=', '.join(ACTIONS)
            ))])


def _only(text: str | None) -> frozenset[tuple[str, str]] | None:
    return None if text is None else frozenset((entity, action) for entity, action in orjson.loads(text))
