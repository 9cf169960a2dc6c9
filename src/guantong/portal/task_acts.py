"""What a reader may do with a task now: the buttons and the form, or the sentence why nothing.

Rules are not here: ``access`` says who may, ``flows`` which verb leads where. This only joins
both to what a page offers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from guantong.access import api as access
from guantong.access.api import Decision, Thing
from guantong.base.words import say
from guantong.files.api import FileView
from guantong.flows import api as flows
from guantong.flows.api import TaskView
from guantong.forms.api import FieldError, Form
from guantong.packages.api import Package, form_at, installed_at
from guantong.portal.form_view import fields_of, summary_of
from guantong.portal.reader import Reader
from guantong.portal.things import act_of, task_to_dispatch, task_to_handle, task_to_verify

# How much a reason or a remark may hold.
MOST_LETTERS = 500
REMARK = "remark"


@dataclass(frozen=True, slots=True)
class Offer:
    """Acts that one decision covers. ``remark`` says whether a reason or remark is asked for."""

    act: str
    thing: Thing
    names: tuple[str, ...]
    remark: bool = False


def offer(task: TaskView) -> Offer | None:
    """Return what can be done with a task in its state; None when nothing is left to do."""
    plan = task.kind == "plan"
    may_send_back = ("send_back",) if plan and task.sent_back_times < flows.MOST_SENT_BACK else ()
    match task.state:
        case "dispatched":
            names = ("accept", *may_send_back)
            return Offer(act_of(task), task_to_handle(task), names, remark=bool(may_send_back))
        case "accepted" | "handling":
            back = may_send_back if task.state == "accepted" else ()
            return Offer(act_of(task), task_to_handle(task), ("complete", *back), remark=plan)
        case "completed" if task.verifier_id is not None:
            return Offer("verify", task_to_verify(task), ("verify", "reject"), remark=True)
        case "sent_back":
            return Offer("handle", task_to_dispatch(task), ("dispatch_anew",))
        case _:
            return None


def form_of(task: TaskView, *, day: date | None = None) -> Form | None:
    """Return the form of a process step as it is asked where the task is, today or on a day.

    Items of a plan have none. It is that of the release by which the case goes, with what the
    area says differently.
    """
    if task.kind != "step":
        return None
    process = flows.process_of(task.package, task.process, task.release)
    node = process.graph.nodes.get(task.item)
    form = process.forms.get(node.form) if node is not None and node.form else None
    return None if form is None else form_at(task.package, form, task.division_code, day=day)


def words_at(task: TaskView, *, day: date | None = None) -> Package | None:
    """Return the package of a task in the words of its place."""
    return installed_at(task.package, task.division_code, day=day)


def asks_form(task: TaskView) -> bool:
    """Say whether completing the task now asks for its form."""
    return task.state in ("accepted", "handling") and form_of(task) is not None


def decision_on(reader: Reader, offered: Offer) -> Decision:
    """Return whether the reader may do what is offered; asking alone is no refusal to record."""
    return access.decide(reader.actor, offered.act, offered.thing, realm=reader.realm)


def form_view(
    task: TaskView,
    offered: Offer,
    reader: Reader,
    *,
    next_href: str,
    variables: Mapping[str, Any],
    typed: Mapping[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
    kept: Mapping[str, Sequence[FileView]] | None = None,
) -> dict[str, object]:
    """Return the form to act on a task, for ``parts/form.html``."""
    language, package, form = reader.language, words_at(task), form_of(task)
    fields: list[dict[str, object]] = []
    summary: list[dict[str, object]] = []
    if form is not None and package is not None and asks_form(task):
        fields = fields_of(
            form, package, language, typed=typed, variables=variables, errors=errors, kept=kept
        )
        summary = summary_of(form, package, errors, language)
    if offered.remark:
        fields.append(_remark(offered, language, typed, errors))
        summary += [
            {
                "field": e.field,
                "sentence": f"{say('form.remark', language)}: {e.sentence(language)}",
            }
            for e in errors
            if e.field == REMARK
        ]
    return {
        "action": f"/tasks/{task.id}/act",
        "multipart": any(field["widget"] == "file" for field in fields),
        "hidden": [{"name": "next", "value": next_href}],
        "fields": fields,
        "errors": summary,
        "buttons": [_button(name, language) for name in offered.names],
        "note": None,
    }


def _remark(
    offered: Offer, language: str, typed: Mapping[str, str] | None, errors: tuple[FieldError, ...]
) -> dict[str, object]:
    wrong = next((e.sentence(language) for e in errors if e.field == REMARK), None)
    refuses = {"send_back", "reject"} & set(offered.names)
    return {
        "name": REMARK,
        "label": say("form.remark", language),
        "hint": say("form.remark_hint" if refuses else "form.remark_free", language),
        "widget": "textarea",
        "value": (typed or {}).get(REMARK, ""),
        "required": False,
        "error": wrong,
        "max_length": MOST_LETTERS,
    }


def _button(name: str, language: str) -> dict[str, object]:
    kind = {"send_back": "plain", "reject": "plain"}.get(name, "")
    return {"name": "act", "value": name, "label": say(f"form.{name}", language), "kind": kind}


def remark_errors(name: str, remark: str) -> tuple[FieldError, ...]:
    """Return what is wrong with a remark: too long, or missing where a reason is needed."""
    if len(remark) > MOST_LETTERS:
        return (FieldError(REMARK, "too-long", {"bound": MOST_LETTERS}),)
    if name in ("send_back", "reject") and not remark:
        return (FieldError(REMARK, "missing"),)
    return ()
