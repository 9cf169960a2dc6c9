"""YAML and JSON as packages write them: what is read, in which line, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guantong.packages.document import Document, read_json, read_yaml


def yaml(text: str) -> Document:
    return read_yaml("a.yaml", "signals", text.encode())


def test_a_key_called_on_is_a_word_and_no_truth_value() -> None:
    document = yaml("on: yes\nlive: true\n")

    assert document.data == {"on": "yes", "live": True}


def test_what_looks_like_a_date_an_octal_or_a_time_of_day_stays_text() -> None:
    document = yaml("day: 2019-08-09\ncode: 0331\nhour: 12:30\nsum: 12\nbig: 1e3\n")

    assert document.data == {
        "day": "2019-08-09", "code": "0331", "hour": "12:30", "sum": 12, "big": 1000.0,
    }  # fmt: skip


def test_each_part_knows_its_line_and_a_part_that_is_not_there_the_nearest_above() -> None:
    document = yaml("# words\nitems:\n  - id: a\n    role: b\n  - id: c\n")

    assert document.line("items", 1, "id") == 5
    assert document.line("items", 0, "role") == 4
    assert document.line("items", 0, "limit", "x") == 3
    assert document.line("nowhere") == document.line()


def test_a_key_that_stands_twice_is_refused_in_its_line() -> None:
    document = yaml("a: 1\nb: 2\na: 3\n")

    assert document.flaw is not None
    assert (document.flaw.code, document.flaw.line) == ("key-twice", 3)


def test_an_alias_is_refused_before_it_unfolds() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{name}: &{name} [*{before}, *{before}]\n"
        for before, name in zip("abcdefghijklmnopqrst", "bcdefghijklmnopqrstu", strict=True)
    )

    document = yaml(bomb)

    assert document.flaw is not None
    assert document.flaw.code == "anchor"
    assert document.data is None


def test_a_json_key_that_stands_twice_is_refused_as_in_yaml() -> None:
    document = read_json("a.json", "forms", b'{"a": 1,\n\t"a": 2}')

    assert document.flaw is not None
    assert (document.flaw.code, document.flaw.line) == ("key-twice", 2)


def test_a_file_in_another_encoding_is_told_in_its_line() -> None:
    document = read_yaml("a.yaml", "app", "a: 1\nb: 台风\n".encode("gbk"))

    assert document.flaw is not None
    assert (document.flaw.code, document.flaw.line) == ("not-utf8", 2)


def test_nesting_as_deep_as_declarations_go_is_read() -> None:
    document = yaml("[" * 64 + "]" * 64)

    assert document.flaw is None


def test_yaml_that_names_a_type_of_python_is_refused() -> None:
    document = yaml("a: !!python/object/apply:os.system [ls]\n")

    assert document.flaw is not None
    assert document.flaw.code == "tag"


@pytest.mark.parametrize("read", [read_yaml, read_json])
@given(content=st.binary(max_size=200))
def test_no_bytes_raise_an_exception(read, content: bytes) -> None:  # type: ignore[no-untyped-def]
    document = read("a.yaml", "app", content)

    assert document.content == content


@pytest.mark.parametrize("depth", [65, 3_000, 900_000])
def test_nesting_without_end_is_refused(depth: int) -> None:
    nested = "[" * depth + "]" * depth

    assert read_json("a.json", "forms", nested.encode()).flaw is not None
    assert yaml(nested).flaw is not None
    assert yaml("[" * depth).flaw is not None
