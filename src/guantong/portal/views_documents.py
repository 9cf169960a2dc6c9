"""Documents on pages: propose from a case, correct, look at, issue, declare void, verify a paper.

The page to verify is open to everybody, because whoever holds the paper may not have an account: it
says who issued it, when, under which number and with which digest, and nothing of what it says.
"""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guantong.access.api import Decision, Thing
from guantong.base.clock import local_day
from guantong.base.errors import NotFound
from guantong.base.reading import figure_text, moment_text
from guantong.base.realm import is_exercise
from guantong.base.words import say
from guantong.brain import api as brain
from guantong.files import api as files
from guantong.files.api import DocumentView, Draft, Issuer
from guantong.files.errors import AlreadyVoid, DocumentWrong
from guantong.flows import api as flows
from guantong.flows.api import CaseView, TaskView
from guantong.orgs import api as orgs
from guantong.portal.file_part import Record, file_thing
from guantong.portal.file_records import case_record, of_owner
from guantong.portal.lists import address
from guantong.portal.reader import Reader, decide, language_of, may, page, reader_of
from guantong.portal.wording import level_word, place_name, places_of, title_of_case, word

FIELDS = ("agency_word", "title", "addressee", "body")
# Official documents are written in Chinese, whatever language the page is read in.
ZH = "zh-CN"


def documents_part(reader: Reader, record: Record) -> dict[str, object]:
    """Return the context of ``parts/documents.html``."""
    language = reader.language
    return {
        "rows": [
            {
                "href": f"/documents/{d.id}", "number": d.number,
                "kind": kind_word(d.kind, language),
                "facts": [d.unit_name, moment_text(d.issued_at, language)],
                "void": d.void_at is not None,
            }
            for d in files.documents_of(reader.realm, record.owner)
        ],
        "new_href": f"{record.address}/documents/new"
        if may(reader, "handle", file_thing(record.thing)).allowed
        else None,
    }  # fmt: skip


def kind_word(kind: str, language: str) -> str:
    """Return what a kind of document is called."""
    return say(f"documents.kind.{kind}", language)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, id: UUID) -> HttpResponse:
    """Propose a document about a case; POST looks at it, prints it, or issues it."""
    reader = reader_of(request)
    case = flows.case(reader.realm, id, now=reader.now)
    if case is None:
        raise NotFound(what=say("access.kind.case", reader.language))
    record = case_record(reader, case)
    decide(request, "read", record.thing)
    issuer = _issuer(reader, decide(request, "handle", file_thing(record.thing)))
    kind = request.POST.get("kind") or request.GET.get("kind") or "notice"
    kind = kind if kind in files.kinds() else "notice"
    if request.method != "POST":
        return _form(request, case, record, _proposal(reader, case, kind, issuer))
    typed = {name: request.POST.get(name, "").replace("\r\n", "\n").strip() for name in FIELDS}
    draft = Draft(kind=kind, **typed)
    wrong = files.faults(draft)
    act = request.POST.get("act", "preview")
    if act == "edit":
        return _form(request, case, record, draft)
    if wrong:
        return _form(request, case, record, draft, wrong=wrong, status=422)
    if act == "issue":
        return _issue(request, reader, record, draft, issuer)
    if act == "pdf":
        made = files.preview(reader.realm, draft, issuer, at=reader.now, verify=_verify(request))
        answer = HttpResponse(made, content_type="application/pdf")
        answer["Content-Disposition"] = 'inline; filename="preview.pdf"'
        answer["X-Content-Type-Options"] = "nosniff"
        return answer
    return _preview(request, case, record, draft, issuer)


def _issue(
    request: HttpRequest, reader: Reader, record: Record, draft: Draft, issuer: Issuer
) -> HttpResponse:
    issued = files.issue(
        reader.realm, record.owner, draft, issuer, at=reader.now, verify=_verify(request)
    )
    said = say("documents.issued", reader.language, number=issued.number)
    messages.success(request, said, extra_tags="fine")
    return HttpResponseRedirect(f"/documents/{issued.id}")


def _form(
    request: HttpRequest,
    case: CaseView,
    record: Record,
    draft: Draft,
    *,
    wrong: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    reader, wrong = reader_of(request), wrong or {}
    language = reader.language
    sentences = {name: say(key, language) for name, key in wrong.items()}
    action = f"{record.address}/documents/new"
    fields = [
        {
            "name": name, "label": say(f"documents.field.{name}", language),
            "hint": say(f"documents.hint.{name}", language),
            "widget": "textarea" if name == "body" else "text", "value": getattr(draft, name),
            "required": True, "options": [], "error": sentences.get(name),
            "prefilled_from": None, "prefilled_at": None, "max_length": None,
        }
        for name in FIELDS
    ]  # fmt: skip
    return page(
        request, "document_new.html", status=status,
        crumbs=_crumbs(case, reader), pdf_note=_pdf_note(language), shown=None,
        kinds=[
            {"id": k, "title": kind_word(k, language), "current": k == draft.kind,
             "href": address(action, kind=k)}
            for k in files.kinds()
        ],
        form={
            "action": action, "hidden": [{"name": "kind", "value": draft.kind}], "fields": fields,
            "errors": [{"field": n, "sentence": f"{say(f'documents.field.{n}', language)}: {s}"}
                       for n, s in sentences.items()],
            "buttons": [{"name": "act", "value": "preview",
                         "label": say("documents.look", language), "kind": ""}],
            "note": say("documents.open_note", language),
        },
    )  # fmt: skip


def _preview(
    request: HttpRequest, case: CaseView, record: Record, draft: Draft, issuer: Issuer
) -> HttpResponse:
    reader = reader_of(request)
    language = reader.language
    day = local_day(reader.now)
    head = files.kinds()[draft.kind].head
    drill = "演练·" if is_exercise(reader.realm) else ""
    return page(
        request, "document_new.html", crumbs=_crumbs(case, reader), pdf_note=_pdf_note(language),
        action=f"{record.address}/documents/new",
        carried=[{"name": "kind", "value": draft.kind},
                 *({"name": name, "value": getattr(draft, name)} for name in FIELDS)],
        shown={
            "agency": issuer.unit_name + head, "issuer": issuer.unit_name,
            "number": f"{drill}{draft.agency_word}〔{day.year}〕×号", "title": draft.title,
            "addressee": draft.addressee, "paragraphs": draft.paragraphs,
            "date": files.date_text(day), "seal": say("documents.seal_place", language),
        },
    )  # fmt: skip


def _crumbs(case: CaseView, reader: Reader) -> list[dict[str, object]]:
    title = title_of_case(case, places_of([case.division_code]), reader.language)
    return [
        {"title": title, "href": f"/cases/{case.id}"},
        {"title": say("documents.new", reader.language), "href": None},
    ]


def _pdf_note(language: str) -> str | None:
    missing = files.pdf_fault()
    return say("documents.no_pdf", language, library=missing) if missing is not None else None


def _issuer(reader: Reader, decision: Decision) -> Issuer:
    assert decision.post is not None, "who handles does so in a post"
    assert reader.actor.person_id is not None, "and is a person"
    unit = orgs.units_by_id([decision.post.unit_id])[decision.post.unit_id]
    return Issuer(
        unit_id=unit.id, unit_code=unit.code, unit_name=unit.name(ZH),
        person_id=reader.actor.person_id,
    )  # fmt: skip


def _proposal(reader: Reader, case: CaseView, kind: str, issuer: Issuer) -> Draft:
    """Return the draft of a kind with what the case knows."""
    known = places_of([case.division_code])
    place = place_name(case.division_code, known, ZH)
    own = orgs.units_by_id([issuer.unit_id])[issuer.unit_id]
    home = place_name(own.division_code, places_of([own.division_code]), ZH)
    steps = flows.steps_of_case(reader.realm, case.id)
    # A closed case has come down to no level; a document speaks of the highest it had.
    alert = brain.alert_of_case(reader.realm, case.id)
    highest = alert.highest_level if alert is not None else case.level
    waiting = [task for task in steps if task.waits]
    holders = dict.fromkeys(t.unit(ZH) for t in waiting or steps if t.unit_id != issuer.unit_id)
    above = orgs.units_by_id({t.coordinating_id for t in steps if t.coordinating_id is not None})
    parents = dict.fromkeys(u.name(ZH) for u in above.values() if u.id != issuer.unit_id)
    limit = min((t.limit_at for t in waiting), default=case.limit_at)
    facts = {
        "matter": title_of_case(case, known, ZH), "number": case.number, "place": place,
        "level": level_word(highest, ZH), "opened": moment_text(case.opened_at, ZH),
        "limit": moment_text(limit, ZH) if limit is not None else "",
        "holder": "、".join(holders), "coordinating": "、".join(parents),
        "steps": _steps(case, steps), "tasks": _tasks(case),
    }  # fmt: skip
    word_of_unit = files.agency_word(reader.realm, issuer.unit_id, issuer.unit_name, home)
    given = {name: value for name, value in facts.items() if value}
    return files.propose(kind, given, agency_word=word_of_unit)


def _steps(case: CaseView, steps: Sequence[TaskView]) -> str:
    """Return what was done, a line for each step, oldest first."""
    lines = []
    for number, task in enumerate(sorted(steps, key=lambda t: t.sent_at), start=1):
        at = task.completed_at or task.accepted_at or task.sent_at
        done = say(f"state.{task.state}", ZH)
        title = word(case.package, task.title, ZH, place=case.division_code)
        lines.append(
            f"（{_numeral(number)}）{moment_text(at, ZH)}，{task.unit(ZH)}：{title}（{done}）。"
        )
    return "\n".join(lines)


def _tasks(case: CaseView) -> str:
    total, left = figure_text(case.tasks), figure_text(case.open_tasks)
    done = figure_text(case.tasks - case.open_tasks)
    return f"共下达任务{total}项，已办结{done}项，未办结{left}项。"


def _numeral(number: int) -> str:
    digits = "零一二三四五六七八九"
    if number < 10:
        return digits[number]
    tens, ones = divmod(number, 10)
    return f"{digits[tens] if tens > 1 else ''}十{digits[ones] if ones else ''}"


@require_safe
def show(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show one issued document."""
    found, record, title = _find(request, id)
    return _page(request, found, record, title)


def _find(request: HttpRequest, id: UUID) -> tuple[DocumentView, Record, str]:
    reader = reader_of(request)
    found = files.document(reader.realm, id)
    if found is None:
        raise NotFound(what=say("access.kind.file", reader.language))
    record, title = of_owner(reader, found.owner)
    decide(request, "read", record.thing)
    decide(request, "read", file_thing(record.thing))
    return found, record, title


def _page(
    request: HttpRequest,
    found: DocumentView,
    record: Record,
    title: str,
    *,
    error: str | None = None,
    status: int = 200,
) -> HttpResponse:
    reader = reader_of(request)
    language = reader.language
    people = orgs.names_of_people([found.issued_by] if found.issued_by is not None else [])
    issuer = next((name for _, name in people.values()), "–")
    text = files.text_of(reader.realm, found.id)
    facts = {
        "documents.unit": found.unit_name, "documents.person": issuer,
        "documents.issued_at": moment_text(found.issued_at, language),
        "documents.seal": found.sealed_by or say("documents.no_seal", language),
    }  # fmt: skip
    return page(
        request, "document.html", status=status,
        crumbs=[{"title": title, "href": record.address},
                {"title": found.number, "href": None}],
        back={"href": record.address, "title": title},
        document={
            "number": found.number, "kind": kind_word(found.kind, language), "code": found.code,
            "verify_href": f"/verify/{found.code}",
            "facts": [{"label": say(k, language), "value": v} for k, v in facts.items()],
            "files": [
                {"href": f"/files/{f.id}/download",
                 "label": say(f"documents.download.{f.name.rpartition('.')[2]}", language)}
                for f in sorted(found.files, key=lambda f: f.name, reverse=True)
            ],
            "void_text": say("documents.is_void", language, at=moment_text(found.void_at, language),
                             reason=found.void_reason) if found.void_at is not None else None,
        },
        text={"title": text.title, "addressee": text.addressee, "paragraphs": text.paragraphs},
        void_form=_void_form(found, reader, error),
    )  # fmt: skip


def _void_form(found: DocumentView, reader: Reader, error: str | None) -> dict[str, object] | None:
    language = reader.language
    if found.void_at is not None or not may(reader, "handle", _own(found)).allowed:
        return None
    return {
        "action": f"/documents/{found.id}/void", "hidden": [],
        "fields": [{
            "name": "reason", "label": say("documents.void_reason", language), "hint": None,
            "widget": "text", "value": "", "required": True, "options": [], "error": error,
            "prefilled_from": None, "prefilled_at": None, "max_length": 500,
        }],
        "errors": [{"field": "reason", "sentence": error}] if error else [],
        "buttons": [{"name": "act", "value": "void", "kind": "danger",
                     "label": say("documents.void", language)}],
        "note": None,
    }  # fmt: skip


def _own(found: DocumentView) -> Thing:
    return Thing(kind="file", unit_ids=(found.unit_id,), object_id=found.id)


@require_POST
def void(request: HttpRequest, id: UUID) -> HttpResponse:
    """Declare a document void: by the unit that issued it, with a reason."""
    found, record, title = _find(request, id)
    reader = reader_of(request)
    decision = decide(request, "handle", _own(found))
    person = decision.actor.person_id
    assert person is not None, "access lets only persons act"
    reason = request.POST.get("reason", "").strip()
    try:
        files.declare_void(reader.realm, id, reason=reason, at=reader.now, person_id=person)
    except DocumentWrong:
        sentence = say("documents.void_reason_error", reader.language)
        return _page(request, found, record, title, error=sentence, status=422)
    except AlreadyVoid:
        pass  # pressed twice: it is void, as was wanted
    said = say("documents.voided", reader.language, number=found.number)
    messages.success(request, said, extra_tags="fine")
    return HttpResponseRedirect(f"/documents/{id}")


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """Ask for a code; typed, its page follows."""
    code = request.GET.get("code", "").strip()
    found = files.by_code(code) if code else None
    if found is not None:
        return HttpResponseRedirect(f"/verify/{found.code}")
    return _verdict(request, None, code=code, asked=bool(code), status=404 if code else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """Say whether a document is genuine; POST compares a file with it."""
    found = files.by_code(code)
    if found is None or request.method != "POST":
        status = 200 if found is not None else 404
        return _verdict(request, found, code=code, asked=True, status=status)
    given = request.FILES.get("file")
    if not isinstance(given, UploadedFile) or (given.size or 0) > files.MOST_BYTES:
        return _verdict(
            request, found, code=code, asked=True, compared="verify.no_file", status=422
        )
    digest = hashlib.sha256(given.read()).hexdigest()
    same = any(file.digest == digest for file in found.files)
    compared = "verify.same" if same else "verify.other"
    return _verdict(request, found, code=code, asked=True, compared=compared, same=same)


def _verdict(
    request: HttpRequest,
    found: DocumentView | None,
    *,
    code: str,
    asked: bool,
    compared: str | None = None,
    same: bool = False,
    status: int = 200,
) -> HttpResponse:
    language = language_of(request)
    return page(
        request, "verify.html", status=status, code=code[:40], asked=asked, same=same,
        compared=say(compared, language) if compared is not None else None,
        found=_told(found, language) if found is not None else None,
    )  # fmt: skip


def _told(found: DocumentView, language: str) -> dict[str, object]:
    """Return what everybody may know of a document: not its title, which may name people."""
    void = found.void_at is not None
    facts = {
        "documents.number": found.number, "documents.kind": kind_word(found.kind, language),
        "documents.unit": found.unit_name,
        "documents.issued_at": moment_text(found.issued_at, language),
        "documents.seal": found.sealed_by or say("documents.no_seal", language),
    }  # fmt: skip
    if void:
        facts["documents.void_at"] = moment_text(found.void_at, language)
    return {
        "light": "red" if void else "yellow" if found.is_exercise else "green",
        "word": say("verify.void" if void else
                    "verify.exercise" if found.is_exercise else "verify.genuine", language),
        "note": say("verify.exercise_note", language) if found.is_exercise else None,
        "code": found.code,
        "facts": [{"label": say(key, language), "value": value} for key, value in facts.items()],
        "files": [
            {"label": file.name.rpartition(".")[2].upper(), "digest": file.digest}
            for file in found.files
        ],
    }  # fmt: skip


def _verify(request: HttpRequest) -> str:
    return request.build_absolute_uri("/verify/")
