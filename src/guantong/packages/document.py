"""One file of a package: its bytes, what they say, and in which line each part stands.

YAML is read as version 1.2 means it: only ``true`` and ``false`` are truth values (a key ``on``
stays a text), and what looks like a date stays text. Aliases are refused, because a few lines
of them can unfold into gigabytes, and nesting without end, because the parser in C would fall
over; so is a key that stands twice, because one of the two would be lost without a word.
"""

import json
import math
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import yaml

Keys = tuple[str | int, ...]

# More than any declaration needs, little enough to be parsed in a moment.
MOST_BYTES = 2_000_000
# No declaration nests deeper; the parser in C has no bound of its own.
MOST_DEPTH = 64
# Keys, values, beginnings and ends; a file of brackets alone would take half a minute.
MOST_PARTS = 100_000
# What the store cannot hold, and what turns the direction in which a title is read.
STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Flaw:
    """Why a file could not be read, and in which line."""

    code: str
    line: int = 0
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    """A file at its path in the package. ``data`` is what YAML or JSON in it says."""

    path: str
    kind: str
    content: bytes = field(repr=False)
    data: Any = field(default=None, repr=False)
    lines: Mapping[Keys, int] = field(default_factory=dict, repr=False)
    flaw: Flaw | None = None

    @property
    def stem(self) -> str:
        """Return the name of the file without folder and suffix."""
        return PurePosixPath(self.path).stem

    @property
    def text(self) -> str:
        """Return the content as text; what is not UTF-8 is shown as replaced."""
        return self.content.decode("utf-8", errors="replace")

    def line(self, *keys: str | int) -> int:
        """Return the line of the part at these keys, or of the nearest part that holds it."""
        for end in range(len(keys), -1, -1):
            if keys[:end] in self.lines:
                return self.lines[keys[:end]]
        return 1


def read_plain(path: str, kind: str, content: bytes) -> Document:
    """Return a file that others read: SQL, CSV, BPMN, DMN."""
    return Document(path, kind, content)


def read_yaml(path: str, kind: str, content: bytes) -> Document:
    """Return a YAML file with its data and the line of each key."""
    try:
        text = content.decode("utf-8")
        flaw = _flaw_of_events(text)
        lines: dict[Keys, int] = {}
        loader = _Loader(text)
        root = loader.get_single_node() if flaw is None else None
        if root is not None:
            flaw = _walk(root, (), lines)
        data = loader.construct_document(root) if root is not None and flaw is None else None
    except UnicodeDecodeError as wrong:
        return _flawed(path, kind, content, "not-utf8", content.count(b"\n", 0, wrong.start) + 1)
    except (yaml.YAMLError, ValueError, RecursionError) as wrong:
        mark = getattr(wrong, "problem_mark", None)
        line = 0 if mark is None else mark.line + 1
        return _flawed(path, kind, content, "not-yaml", line, problem=_problem(wrong))
    return Document(path, kind, content, data, lines, flaw)


def read_json(path: str, kind: str, content: bytes) -> Document:
    """Return a JSON file with its data and the line of each key."""
    try:
        data = json.loads(content.decode("utf-8"), parse_constant=_no_number, parse_float=_float)
        json.dumps(data, ensure_ascii=False).encode()  # half a character is none
    except UnicodeDecodeError as wrong:
        return _flawed(path, kind, content, "not-utf8", content.count(b"\n", 0, wrong.start) + 1)
    except (ValueError, RecursionError) as wrong:
        line = getattr(wrong, "lineno", 0)
        return _flawed(path, kind, content, "not-json", line, problem=_problem(wrong))
    # JSON is YAML but for tabs between the tokens, which mean nothing in JSON.
    marked = read_yaml(path, kind, content.replace(b"\t", b" "))
    told = marked.flaw is not None and marked.flaw.code in _ALSO_IN_JSON
    flaw = marked.flaw if told else None
    return Document(path, kind, content, data, marked.lines, flaw)


# The parser in C where the library was built with it: the same rules, a tenth of the time.
_Parser: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Parser):  # type: ignore[misc,valid-type]  # chosen when the module is loaded
    """YAML 1.2, core schema, as far as people write it by hand."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _form, _first in (
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("float", r"[-+]?[0-9]+[eE][-+]?[0-9]+", "-+0123456789"),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_form})$"), list(_first)
    )
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("$"), [""])


_ALSO_IN_JSON = frozenset({"key-twice", "too-deep", "too-many", "control"})


def _float(text: str) -> float:
    found = float(text)
    return found if math.isfinite(found) else _no_number(text)


def _no_number(text: str) -> float:
    raise ValueError(f"{text[:20]} is no number")


def _yaml_float(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float:
    return _float(str(loader.construct_scalar(node)))


_Loader.add_constructor("tag:yaml.org,2002:float", _yaml_float)


def _flaw_of_events(text: str) -> Flaw | None:
    """Return what must not be composed at all: it would unfold, or nest, without end."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
        line = 0 if event.start_mark is None else event.start_mark.line + 1
        if count > MOST_PARTS:
            return Flaw("too-many", line, {"most": MOST_PARTS})
        if isinstance(event, yaml.AliasEvent):
            return Flaw("anchor", line)
        tag = getattr(event, "tag", None)
        if tag is not None:
            return Flaw("tag", line, {"tag": str(tag)[:60]})
        if isinstance(event, yaml.ScalarEvent) and STEERING.search(event.value):
            return Flaw("control", line)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MOST_DEPTH:
                return Flaw("too-deep", line, {"most": MOST_DEPTH})
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


def _walk(node: yaml.Node, keys: Keys, lines: dict[Keys, int]) -> Flaw | None:
    """Note the line of each part; return the first key that stands twice."""
    lines.setdefault(keys, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for place, item in enumerate(node.value):
            if flaw := _walk(item, (*keys, place), lines):
                return flaw
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if (*keys, name) in lines:
                return Flaw("key-twice", line, {"key": name})
            lines[*keys, name] = line
            if flaw := _walk(value, (*keys, name), lines):
                return flaw
    return None


def _problem(wrong: Exception) -> str:
    text = getattr(wrong, "problem", None) or getattr(wrong, "msg", None) or str(wrong)
    return str(text).splitlines()[0][:120] if text else type(wrong).__name__


def _flawed(
    path: str, kind: str, content: bytes, code: str, line: int, **facts: Hashable
) -> Document:
    return Document(path, kind, content, flaw=Flaw(code, line, facts))
