"""Files of a record: taken in once, removed with a way back, scanned, checked, and cleared away."""

import contextlib
import io
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection
from PIL import Image
from tests.kernel.files import samples
from tests.kernel.files.conftest import BUREAU, CASE, LIN, NOON

from guantong.audit.models import LeafRow
from guantong.base.realm import LIVE, exercise
from guantong.files import api as files
from guantong.files import blobs, limits, service
from guantong.files.errors import (
    BytesGone,
    Infected,
    NoPreview,
    NotRestorable,
    StillScanned,
    TooMuch,
    TypeNotAllowed,
)
from guantong.files.models import StoredFile
from guantong.files.scanning import Clamd, State

pytestmark = pytest.mark.django_db
DRILL = exercise(UUID(int=99))


def put(data: bytes | None = None, name: str = "海塘.png", **more: Any) -> files.FileView:
    given = {"at": NOON, "person_id": LIN, "unit_id": BUREAU, **more}
    realm, owner = given.pop("realm", LIVE), given.pop("owner", CASE)
    return files.add(realm, owner, data or samples.picture(), name=name, **given)


def read(file: files.FileView) -> bytes:
    with files.bytes_of(file) as content:
        return content.read()


def leaves(id: UUID) -> list[dict[str, Any]]:
    rows = LeafRow.objects.filter(kind="file", object_id=id).order_by("id")
    return [orjson.loads(bytes(row.encoded)) for row in rows]


def contents() -> set[str]:
    return {name for name, _ in blobs.kept()}


def test_a_file_is_kept_whole_under_its_digest_and_leaves_a_leaf() -> None:
    data = samples.picture()

    added = put(data)

    path = blobs.path_of(added.digest)
    assert read(added) == data
    assert path.stat().st_mode & 0o777 == 0o600
    assert (added.name, added.type, added.size) == ("海塘.png", "image/png", len(data))
    (leaf,) = leaves(added.id)
    assert (leaf["act"], leaf["actor"]) == ("add", f"person:{LIN}")
    assert leaf["body"]["after"]["digest"] == added.digest


def test_the_log_does_not_hold_the_name_a_person_gave() -> None:
    added = put(name="林阿婆身份证.png")

    assert "林阿婆" not in orjson.dumps(leaves(added.id)).decode()


def test_the_same_content_twice_lies_on_the_disk_once() -> None:
    first, second = put(), put(name="b.png")

    assert first.digest == second.digest
    assert contents() == {first.digest}


def test_a_refused_file_leaves_nothing_behind() -> None:
    with pytest.raises(TypeNotAllowed):
        put(b"<svg/>", name="a.svg")

    assert contents() == set()
    assert not StoredFile.objects.exists()


def test_what_one_realm_holds_another_does_not_see() -> None:
    added = put(realm=DRILL)

    assert files.files_of(LIVE, [CASE]) == []
    assert files.file(LIVE, added.id) is None
    assert [f.id for f in files.files_of(DRILL, [CASE])] == [added.id]


def test_a_record_holds_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_FILES", 2)
    put()
    gone = put()
    with pytest.raises(TooMuch, match="Remove files that are not needed"):
        put()
    files.remove(LIVE, gone.id, at=NOON, person_id=LIN)

    put(name="third.png")
    with pytest.raises(TooMuch):
        files.restore(LIVE, gone.id, at=NOON, person_id=LIN)
    put(owner=("task", UUID(int=8)))  # another record has room of its own


def test_a_record_holds_no_more_bytes_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(samples.picture())
    monkeypatch.setattr(service, "MOST_BYTES_OF_RECORD", 2 * size)
    put()
    put()

    with pytest.raises(TooMuch):
        put()


def test_a_removed_file_is_gone_from_the_list_and_comes_back_within_a_day() -> None:
    added = put()

    files.remove(LIVE, added.id, at=NOON, person_id=LIN)
    files.remove(LIVE, added.id, at=NOON + timedelta(hours=1), person_id=LIN)

    assert files.files_of(LIVE, [CASE]) == []
    (seen,) = files.files_of(LIVE, [CASE], removed=True)
    assert seen.removed_at == NOON, "the first removal counts"
    with pytest.raises(BytesGone):
        files.bytes_of(seen)
    late = NOON + timedelta(hours=limits.UNDO_HOURS)
    assert seen.restorable(late - timedelta(seconds=1))
    assert not seen.restorable(late)

    files.restore(LIVE, added.id, at=late - timedelta(seconds=1), person_id=LIN)
    assert [f.id for f in files.files_of(LIVE, [CASE])] == [added.id]
    assert [leaf["act"] for leaf in leaves(added.id)] == ["add", "remove", "restore"]


def test_after_a_day_a_removed_file_does_not_come_back() -> None:
    added = put()
    files.remove(LIVE, added.id, at=NOON, person_id=LIN)

    with pytest.raises(NotRestorable, match="24 hours"):
        files.restore(LIVE, added.id, at=NOON + timedelta(hours=24), person_id=LIN)


def test_bytes_that_nobody_needs_go_after_a_day_and_the_tombstone_stays() -> None:
    kept, gone = put(), put(samples.picture("JPEG"), name="b.jpg")
    orphan, _ = blobs.put(b"its transaction failed")
    leftover = blobs.path_of(orphan).with_name(f".{orphan}.ab12cd34")
    leftover.write_bytes(b"killed while writing")
    files.remove(LIVE, gone.id, at=NOON, person_id=LIN)

    assert files.collect(lambda realm: NOON + timedelta(hours=23)) == 0, (
        "not before a day has passed"
    )
    later = NOON + timedelta(hours=25)
    day_on = leftover.stat().st_mtime + 25 * 3600
    assert files.collect(lambda realm: later, now=lambda: day_on) == 3

    assert contents() == {kept.digest}
    row = StoredFile.objects.get(id=gone.id)
    assert (row.name, row.cleared_at) == ("b.jpg", later)
    assert files.check().faults == (), "what was cleared is missed by nobody"
    assert [leaf["act"] for leaf in leaves(gone.id)] == ["add", "remove", "clear"]
    assert files.collect(lambda realm: later, now=lambda: day_on) == 0


def test_what_is_renamed_or_removed_while_we_look_is_passed_over() -> None:
    added = put()
    gone = blobs.path_of(added.digest).with_name(".gone")
    gone.symlink_to("nowhere")  # listed, and not there when it is looked at

    assert contents() == {added.digest}


def test_contents_are_asked_for_many_at_once(
    django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = put()
    for number in range(9):
        blobs.put(b"nobody's %d" % number)
    day_on = blobs.path_of(kept.digest).stat().st_mtime + 25 * 3600
    monkeypatch.setattr(service, "_CHUNK", 4)

    with django_assert_max_num_queries(1 + 3 * 2):
        assert files.collect(now=lambda: day_on) == 9

    assert contents() == {kept.digest}


def test_a_content_two_records_share_stays_until_both_are_gone() -> None:
    first, second = put(), put(owner=("task", UUID(int=8)))
    files.remove(LIVE, first.id, at=NOON, person_id=LIN)

    day_on = blobs.path_of(second.digest).stat().st_mtime + 25 * 3600
    files.collect(lambda realm: NOON + timedelta(hours=25), now=lambda: day_on)

    assert contents() == {second.digest}


def test_a_content_that_is_taken_in_again_is_not_cleared_from_under_the_new_record() -> None:
    data = samples.picture()
    digest, _ = blobs.put(data)
    old = blobs.path_of(digest).stat().st_mtime
    os.utime(blobs.path_of(digest), (1, 1))

    blobs.put(data)

    assert blobs.path_of(digest).stat().st_mtime >= old
    assert not blobs.remove_old(digest, old - 3600)


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (lambda path: path.unlink(), "file-missing"),
        (lambda path: path.write_bytes(b"other"), "file-altered"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1] + b"x"), "file-altered"),
    ],
    ids=["removed", "replaced", "one byte changed"],
)
def test_a_check_names_what_is_missing_or_altered(harm: Any, code: str) -> None:
    added, whole = put(), put(samples.picture("JPEG"), name="b.jpg")
    harm(blobs.path_of(added.digest))

    report = files.check()

    assert report.contents == 2
    assert [(f.code, f.digest, f.files) for f in report.faults] == [
        (code, added.digest, (added.id,))
    ]
    assert whole.id not in report.faults[0].files


def test_a_file_cut_short_is_not_handed_out() -> None:
    added = put()
    path = blobs.path_of(added.digest)
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(BytesGone):
        files.bytes_of(added)


@pytest.fixture
def clamd(tmp_path: Path) -> Iterator[str]:
    """A scanner that speaks INSTREAM, knows EICAR, and says nothing of files over 100 KB."""
    place = str(tmp_path / "clamd.sock")
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(place)
    server.listen(4)

    def exactly(wire: socket.socket, count: int) -> bytes:
        found = b""
        while len(found) < count:
            part = wire.recv(count - len(found))
            if not part:
                raise OSError
            found += part
        return found

    def serve() -> None:
        while True:
            try:
                wire, _ = server.accept()
            except OSError:
                return
            with wire:
                assert exactly(wire, 10) == b"zINSTREAM\0"
                data = b""
                while length := struct.unpack(">I", exactly(wire, 4))[0]:
                    data += exactly(wire, length)
                if len(data) > 100_000:
                    wire.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                elif samples.EICAR in data:
                    wire.sendall(b"stream: Win.Test.EICAR_HDB-1 FOUND\0")
                else:
                    wire.sendall(b"stream: OK\0")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"unix:{place}"
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


def test_the_scanner_lets_clean_files_pass_and_keeps_infected_ones_out(
    clamd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUANTONG_CLAMD", clamd)

    assert put().scan == "clean"
    with pytest.raises(Infected):
        put(samples.EICAR, name="eicar.txt")

    assert len(contents()) == 1, "what is infected was never kept"


def test_without_a_scanner_a_file_says_that_nobody_looked() -> None:
    assert put().scan == "not_scanned"


def test_while_the_scanner_is_away_a_file_waits_and_is_not_handed_out(
    clamd: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUANTONG_CLAMD", f"unix:{tmp_path}/nobody.sock")
    added = put()
    assert added.scan == "waiting"
    with pytest.raises(StillScanned):
        files.bytes_of(added)
    assert files.scan_waiting(at=NOON) == 0

    monkeypatch.setenv("GUANTONG_CLAMD", clamd)
    assert files.scan_waiting(at=NOON + timedelta(seconds=59)) == 0, "it stands back a minute"
    assert files.scan_waiting(at=NOON + timedelta(minutes=1)) == 1

    found = files.file(LIVE, added.id)
    assert found is not None
    assert found.scan == "clean"
    assert read(found)
    assert [leaf["act"] for leaf in leaves(added.id)] == ["add", "scan"]


def test_an_answer_that_is_no_answer_is_no_leave_to_pass(clamd: str) -> None:
    assert Clamd(clamd).scan(bytes(200_000)) == "waiting"


class Finds:
    """A scanner that finds something in everything."""

    def scan(self, data: bytes) -> State:
        return "refused"


def test_what_is_found_afterwards_is_removed_and_not_handed_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUANTONG_CLAMD", f"unix:{tmp_path}/nobody.sock")
    added = put()

    files.scan_waiting(at=NOON, looks=Finds())

    found = files.file(LIVE, added.id)
    assert found is not None
    assert (found.scan, found.removed_at) == ("refused", NOON)
    with pytest.raises(StillScanned):
        files.bytes_of(found)


class Silent:
    """A scanner that has no answer to some of what it is shown."""

    def __init__(self, *without: bytes) -> None:
        self.without, self.shown, self.held = without, 0, list[int]()

    def scan(self, data: bytes) -> State:
        self.shown += 1
        self.held.append(len(connection.savepoint_ids))
        return "waiting" if not self.without or data in self.without else "clean"


def test_a_file_the_scanner_has_no_answer_to_keeps_no_other_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUANTONG_CLAMD", f"unix:{tmp_path}/nobody.sock")
    pictures = [samples.picture(size=(40 + n, 30)) for n in range(5)]
    first, *_ = [put(data) for data in pictures]
    away, sometimes, outside = Silent(), Silent(pictures[0]), len(connection.savepoint_ids)
    later = NOON + timedelta(minutes=1)

    assert files.scan_waiting(at=NOON, looks=away) == 0
    assert away.shown == service.MOST_MISSES, "it is away: the rest is not tried"
    assert files.scan_waiting(at=later, looks=sometimes) == 4
    assert set(away.held + sometimes.held) == {outside}, "no transaction waits for the scanner"
    assert StoredFile.objects.get(scan="waiting").id == first.id


def test_a_preview_does_not_tell_where_a_photo_was_taken() -> None:
    data = samples.picture("JPEG", (800, 600), exif=True)
    assert b"HomePhone" in data
    added = put(data, name="海塘.jpg")

    with files.picture_of(added, 1) as made:
        drawn = made.read()

    assert b"HomePhone" not in drawn
    with Image.open(io.BytesIO(drawn)) as picture:
        assert not picture.getexif()
        assert picture.size == (600, 800), "and it is upright"


def test_a_preview_shows_the_first_pages_of_a_pdf() -> None:
    added = put(samples.pdf(pages=7), name="报告.pdf")

    assert files.pages_of(added) == 5
    with files.picture_of(added, 5) as drawn, Image.open(drawn) as page:
        assert page.size[0] == 1200
    with pytest.raises(NoPreview):
        files.picture_of(added, 6)


def test_what_cannot_be_drawn_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = b"%PDF-1.4\nnothing that is a page\nstartxref\n0\n%%EOF\n"
    added = put(broken, name="a.pdf")
    with pytest.raises(NoPreview, match="Download it to look at it"):
        files.pages_of(added)

    monkeypatch.setattr("guantong.files.preview._draw", lambda *_: pytest.fail("tried again"))
    with pytest.raises(NoPreview):
        files.pages_of(added)


def test_a_word_file_has_no_preview() -> None:
    added = put(samples.docx(), name="a.docx")

    assert not added.has_preview
    with pytest.raises(NoPreview):
        files.picture_of(added, 1)


def test_three_files_the_scanner_never_answers_block_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUANTONG_CLAMD", f"unix:{tmp_path}/nobody.sock")
    pictures = [samples.picture(size=(40 + n, 30)) for n in range(5)]
    for data in pictures:
        put(data)
    never = Silent(*pictures[:3])

    assert files.scan_waiting(at=NOON, looks=never) == 0
    assert files.scan_waiting(at=NOON + timedelta(seconds=30), looks=never) == 2

    waits = StoredFile.objects.filter(scan="waiting")
    assert waits.count() == 3
    shown = never.shown
    assert files.scan_waiting(at=NOON + timedelta(seconds=59), looks=never) == 0
    assert never.shown == shown, "none of them is asked about before its time"
    times = [NOON + timedelta(minutes=minute) for minute in range(1, 181)]
    for at in times:
        files.scan_waiting(at=at, looks=never)
    assert shown + 3 * 12 <= never.shown <= shown + 3 * 16, (
        "after some tries, each quarter of an hour"
    )


def test_a_scanner_that_dribbles_holds_nobody_for_longer_than_its_time(tmp_path: Path) -> None:
    place = str(tmp_path / "slow.sock")
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(place)
    server.listen(1)

    def dribble() -> None:
        wire, _ = server.accept()
        with wire, contextlib.suppress(OSError):
            while True:
                wire.sendall(b"s")
                time.sleep(0.1)

    thread = threading.Thread(target=dribble, daemon=True)
    thread.start()
    begun = time.monotonic()

    assert Clamd(f"unix:{place}", seconds=0.5).scan(b"x") == "waiting"

    assert time.monotonic() - begun < 2
    server.close()
    thread.join(5)
