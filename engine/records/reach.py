"""Who is at or below whom: crm_reach(superior, user), the closure that the scope `subordinates` asks.

A person is below me when their role is below mine in the tree of roles, and either they name no manager or their chain
of managers leads to me. Everyone reaches themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from engine.blueprint import Blueprint
from engine.records.database import Connection
from engine.records.tables import Tables

Person = tuple[int, str, int | None]  # id, role, manager


def rebuild(connection: Connection, blueprint: Blueprint, tables: Tables) -> None:
    """Makes crm_reach true again, inside the caller's transaction; after a user or the tree of roles changed."""
    reach, user = tables.system("reach"), tables.of("user")
    people = connection.execute(sa.select(user.c.id, user.c.role, user.c.manager))
    wanted = set(closure(blueprint, [(p.id, p.role, p.manager) for p in people]))
    have = {(r.superior, r.user) for r in connection.execute(sa.select(reach.c.superior, reach.c.user))}
    if gone := have - wanted:
        pair = (reach.c.superior == sa.bindparam("s"), reach.c.user == sa.bindparam("u"))
        connection.execute(reach.delete().where(*pair), [{"s": s, "u": u} for s, u in gone])
    if new := wanted - have:
        connection.execute(reach.insert(), [{"superior": s, "user": u} for s, u in new])


def closure(blueprint: Blueprint, people: Iterable[Person]) -> Iterator[tuple[int, int]]:
    """Every (superior, user)."""
    known = {id: (role, manager) for id, role, manager in people}
    above = {role: set(roles_above(blueprint, role)) for role in blueprint.roles}
    for id, (role, manager) in known.items():
        yield id, id
        superiors = known if manager is None else managers_of(id, known)
        yield from ((s, id) for s in superiors if s != id and known[s][0] in above.get(role, ()))


def roles_above(blueprint: Blueprint, role: str) -> Iterator[str]:
    seen: set[str] = set()
    at = blueprint.roles[role].reports_to
    while at is not None and at in blueprint.roles and at not in seen:
        seen.add(at)
        yield at
        at = blueprint.roles[at].reports_to


def managers_of(id: int, known: dict[int, tuple[str, int | None]]) -> Iterator[int]:
    seen = {id}
    at = known[id][1]
    while at is not None and at in known and at not in seen:
        seen.add(at)
        yield at
        at = known[at][1]
