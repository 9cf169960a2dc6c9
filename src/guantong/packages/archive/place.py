"""Where a member of a package file may stand: a plain relative name, the same on every machine.

A name is judged as text, never by asking a file system: what is harmless here might leave the
folder, or fall together with another name, on the machine of somebody else.
"""

import unicodedata
from collections.abc import Iterable

from guantong.packages.archive.errors import ArchiveRefused

# NAME_MAX of the usual file systems; no path of a package comes near.
MOST_NAME_BYTES = 255
_STRANGE = frozenset('\\:*?"<>|')


def refuse_bad_places(paths: Iterable[str]) -> None:
    """Refuse names that lead out of the package, or that two machines would read differently."""
    seen: dict[str, str] = {}
    for path in paths:
        if why := _fault(path):
            raise ArchiveRefused(why, path=path)
        # On Windows and macOS these are one file, and the second would replace the first.
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", path).casefold())
        if folded in seen:
            reason = "twice" if seen[folded] == path else "alike"
            raise ArchiveRefused(reason, path=path, other=seen[folded])
        seen[folded] = path


def _fault(path: str) -> str | None:
    parts = path.split("/")
    if path.startswith("/") or ".." in parts:
        return "leaves"
    if any(part in ("", ".") or part[0] == "." or part[-1] in ". " for part in parts):
        return "name"
    if not path.isprintable() or _STRANGE & set(path):
        return "name"
    if unicodedata.normalize("NFC", path) != path:
        return "name"
    if any(len(part.encode()) > MOST_NAME_BYTES for part in parts):
        return "name"
    return None
