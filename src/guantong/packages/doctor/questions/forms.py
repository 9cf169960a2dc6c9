"""Is every form readable, asked somewhere, and prefilled from what a case has?

A field that is filled in advance from a name nobody answers stays empty, and an officer types
again what the platform knows. A field of files that asks for a kind, or a size, which attachments
are not taken in with, can never be answered.
"""

from collections.abc import Iterator

from guantong.files.api import KINDS, MOST_BYTES, MOST_FILES
from guantong.forms.api import Field
from guantong.packages.doctor.known import CASE_VARIABLES
from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import Subject
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.nearest import nearest

_REPORT = Report("forms")
# The least and the greatest of an answer, of its length, and of how many there may be.
_BOUNDS = (("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems"))


def check(subject: Subject) -> Iterator[Finding]:
    """Yield forms that are refused, never asked, or prefilled from nothing."""
    asked = {n.form for _, graph in subject.flows.values() for n in graph.nodes.values()}
    items = [item for plan in subject.each("plans") for item in plan.data["items"]]
    asked |= {item.get("form") for item in items}
    known = CASE_VARIABLES | {f.name for form in subject.forms.values() for f in form.fields}
    for document in subject.each("forms"):
        refusal = subject.refusal(document)
        if refusal is not None:
            yield _REPORT.error(document, "refused", cause=refusal)
            continue
        if document.stem not in asked and subject.whole("flows", "plans"):
            yield _REPORT.warning(document, "never-asked")
        for field in subject.forms[document.stem].fields:
            yield from _files(document, field)
        yield from _bounds(document)
        for place, question in enumerate(document.data["layout"]):
            name = question.get("prefill", "").partition(".")[0]
            if name and name not in known and subject.whole("forms"):
                yield _REPORT.error(
                    document, "prefill", "layout", place, "prefill",
                    name=name, field=question["field"], near=nearest(name, known),
                )  # fmt: skip
            elif name:
                own = document.data["schema"]["properties"].get(question["field"], {})
                kind = own.get("format", own.get("type"))
                if kind not in _types(subject, name):
                    keys = ("layout", place, "prefill")
                    facts = {"name": name, "field": question["field"], "type": kind}
                    yield _REPORT.error(document, "prefill-type", *keys, **facts)


def _types(subject: Subject, name: str) -> set[str]:
    """Return the types a variable of a case can have."""
    if name in CASE_VARIABLES:
        return {"string"}
    return {
        field.widget if field.widget == "date" else field.type
        for form in subject.forms.values()
        for field in form.fields
        if field.name == name
    }


def _bounds(document: Document) -> Iterator[Finding]:
    """Yield bounds that no answer can keep."""
    for name, rules in document.data["schema"]["properties"].items():
        for low, high in _BOUNDS:
            if low in rules and high in rules and rules[low] > rules[high]:
                keys = ("schema", "properties", name)
                yield _REPORT.error(document, "bounds", *keys, field=name)


def _files(document: Document, field: Field) -> Iterator[Finding]:
    keys = ("schema", "properties", field.name)
    known = {kind.media_type for kind in KINDS}
    for media_type in field.accepts:
        if media_type not in known:
            near = nearest(media_type, known)
            yield _REPORT.error(document, "file-kind", *keys, kind=media_type, near=near)
    if field.most_bytes > MOST_BYTES:
        most = MOST_BYTES
        yield _REPORT.error(document, "file-size", *keys, bytes=field.most_bytes, most=most)
    if field.most_files > MOST_FILES:
        yield _REPORT.error(document, "file-count", *keys, files=field.most_files, most=MOST_FILES)
