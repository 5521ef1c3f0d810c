"""A computed field says the same on a record's page as in a list, a filter or a sum, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache

import pytest
import sqlalchemy as sa
from hypothesis import given, settings, strategies as st

from engine.blueprint.entities import Choice, Field
from engine.blueprint.formulas import Binary, Call, Choose, Formula, ListOf, Literal, Name, Unary
from engine.blueprint.values import Money
from engine.compiler.expressions import parse_expression
from engine.parts import field_type, formulas
from engine.records.database import Database
from tests.real.databases import PostgresDatabases, SQLiteDatabases
from tests.real.run import shared_folder

D = Decimal
MONEY = {"currency": "INR", "places": 2}
FIELDS = {
    f.name: f
    for f in (
        Field("quantity", "integer", "Quantity"),
        Field("price", "money", "Price", options=MONEY),
        Field("discount", "percent", "Discount"),
        Field("weight", "decimal", "Weight", options={"places": 4}),
        Field("lasts", "duration", "Lasts"),
        Field("name", "text", "Name"),
        Field(
            "source",
            "choice",
            "Source",
            options={"choices": (Choice("Google", "Google"), Choice("IVR", "IVR"))},
        ),
        Field("hot", "yes_no", "Hot"),
        Field("open", "yes_no", "Open"),
        Field("due", "date", "Due"),
        Field("won", "date", "Won"),
        Field("seen", "datetime", "Seen"),
        Field("heard", "datetime", "Heard"),
    )
}
EVERYTHING = {
    "quantity": 3, "price": Money(D("99.99"), "INR"), "discount": D("12.50"), "weight": D("0.3333"), "lasts": 90,
    "name": "Élan Vital", "source": "IVR", "hot": True, "open": False, "due": date(2026, 3, 1), "won": date(2026, 2, 27),
    "seen": datetime(2026, 3, 1, 0, 5, tzinfo=UTC), "heard": datetime(2026, 2, 28, 23, 55, tzinfo=UTC),
}  # fmt: skip


def computed(text: str, result: str, **options) -> Field:
    return Field(
        "made",
        "computed",
        "Made",
        options={"formula": Formula(text, parse_expression(text), result), **options},
    )


@pytest.mark.parametrize(
    ("text", "result", "options", "value"),
    [
        ("quantity * price * (1 - discount / 100)", "money", MONEY, Money(D("262.47"), "INR")),
        ("price / 8", "money", MONEY, Money(D("12.50"), "INR")),
        ("quantity / 7", "decimal", {"places": 4}, D("0.4286")),
        ("5 / 2", "integer", {}, 2),
        ("7 / 2", "integer", {}, 4),
        ("-(5 / 2)", "integer", {}, -2),
        ("quantity / 0", "decimal", {"places": 2}, None),
        ("round(weight, 2) * 100", "decimal", {"places": 2}, D("33.00")),
        ("min(quantity, 2.5)", "decimal", {"places": 2}, D("2.50")),
        ("abs(quantity - 10)", "integer", {}, 7),
        ("days_between(won, due)", "integer", {}, 2),
        ("days_between(heard, seen)", "integer", {}, 0),
        ("days_between(won, seen)", "integer", {}, 2),
        ('"High" if price > 50 else "Low"', "text", {}, "High"),
        ('source in ["Google", "IVR"]', "yes_no", {}, True),
        ('name ~ " (" ~ quantity ~ ", " ~ price ~ ")"', "text", {}, "Élan Vital (3, 99.99)"),
        ('name ~ " " ~ seen', "text", {}, "Élan Vital 2026-03-01 00:05"),
        ("upper(name)", "text", {}, "ÉLAN VITAL"),
        ("length(name)", "integer", {}, 10),
        ("hot and not open", "yes_no", {}, True),
        ("9000000000 * 9000000000", "integer", {}, None),
        ("due", "date", {}, date(2026, 3, 1)),
        ("none", "integer", {}, None),
        ("max(due, won)", "date", {}, date(2026, 3, 1)),
        ("if_empty(none, quantity)", "integer", {}, 3),
    ],
)
def test_a_formula_gives_the_same_on_a_page_and_in_a_list(bench, text, result, options, value):
    field = computed(text, result, **options)
    assert formulas.evaluate(field, FIELDS, EVERYTHING) == value
    assert bench.both(field, [EVERYTHING]) == [value]


@pytest.mark.parametrize(
    ("text", "result", "value"),
    [
        ("quantity + 1", "integer", None),
        ("quantity > 1", "yes_no", None),
        ("not hot", "yes_no", None),
        ("hot and false", "yes_no", False),
        ("hot or true", "yes_no", True),
        ('"High" if quantity > 1 else "Low"', "text", "Low"),
        ("name ~ source", "text", None),
        ('"to " ~ name', "text", "to "),
        ("if_empty(quantity, 0) + 1", "integer", 1),
        ("max(quantity, 5)", "integer", None),
        ("days_between(due, won)", "integer", None),
        ("length(name)", "integer", None),
    ],
)
def test_an_empty_field_makes_the_result_empty_but_where_the_rules_say_otherwise(bench, text, result, value):
    field = computed(text, result)
    assert formulas.evaluate(field, FIELDS, {}) == value
    assert bench.both(field, [{}]) == [value]


NUMBERS = st.one_of(
    st.sampled_from([Name("quantity"), Name("price"), Name("discount"), Name("weight"), Name("lasts")]),
    st.integers(-(10**4), 10**4).map(Literal),
    st.sampled_from(
        [
            Literal(D("0.5")),
            Literal(D("2.5")),
            Literal(D("0.000001")),
            Literal(10**17),
            Literal(None),
            Literal(0),
        ]
    ),
)
TEXTS = st.sampled_from(
    [Name("name"), Name("source"), Literal("Google"), Literal(""), Literal("Ünïx 9%'\"_\\")]
)
DATES = st.sampled_from([Name("due"), Name("won")])
MOMENTS = st.sampled_from([Name("seen"), Name("heard")])
FLAGS = st.sampled_from([Name("hot"), Name("open"), Literal(True), Literal(False), Literal(None)])
SIGNS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])


@cache
def trees(kind: str, depth: int) -> st.SearchStrategy:
    leaf = {"number": NUMBERS, "text": TEXTS, "date": DATES, "moment": MOMENTS, "flag": FLAGS}[kind]
    if not depth:
        return leaf
    deeper = {k: trees(k, depth - 1) for k in ("number", "text", "date", "moment", "flag")}
    number, text, flag, when, moment = (deeper[k] for k in ("number", "text", "flag", "date", "moment"))
    same = deeper[kind]
    grown = [
        leaf,
        st.builds(Choose, flag, same, same),
        st.builds(lambda a, b: Call("if_empty", (a, b)), same, same),
    ]
    if kind != "flag":
        grown.append(st.builds(lambda f, a, b: Call(f, (a, b)), st.sampled_from(["min", "max"]), same, same))
    if kind == "number":
        grown += [
            st.builds(Binary, st.sampled_from("+-*/"), number, number),
            st.builds(Binary, st.sampled_from("+-*/"), number, number),
            st.builds(lambda a: Unary("-", a), number),
            st.builds(lambda a, p: Call("round", (a, Literal(p))), number, st.integers(0, 6)),
            st.builds(lambda a: Call("abs", (a,)), number),
            st.builds(lambda a: Call("length", (a,)), text),
            st.builds(lambda a, b: Call("days_between", (a, b)), when | moment, when | moment),
        ]
    if kind == "text":
        anything = number | text | flag | when | moment
        grown += [
            st.builds(lambda a, b: Binary("~", a, b), anything, anything),
            st.builds(lambda f, a: Call(f, (a,)), st.sampled_from(["lower", "upper"]), text),
        ]
    if kind == "flag":
        grown += [
            *(st.builds(Binary, SIGNS, k, k) for k in (number, text, when, moment)),
            st.builds(Binary, st.sampled_from(["=", "!="]), flag, flag),
            st.builds(Binary, st.sampled_from(["and", "or"]), flag, flag),
            st.builds(lambda a: Unary("not", a), flag),
            *(
                st.builds(lambda a, b: Binary("in", a, ListOf(tuple(b))), k, st.lists(k, max_size=3))
                for k in (number, text)
            ),
        ]
    return st.one_of(grown)


days = (
    st.none()
    | st.dates(date(1000, 1, 1), date(9990, 12, 31))
    | st.sampled_from([date(2026, 2, 28), date(2026, 3, 1)])
)
instants = st.none() | st.integers(-(10**13), 10**14).map(
    lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
letters = (
    st.none()
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
    | st.just("Google")
)
scaled = st.one_of(st.none(), st.integers(-1000, 1000), st.integers(-(2**53) + 1, 2**53 - 1))
RECORD = st.fixed_dictionaries(
    {
        "quantity": scaled,
        "price": scaled.map(lambda raw: None if raw is None else Money(D(raw).scaleb(-2), "INR")),
        "discount": scaled.map(lambda raw: None if raw is None else D(raw).scaleb(-2)),
        "weight": scaled.map(lambda raw: None if raw is None else D(raw).scaleb(-4)),
        "lasts": st.none() | st.integers(0, 10**6),
        "name": letters,
        "source": st.sampled_from([None, "Google", "IVR"]),
        "hot": st.sampled_from([None, True, False]),
        "open": st.sampled_from([None, True, False]),
        "due": days,
        "won": days,
        "seen": instants,
        "heard": instants,
    }
)
RESULTS = {
    "number": [
        ("integer", {}),
        ("decimal", {"places": 2}),
        ("decimal", {"places": 6}),
        ("money", MONEY),
        ("percent", {}),
    ],
    "text": [("text", {})],
    "flag": [("yes_no", {})],
    "date": [("date", {})],
    "moment": [("datetime", {})],
}
CASES = st.sampled_from(sorted(RESULTS)).flatmap(
    lambda kind: st.tuples(trees(kind, 3), st.sampled_from(RESULTS[kind]))
)


@settings(max_examples=60)
@given(case=CASES, records=st.lists(RECORD, min_size=1, max_size=12))
def test_sql_and_python_agree_on_any_formula(bench, case, records):
    tree, (result, options) = case
    field = Field("made", "computed", "Made", options={"formula": Formula("", tree, result), **options})
    assert bench.both(field, records) == [formulas.evaluate(field, FIELDS, record) for record in records]


def test_sixty_operators_deep_is_still_one_short_statement(bench):
    tree = Name("weight")
    for _ in range(60):
        tree = Binary("/", Binary("+", tree, Literal(1)), Literal(D("1.5")))
    field = Field("made", "computed", "Made", options={"formula": Formula("", tree, "decimal"), "places": 6})
    assert bench.both(field, [EVERYTHING]) == [formulas.evaluate(field, FIELDS, EVERYTHING)]
    assert len(str(bench.statement(field).compile(dialect=bench.database.engine.dialect))) < 60_000


class Bench:
    """A table of records with the sample fields, in a real database."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        kinds = {"integer": sa.BigInteger, "text": sa.Text}
        columns = [sa.Column(f.name, kinds[field_type(f.type).columns(f)[0].kind]()) for f in FIELDS.values()]
        self.table = sa.Table("deal", sa.MetaData(), sa.Column("at", sa.Integer), *columns)
        with self.database.reshaping() as connection:
            connection.execute(sa.schema.CreateTable(self.table))

    def statement(self, field: Field) -> sa.Select:
        made = formulas.sql(field, FIELDS, lambda named: self.table.c[named.name])
        return sa.select(made).select_from(self.table).order_by(self.table.c.at)

    def both(self, field: Field, records: list[dict]) -> list:
        """The field's value for each record, as the database works it out."""
        with self.database.writing() as connection:
            connection.execute(sa.delete(self.table))
            rows = [
                {"at": at}
                | {name: field_type(f.type).store(f, record.get(name))[0] for name, f in FIELDS.items()}
                for at, record in enumerate(records)
            ]
            connection.execute(sa.insert(self.table), rows)
            rows = connection.execute(self.statement(field)).fetchall()
        kind = field_type("computed")
        return [kind.load(field, tuple(row)) for row in rows]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def bench(request, tmp_path_factory):
    made = Bench(request.getfixturevalue(f"{request.param}_for_module").empty())
    yield made
    made.database.close()


@pytest.fixture(scope="module")
def sqlite_for_module(tmp_path_factory):
    return SQLiteDatabases(tmp_path_factory.mktemp("parts"), shared_folder(tmp_path_factory))


@pytest.fixture(scope="module")
def postgres_for_module(postgres_socket, tmp_path_factory):
    databases = PostgresDatabases(postgres_socket, shared_folder(tmp_path_factory))
    yield databases
    databases.drop_all()
