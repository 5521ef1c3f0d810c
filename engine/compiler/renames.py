"""`was:` says under which name a thing's data was kept before; two things cannot have been one."""

from __future__ import annotations

from collections.abc import Iterable

from engine.compiler.draft import Draft
from engine.compiler.spot import Spot


def check_renames(draft: Draft) -> None:
    for section in ("entities", "roles", "reports", "dashboards"):
        _check(draft, section, draft.section(section))
    for _, entity in draft.section("entities").items():
        _check(draft, "fields", entity.get("fields"))
        _check(draft, "views", entity.get("views"))
        fields = entity.get("fields")
        for _, field in fields.items() if fields else ():
            _check(draft, "choices", field.get("choices"))
    for _, dashboard in draft.section("dashboards").items():
        _check(draft, "tiles", dashboard.get("tiles"))
    for _, workflow in draft.section("workflows").items():
        _check(draft, "stages", workflow.get("stages"))
        _check(draft, "transitions", workflow.get("transitions"))


def _check(draft: Draft, what: str, group: Spot | None) -> None:
    first: dict[str, str] = {}
    for name, spot, was in _renamed(group):
        if group is not None and group.get(was) is not None:
            here = "itself" if was == name else "there still"
            message = f'{name} cannot have been "{was}": that is {here}.'
            draft.tell(spot, "was", message, "Name what it was called before, or remove this key.")
        elif was in first:
            draft.tell(spot, "was", f'{first[was]} was "{was}" already.', "Only one of them can keep its data.")
        first.setdefault(was, name)


def _renamed(group: Spot | None) -> Iterable[tuple[str, Spot, str]]:
    """(its name, where its former name stands, its former name)"""
    for name, spot in group.items() if group else ():
        was = spot.text("was")
        if was is not None:
            yield name, spot["was"], was
