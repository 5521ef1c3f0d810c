"""What those who administer look at: the set in force, its roles in plain words, what was refused."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from engine.blueprint import Blueprint
from engine.blueprint.conditions import ALWAYS, NEVER, Condition
from engine.blueprint.entities import Entity
from engine.blueprint.roles import Rights, Role
from engine.serving import Ask
from engine.web.frame import Screen, administration
from engine.web.render_rights import told
from engine.words import said

DEEDS = (("may_import", said("import")), ("may_export", said("export")), ("may_bulk", said("change many at once")))
SCOPES = ("read", "create", "update", "delete", "assign")


def show(ask: Ask) -> Response:
    seen = administration(ask)
    blueprint = seen.crm.blueprint
    body = seen.render(
        "admin.html", manifest=blueprint.manifest, hash=blueprint.hash, counts=_counts(blueprint),
        database=seen.crm.database.dialect,
    )  # fmt: skip
    return seen.page(said("Administration"), body, "admin")


def roles(ask: Ask) -> Response:
    seen = administration(ask)
    asked = ask.request.query_params.get("role")
    names = list(seen.crm.blueprint.roles)
    name = asked if asked in names else names[0]
    role = seen.crm.blueprint.roles[name]
    rows = [_row(seen, role, entity) for entity in seen.crm.blueprint.entities.values()]
    body = seen.render("roles.html", roles=seen.crm.blueprint.roles.values(), role=role, rows=rows,
                  above=seen.crm.blueprint.roles.get(role.reports_to or ""))  # fmt: skip
    return seen.page(said("Roles: {label}", label=role.label), body, "admin")


def _counts(blueprint: Blueprint) -> list[tuple[str, int]]:
    kinds = ("entities", "workflows", "roles", "notifications", "reports", "dashboards")
    return [(kind.capitalize(), len(getattr(blueprint, kind))) for kind in kinds]


def _row(seen: Screen, role: Role, entity: Entity) -> dict[str, Any]:
    rights = role.rights.get(entity.name, Rights())
    scopes = [(action, _scope(seen, entity, action, getattr(rights, action))) for action in SCOPES]
    return {
        "entity": entity, "scopes": scopes, "moves": _moves(seen, entity, rights),
        "deeds": [word for name, word in DEEDS if getattr(rights, name)],
        "hidden": [entity.fields[n].label for n in entity.fields if n in rights.hidden],
        "locked": [entity.fields[n].label for n in entity.fields if n in rights.locked],
        "nothing": rights.read == NEVER,
    }  # fmt: skip


def _scope(seen: Screen, entity: Entity, action: str, scope: Condition) -> str:
    if scope == NEVER:
        return ""
    if scope == ALWAYS:
        return said("anybody") if action == "assign" else said("all")
    return told(seen, entity if action != "assign" else seen.crm.blueprint.entities["user"], scope)


def _moves(seen: Screen, entity: Entity, rights: Rights) -> str:
    labels = {
        n: t.label for w in seen.crm.blueprint.workflows_of(entity.name) for n, t in w.transitions.items()
    }
    mine = [label for name, label in labels.items() if name in rights.transitions]
    return said("all moves") if labels and len(mine) == len(labels) else ", ".join(mine)
