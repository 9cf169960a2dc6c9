"""The words of docs/glossary.yaml are well formed, and the forbidden ones are not used as names."""

import functools
import io
import keyword
import re
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
KEYS = {"zh", "term", "code", "means", "never"}
# `HTTPServer_name` falls into http, server, name; `level2` keeps its digit apart.
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

Entry = dict[str, Any]


def glossary() -> list[Entry]:
    entries: list[Entry] = yaml.safe_load((ROOT / "docs/glossary.yaml").read_text("utf-8"))
    return entries


@functools.cache
def parts(name: str) -> tuple[str, ...]:
    """Return the words a name in snake or camel case is made of."""
    return tuple(part.lower() for part in PART.findall(name))


def says(name: str, word: str) -> bool:
    """Tell whether ``word`` stands, as whole words, inside the identifier ``name``."""
    inside, wanted = parts(name), parts(word)
    starts = range(len(inside) - len(wanted) + 1)
    return any(inside[at : at + len(wanted)] == wanted for at in starts)


def identifiers(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of each identifier; words in strings and comments are not names."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
            yield token.start[0], token.string


def misused(entries: Iterable[Entry], sources: Iterable[tuple[str, str]]) -> list[str]:
    """Return one sentence for each identifier that uses a word the glossary forbids."""
    never = [(word, entry) for entry in entries for word in entry["never"]]
    used = [
        (path, line, name)
        for path, source in sources
        for line, name in [(1, Path(path).stem), *identifiers(source)]
    ]
    # Most names occur a hundred times: each is judged once.
    wrong = {n: [(w, e) for w, e in never if says(n, w)] for n in {name for _, _, name in used}}
    return [
        f"{path}:{line}: {name!r} uses {word!r}. Say {entry['code'][0]!r} ({entry['zh']})."
        for path, line, name in used
        for word, entry in wrong[name]
    ]


def misshapen(entries: Iterable[Entry]) -> list[str]:
    """Return what is wrong with the shape of the glossary: keys, empty places, contradictions."""
    entries = list(entries)
    faults = [f"{e.get('zh')}: keys are {sorted(e)}" for e in entries if set(e) != KEYS]
    faults += [
        f"{entry['zh']}: {key!r} is empty"
        for entry in entries
        for key in sorted(KEYS & set(entry) - {"never"})
        if not entry[key]
    ]
    used: dict[str, str] = {word: e["zh"] for e in entries for word in e.get("code", ())}
    for entry in entries:
        faults += [
            f"{entry['zh']}: {word!r} is forbidden here and the word for {used[word]}"
            for word in entry.get("never", ())
            if word in used
        ]
    return faults


def kernel_sources() -> list[tuple[str, str]]:
    paths = sorted((ROOT / "src/guantong").rglob("*.py"))
    return [(str(path.relative_to(ROOT)), path.read_text("utf-8")) for path in paths]


def test_no_name_in_the_kernel_uses_a_word_that_the_glossary_forbids() -> None:
    sources = kernel_sources()

    assert sources
    assert misused(glossary(), sources) == []


def test_the_glossary_is_well_formed() -> None:
    assert len(glossary()) >= 60
    assert misshapen(glossary()) == []


COCKPIT: Entry = {
    "zh": "驾驶舱",
    "term": "cockpit",
    "code": ["cockpit"],
    "means": "the leaders' view",
    "never": ["dashboard", "data_owner"],
}


@pytest.mark.parametrize(
    "source",
    [
        "dashboard = 1",
        "def open_dashboard(): ...",
        "class DashboardPage: ...",
        "HTTPDashboard = 1",
        "row.data_owner_id = 2",
        "from x import DataOwner",
    ],
)
def test_a_forbidden_word_is_found_in_each_spelling_of_a_name(source: str) -> None:
    assert len(misused([COCKPIT], [("planted.py", source)])) == 1


def test_a_forbidden_word_is_found_in_the_name_of_a_module() -> None:
    assert misused([COCKPIT], [("portal/dashboard.py", "")]) == [
        "portal/dashboard.py:1: 'dashboard' uses 'dashboard'. Say 'cockpit' (驾驶舱)."
    ]


@pytest.mark.parametrize(
    "source", ["'dashboard'", "# a dashboard", "dashboards = 1", "data.owner", "owner_data = 1"]
)
def test_text_longer_words_and_other_orders_are_not_misuse(source: str) -> None:
    assert misused([COCKPIT], [("planted.py", source)]) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"avoid": ["x"]}, "keys are"),
        ({"means": ""}, "'means' is empty"),
        ({"never": ["cockpit"]}, "forbidden here and the word for"),
    ],
)
def test_a_misshapen_entry_is_found(change: Entry, fault: str) -> None:
    faults = misshapen([COCKPIT | change])

    assert len(faults) == 1
    assert fault in faults[0]
