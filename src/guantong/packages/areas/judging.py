"""The doctor's word on a package as an area has it.

Each change is checked by itself (``checking``); whether flow, signals and rules still find the
answers they speak of, only the whole can show. The same questions are asked as of a package
before it is installed, as far as words and forms can change the answers; what the package has
against it already is not held against the area.
"""

import functools

from guantong.packages.areas.difference import Edits
from guantong.packages.areas.errors import UnsoundForArea
from guantong.packages.areas.view import whole
from guantong.packages.doctor.asked import QUESTIONS
from guantong.packages.doctor.subject import Subject
from guantong.packages.findings import Finding
from guantong.packages.package import Package

# Not the scenarios: they play what the package asks, and nobody plays an area's own questions.
_ASKED = ("schema", "forms", "flows", "levels", "signals", "words")


def refuse_unsound(package: Package, edits: Edits) -> None:
    """Refuse what would give the doctor an error to find that the package has not itself."""
    known = _known(package)
    for finding in _errors(whole(package, edits)):
        if _of(finding) not in known:
            raise UnsoundForArea(finding=finding, path=finding.path)


def _errors(package: Package) -> list[Finding]:
    subject = Subject(package, None)
    return [f for name in _ASKED for f in QUESTIONS[name](subject) if f.level == "error"]


@functools.lru_cache(maxsize=32)
def _known(package: Package) -> frozenset[tuple[str, str, str]]:
    return frozenset(_of(finding) for finding in _errors(package))


def _of(finding: Finding) -> tuple[str, str, str]:
    return finding.check, finding.path, finding.sentence()
