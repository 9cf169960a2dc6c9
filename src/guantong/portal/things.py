"""What access is asked about: the place, the units and the lines of cases, tasks and objects."""

from uuid import UUID

from guantong.access.api import Thing
from guantong.base.clock import local_day
from guantong.flows.api import CaseView, TaskView, process_of
from guantong.orgs.api import AREA, stood_in_for
from guantong.packages.api import installed
from guantong.registry.api import ObjectView, object_type


def lead_lines(package_id: str) -> tuple[str, ...]:
    """Return the line that leads a package (牵头): ``emergency@province`` gives ``emergency``."""
    package = installed(package_id)
    app = package.one("app") if package is not None else None
    return () if app is None else (str(app.data["lead"]).partition("@")[0],)


def case_thing(case: CaseView, unit_ids: tuple[UUID, ...]) -> Thing:
    """Return a case: the units that hold a task in it take part."""
    return Thing(
        kind="case",
        division_code=case.division_code,
        unit_ids=unit_ids,
        lines=lead_lines(case.package),
        package=case.package,
        object_id=case.id,
    )


def task_to_read(task: TaskView) -> Thing:
    """Return a task to be read: holder, verifier and both parents take part."""
    units = (task.unit_id, task.verifier_id, task.superior_id, task.coordinating_id)
    return _task(task, tuple(id for id in units if id is not None), ())


def task_to_handle(task: TaskView) -> Thing:
    """Return a task to be handled by the unit that holds it, by nobody who found the matter."""
    return _task(task, (task.unit_id,), _found_by(task))


def task_to_verify(task: TaskView) -> Thing:
    """Return a task to be verified: by its verifying unit, by nobody who found or did it."""
    doers = (*((task.doer_id,) if task.doer_id is not None else ()), *_found_by(task))
    doers += _stood_in_for(task)
    # Without a verifying unit nobody verifies: the task's own unit is never that unit.
    units = (task.verifier_id,) if task.verifier_id is not None else (task.id,)
    return _task(task, units, doers)


def _found_by(task: TaskView) -> tuple[UUID, ...]:
    """Return who found the matter of a task: who handed it on, and who opened its case by hand."""
    return tuple(id for id in (task.finder_id, task.opener_id) if id is not None)


def _stood_in_for(task: TaskView) -> tuple[UUID, ...]:
    """Return whose delegated posts the doer held in the unit when it was done (promise P2).

    What is done by delegation counts as done by both: by who did it, and by whose post it was.
    """
    if task.doer_id is None or task.completed_at is None:
        return ()
    return stood_in_for(task.doer_id, task.unit_id, on=local_day(task.completed_at))


def task_to_dispatch(task: TaskView) -> Thing:
    """Return a task that was sent back, to be given out anew by the superior of its unit."""
    return _task(task, (task.heir_id,), ())


def _task(task: TaskView, units: tuple[UUID, ...], doers: tuple[UUID, ...]) -> Thing:
    lines = (*lead_lines(task.package), *((task.line,) if task.line != AREA else ()))
    return Thing(
        kind="task",
        division_code=task.division_code,
        unit_ids=units,
        lines=lines,
        package=task.package,
        doers=doers,
        object_id=task.id,
    )


def task_for(act: str, task: TaskView) -> Thing:
    """Return a task as it is asked about for that act."""
    if act in ("verify", "reject"):
        return task_to_verify(task)
    if act == "dispatch":
        return task_to_dispatch(task)
    return task_to_handle(task) if act in ("handle", "approve") else task_to_read(task)


def act_of(task: TaskView) -> str:
    """Return what doing a task means: a step that checks an earlier one is an approval."""
    if task.kind == "step":
        node = process_of(task.package, task.process, task.release).graph.nodes.get(task.item)
        if node is not None and node.verifies is not None:
            return "approve"
    return "handle"


def object_thing(view: ObjectView, unit_ids: tuple[UUID, ...] = ()) -> Thing:
    """Return an object: the units that hold its task take part."""
    known = object_type(view.type)
    return Thing(
        kind="object",
        division_code=view.division_code,
        unit_ids=unit_ids,
        lines=lead_lines(known.package),
        package=known.package,
        type=known.id,
        object_id=view.id,
    )
