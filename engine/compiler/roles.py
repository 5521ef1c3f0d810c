"""roles.yaml: every role's rights on every entity, spelled out, and what follows from them.

1. A scope word becomes a condition: `own`, `team` and `subordinates` ask for the owner, or for the person where the
   entity is `user`; `all` and `none` ask nothing.
2. `everything` stands for the entities that the role does not name.
3. What is computed from a hidden field is hidden too, to the end of the chain, also through roll-ups; and so are the
   records of an entity, or by a reference, that the role may not read at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from engine.blueprint.conditions import ALWAYS, NEVER, AnyOf, Condition, Test, Word, fields_in
from engine.blueprint.entities import Field
from engine.blueprint.roles import Rights, Role
from engine.compiler.conditions import read_condition
from engine.compiler.draft import Draft, frozen, label_from, rule_of_names, tidy_name
from engine.compiler.spot import Spot

EVERYTHING = "everything"
TODAY = "today"
SCOPES = ("own", "team", "subordinates", "all", "none")
KEPT_READABLE = ("id", "version")


def build_roles(draft: Draft) -> None:
    for name, spot in draft.section("roles").items():
        if spot.node.is_map:
            draft.roles[name] = _role(draft, name, spot)
    _check_circles(draft)


def _role(draft: Draft, name: str, spot: Spot) -> Role:
    wrong = rule_of_names(name)
    if wrong:
        draft.tell(spot, "bad-name", f'"{name}" cannot name a role: {wrong}.', f'Write "{tidy_name(name)}".', at_key=True)
    return Role(
        name=name,
        label=spot.text("label") or label_from(name),
        reports_to=draft.role_named(spot.get("reports_to")),
        rights=frozen(_all_rights(draft, name, spot)),
        administers=spot.flag("administers"),
        free_busy=spot.text("free_busy") or "none",
        help=spot.text("help"),
        was=spot.text("was"),
        source=spot.source,
        home=_home(draft, name, spot.get("home")),
    )


def _home(draft: Draft, role: str, spot: Spot | None) -> str | None:
    """Today, one of the role's dashboards, or an entity's list."""
    if spot is None or spot.word is None or spot.word == TODAY or spot.word in draft.fields:
        return spot.word if spot else None
    desks = draft.section("dashboards")
    desk = desks.get(spot.word)
    if desk is None:
        if draft.can_judge("reports", "entities"):
            known = (TODAY, *(name for name, _ in desks.items()), *draft.fields)
            draft.unknown(spot, spot.word, "a place to begin", known)
        return None
    if role not in (word for word, _ in desk.words("roles")):
        message = f"{role} may not see the dashboard {spot.word}: its `roles` do not name {role}."
        draft.tell(spot, "contradiction", message, f"Add {role} there, or begin elsewhere.")
    return spot.word


def _check_circles(draft: Draft) -> None:
    told: set[str] = set()
    for name in draft.roles:
        chain = _chain_up(draft, name)
        if chain[-1] == name and len(chain) > 1 and not told & set(chain):
            told.update(chain)
            spot = draft.section("roles")[min(chain)]["reports_to"]
            message = f"Roles report in a circle: {' -> '.join(chain)}."
            draft.tell(spot, "circle", message, "Let one of them report to nobody.")


def _chain_up(draft: Draft, name: str) -> list[str]:
    chain, above = [name], draft.roles[name].reports_to
    while above in draft.roles and above not in chain:
        chain.append(above)
        above = draft.roles[above].reports_to
    return [*chain, name] if above == name else chain + ([above] if above in chain else [])


# ---- rights


def _all_rights(draft: Draft, role: str, spot: Spot) -> dict[str, Rights]:
    said = spot.get("rights")
    named = {name: at for name, at in said.items() if at.node.is_map} if said else {}
    fallback = named.pop(EVERYTHING, None)
    _check_named(draft, said)
    _check_fallback_moves(draft, fallback)
    hidden = _fields_of(draft, spot.get("hides"), "hide")
    locked = _fields_of(draft, spot.get("locks"), "lock")
    rights = {}
    for entity in draft.fields:
        at = named.get(entity, fallback)
        if at is not None:
            rights[entity] = _rights(draft, role, entity, at, at is fallback, locked.get(entity, frozenset()))
    return _with_hidden(draft, rights, hidden)


def _check_named(draft: Draft, spot: Spot | None) -> None:
    for name, at in spot.items() if spot else ():
        if name != EVERYTHING and name not in draft.fields and draft.can_judge("entities"):
            draft.unknown(at, name, "an entity", (*draft.fields, EVERYTHING), at_key=True)


def _fields_of(draft: Draft, spot: Spot | None, deed: str) -> dict[str, frozenset[str]]:
    found = {}
    for entity, at in spot.items() if spot else ():
        if entity not in draft.fields:
            if draft.can_judge("entities"):
                draft.unknown(at, entity, "an entity", draft.fields, at_key=True)
            continue
        named = [(draft.field_named(entity, item), item) for item in at.each()]
        found[entity] = frozenset(f.name for f, item in named if f is not None and _may(draft, f, item, deed))
    return found


def _may(draft: Draft, field: Field, spot: Spot, deed: str) -> bool:
    if deed == "hide" and field.name in KEPT_READABLE:
        draft.tell(spot, "wrong-value", f"{field.name} cannot be hidden: every record is found by it.", "Take it out.")
        return False
    if deed == "lock" and (field.system or field.type in ("computed", "rollup", "children", "reference_number", "stage")):
        hint = "Leave its transitions out of the role's rights." if field.type == "stage" else "Take it out."
        draft.tell(spot, "no-effect", f"{field.name} needs no lock: nobody writes it.", hint)
        return False
    return True


def _rights(draft: Draft, role: str, entity: str, spot: Spot, is_fallback: bool, locked: frozenset[str]) -> Rights:
    def scope(action: str) -> Condition:
        return _scope(draft, entity, action, spot.get(action), is_fallback)

    rights = Rights(
        read=scope("read"), create=scope("create"), update=scope("update"), delete=scope("delete"), assign=scope("assign"),
        transitions=_transitions(draft, role, entity, spot.get("transitions"), is_fallback),
        may_import=spot.flag("import"),
        may_export=spot.flag("export"),
        may_bulk=spot.flag("bulk"),
        locked=locked,
        source=spot.source,
    )
    _check_readable(draft, role, entity, rights, spot)
    return rights


def _check_readable(draft: Draft, role: str, entity: str, rights: Rights, spot: Spot) -> None:
    if rights.read != NEVER:
        return
    blind = [action for action in ("update", "delete", "assign") if getattr(rights, action) != NEVER]
    blind += ["transitions"] if rights.transitions else []
    for action in blind:
        message = f"{role} may not read {entity}, so {action} means nothing."
        draft.tell(spot.get(action) or spot, "contradiction", message, f"Add a read right, or remove {action}.", at_key=True)


def _scope(draft: Draft, entity: str, action: str, spot: Spot | None, is_fallback: bool) -> Condition:
    if spot is None:
        return NEVER
    if spot.node.is_map:
        return read_condition(draft, "user" if action == "assign" else entity, spot)
    word = spot.word
    if word is None or word not in SCOPES:
        if word is not None:
            draft.unknown(spot, word, "a scope", SCOPES)
        return ALWAYS  # nothing follows from what is not understood
    if action == "assign":
        return _assign(draft, entity, spot, word, is_fallback)
    return _named_scope(draft, entity, spot, word, is_fallback)


def _assign(draft: Draft, entity: str, spot: Spot, word: str, is_fallback: bool) -> Condition:
    """About the person who gets the record."""
    if draft.owned[entity]:
        return scope_of("user", word, draft.fields)
    if not is_fallback and word != "none":
        draft.tell(spot, "no-effect", f"{entity} has no owner, so it cannot be assigned.", "Remove this key.")
    return NEVER


def _named_scope(draft: Draft, entity: str, spot: Spot, word: str, is_fallback: bool) -> Condition:
    if _has_scope(draft, entity, word):
        return scope_of(entity, word, draft.fields)
    if not is_fallback:
        why = f'{entity} has no owner ("owned: false"), so "{word}" selects no record.'
        draft.tell(spot, "no-effect", why, "Write all, none or a condition.")
        return ALWAYS
    return NEVER


def _has_scope(draft: Draft, entity: str, scope: str) -> bool:
    if scope in ("all", "none") or draft.owned[entity] or entity == "user":
        return True
    return scope == "team" and entity != "team" and _team_field(draft.fields[entity])


def _team_field(fields: Mapping[str, Field]) -> bool:
    return "team" in fields and fields["team"].type == "team"


def scope_of(entity: str, scope: str, fields: Mapping[str, Mapping[str, Field]]) -> Condition:
    """The scope word as a condition on `entity`."""
    if scope in ("all", "none"):
        return ALWAYS if scope == "all" else NEVER
    person = "id" if entity == "user" else "owner"
    own = Test(person, "is", Word("me"))
    if scope == "own":
        return own
    if scope == "subordinates":
        return AnyOf((own, Test(person, "in", Word("my subordinates"))))
    return _team_scope(entity, fields[entity])


def _team_scope(entity: str, fields: Mapping[str, Field]) -> Condition:
    """One's own records belong to it: a person without a team still sees what is theirs."""
    parts = []
    if entity == "user" or "owner" in fields:
        person = "id" if entity == "user" else "owner"
        parts += [Test(person, "is", Word("me")), Test(person, "in", Word("my team"))]
    if entity != "user" and _team_field(fields):
        parts.append(Test("team", "in", Word("my team")))
    return AnyOf(tuple(parts))


# ---- transitions


def _transitions(draft: Draft, role: str, entity: str, spot: Spot | None, is_fallback: bool) -> frozenset[str]:
    known = {t.name: t for w in draft.workflows.values() if w.entity == entity for t in w.transitions.values()}
    if spot is None or spot.word == "none":
        return frozenset()
    if spot.word is not None and spot.word != "any":
        draft.wrong(spot, "any, none or a list of transitions", f"Write [{spot.word}]." if spot.word in known else "")
        return frozenset()
    open_to_role = frozenset(name for name in known if _let_in(draft, role, entity, name))
    if spot.word == "any":
        return open_to_role
    if is_fallback:
        return open_to_role & {at.word for at in spot.each()}
    return frozenset(_named_transitions(draft, role, entity, spot, known))


def _check_fallback_moves(draft: Draft, fallback: Spot | None) -> None:
    """`everything: {transitions: [attend]}` means each entity that has such a move; some entity must."""
    known = {name for workflow in draft.workflows.values() for name in workflow.transitions}
    for word, at in fallback.words("transitions") if fallback else ():
        if word not in known and draft.can_judge("workflows", "entities"):
            draft.unknown(at, word, "a transition", known)


def _named_transitions(draft: Draft, role: str, entity: str, spot: Spot, known: Iterable[str]) -> Iterable[str]:
    for word, at in spot.spelled():
        if word in known:
            if _let_in(draft, role, entity, word):
                yield word
            else:
                message = f'{role} may not use "{word}": its `roles` in workflows.yaml do not name {role}.'
                draft.tell(at, "contradiction", message, f"Add {role} there, or take {word} out here.")
        elif draft.can_judge("workflows", "entities"):
            draft.unknown(at, word, f"a transition of {entity}", known)


def _let_in(draft: Draft, role: str, entity: str, name: str) -> bool:
    """Whether one of the entity's transitions of that name is open to the role."""
    named = [w.transitions[name] for w in draft.workflows.values() if w.entity == entity and name in w.transitions]
    return any(t.roles is None or role in t.roles for t in named)


# ---- secrecy


def _with_hidden(draft: Draft, rights: dict[str, Rights], hidden: Mapping[str, frozenset[str]]) -> dict[str, Rights]:
    secret = {entity: set(hidden.get(entity, ())) for entity in draft.fields}
    unread = {entity for entity in draft.fields if entity not in rights or rights[entity].read == NEVER}
    while any(_spread(draft, entity, secret, unread) for entity in draft.fields):
        pass
    return {entity: replace(of, hidden=frozenset(secret[entity])) for entity, of in rights.items()}


def _spread(draft: Draft, entity: str, secret: dict[str, set[str]], unread: set[str]) -> bool:
    """Hides what is made of hidden fields; True when it found any."""
    found = {
        field.name
        for field in draft.fields[entity].values()
        if field.name not in secret[entity] and _is_secret(field, secret[entity], secret, unread)
    }
    secret[entity] |= found
    return bool(found)


def _is_secret(field: Field, own: set[str], secret: Mapping[str, set[str]], unread: set[str]) -> bool:
    options: Mapping[str, Any] = field.options
    if field.type == "computed":
        return bool(options.get("formula") and options["formula"].fields & own)
    if field.type not in ("children", "rollup") or options.get("entity") is None:
        return False
    child = options["entity"]
    used = {options.get("through"), options.get("field")} | fields_in(options.get("when") or ALWAYS)
    return child in unread or options.get("of") in own or bool(used & secret[child])
