"""Does every declared role open something that is there, to somebody who is there?

A role that no unit of the province can hold opens nothing, and whoever wrote it believes that it
does. A role on a type that does not exist, or an act its kind does not have, is read by nobody;
one that shows personal fields where a type has none promises protection that is not needed.
"""

from collections.abc import Iterator

from guantong.base.errors import GuantongError
from guantong.orgs.api import TIERS, Role
from guantong.packages.doctor.questions.roles import any_unit
from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import Subject, columns
from guantong.packages.document import Document
from guantong.packages.findings import Finding

_REPORT = Report("rights")
# Where personal fields are opened at all (docs/kernel/access.md).
_NEAR = frozenset({"county", "township", "village"})
_OBJECT_ACTS = frozenset({"read", "report"})
_COMMANDED = frozenset({"case", "alert", "task"})
_COMMANDS = frozenset({"open", "dispatch", "remind", "supervise", "withdraw"})


def check(subject: Subject) -> Iterator[Finding]:
    """Yield roles nobody holds, and grants that open nothing."""
    document = subject.one("roles")
    if document is None or not document.data:
        return
    # What only an unreadable file may hold is not missing.
    known = subject.each("objects") if subject.whole("objects") else ()
    types = {object_.stem: object_ for object_ in known}
    for id, role in document.data.items():
        for place, text in enumerate(role["held_by"]):
            if _held_by_nobody(subject, text):
                yield _REPORT.error(
                    document, "nobody", id, "held_by", place, role=id, by=text
                )  # fmt: skip
        clears = any("clear" in grant for grant in role["may"])
        for place, text in enumerate(role["held_by"] if clears else ()):
            tier = text.partition("@")[2]
            if tier in TIERS and tier not in _NEAR:
                yield _REPORT.error(document, "clear-far", id, "held_by", place, role=id, by=text)
        for place, grant in enumerate(role["may"]):
            at = document.line(id, "may", place)
            yield from _grant(document, at, id, grant, types)


def _held_by_nobody(subject: Subject, text: str) -> bool:
    """Say whether no place of the province has such a unit; an unreadable role is told by roles."""
    province = subject.province
    if province is None:
        return False
    try:
        role = Role.parse(text)
    except GuantongError:
        return False
    return not any_unit(province, role)


def _grant(
    document: Document, at: int, id: str, grant: dict[str, object], types: dict[str, Document]
) -> Iterator[Finding]:
    act, kind = str(grant["act"]), str(grant["kind"])
    fits = act == "read" or (kind == "object" and act in _OBJECT_ACTS)
    if not fits and not (act in _COMMANDS and kind in _COMMANDED):
        yield _REPORT.error(document, "act", at=at, role=id, act=act, kind=kind)
    named = grant.get("types", ())
    assert isinstance(named, list | tuple)
    if named and kind not in ("object", "export"):
        yield _REPORT.error(document, "types", at=at, role=id, kind=kind)
        return
    for name in named if types else ():
        if name not in types:
            yield _REPORT.error(document, "type", at=at, role=id, type=name)
    seen = [types[name] for name in named or types if name in types]
    classes = {str(c.get("classification")) for type in seen for c in columns(type).values()}
    clear = grant.get("clear", ())
    assert isinstance(clear, list | tuple)
    for name in clear:
        if seen and name not in classes:
            yield _REPORT.warning(document, "nothing-to-clear", at=at, role=id, level=name)
