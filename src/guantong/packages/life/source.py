"""Where a package that somebody wants to install comes in: the one place that opens it.

A folder is read as it lies. Whoever brings another form (a signed file) adds it here, and says who
signed it.
"""

from dataclasses import dataclass
from pathlib import Path

from guantong.packages.package import Package
from guantong.packages.reading import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A package as it was brought. ``signer`` is empty where nobody signed it."""

    package: Package
    signer: str = ""
    origin: str = "file"


def bring(path: Path) -> Brought:
    """Return the package at a path, or refuse a path that cannot be read."""
    return Brought(package=read(path))
