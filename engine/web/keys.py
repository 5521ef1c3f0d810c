"""Every key that the screens know, in one place: the list under `?`, and the keys that the palette tells beside a deed.

A key that presses something is written on it as `data-press`; keys.js and the modules beside it answer the others. The
keys that lead to places (`g` and a letter) are the frame's.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.words import said


@dataclass(frozen=True, slots=True)
class Key:
    """`keys` are pressed one after another, or together where a + joins them."""

    label: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keys:
    label: str
    keys: tuple[Key, ...]


PALETTE, SEARCH, HELP = ("Ctrl", "K"), ("/",), ("?",)
CREATE, EDIT, LOG, START, SAVE = ("c",), ("e",), ("l",), ("s",), ("Ctrl", "Enter")

KEYS = (
    Keys(said("Everywhere"), (
        Key(said("Find or do anything"), PALETTE), Key(said("Search"), SEARCH), Key(said("This list of keys"), HELP),
        Key(said("New record"), CREATE), Key(said("Save the form"), SAVE), Key(said("Close what is open"), ("Esc",)),
    )),
    Keys(said("In lists and on Today"), (
        Key(said("Next row"), ("j",)), Key(said("Row before"), ("k",)), Key(said("Open the row"), ("Enter",)),
        Key(said("Tick the row"), ("x",)), Key(said("Look at the row beside the list"), ("p",)),
        Key(said("Log a call"), LOG), Key(said("Start calling"), START),
        Key(said("Walk the cells"), ("←", "→", "↑", "↓")), Key(said("Change the cell"), ("F2",)),
    )),
    Keys(said("On a record"), (
        Key(said("Edit"), EDIT), Key(said("Log a call"), LOG), Key(said("Write a note"), ("n",)),
        Key(said("The record before in the list"), ("[",)), Key(said("The next one in the list"), ("]",)),
    )),
    Keys(said("On a board"), (
        Key(said("Walk the cards"), ("←", "→", "↑", "↓")), Key(said("Move the card"), ("m",)),
    )),
    Keys(said("In the calendar"), (
        Key(said("Today"), ("t",)), Key(said("Month, week, day, agenda"), ("m", "w", "d", "a")),
        Key(said("Before, after"), ("←", "→")),
    )),
    Keys(said("In a call"), (
        Key(said("How it went, and when to call again"), ("1", "–", "9")), Key(said("As suggested"), ("Enter",)),
        Key(said("Dial the number"), ("t",)), Key(said("Skip"), ("n",)), Key(said("Open the record"), ("o",)),
    )),
)  # fmt: skip

__all__ = ["CREATE", "EDIT", "HELP", "KEYS", "LOG", "PALETTE", "SAVE", "SEARCH", "START", "Key", "Keys"]
