"""What a file really is, told from its bytes; what is not on the list, or is a trap, is refused.

The sender's word (name, media type) is never believed. On the list is what offices exchange and
what can be shown without running anything: PDF, pictures, Word and Excel without macros, plain
text, CSV, OFD (GB/T 33190-2016). A page of HTML or SVG can carry script and is not taken in under
any name. A file that is two things at once (a PDF that is a zip, too) is refused, because two
programs would read two different things in it.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import puremagic
from PIL import Image

from guantong.files import naming
from guantong.files.errors import Bomb, Broken, Empty, HoldsCode, TooLarge, TypeLies, TypeNotAllowed
from guantong.files.limits import (
    MOST_BYTES,
    MOST_MEMBERS,
    MOST_PIXELS,
    MOST_RATIO,
    MOST_UNPACKED,
)

_OFFICE = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file: the extension it gets, its media type, and whether it has a preview."""

    extension: str
    media_type: str
    preview: bool


PDF = Kind("pdf", "application/pdf", preview=True)
PNG = Kind("png", "image/png", preview=True)
JPEG = Kind("jpg", "image/jpeg", preview=True)
WEBP = Kind("webp", "image/webp", preview=True)
DOCX = Kind("docx", f"{_OFFICE}wordprocessingml.document", preview=False)
XLSX = Kind("xlsx", f"{_OFFICE}spreadsheetml.sheet", preview=False)
OFD = Kind("ofd", "application/ofd", preview=False)
TXT = Kind("txt", "text/plain", preview=False)
CSV = Kind("csv", "text/csv", preview=False)
KINDS = (PDF, PNG, JPEG, WEBP, DOCX, XLSX, OFD, TXT, CSV)

_NAMES = {"jpeg": "jpg", "jpe": "jpg", "jfif": "jpg", "text": "txt", "log": "txt"}
_MARKUP = re.compile(rb"(?i)<\s*(!doctype|html|script|svg|\?xml|iframe|body|head|img|object)\b")
# Names by which a PDF starts a program or a script (ISO 32000-1, 12.6.4).
_PDF_ACTS = (b"/JavaScript", b"/Launch", b"/RichMedia")


def kind_of(media_type: str) -> Kind:
    """Return the kind of a stored file."""
    return next(kind for kind in KINDS if kind.media_type == media_type)


def examine(data: bytes, name: str) -> Kind:
    """Return what the bytes are, or refuse them."""
    if not data:
        raise Empty()
    if len(data) > MOST_BYTES:
        raise TooLarge(most=MOST_BYTES // (1024 * 1024))
    said = naming.extension(name)
    said = _NAMES.get(said, said)
    kind = _recognise(data, said)
    if said and said != kind.extension:
        if said in {k.extension for k in KINDS}:
            raise TypeLies(said=said, found=kind.extension)
        raise TypeNotAllowed(kind=said[:12], known=_known())
    _CHECKS[kind](data)
    if kind not in (DOCX, XLSX, OFD) and zipfile.is_zipfile(io.BytesIO(data)):
        raise Broken(kind=kind.extension)
    return kind


def _recognise(data: bytes, said: str) -> Kind:
    for mark, kind in _MARKS:
        if data.startswith(mark):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data.startswith(b"PK\x03\x04"):
        return _office(data)
    text = _text(data)
    if text is None or _MARKUP.search(text[:4096].encode()):
        raise TypeNotAllowed(kind=_guess(data, said), known=_known())
    return CSV if said == "csv" else TXT


_MARKS = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
)


def _guess(data: bytes, said: str) -> str:
    """Return what a refused file seems to be, for the sentence only."""
    try:
        found = puremagic.from_string(data[:4096])
    except (puremagic.PureError, ValueError):
        found = ""
    return found.lstrip(".")[:12] or said[:12] or "?"


def _known() -> str:
    return ", ".join(kind.extension for kind in KINDS)


def _text(data: bytes) -> str | None:
    """Return the bytes as text of either encoding that offices use; None when they are none."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if any(c < " " and c not in "\t\r\n\f" for c in text) else text
    return None


def _pdf(data: bytes) -> None:
    if b"%%EOF" not in data[-2048:] or b"startxref" not in data[-4096:]:
        raise Broken(kind="pdf")
    if any(name in data for name in _PDF_ACTS):
        raise HoldsCode(kind="pdf")


def _picture(wanted: str) -> Callable[[bytes], None]:
    def check(data: bytes) -> None:
        try:
            # Only the head is read here, so that a picture of a gigapixel costs nothing to refuse.
            with Image.open(io.BytesIO(data), formats=[wanted]) as picture:
                width, height = picture.size
                frames = getattr(picture, "n_frames", 1)
                if width * height * min(frames, 500) > MOST_PIXELS:
                    raise Bomb(kind=wanted.lower())
                picture.verify()
        except Image.DecompressionBombError:
            raise Bomb(kind=wanted.lower()) from None
        except (OSError, SyntaxError, ValueError, EOFError, IndexError):
            raise Broken(kind=wanted.lower()) from None

    return check


def _office(data: bytes) -> Kind:
    """Return which of the packed kinds it is; only the directory of the zip is read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {info.filename for info in archive.infolist()}
    except (zipfile.BadZipFile, ValueError, RuntimeError, OSError):
        raise Broken(kind="zip") from None
    if "word/document.xml" in names:
        return DOCX
    if "xl/workbook.xml" in names:
        return XLSX
    if "OFD.xml" in names:
        return OFD
    raise TypeNotAllowed(kind="zip", known=_known())


def _packed(kind: str) -> Callable[[bytes], None]:
    def check(data: bytes) -> None:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                _measure(archive, len(data), kind)
                _inside(archive, kind)
        except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, RuntimeError):
            raise Broken(kind=kind) from None

    return check


def _measure(archive: zipfile.ZipFile, packed: int, kind: str) -> None:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise Bomb(kind=kind)
    unpacked = sum(info.file_size for info in members)
    if unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(packed, 64 * 1024):
        raise Bomb(kind=kind)
    for info in members:
        if info.flag_bits & 0x1:
            raise Broken(kind=kind)  # locked by a password: nobody here could look into it
        parts = info.filename.replace("\\", "/").split("/")
        if info.filename.startswith(("/", "\\")) or ".." in parts or ":" in info.filename:
            raise Broken(kind=kind)


def _inside(archive: zipfile.ZipFile, kind: str) -> None:
    """Refuse macros, packed programs, and links that fetch when the file is opened."""
    for info in archive.infolist():
        name = info.filename.lower()
        if name.endswith(("vbaproject.bin", "vbadata.xml", ".exe", ".dll", ".js", ".vbs", ".bat")):
            raise HoldsCode(kind=kind)
        if "/activex/" in name or "/embeddings/oleobject" in name:
            raise HoldsCode(kind=kind)
        if name == "[content_types].xml" and b"macroenabled" in _read(archive, info).lower():
            raise HoldsCode(kind=kind)
        if name.endswith(".rels"):
            for link in re.findall(rb"<Relationship\b[^>]*>", _read(archive, info)):
                outside = b'TargetMode="External"' in link or b"TargetMode='External'" in link
                # A hyperlink waits to be pressed; a template, a frame or an object does not.
                if outside and b"/hyperlink" not in link:
                    raise HoldsCode(kind=kind)
    if kind in ("docx", "xlsx") and "[Content_Types].xml" not in archive.namelist():
        raise Broken(kind=kind)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    # What the directory says of the size may be a lie: never more than this is unpacked.
    with archive.open(info) as member:
        return member.read(2 * 1024 * 1024)


def _plain(data: bytes) -> None:
    # Told from all others by being text without markup; there is nothing more to look for.
    assert _text(data) is not None, "what is no text was refused before"


_CHECKS: dict[Kind, Callable[[bytes], None]] = {
    PDF: _pdf,
    PNG: _picture("PNG"),
    JPEG: _picture("JPEG"),
    WEBP: _picture("WEBP"),
    DOCX: _packed("docx"),
    XLSX: _packed("xlsx"),
    OFD: _packed("ofd"),
    TXT: _plain,
    CSV: _plain,
}
