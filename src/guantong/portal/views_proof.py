"""The page of proof: what the log tells of a record, and the files that prove it elsewhere."""

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from guantong.audit import api as audit
from guantong.audit.api import Told
from guantong.base.reading import figure_text
from guantong.base.words import say
from guantong.portal.proof_records import Proved, act_word, actor_word, kind_word, people_in
from guantong.portal.proof_records import record_of as find
from guantong.portal.reader import Reader, decide, page, reader_of


@require_safe
def proof(request: HttpRequest, kind: str, id: UUID) -> HttpResponse:
    """Show what the log tells of a record, and offer its proof."""
    reader, record = asked(request, kind, id)
    language = reader.language
    told = audit.history(kind, id)
    waiting = sum(leaf.seq is None for leaf in told)
    names = people_in([leaf.actor for leaf in told])
    head = audit.newest() if any(leaf.seq for leaf in told) else None
    here = f"/proof/{kind}/{id}"
    return page(
        request,
        "proof.html",
        title=say("proof.title", language, title=record.title),
        crumbs=[
            *([{"title": record.title, "href": record.href}] if record.href else []),
            {"title": say("proof.crumb", language), "href": None},
        ],
        kind=kind_word(kind, language),
        leaves=[_leaf(leaf, names, language) for leaf in told],
        waiting=say("proof.waiting", language, count=figure_text(waiting)) if waiting else None,
        head=head,
        head_size=figure_text(head.size) if head else None,
        keys=[line.split("+")[1] for line in audit.public_keys().split()] if head else [],
        file_href=f"{here}/file",
        verifier_href=f"{here}/verify.py",
        keys_href=f"{here}/keys",
        file_name=_file_name(kind, id),
        here=here,
    )


@require_safe
def proof_file(request: HttpRequest, kind: str, id: UUID) -> HttpResponse:
    """Hand out the proof of a record as a file."""
    asked(request, kind, id)
    return download(audit.proof_of(kind, id), "application/json", _file_name(kind, id))


@require_safe
def verifier(request: HttpRequest, kind: str, id: UUID) -> HttpResponse:
    """Hand out the stand-alone verifier."""
    asked(request, kind, id)
    return download(audit.verifier_source(), "text/x-python; charset=utf-8", "verify.py")


@require_safe
def public_keys(request: HttpRequest, kind: str, id: UUID) -> HttpResponse:
    """Hand out the public keys of the log."""
    asked(request, kind, id)
    return download(audit.public_keys().encode(), "text/plain; charset=utf-8", "guantong.keys")


def asked(request: HttpRequest, kind: str, id: UUID) -> tuple[Reader, Proved]:
    """Return a record whose log the reader may see, or refuse."""
    reader = reader_of(request)
    record = find(reader, kind, id)
    decide(request, "read", record.thing)
    return reader, record


def _leaf(leaf: Told, names: dict[UUID, str], language: str) -> dict[str, Any]:
    said = json.loads(leaf.encoded) if leaf.at is not None else {}
    return {
        "place": figure_text(leaf.seq) if leaf.seq is not None else None,
        "at": leaf.at,
        "who": actor_word(leaf.actor, names, language),
        "what": act_word(leaf.act, language),
        "text": json.dumps(said, ensure_ascii=False, indent=2, sort_keys=True),
    }


def _file_name(kind: str, id: UUID) -> str:
    return f"proof-{kind}-{str(id)[-12:]}.json"


def download(data: bytes, content_type: str, name: str) -> HttpResponse:
    """Return a file as a download that stays on no disk of a browser."""
    response = HttpResponse(data, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
