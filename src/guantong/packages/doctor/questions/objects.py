"""Is every registered object a complete contract with a place, and honest about being invented?

An object without a division belongs to no area, so nobody could be asked to act on it. Samples
with classes that hold personal data must be invented, and say so.
"""

from collections.abc import Iterator

from guantong.packages.doctor.questions.datasets import complete
from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import Subject, columns, custom, custom_at
from guantong.packages.document import Document
from guantong.packages.findings import Finding

_REPORT = Report("objects")
_PERSONAL = ("L3", "L4")
# Degrees north of the pole: no latitude is greater.
_POLE = 90


def check(subject: Subject) -> Iterator[Finding]:
    """Yield what contracts of objects lack, and personal samples that are not invented."""
    for document in subject.each("objects"):
        yield from complete(_REPORT, subject, document)
        given = custom(document)
        for needed in ("division", "geometry"):
            if needed not in given:
                yield _REPORT.error(
                    document, "property-missing", "customProperties", property=needed
                )
        yield from _geometry(document)
        personal = any(c.get("classification") in _PERSONAL for c in columns(document).values())
        if personal and "sample" in given and given.get("invented") is not True:
            yield _REPORT.error(document, "not-invented", *custom_at(document, "sample"))


def _geometry(document: Document) -> Iterator[Finding]:
    """Yield places whose degrees are no numbers, or whose degrees north go beyond the pole."""
    given = custom(document).get("geometry", {})
    for key, name in given.items():
        column = columns(document).get(name)
        if column is None:
            continue  # told by the question of references
        keys = custom_at(document, "geometry")
        if column["logicalType"] != "number":
            yield _REPORT.error(document, "geometry-type", *keys, column=name)
        most = column.get("logicalTypeOptions", {}).get("maximum", 0)
        if key == "lat" and most > _POLE:
            yield _REPORT.error(document, "geometry-turned", *keys, column=name, most=most)
