"""``guantong keys`` and ``guantong people``, as a person runs them: codes, sentences, refusals."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.journeys.begun import as_upgraded
from tests.journeys.installation import Answer, Installation, installation

pytestmark = [pytest.mark.province, pytest.mark.xdist_group("commands")]

MASTER = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="


@pytest.fixture(scope="module")
def own() -> Iterator[Installation]:
    with installation() as made:
        as_upgraded(made)
        yield made


def refused(answer: Answer) -> str:
    """Return the one sentence of a refusal."""
    assert answer.code == 2, answer
    assert answer.out == ""
    assert answer.err.count("\n") == 1, answer
    assert "Traceback" not in answer.err
    return answer.err.strip()


def ring(own: Installation) -> Path:
    return own.home / "keys" / "field_keys.json"


def current(own: Installation) -> str:
    named: str = json.loads(ring(own).read_bytes())["current"]
    return named


def test_the_keys_are_listed_with_the_rows_that_need_them_in_both_languages(
    own: Installation,
) -> None:
    english = own.run("keys", "list")
    chinese = own.run("keys", "list", GUANTONG_LANGUAGE="zh-CN")

    assert english.code == chinese.code == 0
    first = english.out.splitlines()[0]
    assert first.startswith(f"{current(own)}  aes-256-gcm  made ")
    assert int(first.split("current")[1].split()[0]) > 0, "the store of 0.1.0 was sealed"
    assert "0 rows wait to be sealed under the current key." in english.out
    assert "当前使用" in chinese.out
    assert "还有 0 行等待" in chinese.out


def test_a_key_is_changed_retired_and_brought_back(own: Installation) -> None:
    before = current(own)

    unknown = own.run("keys", "rotate", "--suite", "rot13")
    needed = own.run("keys", "retire", before)
    changed = own.run("keys", "rotate", "--suite", "sm4-gcm")
    after = current(own)
    again = own.run("keys", "rotate", "--go-on")
    strange = own.run("keys", "retire", "nothing")
    retired = own.run("keys", "retire", before)
    listed = own.run("keys", "list")
    reopened = own.run("keys", "reopen", before)
    never = own.run("keys", "reopen", "nothing")

    assert "rot13" in refused(unknown)
    assert before in refused(needed)
    assert changed.code == again.code == retired.code == reopened.code == 0, (changed, retired)
    assert after != before
    assert f"The key {after} (sm4-gcm) is current now." in changed.out
    assert "0 rows were sealed anew." not in changed.out
    assert "0 rows were sealed anew." in again.out
    assert "nothing" in refused(strange)
    assert f"{before}  retired" in listed.out
    assert (own.home / "keys" / "retired" / f"{before}.json").exists()
    assert f"The key {before} opens again" in reopened.out
    assert "nothing" in refused(never)


def test_the_check_names_a_key_that_rows_need_and_the_ring_does_not_hold(
    own: Installation,
) -> None:
    whole = ring(own).read_bytes()
    held = json.loads(whole)
    lost = held["current"]
    held["keys"] = [key for key in held["keys"] if key["id"] != lost]
    held["current"] = held["keys"][0]["id"]

    ring(own).write_text(json.dumps(held))
    as_json, told = own.run("check", "--json"), own.run("check")
    listed = own.run("keys", "list")
    ring(own).write_text("no ring")
    broken, broken_json = own.run("check"), own.run("check", "--json")
    unread = own.run("keys", "list")
    ring(own).write_bytes(whole)
    sound = own.run("check", "--json")

    assert as_json.code == told.code == broken.code == broken_json.code == 1
    assert of_keys(as_json)["missing_keys"] == [lost]
    assert f"{lost}  missing" in told.out
    assert f"{lost}  missing" in listed.out
    assert of_keys(broken_json)["ring"] == "field-keys-unreadable"
    assert "field_keys.json" in broken.out
    # One fault among others: the log was verified all the same.
    assert "Audit log:" in broken.out
    assert "field_keys.json" in refused(unread)
    assert of_keys(sound) == {"missing_keys": [], "to_reseal": 0, "ring": "sound"}


def of_keys(answer: Answer) -> dict[str, Any]:
    """Return the object of the check that speaks of field keys."""
    lines = [json.loads(line) for line in answer.out.splitlines()]
    (found,) = [line for line in lines if "missing_keys" in line]
    return dict(found)


def test_a_ring_wrapped_by_a_master_key_is_read_with_it_only(own: Installation) -> None:
    master = {"GUANTONG_FIELD_KEY": MASTER}

    wrapped = own.run("keys", "wrap", **master)
    with_it, without = own.run("keys", "list", **master), own.run("keys", "list")

    assert wrapped.code == with_it.code == 0, (wrapped, with_it)
    assert "under the first master key of GUANTONG_FIELD_KEY" in wrapped.out
    assert refused(without)
    assert MASTER not in without.err + ring(own).read_text()


def test_lost_keys_come_back_by_a_backup_of_now_and_that_of_the_keys(
    own: Installation, tmp_path: Path
) -> None:
    keys, now = tmp_path / "keys.json", tmp_path / "now.backup"
    master = {"GUANTONG_FIELD_KEY": MASTER, "GUANTONG_BACKUP_PASSPHRASE": "three short words"}
    assert own.run("backup", "--keys", keys, **master).code == 0
    ring(own).unlink()

    lost = own.run("keys", "list", **master)
    taken = own.run("backup", now, **master)
    restored = own.run("restore", now, "--replace", "--keys", keys, **master)
    listed = own.run("keys", "list", **master)

    assert refused(lost)
    assert taken.code == restored.code == listed.code == 0, (taken, restored)
    assert "The keys came from their backup." in restored.out
    assert "missing" not in listed.out


def test_the_commands_refuse_where_nothing_has_been_installed(tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    with installation() as nothing:
        answers = [
            nothing.run("keys", "list"),
            nothing.run("keys", "wrap"),
            nothing.run("people", "export", book),
            nothing.run("people", "import", written(tmp_path / "some.csv", "姓名\n")),
        ]

        for answer in answers:
            assert str(nothing.home) in refused(answer)
        assert not book.exists()


@pytest.fixture(scope="module")
def book(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("book") / "book.xlsx"
    answer = own.run("people", "export", file, GUANTONG_FIELD_KEY=MASTER)
    assert answer.code == 0, answer
    assert f"Written to {file}." in answer.out
    return file


def people(own: Installation, *arguments: str | Path, **environment: str) -> Answer:
    return own.run("people", *arguments, GUANTONG_FIELD_KEY=MASTER, **environment)


def counted(answer: Answer) -> dict[str, int]:
    """Return the counts that an import printed."""
    pairs = [line.rsplit(": ", 1) for line in answer.out.splitlines() if ": " in line]
    return {name: int(count) for name, count in pairs}


def written(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def rows_of(own: Installation, sql: str) -> int:
    with own.store() as connection:
        row = connection.execute(sql).fetchone()
    assert row is not None
    return int(row[0])


PEOPLE = "select count(*) from orgs_person"


def test_the_book_that_was_taken_out_changes_nothing_when_it_is_brought_in(
    own: Installation, book: Path
) -> None:
    before = rows_of(own, PEOPLE)

    planned = people(own, "import", book)
    chinese = people(own, "import", book, GUANTONG_LANGUAGE="zh-CN")

    assert planned.code == chinese.code == 0, planned
    counts = counted(planned)
    assert counts["rows"] == counts["rows unchanged"] > 0
    assert "无变更行" in chinese.out
    assert rows_of(own, PEOPLE) == before


def test_a_row_in_doubt_is_named_and_nothing_is_applied(
    own: Installation, book: Path, tmp_path: Path
) -> None:
    before = rows_of(own, PEOPLE)
    doubtful = edited(book, tmp_path / "doubtful.xlsx", unit="nowhere@000000")

    answer = people(own, "import", "--apply", doubtful)

    assert answer.code == 1, answer
    assert "In doubt: " in answer.err
    assert "Applied." not in answer.out
    assert rows_of(own, PEOPLE) == before


def test_a_new_person_is_planned_first_and_comes_in_with_apply(
    own: Installation, book: Path, tmp_path: Path
) -> None:
    before = rows_of(own, PEOPLE)
    fresh = edited(book, tmp_path / "fresh.xlsx")

    planned = people(own, "import", fresh)
    between = rows_of(own, PEOPLE)
    applied = people(own, "import", "--apply", fresh)
    again = people(own, "import", fresh)

    assert planned.code == applied.code == again.code == 0, (planned, applied)
    assert counted(planned)["new people"] == 1
    assert between == before
    assert "Applied." in applied.out
    assert rows_of(own, PEOPLE) == before + 1
    assert "new people" not in counted(again) or counted(again)["new people"] == 0


def edited(book: Path, target: Path, unit: str = "") -> Path:
    """Write the book with one more person, in the unit of the first one or in ``unit``."""
    held = openpyxl.load_workbook(book)
    sheet = held["People"]
    _, _, own, *_ = (cell.value for cell in sheet[2])
    sheet.append(["NEW-0001", "赵某99", unit or own, "staff", None, "held", "2026-01-01"])
    held.save(target)
    return target


def test_a_file_that_cannot_be_read_or_written_is_refused_in_one_sentence(
    own: Installation, tmp_path: Path
) -> None:
    nowhere, folder = tmp_path / "nowhere.xlsx", tmp_path
    rubbish = tmp_path / "rubbish.xlsx"
    rubbish.write_bytes(b"PK\x03\x04 no workbook")

    missing = people(own, "import", nowhere)
    chinese = people(own, "import", nowhere, GUANTONG_LANGUAGE="zh-CN")
    of_folder = people(own, "import", folder)
    no_book = people(own, "import", rubbish)
    no_place = people(own, "export", tmp_path / "no" / "book.xlsx")
    no_file = people(own, "export", folder)

    assert f"{nowhere} cannot be read: No such file" in refused(missing)
    assert f"无法读取 {nowhere}" in refused(chinese)
    assert f"{folder} cannot be read: Is a directory" in refused(of_folder)
    assert refused(no_book)
    assert "cannot be written: No such file or directory. Nothing of it is left." in refused(
        no_place
    )
    assert refused(no_file).startswith(f"{folder} cannot be written")
    assert {path.name for path in tmp_path.iterdir()} == {"rubbish.xlsx"}
