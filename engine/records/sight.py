"""What a role may see: which entities, and which fields of them. What is not here does not exist for that role."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.blueprint.conditions import NEVER, AllOf, AnyOf, Condition, Not, Test
from engine.blueprint.entities import Entity, Field
from engine.blueprint.roles import Rights
from engine.errors import BadRequest, NotFound
from engine.words import said

NOTHING = Rights()
NOT_FOUND = said("There is nothing here, or nothing that you may see.")
SCOPED_ACTIONS = ("read", "update", "delete")


class Sight:
    """The readable part of one blueprint, worked out once for each role."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        self._fields: dict[tuple[str, str], dict[str, Field]] = {}
        for role in blueprint.roles:
            for entity, names in _readable(blueprint, role).items():
                fields = blueprint.entities[entity].fields
                self._fields[role, entity] = {name: fields[name] for name in fields if name in names}

    def rights(self, role: str, entity: str) -> Rights:
        known = self.blueprint.roles.get(role)
        return known.rights.get(entity, NOTHING) if known else NOTHING

    def scope(self, actor: Actor, entity: str, action: str) -> Condition:
        """The records that an action may touch; what may be changed or deleted must be readable too."""
        if actor.only is not None and (entity, action) not in actor.only:
            return NEVER
        return getattr(self.rights(actor.role, entity), action)

    def may_open(self, actor: Actor, entity: str) -> bool:
        return entity in self.blueprint.entities and self.scope(actor, entity, "read") != NEVER

    def entity(self, actor: Actor, name: str) -> Entity:
        """Raises NotFound, the same for an entity that is not there and for one that this role may not read."""
        if not self.may_open(actor, name):
            raise NotFound(NOT_FOUND)
        return self.blueprint.entities[name]

    def fields(self, role: str, entity: str) -> dict[str, Field]:
        """The fields the role may read, in order."""
        return self._fields.get((role, entity), {})

    def field(self, role: str, entity: str, name: str) -> Field:
        """Raises BadRequest, the same for a field that is not there and for one that is hidden from this role."""
        fields = self.fields(role, entity)
        if name not in fields:
            raise unknown_field(self.blueprint.entities[entity], name, fields)
        return fields[name]

    def check(self, role: str, entity: str, condition: Condition) -> None:
        """Every field that a condition speaks of, here and in the records it looks into, must be readable."""
        for test in _tests(condition):
            field = self.field(role, entity, test.field)
            if isinstance(test.value, (Test, AllOf, AnyOf, Not)):
                for target in targets_of(field):
                    self.check(role, target, test.value)


def unknown_field(entity: Entity, name: str, fields: dict[str, Field]) -> BadRequest:
    close = get_close_matches(name, fields, 1)
    hint = f' Did you mean "{close[0]}"?' if close else ""
    return BadRequest(said('{label} has no field "{name}".{hint}', label=entity.label, name=name[:100], hint=hint))


def targets_of(field: Field) -> tuple[str, ...]:
    """The entities whose records a field points to."""
    return field.targets


def _tests(condition: Condition) -> Iterator[Test]:
    match condition:
        case Test():
            yield condition
        case Not(part):
            yield from _tests(part)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _tests(part)


def _readable(blueprint: Blueprint, role: str) -> dict[str, set[str]]:
    """Takes out what is hidden, then whatever is made from what went, until nothing more goes."""
    rights = blueprint.roles[role].rights
    kept = {
        name: set(entity.fields) - rights.get(name, NOTHING).hidden for name, entity in blueprint.entities.items()
    }
    gone = True
    while gone:
        gone = False
        for name, entity in blueprint.entities.items():
            for field in [entity.fields[f] for f in kept[name]]:
                if not _sources_kept(field, name, entity, kept):
                    kept[name].discard(field.name)
                    gone = True
    return kept


def _sources_kept(field: Field, name: str, entity: Entity, kept: dict[str, set[str]]) -> bool:
    if field.type == "computed":
        return field.options["formula"].fields <= kept[name]
    if field.type == "rollup":
        of = field.options["of"]
        return of in kept[name] and _rolled_up(field, entity.fields[of].options["entity"], kept)
    return True


def _rolled_up(field: Field, child: str, kept: dict[str, set[str]]) -> bool:
    source, when = field.options.get("field"), field.options.get("when")
    needed = ({source} if source else set()) | ({t.field for t in _tests(when)} if when else set())
    return needed <= kept[child]
