"""One object (一户一档): its facts as far as the reader may see them, and the task about it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST, require_safe

from guantong.access import api as access
from guantong.base.errors import NotFound
from guantong.base.words import say
from guantong.flows import api as flows
from guantong.flows.api import TaskView
from guantong.orgs import api as orgs
from guantong.packages.api import installed
from guantong.portal.object_words import (
    classes_of,
    column_word,
    invented_note,
    references,
    shown_columns,
    title_of,
    value_text,
)
from guantong.portal.purposes import ask_address, note_look, purpose_of, reveal_form, seen_by
from guantong.portal.reader import Reader, decide, page, reader_of
from guantong.portal.step_up import ask_again
from guantong.portal.things import object_thing, task_to_handle
from guantong.portal.views_residents import residents_part
from guantong.portal.views_task import report_done
from guantong.portal.wording import place_name, places_of, task_light, word
from guantong.registry.api import ObjectView, mask, object_by_id, object_type

CLOSED = ("completed", "verified", "closed_out")


def find(reader: Reader, id: UUID) -> tuple[ObjectView, list[TaskView]]:
    """Return an object of the reader's realm and the tasks about it, or refuse: it is not here."""
    view = object_by_id(id)
    if view is None or view.realm != reader.realm:
        raise NotFound(what=say("access.kind.object", reader.language))
    return view, flows.tasks_of_subject(reader.realm, id)


@require_safe
def show(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show one object; personal columns are masked where the reader has no need of them."""
    reader = reader_of(request)
    language = reader.language
    whole, tasks = find(reader, id)
    thing = object_thing(whole, _units(tasks))
    decision = decide(request, "read", thing, purpose=purpose_of(request))
    view = mask(whole, decision.masks)
    classes = classes_of(view.type)
    opened = access.L4 in classes and access.L4 not in decision.masks
    # Opened by a second person for this one, and not for whoever finds the session open.
    if opened and (asked := ask_again(request, request.get_full_path())) is not None:
        return asked
    note_look(reader, decision, classes)
    task = next((t for t in reversed(tasks) if t.state != "withdrawn"), None)
    form, refused = _form(request, view, task)
    known = places_of([view.division_code])
    title = title_of(view, language)
    safe = task is not None and task.state in CLOSED
    waiting = say("household.safe" if safe else "household.waiting", language)
    return page(
        request,
        "household.html",
        crumbs=[
            {"title": place_name(view.division_code, known, language),
             "href": f"/evacuation/{view.division_code}"},
            {"title": title, "href": None},
        ],
        household={
            "number": view.key,
            "title": title,
            "light": task_light(task, reader.now) if task is not None else "grey",
            "light_word": waiting if task is not None else say("household.no_task", language),
        },
        invented_note=invented_note(view.type, language),
        masked_note=say("household.masked_note", language) if view.masked else None,
        facts=_facts(view, reader, place_name(view.division_code, known, language)),
        form=form,
        form_title=say("household.report", language),
        refused=refused,
        timeline=_timeline(tasks, language),
        reveal=reveal_form(reader, decision, f"/objects/{view.id}") if classes else None,
        ask_href=ask_address("object", view.id)
        if access.L4 in classes and access.L4 in decision.masks
        else None,
        seen=seen_by(reader, thing),
        residents=residents_part(reader, view),
    )  # fmt: skip


def _units(tasks: list[TaskView]) -> tuple[UUID, ...]:
    """Return the units that hold a task about the object, or verify one."""
    live = [t for t in tasks if t.state != "withdrawn"]
    both = [id for t in live for id in (t.unit_id, t.verifier_id) if id is not None]
    return tuple(dict.fromkeys(both))


def _facts(view: ObjectView, reader: Reader, place: str) -> list[dict[str, object]]:
    known = object_type(view.type)
    package = installed(known.package)
    under = view.division_code[: orgs.WIDTH["township"]]
    named = references(package, reader.realm, [view], under=under) if package is not None else {}
    language = reader.language
    found: list[dict[str, object]] = [
        {"label": say("case.place", language), "value": place, "masked": False}
    ]
    for name in shown_columns(known):
        value = view.body.get(name)
        text = named.get((name, str(value))) or value_text(view.type, name, value, language)
        label = column_word(view.type, name, language)
        found.append({"label": label, "value": text, "masked": name in view.masked})
    return found


def _form(
    request: HttpRequest, view: ObjectView, task: TaskView | None
) -> tuple[dict[str, object] | None, str | None]:
    """Return the one button that reports the object's task done, or the sentence why not."""
    reader = reader_of(request)
    if task is None:
        return None, say("household.no_task", reader.language)
    if task.state not in ("dispatched", "accepted", "handling"):
        state = say(f"state.{task.state}", reader.language)
        return None, say("household.nothing_to_report", reader.language, state=state)
    answer = access.decide(reader.actor, "handle", task_to_handle(task), realm=reader.realm)
    if not answer.allowed:
        return None, answer.sentence(reader.language)
    button = {"name": "act", "value": "report", "label": say("household.report", reader.language)}
    return {
        "action": f"/objects/{view.id}/report", "hidden": [], "fields": [], "errors": [],
        "buttons": [button],
        "note": word(task.package, task.title, reader.language, place=task.division_code),
    }, None  # fmt: skip


@require_POST
def report(request: HttpRequest, id: UUID) -> HttpResponse:
    """Report the task about an object done: by its holder, in one press."""
    reader = reader_of(request)
    view, tasks = find(reader, id)
    units = _units(tasks)
    decide(request, "report", object_thing(view, units))
    task = next((t for t in reversed(tasks) if t.state != "withdrawn"), None)
    if task is None:
        raise NotFound(what=say("access.kind.task", reader.language))
    decide(request, "handle", task_to_handle(task))
    report_done(reader, task)
    said = say("task.done", reader.language, title=title_of(view, reader.language))
    messages.success(request, said, extra_tags="fine")
    return HttpResponseRedirect(f"/objects/{id}")


def _timeline(tasks: list[TaskView], language: str) -> list[dict[str, object]]:
    people = orgs.names_of_people(
        {id for t in tasks for id in (t.doer_id, t.accepter_id) if id is not None}
    )
    found: list[dict[str, object]] = []
    for task in tasks:
        doer = people[task.doer_id][1] if task.doer_id in people else task.unit(language)
        checker = people[task.accepter_id][1] if task.accepter_id in people else ""
        who = {
            "sent": task.unit(language),
            "accepted": doer,
            "completed": doer,
            "verified": checker,
        }
        found += [
            {"at": at, "what": say(f"timeline.{name}", language), "who": by, "detail": None,
             "href": f"/tasks/{task.id}", "now": False}
            for name, by in who.items()
            if (at := getattr(task, f"{name}_at")) is not None
        ]  # fmt: skip
    return sorted(found, key=lambda entry: entry["at"], reverse=True)  # type: ignore[arg-type,return-value]
