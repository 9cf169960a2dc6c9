"""Files from strangers: each lie is refused with what is wrong, and nothing is ever unpacked."""

import json
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.kernel.packages.archive.package_file import (
    APP,
    FACTS,
    FILES,
    file_of,
    key,
    members,
    zipped,
)

from guantong.packages.api import ArchiveRefused, open_archive, read_archive
from guantong.packages.archive import container
from guantong.packages.archive.manifest import of_files
from guantong.packages.archive.signature import sign


def refusal(content: bytes) -> str:
    with pytest.raises(ArchiveRefused) as caught:
        open_archive(content)
    sentence = caught.value.sentence()
    assert caught.value.sentence("zh-CN") != sentence
    assert "{" not in sentence
    assert "\n" not in sentence
    return sentence


def with_member(name: str, content: bytes = b"x") -> bytes:
    """Return a file of our own form with one member more, before the others of the package."""
    return container.written({**members(file_of()), name: content})


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("../evil.yaml", "lead out of the package"),
        ("river_watch/../../etc/passwd", "lead out of the package"),
        ("/etc/passwd", "lead out of the package"),
        ("river_watch\\..\\evil.yaml", "no name that every machine"),
        ("C:evil.yaml", "no name that every machine"),
        ("river_watch/./app2.yaml", "no name that every machine"),
        ("river_watch//app2.yaml", "no name that every machine"),
        ("river_watch/.hidden", "no name that every machine"),
        ("river_watch/app.yaml.", "no name that every machine"),
        ("river_watch/a\nb.yaml", "no name that every machine"),
        ("river_watch/\u202elmay.ppa", "no name that every machine"),
        ("river_watch/nul\0.yaml", "no name that every machine"),
        ("river_watch/cafe\u0301.yaml", "no name that every machine"),
        (f"river_watch/{'x' * 256}", "no name that every machine"),
        ("river_watch/APP.yaml", "are one name on some machines"),
        ("river_watch/ａpp.yaml", "are one name on some machines"),
        ("river_watch/more.yaml", "not named in the manifest"),
        ("more.yaml", "not named in the manifest"),
    ],
)
def test_a_name_that_leads_elsewhere_or_reads_two_ways_is_refused(name: str, part: str) -> None:
    assert part in refusal(with_member(name))


@pytest.mark.parametrize(
    "kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFDIR]
)
def test_links_devices_and_folders_are_refused(kind: int) -> None:
    assert "a link, a folder or a device" in refusal(
        zipped(members(file_of()), rights=kind | 0o777)
    )


def test_a_folder_by_its_name_is_refused() -> None:
    assert "a link, a folder or a device" in refusal(with_member("river_watch/more/"))


def test_a_name_that_stands_twice_is_refused() -> None:
    held = list(members(file_of()).items())

    assert "stands in it twice" in refusal(zipped([*held, held[1]]))


def test_a_manifest_that_stands_twice_is_refused() -> None:
    held = list(members(file_of()).items())

    assert "MANIFEST.json' stands in it twice" in refusal(zipped([*held, held[0]]))


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=str
)
def test_a_bomb_is_refused_without_being_unpacked(method: int) -> None:
    bomb = zipped({"river_watch/app.yaml": b"\0" * 50_000_000}, method=method)
    assert len(bomb) < 100_000

    assert "only stores, so that it cannot swell" in refusal(bomb)


def test_a_directory_that_lies_about_sizes_is_refused() -> None:
    content = bytearray(file_of())
    at = content.rindex(b"PK\x01\x02")
    for place in (at + 20, at + 24):  # packed and whole size of the last entry
        struct.pack_into("<I", content, place, 1_999_999)

    assert "cut short or damaged" in refusal(bytes(content))


def test_members_that_lie_over_each_other_are_refused() -> None:
    content = bytearray(file_of())
    first = content.index(b"PK\x01\x02")
    second = content.index(b"PK\x01\x02", first + 1)
    content[second : second + 46] = content[first : first + 46]

    assert refusal(bytes(content))


@pytest.mark.parametrize(
    "bend",
    [
        lambda content: b"#!/bin/sh\n" + content,
        lambda content: content + b"tail",
        lambda content: content[:-1],
        lambda content: content[:60],
        lambda content: b"",
        lambda content: b"PK\x05\x06",
        lambda content: b"not a zip at all, but long enough to hold an end",
        lambda content: content + content,
    ],
    ids=["before", "after", "cut", "head", "empty", "mark", "text", "twice"],
)
def test_what_is_no_such_file_is_refused(bend: Callable[[bytes], bytes]) -> None:
    assert refusal(bend(file_of()))


def test_every_byte_counts() -> None:
    content = file_of(FILES, key())

    survived = []
    for at in range(len(content)):
        altered = bytearray(content)
        altered[at] ^= 1
        try:
            open_archive(bytes(altered))
        except ArchiveRefused:
            continue
        survived.append(at)

    assert survived == []


def test_a_byte_that_was_lost_on_the_way_is_told_from_one_that_was_changed_by_somebody() -> None:
    content = bytearray(file_of())
    content[content.index(b"value.none")] ^= 1

    assert "'river_watch/messages/en.yaml' in it is cut short or damaged" in refusal(bytes(content))


def test_a_nested_archive_is_a_file_like_any_other_and_is_not_opened() -> None:
    inner = zipped({"a": b"\0" * 1_000_000}, method=zipfile.ZIP_DEFLATED)

    archive = open_archive(file_of({**FILES, "samples/inner.zip": inner}))

    assert archive.files["samples/inner.zip"] == inner


def test_too_many_files_are_refused_before_they_are_read() -> None:
    content = bytearray(file_of())
    struct.pack_into("<HH", content, len(content) - 14, 60_000, 60_000)

    assert "holds 60000 files" in refusal(bytes(content))


def test_a_large_file_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "large.gtpkg"
    with path.open("wb") as file:
        file.truncate(5_000_000_000)

    with pytest.raises(ArchiveRefused, match="at most"):
        read_archive(path)


def test_a_member_too_large_is_refused() -> None:
    large = {**members(file_of()), "river_watch/samples/x.csv": b"x" * 2_000_001}

    assert "has 2000001 bytes" in refusal(container.written(large))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveRefused, match="cannot be read"):
        read_archive(tmp_path / "nowhere.gtpkg")


def test_a_file_that_is_altered_and_one_that_is_missing_are_named() -> None:
    held = members(file_of())
    other = {**held, "river_watch/messages/en.yaml": b"value.none: NONE\n"}
    fewer = {name: content for name, content in held.items() if "en.yaml" not in name}

    assert "'messages/en.yaml' in it is not what the manifest says" in refusal(
        container.written(other)
    )
    assert "messages/en.yaml' is named and is not in it" in refusal(container.written(fewer))


def test_members_in_another_order_are_refused() -> None:
    held = list(members(file_of()).items())

    assert "not one as" in refusal(container.written(dict([held[0], held[2], held[1]])))


@pytest.mark.parametrize(
    "bend",
    [
        lambda facts: facts | {"more": 1},
        lambda facts: facts | {"id": "../evil"},
        lambda facts: facts | {"version": "01.0.0"},
        lambda facts: facts | {"version": 1},
        lambda facts: facts | {"kernel": "x" * 1000},
        lambda facts: facts | {"hooks": 0},
        lambda facts: facts | {"files": {}},
        lambda facts: facts | {"files": [facts["files"][0] | {"size": -1}]},
        lambda facts: facts | {"files": [facts["files"][0] | {"size": True}]},
        lambda facts: facts | {"files": [facts["files"][0] | {"sha256": "A" * 64}]},
        lambda facts: facts | {"files": [*facts["files"], facts["files"][0]]},
        lambda facts: facts | {"files": facts["files"][::-1]},
        lambda facts: [facts],
        lambda facts: facts | {"format": 2},
    ],
)
def test_a_manifest_of_another_form_is_refused(bend: Callable[[dict[str, object]], object]) -> None:
    held = members(file_of())
    facts = bend(json.loads(held["MANIFEST.json"]))
    text = json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()

    sentence = refusal(container.written({**held, "MANIFEST.json": text}))

    assert "manifest" in sentence or "format 2" in sentence


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[" * 100_000,
        b"{",
        b'{"id": "a"}',
    ],
)
def test_a_manifest_that_is_no_manifest_is_refused(text: bytes) -> None:
    assert "manifest" in refusal(container.written({**members(file_of()), "MANIFEST.json": text}))


def test_a_key_that_stands_twice_in_the_manifest_is_refused() -> None:
    held = members(file_of())
    twice = held["MANIFEST.json"].replace(b'"hooks":false', b'"hooks":true,"hooks":false')

    assert "the one form" in refusal(container.written({**held, "MANIFEST.json": twice}))


def test_no_manifest_is_no_package() -> None:
    held = {name: c for name, c in members(file_of()).items() if name != "MANIFEST.json"}

    assert "has no MANIFEST.json" in refusal(container.written(held))


def test_a_forged_signature_is_refused() -> None:
    held = members(file_of(FILES, key("Taizhou")))
    told = of_files(FILES, **FACTS)
    mine = json.loads(sign(told, key("Taizhou")).bytes)
    theirs = json.loads(held["SIGNATURE.json"])

    forged = json.dumps(theirs | {"signature": mine["signature"]}, sort_keys=True).encode()
    text = forged.replace(b": ", b":").replace(b", ", b",")

    sentence = refusal(container.written({**held, "SIGNATURE.json": text}))
    assert "the signature of 'Taizhou' does not hold" in sentence


def test_a_true_signature_under_another_name_is_refused() -> None:
    held = members(file_of(FILES, key("Eve")))
    renamed = held["SIGNATURE.json"].replace(b'"signer":"Eve"', b'"signer":"Taizhou"')

    assert "does not hold" in refusal(container.written({**held, "SIGNATURE.json": renamed}))


def test_a_signature_of_another_package_is_refused() -> None:
    signer = key()
    other = members(file_of({"app.yaml": APP.replace(b"0.1.0", b"0.2.0")}, signer, version="0.2.0"))
    held = members(file_of(FILES, signer))

    swapped = {**held, "SIGNATURE.json": other["SIGNATURE.json"]}

    assert "does not hold" in refusal(container.written(swapped))


@pytest.mark.parametrize(
    "text",
    [
        b"{}", b"[]", b"null", b"nonsense",
        b'{"algorithm":"none","public":"","signature":"","signer":"Eve"}',
        b'{"algorithm":"ed25519","public":"","signature":"","signer":"Eve\\n"}',
        b'{"algorithm":"ed25519","public":1,"signature":"","signer":"Eve"}',
        b'{"algorithm":"ed25519","public":"*","signature":"","signer":"Eve"}',
    ],
)  # fmt: skip
def test_a_signature_of_another_form_is_refused(text: bytes) -> None:
    held = members(file_of(FILES, key()))

    assert "its signature does not have" in refusal(
        container.written({**held, "SIGNATURE.json": text})
    )


@pytest.mark.parametrize("algorithm", ["ed25519", "sm2"])
def test_an_empty_key_signs_nothing(algorithm: str) -> None:
    text = f'{{"algorithm":"{algorithm}","public":"","signature":"","signer":"Eve"}}'.encode()
    held = members(file_of(FILES, key()))

    assert "does not hold" in refusal(container.written({**held, "SIGNATURE.json": text}))


@pytest.mark.parametrize(
    ("name", "value"),
    [("id", "other_app"), ("version", "9.9.9"), ("kernel", ">=9")],
)
def test_a_package_that_says_otherwise_than_its_manifest_is_refused(name: str, value: str) -> None:
    content = file_of(FILES, key(), **{name: value})

    assert f"the manifest says {name} '{value}'" in refusal(content)


def test_hooks_that_the_manifest_hides_are_refused() -> None:
    held = members(file_of({**FILES, "hooks.py": b"import os\n"}))
    hidden = held["MANIFEST.json"].replace(b'"hooks":true', b'"hooks":false')

    assert "the manifest says hooks" in refusal(
        container.written({**held, "MANIFEST.json": hidden})
    )


def test_an_archive_without_app_yaml_is_refused() -> None:
    assert "app.yaml" in refusal(file_of({"messages/en.yaml": b""}))


def test_nothing_is_written_while_a_file_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    content = file_of(FILES, key())

    open_archive(content)
    refusal(with_member("../evil.yaml"))

    assert list(tmp_path.iterdir()) == []
    assert not (tmp_path.parent / "evil.yaml").exists()
