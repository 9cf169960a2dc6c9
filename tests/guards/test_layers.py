"""Calls go down and doors are used: the contracts hold, and each fault is caught and named."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# The parts of Django that know requests, pages and addresses.
WEB = ("http", "shortcuts", "template", "views", "urls")
KNOW_THE_WEB = {"portal", "gateway", "main", "testing"}


def lint(checkout: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the package in ``checkout/src``, and on no other that is installed."""
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(linter), "--config", str(checkout / "pyproject.toml"), "--no-cache"],
        cwd=checkout / "src", env={**os.environ, "PYTHONPATH": str(checkout / "src")},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def web_imports(sources: Iterable[tuple[str, str]]) -> list[str]:
    """Return place and name of each import of Django's web parts below the pages."""
    return [
        f"{name}:{line}: {module}"
        for name, text in sources
        for line, module in imported(text)
        if any(f"{module}.".startswith(f"django.{part}.") for part in WEB)
    ]


def imported(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the full name of each thing a module imports, wherever it stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def test_every_package_keeps_its_place() -> None:
    done = lint(ROOT)

    assert "0 broken" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0


def test_nothing_below_the_pages_knows_requests_templates_or_addresses() -> None:
    below = [
        (path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
        for package in sorted((ROOT / "src/guantong").iterdir())
        if package.is_dir() and package.name not in KNOW_THE_WEB
        for path in sorted(package.rglob("*.py"))
    ]

    assert len(below) > 100
    assert web_imports(below) == []


@pytest.mark.parametrize(
    "source",
    [
        "from django.http import HttpResponse",
        "from django import urls",
        "import django.template.loader",
        "def f():\n    from django.views.generic import View",
        "if TYPE_CHECKING:\n    from django.shortcuts import render",
    ],
)
def test_a_package_that_learns_of_the_web_is_found(source: str) -> None:
    assert len(web_imports([("planted.py", source)])) == 1


def test_other_parts_of_django_are_no_part_of_the_web() -> None:
    source = "import django\nfrom django.db import models\nfrom django import httpx, template_x\n"

    assert web_imports([("planted.py", source)]) == []


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources, in which a fault may be planted."""
    checkout = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / "pyproject.toml", checkout)
    shutil.copytree(
        ROOT / "src/guantong", checkout / "src/guantong",
        ignore=lambda folder, names: [n for n in names if not _is_source(Path(folder, n))],
    )  # fmt: skip
    return checkout


def _is_source(path: Path) -> bool:
    return path.suffix == ".py" if path.is_file() else path.name != "__pycache__"


# The four faults of the house style, and two more: a border broken only for a type's name, and
# neighbours that must not know each other. What is planted, and how the linter names it.
FAULTS = {
    "a package calls one above it": (
        "orgs/planted.py",
        "from guantong.flows import api\n",
        "guantong.orgs is not allowed to import guantong.flows",
    ),
    "a package passes by another's front door": (
        "brain/planted.py",
        "from guantong.flows import task\n",
        "guantong.brain.planted -> guantong.flows.task",
    ),
    "a package has no place in the order": (
        "helpers/__init__.py",
        "",
        "not listed as layers:\n\n- guantong.helpers",
    ),
    "the kernel learns of the web": (
        "data/planted.py",
        "import starlette\n",
        "guantong.data is not allowed to import starlette",
    ),
    "a border is broken for a type's name only": (
        "orgs/planted.py",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n"
        "    from guantong.flows.api import TaskView\n",
        "guantong.orgs is not allowed to import guantong.flows",
    ),
    "neighbours know each other": (
        "portal/planted.py",
        "from guantong.gateway import api\n",
        "guantong.portal is not allowed to import guantong.gateway",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_caught_and_named(copy: Path, fault: str) -> None:
    place, source, named = FAULTS[fault]
    planted = copy / "src/guantong" / place
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(source, "utf-8")

    done = lint(copy)

    planted.unlink()
    if not any(planted.parent.iterdir()):
        planted.parent.rmdir()
    assert done.returncode == 1
    assert named in done.stdout


def test_the_copy_without_a_fault_is_sound(copy: Path) -> None:
    assert lint(copy).returncode == 0
