"""Files given as answers of a form: a photograph belongs to the report that a task is done.

What comes with the form is taken in at once, as an attachment of the task, whatever else is wrong
with the form: nobody on a sea wall sends a photograph twice. It comes back with the form, ticked;
without the tick it is no part of the answer, and stays an attachment. What the form stores of a
file is the digest of its content, so the leaf of the task holds it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from guantong.access.api import Decision
from guantong.base.words import say
from guantong.files import api as files
from guantong.files.api import FileView
from guantong.files.errors import FileRefused, TooLarge, TypeNotAllowed
from guantong.flows.api import TaskView
from guantong.forms.api import Field, FieldError, Form, Given
from guantong.portal.file_part import file_thing, size_text
from guantong.portal.file_records import task_record
from guantong.portal.reader import Reader, may

PERSONAL = "personal"


@dataclass
class Taken:
    """What is here for each field of files, and what was refused."""

    files: dict[str, list[FileView]] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)

    def given(self) -> Mapping[str, Sequence[Given]]:
        """Return the files as a form judges them."""
        return {
            name: [Given(digest=f.digest, media_type=f.type, size=f.size) for f in found]
            for name, found in self.files.items()
        }


def take_in(
    request: HttpRequest, reader: Reader, task: TaskView, form: Form, decision: Decision
) -> Taken:
    """Take in what was sent for each field of files; add what stayed from the try before."""
    taken = Taken()
    here = {str(f.id): f for f in files.files_of(reader.realm, [("task", task.id)])}
    unit_id = decision.post.unit_id if decision.post is not None else None
    for question in form.fields:
        if question.widget != "file":
            continue
        ticked = [here[id] for id in request.POST.getlist(question.name) if id in here]
        found = taken.files.setdefault(question.name, [f for f in ticked if f.unit_id == unit_id])
        sent = [u for u in request.FILES.getlist(question.name) if isinstance(u, UploadedFile)]
        if len(sent) > question.most_files:
            wrong = FieldError(question.name, "too-many-files", {"bound": question.most_files})
            taken.errors.append(wrong)
            continue
        personal = request.POST.get(f"{question.name}.{PERSONAL}") == "on"
        for upload in sent:
            one = _one(reader, task, question, upload, unit_id, personal=personal)
            if isinstance(one, FieldError):
                taken.errors.append(one)
            else:
                found.append(one)
    return taken


def _one(
    reader: Reader,
    task: TaskView,
    question: Field,
    upload: "UploadedFile[Any]",
    unit_id: UUID | None,
    *,
    personal: bool,
) -> FileView | FieldError:
    try:
        if (upload.size or 0) > files.MOST_BYTES:
            raise TooLarge(most=files.MOST_BYTES // (1024 * 1024))
        data = upload.read()
        kind = files.examine(data, upload.name or "")
        wrong = question.refuses(Given(digest="", media_type=kind.media_type, size=len(data)))
        if wrong is not None:
            return wrong
        return files.add(
            reader.realm, ("task", task.id), data, name=upload.name or "", at=reader.now,
            person_id=reader.actor.person_id, unit_id=unit_id,
            classification="L3" if personal else "L2",
        )  # fmt: skip
    except TypeNotAllowed:
        # What attachments may be is more than what this field asks for.
        return question.wrong_kind()
    except FileRefused as refusal:
        return FieldError(question.name, "file-refused", {"why": refusal.sentence(reader.language)})


def field_parts(question: Field, kept: Sequence[FileView], language: str) -> dict[str, object]:
    """Return what ``parts/form.html`` shows of a field of files beside what every field has."""
    kinds = [kind.rpartition("/")[2] for kind in question.accepts]
    limit = say(
        "files.limit", language, most=max(1, question.most_bytes // (1024 * 1024)),
        kinds=", ".join(kinds),
    )  # fmt: skip
    return {
        "accept": ",".join(question.accepts),
        "several": question.most_files > 1,
        "limit": say("files.limit_of_field", language, files=question.most_files, each=limit),
        "personal": f"{question.name}.{PERSONAL}",
        "kept": [{"id": f.id, "name": f.name, "size": size_text(f.size)} for f in kept],
    }


def shown(reader: Reader, task: TaskView, digests: Sequence[str]) -> list[dict[str, object]]:
    """Return the files of an answer for the page: a way to each, where this reader may open it."""
    record = task_record(task)
    by_digest = {f.digest: f for f in files.files_of(reader.realm, [record.owner], removed=True)}
    rows: list[dict[str, object]] = []
    for digest in digests:
        found = by_digest.get(digest)
        readable = (
            found is not None
            and found.removed_at is None
            and may(reader, "read", file_thing(record.thing, found)).allowed
        )
        rows.append(
            {
                "href": f"/files/{found.id}" if found is not None and readable else None,
                "name": found.name if found is not None and readable else None,
                "digest": digest[:16],
            }
        )
    return rows
