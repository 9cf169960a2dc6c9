"""Files at rest: chunk by chunk, each at its place of its own file, and in little memory."""

import io
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.kernel.base.test_sealing import AT

from guantong.base import key_ring
from guantong.base.key_ring import FieldKey
from guantong.base.sealed_file import (
    CHUNK,
    HEAD,
    MARK,
    TAG,
    is_sealed_file,
    key_of_file,
    open_sealed,
    seal_file,
    sealed_size,
)
from guantong.base.sealing import FieldKeyMissing, SealBroken

ABOUT = "files.content:aa"
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7]


@pytest.fixture(autouse=True)
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    place = tmp_path / "keys" / "field_keys.json"
    monkeypatch.setenv("GUANTONG_FIELD_KEYS_FILE", str(place))
    monkeypatch.delenv("GUANTONG_FIELD_SUITE", raising=False)
    monkeypatch.setattr("guantong.base.sealed_places._places", {})
    key_ring.forget()
    yield place
    key_ring.forget()


def sealed(data: bytes, about: str = ABOUT, key: FieldKey | None = None) -> bytes:
    target = io.BytesIO()
    seal_file(io.BytesIO(data), target, about=about, key=key)
    return target.getvalue()


def opened(data: bytes, about: str = ABOUT) -> bytes:
    with open_sealed(io.BytesIO(data), about=about) as reader:
        return reader.read()


def chunk(data: bytes, place: int) -> slice:
    del data
    return slice(HEAD + place * (CHUNK + TAG), HEAD + (place + 1) * (CHUNK + TAG))


@pytest.mark.parametrize("suite", ["aes-256-gcm", "sm4-gcm"])
@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_opens_and_shows_nothing(
    suite: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUANTONG_FIELD_SUITE", suite)
    data = (b"household of Lin " * (size // 17 + 1))[:size]

    made = sealed(data)

    assert opened(made) == data
    assert len(made) == sealed_size(size)
    assert is_sealed_file(made)
    assert b"household" not in made
    assert sealed(data) != made, "twice the same looks like two different files"


def test_every_bit_counts() -> None:
    data = bytes(range(256)) * (2 * CHUNK // 256) + b"end"
    made = sealed(data)
    places = [0, 6, 10, HEAD - 1, HEAD, HEAD + CHUNK, HEAD + CHUNK + TAG, len(made) - 1]

    for place in places:
        harmed = bytearray(made)
        harmed[place] ^= 1
        with pytest.raises((SealBroken, FieldKeyMissing)):
            opened(bytes(harmed))


@pytest.mark.parametrize("left", [0, 1, HEAD, HEAD + TAG - 1, HEAD + CHUNK + TAG,
                                  HEAD + 2 * (CHUNK + TAG), -1])  # fmt: skip
def test_what_is_cut_short_does_not_open(left: int) -> None:
    made = sealed(bytes(2 * CHUNK + 9))

    with pytest.raises(SealBroken):
        open_sealed(io.BytesIO(made[:left]), about=ABOUT)


def test_what_is_put_behind_does_not_open() -> None:
    made = sealed(bytes(CHUNK))

    for more in (b"x", bytes(TAG), made[chunk(made, 0)]):
        with pytest.raises(SealBroken):
            open_sealed(io.BytesIO(made + more), about=ABOUT)


def test_chunks_do_not_change_places() -> None:
    made = sealed(os.urandom(3 * CHUNK))
    first, second = made[chunk(made, 0)], made[chunk(made, 1)]
    swapped = made[:HEAD] + second + first + made[chunk(made, 2)]
    left_out = made[:HEAD] + first + made[chunk(made, 2)]

    for wrong in (swapped, left_out):
        with pytest.raises(SealBroken):
            opened(wrong)


def test_chunks_do_not_change_files_of_the_same_key() -> None:
    one, other = sealed(os.urandom(2 * CHUNK)), sealed(os.urandom(2 * CHUNK), "files.content:bb")
    mixed = one[:HEAD] + other[chunk(other, 0)] + one[chunk(one, 1)]

    with pytest.raises(SealBroken):
        opened(mixed)
    with pytest.raises(SealBroken):
        opened(other)  # a whole file in the place of another


def test_a_file_opens_with_its_own_key_only() -> None:
    key = key_ring.new_key("aes-256-gcm", at=AT)
    made = sealed(b"x", key=key)

    assert key_of_file(made[:HEAD]) == key.id
    with pytest.raises(FieldKeyMissing, match=key.id):
        opened(made)


def test_another_key_of_the_same_name_does_not_open_it(ring: Path) -> None:
    made = sealed(b"x")
    key = key_of_file(made[:HEAD])
    ring.unlink()
    key_ring.forget()
    sealed(b"a new ring is made")
    fresh = key_of_file(sealed(b"y")[:HEAD])
    assert fresh != key

    renamed = MARK + fresh.encode() + made[len(MARK) + len(fresh) :]

    with pytest.raises(SealBroken):
        opened(renamed)


def test_any_part_is_read_without_the_rest() -> None:
    data = os.urandom(4 * CHUNK + 100)
    reader = open_sealed(io.BytesIO(sealed(data)), about=ABOUT)

    for start, length in [(0, 10), (CHUNK - 5, 10), (2 * CHUNK, CHUNK), (len(data) - 3, 10)]:
        reader.seek(start)
        assert reader.read(length) == data[start : start + length]
    assert reader.seek(0, os.SEEK_END) == len(data)
    assert reader.read(1) == b""


def test_a_source_that_hands_out_little_at_once_makes_the_same_chunks() -> None:
    class Drips(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 0, 1000))

    target = io.BytesIO()
    seal_file(Drips(bytes(CHUNK + 5)), target, about=ABOUT)

    assert len(target.getvalue()) == sealed_size(CHUNK + 5)
    assert opened(target.getvalue()) == bytes(CHUNK + 5)


def test_a_hundred_megabytes_pass_in_little_memory(tmp_path: Path) -> None:
    plain, made = tmp_path / "plain", tmp_path / "sealed"
    with plain.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    tracemalloc.start()

    with plain.open("rb") as source, made.open("wb") as target:
        seal_file(source, target, about=ABOUT)
    with open_sealed(made.open("rb"), about=ABOUT) as reader:
        read = sum(len(piece) for piece in iter(lambda: reader.read(CHUNK), b""))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert read == 100 * 1024 * 1024
    assert most < 8 * 1024 * 1024
