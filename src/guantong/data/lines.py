"""The lines of a text file, read with a fixed amount of memory, or the reason why it is none.

Whatever a person may hand in by mistake (a folder, a spreadsheet saved as UTF-16, a disk image)
gets one answer here, before anything looks at columns. Lines are counted as an editor counts.
"""

import codecs
import io
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from guantong.data.errors import FileRefused
from guantong.data.fault import Fault, shown

# IBTrACS has some 170 columns and lines of about 1,200 characters; 64 KiB is no line of a table.
MOST_BYTES_OF_A_LINE = 64 * 1024
_LOOK = 4096


@dataclass(frozen=True, slots=True)
class Held:
    """A file whose bytes are held already, under the name it has."""

    name: str
    content: bytes = field(repr=False)

    def __str__(self) -> str:
        return self.name


Source = Path | Held


def refuse(path: Source, code: str, line: int | None = None, **facts: object) -> FileRefused:
    """Return the refusal of a file as a whole."""
    return FileRefused(file=str(path), fault=Fault(code, line, None, facts))


def text_lines(path: Source) -> Iterator[str]:
    """Yield each line with its line end; what is not UTF-8 text raises FileRefused."""
    if isinstance(path, Held):
        yield from _lines(path, io.BytesIO(path.content))
        return
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise refuse(path, "folder")
        if not stat.S_ISREG(mode):
            raise refuse(path, "no-file")  # a pipe or a device may never end
        with path.open("rb") as file:
            yield from _lines(path, file)
    except (FileNotFoundError, NotADirectoryError):
        raise refuse(path, "missing") from None
    except ValueError:  # a name with a NUL in it
        raise refuse(path, "missing") from None
    except OSError as fault:
        reason = shown(os.strerror(fault.errno) if fault.errno else fault)
        raise refuse(path, "unreadable", reason=reason) from None


def _lines(path: Source, file: BinaryIO) -> Iterator[str]:
    head = file.read(_LOOK)
    if not head.strip(b"\xef\xbb\xbf \t\r\n") and len(head) < _LOOK:
        raise refuse(path, "empty")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _looks_like_utf_16(head):
        raise refuse(path, "utf-16")
    file.seek(len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0)
    number = 0
    while raw := file.readline(MOST_BYTES_OF_A_LINE + 1):
        number += 1
        if b"\x00" in raw:
            raise refuse(path, "nul", number)
        try:
            line = raw.decode("utf-8")
        except UnicodeDecodeError as fault:
            # A line cut at the limit may end within a character; then it is too long, not broken.
            if fault.start < len(raw) - 3 or len(raw) <= MOST_BYTES_OF_A_LINE:
                raise refuse(path, _encoding(raw), number) from None
            line = ""
        if len(raw) > MOST_BYTES_OF_A_LINE:
            raise refuse(path, "line-long", number, limit=MOST_BYTES_OF_A_LINE)
        yield line


def _looks_like_utf_16(head: bytes) -> bool:
    """ASCII letters as UTF-16 without its mark: every second byte is zero."""
    pairs = len(head) // 2
    if pairs < 2:
        return False
    return any(head[i::2].count(0) > 0.9 * pairs and head[1 - i :: 2].count(0) == 0 for i in (0, 1))


def _encoding(raw: bytes) -> str:
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        return "encoding"
    return "gbk" if any("\u4e00" <= c <= "\u9fff" for c in text) else "encoding"
