"""A backup is a whole file or none, and writes nowhere but into the home."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from guantong.main import archive
from guantong.main.errors import BackupFailed, BackupNewer, NoBackup, TargetTaken

FACTS = {
    "guantong": "0.2.0", "store": "0.2.0", "made_at": "2026-11-22T12:00:00+00:00",
    "installation": "i", "postgres": "18.4", "migrations": {"flows": ["0001_initial"]},
    "counts": {"flows_case": 1}, "heads": {},
}  # fmt: skip
DUMP, LEAF = archive.DATABASE, "lake/live/x/1.parquet"


def made(path: Path, **members: bytes) -> Path:
    with archive.written(path) as writer:
        for name, content in ({DUMP: b"dump", LEAF: b"rows" * 1000} | members).items():
            writer.stream(name, io.BytesIO(content), packed=True)
        writer.close(FACTS)
    return path


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    found = archive.Archive(made(tmp_path / "a.backup"))

    found.extract(LEAF, tmp_path / "out" / "1.parquet")

    assert list(found.faults()) == []
    assert found.manifest.counts == {"flows_case": 1}
    assert (tmp_path / "out" / "1.parquet").read_bytes() == b"rows" * 1000
    assert found.path.stat().st_mode & 0o777 == 0o600


def test_a_cut_file_is_never_taken_for_a_whole_one(tmp_path: Path) -> None:
    content = made(tmp_path / "a.backup").read_bytes()
    cut = tmp_path / "cut.backup"

    for length in range(0, len(content), 97):
        cut.write_bytes(content[:length])
        with pytest.raises(NoBackup):
            archive.Archive(cut)


def test_every_bent_byte_of_a_member_is_named(tmp_path: Path) -> None:
    path = made(tmp_path / "a.backup")
    content = bytearray(path.read_bytes())
    content[content.index(b"rowsrows") + 5] ^= 1
    path.write_bytes(content)

    assert list(archive.Archive(path).faults()) == [LEAF]


def test_a_member_that_was_taken_out_or_slipped_in_is_named(tmp_path: Path) -> None:
    path = made(tmp_path / "a.backup")
    with zipfile.ZipFile(path) as held:
        contents = {name: held.read(name) for name in held.namelist()}
    del contents[LEAF]
    contents["lake/live/x/2.parquet"] = b"slipped in"
    with zipfile.ZipFile(path, "w") as other:
        for name, content in contents.items():
            other.writestr(name, content)

    assert list(archive.Archive(path).faults()) == [LEAF, "lake/live/x/2.parquet"]


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "lake/../../evil", "keys/evil", "lake\\..\\evil", "postgres/x"]
)
def test_a_member_that_would_be_written_elsewhere_refuses_the_whole_file(
    tmp_path: Path, name: str
) -> None:
    path = made(tmp_path / "a.backup", **{name: b"x"})

    with pytest.raises(NoBackup):
        archive.Archive(path)


def test_a_later_form_of_the_file_is_refused_by_its_version(tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    with zipfile.ZipFile(path, "w") as held:
        held.writestr(archive.MANIFEST, json.dumps({"format": 2, "guantong": "3.0"}))

    with pytest.raises(BackupNewer, match=r"version 3\.0"):
        archive.Archive(path)


def test_nothing_is_left_when_writing_fails_and_nothing_is_replaced(tmp_path: Path) -> None:
    taken = made(tmp_path / "a.backup")
    before = taken.read_bytes()

    with pytest.raises(TargetTaken), archive.written(taken):
        pass
    with pytest.raises(BackupFailed, match="No space left"), archive.written(tmp_path / "b.backup"):
        raise OSError(28, "No space left on device")

    assert [path.name for path in tmp_path.iterdir()] == ["a.backup"]
    assert taken.read_bytes() == before


def test_what_a_killed_command_left_is_removed_and_what_is_under_way_stays(tmp_path: Path) -> None:
    (tmp_path / ".old.backup.1.partial").write_bytes(b"left")

    with archive.written(tmp_path / "a.backup"):
        made(tmp_path / "b.backup")
        under_way = list(tmp_path.glob(".a.backup.*.partial"))

    assert len(under_way) == 1
    assert not (tmp_path / ".old.backup.1.partial").exists()
