"""Does somebody answer for every role, in every area of the province?

A role is written once and resolved in each area. Where the line has no unit, the next one up
answers: that is allowed, and said here, because those people get the work. Where nobody
answers the package cannot be carried out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from guantong.base import words
from guantong.base.errors import GuantongError
from guantong.bpmn.api import Kind
from guantong.flows.api import CaseRole
from guantong.forms.api import Field
from guantong.orgs.api import AREA, DivisionRef, Gap, Province, Role, lines, resolve
from guantong.packages.doctor.report import Report, line_of
from guantong.packages.doctor.subject import Subject, custom, custom_at
from guantong.packages.doctor.work import units
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.nearest import nearest

_REPORT = Report("roles")
_NAMED = 3


@dataclass(frozen=True)
class Places:
    """The first few of many areas, by name."""

    first: tuple[DivisionRef, ...]
    more: bool

    @classmethod
    def of(cls, places: Sequence[DivisionRef]) -> "Places":
        """Return the first few of these."""
        return cls(tuple(places[:_NAMED]), len(places) > _NAMED)

    def sentence(self, language: str = "en") -> str:
        """Return the names of the first few, and that there are more."""
        names = [p.name if language == "zh-CN" else p.name_en for p in self.first]
        key = "doctor.roles.places-more" if self.more else "doctor.roles.places"
        return words.say(key, language, names=words.say("doctor.and", language).join(names))


@dataclass(frozen=True)
class Named:
    """Where a package names a role; ``acts`` says whether the role gets work there."""

    text: str
    document: Document
    line: int
    acts: bool


def check(subject: Subject) -> Iterator[Finding]:
    """Yield roles that cannot be read, areas where nobody answers, and fallbacks, once a role."""
    told: set[Role] = set()
    for named in roles_of(subject):
        if CaseRole(named.text).variable is not None:
            yield from _variable(subject, named)
            continue
        try:
            role = Role.parse(named.text)
        except GuantongError as refusal:
            yield _REPORT.error(named.document, "unreadable", at=named.line, cause=refusal)
            continue
        if subject.province is None or role in told:
            continue
        # Who holds the roles of roles.yaml is asked by the question of rights.
        if named.acts:
            told.add(role)
            yield from _everywhere(subject, named, role)
        elif named.document.kind != "roles" and not any_unit(subject.province, role):
            yield _REPORT.error(named.document, "no-unit", at=named.line, role=role)
    app = subject.one("app")
    for place, line in enumerate(app.data.get("supporting", []) if app is not None else ()):
        assert app is not None, "there is a supporting line"
        try:
            Role.parse(f"{line}@province")
        except GuantongError as refusal:
            yield _REPORT.error(app, "unreadable", "supporting", place, cause=refusal)


def _variable(subject: Subject, named: Named) -> Iterator[Finding]:
    """Yield roles whose line no form answers, or whose form offers what is no line."""
    variable = CaseRole(named.text).variable
    if not subject.whole("forms"):
        return
    answering = fields_named(subject, variable)
    if not answering:
        near = nearest(variable, {f.name for form in subject.forms.values() for f in form.fields})
        facts = {"role": named.text, "name": variable, "near": near}
        yield _REPORT.error(named.document, "line-unanswered", at=named.line, **facts)
    for field in answering:
        known = (AREA, *lines())
        wrong = [option.value for option in field.options if option.value not in known]
        if wrong or not field.options or not field.required:
            facts = {"role": named.text, "name": variable, "choices": ", ".join(wrong) or "-"}
            yield _REPORT.error(named.document, "line-choices", at=named.line, **facts)


def fields_named(subject: Subject, variable: str | None) -> list[Field]:
    """Return the fields of all forms that answer a variable of a case."""
    return [f for form in subject.forms.values() for f in form.fields if f.name == variable]


def written(subject: Subject, text: str) -> list[str]:
    """Return a role as written for each line that the case may name; itself where it names none."""
    named = CaseRole(text)
    if named.variable is None:
        return [text]
    values = [o.value for f in fields_named(subject, named.variable) for o in f.options]
    return [named.with_line(value) for value in values if value in (AREA, *lines())]


def roles_of(subject: Subject) -> Iterator[Named]:
    """Yield every role the package names, with its place."""
    app = subject.one("app")
    if app is not None:
        yield Named(app.data["lead"], app, app.line("lead"), acts=False)
    for document, graph in subject.flows.values():
        for node in graph.nodes.values():
            at = line_of(document, f'id="{node.id}"')
            # A start names all who may open a case: where one of them is missing, another may.
            several = node.kind is Kind.START and node.form is not None
            for text in (node.role or "").split() if several else filter(None, [node.role]):
                yield Named(text, document, at, acts=not several)
                for one in written(subject, text) if text.startswith("{") else ():
                    yield Named(one, document, at, acts=True)
    for document in subject.each("plans"):
        for place, item in enumerate(document.data["items"]):
            for key in ("role", "verify"):
                if key in item:
                    line = document.line("items", place, key)
                    yield Named(item[key], document, line, acts=True)
                    for one in written(subject, item[key]) if item[key].startswith("{") else ():
                        yield Named(one, document, line, acts=True)
    for document in [*subject.each("indicators"), *subject.each("indexes")]:
        yield Named(document.data["source"], document, document.line("source"), acts=False)
    for document in subject.each("roles"):
        for id, role in document.data.items():
            for place, text in enumerate(role["held_by"]):
                yield Named(text, document, document.line(id, "held_by", place), acts=False)
    for unit in units(subject):
        for key in ("role", "with"):
            for text in [unit.said["role"]] if key == "role" else unit.said.get("with", []):
                yield Named(text, unit.document, unit.document.line(*unit.keys, key), acts=False)
        for place, need in enumerate(unit.said["needs"]):
            if "source" in need:
                at = unit.document.line(*unit.keys, "needs", place, "source")
                yield Named(need["source"], unit.document, at, acts=False)
    for document in [*subject.each("datasets"), *subject.each("objects")]:
        if "sourceUnit" in custom(document):
            line = document.line(*custom_at(document, "sourceUnit"))
            yield Named(custom(document)["sourceUnit"], document, line, acts=False)


def has_unit(province: Province, role: Role, place: DivisionRef) -> bool:
    """Say whether the line has a unit of its own there: asked for 25,547 villages, so first."""
    held = province.jurisdictions
    return held.holder(role.line, place.code, on=province.on) is not None


def any_unit(province: Province, role: Role) -> bool:
    """Say whether the line has a unit of its own in some place of the tier."""
    return any(has_unit(province, role, place) for place in province.by_tier.get(role.tier, ()))


def _everywhere(subject: Subject, named: Named, role: Role) -> Iterator[Finding]:
    province = subject.province
    assert province is not None, "asked only where there is a province"
    places = province.by_tier.get(role.tier, ())
    fallen: list[DivisionRef] = []
    open_: list[DivisionRef] = []
    gap: Gap | None = None
    for place in places:
        if has_unit(province, role, place):
            continue
        answer = resolve(role, place.code, units=province.jurisdictions, on=province.on)
        if isinstance(answer, Gap):
            gap = gap or answer
            open_.append(place)
        elif answer.fell_back_from is not None:
            fallen.append(place)
    if open_:
        yield _REPORT.error(
            named.document, "nobody", at=named.line,
            role=role, count=len(open_), total=len(places), places=Places.of(open_), cause=gap,
        )  # fmt: skip
    if fallen:
        yield _REPORT.warning(
            named.document, "fallback", at=named.line,
            role=role, count=len(fallen), total=len(places), places=Places.of(fallen),
        )  # fmt: skip
