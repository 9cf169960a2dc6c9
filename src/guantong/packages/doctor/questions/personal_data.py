"""Does any file hold what looks like a real person's number?

A package is copied from area to area and kept in repositories. A resident's id number or a
mobile number in it would be a leak that nobody can call back. The number itself is not
repeated in the finding.
"""

import re
from collections.abc import Iterator

from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import Subject
from guantong.packages.findings import Finding

_REPORT = Report("personal_data")
_RESIDENT = re.compile(r"(?<![0-9A-Za-z])([1-9][0-9]{16})([0-9Xx])(?![0-9A-Za-z])")
# GB 11643-1999: the check character of a citizen id number is that of ISO 7064 MOD 11-2.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
# Mobile numbers of mainland China have 11 digits and begin with 13 to 19.
_MOBILE = re.compile(r"(?<![0-9A-Za-z.])1[3-9][0-9]{9}(?![0-9A-Za-z.])")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield each line with a number that could be a real person's."""
    for document in subject.package.documents.values():
        for number, line in enumerate(document.text.splitlines(), start=1):
            if any(is_resident_number(found[0]) for found in _RESIDENT.finditer(line)):
                yield _REPORT.error(document, "resident", at=number)
            if _MOBILE.search(line):
                yield _REPORT.error(document, "mobile", at=number)


def is_resident_number(text: str) -> bool:
    """Say whether 18 characters carry the check character and birthday of a resident's number."""
    month, day = int(text[10:12]), int(text[12:14])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False))
    return _CHECK[total % 11] == text[17].upper()
