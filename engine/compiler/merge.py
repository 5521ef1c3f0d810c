"""What a set says over the set beneath it.

1. Maps merge by key: the order of the map beneath stays. A new key follows the key that is written above it, also
   where that one is removed; written before all of them, it stands before the first, and with none at all at the end.
2. Scalars and lists replace.
3. `key: removed`, without quotes, takes a key away. What is not there cannot be taken away.
4. In place of a list, `{add: [...], remove: [...]}` changes the one beneath; `before: item` or `after: item` says where
   the added ones go, otherwise they go to the end. A map among the items is meant by some of its keys:
   `remove: [{section: Interest}]`.

Every node keeps the place where it was written; a merged map stands where the highest layer wrote it.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.blueprint.source import Source
from engine.compiler.node import Node
from engine.compiler.problems import Problem, Problems, problem_at
from engine.compiler.sentences import did_you_mean, quoted, unknown_key, wrong_value
from engine.compiler.suggest import nearest

Steps = tuple[str | int, ...]
REMOVED = "removed"
CHANGES = ("add", "remove", "before", "after")


@dataclass(frozen=True, slots=True)
class Origin:
    """One layer's word on a key: `deed` is "sets", "changes", "replaces" or "removes"."""

    source: Source
    deed: str
    node: Node


class Merging:
    """Lays layer upon layer; `history` keeps the words of all layers on a key, lowest first, where more than one spoke."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.history: dict[Steps, list[Origin]] = {}

    def lay(self, below: Node, above: Node, path: Steps) -> Node:
        """Both must be maps."""
        merged = dict(below.value)
        for key, node in above.items():
            self._entry(merged, key, node, (*path, key))
        return above.with_value(_in_order(below.value, above.value, merged))

    def _entry(self, merged: dict[str, Node], key: str, node: Node, path: Steps) -> None:
        old = merged.get(key)
        if _says_removed(node):
            self._remove(merged, key, node, path)
        elif old is None:
            merged[key] = self._new(node, path)
            self._remember(path, None, "sets", node)
        elif old.is_map and node.is_map:
            self._remember(path, old, "changes", node)
            merged[key] = self.lay(old, node, path)
        else:
            merged[key] = self._over(old, node, path)

    def _over(self, old: Node, node: Node, path: Steps) -> Node:
        if not _is_change(old, node):
            self._remember(path, old, "replaces", node)
            return self._new(node, path)
        if not old.is_list:
            self.problems.add(_no_list(old, node, path))
            return old
        self._remember(path, old, "changes", node)
        return ListChange(old, node, path, self.problems).result(self)

    def _remove(self, merged: dict[str, Node], key: str, node: Node, path: Steps) -> None:
        if key not in merged:
            self.problems.add(_nothing_to_remove(key, node, path, merged))
        else:
            self._remember(path, merged.pop(key), "removes", node)

    def _remember(self, path: Steps, old: Node | None, deed: str, node: Node) -> None:
        if old is not None and path not in self.history:
            self.history[path] = [Origin(old.key_source, "sets", old)]
        if path in self.history:
            self.history[path].append(Origin(node.key_source, deed, node))

    def _new(self, node: Node, path: Steps) -> Node:
        """The node with nothing beneath it, where `removed` has nothing to remove."""
        if node.is_map:
            return node.with_value(dict(self._kept(node, path)))
        if node.is_list:
            return node.with_value([self._new(item, (*path, i)) for i, item in enumerate(node)])
        return node

    def _kept(self, node: Node, path: Steps) -> list[tuple[str, Node]]:
        kept = []
        for key, child in node.items():
            here = (*path, key)
            if _says_removed(child):
                self.problems.add(_nothing_to_remove(key, child, here, ()))
            else:
                kept.append((key, child if child.is_scalar else self._new(child, here)))
        return kept


def _in_order(below: dict[str, Node], above: dict[str, Node], merged: dict[str, Node]) -> dict[str, Node]:
    followers: dict[str | None, list[str]] = {None: []}
    anchor, first = None, None
    for key in above:
        if key in below:
            anchor, first = key, first or key
        elif key in merged:
            followers.setdefault(anchor, []).append(key)
    leading = followers.pop(None)
    order: list[str] = []
    for known in below:
        order += leading if known == first else []
        order += [known, *followers.get(known, ())]
    order += [] if first else leading
    return {key: merged[key] for key in order if key in merged}


def _says_removed(node: Node) -> bool:
    return node.plain and node.value == REMOVED


def _is_change(old: Node, node: Node) -> bool:
    """Over a list, a misspelt `ad:` is one too; over anything else `before:` may well be a key of its own."""
    if not node.is_map or old.is_map:
        return False
    if old.is_list:
        return any(key in CHANGES or nearest(key, CHANGES) for key in node.value)
    return all(key in CHANGES for key in node.value) and ("add" in node.value or "remove" in node.value)


def _nothing_to_remove(key: str, node: Node, path: Steps, known: object) -> Problem:
    hint = did_you_mean(key, known) or 'If the text "removed" is meant, put it in quotes.'  # type: ignore[arg-type]
    return problem_at(
        node.key_source, "nothing-to-remove", f"There is no {quoted(key)} to remove here.", hint, path
    )


def _no_list(old: Node, node: Node, path: Steps) -> Problem:
    message = f"{quoted(old.value)} is not a list, so nothing can be added to it or removed from it."
    return problem_at(node.source, "wrong-type", message, f"It is written in {old.source}.", path)


class ListChange:
    """`{add: [...], remove: [...], before: ..., after: ...}` upon a list."""

    def __init__(self, below: Node, change: Node, path: Steps, problems: Problems) -> None:
        self.items: list[Node] = list(below.value)
        self.change = change
        self.path = path
        self.problems = problems

    def result(self, merging: Merging) -> Node:
        self._check_keys()
        for item in self._items("remove"):
            self._remove(item)
        place = self._place()
        added = [item for item in self._items("add") if self._is_new(item)]
        self.items[place:place] = [merging._new(item, self.path) for item in added]
        return self.change.with_value(self.items)

    def _check_keys(self) -> None:
        for key, node in self.change.items():
            if key not in CHANGES:
                self.problems.add(unknown_key(node.key_source, (*self.path, key), key, CHANGES))

    def _items(self, key: str) -> list[Node]:
        node = self.change.get(key)
        if node is None or node.is_list:
            return list(node or ())
        self.problems.add(wrong_value(node.source, (*self.path, key), node.value, "a list", "Write [ ... ]."))
        return []

    def _remove(self, wanted: Node) -> None:
        kept = [item for item in self.items if not matches(item, wanted)]
        if len(kept) == len(self.items):
            self._tell_missing(wanted, "remove")
        self.items = kept

    def _place(self) -> int:
        before, after = self.change.get("before"), self.change.get("after")
        if before and after:
            self._tell(after, "wrong-value", 'Both "before" and "after" are given.', "Keep one of the two.")
        anchor = before or after
        if anchor and not self.change.get("add"):
            self._tell(anchor, "missing-key", '"add" is missing.', 'Say what is to go there: "add: [...]".')
        if anchor is None:
            return len(self.items)
        return self._index(anchor, 0 if before else 1)

    def _index(self, anchor: Node, offset: int) -> int:
        for index, item in enumerate(self.items):
            if matches(item, anchor):
                return index + offset
        self._tell_missing(anchor, "before" if offset == 0 else "after")
        return len(self.items)

    def _is_new(self, item: Node) -> bool:
        if any(present.data() == item.data() for present in self.items):
            self._tell(
                item, "already-there", f"{quoted(item.value)} is already in the list.", "Leave it out."
            )
            return False
        return True

    def _tell_missing(self, wanted: Node, key: str) -> None:
        known = [item.value for item in self.items if item.is_text]
        hint = did_you_mean(wanted.value, known) if wanted.is_scalar else ""
        what = quoted(wanted.value) if wanted.is_scalar else "An item like this"
        self._tell(wanted, "unknown-name", f"{what} is not in the list beneath.", hint, key)

    def _tell(self, node: Node, code: str, message: str, hint: str, *steps: str) -> None:
        self.problems.tell(node.source, code, message, hint, (*self.path, *steps))


def matches(item: Node, wanted: Node) -> bool:
    """Equal, or a map that has every key of `wanted` with a matching value."""
    if item.is_map and wanted.is_map and wanted.value:
        return all(key in item.value and matches(item.value[key], node) for key, node in wanted.items())
    return item.data() == wanted.data()
