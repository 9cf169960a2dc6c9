"""Which records hold files, and what access is asked about each: cases, tasks, issued documents."""

from uuid import UUID

from guantong.base.errors import NotFound
from guantong.base.words import say
from guantong.files import api as files
from guantong.files.api import Owner
from guantong.flows import api as flows
from guantong.flows.api import CaseView, TaskView
from guantong.portal.file_part import Record
from guantong.portal.reader import Reader
from guantong.portal.things import case_thing, task_to_read
from guantong.portal.wording import places_of, task_title, title_of_case


def case_record(reader: Reader, case: CaseView) -> Record:
    """Return a case as a record with files: the units that hold a task in it take part."""
    units = flows.units_of_case(reader.realm, case.id)
    return Record(
        owner=("case", case.id), thing=case_thing(case, units), address=f"/cases/{case.id}"
    )


def task_record(task: TaskView) -> Record:
    """Return a task as a record with files."""
    return Record(owner=("task", task.id), thing=task_to_read(task), address=f"/tasks/{task.id}")


def of_case(reader: Reader, id: UUID) -> tuple[Record, str]:
    """Return a case of the reader's realm and its title, or refuse: it is not here."""
    case = flows.case(reader.realm, id, now=reader.now)
    if case is None:
        raise NotFound(what=say("access.kind.case", reader.language))
    title = title_of_case(case, places_of([case.division_code]), reader.language)
    return case_record(reader, case), title


def of_task(reader: Reader, id: UUID) -> tuple[Record, str]:
    """Return a task of the reader's realm and its title, or refuse: it is not here."""
    task = flows.task(reader.realm, id)
    if task is None:
        raise NotFound(what=say("access.kind.task", reader.language))
    return task_record(task), task_title(task, places_of([task.division_code]), reader.language)


def of_owner(reader: Reader, owner: Owner) -> tuple[Record, str]:
    """Return the record a file belongs to; a document's files are those of what it is about."""
    kind, id = owner
    if kind == "document":
        document = files.document(reader.realm, id)
        if document is None:
            raise NotFound(what=say("access.kind.file", reader.language))
        record, _ = of_owner(reader, document.owner)
        whole = Record(owner=owner, thing=record.thing, address=f"/documents/{id}")
        return whole, document.number
    return of_task(reader, id) if kind == "task" else of_case(reader, id)
