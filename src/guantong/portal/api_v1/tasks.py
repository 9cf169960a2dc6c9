"""Tasks: what waits for a post, one task with its form, and the acts on it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router
from pydantic import StringConstraints

from guantong.base.words import say
from guantong.flows.api import TaskView
from guantong.forms.api import FieldError, Form
from guantong.packages.api import Package
from guantong.portal import task_acts, task_deeds
from guantong.portal.api_v1 import shapes
from guantong.portal.api_v1.once import Token, done_once, earlier, plain
from guantong.portal.api_v1.refusals import AnswersWrong
from guantong.portal.api_v1.shapes import Cursor, Named, Shape
from guantong.portal.form_view import option_word
from guantong.portal.reader import Reader, decide, reader_of
from guantong.portal.task_acts import REMARK
from guantong.portal.things import task_to_read
from guantong.portal.views_inbox import read_inbox
from guantong.portal.wording import Places, places_of, task_state, task_title

router = Router(tags=["tasks"])

Show = Literal["unit", "mine", "late", "verify", "done"]
Act = Literal["accept", "complete", "send_back", "verify", "reject", "dispatch_anew"]
Answer = Annotated[str, StringConstraints(max_length=4000, pattern=shapes.NO_NUL)]
FieldName = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z][a-z0-9_]*$")]


class TaskShort(Shape):
    """A task in a list."""

    id: UUID
    number: str
    title: str
    case_id: UUID
    case_number: str
    state: str = Field(examples=["dispatched"])
    state_word: str
    place: str = Field(description="Code of the division", examples=["331081105229"])
    unit: Named
    sent_at: datetime
    limit_at: datetime
    late: bool


class TaskPage(Shape):
    """A page of tasks; ``after`` leads to the next one and is null on the last."""

    rows: list[TaskShort]
    total: int
    after: str | None


class Choice(Shape):
    """One answer to choose."""

    value: str
    label: str


class Question(Shape):
    """One field of a form."""

    name: str
    label: str
    type: str
    required: bool
    choices: list[Choice]
    most_letters: int | None


class TaskWhole(TaskShort):
    """One task: what was reported, and what this post may do with it now."""

    acts: list[str] = Field(description="Acts that this post may do now")
    refused: str | None = Field(description="Why this post may do nothing, where it may not")
    form: list[Question] = Field(description="What completing it asks; empty where it asks nothing")
    answers: dict[str, Any]
    reason: str
    accepted_at: datetime | None
    completed_at: datetime | None
    verified_at: datetime | None
    closed_at: datetime | None


class TaskAct(Shape):
    """An act on a task. A form's answers are texts, as a page sends them."""

    act: Act = Field(examples=["accept"])
    answers: dict[FieldName, Answer] = Field(
        default={},
        max_length=60,
        examples=[{"advice": "请加强防范"}],
        json_schema_extra={"additionalProperties": False},
    )
    remark: Annotated[str, StringConstraints(max_length=500, pattern=shapes.NO_NUL)] = Field(
        default="", examples=[""]
    )


class TaskDone(Shape):
    """What an act led to."""

    id: UUID
    act: Act
    state: str


@router.get(
    "",
    operation_id="list_tasks",
    response={200: TaskPage, **shapes.ALWAYS},
    summary="What waits for the post",
)
def list_tasks(
    request: HttpRequest,
    show: Annotated[Show, Query(description="Which: of the unit, taken on by the person, late, to "
                                "verify, done by the person")] = "unit",
    q: Annotated[str, shapes.search("A text in number, unit or title")] = "",
    after: Annotated[Cursor | None, Query(description="The cursor of the page before")] = None,
) -> dict[str, Any]:  # fmt: skip
    """Return up to 25 tasks of the post, the nearest limit first, as the inbox shows them.

    Reading here is no receipt: nobody has read a task because a program listed it.
    """
    reader = reader_of(request)
    found, _ = read_inbox(reader, show, q.strip(), after=after)
    known = places_of(task.division_code for task in found.rows)
    return {
        "rows": [short(task, reader, known) for task in found.rows],
        "total": found.total,
        "after": found.after,
    }


@router.get(
    "/{uuid:id}",
    operation_id="read_task",
    response={200: TaskWhole, **shapes.OF_ONE},
    summary="One task",
)
def read_task(request: HttpRequest, id: UUID) -> dict[str, Any]:
    """Return a task with what was reported, and the acts and the form this post is offered now."""
    reader = reader_of(request)
    found = task_deeds.find(reader, id)
    decide(request, "read", task_to_read(found))
    acts, refused = _offered(found, reader)
    return {
        **short(found, reader, places_of([found.division_code])),
        "acts": acts,
        "refused": refused,
        "form": _questions(found, reader) if "complete" in acts else [],
        "answers": found.answers,
        "reason": found.reason,
        "accepted_at": found.accepted_at,
        "completed_at": found.completed_at,
        "verified_at": found.verified_at,
        "closed_at": found.closed_at,
    }


@router.post(
    "/{uuid:id}/acts",
    operation_id="act_on_task",
    response={200: TaskDone, **shapes.OF_AN_ACT},
    summary="Do something with a task",
)
def act_on_task(
    request: HttpRequest, response: HttpResponse, id: UUID, sent: TaskAct, token: Token
) -> dict[str, Any]:
    """Accept, complete with its form, send back, verify, reject or give out anew, as the page does.

    What the state of the task forbids is 409; answers that do not fit the form are 422.
    """
    reader = reader_of(request)
    found = task_deeds.find(reader, id)
    decide(request, "read", task_to_read(found))
    asked = sent.dict()
    before = earlier(token, request, asked)
    if before is not None:
        return done_once(request, response, token, asked, dict)
    offered = task_deeds.offered(reader, found, sent.act)
    decide(request, offered.act, offered.thing)
    answers = _answers(found, sent, reader)

    def do() -> dict[str, Any]:
        task_deeds.do(reader, found, sent.act, answers)
        return plain(id, act=sent.act, state=task_deeds.find(reader, id).state)

    return done_once(request, response, token, asked, do)


def _answers(task: TaskView, sent: TaskAct, reader: Reader) -> Any:
    """Return the answers as the page would read them; a name that is no field is refused."""
    form = task_acts.form_of(task) if sent.act == "complete" else None
    known = {field.name for field in form.fields} if form is not None else set()
    strange = sorted(set(sent.answers) - known)
    if strange:
        raise AnswersWrong(
            what=", ".join(strange)[:200] + ": " + say("api.no_field", reader.language)
        )
    errors, answers = task_deeds.read_answers(
        task, sent.act, {**sent.answers, REMARK: sent.remark} if sent.remark else sent.answers
    )
    if errors:
        raise AnswersWrong(what=_sentences(errors, reader))
    return answers


def _sentences(errors: tuple[FieldError, ...], reader: Reader) -> str:
    return "; ".join(f"{e.field}: {e.sentence(reader.language)}" for e in errors)


def short(task: TaskView, reader: Reader, known: Places) -> dict[str, Any]:
    """Return a task as lists have it."""
    return {
        "id": task.id,
        "number": task.key,
        "title": task_title(task, known, reader.language),
        "case_id": task.case_id,
        "case_number": task.case_number,
        "state": task.state,
        "state_word": task_state(task, reader.language),
        "place": task.division_code,
        "unit": {"id": task.unit_id, "name": task.unit(reader.language)},
        "sent_at": task.sent_at,
        "limit_at": task.limit_at,
        "late": task.late(reader.now),
    }


def _offered(task: TaskView, reader: Reader) -> tuple[list[str], str | None]:
    offered = task_acts.offer(task)
    if offered is None:
        return [], say("task.nothing_left", reader.language)
    decision = task_acts.decision_on(reader, offered)
    if not decision.allowed:
        return [], decision.sentence(reader.language)
    return list(offered.names), None


def _questions(task: TaskView, reader: Reader) -> list[dict[str, Any]]:
    form, package = task_acts.form_of(task), task_acts.words_at(task)
    return [] if form is None or package is None else questions_of(form, package, reader.language)


def questions_of(form: Form, package: Package, language: str) -> list[dict[str, Any]]:
    """Return what a form asks, in the package's words."""
    return [
        {
            "name": field.name,
            "label": package.say(field.label, language),
            "type": field.type,
            "required": field.required,
            "choices": [
                {"value": o.value, "label": option_word(package, field, o.value, language)}
                for o in field.options
            ],
            "most_letters": field.max_length,
        }
        for field in form.fields
    ]
