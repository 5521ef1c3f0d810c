"""Views of an entity's records, as somebody meets them: those of the set, his own, and those that others share with him.

- Everybody keeps views for himself. To share one is for those who administer, and for roles to which another reports:
  with one's own teams, with one's own role and those beneath it; with everybody only for those who administer.
- A view is its maker's to change; those who administer may change and take away every shared one.
- What a view asks is judged for each reader. One that asks about what he may not read is not there for him; of his own
  he is told what is wrong with it.
- Pins, order, columns and the height of rows are each person's own habit, whoever made the view.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from engine.actor import Actor
from engine.blueprint.entities import Entity
from engine.clock import Clock
from engine.errors import BadRequest, Complaint, Invalid, NotFound, Refused
from engine.records import looks as kept
from engine.records.database import Connection, Database
from engine.records.keys import milliseconds, new_id
from engine.records.looks import Columns, Looks
from engine.records.reach import roles_above
from engine.records.read import Reads
from engine.records.rows import change, rows
from engine.records.sight import NOT_FOUND
from engine.words import said

EVERYTHING = "all"  # the view without a question
MOST = 100  # views of one person of one entity
MOST_SHOWN = 300
LONGEST_NAME = 80  # characters
MOST_READ = 5_000  # kept views that were read for a role
ROWS = ("comfortable", "dense")

_SELECT = (
    'select id, "user", name, kind, query, shared, shared_with, pinned, first, position, changed_at from crm_saved_view '
    "where entity = ? and (\"user\" = ? or shared = 'all' or (shared = 'role' and shared_with = ?)"
)
_HABITS = 'select entity, habits from crm_habit where "user" = ? and entity in (?, ?)'
KEEP_HABITS = (
    'insert into crm_habit ("user", entity, habits, changed_at) values (?, ?, ?, ?) '
    'on conflict ("user", entity) do update set habits = excluded.habits, changed_at = excluded.changed_at'
)
_INSERT = (
    'insert into crm_saved_view (id, "user", entity, name, kind, query, shared, shared_with, pinned, first, position, '
    "changed_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_UPDATE = (
    "update crm_saved_view set name = ?, kind = ?, query = ?, shared = ?, shared_with = ?, pinned = ?, first = ?, "
    "changed_at = ? where id = ?"
)


@dataclass(frozen=True, slots=True)
class Sharing:
    """With whom: nobody (""), a team (its id), a role (its name) or all. `pinned`, `first`: what it is for them."""

    kind: str = ""
    of: str = ""
    pinned: bool = False
    first: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """A view as one reader meets it. `made_by` is None for the set's. `wrong`: why it cannot be opened."""

    key: str
    label: str
    looks: Looks
    sharing: Sharing = Sharing()
    made_by: int | None = None
    pinned: bool = False
    first: bool = False
    may_change: bool = False
    wrong: str | None = None


@dataclass(frozen=True, slots=True)
class Habits:
    pins: Mapping[str, bool] = field(default_factory=dict)  # by view, where it is not as its maker wants it
    order: tuple[str, ...] = ()
    columns: Columns = ()
    rows: str = ROWS[0]


@dataclass(frozen=True, slots=True)
class Shelf:
    """All views that somebody has of an entity, in his order; the one with everything is not among them."""

    views: tuple[Named, ...]
    habits: Habits

    @property
    def first(self) -> Named | None:
        """What is seen where no view is asked for."""
        return next((view for view in self.views if view.first and view.wrong is None), None)

    def get(self, key: str) -> Named | None:
        return next((view for view in self.views if view.key == key), None)


class Views:
    """Made once for a blueprint and its database."""

    def __init__(self, reads: Reads, database: Database, clock: Clock) -> None:
        self.reads, self.database, self.clock = reads, database, clock
        self._read: dict[tuple[str, int, int], Looks | str] = {}
        self._sets: dict[tuple[str, str], tuple[Named, ...]] = {}

    # ---- what there is

    def shelf(self, actor: Actor, entity: str, connection: Connection | None = None) -> Shelf:
        """Raises NotFound for an entity that the actor may not read."""
        described = self.reads.sight.entity(actor, entity)
        with self.reads.lent(connection) as lent:
            found = self._rows(lent, actor, entity)
            habits = self._habits(lent, actor.user, entity)
        kept_views = [view for row in found if (view := self._named(actor, entity, row)) is not None]
        views = _one_first(actor, (*self._of_set(actor, described), *kept_views))
        return Shelf(tuple(_ordered([_as_wished(view, habits, described) for view in views], habits, described)), habits)

    def view(self, actor: Actor, entity: str, key: str, connection: Connection | None = None) -> Named:
        """Raises NotFound, the same for a view that is not there and for one that is not shared with the actor."""
        found = self.shelf(actor, entity, connection).get(current_key(self.reads.sight.entity(actor, entity), key))
        if found is None:
            raise NotFound(NOT_FOUND)
        return found

    def sharing(self, actor: Actor) -> Mapping[str, tuple[str, ...]]:
        """With whom the actor may share: `team` -> ids, `role` -> names, `all` -> (""); empty for most."""
        blueprint = self.reads.blueprint
        role = blueprint.roles.get(actor.role)
        beneath = tuple(name for name in blueprint.roles if actor.role in roles_above(blueprint, name))
        if role is None or actor.user == 0 or not (role.administers or beneath):
            return {}
        roles = tuple(blueprint.roles) if role.administers else (actor.role, *beneath)
        found = {"team": tuple(str(team) for team in actor.teams), "role": roles, "all": ("",) if role.administers else ()}
        return {kind: whom for kind, whom in found.items() if whom}

    # ---- keeping

    def keep(self, actor: Actor, entity: str, label: str, looks: Looks, sharing: Sharing = Sharing()) -> str:
        """A new view; its key. Raises Invalid, Refused, NotFound, BadRequest."""
        self.reads.sight.entity(actor, entity)
        label, content = self._checked(actor, label, sharing), self._content(entity, looks)
        now = self.clock()
        id = new_id(now)
        with self.database.writing() as lent:
            self._check_room(lent, actor, entity, label)
            values = (label, looks.kind, content, sharing.kind, sharing.of, int(sharing.pinned), int(sharing.first))
            change(lent, _INSERT, (id, actor.user, entity, *values, 0, milliseconds(now)))
            self._make_way(lent, entity, id, sharing)
            if not sharing.pinned:  # one's own new view stands where one works
                self._wish(lent, actor, entity, lambda habits: replace(habits, pins={**habits.pins, str(id): True}))
        return str(id)

    def change(
        self, actor: Actor, entity: str, key: str, *, label: str | None = None, looks: Looks | None = None,
        sharing: Sharing | None = None,
    ) -> None:  # fmt: skip
        """What is left out stays. Raises Invalid, Refused, NotFound, BadRequest."""
        with self.database.writing() as lent:
            row = self._mine(lent, actor, entity, key)
            if label is not None or sharing is not None:
                label = self._checked(actor, label if label is not None else row.label, sharing or Sharing())
            if label is not None and label != row.label:
                self._check_room(lent, actor, entity, label, besides=int(key))
            stays = row.sharing if sharing is None else sharing
            content = self._content(entity, looks) if looks is not None else self._stored(lent, key)
            kind = looks.kind if looks is not None else row.looks.kind
            values = (label or row.label, kind, content, stays.kind, stays.of, int(stays.pinned), int(stays.first))
            change(lent, _UPDATE, (*values, milliseconds(self.clock()), int(key)))
            self._make_way(lent, entity, int(key), stays)

    def delete(self, actor: Actor, entity: str, key: str) -> None:
        with self.database.writing() as lent:
            self._mine(lent, actor, entity, key)
            change(lent, "delete from crm_saved_view where id = ?", (int(key),))

    # ---- habits

    def pin(self, actor: Actor, entity: str, key: str, pinned: bool) -> None:
        key = self.view(actor, entity, key).key
        self._wished(actor, entity, lambda habits: replace(habits, pins={**habits.pins, key: pinned}))

    def order(self, actor: Actor, entity: str, keys: Iterable[str]) -> None:
        known = {view.key for view in self.shelf(actor, entity).views}
        wanted = tuple(dict.fromkeys(key for key in keys if key in known))
        self._wished(actor, entity, lambda habits: replace(habits, order=wanted))

    def shift(self, actor: Actor, entity: str, key: str, by: int) -> None:
        """One place before (-1) or after (1) among the views."""
        keys = [view.key for view in self.shelf(actor, entity).views]
        if key not in keys:
            raise NotFound(NOT_FOUND)
        at = keys.index(key)
        keys.insert(min(max(at + by, 0), len(keys) - 1), keys.pop(at))
        self.order(actor, entity, keys)

    def like_columns(self, actor: Actor, entity: str, columns: Columns) -> None:
        """The columns with which the actor's lists of this entity begin; none: as the set says."""
        self.reads.sight.entity(actor, entity)
        self._wished(actor, entity, lambda habits: replace(habits, columns=columns))

    def like_rows(self, actor: Actor, rows: str) -> None:
        """How high the rows of all lists are. Raises BadRequest."""
        if rows not in ROWS:
            raise BadRequest(said(
                '"{rows}" is no height of rows. Write {names}.', rows=rows[:40], names=' or '.join(ROWS)
            ))
        self._wished(actor, "", lambda habits: replace(habits, rows=rows))

    # ---- inside: reading

    def _rows(self, lent: Connection, actor: Actor, entity: str) -> list[tuple[Any, ...]]:
        marks = ", ".join("?" for _ in actor.teams)
        teams = f" or (shared = 'team' and shared_with in ({marks}))" if marks else ""
        text = f"{_SELECT}{teams}) order by position, id limit {MOST_SHOWN}"
        return rows(lent, text, (entity, actor.user, actor.role, *(str(team) for team in actor.teams)))

    def _named(self, actor: Actor, entity: str, row: tuple[Any, ...]) -> Named | None:
        id, user, name, kind, content, shared, of, pinned, first, _, changed = row
        found = self._looks(actor, entity, id, changed, kind or "list", content)
        is_mine = user == actor.user
        if isinstance(found, str) and not is_mine:
            return None
        looks, wrong = (Looks(kind or "list"), found) if isinstance(found, str) else (found, None)
        may_change = is_mine or self._administers(actor)
        sharing = Sharing(shared, of, bool(pinned), bool(first))
        return Named(str(id), name, looks, sharing, user, bool(pinned), bool(first), may_change, wrong)

    def _looks(self, actor: Actor, entity: str, id: int, changed: int, kind: str, content: str) -> Looks | str:
        key = (actor.role, id, changed)
        found = self._read.get(key)
        if found is None:
            if len(self._read) > MOST_READ:
                self._read.clear()
            try:
                found = kept.loaded(self.reads.sight, actor.role, entity, kind, content, self.reads.reading(actor))
            except BadRequest as wrong:
                found = wrong.message
            self._read[key] = found
        return found

    def _of_set(self, actor: Actor, entity: Entity) -> tuple[Named, ...]:
        key = (actor.role, entity.name)
        if key not in self._sets:
            self._sets[key] = tuple(self._from_set(actor, entity))
        return self._sets[key]

    def _from_set(self, actor: Actor, entity: Entity) -> Iterable[Named]:
        for view in entity.views.values():
            if view.roles and actor.role not in view.roles:
                continue
            try:
                looks = kept.of_set(self.reads.sight, actor.role, entity.name, view)
            except BadRequest:  # it asks about what this role may not read
                continue
            sharing = Sharing("role" if view.roles else "all", "", view.pinned, view.default)
            yield Named(view.name, view.label, looks, sharing, None, view.pinned, view.default)

    def _habits(self, lent: Connection, user: int, entity: str) -> Habits:
        found = {of: orjson.loads(text) for of, text in rows(lent, _HABITS, (user, entity, ""))}
        here = found.get(entity, {})
        return Habits(
            here.get("pins", {}),
            tuple(here.get("order", ())),
            tuple((name, width) for name, width in here.get("columns", ())),
            found.get("", {}).get("rows", ROWS[0]),
        )

    # ---- inside: writing

    def _mine(self, lent: Connection, actor: Actor, entity: str, key: str) -> Named:
        """Raises NotFound for a view that the actor does not see, Refused for one that is not his to change."""
        view = self.view(actor, entity, key, lent)
        if view.made_by is None:
            raise Refused(said("This view comes with the program. Save it under another name to change it."))
        if not view.may_change:
            raise Refused(said("This view is somebody else's. Save it under another name to change it."))
        return view

    def _stored(self, lent: Connection, key: str) -> str:
        return str(rows(lent, "select query from crm_saved_view where id = ?", (int(key),))[0][0])

    def _content(self, entity: str, looks: Looks) -> str:
        fields = {name: one.fields for name, one in self.reads.blueprint.entities.items()}
        return kept.stored(fields, entity, looks)

    def _checked(self, actor: Actor, label: str, sharing: Sharing) -> str:
        label = " ".join(label.replace("\0", "").split())
        if not label:
            raise Invalid([Complaint("label", said("A view needs a name."))])
        if len(label) > LONGEST_NAME:
            raise Invalid([Complaint("label", said(
                "A view's name has at most {longest_name} characters.", longest_name=LONGEST_NAME
            ))])
        if sharing.kind and sharing.of not in self.sharing(actor).get(sharing.kind, ()):
            raise Refused(said(
                "You may not share views with them. Those to whom others report may, and who administers."
            ))
        if sharing.first and sharing.kind not in ("role", "all"):
            raise Invalid([Complaint("first", said(
                "Only what is shared with a role or with everybody can be seen first."
            ))])
        return label

    def _check_room(self, lent: Connection, actor: Actor, entity: str, label: str, besides: int = 0) -> None:
        text = 'select name from crm_saved_view where entity = ? and "user" = ? and id <> ?'
        names = [row[0] for row in rows(lent, text, (entity, actor.user, besides))]
        if label.casefold() in (name.casefold() for name in names):
            raise Invalid([Complaint("label", said(
                'You have a view "{label}" already. Choose another name.', label=label
            ))])
        if len(names) >= MOST:
            raise Invalid([Complaint("label", said(
                "You have {most} views of this list, which is the most that are kept.", most=MOST
            ))])

    def _make_way(self, lent: Connection, entity: str, id: int, sharing: Sharing) -> None:
        """There is one that is seen first by each role."""
        if sharing.first:
            text = "update crm_saved_view set first = 0 where entity = ? and shared = ? and shared_with = ? and id <> ?"
            change(lent, text, (entity, sharing.kind, sharing.of, id))

    def _wished(self, actor: Actor, entity: str, wish: Any) -> None:
        with self.database.writing() as lent:
            self._wish(lent, actor, entity, wish)

    def _wish(self, lent: Connection, actor: Actor, entity: str, wish: Any) -> None:
        habits = wish(self._habits(lent, actor.user, entity))
        here = {"pins": dict(habits.pins), "order": list(habits.order), "columns": [list(one) for one in habits.columns]}
        content = orjson.dumps(here if entity else {"rows": habits.rows}).decode()
        change(lent, KEEP_HABITS, (actor.user, entity, content, milliseconds(self.clock())))

    def _administers(self, actor: Actor) -> bool:
        role = self.reads.blueprint.roles.get(actor.role)
        return bool(role and role.administers)


def current_key(entity: Entity, key: str) -> str:
    """The key of a set's view that was called otherwise before."""
    if key in entity.views:
        return key
    return next((view.name for view in entity.views.values() if view.was == key), key)


def _one_first(actor: Actor, views: tuple[Named, ...]) -> list[Named]:
    """What people made counts before what the set says, what is for the role before what is for everybody."""
    wanted = [view for view in views if view.first and view.wrong is None]
    wanted.sort(key=lambda view: (view.made_by is None, view.sharing.kind != "role"))
    return [replace(view, first=bool(wanted) and view is wanted[0]) for view in views]


def _as_wished(view: Named, habits: Habits, entity: Entity) -> Named:
    pins = {current_key(entity, key): pinned for key, pinned in habits.pins.items()}
    return replace(view, pinned=pins.get(view.key, view.pinned))


def _ordered(views: list[Named], habits: Habits, entity: Entity) -> list[Named]:
    """In the person's order; what came since then stands at the end."""
    place = {current_key(entity, key): n for n, key in enumerate(habits.order)}
    return sorted(views, key=lambda view: place.get(view.key, len(place)))


__all__ = ["EVERYTHING", "KEEP_HABITS", "ROWS", "Habits", "Named", "Sharing", "Shelf", "Views", "current_key"]
