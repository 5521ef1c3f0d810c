# ruff: noqa: E501 (a sentence that people read stays on one line)
"""Templates and formulas: what an author may write, what it becomes, and what is refused in plain words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from engine.blueprint.formulas import Binary, Call, Choose, ListOf, Literal, Name, Node, Unary
from engine.blueprint.values import Money, Ref
from engine.compiler.expressions import FUNCTIONS, parse_expression, written
from engine.formats import Formats
from engine.text import Unclear, parse_template, plain_pieces, render

IN_INDIA = Formats("en", "Asia/Kolkata", "INR", "IN")


def filled(text: str, **values: object) -> str:
    return render(parse_template(text), values, IN_INDIA)


# Templates


def test_a_title_is_filled_and_leaves_no_blanks_for_empty_names() -> None:
    assert filled("{{ first }} {{ middle }} {{ last }}", first="Asha", last="Rao") == "Asha Rao"
    assert filled("{{ first }}", first=None) == ""


def test_a_value_is_data_and_never_a_template() -> None:
    assert filled("{{ name }}", name="{{ 7 * 7 }}") == "{{ 7 * 7 }}"
    assert filled("{{ name | upper }}!", name="{% x %}") == "{% X %}!"


def test_the_names_that_a_template_reads_are_known() -> None:
    template = parse_template("{{ name }} of {{ account.name }}{% if lost %}, lost: {{ reason | upper }}{% endif %}")
    assert template.fields == {"name", "account.name", "lost", "reason"}


def test_values_are_shown_as_the_reader_writes_them() -> None:
    at = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
    assert filled("{{ at | date }}", at=at) == "Jan 31, 2026"
    assert filled("{{ at | time }}", at=at).replace("\u202f", " ") == "2:30 PM"
    assert filled("{{ on }} {{ by }}", on=date(2026, 1, 31), by=Ref("user", 7, "Meera")) == "Jan 31, 2026 Meera"
    assert filled("{{ amount }}", amount=Money(Decimal("1250.50"), "INR")) == "₹1,250.50"
    assert filled("{{ n }}, {{ yes }}", n=1234567, yes=True) == "1,234,567, yes"


def test_another_records_field_is_one_step_away() -> None:
    assert filled("{{ owner.name }}", **{"owner.name": "Asha"}) == "Asha"
    assert filled("{{ owner.name }}", owner={"name": "Asha"}) == "Asha"
    assert filled("{{ owner.name | upper }}", owner={"name": "Asha"}) == "ASHA"
    assert filled("{{ owner.name }}", owner="Asha") == ""


def test_no_attribute_of_a_value_is_ever_looked_up() -> None:
    assert filled("{% if a.upper %}yes{% else %}no{% endif %}", a="x") == "no"
    assert filled("{{ a.__class__ | upper }}", a="x") == ""


def test_plain_templates_come_apart_for_those_who_fill_many() -> None:
    assert plain_pieces("{{ a }} of {{ b.c }}") == (("a", True), (" of ", False), ("b.c", True))
    assert plain_pieces("{{ a | upper }}") is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{{ name", "The text stops in the middle. Is a bracket or a quote left open?"),
        ("{{ a.b.c }}", "A text can look one step away only. Write {{ owner.name }}."),
        ("{{ a | shout }}", '"shout" is not a way to shape a value.'),
        ("{{ a | upper(1) }}", '"upper" takes nothing in brackets. Write {{ name | upper }}.'),
        ("{% for x in y %}{% endfor %}", "A text cannot repeat a part with for. Use {{ name }}, {{ name | date }} and {% if name %}."),
        ("{{ a() }}", "A text cannot call anything. Use {{ name }}, {{ name | date }} and {% if name %}."),
        ("{{ a['b'] }}", "A text cannot look into a value with [ ]. Use {{ name }}, {{ name | date }} and {% if name %}."),
        ("{{ 'x' * 9999 }}", "A text cannot compute. Make a computed field and name it here. "
                             "Use {{ name }}, {{ name | date }} and {% if name %}."),
        ("{% set x = 1 %}", "A text cannot do this. Use {{ name }}, {{ name | date }} and {% if name %}."),
        ("x" * 20_001, "The text is longer than 20,000 characters."),
    ],
)  # fmt: skip
def test_a_template_that_does_more_than_name_and_choose_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(Unclear) as refused:
        parse_template(text)
    assert str(refused.value) == sentence


def test_a_deep_template_is_refused_and_not_run_out_of_stack() -> None:
    with pytest.raises(Unclear):
        parse_template("{{ " + "not " * 3000 + "a }}")
    with pytest.raises(Unclear):
        parse_template("{% if a %}" * 900 + "{% endif %}" * 900)


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_stands_in_a_value_reaches_the_reader_as_it_was(before: str, value: str) -> None:
    squeezed = "\n".join(" ".join(line.split()) for line in f"<{value}>".splitlines()).strip()
    assert filled("<{{ value }}>", value=value, before=before) == squeezed


# Formulas


def test_a_formula_becomes_plain_nodes() -> None:
    off = Binary("-", Literal(1), Binary("/", Name("discount"), Literal(100)))
    assert parse_expression("price * (1 - discount / 100)") == Binary("*", Name("price"), off)
    assert parse_expression("a not in ['x', 'y']") == Unary("not", Binary("in", Name("a"), ListOf((Literal("x"), Literal("y")))))
    assert parse_expression("1 if a else 2") == Choose(Name("a"), Literal(1), Literal(2))
    assert parse_expression("round(a, 2)") == Call("round", (Name("a"), Literal(2)))


def test_a_number_means_what_was_typed() -> None:
    assert parse_expression("0.1") == Literal(Decimal("0.1"))
    assert parse_expression("-1.10") == Literal(Decimal("-1.1"))


def test_a_chain_of_comparisons_compares_each_pair() -> None:
    assert parse_expression("0 < a <= 10") == parse_expression("0 < a and a <= 10")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The formula is empty."),
        ("a +", "The formula stops in the middle. Is a bracket or a quote left open?"),
        ("a = b", "One = does not compare. Write == to compare."),
        ("a b", 'The formula cannot go on with "b". An operator is missing before it.'),
        ("owner.name", "A formula cannot look into a field with a dot. Use fields of the same record."),
        ("a | upper", "A formula has no |. Write a function, as in upper(name)."),
        ("a ** 2", "** is not known in a formula. Known: + - * / ~."),
        ("a in (1, 2)", "A list of values needs square brackets. Write [a, b]."),
        ("open(a)", '"open" is not a function.'),
        ("round()", "round takes 1 to 2 values in its brackets; 0 stand there."),
        ("a @ b", "The formula has a character that means nothing here: '@'."),
        ("1e400", "A number in a formula has at most 15 digits."),
        ("a" * 1001, "The formula is longer than 1,000 characters. Divide it into several fields."),
        ("(" * 90 + "a" + ")" * 90, "The formula is nested too deeply. Divide it into several fields."),
        ("not " * 200 + "a", "The formula is nested too deeply. Divide it into several fields."),
    ],
)
def test_a_formula_that_cannot_be_taken_says_why(text: str, sentence: str) -> None:
    with pytest.raises(Unclear) as refused:
        parse_expression(text)
    assert str(refused.value) == sentence


def formulas() -> st.SearchStrategy[Node]:
    names = st.sampled_from(["amount", "price", "name", "is_hot"]).map(Name)
    texts = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=5)
    numbers = st.integers(-(10**14), 10**14) | st.decimals(0, 10**6, places=3).map(lambda d: d.normalize() + 0)
    whole = numbers.map(lambda n: int(n) if n == int(n) else n)
    literals = (whole | texts | st.booleans() | st.none()).map(Literal)

    def deeper(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        operators = st.sampled_from(["+", "-", "*", "/", "~", "and", "or", "=", "!=", "<", "<=", ">", ">="])
        calls = st.sampled_from(sorted(FUNCTIONS)).flatmap(
            lambda f: st.lists(inner, min_size=FUNCTIONS[f][0], max_size=FUNCTIONS[f][0]).map(lambda a: Call(f, tuple(a)))
        )
        return (
            st.builds(Binary, operators, inner, inner)
            | st.builds(Binary, st.just("in"), inner, st.lists(inner, max_size=3).map(lambda i: ListOf(tuple(i))))
            | st.builds(Unary, st.just("not"), inner)
            | st.builds(Choose, inner, inner, inner)
            | calls
        )

    return st.recursive(names | literals, deeper, max_leaves=12)


@given(formulas())
def test_a_formula_that_is_written_out_reads_back_the_same(node: Node) -> None:
    assert parse_expression(written(node)) == node


@given(st.text(max_size=80))
def test_no_text_breaks_the_parsers(text: str) -> None:
    for parse in (parse_expression, parse_template):
        try:
            parse(text)
        except Unclear as refused:
            assert refused.message
