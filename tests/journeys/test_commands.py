"""The command line, as a person meets it: what it refuses, in one sentence, and what it tells."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.journeys.installation import ROOT, Answer, Installation, installation
from tests.journeys.track import FAR, HEADER, short, written

PACKAGE = ROOT / "apps" / "flood_response"
GOOD = "T,2020,WP,2020-08-02 06:00:00,134.2,14.5,,1002\n"
MUCH = 200_000_000
PIECE = 1 << 20


@pytest.fixture
def empty() -> Iterator[Installation]:
    """An empty personal folder, in which nothing was ever started."""
    with installation(named=False) as made:
        yield made


def refused(answer: Answer) -> str:
    """Return the one sentence of a refusal."""
    assert answer.code == 2, answer
    assert answer.out == ""
    assert answer.err.count("\n") == 1
    assert answer.err.endswith(("\n", "。\n"))
    assert "Traceback" not in answer.err
    return answer.err.strip()


def repeated(path: Path, piece: bytes, *, first: bytes = b"") -> None:
    with path.open("wb") as file:
        file.write(first)
        while file.tell() < MUCH:
            file.write(piece)


def table(*rows: str) -> bytes:
    return (HEADER + "".join(rows)).encode()


BAD_TRACKS: dict[str, tuple[bytes, str]] = {
    "wrong columns": (b"name,height\nA,12\n", "line 1: columns are missing: "),
    "text in a number": (table(GOOD.replace("14.5", "north")), "line 2, column lat: 'north'"),
    "latitude 123": (table(GOOD.replace("14.5", "123")), "line 2, column lat: '123' is above 90"),
    "wind in a wrong unit": (table(GOOD.replace(",,", ",900,")), "line 2, column wind: '900'"),
    "not a time": (table(GOOD.replace("08-02", "13-45")), "line 2, column time: "),
    "no place": (table(GOOD.replace("134.2", "")), "line 2, column lon: the value is missing"),
    "times out of order": (
        table(GOOD, GOOD.replace("06:00", "00:00")),
        "line 3, column time: '2020-08-02 00:00:00+00:00' is not later than",
    ),
    "the same time twice": (table(GOOD, GOOD), "line 3, column time: the same key"),
    "the last row is bad": (
        table(GOOD, GOOD.replace("06:00", "12:00").replace("14.5", "?")),
        "line 3, column lat: '?'",
    ),
    "a comma too many": (
        table(GOOD, GOOD.replace("06:00", "12:00").replace("1002", "1002,")),
        "line 3: the row has 9 cells where the header has 8",
    ),
    "UTF-16": (table(GOOD).decode().encode("utf-16"), "the file is UTF-16 and must be UTF-8"),
    "GBK": (table(GOOD.replace("T,", "利奇马,")).decode().encode("gbk"), "line 2: the text is GBK"),
    "NUL bytes": (table(GOOD.replace("WP", "W\0P")), "line 2: there is a NUL byte"),
    "an open quote": (table('"' + GOOD), "line 2: a quote is opened and not closed"),
    "an empty file": (b"", "the file is empty"),
    "only line ends": (b"\n\n\n", "the file is empty"),
    "a header only": (table(), "the file has a header and no rows"),
}


@pytest.mark.parametrize("kind", BAD_TRACKS)
def test_a_faulty_track_is_refused_in_one_sentence_and_nothing_is_begun(
    empty: Installation, tmp_path: Path, kind: str
) -> None:
    content, place = BAD_TRACKS[kind]
    track = tmp_path / "track.csv"
    track.write_bytes(content)

    sentence = refused(empty.replay(track))

    assert sentence.startswith(f"{track}: {place}")
    assert sentence.endswith(".")
    assert empty.files() == set()


def test_a_track_that_is_not_there_is_refused(empty: Installation, tmp_path: Path) -> None:
    sentence = refused(empty.replay(tmp_path / "nowhere.csv"))

    assert sentence.endswith("nowhere.csv: there is no such file. Check the path.")
    assert empty.files() == set()


def test_a_folder_is_no_track(empty: Installation, tmp_path: Path) -> None:
    sentence = refused(empty.replay(tmp_path))

    assert sentence.endswith("this is a folder. Name one CSV file in it.")
    assert empty.files() == set()


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_a_track_that_may_not_be_read_is_refused(empty: Installation, tmp_path: Path) -> None:
    track = written(tmp_path, short(FAR))
    track.chmod(0)

    sentence = refused(empty.replay(track))

    assert "the file cannot be read" in sentence
    assert empty.files() == set()


# Two hundred million bytes, read no further than to the first fault.
RUBBISH: dict[str, tuple[Callable[[Path], None], str]] = {
    "noise": (lambda path: repeated(path, os.urandom(PIECE)), "line 1: "),
    "one line": (lambda path: repeated(path, b"x" * PIECE), "line 1: the line is longer than"),
    "many lines": (
        lambda path: repeated(path, b"q;w,e r,7\n" * (PIECE // 10)),
        "line 1: columns are missing",
    ),
    "many lines under a header": (
        lambda path: repeated(path, b"q;w,e r,7\n" * (PIECE // 10), first=HEADER.encode()),
        "line 2: the row has 3 cells where the header has 8",
    ),
    "nothing but line ends": (
        lambda path: repeated(path, b"\n" * PIECE, first=HEADER.encode()),
        "more than 1000 blank lines",
    ),
    "one row for ever": (
        lambda path: repeated(path, b"1," * (PIECE // 2), first=HEADER.encode()),
        "line 2: the line is longer than",
    ),
}


@pytest.mark.parametrize("kind", RUBBISH)
def test_two_hundred_megabytes_of_rubbish_are_refused_like_a_small_file(
    empty: Installation, tmp_path: Path, kind: str
) -> None:
    write, place = RUBBISH[kind]
    track = tmp_path / "track.csv"
    write(track)

    sentence = refused(empty.replay(track))

    track.unlink()
    assert place in sentence
    assert len(sentence) < 1000
    assert empty.files() == set()


def test_a_faulty_track_leaves_a_home_that_is_there_as_it_was(tmp_path: Path) -> None:
    with installation() as own:
        own.home.mkdir()

        refused(own.replay(written(tmp_path, HEADER)))

        assert own.files() == {own.home}


def test_a_refusal_is_chinese_where_the_terminal_is(empty: Installation, tmp_path: Path) -> None:
    track = written(tmp_path, table(GOOD.replace("14.5", "123")).decode())

    answer = empty.run("replay", "flood_response", "--track", track, LANG="zh_CN.UTF-8")

    sentence = refused(answer)
    assert "第 2 行" in sentence.replace("第2行", "第 2 行")
    assert "123" in sentence
    assert sentence.endswith("。")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["replay", "earthquake"], "There is no application 'earthquake' that can be replayed."),
        (["replay", "flood_response", "--speed"], "No such option '--speed'."),
        (["replay", "flood_response", "--track"], "Option '--track' requires an argument."),
        (["fly"], "No such command 'fly'."),
        (["check", "weather"], "No such command 'weather'."),
        (["doctor"], "Missing argument"),
        (["doctor", "apps/nowhere"], "The package is refused: apps/nowhere cannot be read"),
        (["check"], "There is no installation in "),
        (["check", "audit"], "There is no installation in "),
    ],
    ids=" ".join,
)
def test_what_a_command_does_not_know_is_refused_in_one_sentence(
    empty: Installation, words: list[str], sentence: str
) -> None:
    answer = empty.run(*words)

    assert refused(answer).startswith(sentence)
    assert empty.files() == set()


def test_the_help_names_every_command(empty: Installation) -> None:
    answer = empty.run("--help")

    assert answer.code == 0
    assert answer.err == ""
    for name in ("up", "apps", "doctor", "replay", "check"):
        assert f"\n  {name} " in answer.out
    assert empty.files() == set()


def test_the_help_of_a_replay_names_the_inputs_its_package_declares(empty: Installation) -> None:
    answer = empty.run("replay", "flood_response", "--help")

    assert answer.code == 0
    assert "--track FILE" in answer.out
    assert "--json" in answer.out


def test_the_applications_are_listed_with_title_version_and_maturity(empty: Installation) -> None:
    english = empty.run("apps")
    chinese = empty.run("apps", GUANTONG_LANGUAGE="zh-CN")

    assert english.code == chinese.code == 0
    assert "flood_response  Flood and typhoon response" in english.out
    assert "maturity reached: draft" in english.out
    assert "flood_response  防汛防台" in chinese.out
    assert empty.files() == set()


def test_the_doctor_finds_the_shipped_package_sound(empty: Installation) -> None:
    answer = empty.run("doctor", PACKAGE)

    assert answer.code == 0
    assert answer.err == ""
    assert " error: " not in answer.out
    assert "maturity reached: draft." in answer.out.splitlines()[-1]


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A copy of the package whose signal asks for a rule that is not there."""
    copy = tmp_path / "flood_response"
    shutil.copytree(PACKAGE, copy)
    (copy / "rules" / "typhoon_signal.dmn").unlink()
    return copy


def test_the_doctor_names_file_question_and_remedy_of_a_broken_package(
    empty: Installation, broken: Path
) -> None:
    answer = empty.run("doctor", broken)

    assert answer.code == 1
    assert answer.err == ""
    assert f"{broken}/signals/typhoon.yaml" in answer.out
    assert "error: " in answer.out
    assert "typhoon_signal.dmn" in answer.out


def test_findings_as_json_are_one_object_a_line_in_both_languages(
    empty: Installation, broken: Path
) -> None:
    answer = empty.run("doctor", "--json", broken)

    findings = [json.loads(line) for line in answer.out.splitlines()]
    assert answer.code == 1
    assert findings
    for finding in findings:
        assert set(finding) == {"path", "line", "check", "level", "code", "zh", "en"}
        assert finding["zh"] != finding["en"]
    assert "error" in {finding["level"] for finding in findings}


def test_a_package_with_errors_is_not_replayed(empty: Installation, broken: Path) -> None:
    answer = empty.run("replay", "flood_response", GUANTONG_APPS=str(broken.parent))

    sentence = refused(answer)
    assert "guantong doctor" in sentence
    assert empty.files() == set()
