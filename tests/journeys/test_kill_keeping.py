"""Whoever keeps an installation may be killed, too: in a backup, a restore, an upgrade.

A file half made is never taken for a backup, a home half restored never for an installation, a
store half upgraded never for either version; and the same command, given again, comes to its end.
Each round kills the command with kill -9 at a share of the time it needs, drawn from a fixed seed.
GUANTONG_KILLS says how many rounds there are of each.
"""

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.journeys.begun import as_upgraded
from tests.journeys.installation import Installation, installation
from tests.journeys.load_people import ROUNDS, SEED
from tests.journeys.old_release import counts, left_by

pytestmark = [pytest.mark.province, pytest.mark.xdist_group("keeping")]

TABLES = ("flows_case", "flows_task", "orgs_person", "access_user", "registry_object")


@pytest.fixture(scope="module")
def own() -> Iterator[Installation]:
    with installation() as made:
        as_upgraded(made, passing=False)
        yield made


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder for backups, outside the home."""
    with installation() as other:
        yield other.folder


@pytest.fixture(scope="module")
def whole(own: Installation, place: Path) -> tuple[Path, float]:
    """A backup, and the seconds it took."""
    began = time.monotonic()
    assert own.run("backup", place / "whole.backup").code == 0
    return place / "whole.backup", time.monotonic() - began


def killed(own: Installation, seconds: float, *command: str | Path) -> str:
    """Start a command and end it as kill -9 does; say when, for whoever reads of a fault."""
    running = own.start(*command)
    ended = running.ended(seconds)
    running.process.kill()
    running.answer()
    return f"{command[0]} {'ended before' if ended else 'killed after'} {seconds:.1f} s"


def draw(round: int, of: str) -> float:
    """Return the share of the time after which the command dies; rounds share it out."""
    return (round + random.Random(f"{SEED}/{of}/{round}").random()) / ROUNDS


@pytest.mark.parametrize("round", range(ROUNDS))
def test_a_backup_that_was_killed_leaves_a_whole_file_or_none(
    own: Installation, place: Path, whole: tuple[Path, float], round: int
) -> None:
    folder = place / f"killed-{round}"
    folder.mkdir()

    told = killed(own, draw(round, "backup") * whole[1], "backup", folder)

    for found in folder.glob("*.backup"):
        verified = own.run("backup", "--verify", found)
        assert verified.code == 0, (told, verified)
    again = own.run("backup", folder / "again.backup")
    assert again.code == 0, (told, again)
    assert [path.name for path in folder.iterdir() if path.suffix != ".backup"] == [], told


@pytest.mark.parametrize("round", range(ROUNDS))
def test_a_restore_that_was_killed_leaves_the_home_as_it_was_or_one_that_refuses(
    own: Installation, whole: tuple[Path, float], round: int
) -> None:
    before = counts(own, TABLES)
    if "restore" not in _seconds:
        began = time.monotonic()
        assert own.run("restore", whole[0], "--replace").code == 0
        _seconds["restore"] = time.monotonic() - began

    told = killed(
        own, draw(round, "restore") * _seconds["restore"], "restore", whole[0], "--replace"
    )

    if (own.home / "exchanging").exists():
        refused = own.run("check")
        assert refused.code == 2, told
        assert "was interrupted at its last step" in refused.err
    else:
        assert counts(own, TABLES) == before, told
        audited = own.run("check", "audit")
        assert audited.code == 0, (told, audited)
    again = own.run("restore", whole[0], "--replace")
    assert again.code == 0, (told, again)
    assert counts(own, TABLES) == before
    assert list(own.home.glob("restoring-*")) == []


_seconds: dict[str, float] = {}


@pytest.mark.parametrize("round", range(ROUNDS))
def test_an_upgrade_that_was_killed_leaves_the_old_store_or_the_new_one_and_goes_on(
    round: int,
) -> None:
    with installation() as old:
        expected = left_by("0.1.0", old)
        if "upgrade" not in _seconds:
            with installation() as other:
                left_by("0.1.0", other)
                began = time.monotonic()
                assert other.run("upgrade").code == 0
                _seconds["upgrade"] = time.monotonic() - began

        told = killed(old, draw(round, "upgrade") * _seconds["upgrade"], "upgrade")

        with old.store() as connection:
            row = connection.execute("select to_regclass('public.main_upgrade')").fetchone()
            migrated = connection.execute(
                "select count(*) from django_migrations where app = 'main'"
            ).fetchone()
        assert row is not None
        # All of the migrations, or none of them.
        assert (row[0] is not None) == (migrated != (0,)), told
        if row[0] is None:
            assert counts(old, expected["counts"]) == expected["counts"], told
        for kept in (old.home / "backups").glob("before-*.backup"):
            assert old.run("backup", "--verify", kept).code == 0, told
        again = old.run("upgrade")
        assert again.code == 0, (told, again)
        looked = [json.loads(line) for line in old.run("check", "--json").out.splitlines()]
        (sealed,) = [line for line in looked if "to_reseal" in line]
        assert sealed == {"missing_keys": [], "to_reseal": 0, "ring": "sound"}, told
        assert looked[-1]["faults"] == [], told
