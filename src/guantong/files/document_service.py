"""Issue documents, declare them void, and find one by the code that is printed on it.

Number, files, record and leaf stand in one transaction: either the document was issued under the
next number, or nothing was. What was issued never changes. Its text may name people and is sealed
at rest; whoever verifies a paper learns who issued it, when, under which number and with which
digest, and nothing of what it says.
"""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

import orjson
from django.db import connection, transaction

from guantong.audit.api import Leaf, write
from guantong.base.clock import local_day, machine_now
from guantong.base.hashing import canonical
from guantong.base.ids import new_id
from guantong.base.realm import Realm, is_exercise
from guantong.base.sealed_places import bring_sealed
from guantong.base.sealing import blind, seal, unseal
from guantong.files import document_number, document_paper, naming
from guantong.files.document_paper import PDF_TYPE, WORD_TYPE, Paper
from guantong.files.document_text import Draft, kinds, refuse_unsound
from guantong.files.errors import AlreadyVoid, DocumentWrong, PdfNotPossible
from guantong.files.models import IssuedDocument
from guantong.files.queries import FileView, Owner, files_of
from guantong.files.seal_port import SealService, seal_service
from guantong.files.service import actor_of, add_made
from guantong.files.witness import DOCUMENT_AFTER

# 100 bits: nobody finds the code of a paper he does not hold.
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Who issues: the unit, and the person at the desk."""

    unit_id: UUID
    unit_code: str
    unit_name: str
    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """One issued document, without its text."""

    id: UUID
    realm: str
    kind: str
    owner: Owner
    unit_id: UUID
    unit_name: str
    number: str
    issued_at: datetime
    issued_by: UUID | None
    code: str
    sealed_by: str
    void_at: datetime | None
    void_reason: str
    files: tuple[FileView, ...] = ()

    @property
    def is_exercise(self) -> bool:
        """Whether it was issued in an exercise and is worth nothing outside."""
        return is_exercise(Realm(self.realm))


def agency_word(realm: Realm, unit_id: UUID, unit_name: str, place: str) -> str:
    """Return the agency word the unit used last, else a proposal."""
    last = (
        IssuedDocument.objects.filter(realm=realm, unit_id=unit_id)
        .order_by("-issued_at")
        .values_list("agency_word", flat=True)
        .first()
    )
    return last or document_number.proposal(unit_name, place)


def preview(realm: Realm, draft: Draft, issuer: Issuer, *, at: datetime, verify: str) -> bytes:
    """Return the PDF of a draft as it would be issued; it takes no number."""
    if document_paper.pdf_fault() is not None:
        raise PdfNotPossible()
    number = document_number.number(realm, draft.agency_word, local_day(at).year, 0)
    paper = _paper(
        realm, draft, issuer, number.replace("〕0号", "〕×号"), "×" * CODE_LENGTH, at, verify
    )
    return document_paper.pdf(paper)


def issue(
    realm: Realm,
    owner: Owner,
    draft: Draft,
    issuer: Issuer,
    *,
    at: datetime,
    verify: str,
    seals: SealService | None = None,
) -> DocumentView:
    """Issue a document under its unit's next number; ``verify`` is the address before the code."""
    refuse_unsound(draft)
    seals = seals or seal_service()
    id, code, year = new_id(), new_code(), local_day(at).year
    with transaction.atomic():
        serial = document_number.next_serial(realm, issuer.unit_id, year)
        number = document_number.number(realm, draft.agency_word, year, serial)
        paper = _paper(realm, draft, issuer, number, code, at, verify, sealed=seals.puts_seals)
        name = naming.clean(f"{number} {draft.title}".replace("/", "／").replace("\\", "＼"), "")
        add_made(
            realm, ("document", id), document_paper.word(paper), name=f"{name}.docx",
            type=WORD_TYPE, at=at, person_id=issuer.person_id,
        )  # fmt: skip
        seal_number = ""
        if document_paper.pdf_fault() is None:
            stamped = seals.stamp(
                document_paper.pdf(paper), unit_code=issuer.unit_code, number=number, code=code
            )
            seal_number = stamped.seal_number
            add_made(
                realm, ("document", id), stamped.pdf, name=f"{name}.pdf", type=PDF_TYPE, at=at,
                person_id=issuer.person_id,
            )  # fmt: skip
        elif seals.puts_seals:
            # A seal goes on the PDF only: without one the paper would claim a seal it lacks.
            raise PdfNotPossible()
        content = canonical(asdict(draft)).decode()
        IssuedDocument.objects.create(
            id=id, realm=realm, kind=draft.kind, owner_kind=owner[0], owner_id=owner[1],
            unit_id=issuer.unit_id, unit_name=issuer.unit_name, year=year, serial=serial,
            agency_word=draft.agency_word, number=number, content=seal(content, about=_about(id)),
            content_digest=blind(content, about="document.content"), issued_at=at,
            issued_by=issuer.person_id, sealed_by=seal_number, code=code,
        )  # fmt: skip
        _leave_leaf(id, "issue", at=at, actor=actor_of(issuer.person_id))
    found = document(realm, id)
    assert found is not None, "it was just issued"
    return found


@transaction.atomic
def declare_void(realm: Realm, id: UUID, *, reason: str, at: datetime, person_id: UUID) -> None:
    """Declare a document void: its number is not given again, and its code says it from now on."""
    if not reason.strip() or len(reason) > 500:
        raise DocumentWrong(fields="reason")
    row = IssuedDocument.objects.select_for_update().get(realm=realm, id=id)
    if row.void_at is not None:
        raise AlreadyVoid(number=row.number)
    row.void_at, row.void_by, row.void_reason = at, person_id, reason.strip()
    row.save(update_fields=["void_at", "void_by", "void_reason"])
    _leave_leaf(id, "void", at=at, actor=actor_of(person_id))


def document(realm: Realm, id: UUID) -> DocumentView | None:
    """Return one document of a realm, with its files."""
    row = IssuedDocument.objects.filter(realm=realm, id=id).first()
    return None if row is None else _view(row)


def documents_of(realm: Realm, owner: Owner) -> list[DocumentView]:
    """Return the documents issued about a record, oldest first."""
    rows = IssuedDocument.objects.filter(
        realm=realm, owner_kind=owner[0], owner_id=owner[1]
    ).order_by("issued_at", "id")
    return [_view(row) for row in rows]


def text_of(realm: Realm, id: UUID) -> Draft:
    """Return what a document says, for whoever may read it."""
    row = IssuedDocument.objects.get(realm=realm, id=id)
    return Draft(**orjson.loads(unseal(row.content, about=_about(id))))


def by_code(code: str) -> DocumentView | None:
    """Return the document that bears a code, of whatever realm: whoever holds the paper asks."""
    typed = "".join(code.upper().split()).replace("-", "")
    if len(typed) != CODE_LENGTH or not set(typed) <= set(_LETTERS):
        return None
    row = IssuedDocument.objects.filter(code=typed).first()
    return None if row is None else _view(row)


def new_code() -> str:
    """Return a fresh code of letters and digits that are not taken for one another."""
    return "".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH))


def date_text(day: date) -> str:
    """Return a date as documents bear it (GB/T 9704-2012, 7.3.5.5): 2026年11月22日."""
    return f"{day.year}年{day.month}月{day.day}日"


def _paper(
    realm: Realm,
    draft: Draft,
    issuer: Issuer,
    number: str,
    code: str,
    at: datetime,
    verify: str,
    *,
    sealed: bool = False,
) -> Paper:
    return Paper(
        draft=draft, agency=issuer.unit_name, number=number, date=date_text(local_day(at)),
        code=code, verify=f"{verify}{code}", exercise=is_exercise(realm), sealed=sealed,
    )  # fmt: skip


def _view(row: IssuedDocument) -> DocumentView:
    return DocumentView(
        id=row.id, realm=row.realm, kind=row.kind, owner=(row.owner_kind, row.owner_id),
        unit_id=row.unit_id, unit_name=row.unit_name, number=row.number, issued_at=row.issued_at,
        issued_by=row.issued_by, code=row.code, sealed_by=row.sealed_by, void_at=row.void_at,
        void_reason=row.void_reason,
        files=tuple(files_of(Realm(row.realm), [("document", row.id)])),
    )  # fmt: skip


def _about(id: UUID) -> str:
    return f"document.content:{id}"


def _leave_leaf(id: UUID, act: str, *, at: datetime, actor: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select realm, {DOCUMENT_AFTER}::text from files_document where id = %s",  # noqa: S608
            [id],
        )
        realm, after = cursor.fetchone()
    body = {"after": orjson.loads(after)}
    write(
        [Leaf(realm=realm, at=at, actor=actor, act=act, kind="document", object_id=id, body=body)]
    )


def _told_of_new_keys(ids: Sequence[UUID]) -> None:
    for id in ids:
        _leave_leaf(id, "reseal", at=machine_now(), actor="system:keys")


assert kinds(), "the kinds of documents are shipped with us"
bring_sealed("files_document", {"content": "document.content:{id}"}, told=_told_of_new_keys)
