"""The benchmark of the doctor: its operators make faults, its sound packages are sound.

The score itself is measured by ``python -m benchmarks.doctor``; here a few of every author's
mutants show that what it counts is what it says.
"""

import pytest
from benchmarks import doctor as benchmark
from benchmarks.doctor_faults.operator import Mutant

from guantong.orgs.api import shipped_province
from guantong.packages.api import examine, read

MANY_KINDS = 40
RIVER = benchmark.ROOT / "benchmarks" / "doctor_faults" / "packages" / "river_watch"


def test_kinds_of_fault_are_many_named_once_and_each_is_made_somewhere() -> None:
    kinds = [operator.kind for operators in benchmark.AUTHORS.values() for operator in operators]
    packages = [benchmark.files_of(folder) for folder in reversed(benchmark.sound())]
    made = {
        operator.kind
        for operators in benchmark.AUTHORS.values()
        for operator in operators
        if any(next(operator.mutants(files), None) is not None for files in packages)
    }

    assert len(kinds) == len(set(kinds)) >= MANY_KINDS
    assert set(kinds) - made == set()


def test_the_same_seed_plants_the_same_faults() -> None:
    first, again = (benchmark.drawn(RIVER, "kernel", 2, "seed") for _ in range(2))

    assert first == again
    assert first != benchmark.drawn(RIVER, "kernel", 2, "another")


def test_two_mutants_that_are_the_same_count_once() -> None:
    one, other = (benchmark.Planted(str(RIVER), "test", kind, Mutant("", {})) for kind in "ab")

    assert list(benchmark.different([one, other])) == [one]


def test_the_package_that_faults_are_planted_into_is_sound() -> None:
    findings = examine(read(RIVER), province=shipped_province())

    told = [f for f in findings if (f.check, f.code) not in benchmark.TRUE_WARNINGS]
    assert [f"{f.path}:{f.line}: {f.sentence()}" for f in told] == []


@pytest.mark.parametrize(
    ("changes", "caught"),
    [
        ({"maturity.yaml": RIVER.joinpath("maturity.yaml").read_bytes() + b"# a word\n"}, False),
        ({"forms/review.json": None}, True),
        ({"samples/dyke.csv": b"dyke_no\n"}, True),
    ],
)
def test_a_mutant_is_caught_when_something_new_is_said(
    changes: dict[str, bytes | None], caught: bool
) -> None:
    planted = benchmark.Planted(str(RIVER), "test", "test", Mutant("here", changes))

    told = benchmark.examined(planted)

    assert (told.caught, told.crashed) == (caught, "")
