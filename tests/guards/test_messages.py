"""What people read stands in both languages, under keys that exist, with places that are filled."""

import ast
import functools
import importlib
import pkgutil
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest
import yaml

import guantong
from guantong.base import words
from guantong.base.errors import GuantongError

ROOT = Path(__file__).parents[2]
KERNEL = ROOT / "src/guantong"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Sentences that are only places and signs, or a name that is the same in every language.
WITHOUT_CHINESE = {"frame.brand_note"}
PLACE = re.compile(r"\{[^}]*\}")
SAY_IN_PAGE = re.compile(r"""\{%\s*say\s+["']([^"']+)["']""")
# These modules start an installation when they are imported.
SERVERS = {"guantong.main.asgi", "guantong.main.wsgi"}

Words = Mapping[str, str]


@functools.cache
def catalogues() -> dict[str, tuple[Words, Words]]:
    """Return the Chinese and the English words of each kernel package."""
    folders = sorted({path.parent for path in KERNEL.glob("*/messages/*.yaml")})
    return {folder.parent.name: (_read(folder, "zh-CN"), _read(folder, "en")) for folder in folders}


def _read(folder: Path, language: str) -> Words:
    words: dict[str, str] = {}
    for path in sorted(folder.glob(f"*{language}.yaml")):
        found = yaml.safe_load(path.read_text("utf-8")) or {}
        assert not words.keys() & found.keys(), f"{path}: keys that another file says, too"
        words |= found
    return words


def places(sentence: str) -> set[str]:
    """Return the names of the places a sentence leaves open."""
    named = (name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None)
    return {re.split(r"[.\[]", name)[0] for name in named}


def uneven(chinese: Words, english: Words) -> list[str]:
    """Return the keys one language lacks, and those whose places differ."""
    faults = [f"{key}: only in one language" for key in chinese.keys() ^ english.keys()]
    faults += [
        f"{key}: {sorted(places(chinese[key]) ^ places(english[key]))} in one language only"
        for key in chinese.keys() & english.keys()
        if places(chinese[key]) != places(english[key])
    ]
    return sorted(faults)


def twice(packages: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the keys that two packages say: the later one would silence the other."""
    home: dict[str, str] = {}
    faults = []
    for package, keys in packages.items():
        for key in keys:
            if key in home:
                faults.append(f"{key}: in {home[key]} and in {package}")
            home[key] = package
    return faults


def ill_said(chinese: Words, english: Words) -> list[str]:
    """Return the keys whose sentence shouts, or that nobody translated."""
    faults = [
        f"{key}: exclamation mark"
        for language in (chinese, english)
        for key, sentence in language.items()
        if re.search("[!！]", PLACE.sub("", sentence))
    ]
    faults += [f"{key}: place without a name" for key in chinese if "" in places(chinese[key])]
    for key, sentence in chinese.items():
        bare = PLACE.sub("", sentence)
        if re.search(r"[A-Za-z]{2}", bare) and not CHINESE.search(bare):
            faults.append(f"{key}: no Chinese in {sentence!r}")
    return sorted(faults)


def literal_keys(source: str) -> Iterator[tuple[int, str]]:
    """Yield each key said by name in Python; a key put together gives its fixed parts and ``*``.

    The words of an application (``package.say``) are not the kernel's.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args and _says_kernel_words(node.func):
            for key in _fixed(node.args[0]):
                yield node.lineno, key


def _says_kernel_words(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id == "say"
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "say"
        and isinstance(function.value, ast.Name)
        and function.value.id == "words"
    )


def _fixed(key: ast.expr) -> Iterator[str]:
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        yield key.value
    elif isinstance(key, ast.JoinedStr):
        parts = (p.value if isinstance(p, ast.Constant) else "*" for p in key.values)
        yield "".join(str(part) for part in parts)
    elif isinstance(key, ast.IfExp):
        yield from _fixed(key.body)
        yield from _fixed(key.orelse)


def unknown(keys: Iterable[tuple[str, str]], known: Iterable[str]) -> list[str]:
    """Return place and key where nothing is said; ``*`` stands for at least one thing said."""
    said = sorted(known)
    whole = set(said)
    return [
        f"{place}: {key}"
        for place, key in keys
        if key not in whole and not ("*" in key and any(_fits(key, other) for other in said))
    ]


def _fits(pattern: str, key: str) -> bool:
    return re.fullmatch(".+".join(map(re.escape, pattern.split("*"))), key) is not None


def refusals() -> list[type[GuantongError]]:
    """Return every refusal the kernel knows."""
    for found in pkgutil.walk_packages(guantong.__path__, "guantong."):
        if found.name not in SERVERS and ".migrations" not in found.name:
            importlib.import_module(found.name)
    return [kind for kind in _below(GuantongError) if kind.__module__.startswith("guantong.")]


def _below(kind: type[GuantongError]) -> Iterator[type[GuantongError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def without_code(kinds: Iterable[type[GuantongError]]) -> list[str]:
    """Return the refusals that share a code with another, or that have none of their own."""
    home: dict[str, str] = {}
    faults = []
    for kind in kinds:
        name = f"{kind.__module__}.{kind.__qualname__}"
        if "code" not in vars(kind):
            faults.append(f"{name}: no code of its own")
        elif kind.code in home:
            faults.append(f"{name}: code {kind.code!r} is that of {home[kind.code]}")
        home.setdefault(kind.code, name)
    return faults


def unfilled(
    sources: Iterable[tuple[str, str]], kinds: Iterable[type[GuantongError]], known: Words
) -> list[str]:
    """Return where a refusal is made without a fact that its sentence has a place for."""
    # A class with an ``__init__`` or ``sentence`` of its own gives itself more facts.
    plain = {
        kind.__name__: places(known[f"error.{kind.code}"])
        for kind in kinds
        if f"error.{kind.code}" in known
        and kind.__init__ is GuantongError.__init__
        and kind.sentence is GuantongError.sentence
    }
    faults = []
    for place, source in sources:
        for node in ast.walk(ast.parse(source)):
            name = node.func.id if _is_named_call(node) else ""
            if name not in plain or any(keyword.arg is None for keyword in node.keywords):
                continue
            missing = plain[name] - {str(keyword.arg) for keyword in node.keywords}
            if missing:
                faults.append(f"{place}:{node.lineno}: {name} without {sorted(missing)}")
    return faults


def _is_named_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)


@pytest.fixture(scope="module")
def sources() -> list[tuple[str, str]]:
    return [
        (path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
        for path in sorted(KERNEL.rglob("*.py"))
    ]


@pytest.mark.parametrize("package", catalogues())
def test_both_languages_say_the_same_things_with_the_same_places(package: str) -> None:
    chinese, english = catalogues()[package]

    assert chinese
    assert uneven(chinese, english) == []


@pytest.mark.parametrize("package", catalogues())
def test_chinese_is_chinese_and_nothing_shouts(package: str) -> None:
    faults = ill_said(*catalogues()[package])

    assert [f for f in faults if f.partition(":")[0] not in WITHOUT_CHINESE] == []


def test_no_two_packages_say_one_key() -> None:
    assert twice({package: both[0] for package, both in catalogues().items()}) == []


def test_every_key_said_in_python_exists(sources: list[tuple[str, str]]) -> None:
    said = [(f"{name}:{line}", k) for name, text in sources for line, k in literal_keys(text)]

    assert len(said) > 100
    assert unknown(said, words.catalogue("zh-CN")) == []


def test_every_key_said_in_a_page_exists() -> None:
    pages = sorted(KERNEL.rglob("templates/**/*.html"))
    said = [(page.name, key) for page in pages for key in SAY_IN_PAGE.findall(page.read_text())]

    assert len(said) > 100
    assert unknown(said, words.catalogue("zh-CN")) == []


def test_every_refusal_has_a_code_of_its_own() -> None:
    kinds = refusals()

    assert len(kinds) > 20
    assert without_code(kinds) == []


def test_every_refusal_has_its_sentence() -> None:
    codes = [kind.code for kind in refusals()]

    assert [code for code in codes if f"error.{code}" not in words.catalogue("en")] == []


def test_every_refusal_is_made_with_the_facts_its_sentence_names(
    sources: list[tuple[str, str]],
) -> None:
    assert unfilled(sources, refusals(), words.catalogue("en")) == []


def test_a_word_missing_in_one_language_is_found() -> None:
    assert uneven({"a": "甲"}, {"a": "A", "b": "B"}) == ["b: only in one language"]


def test_a_place_missing_in_one_language_is_found() -> None:
    assert uneven({"a": "{n:.1f} 个"}, {"a": "{n} of {all}"}) == ["a: ['all'] in one language only"]


def test_a_key_of_two_packages_is_found() -> None:
    assert twice({"flows": ["a", "b"], "orgs": ["b"]}) == ["b: in flows and in orgs"]


@pytest.mark.parametrize(
    ("chinese", "english", "fault"),
    [
        ("好！", "Good.", "a: exclamation mark"),
        ("好。", "Good!", "a: exclamation mark"),
        ("好 {}。", "Good {}.", "a: place without a name"),
        ("Not yet {n}", "Not yet {n}", "a: no Chinese in 'Not yet {n}'"),
    ],
)
def test_a_sentence_that_shouts_or_was_not_translated_is_found(
    chinese: str, english: str, fault: str
) -> None:
    assert ill_said({"a": chinese}, {"a": english}) == [fault]


def test_signs_and_places_alone_need_no_translation() -> None:
    assert ill_said({"a": "{where}: {what}", "b": "、"}, {"a": "{where}: {what}", "b": ", "}) == []


@pytest.mark.parametrize(
    ("source", "keys"),
    [
        ("say('inbox.title', language)", ["inbox.title"]),
        ("words.say(f'level.{level}', language)", ["level.*"]),
        ("say('a' if late else f'b.{n}', language)", ["a", "b.*"]),
        ("package.say('river.title', language)", []),
        ("say(key, language)", []),
    ],
)
def test_keys_are_found_where_they_are_said(source: str, keys: list[str]) -> None:
    assert [key for _, key in literal_keys(source)] == keys


def test_a_key_that_nobody_wrote_is_found() -> None:
    said = [("x.py:1", "level.red"), ("x.py:2", "level.*"), ("y.html", "colour.red"), ("z", "c.*")]

    assert unknown(said, ["level.red", "c."]) == ["y.html: colour.red", "z: c.*"]


class First(GuantongError):
    code = "planted"


class Second(GuantongError):
    code = "planted"


class Third(GuantongError):
    pass


def test_a_code_used_twice_and_a_code_inherited_are_found() -> None:
    faults = without_code([First, Second, Third])

    assert len(faults) == 2
    assert "Second: code 'planted' is that of " in faults[0]
    assert faults[0].endswith("First")
    assert faults[1].endswith("Third: no code of its own")


def test_a_refusal_made_without_a_fact_of_its_sentence_is_found() -> None:
    source = "First(id=1)\nFirst(id=1, path=2)\nFirst(**facts)\nOther()\n"

    faults = unfilled([("x.py", source)], [First], {"error.planted": "{id}: {path}"})

    assert faults == ["x.py:1: First without ['path']"]
