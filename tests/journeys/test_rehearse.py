"""``guantong rehearse`` as an analyst meets it: does my application work, and where does it not?"""

import json
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.journeys.begun import as_founded
from tests.journeys.installation import ROOT, Answer, Installation, Running, installation
from tests.journeys.looking import axe, picture

FLOOD = ROOT / "apps" / "flood_response"
LISTS = ROOT / "apps" / "problem_lists"
SIZES = ((1600, 900), (390, 844))


@dataclass(frozen=True)
class Bench:
    """A place to rehearse: what the command keeps for the next time stands in its folder."""

    made: Installation

    @property
    def passing(self) -> Path:
        """Where the boxes stand while they are needed."""
        return self.made.folder / "passing"

    def run(self, *arguments: str | Path) -> Answer:
        return self.made.run("rehearse", *arguments, TMPDIR=str(self.passing))

    def start(self, *arguments: str | Path) -> Running:
        return self.made.start("rehearse", *arguments, TMPDIR=str(self.passing))

    def boxes(self) -> list[Path]:
        return sorted(self.passing.glob("guantong-box-*"))

    def package(self, name: str, *scenarios: str) -> Path:
        """Return a copy of the flood application with only these scenarios, and no replay."""
        folder = self.made.folder / name / "flood_response"
        shutil.copytree(FLOOD, folder)
        (folder / "replay.yaml").unlink()
        for path in (folder / "scenarios").glob("*.yaml"):
            if path.stem not in scenarios:
                path.unlink()
        return folder


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with installation() as made:
        found = Bench(made)
        found.passing.mkdir(mode=0o755)
        yield found


def changed(folder: Path, name: str, old: str, new: str) -> int:
    """Replace a text of a scenario that stands in it once; return its line."""
    path = folder / "scenarios" / f"{name}.yaml"
    text = path.read_text("utf-8")
    assert text.count(old) == 1, (old, text.count(old))
    path.write_text(text.replace(old, new), "utf-8")
    return text.count("\n", 0, text.index(old)) + 1


def objects(answer: Answer) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.out.splitlines()]


@dataclass(frozen=True)
class Sound:
    """What the rehearsal of a sound package gave: its answer, and its report."""

    answer: Answer
    report: Path


@pytest.fixture(scope="module")
def sound(bench: Bench) -> Sound:
    folder, report = bench.package("sound", "false_alarm"), bench.made.folder / "report.html"
    return Sound(bench.run(folder, "--json", "--report", report), report)


def test_a_sound_package_holds_and_says_what_it_reached(sound: Sound) -> None:
    assert sound.answer.code == 0, sound.answer.err
    (told,) = objects(sound.answer)
    assert (told["scenario"], told["held"], told["unresolved"]) == ("false_alarm", True, 0)
    assert all(wish["held"] for wish in told["wishes"])
    coverage = told["coverage"]
    assert coverage["ends"] == {"reached": 1, "of": 1, "missing": []}
    assert coverage["rules"]["reached"] == 2
    assert "flood_response.typhoon red" in coverage["signals"]["missing"]
    assert told["together"] == coverage


def test_cases_that_people_open_go_every_way_there_is_and_hold(bench: Bench) -> None:
    answer = bench.run(LISTS, "--json")

    assert answer.code == 0, answer.err
    played = objects(answer)
    assert [told["unresolved"] for told in played] == [0] * 5
    topics = played[-1]["together"].values()
    assert [topic["missing"] for topic in topics] == [[]] * len(topics)


def test_a_rehearsal_touches_no_installation_and_leaves_nothing(bench: Bench, sound: Sound) -> None:
    assert sound.answer.code == 0
    assert not (bench.made.home / "postgres").exists()
    assert bench.boxes() == []


@pytest.fixture(scope="module")
def wrong(bench: Bench) -> tuple[Answer, int, int]:
    """A package in which one check and one refusal are wrong, and the lines of both."""
    folder = bench.package("wrong", "turned_down")
    check = changed(
        folder, "turned_down", "task: review, in: \"330922000000\", state: closed_out, count: 2",
        "task: review, in: \"330922000000\", state: closed_out, count: 3",
    )  # fmt: skip
    refusal = changed(
        folder, "turned_down", "act: {verb: accept, task: approve_return, in: \"330922000000\"}",
        "act: {verb: accept, task: approve_return, in: \"330922000000\", refused: task-step-stays}",
    )  # fmt: skip
    return bench.run(folder), check, refusal


def test_a_wrong_check_fails_with_a_sentence_that_names_its_line(
    wrong: tuple[Answer, int, int],
) -> None:
    answer, line, _ = wrong

    assert answer.code == 1
    (told,) = [text for text in answer.out.splitlines() if f"turned_down.yaml:{line}:" in text]
    assert "(at the end)" in told
    assert "expected exactly 3 task 'Review' in Shengsi County in the state 'closed out'" in told
    assert "found: 2; all states: 2 × closed out." in told
    assert "Look at the timeline in the report" in told


def test_a_refusal_that_does_not_come_fails_as_well(wrong: tuple[Answer, int, int]) -> None:
    answer, _, line = wrong

    (told,) = [text for text in answer.out.splitlines() if f"turned_down.yaml:{line}:" in text]
    assert "it is refused with 'task-step-stays'; found: it was done, nobody refused it" in told
    assert answer.out.count("turned_down.yaml:") == 2


def test_a_package_with_errors_is_not_played(bench: Bench) -> None:
    folder = bench.package("unsound", "false_alarm")
    app = folder / "app.yaml"
    app.write_text(app.read_text("utf-8") + "colour: red\n", "utf-8")

    answer = bench.run(folder)

    assert answer.code == 1
    assert "colour" in answer.out
    assert "1 errors" in answer.out
    assert "rehearse again" in answer.err
    assert "held" not in answer.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nowhere",), "nowhere cannot be read"),
        ((FLOOD, "--scenario", "lekma"), "has no scenario 'lekma'"),
        ((FLOOD, "--report", "nowhere/report.html"), "Name a file in a folder that exists"),
    ],
    ids=["path", "scenario", "report"],
)
def test_what_cannot_be_rehearsed_is_refused_before_a_box_is_made(
    bench: Bench, arguments: tuple[str | Path, ...], told: str
) -> None:
    answer = bench.run(*arguments)

    assert answer.code == 2
    assert told in answer.err
    assert answer.out == ""
    assert bench.boxes() == []


def until(happens: Callable[[], object], *, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def gone(pid: int) -> bool:
    """Say whether a process has ended; one that only waits to be buried has."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def servers_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/postgres/postmaster.pid"))


@pytest.mark.parametrize("told_by", [signal.SIGINT, signal.SIGTERM])
def test_whoever_stops_it_finds_nothing_left(
    bench: Bench, sound: Sound, told_by: signal.Signals
) -> None:
    folder = bench.made.folder / "sound" / "flood_response"
    running = bench.start(folder)
    until(lambda: servers_in(bench.passing))

    running.process.send_signal(told_by)
    answer = running.answer()

    assert answer.code == 130
    assert "Nothing is left of the rehearsal" in answer.err
    assert bench.boxes() == []


def test_what_a_kill_left_behind_is_put_away_by_the_next_one(bench: Bench, sound: Sound) -> None:
    folder = bench.made.folder / "sound" / "flood_response"
    running = bench.start(folder)
    until(lambda: servers_in(bench.passing))
    server = int(servers_in(bench.passing)[0].read_text().splitlines()[0])
    running.process.kill()
    assert running.ended(30)
    assert len(bench.boxes()) == 1

    answer = bench.run("nowhere")

    assert answer.code == 2
    assert bench.boxes() == []
    until(lambda: gone(server), seconds=30)


@pytest.mark.browser
def test_the_report_opens_anywhere_and_can_be_read_by_everybody(
    sound: Sound, browser: Browser
) -> None:
    faults = []
    for width, height in SIZES:
        for scheme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page = context.new_page()
            asked: list[str] = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.goto(sound.report.as_uri())

            assert page.locator("h1").inner_text() == "Flood and typhoon response 0.1.0"
            assert "Scenarios that held: 1 of 1." in page.locator(".sum").inner_text()
            assert page.locator(".wishes li.held").count() == 6
            assert page.locator(".node.reached").count() == 26
            assert asked == [sound.report.as_uri()], "the file needs nothing else"
            picture(page, f"rehearsal-{width}-{scheme}")
            if page.evaluate("document.documentElement.scrollWidth") > width:
                faults.append(f"{width} {scheme}: wider than the screen")
            faults += [f"{width} {scheme}: {fault}" for fault in axe(page)]
            context.close()
    assert faults == []


@pytest.fixture(scope="module")
def office() -> Iterator[Installation]:
    """An installation, where people hold exercises; rehearsals want none."""
    with installation() as made:
        as_founded(made)
        yield made


def test_a_scenario_is_played_with_people_stopped_and_judged_as_it_stands(
    office: Installation,
) -> None:
    named = ("flood_response", "false_alarm", "--with", "emergency@331126")
    running = office.start("exercise", "begin", *named, "--speed", "600")
    until(lambda: task_states(office, "advise") == ["dispatched"])

    running.process.send_signal(signal.SIGINT)
    stopped = running.answer()
    ended = office.run("exercise", "end", *named)
    again = office.run("exercise", "end", *named)

    assert stopped.code == 130
    assert task_states(office, "advise") == ["dispatched"], "nobody acts for people"
    assert ended.code == 1
    assert "✗ flood_response: A warning that nothing came of" in ended.out
    assert "expected exactly 1 case of the flow 'county_response'" in ended.out
    assert "Emergency Management Bureau of Qingyuan County: 2 tasks; received after –" in ended.out
    assert again.code == 2
    assert "No exercise of 'false_alarm' with these units is under way" in again.err


def task_states(made: Installation, item: str) -> list[str]:
    """Return the states of the tasks of one step, in every exercise of the installation."""
    if not (made.home / "postgres").exists():
        return []
    with made.store() as store, store.cursor() as cursor:
        cursor.execute("select to_regclass('flows_task')")
        row = cursor.fetchone()
        if row is None or row[0] is None:
            return []
        cursor.execute("select state from flows_task where item = %s", [item])
        return [state for (state,) in cursor.fetchall()]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nothing", "false_alarm"), "'nothing' is not installed here. Installed: flood_response"),
        (("flood_response", "false_alarm", "--with", "nobody@331126"), "nobody@331126"),
    ],
    ids=["application", "unit"],
)
def test_an_exercise_of_what_is_not_there_is_refused(
    office: Installation, arguments: tuple[str, ...], told: str
) -> None:
    answer = office.run("exercise", "begin", *arguments)

    assert answer.code == 2
    assert told in answer.err
