"""Doing something with a task, for the page, the line in a case and the interface alike.

``access`` says who may, ``flows`` which verb leads where; whoever asks here has the same answer by
whichever way it comes.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from guantong.base.errors import NotFound
from guantong.base.words import say
from guantong.flows import api as flows
from guantong.flows.api import TaskView
from guantong.flows.errors import NotInThatState
from guantong.forms.api import FieldError, Given
from guantong.portal import task_acts
from guantong.portal.reader import Reader
from guantong.portal.task_acts import REMARK, Offer


def find(reader: Reader, id: UUID) -> TaskView:
    """Return a task of the reader's realm, or refuse: it is not here."""
    found = flows.task(reader.realm, id)
    if found is None:
        raise NotFound(what=say("access.kind.task", reader.language))
    return found


def offered(reader: Reader, task: TaskView, name: str) -> Offer:
    """Return the offer that has this act in it; an act that the state forbids is refused."""
    found = task_acts.offer(task)
    if found is not None and name in found.names:
        return found
    language = reader.language
    names = found.names if found is not None else ()
    raise NotInThatState(
        verb=say("task.this_act", language),
        state=say(f"state.{task.state}", language),
        allowed=say("list.and", language).join(say(f"form.{n}", language) for n in names) or "–",
    )


def read_answers(
    task: TaskView,
    name: str,
    given: Mapping[str, str],
    files: Mapping[str, Sequence[Given]] | None = None,
) -> tuple[tuple[FieldError, ...], Mapping[str, Any]]:
    """Return what is wrong with what was given, and the answers where nothing is."""
    form = task_acts.form_of(task)
    if name == "complete" and form is not None:
        parsed = form.parse(given, files)
        return parsed.errors, parsed.values
    remark = given.get(REMARK, "").replace("\r\n", "\n").strip()
    return task_acts.remark_errors(name, remark), {REMARK: remark} if remark else {}


def do(reader: Reader, task: TaskView, name: str, answers: Mapping[str, Any]) -> None:
    """Call the verb; where it moved nothing, somebody else was faster or the rules forbid it."""
    person = reader.actor.person_id
    assert person is not None, "access lets only persons act"
    realm, acts, at = reader.realm, {task.id: person}, reader.now
    reason = str(answers.get(REMARK, ""))
    match name:
        case "accept":
            flows.one(realm, flows.ACCEPT, task.id, person, flows.accept(realm, acts, at=at))
        case "complete":
            moved = flows.complete(realm, acts, at=at, answers=answers)
            flows.one(realm, flows.COMPLETE, task.id, person, moved)
        case "send_back":
            moved = flows.send_back(realm, acts, reason=reason, at=at)
            flows.one(realm, flows.SEND_BACK, task.id, person, moved)
        case "verify":
            flows.one(realm, flows.VERIFY, task.id, person, flows.verify(realm, acts, at=at))
        case "reject":
            moved = flows.reject(realm, acts, reason=reason, at=at)
            flows.one(realm, flows.REJECT, task.id, person, moved)
        case "dispatch_anew":
            moved = flows.dispatch_anew(realm, acts, at=at)
            flows.one(realm, flows.DISPATCH_ANEW, task.id, person, moved)
