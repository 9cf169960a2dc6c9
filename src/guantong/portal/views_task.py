"""One task: what it asks for, who did what when, and the acts its holder or verifier may do."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from guantong.access.api import Decision
from guantong.base.clock import local_day
from guantong.base.words import say
from guantong.files.api import FileView
from guantong.flows import api as flows
from guantong.flows.api import TaskView
from guantong.forms.api import FieldError
from guantong.orgs import api as orgs
from guantong.packages.api import own_label
from guantong.portal import answer_files, task_acts, task_deeds
from guantong.portal.file_part import part
from guantong.portal.file_records import task_record
from guantong.portal.reader import Reader, decide, page, reader_of
from guantong.portal.things import task_to_read
from guantong.portal.wording import (
    case_title,
    level_word,
    place_name,
    places_of,
    task_left,
    task_light,
    task_state,
    task_title,
    value_word,
    word,
)

RECEIPTS = ("sent", "received", "read", "accepted", "fed_back")
STAMPS = ("sent", "received", "read", "accepted", "completed", "verified", "closed", "supervised")


@require_safe
def task(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show a task; opened by its holder for the first time, it is received and read."""
    reader = reader_of(request)
    found = task_deeds.find(reader, id)
    decide(request, "read", task_to_read(found))
    person = reader.actor.person_id
    holds = found.unit_id in reader.actor.unit_ids
    if holds and person is not None and found.state == "dispatched" and found.read_at is None:
        flows.read(reader.realm, {id: person}, at=reader.now)
        found = task_deeds.find(reader, id)
    return _page(request, found)


@require_POST
def act(request: HttpRequest, id: UUID) -> HttpResponse:
    """Do one act on a task and go on; what is wrong in the form comes back beside its field."""
    reader = reader_of(request)
    found = task_deeds.find(reader, id)
    decide(request, "read", task_to_read(found))
    name = request.POST.get("act", "")
    offered = task_deeds.offered(reader, found, name)
    decision = decide(request, offered.act, offered.thing)
    taken = _taken(request, reader, found, name, decision)
    errors, answers = _answers(request, found, name, taken)
    if errors:
        typed = request.POST.dict()
        return _page(request, found, typed=typed, errors=errors, kept=taken.files, status=422)
    task_deeds.do(reader, found, name, answers)
    title = word(found.package, found.title, reader.language, place=found.division_code)
    messages.success(request, say("task.done", reader.language, title=title), extra_tags="fine")
    address = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(address if safe else f"/tasks/{id}")


def _taken(
    request: HttpRequest, reader: Reader, task: TaskView, name: str, decision: Decision
) -> answer_files.Taken:
    form = task_acts.form_of(task)
    if name != "complete" or form is None:
        return answer_files.Taken()
    return answer_files.take_in(request, reader, task, form, decision)


def _answers(
    request: HttpRequest, task: TaskView, name: str, taken: answer_files.Taken
) -> tuple[tuple[FieldError, ...], Mapping[str, Any]]:
    """Return what is wrong with what was typed, and the answers where nothing is."""
    errors, values = task_deeds.read_answers(task, name, request.POST.dict(), taken.given())
    refused = {error.field for error in taken.errors}
    # Of a field whose file was refused, that is what is told: not that it is missing as well.
    return (*(e for e in errors if e.field not in refused), *taken.errors), values


@transaction.atomic
def report_done(reader: Reader, task: TaskView) -> None:
    """Take a task on where that is still to be done, and report it done: one press."""
    if task.state == "dispatched":
        task_deeds.do(reader, task, "accept", {})
    task_deeds.do(reader, task, "complete", {})


def _page(
    request: HttpRequest,
    task: TaskView,
    *,
    typed: Mapping[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
    kept: Mapping[str, Sequence[FileView]] | None = None,
    status: int = 200,
) -> HttpResponse:
    reader = reader_of(request)
    language = reader.language
    known = places_of([task.division_code, task.case_division])
    people = orgs.names_of_people(
        id for id in (task.doer_id, task.accepter_id, task.finder_id) if id is not None
    )
    units = orgs.units_by_id(
        id for id in (task.superior_id, task.coordinating_id, task.verifier_id) if id is not None
    )
    title = case_title(task.package, task.process, task.matter, task.case_division, known, language)
    form, refused = act_form(
        task, reader, f"/tasks/{task.id}", typed=typed, errors=errors, kept=kept
    )
    names = {id: name for id, (_, name) in people.items()}

    def unit(id: UUID | None) -> str | None:
        return units[id].name(language) if id in units else None

    return page(
        request,
        "task.html",
        status=status,
        crumbs=[
            {"title": say("inbox.title", language), "href": "/inbox"},
            {"title": task_title(task, known, language), "href": None},
        ],
        task={
            "title": task_title(task, known, language),
            "number": task.key,
            "light": task_light(task, reader.now),
            "light_word": task_state(task, language),
            "state_word": say(f"state.{task.state}", language),
            "place": place_name(task.division_code, known, language),
            "unit": task.unit(language),
            "superior": unit(task.superior_id),
            "coordinating": unit(task.coordinating_id),
            "person": names.get(task.doer_id) if task.doer_id else None,
            "due_at": task.limit_at,
            "left_text": task_left(task, reader.now, language),
            "late": task.late(reader.now),
            "instruction": _instruction(task, language),
            "legal_basis": None,
            "case_title": title,
            "case_href": f"/cases/{task.case_id}",
        },
        receipts=_receipts(task, names, language),
        form=form,
        form_title=say("task.verify" if task.state == "completed" else "task.act", language),
        refused=refused,
        evidence=_evidence(task, reader),
        timeline=_timeline(task, names, unit(task.verifier_id), language),
        progress=_progress(task, language),
        files=part(reader, [task_record(task)], task_record(task)),
    )


def act_form(
    task: TaskView,
    reader: Reader,
    next_href: str,
    *,
    typed: Mapping[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
    kept: Mapping[str, Sequence[FileView]] | None = None,
) -> tuple[dict[str, object] | None, str | None]:
    """Return the form to act on a task, or the sentence why this reader may not."""
    offered = task_acts.offer(task)
    if offered is None:
        return None, say("task.nothing_left", reader.language)
    decision = task_acts.decision_on(reader, offered)
    if not decision.allowed:
        return None, decision.sentence(reader.language)
    variables: Mapping[str, Any] = {}
    if task_acts.asks_form(task):
        case = flows.case(reader.realm, task.case_id, now=reader.now)
        variables = case.data if case is not None else {}
    view = task_acts.form_view(
        task, offered, reader, next_href=next_href, variables=variables, typed=typed,
        errors=errors, kept=kept,
    )  # fmt: skip
    return view, None


def _instruction(task: TaskView, language: str) -> str | None:
    """Return the level from which the plan asks for this task."""
    if task.kind != "plan" or task.level == "none":
        return None
    return say("task.from_level", language, level=level_word(task.level, language))


def _progress(task: TaskView, language: str) -> dict[str, object] | None:
    """Return how far the task about one object is, and the way to that object."""
    if task.subject_id is None:
        return None
    done = task.state in ("completed", "verified", "closed_out")
    text = say(f"state.{task.state}", language)
    return {"percent": 100.0 if done else 0.0, "text": text, "href": f"/objects/{task.subject_id}"}


def _receipts(task: TaskView, names: Mapping[UUID, str], language: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for name in RECEIPTS:
        at: datetime | None = getattr(task, f"{name}_at")
        who = names.get(task.doer_id) if task.doer_id and name in ("accepted", "fed_back") else None
        found.append({"title": say(f"receipt.{name}", language), "at": at, "who": who})
    return found


def _evidence(task: TaskView, reader: Reader) -> list[dict[str, object]]:
    """Return what was reported, in the words of the form it was reported with."""
    language = reader.language
    # As it was asked when it was answered: an area may have worded it otherwise since.
    day = local_day(task.completed_at) if task.completed_at is not None else None
    package, form = task_acts.words_at(task, day=day), task_acts.form_of(task, day=day)
    labels = {field.name: field.label for field in form.fields} if form is not None else {}
    found: list[dict[str, object]] = []
    for name, value in task.answers.items():
        key = labels.get(name)
        label = package.say(key, language) if package is not None and key else None
        label = label or own_label(task.package, name, language) or say("form.remark", language)
        if isinstance(value, list):
            digests = [str(one) for one in value]
            found.append({"label": label, "files": answer_files.shown(reader, task, digests)})
            continue
        found.append(
            {
                "label": label,
                "value": value_word(task.package, value, language, place=task.division_code),
            }
        )
    if task.reason:
        reason = word(task.package, task.reason, language, place=task.division_code)
        found.append({"label": say("task.reason", language), "value": reason})
    return found


def _timeline(
    task: TaskView, names: Mapping[UUID, str], verifier: str | None, language: str
) -> list[dict[str, object]]:
    doer = names.get(task.doer_id) if task.doer_id else None
    accepter = names.get(task.accepter_id) if task.accepter_id else None
    who = {"accepted": doer, "completed": doer, "verified": accepter, "sent": task.unit(language)}
    entries = [
        {
            "at": at, "what": say(f"timeline.{name}", language), "who": who.get(name),
            "detail": verifier if name == "completed" and task.state == "completed" else None,
            "href": None, "now": False,
        }
        for name in STAMPS
        if (at := getattr(task, f"{name}_at")) is not None
    ]  # fmt: skip
    entries.reverse()
    entries.sort(key=lambda entry: entry["at"], reverse=True)
    if entries:
        entries[0]["now"] = True
    return entries
