"""Files on pages: add to a case or a task, look at, take away, remove and bring back.

A file is never shown by itself in the browser: what is shown are pictures drawn of it. The original
goes out as a download only, under a policy in which nothing in it can run. Who took it stands in
the log.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from guantong.access.api import Decision
from guantong.base.errors import GuantongError, NotFound
from guantong.base.reading import moment_text
from guantong.base.words import say
from guantong.files import api as files
from guantong.files.api import FileView
from guantong.files.errors import Empty, FileRefused, NoPreview, TooLarge, TooMuch
from guantong.portal import file_records
from guantong.portal.delivery_log import note
from guantong.portal.file_part import (
    Record,
    file_thing,
    form,
    names_of,
    notes,
    own_file_thing,
    size_text,
    who,
)
from guantong.portal.reader import Reader, decide, may, page, reader_of

# Nothing in a file we hand out may run, whatever a browser takes it for.
DOWNLOAD_POLICY = "default-src 'none'; sandbox"
MOST_AT_ONCE = 10


@require_POST
def add_to_case(request: HttpRequest, id: UUID) -> HttpResponse:
    """Add files to a case."""
    return _add(request, *file_records.of_case(reader_of(request), id))


@require_POST
def add_to_task(request: HttpRequest, id: UUID) -> HttpResponse:
    """Add files to a task: evidence of what was done."""
    return _add(request, *file_records.of_task(reader_of(request), id))


def _add(request: HttpRequest, record: Record, title: str) -> HttpResponse:
    reader = reader_of(request)
    decide(request, "read", record.thing)
    decision = decide(request, "handle", file_thing(record.thing))
    given = [f for f in request.FILES.getlist("file") if isinstance(f, UploadedFile)]
    personal = request.POST.get("personal") == "on"
    try:
        names = _store(reader, record, decision, given, personal=personal)
    except FileRefused as refusal:
        return _again(request, record, title, refusal)
    said = say("files.added", reader.language, names=say("list.and", reader.language).join(names))
    messages.success(request, said, extra_tags="fine")
    return HttpResponseRedirect(f"{record.address}#files")


def _store(
    reader: Reader, record: Record, decision: Decision, given: list[Any], *, personal: bool
) -> list[str]:
    """Take the files in: all, or none when one of them is refused."""
    if len(given) > MOST_AT_ONCE:
        raise TooMuch(files=MOST_AT_ONCE, most=MOST_AT_ONCE * files.MOST_BYTES // (1024 * 1024))
    names = []
    for upload in given:
        if (upload.size or 0) > files.MOST_BYTES:
            raise TooLarge(most=files.MOST_BYTES // (1024 * 1024))
        refusal = files.refusal_of(upload.read(), upload.name or "")
        if refusal is not None:
            raise refusal
        upload.seek(0)
    if not given:
        raise Empty()
    for upload in given:
        added = files.add(
            reader.realm, record.owner, upload.read(), name=upload.name or "", at=reader.now,
            person_id=reader.actor.person_id,
            unit_id=decision.post.unit_id if decision.post is not None else None,
            classification="L3" if personal else "L2",
        )  # fmt: skip
        names.append(added.name)
    return names


def _again(request: HttpRequest, record: Record, title: str, refusal: FileRefused) -> HttpResponse:
    language = reader_of(request).language
    return page(
        request, "file_add.html", status=422,
        crumbs=[{"title": title, "href": record.address},
                {"title": say("files.add_title", language), "href": None}],
        back_href=f"{record.address}#files",
        form=form(record, language, error=refusal.sentence(language)),
    )  # fmt: skip


def find(request: HttpRequest, id: UUID) -> tuple[FileView, Record, str, Decision]:
    """Return a file the reader may see, the record it belongs to, and the record's title."""
    reader = reader_of(request)
    found = files.file(reader.realm, id)
    if found is None:
        raise NotFound(what=say("access.kind.file", reader.language))
    record, title = file_records.of_owner(reader, found.owner)
    decide(request, "read", record.thing)
    decision = decide(request, "read", file_thing(record.thing, found))
    return found, record, title, decision


@require_safe
def show(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show one file: its facts, and pictures of its first pages."""
    found, record, title, _ = find(request, id)
    reader = reader_of(request)
    language = reader.language
    people, units = names_of([found], language)
    removed = found.removed_at is not None
    own = may(reader, "handle", own_file_thing(found)).allowed and found.unit_id is not None
    count, no_preview = _pages(found, language)
    facts: Mapping[str, str] = {
        "files.added_by": who(found, people, units) or "–",
        "files.added_at": moment_text(found.added_at, language),
        "files.kind": found.name.rpartition(".")[2].upper(),
        "files.size": size_text(found.size),
        "files.digest": found.digest,
    }
    return page(
        request, "file.html",
        crumbs=[{"title": title, "href": record.address}, {"title": found.name, "href": None}],
        back={"href": record.address, "title": title},
        file={
            "name": found.name,
            "facts": [{"label": say(key, language), "value": v} for key, v in facts.items()],
            "notes": notes(found, language)
            + ([say("files.removed", language)] if removed else []),
            "download": f"/files/{id}/download",
            "removed": removed,
            "remove": f"/files/{id}/remove" if own and not removed else None,
            "restore": f"/files/{id}/restore" if own and found.restorable(reader.now) else None,
        },
        pages=[
            {"href": f"/files/{id}/pages/{n}.png", "alt": say("files.page", language, number=n)}
            for n in range(1, count + 1)
        ],
        no_preview=no_preview,
    )  # fmt: skip


def _pages(found: FileView, language: str) -> tuple[int, str | None]:
    if found.removed_at is not None:
        return 0, say("files.removed", language)
    try:
        return files.pages_of(found), None
    except GuantongError as refusal:
        return 0, refusal.sentence(language)


@require_safe
def picture(request: HttpRequest, id: UUID, number: int) -> HttpResponseBase:
    """Serve the picture of one page. It was drawn by us: nothing of the original is in it."""
    found, *_ = find(request, id)
    try:
        drawn = files.picture_of(found, number)
    except NoPreview as refusal:
        return HttpResponse(refusal.sentence(reader_of(request).language), status=404,
                            content_type="text/plain; charset=utf-8")  # fmt: skip
    answer = FileResponse(drawn, content_type="image/png")
    answer["Content-Security-Policy"] = DOWNLOAD_POLICY
    return answer


@require_safe
def download(request: HttpRequest, id: UUID) -> HttpResponseBase:
    """Hand out the original, as a download and nothing else; who took it stands in the log."""
    found, _, _, decision = find(request, id)
    content = files.bytes_of(found)
    facts = {"digest": found.digest, "class": found.classification}
    note(reader_of(request), "download", decision, object_id=found.id, facts=facts)
    answer = FileResponse(content, as_attachment=True, filename=found.name, content_type=found.type)
    answer["Content-Security-Policy"] = DOWNLOAD_POLICY
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
def remove(request: HttpRequest, id: UUID) -> HttpResponse:
    """Remove a file; it can be brought back for a day."""
    found, record, _, _ = find(request, id)
    reader = reader_of(request)
    decide(request, "handle", own_file_thing(found))
    files.remove(reader.realm, id, at=reader.now, person_id=reader.actor.person_id)
    said = say("files.removed_now", reader.language, name=found.name, hours=files.UNDO_HOURS)
    messages.success(request, said, extra_tags="fine")
    return HttpResponseRedirect(f"{record.address}#files")


@require_POST
def restore(request: HttpRequest, id: UUID) -> HttpResponse:
    """Bring a removed file back."""
    found, record, _, _ = find(request, id)
    reader = reader_of(request)
    decide(request, "handle", own_file_thing(found))
    files.restore(reader.realm, id, at=reader.now, person_id=reader.actor.person_id)
    said = say("files.restored", reader.language, name=found.name)
    messages.success(request, said, extra_tags="fine")
    return HttpResponseRedirect(f"{record.address}#files")
