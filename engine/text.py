"""Templates: texts with holes that a set's author writes, read by a real parser into a white list of pieces.

A template can name fields, choose between texts and shape a value by one of FILTERS; it cannot loop, call, compute or
look at anything that it was not handed, so it costs no more than its own length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from engine.blueprint.source import Source
from engine.blueprint.templates import Template
from engine.blueprint.values import FileRef, Money, Place, Ref
from engine.formats import Formats
from engine.words import said, speech
from engine.words.bidi import isolated

LONGEST_TEMPLATE = 20_000  # characters
LONGEST_RESULT = 100_000
DEEPEST = 25  # conditions within conditions

class Unclear(ValueError):
    """A template or formula that cannot be taken: `message` says what was found, `hint` what would be right.

    `word` and `known` are given where a name is not known, so that the nearest can be told.
    """

    def __init__(self, message: str, hint: str = "", word: str = "", known: tuple[str, ...] = ()) -> None:
        super().__init__(f"{message} {hint}".rstrip())
        self.message = message
        self.hint = hint
        self.word = word
        self.known = known


def parse_template(text: str, source: Source | None = None) -> Template:
    """The template, with the names it reads. Raises Unclear."""
    if len(text) > LONGEST_TEMPLATE:
        raise Unclear(f"The text is longer than {LONGEST_TEMPLATE:,} characters.")
    tree = _tree(text)
    _only_allowed(tree, 0)
    return Template(text, frozenset(_names_in(tree)), source)


class Told(str):
    """A stored word that people read otherwise: in a condition it is the word, in the text its label."""

    __slots__ = ("label",)

    label: str


def told(word: str, label: str) -> Told:
    made = Told(word)
    made.label = label
    return made


def render(
    template: Template, values: Mapping[str, Any], formats: Formats | None = None, *, isolates: bool = False
) -> str:
    """The text with its holes filled; a name that is not among `values`, or is None there, is left empty.

    `owner.name` is looked up as the key "owner.name" first, then as the key "name" of the mapping at "owner".
    A value is data: braces in it stay braces. `isolates`: each value keeps its own direction (U+2068 and U+2069 around
    it), for plain text that is read from right to left.
    """
    return renderer(template.text, formats or Formats(), isolates)(values)


@lru_cache(maxsize=4096)
def renderer(text: str, formats: Formats, isolates: bool = False) -> Callable[[Mapping[str, Any]], str]:
    """A function from values to the text, made once for each template and reader."""
    pieces = plain_pieces(text)
    around = isolated if isolates else _plainly
    return _joined(pieces, formats, around) if pieces is not None else _rendered(text, formats, around)


def _plainly(text: str) -> str:
    return text


@lru_cache(maxsize=4096)
def plain_pieces(text: str) -> tuple[tuple[str, bool], ...] | None:
    """The pieces of a template that has only texts and names: (text, False) or (name, True). None for all others."""
    pieces: list[tuple[str, bool]] = []
    for node in _tree(text).body:
        for piece in node.nodes if isinstance(node, nodes.Output) else [node]:
            if isinstance(piece, nodes.TemplateData):
                pieces.append((piece.data, False))
            elif (name := _dotted(piece)) is not None:
                pieces.append((name, True))
            else:
                return None
    return tuple(pieces)


def _joined(
    pieces: tuple[tuple[str, bool], ...], formats: Formats, around: Callable[[str], str]
) -> Callable[[Mapping[str, Any]], str]:
    def fill(values: Mapping[str, Any]) -> str:
        texts = (around(_shown(_value(values, piece), formats)) if named else piece for piece, named in pieces)
        return _tidy("".join(texts))

    return fill


def _rendered(
    text: str, formats: Formats, around: Callable[[str], str]
) -> Callable[[Mapping[str, Any]], str]:
    environment = _Environment(formats, around)
    template = environment.from_string(_with_flat_names(text))

    def fill(values: Mapping[str, Any]) -> str:
        return _tidy(template.render(record=_Record(values)))

    return fill


def _tidy(text: str) -> str:
    """Without the blanks that empty holes leave at the ends and in the middle of a line."""
    text = text[:LONGEST_RESULT]
    return "\n".join(" ".join(line.split()) for line in text.splitlines()).strip()


def _value(values: Mapping[str, Any], name: str) -> Any:
    if name in values or "." not in name:
        return values.get(name)
    first, rest = name.split(".", 1)
    inner = values.get(first)
    return inner.get(rest) if isinstance(inner, Mapping) else None


def _shown(value: Any, formats: Formats) -> str:
    if type(value) is str:
        return value
    if value is None:
        return ""
    if type(value) is Told:
        return value.label
    return next((show(value, formats) for kind, show in _SHOWN if isinstance(value, kind)), str(value))


def _money(value: Money, formats: Formats) -> str:
    from babel.numbers import format_currency

    return format_currency(value.amount, value.currency, locale=_locale(formats))


def _number(value: Any, formats: Formats) -> str:
    from babel.numbers import format_decimal

    return format_decimal(value, locale=_locale(formats))


def _date(value: Any, formats: Formats) -> str:
    from babel.dates import format_date

    return format_date(_local(value, formats), "medium", locale=_locale(formats))


def _time(value: Any, formats: Formats) -> str:
    from babel.dates import format_time

    return format_time(_local(value, formats), "short", locale=_locale(formats))


def _datetime(value: datetime, formats: Formats) -> str:
    return f"{_date(value, formats)} {_time(value, formats)}"


def _local(value: Any, formats: Formats) -> Any:
    return value.astimezone(formats.zoneinfo).replace(tzinfo=None) if isinstance(value, datetime) else value


def _locale(formats: Formats) -> str:
    return formats.language.replace("-", "_")


def _many(value: Any, formats: Formats) -> str:
    return ", ".join(filter(None, (_shown(item, formats) for item in value)))


_YES, _NO = said("yes"), said("no")

# In order: a bool is an int and a datetime is a date.
_SHOWN: tuple[tuple[Any, Callable[[Any, Formats], str]], ...] = (
    (str, lambda value, _: str(value)),
    (bool, lambda value, formats: speech(formats.language).tell(_YES if value else _NO)),
    (Money, _money),
    ((int, Decimal), _number),
    (datetime, _datetime),
    (date, _date),
    (time, _time),
    (Ref, lambda value, _: value.title or ""),
    (Place, lambda value, _: value.address),
    (FileRef, lambda value, _: value.name),
    ((tuple, list), _many),
)


def _date_filter(value: Any, formats: Formats) -> str:
    return _date(value, formats) if isinstance(value, date) else _shown(value, formats)


def _time_filter(value: Any, formats: Formats) -> str:
    return _time(value, formats) if isinstance(value, (datetime, time)) else _shown(value, formats)


FILTERS: Mapping[str, Callable[[Any, Formats], str]] = {
    "date": _date_filter,
    "time": _time_filter,
    "upper": lambda value, formats: _shown(value, formats).upper(),
    "lower": lambda value, formats: _shown(value, formats).lower(),
}


class _Environment(SandboxedEnvironment):
    """Knows our filters only, and shows values as people read them."""

    def __init__(self, formats: Formats, around: Callable[[str], str] = _plainly) -> None:
        super().__init__(finalize=lambda value: around(_shown(value, formats)), autoescape=False, cache_size=0)
        self.globals.clear()
        self.tests.clear()
        self.filters.clear()
        self.filters.update({word: _with_formats(shape, formats) for word, shape in FILTERS.items()})


def _with_formats(shape: Callable[[Any, Formats], str], formats: Formats) -> Callable[[Any], str]:
    return lambda value: shape(value, formats)


class _Record:
    """What a template sees: subscripts that never fail, and nothing else."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> Any:
        return _value(self._values, name)


def _with_flat_names(text: str) -> nodes.Template:
    """Each name, dotted or not, becomes record["name"], so that no attribute of a value is ever looked up."""
    tree = _tree(text)
    _flatten(tree)
    return tree


def _flatten(node: nodes.Node) -> None:
    for field, value in node.iter_fields():
        if isinstance(value, list):
            setattr(node, field, [_flat(item) for item in value])
        elif isinstance(value, nodes.Node):
            setattr(node, field, _flat(value))


def _flat(node: Any) -> Any:
    if not isinstance(node, nodes.Node):
        return node
    name = _dotted(node)
    if name is None:
        _flatten(node)
        return node
    record = nodes.Name("record", "load", lineno=node.lineno)
    return nodes.Getitem(record, nodes.Const(name, lineno=node.lineno), "load", lineno=node.lineno)


PARSING = SandboxedEnvironment(autoescape=False, cache_size=0)

_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const, nodes.Filter, nodes.If,
    nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.List,
)  # fmt: skip

_TOLD_TEMPLATE: Mapping[type[nodes.Node], str] = {
    nodes.For: "A text cannot repeat a part with for.",
    nodes.Call: "A text cannot call anything.",
    nodes.Getitem: "A text cannot look into a value with [ ].",
    nodes.Concat: "A text needs no ~: write the names one after the other.",
    nodes.Test: "A text cannot ask with is.",
    nodes.BinExpr: "A text cannot compute. Make a computed field and name it here.",
}


def _tree(text: str) -> nodes.Template:
    try:
        return PARSING.parse(text)
    except TemplateSyntaxError as error:
        raise Unclear(*syntax_told(error, "text")) from None
    except RecursionError:
        raise Unclear("The text is nested too deeply.") from None


def _only_allowed(node: nodes.Node, depth: int) -> None:
    if depth > DEEPEST:
        raise Unclear("The text is nested too deeply.")
    if not isinstance(node, _ALLOWED):
        told = next((told for kind, told in _TOLD_TEMPLATE.items() if isinstance(node, kind)), None)
        raise Unclear(told or "A text cannot do this.", "Use {{ name }}, {{ name | date }} and {% if name %}.")
    if isinstance(node, nodes.Getattr):
        _only_one_dot(node)
    if isinstance(node, nodes.Filter):
        _only_known_filter(node)
    for child in node.iter_child_nodes():
        _only_allowed(child, depth + 1)


def _only_one_dot(node: nodes.Getattr) -> None:
    if not isinstance(node.node, nodes.Name):
        raise Unclear("A text can look one step away only.", "Write {{ owner.name }}.")


def _only_known_filter(node: nodes.Filter) -> None:
    if node.name not in FILTERS:
        raise Unclear(f'"{node.name}" is not a way to shape a value.', word=node.name, known=tuple(FILTERS))
    if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
        raise Unclear(f'"{node.name}" takes nothing in brackets.', f"Write {{{{ name | {node.name} }}}}.")


def _names_in(node: nodes.Node) -> Iterator[str]:
    name = _dotted(node)
    if name is not None:
        yield name
        return
    for child in node.iter_child_nodes():
        yield from _names_in(child)


def _dotted(node: nodes.Node) -> str | None:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        return f"{node.node.name}.{node.attr}"
    return None


def syntax_told(error: TemplateSyntaxError, what: str) -> tuple[str, str]:
    said = error.message or ""
    if "end of template" in said or "end of print" in said or "Unexpected end" in said:
        return f"The {what} stops in the middle.", "Is a bracket or a quote left open?"
    if "unexpected char" in said:
        return f"The {what} has a character that means nothing here: {said.split()[2]}.", ""
    if what == "text" and "expected name or number" in said:
        return "Something between {{ and }} cannot be understood.", "Write {{ name }}, and close each {{ with }}."
    if "chunk after expression" in said or "expected token" in said:
        return f"The {what} cannot be understood: {said}.", ""
    return f"The {what} cannot be understood: {said.rstrip('.')}.", ""
