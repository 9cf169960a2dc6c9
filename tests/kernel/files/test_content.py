"""What a file really is: told from its bytes, whatever its name says; traps are not taken in."""

import io
import zipfile

import pytest
from tests.kernel.files import samples

from guantong.files import naming
from guantong.files.content import CSV, DOCX, JPEG, OFD, PDF, PNG, TXT, WEBP, XLSX, Kind, examine
from guantong.files.errors import (
    Bomb,
    Broken,
    Empty,
    FileRefused,
    HoldsCode,
    TooLarge,
    TypeLies,
    TypeNotAllowed,
)
from guantong.files.limits import MOST_BYTES


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("海塘.pdf", samples.pdf(), PDF),
        ("海塘.png", samples.picture("PNG"), PNG),
        ("海塘.JPG", samples.picture("JPEG"), JPEG),
        ("海塘.jpeg", samples.picture("JPEG"), JPEG),
        ("海塘.webp", samples.picture("WEBP"), WEBP),
        ("通知.docx", samples.docx(), DOCX),
        ("名单.xlsx", samples.xlsx(), XLSX),
        ("公文.ofd", samples.ofd(), OFD),
        ("说明.txt", "海塘完好。\r\n".encode(), TXT),
        ("说明.txt", "海塘完好。".encode("gb18030"), TXT),
        ("名单.csv", "户号,人数\n1,3\n".encode("utf-8-sig"), CSV),
        ("没有后缀", samples.picture("JPEG"), JPEG),
    ],
)
def test_what_offices_exchange_is_taken_in(name: str, data: bytes, kind: Kind) -> None:
    assert examine(data, name) == kind


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("a.txt", b'<svg onload="alert(1)"/>'),
        ("a.html", b"<!doctype html><script>alert(1)</script>"),
        ("a.txt", b"  <HTML><body onload=alert(1)>"),
        ("a.csv", b"name,\n<script>alert(1)</script>"),
        ("a.txt", b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"),
        ("a.exe", b"MZ\x90\x00" + bytes(200)),
        ("a.sh", b"#!/bin/sh\nrm -rf /\n"),
        ("a.txt", b"\x7fELF" + bytes(60)),
        ("a.zip", samples.packed({"a.txt": "x"})),
        ("a.docx", samples.packed({"a.txt": "x"})),
        ("a.gif", b"GIF89a" + bytes(40)),
        ("a.mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(40)),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("a.php", b"plain words only"),
    ],
)
def test_what_is_not_on_the_list_is_refused_under_any_name(name: str, data: bytes) -> None:
    with pytest.raises(TypeNotAllowed, match="Allowed are pdf, png, jpg") as refused:
        examine(data, name)

    assert "另存或扫描为其中一种" in refused.value.sentence("zh-CN")


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("photo.jpg", samples.pdf(), "pdf"),
        ("letter.pdf", samples.picture("PNG"), "png"),
        ("letter.docx", samples.xlsx(), "xlsx"),
        ("photo.png", b"only words", "txt"),
    ],
)
def test_a_name_that_lies_about_the_content_is_refused(name: str, data: bytes, found: str) -> None:
    with pytest.raises(TypeLies, match=f"but it is {found}"):
        examine(data, name)


def test_nothing_and_too_much_are_refused() -> None:
    with pytest.raises(Empty):
        examine(b"", "a.txt")
    assert examine(b"a" * MOST_BYTES, "a.txt") == TXT
    with pytest.raises(TooLarge, match="larger than 20 MB"):
        examine(b"a" * (MOST_BYTES + 1), "a.txt")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.docx", samples.zip_bomb()),
        ("a.docx", samples.docx({f"word/{n}.xml": "" for n in range(5001)})),
        ("a.png", samples.huge_png()),
    ],
    ids=["a Word file of 300 MB", "a Word file of 5001 parts", "a PNG of 3600 megapixels"],
)
def test_a_bomb_is_refused_without_being_unpacked(name: str, data: bytes) -> None:
    assert len(data) < 1024 * 1024

    with pytest.raises(Bomb):
        examine(data, name)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.docx", samples.docx({"word/vbaProject.bin": b"macro"})),
        ("a.docx", samples.docx(type=samples.MACRO_TYPE)),
        ("a.docx", samples.docx({"word/activeX/activeX1.bin": b"x"})),
        ("a.docx", samples.docx({"word/embeddings/oleObject1.bin": b"x"})),
        (
            "a.docx",
            samples.docx(
                {
                    "word/_rels/settings.xml.rels": samples.relation(
                        "attachedTemplate", "http://evil.example/x.dotm"
                    )
                }
            ),
        ),
        ("a.pdf", samples.pdf(extra=b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >> ")),
        ("a.pdf", samples.pdf(extra=b"/OpenAction << /S /Launch /F (cmd.exe) >> ")),
    ],
)
def test_a_file_that_would_act_when_it_is_opened_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(HoldsCode):
        examine(data, name)


def test_a_link_that_waits_to_be_pressed_is_no_trap() -> None:
    links = samples.relation("hyperlink", "https://www.gov.cn/")

    assert examine(samples.docx({"word/_rels/document.xml.rels": links}), "a.docx") == DOCX


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", samples.pdf() + samples.packed({"payload.txt": "x"})),
        ("a.jpg", samples.picture("JPEG") + samples.packed({"payload.txt": "x"})),
        ("a.pdf", samples.pdf()[:-40]),
        ("a.png", samples.picture("PNG")[:200]),
        ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ("a.docx", samples.docx()[:-30]),
        ("a.docx", samples.docx({"../../etc/cron.d/x": "x"})),
        ("a.docx", samples.docx({"/etc/passwd": "x"})),
    ],
    ids=[
        "PDF and zip at once", "picture and zip at once", "cut PDF", "cut PNG", "no PNG at all",
        "cut Word file", "a way out upwards", "a way out from the root",
    ],
)  # fmt: skip
def test_a_broken_file_or_one_of_two_kinds_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(Broken):
        examine(data, name)


def test_a_locked_file_is_refused() -> None:
    data = bytearray(samples.docx())
    place = data.find(b"PK\x01\x02")
    data[place + 8] |= 1

    with pytest.raises(FileRefused):
        examine(bytes(data), "a.docx")


def test_a_directory_that_lies_about_sizes_does_not_swell() -> None:
    """The zip says its content types have ten bytes; they unpack to 64 MB, of which we read two."""
    data = samples.docx({"[Content_Types].xml": b"A" * (64 * 1024 * 1024)})
    lied = bytearray(data)
    place = lied.find(b"PK\x01\x02")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.infolist()[0].file_size == 64 * 1024 * 1024
    lied[place + 24 : place + 28] = (10).to_bytes(4, "little")

    with pytest.raises((Bomb, Broken)):
        examine(bytes(lied), "a.docx")


@pytest.mark.parametrize(
    ("given", "wanted", "kept"),
    [
        ("海塘 照片.JPG", "jpg", "海塘 照片.jpg"),
        ("../../etc/passwd", "txt", "passwd.txt"),
        ("C:\\Users\\lin\\海塘.pdf", "pdf", "海塘.pdf"),
        ("..\\..\\windows\\win.ini", "txt", "win.ini.txt"),
        ("photo\u202egpj.exe", "jpg", "photogpj.exe.jpg"),
        ("a\u200b\u2066b\u2069.pdf", "pdf", "ab.pdf"),
        ("a\x00b\nc.pdf", "pdf", "abc.pdf"),
        ("con.txt", "txt", "_con.txt"),
        ('a<b>:"|?*.csv', "csv", "a_b______.csv"),
        ("...", "pdf", "file.pdf"),
        ("", "pdf", "file.pdf"),
        (".htaccess", "txt", "htaccess.txt"),
        ("a" * 300 + ".pdf", "pdf", "a" * 116 + ".pdf"),
    ],
)
def test_a_name_is_made_harmless(given: str, wanted: str, kept: str) -> None:
    assert naming.clean(given, wanted) == kept
