"""Does the package touch only what its manifest says it touches?

``uses`` is what an area agrees to when it installs a package. What is used and not declared
was never agreed to; what is declared and not used asks for more than is needed.
"""

from collections.abc import Iterator

from guantong.packages.doctor.report import Report
from guantong.packages.doctor.statements import datasets_in, line_in, texts
from guantong.packages.doctor.subject import Subject, custom, custom_at
from guantong.packages.findings import Finding
from guantong.packages.kernel_datasets import KERNEL_DATASETS
from guantong.packages.nearest import nearest

_REPORT = Report("uses")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield datasets of others that are used without being declared, and the other way round."""
    app = subject.one("app")
    if app is None:
        return
    own = subject.ids("datasets", "objects", "signals") | set(subject.kept_by)
    declared = list(app.data["uses"].get("datasets", []))
    used: set[str] = set()
    for document, text, before in texts(subject):
        for name in datasets_in(text):
            used.add(name)
            if name not in own and name not in declared:
                at = before + line_in(text, {"name": name})
                yield _REPORT.error(document, "undeclared", at=at, dataset=name)
    for document in subject.each("datasets"):
        used |= set(custom(document).get("derivedFrom", []))
        for name in custom(document).get("derivedFrom", []):
            if name not in own and name not in declared:
                keys = custom_at(document, "derivedFrom")
                yield _REPORT.error(document, "undeclared", *keys, dataset=name)
    for place, name in enumerate(declared):
        keys = ("uses", "datasets", place)
        if name in subject.foreign:
            owner, contract = subject.foreign[name]
            facts = {"dataset": name, "owner": owner.id, "source": custom(contract)["sourceUnit"]}
            yield _REPORT.error(app, "of-another", *keys, **facts)
        elif name not in KERNEL_DATASETS:
            near = nearest(name, KERNEL_DATASETS)
            yield _REPORT.error(app, "unknown", *keys, dataset=name, near=near)
        elif name not in used and subject.whole("replay", "datasets"):
            yield _REPORT.warning(app, "unused", *keys, dataset=name)
