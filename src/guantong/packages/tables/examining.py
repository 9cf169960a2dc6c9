"""What the doctor says of a package with another version of one of its tables.

A table does not stand alone: the signal that asks it, the data it reads and the words of its
levels are the package's. So the whole package is asked, and what it had to say before is left out.
"""

from guantong.packages.doctor.examine import examine
from guantong.packages.findings import Finding
from guantong.packages.kinds.known import by_name
from guantong.packages.package import Package


def with_table(package: Package, path: str, content: bytes) -> Package:
    """Return the package as it would be with this file in the place of its own."""
    kind = by_name("rules")
    return package.changed(path, kind.read(path, kind.name, content))


def examined_table(package: Package, path: str, content: bytes) -> list[Finding]:
    """Return what the doctor finds about a version: in it, or because of it elsewhere."""
    before = {_told(finding) for finding in examine(package, province=None)}
    found = examine(with_table(package, path, content), province=None)
    return [f for f in found if f.path == path or _told(f) not in before]


def _told(finding: Finding) -> tuple[str, str, str]:
    return finding.path, finding.code, finding.sentence("en")
