"""What waits for an officer's units, the nearest limit first, with one press for many."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST, require_safe

from guantong.access import api as access
from guantong.base.reading import moment_text
from guantong.base.words import say
from guantong.flows import api as flows
from guantong.flows.api import CHIPS, Page, Search, TaskView
from guantong.orgs import api as orgs
from guantong.packages.api import all_installed, package_at
from guantong.portal.lists import PAGE_ROWS, address, chip, hidden, pager
from guantong.portal.reader import Reader, page, reader_of
from guantong.portal.things import act_of, task_to_handle
from guantong.portal.wording import (
    Places,
    places_of,
    task_left,
    task_light,
    task_state,
    task_title,
)

HERE = "/inbox"


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Show what waits for the reader's units; ``show`` chooses which of it."""
    reader = reader_of(request)
    language = reader.language
    show = request.GET.get("show", "")
    show = show if show in CHIPS else CHIPS[0]
    text = request.GET.get("q", "").strip()
    found, counts = read_inbox(
        reader, show, text, after=request.GET.get("after"), before=request.GET.get("before")
    )
    filters = {"show": show if show != CHIPS[0] else "", "q": text}
    names = {"unit": "inbox.unit", "mine": "inbox.mine", "late": "inbox.late",
             "verify": "inbox.verify", "done": "inbox.done"}  # fmt: skip
    known = places_of(task.division_code for task in found.rows)
    choosable = show in ("unit", "late") and any(t.state == "dispatched" for t in found.rows)
    return page(
        request,
        "inbox.html",
        chips=[
            chip(say(names[name], language), address(HERE, show=name, q=text),
                 current=name == show, count=counts[name])
            for name in CHIPS
        ],
        q=text,
        query_hidden=hidden({"show": filters["show"]}),
        figures=[],
        rows=task_rows(found.rows, reader, known, choosable=choosable),
        empty=_empty(reader),
        pager=pager(found, HERE, filters, language),
        many=_many(language) if choosable else None,
        here=HERE,
    )  # fmt: skip


def read_inbox(
    reader: Reader,
    show: str,
    text: str,
    *,
    after: str | None = None,
    before: str | None = None,
    most: int = PAGE_ROWS,
) -> tuple[Page[TaskView], dict[str, int]]:
    """Return one page of the reader's tasks and how many each filter has."""
    found, counts = flows.inbox(
        reader.realm, unit_ids=reader.actor.unit_ids, person_id=reader.actor.person_id,
        now=reader.now, chip=show, search=search_for(text, reader), after=after,
        before=before, most=most,
    )  # fmt: skip
    return found, dict(counts)


def search_for(text: str, reader: Reader) -> Search:
    """Return what a text looks for: numbers and names, and the titles and places it stands in.

    Titles as the package says them, and as the places of the reader's posts do.
    """
    if not text:
        return flows.EVERYTHING
    low, language = text.lower(), reader.language
    places_of_reader = dict.fromkeys(post.division_code for post in reader.actor.posts)
    titles = {
        key
        for package in all_installed()
        for place in ("", *places_of_reader)
        for key, said in package_at(package, place).words(language).items()
        if key.startswith(("node.", "plan.")) and low in str(said).lower()
    }
    # Counties by name; townships and villages are found by the names of their units.
    places = {
        d.code for d in orgs.divisions(tier="county") if low in d.name or low in d.name_en.lower()
    }
    return Search(text=text, titles=titles, places=places)


def task_rows(
    tasks: Iterable[TaskView], reader: Reader, known: Places, *, choosable: bool = False
) -> list[dict[str, object]]:
    """Return tasks for ``parts/list.html``."""
    language = reader.language
    return [
        {
            "id": task.id,
            "href": f"/tasks/{task.id}",
            "title": task_title(task, known, language),
            "facts": [task.unit(language), task.case_number],
            "light": task_light(task, reader.now),
            "light_word": task_state(task, language),
            "state": "",
            "late": task.late(reader.now),
            "left_text": task_left(task, reader.now, language),
            "choosable": choosable and task.state == "dispatched",
        }
        for task in tasks
    ]


def _many(language: str) -> dict[str, object]:
    accept = {"name": "act", "value": "accept", "label": say("inbox.accept_many", language)}
    return {"name": "task", "action": f"{HERE}/accept", "choices": [accept]}


def _empty(reader: Reader) -> dict[str, str]:
    """Return what an empty inbox says: what was done last, or what will appear here."""
    language = reader.language
    title = say("inbox.empty", language)
    done, _ = read_inbox(reader, "done", "", most=1)
    if not done.rows:
        return {"title": title, "text": say("inbox.empty_never", language)}
    last = done.rows[0]
    name = task_title(last, places_of([last.division_code]), language)
    at = moment_text(last.completed_at, language)
    return {"title": title, "text": say("inbox.empty_last", language, title=name, at=at)}


@require_POST
def accept_many(request: HttpRequest) -> HttpResponse:
    """Accept the chosen tasks; those the reader may not handle stay, each refusal recorded."""
    reader = reader_of(request)
    person = reader.actor.person_id
    chosen = [id for text in request.POST.getlist("task")[:PAGE_ROWS] if (id := _uuid(text))]
    acts: dict[UUID, UUID | None] = {}
    for id in chosen:
        task = flows.task(reader.realm, id)
        if task is None:
            continue
        answer = access.decide(reader.actor, act_of(task), task_to_handle(task), realm=reader.realm)
        if answer.allowed:
            acts[id] = person
        else:
            access.record_refusal(answer, at=reader.now)
    moved = flows.accept(reader.realm, acts, at=reader.now)
    said = say("inbox.accepted_many", reader.language, count=len(moved))
    whole = len(moved) == len(chosen)
    messages.info(request, said, extra_tags="fine" if whole else "caution")
    return HttpResponseRedirect(HERE)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
