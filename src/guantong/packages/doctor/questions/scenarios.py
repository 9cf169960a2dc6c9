"""Does every story speak of what is there, in an order in which it can happen, up to every end?

A story that names a level, a place or a refusal that does not exist fails for no reason of the
work; one that is judged before anything has happened says nothing. An end that no story reaches
has been seen by nobody before the night in which a case comes to it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from guantong.base.errors import GuantongError
from guantong.base.words import say
from guantong.bpmn.api import Kind, duration
from guantong.data.api import check_rows
from guantong.flows import errors as refusals
from guantong.packages.doctor.questions.maturity import RUNGS
from guantong.packages.doctor.report import Report, line_of
from guantong.packages.doctor.stories import Task, answer_faults, tasks
from guantong.packages.doctor.subject import Subject
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.nearest import nearest

_REPORT = Report("scenarios")
# Who may do what with a task, unless a refusal is expected.
_HANDS: Mapping[str, frozenset[str]] = {
    "receive": frozenset({"holder", "doer"}),
    "read": frozenset({"holder", "doer"}),
    "accept": frozenset({"holder", "doer"}),
    "send_back": frozenset({"holder", "doer"}),
    "complete": frozenset({"holder", "doer"}),
    "verify": frozenset({"verifier"}),
    "reject": frozenset({"verifier"}),
}
_USUALLY = {"verify": "verifier", "reject": "verifier"}
_OF_PLANS = frozenset({"send_back", "dispatch_anew", "verify", "reject"})
# Every refusal an act on a task can meet.
_CODES = frozenset(
    kind.code
    for kind in vars(refusals).values()
    if isinstance(kind, type) and issubclass(kind, GuantongError) and kind is not GuantongError
)
_EVERY_END_FROM = "pilot"


def check(subject: Subject) -> Iterator[Finding]:
    """Yield what a story names and is not there, what cannot happen so, and ends without one."""
    known = tasks(subject)
    for document in subject.each("scenarios"):
        yield from _given(subject, document)
        for place, entry in enumerate(document.data.get("when", [])):
            if "land" in entry:
                yield from _lands(subject, document, place, entry["land"])
            elif "open" in entry:
                yield from _opens(subject, document, place, entry["open"])
            else:
                yield from _acts(subject, document, place, entry["act"], known)
        for place, entry in enumerate(document.data.get("then", [])):
            yield from _true(subject, document, place, entry, known)
        yield from _when(document)
    yield from _ends(subject)


def _missing(
    document: Document, what: str, name: object, known: Any, *keys: str | int
) -> Iterator[Finding]:
    if name not in known:
        near = nearest(name, known) or "-"
        yield _REPORT.error(document, "unknown", *keys, what=_Word(what), name=name, near=near)


class _Word:
    """What kind of thing a name should be, said in the reader's language."""

    def __init__(self, what: str) -> None:
        self.what = what

    def sentence(self, language: str = "en") -> str:
        """Return the word."""
        return say(f"doctor.scenarios.what.{self.what}", language)

    def __repr__(self) -> str:
        return self.what


def _given(subject: Subject, document: Document) -> Iterator[Finding]:
    given = document.data["given"]
    if "begins_at" in given:
        try:
            datetime.fromisoformat(given["begins_at"])
        except ValueError:
            keys = ("given", "begins_at")
            yield _REPORT.error(document, "no-day", *keys, day=given["begins_at"])
    contracts, files = subject.by_id("datasets"), subject.package.documents
    for name, path in given.get("data", {}).items():
        at = ("given", "data", name)
        if name not in contracts and name not in subject.ids("datasets"):
            yield from _missing(document, "dataset", name, contracts, *at)
        yield from _missing(document, "file", path, files, *at)


def _lands(
    subject: Subject, document: Document, place: int, land: Mapping[str, Any]
) -> Iterator[Finding]:
    """Yield rows that would be refused when they land."""
    contracts, keys = subject.by_id("datasets"), ("when", place, "land")
    if land["dataset"] not in contracts:
        if land["dataset"] not in subject.ids("datasets"):
            yield from _missing(document, "dataset", land["dataset"], contracts, *keys, "dataset")
        return
    # A derived dataset may land, too: such a story is of the process, not of the SQL.
    contract = subject.compiled(contracts[land["dataset"]])
    for row in check_rows(contract, land["rows"]).rejected if contract is not None else ():
        yield _REPORT.error(document, "row", *keys, "rows", row.line - 1, cause=row.faults[0])


def _opens(
    subject: Subject, document: Document, place: int, said: Mapping[str, Any]
) -> Iterator[Finding]:
    """Yield cases that nobody could open so."""
    keys = ("when", place, "open")
    yield from _place(subject, document, said, *keys)
    if said["flow"] not in subject.flows:
        flows = [flow.stem for flow in subject.package.each("flows")]
        yield from _missing(document, "flow", said["flow"], flows, *keys, "flow")
        return
    _, graph = subject.flows[said["flow"]]
    start = graph.starts[0] if graph.starts else None
    if start is None or start.form is None:
        yield _REPORT.error(document, "not-opened", *keys, flow=said["flow"])
        return
    openers = (start.role or "").split()
    if said["by"] not in openers and "refused" not in said:
        near = nearest(said["by"], openers) or "-"
        yield _REPORT.error(document, "not-opener", *keys, "by", role=said["by"], near=near)
    if subject.whole("forms"):
        form = subject.forms.get(start.form)
        task = Task(start.id, document, 0, form, False, False, frozenset({said["flow"]}))
        yield from _answers(document, keys, {"verb": "complete", **said}, task)


def _acts(
    subject: Subject,
    document: Document,
    place: int,
    act: Mapping[str, Any],
    known: Mapping[str, Task],
) -> Iterator[Finding]:
    keys = ("when", place, "act")
    yield from _place(subject, document, act, *keys)
    if "refused" in act and act["refused"] not in _CODES:
        near = nearest(act["refused"], _CODES)
        yield _REPORT.error(
            document, "refusal", *keys, "refused", refusal=act["refused"], near=near
        )
    task = known.get(act["task"])
    if task is None:
        if subject.whole("flows", "plans"):
            yield from _missing(document, "task", act["task"], known, *keys, "task")
        return
    by = act.get("by", _USUALLY.get(act["verb"], "holder"))
    if "refused" not in act:
        facts = {"verb": act["verb"], "task": task.name, "by": by}
        if by not in _HANDS.get(act["verb"], {by}):
            yield _REPORT.error(document, "hand", *keys, **facts)
        elif act["verb"] in _OF_PLANS and not task.of_plan:
            yield _REPORT.error(document, "step", *keys, verb=act["verb"], task=task.name)
        elif by == "verifier" and not task.verified:
            yield _REPORT.error(document, "hand", *keys, **facts)
    if subject.whole("forms"):
        yield from _answers(document, keys, act, task)


def _answers(
    document: Document, keys: tuple[str | int, ...], act: Mapping[str, Any], task: Task
) -> Iterator[Finding]:
    """Yield answers that the form of the task does not take."""
    fields = {field.name: field for field in task.form.fields} if task.form is not None else {}
    for name, text in act.get("answers", {}).items():
        at = (*keys, "answers", name)
        if name not in fields:
            near = nearest(name, fields) or "-"
            yield _REPORT.error(document, "not-asked", *at, name=name, task=task.name, near=near)
            continue
        yield from answer_faults(_REPORT, document, at, text, fields[name])
    if act["verb"] == "complete" and "answers" in act and "refused" not in act:
        for name, field in fields.items():
            if field.required and name not in act["answers"]:
                yield _REPORT.error(document, "unanswered", *keys, "answers", name=name)


def _place(
    subject: Subject, document: Document, said: Mapping[str, Any], *keys: str | int
) -> Iterator[Finding]:
    """Yield a division that the province does not have."""
    province = subject.province
    if province is None or "in" not in said:
        return
    if not any(division.code == said["in"] for division in province.divisions):
        yield _REPORT.warning(document, "nowhere", *keys, "in", division=said["in"])


def _true(
    subject: Subject,
    document: Document,
    place: int,
    entry: Mapping[str, Any],
    known: Mapping[str, Task],
) -> Iterator[Finding]:
    """Yield what a story is judged by and cannot be."""
    for kind in ("alert", "case", "task", "figure"):
        if kind not in entry:
            continue
        said, keys = entry[kind], ("then", place, kind)
        yield from _place(subject, document, said, *keys)
        if kind == "alert":
            yield from _alert(subject, document, said, *keys)
        elif kind == "case":
            yield from _case(subject, document, said, *keys)
        elif kind == "task" and subject.whole("flows", "plans"):
            yield from _missing(document, "task", said["task"], known, *keys, "task")
        elif kind == "figure":
            names = subject.ids("indicators")
            yield from _missing(document, "indicator", said["indicator"], names, *keys, "indicator")
            if said.get("at_least", 0) > said.get("at_most", said.get("at_least", 0)):
                yield _REPORT.error(document, "bounds", *keys, indicator=said["indicator"])


def _alert(
    subject: Subject, document: Document, said: Mapping[str, Any], *keys: str | int
) -> Iterator[Finding]:
    signal = subject.by_id("signals").get(said["signal"])
    if signal is None:
        if said["signal"] not in subject.ids("signals"):
            names = subject.ids("signals")
            yield from _missing(document, "signal", said["signal"], names, *keys, "signal")
        return
    for key, what, allowed in (
        ("reaches", "level", "levels"),
        ("feedback", "feedback", "feedback"),
    ):
        if key in said:
            yield from _missing(document, what, said[key], signal.data[allowed], *keys, key)


def _case(
    subject: Subject, document: Document, said: Mapping[str, Any], *keys: str | int
) -> Iterator[Finding]:
    flows = [flow.stem for flow in subject.package.each("flows")]
    yield from _missing(document, "flow", said["flow"], flows, *keys, "flow")
    if "ends_at" in said and said["flow"] in subject.flows:
        _, graph = subject.flows[said["flow"]]
        ends = [node.id for node in graph.nodes.values() if node.kind is Kind.END]
        yield from _missing(document, "end", said["ends_at"], ends, *keys, "ends_at")


def _when(document: Document) -> Iterator[Finding]:
    """Yield what is judged before anything has happened, and what happens after all is judged."""
    said = document.data
    begun = [_at(entry) for entry in said.get("when", []) if "act" not in entry]
    if "data" in said["given"] or not begun:
        return  # when the rows of a file become known, the file says
    for place, entry in enumerate(said.get("then", [])):
        expects = any(entry.get(kind, {}).get("count", 1) for kind in ("alert", "case", "task"))
        if "at" in entry and _at(entry) < min(begun) and expects:
            yield _REPORT.error(document, "too-early", "then", place, "at", when=entry["at"])


def _at(entry: Mapping[str, Any]) -> timedelta:
    return duration(entry["at"]) or timedelta()


def _ends(subject: Subject) -> Iterator[Finding]:
    """Yield ends that no story reaches, once the package tells its stories to the end."""
    reached = {
        (entry["case"]["flow"], entry["case"].get("ends_at"))
        for document in subject.each("scenarios")
        for entry in document.data.get("then", [])
        if "case" in entry and entry["case"].get("count", 1)
    }
    if not subject.whole("scenarios") or not (reached or _is_for_others(subject)):
        return
    for document, graph in subject.flows.values():
        for node in graph.nodes.values():
            if node.kind is Kind.END and (document.stem, node.id) not in reached:
                at = line_of(document, f'id="{node.id}"')
                yield _REPORT.error(document, "end-never", at=at, end=node.id, flow=document.stem)


def _is_for_others(subject: Subject) -> bool:
    """Say whether the package claims a rung at which others work with it."""
    maturity, rungs = subject.one("maturity"), list(RUNGS)
    return maturity is not None and (
        rungs.index(maturity.data["rung"]) >= rungs.index(_EVERY_END_FROM)
    )
