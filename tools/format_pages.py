"""Writes the tables of ``docs/packages`` from the schemas: the keys of each kind, and the list.

A schema says of every key what it means (``description``) and in which unit (``x-unit``); the
page of a kind repeats that between its markers, and the list repeats the first sentence of each
page. ``python tools/format_pages.py`` writes; ``--check`` writes nothing and ends with code 1
where a page says something else. A guard test checks the same.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from guantong.packages.kinds.kind import Kind

ROOT = Path(__file__).parents[1]
FOLDER = "docs/packages"
OPEN, CLOSE = "<!-- keys -->", "<!-- /keys -->"
OPEN_LIST, CLOSE_LIST = "<!-- kinds -->", "<!-- /kinds -->"
HEAD = "| Key | Type | Needed | Means |\n|---|---|---|---|"
Schema = Mapping[str, Any]
ANY = "value"

_DURATION = (
    r"^P(?=[0-9T])(?:[0-9]+W|(?:[0-9]+D)?(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?"
    r"(?:[0-9]+(?:\.[0-9]+)?S)?)?)$"
)
# What a form of text is called on the pages; docs/packages/README.md explains these words.
FORMS = {
    r"^[a-z][a-z0-9_]*$": "name",
    r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$": "id",
    r"^[^@\s]+@[^@\s]+$": "role",
    r"^\S+$": "message key",
    r"^[^\s]+$": "message key",
    r"^[0-9]+\.[0-9]+\.[0-9]+$": "version",
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "day",
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:Z|[+-][0-9]{2}:[0-9]{2})$": (
        "instant"
    ),
    r"^[0-9]{12}$": "division code",
    r"^[A-Za-z_][A-Za-z0-9_.-]*$": "element id",
    _DURATION: "duration",
}


class Row(NamedTuple):
    """One key of a schema, as its page shows it."""

    path: str
    type: str
    needed: str
    means: str


def schema(root: Path, name: str) -> dict[str, Any]:
    """Return the schema of that name."""
    text = (root / f"src/guantong/packages/kinds/schemas/{name}.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def kinds() -> "tuple[Kind, ...]":
    """Return every kind of file, in the order of the kernel."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guantong.main.settings")
    import django

    django.setup()
    from guantong.packages.kinds.known import KINDS

    return KINDS


def rows(whole: Schema) -> Iterator[Row]:
    """Yield a row for each key, depth first, in the order of the schema."""
    yield from _inside(whole, whole, "")
    for name, shared in whole.get("$defs", {}).items():
        for row in _inside(whole, shared, ""):
            yield row._replace(path=f"{name}: {row.path}")


def without_meaning(whole: Schema) -> list[str]:
    """Return the keys that do not say what they mean."""
    return [row.path for row in rows(whole) if not row.means]


def table(whole: Schema) -> str:
    """Return the keys of a schema as a Markdown table."""
    lines = [f"| `{r.path}` | {r.type} | {r.needed} | {r.means} |" for r in rows(whole)]
    return "\n".join([HEAD, *lines])


def listed(kinds: "tuple[Kind, ...]", pages: Mapping[str, str]) -> str:
    """Return the kinds as a Markdown table, each with the first sentence of its page."""
    lines = [
        f"| [{kind.name}]({kind.name}.md) | {', '.join(f'`{place}`' for place in kind.places)} |"
        f" {'yes' if kind.needed else ''} | {first_sentence(pages[kind.name])} |"
        for kind in kinds
    ]
    return "\n".join(["| Kind | Place | Needed | What it is |", "|---|---|---|---|", *lines])


def first_sentence(page: str) -> str:
    """Return the first sentence after the title of a page, on one line."""
    body = page.split("\n\n")[1].replace("\n", " ")
    return body.partition(". ")[0].rstrip(".") + "."


def _inside(whole: Schema, part: Schema, path: str) -> Iterator[Row]:
    one_of = {key for choice in part.get("oneOf", ()) for key in choice.get("required", ())}
    depends = part.get("dependentRequired", {})
    for key, given in part.get("properties", {}).items():
        if key in part.get("required", ()):
            needed = "yes"
        elif key in one_of:
            needed = "one of them"
        else:
            with_ = [other for other, needs in depends.items() if key in needs]
            needed = f"with `{with_[0]}`" if with_ else ""
        yield from _key(whole, given, f"{path}.{key}" if path else key, needed)
    if isinstance(part.get("additionalProperties"), Mapping) and not path:
        yield from _key(whole, part["additionalProperties"], "<name>", "")
    for condition in part.get("allOf", ()):
        yield from _when(whole, condition, path)


def _key(whole: Schema, given: Schema, path: str, needed: str) -> Iterator[Row]:
    unit = f" ({given['x-unit']})" if "x-unit" in given else ""
    yield Row(path, _type(whole, given) + unit, needed, given.get("description", ""))
    yield from _below(whole, given, path)


def _below(whole: Schema, given: Schema, path: str) -> Iterator[Row]:
    """Yield the keys of an object, of the items of a list, or of the values of a map."""
    for deeper, step in ((given, ""), (given.get("items"), "[]"), (_values(given), ".<name>")):
        if isinstance(deeper, Mapping):
            if "properties" in deeper:
                yield from _inside(whole, deeper, path + step)
            elif deeper is not given:
                yield from _below(whole, deeper, path + step)
    for choice in given.get("anyOf", {}).get("items", ()) if "items" in given else ():
        yield from _below(whole, choice, path)


def _values(given: Schema) -> Schema | None:
    values = given.get("additionalProperties")
    return values if isinstance(values, Mapping) else None


def _when(whole: Schema, condition: Schema, path: str) -> Iterator[Row]:
    """Yield what holds where a key has a certain value: of a page's kind, of a property's name."""
    (key, tested), *_ = condition["if"]["properties"].items()
    if "const" not in tested:
        return  # that a key is needed for some values is said in words
    then = condition["then"]
    for row in _inside(whole, then, ""):
        if path:  # an entry of a list: its name says what its value is
            name = f"{tested['const']}{row.path.removeprefix('value')}"
            yield row._replace(path=f"{path.removesuffix('[]')}: {name}", needed="")
        elif row.path != key:
            yield row._replace(path=f"{tested['const']}: {row.path}")


def _type(whole: Schema, given: Schema) -> str:
    if "$ref" in given:
        return f"{given['$ref'].rpartition('/')[2]} (below)"
    if "const" in given:
        return f"`{json.dumps(given['const'])}`".replace('"', "")
    if "enum" in given:
        return _choice(given["enum"])
    match given.get("type"):
        case "array":
            return _list(whole, given)
        case "object":
            return _object(whole, given)
        case "string":
            return _text(given)
        case "number" | "integer" as kind:
            return _number(given, "number" if kind == "number" else "whole number")
        case "boolean":
            return "`true` or `false`"
        case _:
            return ANY


def _choice(values: list[object]) -> str:
    told = [f"`{value}`" for value in values]
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} or {told[-1]}"


def _object(whole: Schema, given: Schema) -> str:
    values = _values(given)
    if values is None:
        return "object"
    inner = _type(whole, values)
    return "row" if inner == ANY else f"map of {_many(inner)}"


def _list(whole: Schema, given: Schema) -> str:
    items = given.get("items", {})
    if given.get("minItems") == given.get("maxItems") == 2:
        return f"two {_many(_type(whole, items))}"
    inner = _type(whole, items)
    return f"list of {inner if 'enum' in items else _many(inner)}"


def _many(one: str) -> str:
    """Return the plural of what a type is called; its first noun counts."""
    found = re.match(r"(whole )?[a-z]+( key| id| code)?", one)
    return one if found is None else f"{found.group()}s{one[found.end() :]}"


def _text(given: Schema) -> str:
    if "pattern" in given:
        return FORMS.get(given["pattern"], f"text like `{given['pattern']}`".replace("|", "\\|"))
    return "text"


def _number(given: Schema, kind: str) -> str:
    low, high = given.get("minimum"), given.get("maximum")
    if low is not None and high is not None:
        return f"{kind}, {low} to {high}"
    if "exclusiveMinimum" in given:
        return f"{kind} above {given['exclusiveMinimum']}"
    return kind if low is None else f"{kind} from {low}"


def between(text: str, marks: tuple[str, str], fresh: str, page: str) -> str:
    """Return the page with ``fresh`` between its markers."""
    before, opened, rest = text.partition(marks[0])
    _, closed, after = rest.partition(marks[1])
    if not (opened and closed):
        raise SystemExit(f"{page} has no place for its table. Add {marks[0]} and {marks[1]}.")
    return f"{before}{marks[0]}\n{fresh}\n{marks[1]}{after}"


def fresh_pages(root: Path) -> dict[Path, str]:
    """Return what each page of the folder must say."""
    known = kinds()
    paths = {kind.name: root / FOLDER / f"{kind.name}.md" for kind in known}
    pages = {name: path.read_text("utf-8") for name, path in paths.items()}
    made = {}
    for kind in known:
        text = pages[kind.name]
        if kind.schema is not None:
            keys = table(schema(root, kind.schema))
            text = between(text, (OPEN, CLOSE), keys, f"{kind.name}.md")
        made[paths[kind.name]] = text
    readme = root / FOLDER / "README.md"
    marks = (OPEN_LIST, CLOSE_LIST)
    made[readme] = between(readme.read_text("utf-8"), marks, listed(known, pages), "README.md")
    return made


def main(arguments: list[str]) -> int:
    """Write the tables, or with ``--check`` only compare; return the exit code."""
    parser = argparse.ArgumentParser(description="The tables of docs/packages, from the schemas.")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args(arguments).check
    stale = 0
    for path, fresh in fresh_pages(ROOT).items():
        if path.read_text("utf-8") == fresh:
            continue
        stale += 1
        if check:
            print(f"{path.name} is out of date. Run: python tools/format_pages.py")
        else:
            path.write_text(fresh, "utf-8")
            print(f"{path.name}: written")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
