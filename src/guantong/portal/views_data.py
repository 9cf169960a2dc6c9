"""The stewards' pages: which datasets there are, their contracts, runs and quarantine, and landing.

Only the source unit lands a batch, and only in the live realm: an exercise has its own input.
"""

import hashlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_safe

from guantong.access import api as access
from guantong.access.api import Thing
from guantong.base.errors import NotFound
from guantong.base.realm import is_exercise
from guantong.base.words import say
from guantong.data import api as data
from guantong.data.errors import FileRefused
from guantong.orgs.api import TIERS, Tier, lift
from guantong.portal.dataset_tables import (
    catalogue_table,
    contract_table,
    quarantine_table,
    read_by,
    reads,
    runs_table,
)
from guantong.portal.errors import DatasetIsDerived, ExerciseHasItsOwnInput
from guantong.portal.lists import address, count_text
from guantong.portal.reader import Reader, decide, page, reader_of
from guantong.portal.role_words import role_words
from guantong.portal.views_cockpit import PROVINCE

MOST_RUNS = 100
MOST_FAULTS = 200
_ALL_RUNS = 10_000


@require_safe
def datasets(request: HttpRequest) -> HttpResponse:
    """Show the catalogue."""
    reader = reader_of(request)
    decide(request, "read", Thing(kind="dataset"))
    known = data.catalogue()
    found = data.runs(reader.realm, limit=_ALL_RUNS)
    return page(
        request,
        "datasets.html",
        **catalogue_table(known, found, reader.language),
        pager={"count_text": count_text(len(known), reader.language)},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def dataset(request: HttpRequest, id: str) -> HttpResponse:
    """Show a dataset with its runs and its quarantine; land a batch that is sent."""
    reader = reader_of(request)
    decide(request, "read", Thing(kind="dataset"))
    known = _known(id)
    if request.method == "POST":
        return _land(request, reader, known)
    return _show(request, reader, known)


@require_safe
def contract(request: HttpRequest, id: str) -> HttpResponse:
    """Return the contract as it was written, byte for byte."""
    decide(request, "read", Thing(kind="dataset"))
    found = _known(id).contract
    response = HttpResponse(found.original, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{id}.yaml"'
    return response


def _known(id: str) -> data.Registered:
    found = next((known for known in data.catalogue() if known.contract.id == id), None)
    if found is None:
        raise NotFound(what=id)
    return found


def _show(
    request: HttpRequest,
    reader: Reader,
    known: data.Registered,
    *,
    error: str | None = None,
) -> HttpResponse:
    found, language = known.contract, reader.language
    runs = data.runs(reader.realm, found.id, limit=MOST_RUNS)
    last = next((run for run in runs if run.state == "landed"), None)
    aside = data.quarantine(reader.realm, found.id, limit=MOST_FAULTS)
    refused = _why_not(reader, known)
    return page(
        request,
        "dataset.html",
        status=422 if error else 200,
        dataset={
            "title": found.name,
            "id": found.id,
            "purpose": found.purpose,
            "version": found.version,
            "source_unit": role_words(_source(found), language),
            "sharing_word": say(f"dataset.{found.custom.get('sharing')}", language),
            "opening_word": say(f"dataset.opening_{found.custom.get('opening')}", language),
            "rows": data.snapshot_count(found.id, reader.realm),
            "at": last.landed_at if last else None,
            "contract_href": f"/data/{found.id}/contract.yaml",
        },
        contract=contract_table(found, language),
        runs=runs_table(runs, language),
        quarantine=quarantine_table(aside, language),
        quarantine_note=_quarantine_note(runs, len(aside), language),
        reads=reads(known),
        read_by=read_by(found.id, language),
        form=None if refused else _form(found.id, language, error=error),
        refused=refused,
        landed=_landed(request, reader, found.id),
        crumbs=[
            {"title": say("datasets.title", language), "href": "/data"},
            {"title": found.name, "href": None},
        ],
    )


def _land(request: HttpRequest, reader: Reader, known: data.Registered) -> HttpResponse:
    """Land what was sent: good rows go in, the others are set aside with their reasons."""
    found = known.contract
    decide(request, "land", _landing(reader, found))
    if known.derivation is not None:
        raise DatasetIsDerived(dataset=found.id)
    if is_exercise(reader.realm):
        raise ExerciseHasItsOwnInput(dataset=found.id)
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile):
        return _show(request, reader, known, error=say("dataset.no_file", reader.language))
    try:
        batch, digest = _read(sent, found)
    except FileRefused as refusal:
        return _show(request, reader, known, error=refusal.sentence(reader.language))
    run = data.land(
        found, batch.rows, batch.rejected, realm=reader.realm, batch_key=f"upload:{digest}",
        at=reader.now, actor=reader.actor.account,
    )  # fmt: skip
    return HttpResponseRedirect(address(f"/data/{found.id}", run=run.id))


def _read(sent: "UploadedFile[bytes]", contract: data.Contract) -> tuple[data.Batch, str]:
    """Return the rows of an uploaded file and its digest; a refusal names the sender's file."""
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory(prefix="guantong-upload-") as folder:
        path = Path(folder) / "upload.csv"
        with path.open("wb") as kept:
            for chunk in sent.chunks():
                digest.update(chunk)
                kept.write(chunk)
        try:
            return data.read_file(path, contract), digest.hexdigest()
        except FileRefused as refusal:
            raise FileRefused(file=sent.name or path.name, fault=refusal.fault) from None


def _source(contract: data.Contract) -> str:
    return str(contract.custom.get("sourceUnit", ""))


def _landing(reader: Reader, contract: data.Contract) -> Thing:
    """Return the dataset as its source unit would land it, in the reader's own place."""
    line, _, named = _source(contract).partition("@")
    tier: Tier = next((tier for tier in TIERS if tier == named), "province")
    own = [post.division_code for post in reader.actor.posts if post.tier == tier]
    above = [lift(post.division_code, tier) for post in reader.actor.posts]
    place = next((code for code in (*own, *above) if code is not None), PROVINCE)
    return Thing(kind="dataset", division_code=place, lines=(line,))


def _why_not(reader: Reader, known: data.Registered) -> str | None:
    """Return why this reader is offered no form; nothing was tried, so nothing is recorded."""
    if known.derivation is not None:
        return DatasetIsDerived(dataset=known.contract.id).sentence(reader.language)
    if is_exercise(reader.realm):
        return ExerciseHasItsOwnInput(dataset=known.contract.id).sentence(reader.language)
    thing = _landing(reader, known.contract)
    answer = access.decide(reader.actor, "land", thing, realm=reader.realm)
    return None if answer.allowed else answer.sentence(reader.language)


def _form(id: str, language: str, *, error: str | None) -> dict[str, Any]:
    return {
        "action": f"/data/{id}",
        "title": None,
        "multipart": True,
        "hidden": [],
        "fields": [
            {
                "name": "file",
                "label": say("dataset.file", language),
                "hint": say("dataset.file_hint", language),
                "widget": "file",
                "required": True,
                "accept": ".csv,text/csv",
                "error": error,
            }
        ],
        "errors": [{"field": "file", "sentence": error}] if error else [],
        "buttons": [
            {"name": "", "value": "", "label": say("dataset.upload", language), "kind": ""}
        ],
        "note": None,
    }


def _landed(request: HttpRequest, reader: Reader, id: str) -> Mapping[str, object] | None:
    """Return what became of the batch just sent; an address of another realm's run says nothing."""
    try:
        run = data.run(UUID(request.GET.get("run", "")))
    except (ValueError, NotFound):
        return None
    if run.realm != reader.realm or run.dataset != id:
        return None
    return {"good": run.rows_good, "bad": run.rows_bad, "href": f"/data/{id}"}


def _quarantine_note(runs: list[data.Landing], shown: int, language: str) -> str | None:
    bad = sum(run.rows_bad for run in runs)
    return say("dataset.quarantine_first", language, shown=shown, bad=bad) if bad > shown else None
