"""Which deeds a role may do at all, and which fields it may write. Which records is a scope, asked of the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.blueprint.conditions import NEVER, Condition
from engine.blueprint.entities import Field
from engine.blueprint.roles import Rights

NOTHING = Rights()
MADE = frozenset({"computed", "rollup", "children", "reference_number", "stage"})  # no person writes these types
DEEDS = {"import": "may_import", "export": "may_export", "bulk": "may_bulk"}
# A token that may update may do what is an update in other words.
SAME_AS_UPDATE = frozenset({"assign", "move", "bulk"})


def rights_of(blueprint: Blueprint, role: str, entity: str) -> Rights:
    known = blueprint.roles.get(role)
    return known.rights.get(entity, NOTHING) if known else NOTHING


def scope_of(blueprint: Blueprint, actor: Actor, action: str, entity: str) -> Condition:
    """The records on which the actor may do a read, create, update, delete or assign; NEVER when none."""
    if not token_allows(actor, action, entity):
        return NEVER
    scope: Condition = getattr(rights_of(blueprint, actor.role, entity), action)
    return scope


def may(blueprint: Blueprint, actor: Actor, action: str, entity: str) -> bool:
    """Whether there can be any record of this entity on which the actor may do this. Actions are those of a scope,
    and `import`, `export`, `bulk`."""
    if action in DEEDS:
        return token_allows(actor, action, entity) and may_deed(rights_of(blueprint, actor.role, entity), action)
    return scope_of(blueprint, actor, action, entity) != NEVER


def may_deed(rights: Rights, deed: str) -> bool:
    return bool(getattr(rights, DEEDS[deed]))


def token_allows(actor: Actor, action: str, entity: str) -> bool:
    if actor.only is None or (entity, action) in actor.only:
        return True
    return action in SAME_AS_UPDATE and (entity, "update") in actor.only


def writable(readable: Mapping[str, Field], rights: Rights) -> frozenset[str]:
    """The names that a person may fill or change: what can be read, is not locked and is not the engine's to make."""
    return frozenset(
        name
        for name, field in readable.items()
        if not field.system and field.type not in MADE and name not in rights.locked and name not in rights.hidden
    )


def who_may(blueprint: Blueprint, action: str, entity: str, besides: str = "") -> tuple[str, ...]:
    """The labels of the roles that may do this to some record; without the role that was just refused."""
    roles = (name for name in blueprint.roles if name != besides)
    return labels(blueprint, (name for name in roles if _role_may(rights_of(blueprint, name, entity), action)))


def labels(blueprint: Blueprint, roles: Iterable[str]) -> tuple[str, ...]:
    return tuple(blueprint.roles[name].label for name in roles)


def _role_may(rights: Rights, action: str) -> bool:
    return may_deed(rights, action) if action in DEEDS else getattr(rights, action) != NEVER
