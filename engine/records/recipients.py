"""Who a notification speaks to: its words (`owner`, `manager of owner`, `role: manager`, `client`) as people of one record.

Made anew for each batch: what it learnt of people holds for a moment only. Nobody's rights are asked here; whoever may not
read the record by the time that the message goes out is not told.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.blueprint import Blueprint
from engine.blueprint.entities import Field
from engine.blueprint.notifications import Notification
from engine.records.database import Connection
from engine.records.naming import quoted
from engine.records.people import People, Person
from engine.records.rows import rows
from engine.records.sight import targets_of

CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Recipient:
    """`user` None: the client, or, with `why`, nobody: `word` found nobody who could be told."""

    word: str
    user: int | None = None
    why: str = ""

    @property
    def key(self) -> str:
        """Who it is, in a dedupe key."""
        if self.user is not None:
            return f"user:{self.user}"
        return f"nobody:{self.word}" if self.why else self.word


class Recipients:
    def __init__(self, blueprint: Blueprint, people: People, connection: Connection) -> None:
        self.blueprint, self.people, self.connection = blueprint, people, connection
        self._persons: dict[int, Person | None] = {}
        self._roles: dict[str, tuple[int, ...]] = {}
        self._above: dict[int, tuple[int, ...]] = {}

    def of(self, notification: Notification, record: int | None, doer: int) -> list[Recipient]:
        """Everybody once; who did it is not told of their own deed, unless the notification names `actor`."""
        found: dict[str, Recipient] = {}
        for word in notification.to:
            for one in self._of_word(word, notification.entity, record, doer):
                if one.user is None or one.user != doer or "actor" in notification.to:
                    found.setdefault(one.key, one)
        return list(found.values())

    def person(self, user: int) -> Person | None:
        if user not in self._persons:
            self._persons[user] = self.people.by_id(self.connection, user)
        return self._persons[user]

    def _of_word(self, word: str, entity: str | None, record: int | None, doer: int) -> list[Recipient]:
        if word == CLIENT:
            return [Recipient(CLIENT)]
        users, why = self._users(word, entity, record, doer)
        return [Recipient(word, user) for user in users] or ([Recipient(word, why=why)] if why else [])

    def _users(self, word: str, entity: str | None, record: int | None, doer: int) -> tuple[tuple[int, ...], str]:
        """The people, and why there are none."""
        kind, _, name = word.partition(":")
        if kind == "actor":
            return ((doer,) if doer else ()), ""
        if kind == "role":
            role = self.blueprint.roles[name].label if name in self.blueprint.roles else name
            return self._with_role(name), f"Nobody has the role {role}."
        if kind == "person":
            return self._addressed(name), f"Nobody who may sign in has the address {name}."
        assert entity is not None and record is not None
        if kind == "field":
            return self._in_field(entity, record, name), f"{self._label(entity, name)} names nobody."
        owner = next(iter(self._in_field(entity, record, "owner")), None)
        if owner is None:
            return (), "It has no owner."
        if kind == "manager of owner":
            return self._managers(owner), "The owner has no manager."
        if kind == "team of owner":
            return self._team(owner), "The owner is in no team."
        return (owner,), ""

    def _label(self, entity: str, path: str) -> str:
        first = path.partition(".")[0]
        return self.blueprint.entities[entity].fields[first].label

    def _with_role(self, role: str) -> tuple[int, ...]:
        if role not in self._roles:
            text = 'select id from "user" where role = ? and active = 1 and deleted_at is null order by id'
            self._roles[role] = tuple(id for (id,) in rows(self.connection, text, (role,)))
        return self._roles[role]

    def _addressed(self, email: str) -> tuple[int, ...]:
        found = self.people.by_email(self.connection, email)
        return (found.id,) if found is not None and found.may_enter else ()

    def _in_field(self, entity: str, record: int, path: str) -> tuple[int, ...]:
        """The ids in a field of the record, or of a record that it points to."""
        first, _, rest = path.partition(".")
        field = self.blueprint.entities[entity].fields[first]
        found = self._ids(entity, record, field)
        if not rest:
            return found
        (target,) = targets_of(field)
        return tuple(user for id in found for user in self._in_field(target, id, rest))

    def _ids(self, entity: str, record: int, field: Field) -> tuple[int, ...]:
        if field.type == "references":
            table = quoted(f"{entity}__{field.name}")
            text = f"select target_id from {table} where record_id = ? order by position"
        else:
            text = f"select {quoted(field.name)} from {quoted(entity)} where id = ? and deleted_at is null"
        return tuple(id for (id,) in rows(self.connection, text, (record,)) if id is not None)

    def _managers(self, owner: int) -> tuple[int, ...]:
        if owner not in self._above:
            self._above[owner] = self._found_above(owner)
        return self._above[owner]

    def _found_above(self, owner: int) -> tuple[int, ...]:
        """The named manager; without one, those of the nearest role above that somebody has."""
        found = rows(self.connection, 'select manager, role from "user" where id = ?', (owner,))
        named, role = found[0] if found else (None, None)
        if named is not None:
            return (named,)
        at = self.blueprint.roles[role].reports_to if role in self.blueprint.roles else None
        while at is not None:
            if above := self._with_role(at):
                return above
            at = self.blueprint.roles[at].reports_to
        return ()

    def _team(self, owner: int) -> tuple[int, ...]:
        """Everybody in a team of the owner's, the owner too."""
        person = self.person(owner)
        teams = person.teams if person else ()
        found: dict[int, None] = {}
        for team in teams:
            text = 'select id from "user" where team = ? and active = 1 and deleted_at is null'
            more = (
                'select u.id from "user" u join "user__teams" l on l.record_id = u.id '
                "where l.target_id = ? and u.active = 1 and u.deleted_at is null"
            )
            linked = [more] if "teams" in self.blueprint.entities["user"].fields else []
            for statement in (text, *linked):
                found.update(dict.fromkeys(id for (id,) in rows(self.connection, statement, (team,))))
        return tuple(sorted(found))


__all__ = ["CLIENT", "Recipient", "Recipients"]
