"""kill -9 in the middle of an install or an upgrade: the store holds what was before, or after.

Each round kills one process of the command (itself, the server, or the backend that serves it) and
looks at what stands: in turn in the very middle of the transaction, while it waits for a table that
is held, and at a share of the processor time the command needs. GUANTONG_KILLS says how many
rounds. Undone, the same command comes to the same end.
"""

import os
import random
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from tests.journeys.begun import as_founded
from tests.journeys.installation import ROOT, Answer, Installation, Running, installation
from tests.journeys.old_release import script
from tests.journeys.test_kill import LOOK_SECONDS, VICTIMS, kill, spent

from guantong.base.errors import GuantongError

pytestmark = pytest.mark.province

ROUNDS = int(os.environ.get("GUANTONG_KILLS", "2"))
SEED = int(os.environ.get("GUANTONG_KILLS_SEED", "2019"))
FLOOD = "flood_response"

# What an upgrade writes, in its order.
_WRITTEN = (
    "packages_change", "packages_release_file", "packages_installation", "packages_parameter_value",
    "packages_set_version",
)  # fmt: skip
# What hangs together: the standing, the newest release with all its files, the history, the number
# of the set, and the words of areas that the release does not take.
_WHOLE = """
select i.state, r.version, (select count(*) from packages_release),
    (select count(*) from packages_release_file f where f.release_id = i.release_id),
    (select count(*) from packages_change), (select number from packages_set_version),
    (select count(*) from packages_parameter_value where ended_at is null),
    (select count(*) from packages_parameter_value)
from packages_installation i join packages_release r on r.id = i.release_id
where i.package = 'flood_response'
"""
_SET = """
from guantong.base.clock import local_day, machine_now
from guantong.packages import api as packages
at = machine_now()
id = packages.set_value(packages.installed("flood_response"), "land_reduction", "331126000000",
    sys.argv[1], from_day=local_day(at), why="measured", by="person:x", at=at)
print(json.dumps(str(id)))
"""


@dataclass
class Work:
    """An installation whose application goes from release to release."""

    own: Installation
    folder: Path
    number: int = 1
    cpu_seconds: float = 0.0

    def release(self, number: int) -> Path:
        """Make the release of that number: its range is another each time."""
        folder = self.folder / str(number) / FLOOD
        if not folder.exists():
            shutil.copytree(ROOT / "apps" / FLOOD, folder)
            low = 0.5 + number % 2 / 5  # 0.5 and 0.7 in turn
            for name, was, now in (
                ("app.yaml", "version: 0.1.0", f"version: 0.{number}.0"),
                ("parameters.yaml", "[0.5, 1.0]", f"[{low}, 1.0]"),
            ):
                text = (folder / name).read_text("utf-8")
                (folder / name).write_text(text.replace(was, now), "utf-8")
        return folder

    def begin(self, number: int, decide: str) -> Running:
        """Begin the upgrade to a release, with its one conflict decided."""
        return self.own.start(
            "apps", "upgrade", self.release(number), "--why", "new range", "--approved-by", "admin",
            *(["--decide", f"{decide}=0.7"] if decide else []),
        )  # fmt: skip

    def standing(self) -> tuple[object, ...]:
        """Return everything that must change together."""
        with self.own.store() as connection:
            row = connection.execute(_WHOLE).fetchone()
        assert row is not None
        return tuple(row)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Work]:
    """A home with the shipped release, and how much work an upgrade is when nobody is killed."""
    with installation() as own:
        as_founded(own, passing=False)
        found = Work(own, tmp_path_factory.mktemp("releases"))
        made = found.begin(2, "")
        while not made.ended(LOOK_SECONDS):
            found.cpu_seconds = max(found.cpu_seconds, spent(made))
        assert made.answer().code == 0, made.answer()
        found.number = 2
        yield found


@pytest.mark.parametrize("round", range(ROUNDS))
def test_an_upgrade_that_was_killed_happened_or_did_not(work: Work, round: int) -> None:
    draw = random.Random(f"{SEED}/{round}")
    narrow = work.number % 2 == 0  # the next release does not take what the county sets now
    id = script(work.own, _SET, "0.6") if narrow else ""
    before, next_ = work.standing(), work.number + 1
    victim = VICTIMS[round // 2 % len(VICTIMS)]

    if round % 2 == 0:
        table = _WRITTEN[round // 2 % len(_WRITTEN)]
        told = f"round {round}: {while_held(work, next_, id, table, victim)} killed at {table}"
    else:
        # The last half: what comes before is reading and examining.
        share = (round // 2 % 5 + draw.random()) / min(ROUNDS, 5)
        after = work.cpu_seconds * (0.5 + 0.5 * share)
        running = work.begin(next_, id)
        while not running.ended(LOOK_SECONDS) and spent(running) < after:
            pass
        killed = kill(victim, running.process.pid, work.own.home)
        running.answer()
        told = f"round {round}: {killed} killed after {after:.1f} CPU s"
    stood = work.standing()

    done = _upgraded(before, f"0.{next_}.0", decided=bool(id))
    assert stood in (before, done), told
    print(told, "after" if stood == done else "before")  # noqa: T201 - shown with -s, the record of a long run
    if stood == before:
        again: Answer = work.begin(next_, id).answer()
        assert again.code == 0, f"{told}: {again}"
        assert work.standing() == done, told
    work.number = next_
    audited = work.own.run("check", "audit")
    assert audited.code == 0, f"{told}: {audited}"


def while_held(work: Work, number: int, decide: str, table: str, victim: str) -> str:
    """Kill one process while the upgrade waits for a table in the middle of its transaction."""
    killed = "nobody"
    # The server may be killed under our own connection, too.
    with suppress(psycopg.Error, GuantongError), work.own.store() as connection:
        connection.execute("begin")
        connection.execute(f"lock table {table} in exclusive mode")
        running = work.begin(number, decide)
        waits = "select exists (select from pg_locks where not granted)"
        while not running.ended(LOOK_SECONDS):
            if connection.execute(waits).fetchone() == (True,):
                killed = kill(victim, running.process.pid, work.own.home)
                running.ended(5)
                break
        connection.execute("rollback")
    running.answer()
    return killed


def _upgraded(before: tuple[object, ...], version: str, *, decided: bool) -> tuple[object, ...]:
    """Return what stands when all of an upgrade has happened."""
    state, _, releases, files, changes, number, open_, said = before
    counts = [int(str(n)) for n in (releases, changes, number, said)]
    return (
        state, version, counts[0] + 1, files, counts[1] + 1, counts[2] + 1, open_,
        counts[3] + decided,
    )  # fmt: skip
