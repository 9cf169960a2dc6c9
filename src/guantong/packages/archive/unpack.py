"""An archive into a folder that is new and its owner's alone, so that it can be read as a package.

The names were judged when the archive was opened; here each file is made anew and no link is
followed, so that even a folder somebody else could reach would not lead elsewhere.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from guantong.packages.archive.opening import Archive
from guantong.packages.package import Package
from guantong.packages.reading import read


def unpack(archive: Archive, parent: Path) -> Path:
    """Write the files of an archive into a new folder ``<id>`` under ``parent``; return it."""
    folder = parent / archive.id
    folder.mkdir(mode=0o700)
    for path, content in archive.files.items():
        place = folder / path
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(place, flags, 0o600), "wb") as file:
            file.write(content)
    return folder


@contextmanager
def unpacked(archive: Archive) -> Iterator[Package]:
    """Have an archive as a package that was read, in a private folder that goes away afterwards."""
    parent = Path(tempfile.mkdtemp(prefix="guantong-package-"))
    try:
        yield read(unpack(archive, parent))
    finally:
        shutil.rmtree(parent)
