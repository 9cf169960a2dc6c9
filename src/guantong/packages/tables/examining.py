"""What the doctor says of a package with another version of one of its tables.

A table does not stand alone: the signal that asks it, the data it reads and the words of its
levels are the package's. So the package is examined with the version in its place, and what there
was to say before is left out.
"""

import functools

from guantong.packages.doctor.asked import QUESTIONS
from guantong.packages.doctor.subject import Subject
from guantong.packages.findings import Finding, in_order
from guantong.packages.kinds.known import by_name
from guantong.packages.package import Package

# The questions whose answer another table can change; the others are the release's alone.
_ABOUT_TABLES = ("schema", "references", "levels", "signals", "rules", "words")


def with_table(package: Package, path: str, content: bytes) -> Package:
    """Return the package as it would be with this file in the place of its own."""
    kind = by_name("rules")
    return package.changed(path, kind.read(path, kind.name, content))


def examined_table(package: Package, path: str, content: bytes) -> list[Finding]:
    """Return what the doctor finds about a version: in it, or errors because of it elsewhere.

    A doubt elsewhere (a word that is now unused) is not for whoever writes the table to mend.
    """
    found = _answers(with_table(package, path, content))
    before = _told_before(package)
    return [f for f in found if f.path == path or (f.level == "error" and _told(f) not in before)]


@functools.lru_cache(maxsize=8)
def _told_before(package: Package) -> frozenset[tuple[str, str, str]]:
    return frozenset(_told(finding) for finding in _answers(package))


def _answers(package: Package) -> list[Finding]:
    subject = Subject(package)
    return in_order([f for name in _ABOUT_TABLES for f in QUESTIONS[name](subject)])


def _told(finding: Finding) -> tuple[str, str, str]:
    return finding.path, finding.code, finding.sentence("en")
