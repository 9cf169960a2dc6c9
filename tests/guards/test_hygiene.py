"""What may not stand here: addresses of registries, places of one machine, files without borders.

The patterns are spelled so that this file does not match them itself.
"""

import ast
import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Where packages come from is the business of whoever installs; a mirror must work as well.
REGISTRIES = re.compile(
    r"py[p]i\.(?:python\.)?org|pythonhoste[d]\.org|npm[j]s\.(?:com|org)|yarnpk[g]\.com|npmmirro[r]\.com"
    r"|(?:deb|ftp|security|archive|snapshot|cdn-fastly\.deb)\.debia[n]\.org|crate[s]\.io|prox[y]\.golang\.org",
    re.IGNORECASE,
)
# A path of one developer's machine; `apps/home/` and `https://host/home/` are not.
MACHINE_PATHS = re.compile(r"(?:(?<![\w./-])|(?<=file://))/(?:root|home|work)/[\w.]")
URLS = re.compile(r"https?://", re.IGNORECASE)
PINNED = re.compile(r"[A-Za-z0-9._-]+(?:\[[\w,-]+\])?==[^\s;]+")
HASHED = re.compile(r"--hash=sha256:[0-9a-f]{64}")
BORDERLESS = {"utils.py", "helpers.py", "common.py", "manager.py"}
NOT_OURS = {".git", ".venv", "node_modules", "__pycache__", "built"}

Texts = Iterable[tuple[str, str]]


def repository_files(root: Path) -> list[Path]:
    """Return the files that are, or would be, committed; without git, all but what tools made."""
    asked = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(asked, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return sorted(_walk(root))
    names = done.stdout.decode().split("\0")
    return sorted(root / name for name in names if name and (root / name).is_file())


def _walk(root: Path) -> Iterator[Path]:
    for folder, inside, files in os.walk(root):
        inside[:] = [name for name in inside if name not in NOT_OURS]
        yield from (Path(folder) / name for name in files)


def texts(paths: Iterable[Path], root: Path) -> Iterator[tuple[str, str]]:
    """Yield name and text of each file that is text; pictures and archives are passed over."""
    for path in paths:
        content = path.read_bytes()
        if b"\0" in content:
            continue
        yield path.relative_to(root).as_posix(), content.decode("utf-8", errors="replace")


def lines_with(pattern: re.Pattern[str], sources: Texts) -> list[str]:
    """Return place and words of each line in which the pattern occurs."""
    return [
        f"{name}:{number}: {found.group()}"
        for name, text in sources
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), start=1)
        if (found := pattern.search(line))
    ]


def loose_requirements(text: str) -> list[str]:
    """Return what a requirements lock leaves open: a name without pin or hash, or an address."""
    faults = [f"address: {line.strip()}" for line in text.splitlines() if URLS.search(line)]
    bare = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    for block in re.split(r"\n(?=[A-Za-z0-9])", bare.strip()):
        name = block.split(maxsplit=1)[0] if block else ""
        if name and not PINNED.fullmatch(name.rstrip(";")):
            faults.append(f"not pinned: {name}")
        elif name and not HASHED.search(block):
            faults.append(f"no hash: {name}")
    return faults


def loose_packages(text: str) -> list[str]:
    """Return what a package-lock leaves open: a download address, or a package without its hash."""
    lock = json.loads(text)
    faults = [
        f"no hash: {name}"
        for name, package in lock.get("packages", {}).items()
        if name and not package.get("link") and "integrity" not in package
    ]
    return faults + list(_addresses(lock, "lock"))


def _addresses(value: object, place: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "resolved":
                yield f"address: {place}.resolved"
            elif key != "funding":  # who to thank, not where to load from
                yield from _addresses(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from _addresses(inner, place)
    elif isinstance(value, str) and URLS.search(value):
        yield f"address: {place}"


def without_borders(names: Iterable[str]) -> list[str]:
    """Return the files named for nothing in particular: all things drift there."""
    return [name for name in names if Path(name).name in BORDERLESS]


def without_docstring(sources: Texts) -> list[str]:
    """Return the modules that do not say why they exist; empty modules say nothing, too."""
    return [name for name, text in sources if not ast.get_docstring(ast.parse(text))]


def naming_applications(applications: Iterable[str], sources: Texts) -> list[str]:
    """Return the lines of the kernel in which the id of an application occurs."""
    words = "|".join(re.escape(app) for app in sorted(applications))
    return lines_with(re.compile(rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])"), sources)


@pytest.fixture(scope="module")
def repository() -> list[tuple[str, str]]:
    return list(texts(repository_files(ROOT), ROOT))


def test_no_file_names_the_host_of_a_package_registry(repository: list[tuple[str, str]]) -> None:
    assert len(repository) > 20
    assert lines_with(REGISTRIES, repository) == []


def test_no_file_names_a_place_on_a_developers_machine(repository: list[tuple[str, str]]) -> None:
    assert lines_with(MACHINE_PATHS, repository) == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_requirements_are_pinned_and_hashed_and_name_no_address(lock: str) -> None:
    assert loose_requirements((ROOT / lock).read_text("utf-8")) == []


def test_package_locks_are_hashed_and_name_no_address() -> None:
    locks = [path for path in repository_files(ROOT) if path.name == "package-lock.json"]

    assert [fault for path in locks for fault in loose_packages(path.read_text("utf-8"))] == []


def test_no_file_of_the_kernel_has_a_name_without_borders(
    repository: list[tuple[str, str]],
) -> None:
    names = [name for name, _ in repository if name.startswith("src/")]

    assert names
    assert without_borders(names) == []


def test_every_module_of_the_kernel_says_why_it_exists() -> None:
    modules = [p for p in (ROOT / "src/guantong").rglob("*.py") if "migrations" not in p.parts]

    assert modules
    assert without_docstring(texts(modules, ROOT)) == []


def test_the_kernel_knows_no_application_by_name(repository: list[tuple[str, str]]) -> None:
    applications = {path.parent.name for path in (ROOT / "apps").glob("*/app.yaml")}
    kernel = [(name, text) for name, text in repository if name.startswith("src/guantong/")]

    assert applications
    assert naming_applications(applications, kernel) == []
    assert naming_applications(applications, [(name, name) for name, _ in kernel]) == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://" + "pypi" + ".org/simple",
        "https://files." + "pythonhosted" + ".org/x.whl",
        "registry=https://registry." + "npmjs" + ".org/",
        "deb http://deb." + "debian" + ".org/debian stable main",
    ],
)
def test_the_host_of_a_registry_is_found(line: str) -> None:
    assert len(lines_with(REGISTRIES, [("planted", f"first\n{line}\n")])) == 1


def test_the_name_of_a_registry_without_its_host_is_no_address() -> None:
    assert (
        lines_with(REGISTRIES, [("planted", "as on PyPI, npm or Debian; pypi-attestations")]) == []
    )


@pytest.mark.parametrize("place", ["root", "home", "work"])
@pytest.mark.parametrize("before", ["", "cd ", '"', "file://"])
def test_a_path_of_one_machine_is_found(before: str, place: str) -> None:
    assert len(lines_with(MACHINE_PATHS, [("planted", f"{before}/{place}/somebody/x")])) == 1


@pytest.mark.parametrize(
    "text", ["apps/home/x", "../work/x", "https://a.example/home/x", "/works/"]
)
def test_a_path_within_the_project_or_an_address_is_not_a_place_of_a_machine(text: str) -> None:
    assert lines_with(MACHINE_PATHS, [("planted", text)]) == []


GOOD_HASH = "--hash=sha256:" + "a" * 64


def test_a_pinned_and_hashed_requirement_is_in_order() -> None:
    text = (
        f"# made by a tool\nanyio==4.16.0 \\\n    {GOOD_HASH}\nx[y]==1 ; os \\\n    {GOOD_HASH}\n"
    )

    assert loose_requirements(text) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"a==1 \\\n    {GOOD_HASH}\nb==2\n", "no hash: b==2"),
        (f"a>=1 \\\n    {GOOD_HASH}\n", "not pinned: a>=1"),
        (f"--index-url https://host.example\na==1 \\\n    {GOOD_HASH}\n", "address: --index-url"),
    ],
)
def test_a_loose_requirement_is_found(text: str, fault: str) -> None:
    assert any(found.startswith(fault) for found in loose_requirements(text))


def test_a_package_lock_may_name_who_funds_a_package() -> None:
    lock = {"packages": {"": {}, "a": {"integrity": "sha512-x", "funding": {"url": "https://a"}}}}

    assert loose_packages(json.dumps(lock)) == []


@pytest.mark.parametrize(
    ("package", "fault"),
    [
        ({"integrity": "sha512-x", "resolved": "https://a"}, "address: lock.packages.a.resolved"),
        ({"integrity": "sha512-x", "resolved": "git+ssh://a"}, "address: lock.packages.a.resolved"),
        ({"integrity": "sha512-x", "homepage": "https://a"}, "address: lock.packages.a.homepage"),
        ({"version": "1.0.0"}, "no hash: a"),
    ],
)
def test_a_loose_package_is_found(package: dict[str, str], fault: str) -> None:
    assert loose_packages(json.dumps({"packages": {"a": package}})) == [fault]


@pytest.mark.parametrize("name", ["utils.py", "helpers.py", "common.py", "manager.py"])
def test_a_file_without_borders_is_found(name: str) -> None:
    names = [f"src/guantong/flows/{name}", f"src/guantong/flows/my_{name}"]

    assert without_borders(names) == names[:1]


@pytest.mark.parametrize("source", ["", "import os\n", "# a comment\nx = 1\n"])
def test_a_module_without_a_docstring_is_found(source: str) -> None:
    assert without_docstring([("planted.py", source)]) == ["planted.py"]


@pytest.mark.parametrize(
    "line", ["if app == 'flood_response':", "flood_response_page = 1", "<a href=/flood_response/>"]
)
def test_an_application_named_in_the_kernel_is_found(line: str) -> None:
    assert len(naming_applications({"flood_response"}, [("planted", line)])) == 1


def test_a_word_that_only_contains_an_application_is_not_its_name() -> None:
    assert naming_applications({"elder"}, [("planted", "elderly, shelder, Elder")]) == []


def test_files_are_found_where_there_is_no_git(tmp_path: Path) -> None:
    for name in ("a.py", ".venv/b.py", "node_modules/c.js", "src/d.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", "utf-8")

    assert sorted(p.name for p in _walk(tmp_path)) == ["a.py", "d.py"]


def test_a_picture_is_not_read_as_text(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\0")
    (tmp_path / "b.txt").write_text("字", "utf-8")

    assert list(texts(sorted(tmp_path.iterdir()), tmp_path)) == [("b.txt", "字")]
