"""Each table of the record store is named in the SQL of one kernel package: its owner."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).parents[2]
KERNEL = ROOT / "src/guantong"


def owners() -> dict[str, str]:
    """Return the kernel package that owns each table, by the table's name."""
    return {
        model._meta.db_table: config.name.split(".")[1]
        for config in apps.get_app_configs()
        if config.name.startswith("guantong.")
        for model in config.get_models(include_auto_created=True)
    }


def texts(source: str) -> Iterator[tuple[int, str]]:
    """Yield the texts of a module that may be SQL: all but its docstrings."""
    tree = ast.parse(source)
    told = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


def strangers(
    owner: Mapping[str, str], sources: Iterable[tuple[str, str, Iterable[tuple[int, str]]]]
) -> list[str]:
    """Return where a package names a table of another one."""
    table = re.compile(rf"\b(?:{'|'.join(map(re.escape, owner))})\b")
    return [
        f"{place}:{line}: {name} belongs to {owner[name]}"
        for package, place, said in sources
        for line, text in said
        for name in table.findall(text)
        if owner[name] != package
    ]


def kernel() -> Iterator[tuple[str, str, list[tuple[int, str]]]]:
    """Yield package, place and texts of each kernel file that may hold SQL."""
    for path in sorted(KERNEL.rglob("*")):
        if path.suffix not in {".py", ".sql"} or "migrations" in path.parts:
            continue
        source = path.read_text("utf-8")
        said = list(texts(source)) if path.suffix == ".py" else [(1, source)]
        place = path.relative_to(ROOT)
        yield place.parts[2], place.as_posix(), said


def test_no_package_names_a_table_of_another() -> None:
    sources = list(kernel())

    assert len(sources) > 200
    assert strangers(owners(), sources) == []


def test_every_table_carries_the_name_of_its_owner() -> None:
    found = owners()

    assert len(found) > 15
    assert [name for name, package in found.items() if not name.startswith(f"{package}_")] == []


OWNER = {"flows_task": "flows", "audit_leaf": "audit"}


@pytest.mark.parametrize(
    "source",
    [
        "cursor.execute('select 1 from flows_task where id = %s', [id])",
        "SQL = f'update {columns} flows_task set'",
        "def f():\n    return 'analyze flows_task'",
    ],
)
def test_sql_over_the_table_of_another_package_is_found(source: str) -> None:
    found = strangers(OWNER, [("packages", "planted.py", list(texts(source)))])

    assert len(found) == 1
    assert found[0].endswith("flows_task belongs to flows")


def test_the_owner_a_docstring_and_a_longer_name_are_no_fault() -> None:
    told = '"""Reads flows_task."""\nx = 1\n"flows_task, told"\n'
    longer = "name = 'flows_task_view'"

    assert strangers(OWNER, [("flows", "own.py", [(1, "from flows_task")])]) == []
    assert strangers(OWNER, [("packages", "told.py", list(texts(told + longer)))]) == []
