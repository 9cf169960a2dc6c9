"""Files as people send them, and as attackers do: made here, nothing is downloaded."""

import io
import struct
import zipfile
import zlib

from PIL import Image

CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Override PartName="/word/document.xml" ContentType="{type}"/></Types>'
)
PLAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MACRO_TYPE = "application/vnd.ms-word.document.macroEnabled.main+xml"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def picture(kind: str = "PNG", size: tuple[int, int] = (640, 480), *, exif: bool = False) -> bytes:
    """A picture of a sea wall, as far as a test cares; with ``exif`` it says where it was taken."""
    made, target = Image.new("RGB", size, (90, 120, 150)), io.BytesIO()
    made.paste((200, 60, 40), (0, 0, size[0] // 2, size[1] // 2))
    if exif:
        data = Image.Exif()
        data[0x010F] = "HomePhone of Lin"
        data[0x8825] = {1: "N", 2: (28.0, 22.0, 5.0), 3: "E", 4: (121.0, 22.0, 9.0)}
        data[0x0112] = 6  # turned on its side
        made.save(target, kind, exif=data)
    else:
        made.save(target, kind)
    return target.getvalue()


def pdf(text: str = "Sea wall", *, extra: bytes = b"", pages: int = 1) -> bytes:
    """A small PDF written by hand, with a right table of references."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R " + extra + b">>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number in range(pages):
        stream = f"BT /F1 24 Tf 72 700 Td ({text} {number + 1}) Tj ET".encode()
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * number} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream")
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    return out + (
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    )


def packed(members: dict[str, bytes | str]) -> bytes:
    """A zip of these members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def docx(more: dict[str, bytes | str] | None = None, *, type: str = PLAIN_TYPE) -> bytes:
    """A Word file, with whatever else is put into it."""
    return packed(
        {
            "[Content_Types].xml": CONTENT_TYPES.format(type=type),
            "word/document.xml": "<w:document/>",
            **(more or {}),
        }
    )


def xlsx() -> bytes:
    """An Excel file."""
    return packed({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"})


def ofd() -> bytes:
    """An OFD file."""
    return packed({"OFD.xml": "<ofd:OFD/>", "Doc_0/Document.xml": "<ofd:Document/>"})


def relation(kind: str, target: str) -> str:
    """A relation of a Word file to something outside."""
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return (
        f'<Relationships><Relationship Id="r1" Type="{base}/{kind}" Target="{target}"'
        ' TargetMode="External"/></Relationships>'
    )


def huge_png(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few bytes that says it has 3.6 thousand million pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def zip_bomb() -> bytes:
    """A Word file of 300 KB that unpacks to 300 MB."""
    return docx({"word/media/zeros.bin": bytes(300 * 1024 * 1024)})
