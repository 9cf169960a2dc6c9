"""Packages made to do harm: each is read, examined and refused, or does nothing; none takes long.

Built here by code: a sound package of a few files, and one attack planted into it.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.kernel.packages.archive.package_file import FILES, file_of, key

from guantong.base import plain_pattern
from guantong.base.errors import GuantongError
from guantong.bpmn import api as bpmn
from guantong.dmn import api as dmn
from guantong.feel.api import FeelTooMuch, parse, parse_unary_tests
from guantong.packages import api as packages
from guantong.packages.api import ArchiveRefused
from guantong.packages.document import MOST_PARTS, read_json, read_yaml
from guantong.packages.wording import filled, places

# Nobody waits longer for one file, even on a busy machine.
PATIENCE_SECONDS = 30.0


@contextmanager
def at_once() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < PATIENCE_SECONDS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "river_watch"
    for path, content in FILES.items():
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        (made / path).write_bytes(content)
    return made


def errors(folder: Path) -> list[tuple[str, str, str]]:
    """Return question, code and file of every error the doctor finds."""
    with at_once():
        found = packages.examine(packages.read(folder), province=None)
    return [(f.check, f.code, f.path) for f in found if f.level == "error"]


def plant(folder: Path, path: str, content: str | bytes) -> list[tuple[str, str]]:
    """Put a file into the package; return question and code of what is found in it."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [(check, code) for check, code, where in errors(folder) if where == path]


# Programs.


@pytest.mark.parametrize(
    "program", ["import os\nwhile True: os.fork()\n", "x = ' ' * (5 << 30)\n", "import socket\n"]
)
def test_hooks_are_refused_and_not_run_in_a_folder(folder: Path, program: str) -> None:
    assert plant(folder, "hooks.py", program) == [("schema", "not-yet")]


def test_hooks_are_refused_in_a_package_file_however_trusted_its_signer() -> None:
    signer = key()
    archive = packages.open_archive(file_of({**FILES, "hooks.py": b"import os\n"}, signer))

    with packages.unpacked(archive) as package:
        found = packages.examine(package, province=None)

    assert ("schema", "not-yet", "hooks.py") in [(f.check, f.code, f.path) for f in found]


def test_a_link_out_of_a_folder_is_neither_read_nor_packed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (folder / "samples").mkdir()
    (folder / "samples" / "x.csv").symlink_to(tmp_path / "secret")

    assert ("schema", "not-a-file", "samples/x.csv") in errors(folder)
    with pytest.raises(ArchiveRefused):
        packages.packed(packages.read(folder))


# Files that swell, nest or steer.


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &a [x]\nb: [*a, *a]\n", "anchor"),
        ("a: &a {b: *a}\n", "anchor"),
        ("[" * 100_000, "too-deep"),
        ("{a: " * 100_000, "too-deep"),
        ("[" + "[]," * (MOST_PARTS // 2) + "]", "too-many"),
        ("a: !!python/object/apply:os.system [ls]\n", "tag"),
        ("a: !!bool maybe\n", "tag"),
        ("a: !!timestamp 2001-01-01\n", "tag"),
        ("a: !!binary aGk=\n", "tag"),
        ("a: " + "1" * 5_000 + "\n", "not-yaml"),
        ("a: 1e999\n", "not-yaml"),
        ('a: "\\0"\n', "control"),
        ('a: "\\u202egnp.exe"\n', "control"),
        ('a: "\\ud800"\n', "not-yaml"),
        ("? [a]\n: b\n", "not-yaml"),
        ("--- 1\n--- 2\n", "not-yaml"),
    ],
)
def test_yaml_that_swells_nests_or_steers_is_refused_at_once(text: str, code: str) -> None:
    with at_once():
        document = read_yaml("a.yaml", "app", text.encode())

    assert document.flaw is not None
    assert document.flaw.code == code
    assert document.data is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 200_000, "not-json"),
        ('{"a":' * 100_000, "not-json"),
        ("[" * 70 + "]" * 70, "too-deep"),
        ('{"a": ' + "1" * 5_000 + "}", "not-json"),
        ('{"a": NaN}', "not-json"),
        ('{"a": -Infinity}', "not-json"),
        ('{"a": 1e999}', "not-json"),
        ('{"a": "\\ud800"}', "not-json"),
        ('{"a": "\\u0000"}', "control"),
        ('{"a": "\\u202e"}', "control"),
        ('{"a": 1, "a": 2}', "key-twice"),
    ],
)
def test_json_that_swells_nests_or_steers_is_refused_at_once(text: str, code: str) -> None:
    with at_once():
        document = read_json("a.json", "forms", text.encode())

    assert document.flaw is not None
    assert document.flaw.code == code


LAUGHS = "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize("read", [bpmn.read, dmn.read], ids=["bpmn", "dmn"])
@pytest.mark.parametrize(
    "prolog",
    [
        f'<!DOCTYPE d [<!ENTITY a "ha">{LAUGHS}]>',
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE d [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x.dtd"> %x;]>',
        '<!DOCTYPE d SYSTEM "http://127.0.0.1:1/x.dtd">',
        '<!DOCTYPE d PUBLIC "x" "file:///etc/passwd">',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_with_entities_or_a_document_type_is_refused(
    read: Callable[[bytes], object], prolog: str, encoding: str
) -> None:
    body = '<definitions name="&i;&x;">&i;&x;</definitions>'
    xml = f'<?xml version="1.0" encoding="{encoding}"?>{prolog}{body}'.encode(encoding)

    with at_once(), pytest.raises(GuantongError) as refusal:
        read(xml)

    assert "root:" not in refusal.value.sentence()


@pytest.mark.parametrize("read", [bpmn.read, dmn.read], ids=["bpmn", "dmn"])
def test_xml_that_nests_without_end_is_refused(read: Callable[[bytes], object]) -> None:
    xml = b"<definitions>" + b"<a>" * 100_000

    with at_once(), pytest.raises(GuantongError):
        read(xml)


# FEEL.


def doubled(first: str, more: str, times: int = 25) -> str:
    """Return a context whose last entry holds the first 2**times times."""
    entries = ", ".join(f"a{n}: {more.format(f'a{n - 1}')}" for n in range(1, times))
    return f"{{a0: {first}, {entries}}}.a{times - 1}"


MANY = f"[{', '.join(['1'] * 1_000)}]"


@pytest.mark.parametrize(
    "text",
    [
        doubled('"xxxxxxxxxx"', "{0} + {0}"),
        doubled("[1, 1]", "[{0}, {0}]"),
        f"string({doubled('[1]', '[{0}, {0}]')})",
        f"{doubled('[1]', '[{0}, {0}]')} = {doubled('[1]', '[{0}, {0}]')}",
        f"[1] in {doubled('[1]', '[{0}, {0}]')}",
        f"{{x: {MANY}, y: count(x[count(x[count(x[item > 0]) > 0]) > 0])}}.y",
        f"{{x: {MANY}, y: x[list contains(x, x[list contains(x, item)][1])]}}.y",
    ],
)
def test_feel_that_asks_for_more_than_any_rule_needs_is_stopped(text: str) -> None:
    expression = parse(text)

    with at_once(), pytest.raises(FeelTooMuch, match="asks for more than"):
        expression.evaluate({})


def test_a_cell_of_a_table_is_bounded_like_an_expression() -> None:
    tests = parse_unary_tests(f"{doubled('[1]', '[{0}, {0}]')}")

    with at_once(), pytest.raises(FeelTooMuch):
        tests.matches([1])


def test_after_a_bomb_the_next_expression_has_all_its_steps() -> None:
    with pytest.raises(FeelTooMuch):
        parse(doubled("[1, 1]", "[{0}, {0}]")).evaluate({})

    assert parse(f"count({MANY}[item > 0])").evaluate({}) == 1_000


@pytest.mark.parametrize(
    "text",
    ["for i in 1..1000000000 return i", "every x in 1..1000000000 satisfies x > 0"],
)
def test_loops_of_feel_are_stopped(text: str) -> None:
    with pytest.raises(FeelTooMuch):
        parse(text).evaluate({})


def test_a_pattern_that_takes_for_ever_elsewhere_is_answered_here() -> None:
    text = 'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a+)+$")'

    assert parse(text).evaluate({}) is False


def test_functions_that_call_each_other_twice_are_stopped() -> None:
    def model(number: int) -> str:
        if number == 0:
            return _knowledge("f0", "x + 1", "")
        below = f"f{number - 1}"
        return _knowledge(f"f{number}", f"{below}(x) + {below}(x)", below)

    xml = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d">'
        + "".join(model(number) for number in range(30))
        + '<decision id="it" name="it"><knowledgeRequirement><requiredKnowledge href="#f29"/>'
        "</knowledgeRequirement><literalExpression><text>f29(1)</text></literalExpression>"
        "</decision></definitions>"
    )
    decision = dmn.read(xml.encode()).decision("it")

    with at_once(), pytest.raises(FeelTooMuch):
        decision.decide({})


def _knowledge(name: str, text: str, below: str) -> str:
    required = (
        f'<knowledgeRequirement><requiredKnowledge href="#{below}"/></knowledgeRequirement>'
        if below
        else ""
    )
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"/>{required}'
        '<encapsulatedLogic><formalParameter name="x"/>'
        f"<literalExpression><text>{text}</text></literalExpression></encapsulatedLogic>"
        "</businessKnowledgeModel>"
    )


# Patterns and words.


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "^(a|aa)*$",
        "^(a*)*$",
        "(.*a){20}",
        "(a?){30}a{30}",
        "^a+b+c+$",
        r"(a)\1",
        "a" * 501,
    ],
)
def test_a_pattern_that_could_take_for_ever_is_refused(pattern: str) -> None:
    with pytest.raises(plain_pattern.PatternExplodes):
        plain_pattern.compiled(pattern)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("^33[0-9]{10}$", "331081000000"),
        (r"^[^@\s]+@[^@\s]+$", "water@county"),
        (r"^[0-9]+(\.[0-9]+)?$", "12.5"),
        ("^([0-9]{3}-)*[0-9]{3}$", "001-002-003"),
    ],
)
def test_a_pattern_of_a_code_or_number_is_as_it_was(pattern: str, text: str) -> None:
    known = plain_pattern.compiled(pattern)

    assert plain_pattern.fits(known, text)
    assert not plain_pattern.fits(known, f"{text} ")


def test_the_worst_pattern_that_is_let_pass_ends_at_once() -> None:
    for pattern in ("^a*a*$", "a+$"):
        with at_once():
            plain_pattern.fits(plain_pattern.compiled(pattern), "a" * 999 + "!")


def test_a_text_longer_than_any_code_does_not_have_its_form() -> None:
    assert not plain_pattern.fits(plain_pattern.compiled("^a+$"), "a" * 1_001)


def test_a_form_with_a_pattern_that_explodes_is_refused(folder: Path) -> None:
    form = (
        '{"id": "f", "title": "t", "schema": {"$schema": "https://json-schema.org/draft/2020-12/'
        'schema", "type": "object", "additionalProperties": false, "properties": '
        '{"a": {"type": "string", "pattern": "(a+)+$"}}}, "layout": [{"field": "a", '
        '"widget": "text", "label": "a"}]}'
    )

    assert ("forms", "refused") in plant(folder, "forms/f.json", form)


def test_words_reach_no_attribute_and_make_no_line_of_spaces() -> None:
    facts = {"place": "Wenling"}

    assert filled("{place.__class__} {place:>2000000000} {place!r} {0}", facts) == (
        "{place.__class__} {place:>2000000000} {place!r} {0}"
    )
    assert filled("{{place}} {place} {nobody}", facts) == "{place} Wenling {nobody}"
    assert places("{place.__class__}") is None
    assert places("{place:>20}") is None
    assert places("{place} {{x}}") == {"place"}


def test_words_that_do_more_than_name_a_place_are_told(folder: Path) -> None:
    found = plant(folder, "messages/en.yaml", 'value.none: "{place.__class__}"\n')

    assert ("words", "braces") in found
