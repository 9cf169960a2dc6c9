"""Is every parameter within its own range, and read by something?

An area that changes a number expects something to change. A parameter nothing reads is a
lever without a rope.
"""

import re
from collections.abc import Iterator

from guantong.packages.doctor.report import Report
from guantong.packages.doctor.statements import texts
from guantong.packages.doctor.subject import Subject
from guantong.packages.findings import Finding

_REPORT = Report("parameters")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield defaults outside their range, ranges that are empty, and parameters nobody reads."""
    document = subject.one("parameters")
    if document is None or not document.data:
        return
    read = " ".join(text for _, text, _ in texts(subject))
    for name, declared in document.data.items():
        low, high = declared["range"]
        if low > high:
            yield _REPORT.error(document, "empty-range", name, "range", name=name)
        elif not low <= declared["default"] <= high:
            yield _REPORT.error(
                document, "outside", name, "default",
                name=name, default=declared["default"], low=low, high=high,
            )  # fmt: skip
        if declared["type"] == "integer" and declared["default"] != int(declared["default"]):
            yield _REPORT.error(document, "not-whole", name, "default", name=name)
        if not re.search(rf"parameter\(\s*['\"]{re.escape(name)}['\"]\s*[,)]", read):
            yield _REPORT.warning(document, "unread", name, name=name)
