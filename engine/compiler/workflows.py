"""workflows.yaml: stages and moves, and whether the whole machine makes sense."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import permutations

from engine.blueprint.conditions import ALWAYS
from engine.blueprint.entities import Choice, Field
from engine.blueprint.workflows import PREVIOUS, Stage, Transition, Workflow
from engine.compiler.actions import read_actions
from engine.compiler.conditions import read_condition
from engine.compiler.draft import Draft, frozen, label_from, rule_of_names, tidy_name
from engine.compiler.entities import writable
from engine.compiler.fields import RESERVED_FIELDS
from engine.compiler.next_steps import read_script
from engine.compiler.spot import Spot
from engine.compiler.suggest import is_slip

ANY = "any"


def add_stage_fields(draft: Draft) -> None:
    """Each workflow makes a field on its entity; several may share one."""
    for _, spot in draft.section("workflows").items():
        entity = draft.entity_named(spot.get("entity"))
        name = spot.text("field")
        if entity is not None and name is not None and _may_make(draft, entity, name, spot["field"]):
            _add_stages(draft, entity, name, spot)
    _tell_slips(draft)


def _tell_slips(draft: Draft) -> None:
    """Two workflows of an entity with the same stages, in fields of nearly the same name: one field was meant."""
    made = [_Made.by(spot) for _, spot in draft.section("workflows").items()]
    used = Counter((one.entity, one.field) for one in made)
    told: set[str] = set()
    for one, other in permutations(reversed(made), 2):
        rarer = used[one.entity, one.field] <= used[other.entity, other.field]
        if rarer and other.field not in told and one.is_slip_of(other):
            told.add(one.field)
            message = f'"{one.field}" would be a field of its own, beside "{other.field}" with the same stages.'
            draft.tell(one.spot, "unknown-name", message, f'Did you mean "{other.field}"?')


@dataclass(frozen=True, slots=True)
class _Made:
    """The field that a workflow makes."""

    entity: str
    field: str
    stages: frozenset[str]
    spot: Spot

    @classmethod
    def by(cls, workflow: Spot) -> _Made:
        stages = workflow.get("stages")
        words = frozenset(word for word, _ in stages.items()) if stages and stages.node.is_map else frozenset[str]()
        return cls(workflow.text("entity") or "", workflow.text("field") or "", words, workflow.get("field") or workflow)

    def is_slip_of(self, other: _Made) -> bool:
        near = self.field != other.field and is_slip(self.field, other.field)
        return near and self.entity == other.entity and len(self.stages & other.stages) > 1


def _may_make(draft: Draft, entity: str, name: str, spot: Spot) -> bool:
    field = draft.fields[entity].get(name)
    wrong = rule_of_names(name)
    if name in RESERVED_FIELDS or name == "owner":
        draft.tell(spot, "reserved-name", f'"{name}" cannot name a field: the engine keeps that name for itself.',
                   "Choose another name; its label may be anything.")  # fmt: skip
    elif wrong:
        draft.tell(spot, "bad-name", f'"{name}" cannot name a field: {wrong}.', f'Write "{tidy_name(name)}".')
    elif field is not None and field.type != "stage":
        message = f"{entity} has a field {name} already ({field.source}), and a workflow makes its own."
        draft.tell(spot, "duplicate", message, "Remove that field, or choose another name.")
    else:
        return True
    return False


def _add_stages(draft: Draft, entity: str, name: str, spot: Spot) -> None:
    stages = spot.get("stages")
    found = [_choice(word, at) for word, at in stages.items()] if stages else []
    field = draft.fields[entity].get(name)
    before = field.options["stages"] if field else ()
    known = {choice.value for choice in before}
    every = (*before, *(choice for choice in found if choice.value not in known))
    draft.fields[entity][name] = Field(
        name=name,
        type="stage",
        label=field.label if field else label_from(name),
        index=True,
        options=frozen({"stages": every}),
        source=field.source if field else spot.source,
    )


def _choice(word: str, spot: Spot) -> Choice:
    label, hue = spot.text("label") or word, spot.text("color") or "grey"
    return Choice(word, label, hue, spot.text("ends"), spot.text("was"))


def build_workflows(draft: Draft) -> None:
    for name, spot in draft.section("workflows").items():
        workflow = _workflow(draft, name, spot)
        if workflow is not None:
            draft.workflows[name] = workflow
    _check_sharing(draft)


def _workflow(draft: Draft, name: str, spot: Spot) -> Workflow | None:
    entity, field = draft.entity_named(spot.get("entity")), spot.text("field")
    stages, transitions = spot.get("stages"), spot.get("transitions")
    if entity not in draft.fields or field not in draft.fields[entity] or stages is None or not stages.node.is_map:
        return None
    known = tuple(stages.node.value)
    starts_at = _stage_named(draft, name, spot.get("starts_at"), known)
    workflow = Workflow(
        name=name,
        label=spot.text("label") or label_from(name),
        entity=entity,
        field=field,
        starts_at=starts_at or (known[0] if known else ""),
        stages=frozen({word: _stage(draft, entity, word, at) for word, at in stages.items()}),
        transitions=frozen({key: _transition(draft, name, entity, key, at, known)
                            for key, at in (transitions.items() if transitions else ()) if at.node.is_map}),
        applies=read_condition(draft, entity, spot.get("when")),
        gone=_gone(draft, name, spot.get("gone"), known),
        source=spot.source,
    )  # fmt: skip
    if starts_at is not None:
        _check_machine(draft, workflow, spot)
    return workflow


def _stage_named(draft: Draft, workflow: str, spot: Spot | None, known: tuple[str, ...]) -> str | None:
    if spot is None or spot.word is None:
        return None
    if spot.word in known:
        return spot.word
    if draft.can_judge("workflows"):
        draft.unknown(spot, spot.word, f"a stage of {workflow}", known)
    return None


def _stage(draft: Draft, entity: str, name: str, spot: Spot) -> Stage:
    allows = spot.get("allows")
    allowed = [draft.entity_named(at) for _, at in spot.words("allows")]
    return Stage(
        name=name,
        label=spot.text("label") or name,
        hue=spot.text("color") or "grey",
        probability=spot.number("probability"),
        ends=spot.text("ends"),
        requires=_people_fill(draft, entity, spot, "requires"),
        allows=tuple(entity for entity in allowed if entity) if allows else None,
        was=spot.text("was"),
        help=spot.text("help"),
        source=spot.source,
        script=read_script(draft, entity, spot.get("script")),
    )


def _people_fill(draft: Draft, entity: str, spot: Spot, key: str) -> tuple[str, ...]:
    """Fields that are asked for or required, so somebody must be able to write them."""
    kept = []
    for name, at in spot.words(key):
        field = draft.field_named(entity, at)
        if field is None:
            continue
        if writable(field):
            kept.append(name)
        else:
            message = f"{name} cannot be asked of anybody: nobody writes a field of type {field.type}."
            draft.tell(at, "contradiction", message, "Take it out, or name the fields that it is made from.")
    return tuple(dict.fromkeys(kept))


def _transition(draft: Draft, workflow: str, entity: str, name: str, spot: Spot, known: tuple[str, ...]) -> Transition:
    to = spot.get("to")
    previous = to is not None and to.word == PREVIOUS and PREVIOUS not in known
    target = PREVIOUS if previous else _stage_named(draft, workflow, to, (*known, PREVIOUS))
    roles = spot.get("roles")
    named = [draft.role_named(at) for _, at in spot.words("roles")]
    return Transition(
        name=name,
        label=spot.text("label") or label_from(name),
        sources=_sources(draft, workflow, spot.get("from"), known, target),
        target=target or "",
        roles=tuple(role for role in named if role) if roles is not None else None,
        asks=_people_fill(draft, entity, spot, "asks"),
        when=read_condition(draft, entity, spot.get("when")),
        refusal=spot.text("refusal"),
        then=read_actions(draft, entity, spot.get("then")),
        help=spot.text("help"),
        was=spot.text("was"),
        source=spot.source,
    )


def _sources(draft: Draft, workflow: str, spot: Spot | None, known: tuple[str, ...], target: str | None) -> tuple[str, ...]:
    if spot is None:
        return ()
    if spot.word == ANY:
        return tuple(stage for stage in known if stage != target)
    if spot.word is not None:
        hint = f"Write [{spot.word}]." if spot.word in known else "Write any, or a list of stages."
        draft.wrong(spot, "any or a list of stages", hint, "wrong-type")
        return ()
    named = [_stage_named(draft, workflow, at, known) for at in spot.each()]
    return tuple(dict.fromkeys(stage for stage in named if stage))


def _gone(draft: Draft, workflow: str, spot: Spot | None, known: tuple[str, ...]) -> Mapping[str, str] | None:
    if spot is None or not spot.node.is_map:
        return None
    moves = {}
    for old, at in spot.items():
        if old in known:
            draft.tell(at, "contradiction", f'"{old}" is still a stage of {workflow}, so its records go nowhere.',
                       "Remove this line, or the stage.", at_key=True)  # fmt: skip
        target = _stage_named(draft, workflow, at, known)
        if target is not None:
            moves[old] = target
    return frozen(moves)


# ---- the whole machine


def _check_machine(draft: Draft, workflow: Workflow, spot: Spot) -> None:
    stages, transitions = spot["stages"], spot.get("transitions")
    if any(not t.target or not t.sources for t in workflow.transitions.values()):
        return  # something in it is not known yet; what follows from that need not be told
    reached = _reached(workflow)
    for name, at in stages.items():
        if name not in reached:
            _tell_unreachable(draft, workflow, name, at)
        elif workflow.stages[name].ends is None and not _can_be_left(workflow, name):
            hint = "Add a transition from it, or say how it ends: `ends: won`, `lost` or `done`."
            draft.tell(at, "dead-end", f"No transition goes out of {name}.", hint, at_key=True)
    for key, at in transitions.items() if transitions else ():
        _check_previous(draft, workflow, workflow.transitions.get(key), at)


def _reached(workflow: Workflow) -> set[str]:
    reached, waiting = {workflow.starts_at}, [workflow.starts_at]
    while waiting:
        here = waiting.pop()
        for transition in workflow.transitions.values():
            if here in transition.sources and transition.target not in reached and transition.target != PREVIOUS:
                reached.add(transition.target)
                waiting.append(transition.target)
    return reached


def _tell_unreachable(draft: Draft, workflow: Workflow, stage: str, spot: Spot) -> None:
    into = [t.name for t in workflow.transitions.values() if t.target == stage]
    if into:
        message = f"No record can come to {stage}: the stages before it cannot be reached from {workflow.starts_at}."
    else:
        message = f"No transition goes to {stage}."
    draft.tell(spot, "unreachable", message, "Add a transition to it, or remove the stage.", at_key=True)


def _can_be_left(workflow: Workflow, stage: str) -> bool:
    return any(stage in t.sources for t in workflow.transitions.values())


def _check_previous(draft: Draft, workflow: Workflow, transition: Transition | None, spot: Spot) -> None:
    if transition is None or transition.target != PREVIOUS:
        return
    entered = {t.target for t in workflow.transitions.values()}
    for stage in transition.sources:
        if stage not in entered and stage == workflow.starts_at:
            message = f"{stage} has no previous stage: records start there and nothing goes back to it."
            draft.tell(spot["to"], "contradiction", message, f"Take {stage} out of `from`.")


# ---- workflows that share a field


def _check_sharing(draft: Draft) -> None:
    groups: dict[tuple[str, str], list[Workflow]] = {}
    for workflow in draft.workflows.values():
        groups.setdefault((workflow.entity, workflow.field), []).append(workflow)
    for (entity, field), sharing in groups.items():
        _label_field(draft, entity, field, sharing)
        for workflow in sharing[1:]:
            _check_alike(draft, sharing[0], workflow)
        _check_who_follows(draft, [w for w in sharing if w.applies == ALWAYS])


def _label_field(draft: Draft, entity: str, field: str, sharing: list[Workflow]) -> None:
    """A field of one workflow may be described at it; `label` of the workflow names the workflow itself."""
    made = draft.fields[entity][field]
    draft.fields[entity][field] = replace(made, source=sharing[0].source)


def _check_alike(draft: Draft, first: Workflow, other: Workflow) -> None:
    """One field keeps one word for a stage, so two workflows must mean the same by it."""
    stages = draft.section("workflows")[other.name]["stages"]
    for name, stage in other.stages.items():
        known = first.stages.get(name)
        if known is not None and (known.ends, known.label) != (stage.ends, stage.label):
            message = f"{name} means something else in {first.name} ({known.source}), which shares the field {other.field}."
            draft.tell(stages[name], "two-meanings", message, "Give both the same label and `ends`.", at_key=True)


def _check_who_follows(draft: Draft, unlimited: list[Workflow]) -> None:
    for workflow in unlimited[1:]:
        spot = draft.section("workflows")[workflow.name]
        message = f"Both {unlimited[0].name} and {workflow.name} apply to every {workflow.entity}."
        draft.tell(spot, "two-meanings", message, "Say with `when` which records follow which.", at_key=True)
