"""What a fault operator is, and the few tools both authors of operators share.

An operator is one kind of fault. It is given a package as a mapping of paths to bytes and yields
one mutant for every place where its fault can be made; which of them are drawn is the harness's
matter. Nothing here knows what a checker looks for.

``mutant`` keeps the first half of the rule of equivalence for everybody: a mutant that its
readers cannot tell from the original (the same values of a YAML or JSON file, the same canonical
XML, the same SQL without comments and layout) is not yielded.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import yaml
from lxml import etree

# Written in C where PyYAML was built so: a package is read and written hundreds of times.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

Files = Mapping[str, bytes]
Keys = Sequence[str | int]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault in one place: where it is, and the files it changes (None: file removed)."""

    where: str
    changes: Mapping[str, bytes | None]


@dataclass(frozen=True, slots=True)
class Operator:
    """One kind of fault: on which kind of file, what goes wrong for whom, and its mutants."""

    kind: str
    file_kind: str
    why: str
    mutants: Callable[[Files], Iterator[Mutant]]


class _Reader(_Loader):  # type: ignore[misc]
    """YAML 1.2's core: only true and false are truth values, and a date stays text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


class _Writer(_Dumper):  # type: ignore[misc]
    """Writes so that readers of 1.1 and 1.2 see the same values; never an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        """Return True: aliases of anchors are refused in a package."""
        return True


_CORE = (
    ("tag:yaml.org,2002:bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("tag:yaml.org,2002:null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", "-+0123456789"),
    (
        "tag:yaml.org,2002:float",
        r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$",
        "-+.0123456789",
    ),
)
for _tag, _pattern, _first in _CORE:
    _Reader.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))
    _Writer.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    """Read a whole number: to the base of ten, whatever noughts it begins with, or 0o and 0x."""
    word = str(loader.construct_scalar(node))
    return int(word, 0) if word[:2] in ("0o", "0x") else int(word)


def _floating(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float:
    """Read a number with a point or an exponent."""
    return float(str(loader.construct_scalar(node)))


_Reader.add_constructor("tag:yaml.org,2002:int", _decimal)
_Reader.add_constructor("tag:yaml.org,2002:float", _floating)


def paths(files: Files, pattern: str) -> list[str]:
    """Return the paths of the package that fit a pattern (``plans/*.yaml``), in order."""
    return sorted(path for path in files if fnmatchcase(path, pattern))


def text(files: Files, path: str) -> str:
    """Return a file as text."""
    return files[path].decode("utf-8")


def read(files: Files, path: str) -> Any:
    """Return the values of a YAML or JSON file."""
    return parsed(path, files[path])


def parsed(path: str, content: bytes) -> Any:
    """Return the values of a YAML or JSON text."""
    if path.endswith(".json"):
        return json.loads(content)
    return yaml.load(content.decode("utf-8"), Loader=_Reader)  # noqa: S506  a SafeLoader of ours


def written(path: str, document: Any) -> bytes:
    """Return values as a YAML or JSON text that is read as the same values."""
    if path.endswith(".json"):
        return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
    dumped = yaml.dump(
        document, Dumper=_Writer, allow_unicode=True, sort_keys=False, width=1000
    ).encode("utf-8")
    assert _same(parsed(path, dumped), document), f"{path!r} is not read as it was written"
    return dumped


def tree(files: Files, path: str) -> etree._Element:
    """Return the root of an XML file, anew at each call, so that it may be changed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(files[path], parser)


def serialised(root: etree._Element) -> bytes:
    """Return an XML document with its declaration, comments and prefixes as they were."""
    return etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)


def at(document: Any, keys: Keys) -> Any:
    """Return the value at a path of keys."""
    for key in keys:
        document = document[key]
    return document


def put(document: Any, keys: Keys, value: Any) -> Any:
    """Return a copy of the document with another value at a path of keys."""
    copy = deepcopy(document)
    at(copy, keys[:-1])[keys[-1]] = value
    return copy


def without(document: Any, keys: Keys) -> Any:
    """Return a copy of the document from which what stands at a path of keys is gone."""
    copy = deepcopy(document)
    del at(copy, keys[:-1])[keys[-1]]
    return copy


def places(document: Any, *pattern: str | int) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield keys and value of each place that fits a path of keys; ``*`` is any key or index."""
    if not pattern:
        yield (), document
        return
    first, rest = pattern[0], pattern[1:]
    found: list[str | int] = []
    if isinstance(document, dict):
        found = list(document) if first == "*" else [first] if first in document else []
    elif isinstance(document, list):
        found = [index for index in range(len(document)) if first in ("*", index)]
    for key in found:
        for keys, value in places(document[key], *rest):
            yield (key, *keys), value


def mutant(files: Files, where: str, changes: Mapping[str, bytes | None]) -> Iterator[Mutant]:
    """Yield the mutant, unless its readers cannot tell it from the original."""
    real = {path: new for path, new in changes.items() if not _alike(path, files.get(path), new)}
    if real:
        yield Mutant(where, real)


def changed(files: Files, path: str, place: str, document: Any) -> Iterator[Mutant]:
    """Yield the mutant in which one YAML or JSON file holds these values."""
    yield from mutant(files, f"{path}: {place}", {path: written(path, document)})


def place_of(keys: Keys) -> str:
    """Return a path of keys as a report says it."""
    return "/".join(str(key) for key in keys)


def misspelt(name: str, *, known: Sequence[str] = ()) -> str:
    """Return the name with one letter dropped from its first word, and none of the known names.

    Of ``line@tier`` the line is misspelt, of ``package.name`` the name, of a path its last part.
    """
    head, name_only = "", name
    if "@" not in name:
        cut = max(name.rfind("."), name.rfind("/")) + 1
        if name.endswith((".dmn", ".yaml", ".csv", ".sql")):
            cut = name.rfind("/") + 1
        head, name_only = name[:cut], name[cut:]
    word = re.match(r"[^@.]*", name_only)
    letters = word.group() if word else name_only
    rest = name_only[len(letters) :]
    middle = max(1, len(letters) // 2)
    wrong = letters[:middle] + letters[middle + 1 :] if len(letters) > 2 else letters + "x"
    while head + wrong + rest in known or wrong == letters:
        wrong += "x"
    return head + wrong + rest


def _same(one: Any, other: Any) -> bool:
    """Say whether two documents hold the same values of the same types."""
    return json.dumps(one, sort_keys=True, default=str) == json.dumps(
        other, sort_keys=True, default=str
    )


def _alike(path: str, old: bytes | None, new: bytes | None) -> bool:
    """Say whether what a reader of this kind of file sees is the same."""
    if old == new:
        return True
    if old is None or new is None:
        return False
    try:
        if path.endswith((".yaml", ".json")):
            return _same(parsed(path, old), parsed(path, new))
        if path.endswith((".bpmn", ".dmn")):
            return bool(
                etree.tostring(etree.fromstring(old), method="c14n", with_comments=False)
                == etree.tostring(etree.fromstring(new), method="c14n", with_comments=False)
            )
    except (ValueError, yaml.YAMLError, etree.XMLSyntaxError):
        return False  # one of the two can no longer be read, and that is told
    if path.endswith(".sql"):
        return _bare(old) == _bare(new)
    return False


def _bare(statement: bytes) -> str:
    """Return SQL without comments and layout."""
    return " ".join(re.sub(r"--[^\n]*", " ", statement.decode("utf-8")).split())
