"""Nothing acknowledged is lost (promise P6): kill -9 at any moment, and the same command goes on.

Each round starts a replay, kills one of its processes at a moment drawn from a fixed seed, and
runs the same command until it ends. Rounds in turn begin in an empty home, where the store is
still being made, and in a home that is there. GUANTONG_KILLS says how many rounds. A moment is a
share of the processor time the command needs: on a busy machine seconds would miss the replay.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.journeys.installation import Answer, Installation, Running, installation
from tests.journeys.track import PASSING, short, written

pytestmark = pytest.mark.province

ROUNDS = int(os.environ.get("GUANTONG_KILLS", "2"))
SEED = int(os.environ.get("GUANTONG_KILLS_SEED", "2019"))
MOST_TRIES = 5
LOOK_SECONDS = 0.05
VICTIMS = ("command", "postmaster", "backend")


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What the track comes to when nobody is killed, and how long that takes in either home."""

    own: Installation
    track: Path
    told: dict[str, Any]
    cpu_seconds: dict[str, float]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Undisturbed]:
    """The same replay twice: in an empty home, and in the home that is there then."""
    track = written(tmp_path_factory.mktemp("storm"), short(PASSING, id="PASSING"))
    with installation() as own:
        first, empty = watched(own, track)
        second, there = watched(own, track)
        assert first.told == second.told
        yield Undisturbed(own, track, first.told, {"empty": empty, "there": there})


@pytest.mark.parametrize("round", range(ROUNDS))
def test_a_replay_whose_process_was_killed_goes_on_to_the_same_answer(
    undisturbed: Undisturbed, round: int
) -> None:
    draw = random.Random(f"{SEED}/{round}")
    kind = ("empty", "there")[round % 2]
    # The rounds of one kind share out the whole run among them, each drawing within its part.
    parts = max(1, ROUNDS // 2)
    after = undisturbed.cpu_seconds[kind] * (round // 2 % parts + draw.random()) / parts
    victim = VICTIMS[(round // 2 + 2 * (round % 2)) % len(VICTIMS)]  # each in either kind of home

    if kind == "there":
        answer, killed = disturbed(undisturbed.own, undisturbed.track, victim, after)
        audited = undisturbed.own.run("check", "audit")
    else:
        with installation() as own:
            answer, killed = disturbed(own, undisturbed.track, victim, after)
            audited = own.run("check", "audit")

    told = f"round {round}: {killed} killed after {after:.1f} CPU s in a home that was {kind}"
    print(told, "cost", answer.last.get("seconds"))  # noqa: T201 - shown with -s, the record of a long run
    assert answer.told == undisturbed.told, told
    assert audited.code == 0, f"{told}: {audited}"


def disturbed(own: Installation, track: Path, victim: str, after: float) -> tuple[Answer, str]:
    """Kill one process of a replay; return what the same command answers in the end."""
    running = started(own, track)
    while not running.ended(LOOK_SECONDS) and spent(running) < after:
        pass
    killed = kill(victim, running.process.pid, own.home)
    answer, tries = running.answer(), 1
    said = [answer.err]
    while answer.code != 0:
        assert tries < MOST_TRIES, f"{killed} killed after {after:.1f} CPU s: {said}"
        answer, tries = own.replay(track), tries + 1
        said.append(answer.err)
    return answer, f"{killed} (ended at try {tries})"


def watched(own: Installation, track: Path) -> tuple[Answer, float]:
    """Replay undisturbed; return the answer and the processor time the command needed."""
    running, needed = started(own, track), 0.0
    while not running.ended(LOOK_SECONDS):
        needed = max(needed, spent(running))
    return running.answer(), needed


def started(own: Installation, track: Path) -> Running:
    return own.start("replay", "flood_response", "--json", "--track", track)


def spent(running: Running) -> float:
    """Return the processor time of a command and of those it started and that still run."""
    total = 0.0
    try:
        command = psutil.Process(running.process.pid)
        for process in (command, *command.children(recursive=True)):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    except psutil.NoSuchProcess:
        pass  # it ended while we looked
    return total


def kill(victim: str, command: int, home: Path) -> str:
    """End one process as kill -9 does, and say which: the wanted one, or one that is there."""
    try:
        found, name = chosen(victim, psutil.Process(command), home)
        found.kill()
    except psutil.NoSuchProcess:
        return "nobody (it had ended)"
    return name


def chosen(victim: str, command: psutil.Process, home: Path) -> tuple[psutil.Process, str]:
    server = postmaster(home)
    if victim == "postmaster" and server is not None:
        return server, victim
    if victim == "backend" and server is not None:
        # Those that serve somebody: the others (checkpointer, writer) have names of their own.
        for child in server.children():
            if "[local]" in " ".join(child.cmdline()):
                return child, victim
        return server, "postmaster"
    children = command.children(recursive=True)
    # No server yet: whoever makes it (initdb, pg_ctl) is the next best.
    if victim != "command" and children:
        return children[0], children[0].name()
    return command, "command"


def postmaster(home: Path) -> psutil.Process | None:
    """Return the server of this home, and of no other."""
    try:
        pid = int((home / "postgres" / "postmaster.pid").read_text().split()[0])
        found = psutil.Process(pid)
        ours = str(home / "postgres") in " ".join(found.cmdline())
    except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
        return None
    return found if ours else None
