"""How many planted faults the doctor finds, and how often it finds fault with what is sound.

``python -m benchmarks.doctor [--each N] [--seed TEXT]`` plants one fault at a time into sound
packages (``apps/*`` and ``benchmarks/doctor_faults/packages/*``), examines each in process, and
prints one JSON line. The kinds of fault were frozen before the checks that they test:
``from_the_format`` by an author who had read only the documentation, ``from_the_kernel`` by one who
knew the engines. There is no peer: nothing else reads these packages.

* Of every kind, at most ``--each`` places are drawn in each package, with a fixed seed.
* A mutant counts as equivalent, and is left out, where its readers cannot tell it from the sound
  package (the same values of YAML and JSON, the same canonical XML, the same SQL without comments),
  and where another mutant drawn before changes the same files to the same bytes.
* A mutant is *caught* when the doctor says something, as error or warning, that it does not say of
  the sound package. Where in a file something stands is not compared: lines move.
* A *false alarm* is any error in a sound package, and any warning but those in ``TRUE_WARNINGS``.
"""

import argparse
import json
import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.doctor_faults import from_the_format, from_the_kernel
from benchmarks.doctor_faults.operator import Files, Mutant, Operator

ROOT = Path(__file__).parents[1]
SOUND = ("apps", "benchmarks/doctor_faults/packages")
SEED = "the doctor's benchmark"
EACH = 3
AUTHORS: Mapping[str, Sequence[Operator]] = {
    "format": from_the_format.OPERATORS,
    "kernel": from_the_kernel.OPERATORS,
}
MOST_PROCESSES = 2

# Warnings that are true of a sound package: question, code and why it is no fault of its makers.
TRUE_WARNINGS: Mapping[tuple[str, str], str] = {
    ("roles", "fallback"): "four districts of Hangzhou have no meteorological bureau of their own",
    ("needs", "guarded"): "personal fields without which nobody can be brought out of a house",
    ("needs", "to-request"): "data of another line that come on request only, and are told as such",
    ("work_units", "no-article"): "problem_lists is a proposal and says that no law asks for it",
}


class Planted(NamedTuple):
    """One mutant as a process is given it."""

    folder: str
    author: str
    kind: str
    mutant: Mutant


class Told(NamedTuple):
    """What became of one mutant; ``crashed`` says what the doctor itself raised."""

    planted: Planted
    caught: bool
    crashed: str = ""


def sound() -> list[Path]:
    """Return the folders of the sound packages, in order."""
    return [
        folder
        for place in SOUND
        for folder in sorted((ROOT / place).iterdir())
        if (folder / "app.yaml").is_file()
    ]


def files_of(folder: Path) -> Files:
    """Return every file of a package by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".") and "__pycache__" not in path.parts
    }


def drawn(folder: Path, author: str, each: int, seed: str) -> list[Planted]:
    """Return an author's mutants of a package: at most ``each`` of every kind."""
    files = files_of(folder)
    found = []
    for operator in AUTHORS[author]:
        made = list(operator.mutants(files))
        chance = random.Random(f"{seed} {folder.name} {operator.kind}")  # noqa: S311  no secret
        found += [
            Planted(str(folder), author, operator.kind, mutant)
            for mutant in chance.sample(made, min(each, len(made)))
        ]
    return found


def different(planted: Iterable[Planted]) -> Iterator[Planted]:
    """Yield mutants, but for those that change the same files to the same bytes as one before."""
    seen: set[object] = set()
    for one in planted:
        same = (one.folder, tuple(sorted(one.mutant.changes.items(), key=lambda c: c[0])))
        if same not in seen:
            seen.add(same)
            yield one


def _ready() -> None:
    """Make this process one that can ask the doctor."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guantong.main.settings")
    import django

    django.setup()


@cache
def _read(folder: str) -> Any:
    from guantong.packages.api import read

    return read(Path(folder))


@cache
def _province() -> Any:
    from guantong.orgs.api import shipped_province

    return shipped_province()


def _said(package: Any) -> Counter[tuple[str, str, str, str, str]]:
    """Return what the doctor says of a package, without the lines in which it stands."""
    from guantong.packages.api import examine

    return Counter(
        (f.check, f.code, f.level, f.path, re.sub(r"\bline \d+", "line", f.sentence()))
        for f in examine(package, province=_province())
    )


@cache
def _said_of_the_sound(folder: str) -> Counter[tuple[str, str, str, str, str]]:
    return _said(_read(folder))


def _with_fault(planted: Planted, place: Path) -> Any:
    """Return the package with the fault: in memory, unless a file is of no kind there is."""
    from guantong.packages.api import read
    from guantong.packages.kinds.known import kind_of

    changes = planted.mutant.changes
    kinds = {path: kind_of(path) for path in changes}
    if all(kind is not None for kind in kinds.values()):
        package = _read(planted.folder)
        for path, content in changes.items():
            kind = kinds[path]
            assert kind is not None, "asked above"
            made = None if content is None else kind.read(path, kind.name, content)
            package = package.changed(path, made)
        return package
    copy = Path(shutil.copytree(planted.folder, place / Path(planted.folder).name))
    for path, content in changes.items():
        if content is None:
            (copy / path).unlink()
        else:
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            (copy / path).write_bytes(content)
    return read(copy)


def examined(planted: Planted) -> Told:
    """Return whether the doctor finds this fault."""
    with tempfile.TemporaryDirectory(prefix="guantong-bench-") as place:
        try:
            said = _said(_with_fault(planted, Path(place)))
        except Exception as fault:  # noqa: BLE001  a doctor that falls over has found nothing
            return Told(planted, caught=False, crashed=repr(fault))
    return Told(planted, caught=bool(said - _said_of_the_sound(planted.folder)))


def false_alarms(folder: Path) -> list[str]:
    """Return what the doctor says against a sound package, but for what is true of it."""
    return [
        f"{folder.name}/{path}: [{check}-{code}] {level}: {sentence}"
        for check, code, level, path, sentence in sorted(_said_of_the_sound(str(folder)))
        if level == "error" or (check, code) not in TRUE_WARNINGS
    ]


def main(each: int, seed: str) -> dict[str, object]:
    """Plant, examine and count; progress goes to standard error."""
    started = time.perf_counter()
    _ready()
    alarms = [alarm for folder in sound() for alarm in false_alarms(folder)]
    for alarm in alarms:
        print(f"false alarm: {alarm}", file=sys.stderr)
    told: list[Told] = []
    workers = min(MOST_PROCESSES, os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, initializer=_ready) as pool:
        draws = [(folder, author, each, seed) for folder in sound() for author in AUTHORS]
        planted = list(different(chain.from_iterable(pool.map(drawn, *zip(*draws, strict=True)))))
        print(f"{len(planted)} mutants", file=sys.stderr)
        for number, one in enumerate(pool.map(examined, planted, chunksize=8), start=1):
            told.append(one)
            if one.crashed:
                print(f"the doctor fell over: {one.planted.kind}: {one.crashed}", file=sys.stderr)
            if number % 100 == 0:
                print(f"{number} examined", file=sys.stderr)
    missed = [one.planted for one in told if not one.caught]
    return {
        "benchmark": "doctor",
        "planted": len(told),
        "kinds": len({one.planted.kind for one in told}),
        "caught": len(told) - len(missed),
        "false_alarms": len(alarms),
        "missed": [
            {"kind": one.kind, "package": Path(one.folder).name, "where": one.mutant.where}
            for one in missed
        ],
        "by_author": {
            author: {
                "kinds": len({o.planted.kind for o in told if o.planted.author == author}),
                "planted": sum(o.planted.author == author for o in told),
                "caught": sum(o.planted.author == author and o.caught for o in told),
            }
            for author in AUTHORS
        },
        "packages": [folder.name for folder in sound()],
        "seconds": round(time.perf_counter() - started, 1),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--each", type=int, default=EACH, help="places of each kind and package")
    parser.add_argument("--seed", default=SEED, help="draws other places")
    given = parser.parse_args()
    home = tempfile.mkdtemp(prefix="guantong-bench-")
    os.environ["GUANTONG_HOME"] = home
    try:
        print(json.dumps(main(given.each, given.seed), ensure_ascii=False))
    finally:
        shutil.rmtree(home, ignore_errors=True)
