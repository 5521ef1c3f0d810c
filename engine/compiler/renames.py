"""`was:` says under which name a thing's data was kept before; two things cannot have been one."""

from __future__ import annotations

from collections.abc import Iterable

from engine.compiler.draft import Draft
from engine.compiler.spot import Spot


def check_renames(draft: Draft) -> None:
    for section in ("entities", "roles"):
        _check(draft, section, draft.section(section))
    for _, entity in draft.section("entities").items():
        _check(draft, "fields", entity.get("fields"))
        _check(draft, "views", entity.get("views"))
        fields = entity.get("fields")
        for _, field in fields.items() if fields else ():
            _check(draft, "choices", field.get("choices"))
    for _, workflow in draft.section("workflows").items():
        _check(draft, "stages", workflow.get("stages"))
        _check(draft, "transitions", workflow.get("transitions"))


def _check(draft: Draft, what: str, group: Spot | None) -> None:
    first: dict[str, str] = {}
    for name, spot in _renamed(group):
        was = spot.get("was")
        if was.word in group.node.value:
            here = "itself" if was.word == name else "there still"
            message = f'{name} cannot have been "{was.word}": that is {here}.'
            draft.tell(was, "was", message, "Name what it was called before, or remove this key.")
        elif was.word in first:
            message = f'{first[was.word]} was "{was.word}" already.'
            draft.tell(was, "was", message, "Only one of them can keep its data.")
        first.setdefault(was.word, name)


def _renamed(group: Spot | None) -> Iterable[tuple[str, Spot]]:
    for name, spot in group.items() if group else ():
        if spot.text("was") is not None:
            yield name, spot
