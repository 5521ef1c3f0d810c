"""What a condition finds in the database is what it says of a record in hand, empty fields among them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import given, settings, strategies as st

from engine.blueprint.conditions import Word
from engine.blueprint.entities import Choice, Field
from engine.blueprint.values import Money, Place, Ref
from engine.formats import Formats, Reading
from engine.parts import field_type, operator
from engine.parts.derived import operators_of
from engine.parts.fields.contract import Unreadable
from engine.records.database import Database
from tests.real.databases import PostgresDatabases, SQLiteDatabases
from tests.real.run import shared_folder

D = Decimal
AT = Reading(Formats("en", "Asia/Kolkata", "INR", "IN"), datetime(2026, 3, 29, 10, 0, tzinfo=UTC), 7, (4, 1))
CHOICES = {"choices": (Choice("A", "A"), Choice("B, C", "B and C"), Choice("%_", "Per cent"))}
PHONES = ["98765 43210", "+91 98765-43211", "(415) 555-0132 ", "0 98765 43210"]
TEXTS = st.sampled_from(
    ["Acme", "ACME Ltd", "açme", "100%", "a_b", "b\\c", "आशा", "İstanbul", "o'Brien", "z"]
)
MOMENT = st.sampled_from(
    [AT.now + timedelta(hours=h, milliseconds=ms) for h in (-48, -34, -1, 0, 9, 30) for ms in (0, -1)]
)
ELYSEE = Place("Élysée", D("1.0000000"), D("2.0000000"))
FIELDS: dict[str, Field] = {}


def named(field: Field) -> str:
    FIELDS[field.name] = field
    return field.name


def several(*words: str) -> st.SearchStrategy:
    return st.lists(st.sampled_from(words), min_size=1, unique=True).map(tuple)


VALUES = {
    named(Field("name", "text", "Name", search=True)): TEXTS,
    named(Field("code", "text", "Code")): TEXTS,
    named(Field("phone", "phone", "Phone", search=True)): st.sampled_from(
        [field_type("phone").read(Field("p", "phone", "P"), p, AT) for p in (PHONES[0], PHONES[1], "+14155550132")]
    ),
    named(Field("count", "integer", "Count")): st.integers(-3, 3),
    named(Field("weight", "decimal", "Weight", options={"places": 3})): st.integers(-3, 3).map(lambda n: D(n) / 2),
    named(Field("share", "percent", "Share")): st.integers(0, 3).map(lambda n: D(n)),
    named(Field("price", "money", "Price", options={"currency": "INR"})): st.integers(0, 4).map(
        lambda n: Money(D(n), "INR")
    ),
    named(Field("fee", "money", "Fee", options={"currencies": ("INR", "USD"), "currency": "INR"})): st.builds(
        Money, st.integers(0, 3).map(D), st.sampled_from(["INR", "USD"])
    ),
    named(Field("hot", "yes_no", "Hot")): st.booleans(),
    named(Field("due", "date", "Due")): st.integers(-40, 40).map(lambda n: date(2026, 3, 29) + timedelta(days=n)),
    named(Field("at", "time", "At")): st.integers(0, 5).map(lambda n: time(n * 4, 30)),
    named(Field("seen", "datetime", "Seen")): MOMENT,
    named(Field("lasts", "duration", "Lasts")): st.integers(0, 3).map(lambda n: n * 60),
    named(Field("source", "choice", "Source", options=CHOICES)): st.sampled_from(["A", "B, C", "%_"]),
    named(Field("media", "choices", "Media", options=CHOICES)): several("A", "B, C", "%_"),
    named(Field("tags", "tags", "Tags", search=True)): several("a", "b", "ab", "A", "x y", "é"),
    named(Field("account", "reference", "Account", options={"entity": "account"})): st.integers(1, 3),
    named(Field("owner", "user", "Owner")): st.integers(6, 8),
    named(Field("about", "reference_any", "About", options={"entities": ("lead", "account")})): st.builds(
        Ref, st.sampled_from(["lead", "account"]), st.integers(1, 2)
    ),
    named(Field("place", "place", "Place", search=True)): st.sampled_from([Place("MG Road, Pune"), ELYSEE]),
}  # fmt: skip
SPANS = st.sampled_from(
    [
        "today",
        "yesterday",
        "this week",
        "last month",
        "last 7 days",
        "this financial year",
        "2026-03",
        "last 24 hours",
    ]
)
POINTS = st.sampled_from(["today", "tomorrow", "now", "in 3 days", "2 hours ago", "2026-03-28", "2026-03-29"])
SKIPPED = {"where", "some", "none", "visible"}


def given_for(field: Field, word: str):
    """What an officer might write for a field and an operator."""
    value = VALUES[field.name].map(lambda v: as_written(field, v))
    one = (
        value | POINTS
        if field.type in ("date", "datetime")
        else value | st.just("me")
        if field.type == "user"
        else value
    )
    many = st.lists(one, min_size=1, max_size=3)
    pieces = {"phone": st.sampled_from([*PHONES, "987", "43210", "+91"])}.get(
        field.type, st.sampled_from(["a", "AC", "%", "_", "\\", "ç", "pune", "elys"])
    )
    return {
        "in": many, "not_in": many, "has_any": many, "between": st.tuples(one, one).map(list), "empty": st.booleans(),
        "within": SPANS, "contains": pieces, "starts_with": pieces,
    }.get(word, one)  # fmt: skip


def as_written(field: Field, value):
    if isinstance(value, tuple):
        return value[0]
    if isinstance(value, datetime):
        return value.isoformat()
    written = field_type(field.type).json(field, value)
    return {k: v for k, v in written.items() if k != "title"} if isinstance(written, dict) else written


TESTS = st.sampled_from(list(FIELDS.values())).flatmap(
    lambda field: st.sampled_from([w for w in operators_of(field) if w not in SKIPPED]).flatmap(
        lambda word: st.tuples(st.just(field), st.just(word), given_for(field, word))
    )
)
RECORDS = st.lists(
    st.fixed_dictionaries({name: st.none() | values for name, values in VALUES.items()}),
    min_size=1,
    max_size=8,
)


@settings(max_examples=80)
@given(tests=st.lists(TESTS, min_size=4, max_size=8), records=RECORDS)
def test_the_database_finds_just_the_records_for_which_python_says_yes(bench, tests, records):
    bench.fill(records)
    for field, word, written in tests:
        part = operator(word)
        value = part.resolve(field, part.read(field, written, AT), AT)
        expected = [at for at, record in enumerate(records) if part.holds(field, record[field.name], value)]
        assert bench.found(part.sql(field, bench.columns(field), value)) == expected, (word, written)
        others = sorted(set(range(len(records))) - set(expected))
        assert bench.found(part.sql(field, bench.columns(field), value).is_not(True)) == others, (
            word,
            written,
        )
        assert part.sentence(field, part.read(field, written, AT), AT.formats).startswith(field.label)


@pytest.mark.parametrize(
    "typed",
    ["98765 43210", "+91 98765-43210", "09876543210", "919876543210", "987654", "43210", "+91-98765 43210",
     "6543210", "76543210", "876543210"],
)  # fmt: skip
def test_asha_finds_a_caller_however_she_types_the_number(typed):
    field, part = FIELDS["phone"], operator("contains")
    kept = field_type("phone").read(field, "98765 43210", AT)
    assert part.holds(field, kept, part.read(field, typed, AT))


def test_an_empty_field_matches_only_empty_and_what_is_said_in_the_negative():
    field = FIELDS["count"]
    yes = {w for w in operators_of(field) if operator(w).holds(field, None, _sample(field, w))}
    assert yes == {"is_not", "not_in", "empty"}


def _sample(field, word):
    written = {"in": [1], "not_in": [1], "between": [0, 2], "empty": True}.get(word, 1)
    return operator(word).read(field, written, AT)


@pytest.mark.parametrize(
    ("name", "word", "written", "sentence"),
    [
        ("source", "is", "Gogle", '"Gogle" is not a choice here. Choose A, B, C or %_.'),
        ("count", "above", "", "There is nothing to compare with. To find empty values write empty: true."),
        (
            "count",
            "between",
            [1],
            '"[1]" is not a pair. Give the first and the last value, for example [10, 20].',
        ),
        ("count", "in", [], '"[]" is not a list. Give one, for example [A, B].'),
        (
            "due",
            "within",
            "soon",
            '"soon" is not a span of time. Write for example today, this week, last 7 days or 2026-01.',
        ),
        (
            "due",
            "before",
            "12/11/2026",
            '"12/11/2026" could mean two different days. Write year-month-day, for example 2026-01-31.',
        ),
        ("hot", "empty", "maybe", '"maybe" is neither true nor false. Give true or false.'),
        ("account", "where", "x", '"x" is not a condition. Give a map, for example {status: {is: Open}}.'),
        ("phone", "contains", "abc", '"abc" cannot be looked for in Phone. Give a piece of its text.'),
    ],
)
def test_an_operand_that_makes_no_sense_is_refused_with_a_sentence(name, word, written, sentence):
    with pytest.raises(Unreadable) as refused:
        operator(word).read(FIELDS[name], written, AT)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("name", "word", "written", "sentence"),
    [
        ("price", "above", 10000, "Price is above ₹10,000.00"),
        ("source", "in", ["A", "%_"], "Source is A or Per cent"),
        ("owner", "is", "me", "Owner is me"),
        ("due", "before", "in 3 days", "Due is before in 3 days"),
        ("seen", "after", "2026-01-31", "Seen is after 31 Jan 2026"),
        ("seen", "within", "last month", "Seen is within last month"),
        ("name", "empty", False, "Name is not empty"),
        ("media", "has", "B, C", "Media has B and C"),
    ],
)
def test_a_condition_can_be_read_aloud(name, word, written, sentence):
    part = operator(word)
    assert part.sentence(FIELDS[name], part.read(FIELDS[name], written, AT), AT.formats) == sentence


def test_words_are_left_for_the_reader_where_only_the_database_knows():
    part = operator("in")
    value = part.resolve(FIELDS["owner"], part.read(FIELDS["owner"], ["me", "my subordinates"], None), AT)
    assert value == (7, Word("my subordinates"))
    assert operator("is").holds(FIELDS["owner"], Ref("user", 8, "Ravi"), frozenset({7, 8}))


class Bench:
    def __init__(self, url: str) -> None:
        self.database = Database(url)
        kinds = {"integer": sa.BigInteger, "text": sa.Text}
        columns = [
            sa.Column(name, kinds[kind]()) for field in FIELDS.values() for name, kind in self.names(field)
        ]
        self.table = sa.Table("thing", sa.MetaData(), sa.Column("place_in_list", sa.Integer), *columns)
        with self.database.reshaping() as connection:
            connection.execute(sa.schema.CreateTable(self.table))

    def names(self, field: Field) -> list[tuple[str, str]]:
        made = [
            (f"{field.name}__{c.suffix}" if c.suffix else field.name, c.kind)
            for c in field_type(field.type).columns(field)
        ]
        return [*made, (f"{field.name}__find", "text")] if field.search else made

    def columns(self, field: Field) -> tuple[sa.ColumnElement, ...]:
        return tuple(self.table.c[name] for name, _ in self.names(field))

    def fill(self, records: list[dict]) -> None:
        rows = [self.row(at, record) for at, record in enumerate(records)]
        with self.database.writing() as connection:
            connection.execute(sa.delete(self.table))
            connection.execute(sa.insert(self.table), rows)

    def row(self, at: int, record: dict) -> dict:
        row = {"place_in_list": at}
        for field in FIELDS.values():
            kind, value = field_type(field.type), record[field.name]
            raw = [*kind.store(field, value), kind.find(field, value)]
            row |= dict(zip((name for name, _ in self.names(field)), raw, strict=False))
        return row

    def found(self, condition: sa.ColumnElement) -> list[int]:
        column = self.table.c.place_in_list
        with self.database.reading() as connection:
            return [row[0] for row in connection.execute(sa.select(column).where(condition).order_by(column))]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def bench(request):
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
