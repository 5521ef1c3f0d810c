"""Addresses at which a person's calendar is read without signing in: 256 random bits, kept as a hash, that may do nothing
else and can be taken back. Who asks for one is its person, with the rights that this person has at that time."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.errors import Complaint, Invalid, NotFound, Refused
from engine.records.accounts import hashed
from engine.records.database import Database
from engine.records.keys import milliseconds, new_id
from engine.records.people import People
from engine.records.rows import change, rows
from engine.words import said

LONGEST = 100  # characters of a token
MOST = 10  # of one person, at a time
USED_EVERY = 60_000  # ms between two notes that one is in use
MINE = 'select id, name, created_at, used_at from crm_feed where "user" = ? and revoked_at is null order by id desc'


@dataclass(frozen=True, slots=True)
class Feed:
    """As its owner sees it; times in ms since 1970 UTC."""

    id: int
    name: str
    created_at: int
    used_at: int | None


class Feeds:
    def __init__(self, blueprint: Blueprint, database: Database) -> None:
        self.blueprint, self.database = blueprint, database
        self.people = People(blueprint, database.dialect)

    def make(self, actor: Actor, name: str, now: datetime) -> str:
        """The token, which is told this once. Raises Refused for a program, Invalid for too many."""
        if actor.only is not None:
            raise Refused(said("A token cannot make another way in. Sign in with a password."))
        text = secrets.token_urlsafe(32)
        with self.database.writing() as connection:
            if len(rows(connection, MINE, (actor.user,))) >= MOST:
                raise Invalid([Complaint(None, said(
                    "There are {most} addresses already. Take one back first.", most=MOST
                ))])
            insert = 'insert into crm_feed (id, "user", name, hash, created_at) values (?, ?, ?, ?, ?)'
            kept = (new_id(now), actor.user, name.strip()[:100] or "Calendar", hashed(text), milliseconds(now))
            change(connection, insert, kept)
        return text

    def of(self, actor: Actor) -> tuple[Feed, ...]:
        """Those in force, newest first."""
        with self.database.reading() as connection:
            return tuple(Feed(*row) for row in rows(connection, MINE, (actor.user,)))

    def revoke(self, actor: Actor, id: int, now: datetime) -> None:
        """Raises NotFound for one that is not there or not the actor's own."""
        text = 'update crm_feed set revoked_at = ? where id = ? and "user" = ? and revoked_at is null'
        with self.database.writing() as connection:
            if not change(connection, text, (milliseconds(now), id, actor.user)):
                raise NotFound(said("There is no such address."))

    def actor(self, text: str, now: datetime) -> Actor | None:
        """Whose calendar it is; None for what nobody gave out, was taken back, or whose person may no longer come in."""
        if not text or len(text) > LONGEST:
            return None
        with self.database.reading() as connection:
            found = rows(connection, self.people.by_feed, (hashed(text),))
        if not found:
            return None
        id, used_at, *row = found[0]
        person = self.people.person(row)
        if not person.may_enter:
            return None
        if used_at is None or used_at + USED_EVERY < milliseconds(now):
            with self.database.writing() as connection:
                change(connection, "update crm_feed set used_at = ? where id = ?", (milliseconds(now), id))
        return person.actor(self.blueprint)


__all__ = ["Feed", "Feeds"]
