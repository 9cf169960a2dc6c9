"""Names of files as people gave them, without what could trap whoever sees or saves them.

Only the last part of a path is kept; control characters, characters that turn the direction of
writing (``‮gpj.exe`` reads as ``exe.jpg``), and what a Windows disk refuses are taken out; the
extension is that of the content. A name is shown and sent, never used as a path here.
"""

import re
import unicodedata

MOST = 120
# Reserved on Windows disks, where most officers save what they download.
_RESERVED = re.compile(r'[<>:"|?*/\\]')
_DEVICES = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)")


def extension(name: str) -> str:
    """Return the last extension of a name, in small letters and without its dot."""
    return clean(name, "").rpartition(".")[2].lower() if "." in clean(name, "") else ""


def clean(name: str, wanted: str) -> str:
    """Return ``name`` made harmless, ending in ``.wanted`` where that is given."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # Cc control, Cf format (all direction marks and joiners of no width), Cs, Co, Cn: not letters.
    shown = "".join(c if c != "\u00a0" else " " for c in last if unicodedata.category(c)[0] != "C")
    shown = _RESERVED.sub("_", shown)
    shown = re.sub(r"\s+", " ", shown).strip(" .")
    if _DEVICES.match(shown):
        shown = f"_{shown}"
    if not wanted:
        return shown[:MOST]
    stem, dot, ending = shown.rpartition(".")
    if not dot or ending.lower() not in _SAME.get(wanted, (wanted,)):
        stem = shown
    stem = stem.strip(" .")[: MOST - len(wanted) - 1] or "file"
    return f"{stem}.{wanted}"


_SAME = {"jpg": ("jpg", "jpeg", "jpe", "jfif"), "txt": ("txt", "text", "log")}
