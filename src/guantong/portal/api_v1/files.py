"""Files of cases and tasks: what there is, and the original as a download."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Field, Router

from guantong.files.api import FileView
from guantong.portal import file_records, views_files
from guantong.portal.api_v1 import shapes
from guantong.portal.api_v1.shapes import Shape
from guantong.portal.file_part import Record, readable
from guantong.portal.reader import decide, reader_of

router = Router(tags=["files"])


class FileFacts(Shape):
    """One file, without its bytes."""

    id: UUID
    name: str
    type: str
    size: int
    digest: str = Field(description="SHA-256 of the bytes")
    classification: str
    scan: str
    added_at: datetime
    unit_id: UUID | None
    removed: bool


@router.get(
    "/cases/{uuid:id}/files",
    operation_id="list_case_files",
    response={200: list[FileFacts], **shapes.OF_ONE},
    summary="Files of a case",
)
def list_case_files(request: HttpRequest, id: UUID) -> list[dict[str, Any]]:
    """Return the files of a case that the post may see, oldest first."""
    return _list(request, *file_records.of_case(reader_of(request), id))


@router.get(
    "/tasks/{uuid:id}/files",
    operation_id="list_task_files",
    response={200: list[FileFacts], **shapes.OF_ONE},
    summary="Files of a task",
)
def list_task_files(request: HttpRequest, id: UUID) -> list[dict[str, Any]]:
    """Return the files of a task that the post may see, oldest first."""
    return _list(request, *file_records.of_task(reader_of(request), id))


def _list(request: HttpRequest, record: Record, _title: str) -> list[dict[str, Any]]:
    decide(request, "read", record.thing)
    return [_facts(file) for file in readable(reader_of(request), [record])]


@router.get(
    "/files/{uuid:id}",
    operation_id="read_file",
    response={200: FileFacts, **shapes.OF_ONE},
    summary="One file",
)
def read_file(request: HttpRequest, id: UUID) -> dict[str, Any]:
    """Return what is known of a file."""
    found, *_ = views_files.find(request, id)
    return _facts(found)


@router.get(
    "/files/{uuid:id}/content",
    operation_id="take_file",
    response={**shapes.OF_ONE, 409: shapes.Refusal},
    openapi_extra={
        "responses": {
            200: {
                "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
                "description": "The original, byte for byte",
            }
        }
    },
    summary="The original of a file",
)
def take_file(request: HttpRequest, id: UUID) -> HttpResponseBase:
    """Return the original as a download; who took it stands in the log. 409 while it is checked."""
    return views_files.download(request, id)


def _facts(file: FileView) -> dict[str, Any]:
    return {
        "id": file.id,
        "name": file.name,
        "type": file.type,
        "size": file.size,
        "digest": file.digest,
        "classification": file.classification,
        "scan": file.scan,
        "added_at": file.added_at,
        "unit_id": file.unit_id,
        "removed": file.removed_at is not None,
    }
