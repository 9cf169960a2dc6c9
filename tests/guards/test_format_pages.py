"""The pages of the kinds say what the schemas say, and every kind has one that is whole."""

import re
from pathlib import Path

import pytest
from tools import format_pages

from guantong.packages.doctor.asked import QUESTIONS
from guantong.packages.kinds.known import KINDS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / format_pages.FOLDER
SCHEMAS = sorted({kind.schema for kind in KINDS if kind.schema})
PARTS = ["Keys", "Example", "What the doctor asks", "Common mistakes"]


def page(kind: str) -> str:
    return (FOLDER / f"{kind}.md").read_text("utf-8")


def type_words(text: str) -> set[str]:
    """Return the words for forms of text in the column of types of a table of keys."""
    cells = re.findall(r"^\| `[^|]+` \| ([^|]+) \|", text, re.MULTILINE)
    words = "|".join(sorted(set(format_pages.FORMS.values()), key=len, reverse=True))
    return {found for cell in cells for found in re.findall(rf"\b({words})s?\b", cell)}


def test_every_kind_has_its_page_and_no_page_is_of_no_kind() -> None:
    pages = {path.stem for path in FOLDER.glob("*.md")} - {"README"}

    assert pages == {kind.name for kind in KINDS}


def test_the_pages_say_what_the_schemas_say() -> None:
    stale = [p.name for p, text in format_pages.fresh_pages(ROOT).items() if p.read_text() != text]

    assert stale == [], "run python tools/format_pages.py"


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_of_a_schema_says_what_it_means(name: str) -> None:
    schema = format_pages.schema(ROOT, name)

    assert list(format_pages.rows(schema))
    assert format_pages.without_meaning(schema) == []


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_a_page_has_its_parts_and_asks_what_the_doctor_asks(kind: str) -> None:
    text = page(kind)
    outside = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)

    assert text.startswith(f"# {kind}: ")
    assert re.findall(r"^## (.+)$", outside, re.MULTILINE) == PARTS
    asked = re.findall(r"^\* \[(\w+)\]\(\.\./kernel/doctor\.md#(\w+)\)", text, re.MULTILINE)
    assert asked
    assert [name for pair in asked for name in pair if name not in QUESTIONS] == []


def test_every_word_for_a_type_is_explained_in_the_list() -> None:
    text = (FOLDER / "README.md").read_text("utf-8").partition("## How types")[2]
    cells = re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE)
    explained = {word for cell in cells for word in cell.split(", ")}

    used = set().union(*(type_words(page(kind.name)) for kind in KINDS))

    assert len(used) >= 8
    assert [word for word in sorted(used) if word not in explained] == []


def test_a_key_that_changed_makes_its_page_stale() -> None:
    schema = {"properties": {"limit": {"type": "number", "x-unit": "minutes", "description": "A."}}}
    text = f"a\n{format_pages.OPEN}\nold\n{format_pages.CLOSE}\nb\n"
    marks = (format_pages.OPEN, format_pages.CLOSE)

    fresh = format_pages.between(text, marks, format_pages.table(schema), "x.md")

    assert fresh != text
    assert "| `limit` | number (minutes) |  | A. |" in fresh
    assert fresh.endswith("b\n")


def test_a_key_without_a_meaning_is_found_however_deep_it_stands() -> None:
    inner = {"type": "object", "properties": {"limit": {"type": "number"}}}
    schema = {"properties": {"items": {"description": "A.", "type": "array", "items": inner}}}

    assert format_pages.without_meaning(schema) == ["items[].limit"]


def test_a_page_without_a_place_for_its_table_is_refused() -> None:
    with pytest.raises(SystemExit, match="no place for its table"):
        format_pages.between("no markers", (format_pages.OPEN, format_pages.CLOSE), "", "x.md")
