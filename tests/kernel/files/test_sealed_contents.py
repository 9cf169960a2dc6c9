"""Contents at rest: sealed when taken in, sealed later where they lay open, and under new keys."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.kernel.files import samples
from tests.kernel.files.conftest import BUREAU, CASE, LIN, NOON

from guantong.base import key_ring, resealing
from guantong.base.realm import LIVE
from guantong.base.sealing import FieldKeyMissing, ring
from guantong.files import api as files
from guantong.files import blobs, sealed_contents
from guantong.files.errors import BytesGone, NoPreview
from guantong.files.models import Content

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def only_contents(monkeypatch: pytest.MonkeyPatch) -> sealed_contents.SealedContents:
    """Among the places of sealed values, ours alone; nobody waits for other processes."""
    place = sealed_contents.SealedContents()
    monkeypatch.setattr("guantong.base.sealed_places._places", {place.name: place})
    monkeypatch.setattr(resealing, "SETTLE_SECONDS", 0.0)
    return place


def put(data: bytes | None = None, name: str = "海塘.png") -> files.FileView:
    return files.add(
        LIVE, CASE, data or samples.picture(), name=name, at=NOON, person_id=LIN, unit_id=BUREAU
    )


def lay_open(file: files.FileView) -> bytes:
    """Put a content there as an installation did that sealed none yet."""
    data = read(file)
    blobs.path_of(file.digest).write_bytes(data)
    Content.objects.filter(digest=file.digest).delete()
    return data


def read(file: files.FileView) -> bytes:
    with files.bytes_of(file) as content:
        return content.read()


def everything_below(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())


def test_nothing_of_a_file_lies_open_on_the_disk(home: Path) -> None:
    data = samples.picture("JPEG", (800, 600), exif=True)
    added = put(data, name="海塘.jpg")
    with files.picture_of(added, 1) as drawn:
        picture = drawn.read()

    on_disk = everything_below(home / "files")

    assert picture.startswith(b"\x89PNG")
    assert b"HomePhone" not in on_disk
    assert b"\x89PNG\r\n\x1a\n" not in on_disk
    assert data[:64] not in on_disk
    assert Content.objects.get(digest=added.digest).key == ring().current
    assert read(added) == data


@pytest.mark.parametrize("place", [10, 70, -1], ids=["head", "content", "tag"])
def test_one_bit_is_enough_to_be_refused(place: int) -> None:
    added = put()
    path = blobs.path_of(added.digest)
    harmed = bytearray(path.read_bytes())
    harmed[place] ^= 1
    path.write_bytes(bytes(harmed))

    with pytest.raises((BytesGone, FieldKeyMissing)):
        files.bytes_of(added)
    assert files.check().faults[0].code in ("file-altered", "file-key-missing")


def test_a_fault_in_the_middle_is_refused_before_a_byte_is_handed_out() -> None:
    added = put(b"line of text\n" * 100_000, name="a.txt")
    path = blobs.path_of(added.digest)
    harmed = bytearray(path.read_bytes())
    harmed[500_000] ^= 1
    path.write_bytes(bytes(harmed))

    with pytest.raises(BytesGone):
        files.bytes_of(added)


def test_a_sealed_content_does_not_open_as_another() -> None:
    one, other = put(), put(samples.picture(size=(41, 31)), name="b.png")
    stolen = blobs.path_of(other.digest).read_bytes()
    blobs.path_of(one.digest).write_bytes(stolen)

    with pytest.raises(BytesGone):
        files.bytes_of(one)


def test_an_open_file_is_believed_only_where_it_is_what_its_name_says() -> None:
    added = put()
    data = lay_open(added)
    assert read(added) == data, "an installation that sealed none yet goes on"

    other = samples.picture(size=(41, 31))
    blobs.path_of(added.digest).write_bytes(other[: len(data)].ljust(len(data), b"\0"))

    with pytest.raises(BytesGone):
        files.bytes_of(added)


def test_contents_that_lay_open_are_sealed_by_and_by() -> None:
    known = [put(samples.picture(size=(40 + n, 30)), name=f"{n}.png") for n in range(3)]
    plain = [lay_open(file) for file in known]
    assert files.check().open == 3
    Content.objects.all().delete()
    old_picture = blobs.preview_folder(known[0].digest)
    old_picture.mkdir(parents=True)
    (old_picture / "1.png").write_bytes(b"drawn of an open content")

    assert files.seal_waiting(most=2) == 2
    assert files.seal_waiting() == 1
    assert files.seal_waiting() == 0

    assert [read(file) for file in known] == plain
    assert all(blobs.key_of(file.digest) == ring().current for file in known)
    report = files.check()
    assert (report.open, report.faults) == (0, ())
    assert not old_picture.exists()


def test_what_cannot_be_sealed_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    known = [put(samples.picture(size=(40 + n, 30)), name=f"{n}.png") for n in range(3)]
    for file in known:
        lay_open(file)
    first = sorted(known, key=lambda file: file.digest)[0]
    blobs.path_of(first.digest).write_bytes(b"altered")

    assert files.seal_waiting(most=1) == 1
    assert files.seal_waiting() == 1
    assert files.seal_waiting() == 0, "it is tried again after an hour"
    assert blobs.path_of(first.digest).read_bytes() == b"altered", "and left as it is"

    data = samples.picture(size=(40 + known.index(first), 30))
    blobs.path_of(first.digest).write_bytes(data)
    assert files.seal_waiting() == 0, "it is not looked at again before"
    now = sealed_contents.machine_now()
    monkeypatch.setattr(sealed_contents, "machine_now", lambda: now + timedelta(hours=2))
    assert files.seal_waiting() == 1
    assert read(first) == data


def test_keys_change_and_the_old_one_is_retired_only_when_no_content_needs_it() -> None:
    added, data = put(), samples.picture()
    old = ring().current
    fresh = resealing.rotate("sm4-gcm", at=NOON)
    assert resealing.waiting() == 1
    assert read(added) == data
    with pytest.raises(resealing.KeyStillNeeded):
        resealing.retire(old, pause=lambda _: None)

    assert resealing.reseal() == 1

    assert blobs.key_of(added.digest) == fresh.id
    assert read(added) == data
    resealing.retire(old, pause=lambda _: None)
    assert read(added) == data
    assert resealing.missing() == []


def test_pictures_of_a_key_that_is_gone_are_drawn_anew() -> None:
    added = put()
    files.picture_of(added, 1).close()
    old = ring().current
    resealing.rotate("aes-256-gcm", at=NOON)
    (picture,) = [p for p in blobs.preview_folder(added.digest).iterdir() if p.name == "1"]
    before = picture.read_bytes()
    resealing.reseal()
    resealing.retire(old, pause=lambda _: None)
    picture.parent.mkdir(exist_ok=True)
    picture.write_bytes(before)
    (picture.parent / "drawn").write_text("1", "ascii")

    with files.picture_of(added, 1) as drawn:
        assert drawn.read().startswith(b"\x89PNG")
    with pytest.raises(NoPreview):
        files.picture_of(added, 2)


def test_without_the_key_a_check_says_which_content_is_locked() -> None:
    added = put()
    place = key_ring.path()
    place.rename(place.with_name("elsewhere"))
    key_ring.write(place, key_ring.new_ring("aes-256-gcm", at=NOON), key_ring.master())
    key_ring.forget()

    (fault,) = files.check().faults

    assert fault.code == "file-key-missing"
    assert fault.files == (added.id,)
    assert resealing.missing() == [Content.objects.get(digest=added.digest).key]
    assert files.seal_waiting() == 0


def test_a_check_puts_right_what_the_store_remembers_of_keys() -> None:
    added = put()
    Content.objects.filter(digest=added.digest).update(key="k00000000")

    assert files.check().faults == ()

    assert Content.objects.get(digest=added.digest).key == ring().current


def test_the_same_content_again_is_put_right_where_it_was_cut_short() -> None:
    added, data = put(), samples.picture()
    path = blobs.path_of(added.digest)
    path.write_bytes(path.read_bytes()[:-3])

    put(name="again.png")

    assert read(added) == data


KILLED = """
import io, os, signal, sys
import django
from django.conf import settings
settings.configure(INSTALLED_APPS=["guantong.base"])
django.setup()
from guantong.base import sealed_file
from guantong.base.key_ring import FieldKey

key = FieldKey(id="k0", suite="aes-256-gcm", secret=bytes(32), made_at="")
target = open(sys.argv[1], "wb", buffering=0)

class Dies(io.BytesIO):
    def read(self, size=-1):
        if self.tell() > 600_000:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read(size)

sealed_file.seal_file(Dies(bytes(2_000_000)), target, about="files.content:x", key=key)
"""


def test_a_process_killed_while_it_seals_leaves_the_content_as_it_was() -> None:
    added = put()
    data = lay_open(added)
    beside = blobs.path_of(added.digest).with_name(f".{added.digest}.0badcafe")
    died = subprocess.run([sys.executable, "-c", KILLED, str(beside)], check=False)
    assert died.returncode == -signal.SIGKILL
    assert beside.exists()

    assert read(added) == data, "what was being written is beside it"
    assert files.seal_waiting() == 1
    assert read(added) == data
    day_on = beside.stat().st_mtime + 25 * 3600
    os.utime(blobs.path_of(added.digest), (day_on, day_on))
    assert files.collect(now=lambda: day_on) == 1
    assert not beside.exists()


def test_a_process_killed_between_file_and_store_is_found_out(monkeypatch: Any) -> None:
    added = put()
    data = lay_open(added)

    def dies(digest: str, key: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sealed_contents, "note", dies)
        with pytest.raises(KeyboardInterrupt):
            files.seal_waiting()
    before = blobs.path_of(added.digest).read_bytes()

    assert read(added) == data
    assert files.seal_waiting() == 1
    assert blobs.path_of(added.digest).read_bytes() == before, "it is not sealed twice"
    assert Content.objects.get(digest=added.digest).key == ring().current
