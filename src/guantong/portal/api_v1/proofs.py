"""Proofs: what the log tells of a record, the file that proves it elsewhere, and signed heads."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Path, Router
from pydantic import StringConstraints

from guantong.audit import api as audit
from guantong.portal import views_proof
from guantong.portal.api_v1 import shapes
from guantong.portal.api_v1.shapes import Shape
from guantong.portal.proof_records import act_word, actor_word, people_in
from guantong.portal.reader import decide, reader_of
from guantong.portal.views_rights import own_thing

router = Router(tags=["proofs"])

Kind = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z-]{1,30}$"),
    Path(description="case, task, object, unit, person, appointment, delegation; what else the log "
         "holds, for whoever administers the platform", examples=["task"]),
]  # fmt: skip
FILE = {"content": {"application/json": {"schema": {"type": "object"}}},
        "description": "The proof, for the stand-alone verifier"}  # fmt: skip


class Leaf(Shape):
    """One change of a record; ``place`` in the log is null while it waits for its place."""

    place: int | None
    at: datetime | None
    who: str
    what: str
    act: str
    key: str | None = Field(description="By which access key, where it was one")


class Head(Shape):
    """What the log said of itself: how long it is and its root, signed."""

    log_id: UUID
    size: int
    at: datetime
    note: str = Field(description="The signed note, as the stand-alone verifier reads it")


class Keys(Shape):
    """The public keys of the log, a line each."""

    keys: list[str]


@router.get(
    "/proofs/{kind}/{uuid:id}",
    operation_id="read_history",
    response={200: list[Leaf], **shapes.OF_ONE},
    summary="What the log tells of a record",
)
def read_history(request: HttpRequest, kind: Kind, id: UUID) -> list[dict[str, Any]]:
    """Return up to 500 leaves, oldest first; whoever may read the record may read them."""
    reader, _ = views_proof.asked(request, kind, id)
    told = audit.history(kind, id)
    names = people_in([leaf.actor for leaf in told])
    return [
        {
            "place": leaf.seq,
            "at": leaf.at,
            "who": actor_word(leaf.actor, names, reader.language),
            "what": act_word(leaf.act, reader.language),
            "act": leaf.act,
            "key": leaf.body.get("with"),
        }
        for leaf in told
    ]


@router.get(
    "/proofs/{kind}/{uuid:id}/file",
    operation_id="take_proof",
    response={**shapes.OF_ONE, 409: shapes.Refusal},
    openapi_extra={"responses": {200: FILE}},
    summary="The proof of a record",
)
def take_proof(request: HttpRequest, kind: Kind, id: UUID) -> HttpResponse:
    """Return the proof file of a record: every leaf of it that has its place, and the signed head.

    409 while the log holds nothing of it yet.
    """
    return views_proof.proof_file(request, kind, id)


@router.get(
    "/log/head",
    operation_id="read_head",
    response={200: Head, **shapes.ALWAYS, 409: shapes.Refusal},
    summary="The newest signed head",
)
def read_head(request: HttpRequest) -> dict[str, Any]:
    """Return the newest signed head: keep it, and no later log can hide what was before it.

    A head holds a length and a digest, and nothing of any record.
    """
    decide(request, "read", own_thing(reader_of(request)))
    head = audit.newest()
    return {"log_id": head.log_id, "size": head.size, "at": head.at, "note": head.note}


@router.get(
    "/log/keys",
    operation_id="read_keys",
    response={200: Keys, **shapes.ALWAYS, 409: shapes.Refusal},
    summary="The public keys of the log",
)
def read_keys(request: HttpRequest) -> dict[str, Any]:
    """Return the public keys; a careful reader compares them with keys that came another way."""
    decide(request, "read", own_thing(reader_of(request)))
    return {"keys": audit.public_keys().split("\n")[:-1]}


@router.get(
    "/log/verifier",
    operation_id="take_verifier",
    response={**shapes.ALWAYS},
    openapi_extra={
        "responses": {
            200: {
                "content": {"text/x-python": {"schema": {"type": "string"}}},
                "description": "One file of Python that needs nothing of ours",
            }
        }
    },
    summary="The stand-alone verifier",
)
def take_verifier(request: HttpRequest) -> HttpResponse:
    """Return the program that verifies proofs and heads without any of our code."""
    decide(request, "read", own_thing(reader_of(request)))
    return views_proof.download(
        audit.verifier_source(), "text/x-python; charset=utf-8", "verify.py"
    )
