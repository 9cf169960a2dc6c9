"""docs/mission.yaml tells the truth about ourselves, loses nothing, and the READMEs repeat it."""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tools import readme_counts

ROOT = Path(__file__).parents[2]
TEXTS = ROOT.parent / "shared" / "mission"
FROZEN = Path(__file__).with_name("mission_ids.txt")
AT_LEAST = 110
KEYS = {"id", "quote", "kind", "package", "page", "journey", "state"}
KINDS = set(readme_counts.KINDS)
STATES = set(readme_counts.STATES)
LONGEST_QUOTE = 40

Entry = dict[str, Any]


def mission() -> list[Entry]:
    entries: list[Entry] = yaml.safe_load((ROOT / "docs/mission.yaml").read_text("utf-8"))
    return entries


def kernel_packages(root: Path) -> set[str]:
    """Return the names of the kernel's layers, built or not, as import-linter knows them."""
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    layered = next(c for c in settings["tool"]["importlinter"]["contracts"] if "layers" in c)
    return {name for row in layered["layers"] for name in re.findall(r"\w+", row)}


def misshapen(entries: Iterable[Entry], packages: set[str]) -> list[str]:
    """Return what is wrong with the entries taken by themselves."""
    entries = list(entries)
    faults = []
    for entry in entries:
        name = str(entry.get("id"))
        if set(entry) != KEYS:
            faults.append(f"{name}: keys are {sorted(entry)}, not {sorted(KEYS)}")
            continue
        quote = entry["quote"]
        if set(quote) != {"text", "file"} or not 0 < len(quote["text"]) <= LONGEST_QUOTE:
            faults.append(f"{name}: quote needs a short text and a file")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            faults.append(f"{name}: id is not snake_case")
        if entry["kind"] not in KINDS:
            faults.append(f"{name}: kind {entry['kind']!r} is not known")
        if entry["state"] not in STATES:
            faults.append(f"{name}: state {entry['state']!r} is not known")
        home = entry["package"]
        if home not in packages and not re.fullmatch(r"apps/[a-z][a-z0-9_]*", home):
            faults.append(f"{name}: package {home!r} is neither a kernel package nor apps/<id>")
    times = Counter(entry.get("id") for entry in entries)
    return faults + [f"{name}: id is used {n} times" for name, n in times.items() if n > 1]


def lost(entries: Iterable[Entry], frozen: Iterable[str]) -> list[str]:
    """Return the ids that stood in the account once and are gone."""
    return sorted(set(frozen) - {entry["id"] for entry in entries})


def misquoted(entries: Iterable[Entry], texts: Path) -> list[str]:
    """Return the ids whose quote does not occur, word for word, in the text it names."""
    found = {path.name: path.read_text("utf-8") for path in texts.glob("*.txt")}
    return [e["id"] for e in entries if e["quote"]["text"] not in found.get(e["quote"]["file"], "")]


def overstated(entries: Iterable[Entry], root: Path) -> list[str]:
    """Return what claims to be real or partial without a home, or real without a journey."""
    faults = []
    for entry in entries:
        name, home, journey = entry["id"], entry["package"], entry["journey"]
        folder = root / home if home.startswith("apps/") else root / "src/guantong" / home
        if entry["state"] in {"real", "partial"} and not any(folder.glob("*")):
            faults.append(f"{name} is {entry['state']}, but there is no {home}")
        if entry["state"] == "real" and journey is None:
            faults.append(f"{name} is real, but names no journey")
        if journey is not None and not _journey_exists(journey, root):
            faults.append(f"{name}: there is no journey {journey}")
    return faults


def _journey_exists(journey: str, root: Path) -> bool:
    file, _, test = journey.partition("::")
    path = root / file
    if not (file.startswith("tests/journeys/test_") and path.is_file()):
        return False
    tree = ast.parse(path.read_text("utf-8"))
    return any(isinstance(n, ast.FunctionDef) and n.name == test for n in ast.walk(tree))


def test_the_account_is_well_formed_and_names_enough() -> None:
    entries = mission()

    assert misshapen(entries, kernel_packages(ROOT)) == []
    assert len(entries) >= AT_LEAST


def test_nothing_that_stood_in_the_account_has_disappeared() -> None:
    frozen = FROZEN.read_text("utf-8").split()

    assert len(frozen) >= AT_LEAST
    assert lost(mission(), frozen) == []


def test_every_id_is_in_the_frozen_list() -> None:
    assert {entry["id"] for entry in mission()} == set(FROZEN.read_text("utf-8").split())


def test_every_quote_occurs_in_the_text_it_names() -> None:
    if not TEXTS.is_dir():
        pytest.skip("the mission's texts are not beside this checkout: quotes were not compared")

    assert misquoted(mission(), TEXTS) == []


def test_nothing_claims_more_than_there_is() -> None:
    assert overstated(mission(), ROOT) == []


@pytest.mark.parametrize("readme", readme_counts.READMES)
def test_the_readme_shows_the_counts_of_the_account(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")

    assert readme_counts.with_counts(text, mission(), readme) == text


FLOOD: Entry = {
    "id": "flood_response",
    "quote": {"text": "防汛防台", "file": "000.txt"},
    "kind": "application",
    "package": "apps/flood_response",
    "page": "cockpit",
    "journey": None,
    "state": "absent",
}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"note": "x"}, "keys are"),
        ({"quote": {"text": "", "file": "000.txt"}}, "quote needs"),
        ({"quote": {"text": "长" * 41, "file": "000.txt"}}, "quote needs"),
        ({"id": "Flood"}, "not snake_case"),
        ({"kind": "thing"}, "kind 'thing'"),
        ({"state": "nearly"}, "state 'nearly'"),
        ({"package": "helpers"}, "package 'helpers'"),
    ],
)
def test_a_misshapen_entry_is_found(change: Entry, fault: str) -> None:
    faults = misshapen([FLOOD | change], {"flows"})

    assert len(faults) == 1
    assert fault in faults[0]


def test_an_id_used_twice_is_found() -> None:
    assert misshapen([FLOOD, FLOOD], {"flows"}) == ["flood_response: id is used 2 times"]


def test_an_entry_taken_away_is_found() -> None:
    assert lost([FLOOD], ["flood_response", "digital_court"]) == ["digital_court"]


def test_a_quote_that_is_not_in_its_text_is_found(tmp_path: Path) -> None:
    (tmp_path / "000.txt").write_text("防汛 防台", "utf-8")
    (tmp_path / "001.txt").write_text("防汛防台", "utf-8")

    assert misquoted([FLOOD], tmp_path) == ["flood_response"]


def test_a_text_that_is_not_there_proves_no_quote(tmp_path: Path) -> None:
    assert misquoted([FLOOD], tmp_path) == ["flood_response"]


def test_a_package_that_is_not_there_cannot_be_partial(tmp_path: Path) -> None:
    assert overstated([FLOOD | {"state": "partial"}], tmp_path) == [
        "flood_response is partial, but there is no apps/flood_response"
    ]


def test_an_empty_folder_is_not_a_package(tmp_path: Path) -> None:
    (tmp_path / "apps/flood_response").mkdir(parents=True)

    assert len(overstated([FLOOD | {"state": "partial"}], tmp_path)) == 1


@pytest.mark.parametrize(
    ("journey", "fault"),
    [
        (None, "names no journey"),
        ("tests/journeys/test_other.py::test_a_storm", "there is no journey"),
        ("tests/journeys/test_storm.py::test_another", "there is no journey"),
        ("tests/journeys/test_storm.py", "there is no journey"),
        ("tests/journeys/test_storm.py::test_a_storm", None),
    ],
)
def test_real_needs_a_journey_that_exists(
    tmp_path: Path, journey: str | None, fault: str | None
) -> None:
    _write(tmp_path / "apps/flood_response/app.yaml", "id: flood_response\n")
    _write(tmp_path / "tests/journeys/test_storm.py", "def test_a_storm(): ...\n")

    faults = overstated([FLOOD | {"state": "real", "journey": journey}], tmp_path)

    assert len(faults) == (fault is not None)
    assert fault is None or fault in faults[0]


def test_counts_that_are_out_of_date_are_found() -> None:
    text = f"a\n{readme_counts.OPEN}\nold\n{readme_counts.CLOSE}\nb\n"

    fresh = readme_counts.with_counts(text, [FLOOD], "README.md")

    assert fresh != text
    assert "| application | 0 | 0 | 0 | 1 | 1 |" in fresh
    assert fresh.startswith("a\n")
    assert fresh.endswith("\nb\n")


def test_a_readme_without_markers_is_refused() -> None:
    with pytest.raises(SystemExit, match="has no place for the counts"):
        readme_counts.with_counts("no markers", [FLOOD], "README.md")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
