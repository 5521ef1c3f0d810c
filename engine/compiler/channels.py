"""notifications.yaml, `channels`: the ways out of the house."""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import Any

from engine.blueprint.notifications import Channel
from engine.compiler.draft import Draft, frozen, label_from, rule_of_names, tidy_name
from engine.compiler.sentences import did_you_mean, one_of
from engine.compiler.spot import Spot
from engine.parts.registry import channels as kinds
from engine.text import Unclear, parse_template

VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
BODIES = ("json", "form")


def build_channels(draft: Draft) -> None:
    for name, spot in draft.section("channels").items():
        kind = name if name in kinds() and kinds()[name].built_in else spot.text("kind")
        if name == "app":
            message = "The program's own inbox is always there, and nothing can be said of it."
            draft.tell(spot, "no-effect", message, "Take it out.", at_key=True)
        elif spot.node.is_map and kind in kinds():
            draft.channels[name] = _channel(draft, name, str(kind), spot)


def names_of(draft: Draft) -> tuple[str, ...]:
    """Every channel that a notification may name."""
    built_in = (word for word, part in kinds().items() if part.built_in)
    return tuple(dict.fromkeys((*built_in, *draft.section("channels").node.value)))


def kind_of_channel(draft: Draft, name: str) -> Any:
    """The part that the channel is of; None for one that was not understood."""
    channel = draft.channels.get(name)
    return kinds().get(channel.kind if channel else name)


def _channel(draft: Draft, name: str, kind: str, spot: Spot) -> Channel:
    wrong = rule_of_names(name)
    if wrong:
        message = f'"{name}" cannot name a channel: {wrong}.'
        draft.tell(spot, "bad-name", message, f'Write "{tidy_name(name)}".', at_key=True)
    _check_variables(draft, spot)
    _check_address(draft, spot.get("from") or spot.get("reply_to"))
    _check_bodies(draft, spot)
    settings = {key: at.node.data() for key, at in spot.items() if key not in ("kind", "label")}
    _check_texts(draft, kind, settings, spot)
    return Channel(name, spot.text("label") or _label(name, kind), kind, frozen(settings), spot.source)


def _label(name: str, kind: str) -> str:
    return kinds()[kind].label if name == kind else label_from(name)


def _check_variables(draft: Draft, spot: Spot) -> None:
    for key, at in spot.items():
        if key.endswith("_from"):
            for one in [inner for _, inner in at.items()] if at.node.is_map else [at]:
                if one.word is not None and not VARIABLE.fullmatch(one.word):
                    hint = "Put the value into the environment, and name it here, as in SMS_URL."
                    draft.wrong(one, "the name of an environment variable", hint, "wrong-value")


def _check_address(draft: Draft, spot: Spot | None) -> None:
    if spot is None or spot.word is None:
        return
    local, at, domain = parseaddr(spot.word)[1].rpartition("@")
    if not (at and local and domain) or "\n" in spot.word:
        draft.wrong(spot, "an e-mail address", "Write The firm <crm@firm.example>.", "wrong-value")


def _check_bodies(draft: Draft, spot: Spot) -> None:
    if all(spot.get(key) is not None for key in BODIES):
        at = spot.get("form")
        assert at is not None
        draft.tell(at, "contradiction", "A request has one body: json or form.", "Remove one of the two.", at_key=True)


def _check_texts(draft: Draft, kind: str, settings: dict[str, Any], spot: Spot) -> None:
    part = kinds()[kind]
    known = part.words(settings)
    for path, text in part.templates(settings):
        at = _inside(spot, path)
        try:
            template = parse_template(text, at.source)
        except Unclear as problem:
            hint = did_you_mean(problem.word, problem.known) or one_of("Known", problem.known) or problem.hint
            draft.tell(at, "template", problem.message, hint)
            continue
        for name in sorted(template.fields - set(known)):
            draft.unknown(at, name, "a word of this channel's texts", known)


def _inside(spot: Spot, path: tuple[str | int, ...]) -> Spot:
    for step in path:
        inner = list(spot.each())[step] if isinstance(step, int) else spot.get(step)
        if inner is None:
            return spot
        spot = inner
    return spot
