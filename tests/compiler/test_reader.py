"""What an officer types, what the reader makes of it, and the exact sentence for each slip."""

from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import given, settings, strategies as st

from engine.blueprint.source import Source
from engine.compiler import reader
from engine.compiler.node import Node
from engine.compiler.problems import Problems
from engine.compiler.reader import read_file, read_text


def read(content: str | bytes) -> tuple[Node | None, list[str]]:
    problems = Problems()
    root = read_text(content, "f.yaml", problems)
    return root, [f"{p.line}:{p.column} {p.code}: {p.sentence}" for p in problems]


def told(content: str | bytes) -> list[str]:
    return read(content)[1]


def data(content: str) -> object:
    root, problems = read(content)
    assert problems == [] and root is not None
    return root.data()


SLIPS = {
    # spelling
    "label:Lead\nx: y\n": ['1:6 syntax: A space is missing after the colon. Write "key: value".'],
    "lead:\n  label:Lead\n": ['2:8 syntax: A space is missing after the colon. Write "key: value".'],
    "lead:\n  label:Lead\n  x: y\n": ['2:8 syntax: A space is missing after the colon. Write "key: value".'],
    "a: {type:text, b: 2}\n": ['1:9 syntax: A space is missing after the colon. Write "key: value".'],
    "x:\n  phone:{type: text}\n": ['2:3 syntax: A space is missing after the colon. Write "key: value".'],
    "a:\n-item\nb: c\n": ['2:1 syntax: A space is missing after the dash. Write "- item".'],
    "a:\n  - x\n  -y\n  - z\n": ['3:3 syntax: A space is missing after the dash. Write "- item".'],
    "a: x\nb\nc: d\n": ['2:1 syntax: This line has no colon. Write "key: value".'],
    "a\nb: c\n": ['1:1 syntax: This line has no colon. Write "key: value".'],
    "a: x\n: y\n": ['2:1 syntax: No key stands before the colon. Write "key: value".'],
    "a: Note: call first\n": ["1:8 syntax: A colon inside a text makes it look like a key. Put the text in quotes."],
    "a: - b\n": [
        "1:4 syntax: A list's dash cannot stand on the line of its key. Write [a, b], or each item on its own line."
    ],
    "a: 1\n- b\n": ["2:1 syntax: A list's item stands among keys. Put the list beneath a key of its own."],
    "- a\nb: c\n": ['2:1 syntax: A key stands among the items of a list. Begin it with "- " or move it out.'],
    # indentation
    "a:\n  b: 1\n   c: 2\n": [
        "3:4 syntax: This line stands deeper than line 2, which already has its value. Begin it in column 3."
    ],
    "a:\n  b: 1\n c: 2\n": [
        "3:2 syntax: This line begins in column 2, which fits no line above. Begin it in column 1 or 3."
    ],
    "a:\n  - x\n - y\n": [
        "3:2 syntax: This line begins in column 2, which fits no line above. Begin it in column 1 or 3."
    ],
    "a:\n\tb: 1\n": ["2:1 tab: A tab indents this line. Indent with spaces."],
    "a: x\ty\nb: z\t\n": [
        '1:5 tab: A tab stands here (also in line 2). Use spaces; inside a text in double quotes write "\\t".'
    ],
    "a: one\n  two\nb: c\n": [
        '1:4 syntax: This text goes on in the next line. Put it in quotes, or write it beneath "|".'
    ],
    # quotes
    'a: "x\nb: y\n': ['1:4 syntax: The quote that opens here is never closed. End the text with ".'],
    'a: "x\nb: "y"\n': ['1:4 syntax: The quote that opens here is never closed. End the text with ".'],
    "a:\n  b: 'x\n  c: y\n  d: 'it is'\n": [
        "2:6 syntax: The quote that opens here is never closed. End the text with '."
    ],
    "a: 'Don't know'\n": [
        "1:9 syntax: There is text after the closing quote. "
        "Inside '...' write an apostrophe twice, or use double quotes."
    ],
    'a: "Call" attended\n': [
        "1:11 syntax: There is text after the closing quote. Put the whole text in quotes."
    ],
    'a: "C:\\q"\n': [
        "1:7 syntax: A backslash has a special meaning inside double quotes. Use single quotes, or write it twice."
    ],
    "a: “x”\n": ["1:4 syntax: “ is not a quote that YAML knows. Use straight quotes."],
    "a: @x\n": ['1:4 syntax: A value cannot begin with "@". Put the text in quotes.'],
    "a: *bold*\nb: 1\n": ['1:4 syntax: A value cannot begin with "*". Put the text in quotes.'],
    "a: , b\n": ['1:4 syntax: A value cannot begin with ",". Put the text in quotes.'],
    "a: {{ first }} {{ last }}\n": ['1:4 syntax: A value that begins with {{ needs quotes. Write "{{ ... }}".'],
    "a: {{ first }}\nb: c\n": ['1:4 syntax: A value that begins with {{ needs quotes. Write "{{ ... }}".'],
    "a: > x\n": [
        '1:6 syntax: Nothing may follow ">" on its line. Begin the text on the next line, or put it in quotes.'
    ],
    # brackets
    "a: [x, y\nb: z\n": ['1:4 syntax: The "[" that opens here is never closed. Add "]".'],
    "a: {x: 1, y: 2\nb: z\n": ['1:4 syntax: The "{" that opens here is never closed. Add "}".'],
    "a: [{x: y, z]\n": ['1:13 syntax: "]" stands where the "{" of line 1 is still open. Write "}" first.'],
    "a: {x: 1 y: 2}\n": [
        "1:11 syntax: A comma is missing before this place. "
        "Separate with commas; a text that holds a colon or a comma needs quotes."
    ],
    "a: [x\n  y, z]\n": ["1:5 syntax: This text goes on in the next line. Is a comma or a colon missing?"],
    "a: [x]]\n": ['1:7 syntax: "]" closes nothing that was opened. Remove it, or put the text in quotes.'],
    "a: [x] y\n": [
        '1:8 syntax: There is text after the closing "]". Remove it, or put the whole text in quotes.'
    ],
    # what YAML has and a set must not
    "a: &x y\n": [
        '1:4 anchor: "&x" is an anchor, which is not allowed. Remove it; if it is a text, put it in quotes.'
    ],
    "a: *x\n": [
        '1:4 alias: "*x" is an alias, which is not allowed. Write the value out; if it is a text, put it in quotes.'
    ],
    "b:\n  <<: *x\n": ['2:3 merge-key: "<<" merges maps, which is not allowed. Write the keys out.'],
    "a: !!python/name:os.system x\n": [
        '1:4 tag: "!!python/name:os.system" is a tag, which is not allowed. '
        "Remove it; if it is a text, put it in quotes."
    ],
    "a: b\n---\nc: d\n": [
        "2:1 several-documents: A second document begins here. "
        "Keep one document in a file, without --- between parts."
    ],
    "%YAML 1.1\n---\na: b\n": ["1:1 directive: A directive (%...) is not allowed here. Remove the line."],
    "a: 1\nb: 2\na: 3\n": ['3:1 duplicate-key: "a" is already written in line 1. Keep one of the two.'],
    "1: x\n": ['1:1 key-not-text: A key must be a text; this is a number. Put it in quotes: "1".'],
    "true: x\n": ['1:1 key-not-text: A key must be a text; this is true or false. Put it in quotes: "true".'],
    "null: x\n": ['1:1 key-not-text: A key must be a text; this is nothing. Put it in quotes: "null".'],
    "? [a]\n: b\n": ["1:3 key-not-text: A key must be a text; this is a list or a map. Put the text in quotes."],
    "- a\n": ['1:1 wrong-type: A file holds keys and values, as in "key: value"; this is a list.'],
    "just text\n": ['1:1 wrong-type: A file holds keys and values, as in "key: value"; this is a text.'],
    # bytes
    b"\xef\xbb\xbfa: b\n": [
        "1:1 encoding: The file begins with a byte order mark. "
        "Save the file as UTF-8 without a byte order mark (BOM)."
    ],
    b"\xff\xfea\x00": ["1:1 encoding: The file begins with UTF-16. Save the file as UTF-8."],
    b"a: b\nc: \xe9\n": ["2:4 encoding: The byte 0xe9 is not UTF-8. Save the file as UTF-8."],
    b"a: b\x00\n": [
        "1:5 odd-character: An invisible character stands here: U+0000, a control character. Remove it."
    ],
    "a: \u200bx\n": ["1:4 odd-character: An invisible character stands here: U+200B, zero width space. Remove it."],
    "a:\n  \u00a0b: c\n": [
        "2:3 odd-character: This blank is not an ordinary space. Type a space instead."
    ],
    "a:\u00a0b\n": ["1:3 odd-character: This blank is not an ordinary space. Type a space instead."],
}  # fmt: skip


@pytest.mark.parametrize("content", SLIPS, ids=repr)
def test_each_slip_has_its_own_sentence_at_its_own_place(content: str | bytes) -> None:
    assert told(content) == SLIPS[content]


@pytest.mark.parametrize("content", [c for c in SLIPS if isinstance(c, str)], ids=repr)
def test_without_the_c_library_the_same_sentences_are_told(content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "Loader", yaml.SafeLoader)
    pure = [line.split(" ", 1)[1] for line in told(content)]
    assert pure == [line.split(" ", 1)[1] for line in SLIPS[content]]


def test_every_slip_of_a_file_is_told_at_once() -> None:
    lines = [line.split(" ")[0] for line in told("a: &x 1\na: 2\nb: *x\n7: c\nd: {<<: e}\nf: “g”\n")]
    assert lines == ["1:4", "2:1", "3:4", "4:1", "5:5", "6:4"]


def test_only_true_and_false_are_booleans_and_only_plain_decimals_are_numbers() -> None:
    assert data("a: true\nb: false\nc: 0\nd: -12\ne: 1.50\nf:\ng: null\n") == {
        "a": True, "b": False, "c": 0, "d": -12, "e": 1.5, "f": None, "g": None,
    }  # fmt: skip


AS_WRITTEN = "yes no on off True FALSE Null ~ 010 -01 12:30 1:02:03 1_000 0x1F 0o7 1e5 .5 1. .inf .nan +5 +919876543210"
AS_WRITTEN += " 2026-01-01 04-01 2026-12-01T10:00:00Z = 1234567890123456789 - -a x]"


@pytest.mark.parametrize("word", [w for w in AS_WRITTEN.split() if w != "-"])
def test_all_else_stays_text_as_it_was_written(word: str) -> None:
    assert data(f"a: {word}\n") == {"a": word}


def test_what_stands_in_quotes_is_text_and_known_to_be_quoted() -> None:
    root, _ = read("a: 'true'\nb: \"12\"\nc: plain\nd: |\n  block\n")
    assert root and root.data() == {"a": "true", "b": "12", "c": "plain", "d": "block\n"}
    assert [root.value[key].plain for key in "abcd"] == [False, False, True, False]


def test_a_scalar_keeps_its_spelling_so_that_a_price_keeps_its_digits() -> None:
    root, _ = read("a: 10.10\n")
    assert root and root.value["a"].text == "10.10"


def test_hindi_and_arabic_texts_come_through_with_their_joiners() -> None:
    text = "नाम: क\u094d\u200dष\nb: \u2067سلام\u2069 \u200f\n"
    assert data(text) == {"नाम": "क\u094d\u200dष", "b": "\u2067سلام\u2069 \u200f"}


def test_keys_and_values_know_their_places_even_after_hindi_and_windows_line_ends() -> None:
    root, _ = read("कॉल: {b: [x, yy]}\r\nc:\r\n  - d: 😀\r\n")
    assert root
    assert root.value["कॉल"].key_source == Source("f.yaml", 1, 1)
    assert root.value["कॉल"].source == Source("f.yaml", 1, 6)
    item = root.at(("कॉल", "b", 1))
    assert item and item.source == item.key_source == Source("f.yaml", 1, 14)
    face = root.at(("c", 0, "d"))
    assert face and (face.key_source, face.source) == (Source("f.yaml", 3, 5), Source("f.yaml", 3, 8))


@pytest.mark.parametrize("content", ["", "# only a remark\n", "---\n", "null\n", "\n\n"])
def test_an_empty_file_is_an_empty_map(content: str) -> None:
    assert data(content) == {}


def test_the_deepest_existing_place_is_found_for_what_is_missing() -> None:
    root, _ = read("a: {b: [x]}\n")
    assert root and root.deepest(("a", "b", 3)).source.column == 8
    assert root.at(("a", "c")) is None and root.at(("a", "b", "x")) is None and root.at(("a", "b", -1)) is None


def test_problems_carry_the_path_of_their_key() -> None:
    problems = Problems()
    read_text("a:\n  - b: {c: *x, c: 1}\n", "f.yaml", problems)
    assert [p.path for p in problems] == ["a.0.b.c", "a.0.b.c"]


# Hostile files


def seconds_to_refuse(content: str) -> float:
    start = time.process_time()
    assert told(content)
    return time.process_time() - start


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefghi", "bcdefghij", strict=True)]
    assert seconds_to_refuse("\n".join(lines)) < 0.05


def test_a_bomb_of_merge_keys_is_refused_at_once() -> None:
    lines = ["m0: &m0 {x: 1}"]
    lines += [f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 9)}]}}" for n in range(1, 20)]
    assert seconds_to_refuse("\n".join(lines)) < 0.05


def test_a_file_over_one_mebibyte_is_refused_unread() -> None:
    assert told("a: " + "x" * (1024 * 1024)) == ["1:1 too-large: The file is larger than 1 MiB. Split what it holds."]
    assert told("a: " + "x" * (1024 * 1024 - 3)) == []


def test_brackets_without_end_are_refused_at_the_twentieth_level() -> None:
    assert told("a: " + "[" * 500_000) == ["1:23 too-deep: This stands more than 20 levels deep. Write it flatter."]
    assert told("a: " + "[" * 19 + "]" * 19) == []


def test_a_hundred_thousand_values_are_enough() -> None:
    (sentence,) = told("a: [" + "x," * 200_000 + "]")
    assert sentence.endswith("too-large: The file holds more than 100,000 values. Split it.")


def test_a_file_of_nothing_but_faults_tells_the_first_fifty() -> None:
    sentences = told("".join(f"k{n}: *x\n" for n in range(1000)))
    assert len(sentences) == 51
    assert sentences[-1].endswith("too-many: Reading stopped after 50 problems in this file.")


def test_a_file_that_cannot_be_opened_is_told(tmp_path) -> None:
    problems = Problems()
    assert read_file(tmp_path, "set/roles.yaml", problems) is None
    assert [p.sentence for p in problems] == ["The file cannot be opened: Is a directory."]


@given(st.text(st.sampled_from("ab:- \n[]{}'\"#&*!|>%@,?\\\t\r<\u00a0é“\x00\u20281."), max_size=60))
@settings(max_examples=400, deadline=None)
def test_whatever_is_typed_is_read_or_told_and_never_raises(content: str) -> None:
    root, problems = read(content)
    assert root is not None or problems
    assert all(not p.endswith(": ") and "None" not in p for p in problems)


@given(st.binary(max_size=60))
@settings(max_examples=200, deadline=None)
def test_whatever_bytes_come_they_are_read_or_told(content: bytes) -> None:
    root, problems = read(content)
    assert root is not None or problems


names = st.text(st.sampled_from("abcxyz é-कsTo1,'#{&"), min_size=1, max_size=8)
texts = st.text(st.sampled_from("abc é-कTo1:,'#{&?\"!\\"), max_size=8)
scalars = st.one_of(texts, st.integers(-(10**6), 10**6), st.booleans(), st.none(), st.just("12:30"), st.just("on"))
trees = st.dictionaries(
    names, st.recursive(scalars, lambda t: st.lists(t, max_size=3) | st.dictionaries(names, t, max_size=3), max_leaves=12),
    max_size=4,
)  # fmt: skip


@given(trees, st.booleans())
@settings(max_examples=200, deadline=None)
def test_what_a_program_wrote_comes_back_equal_and_each_node_points_at_its_own_text(tree: dict, flow: bool) -> None:
    text = yaml.safe_dump(tree, allow_unicode=True, default_flow_style=flow, width=10_000)
    root, problems = read(text)
    assert problems == [] and root is not None
    assert root.data() == tree
    lines = text.split("\n")
    for path, node in walk(root):
        if node.plain and node.text:
            assert lines[node.line - 1][node.column - 1 :].startswith(node.text)
        if path and isinstance(path[-1], str) and path[-1].isalpha():
            key = lines[node.key_source.line - 1][node.key_source.column - 1 :]
            assert key.lstrip("'\"").startswith(path[-1])


def walk(node: Node, path: tuple = ()):
    yield path, node
    for key, child in node.items():
        yield from walk(child, (*path, key))
    for index, child in enumerate(node):
        yield from walk(child, (*path, index))
