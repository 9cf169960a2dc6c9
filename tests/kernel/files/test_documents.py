"""Documents: proposed from facts, numbered without a gap, printed, sealed, verified, voided."""

import base64
import http.server
import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pypdfium2
import pytest
from django.db import connection
from tests.kernel.files.conftest import BUREAU, CASE, LIN, NOON
from tests.province import at_once

from guantong.audit.models import LeafRow
from guantong.base import resealing
from guantong.base.realm import LIVE, exercise
from guantong.base.sealing import is_sealed
from guantong.files import api as files
from guantong.files import document_number, document_paper, document_service
from guantong.files.errors import (
    AlreadyVoid,
    DocumentWrong,
    PdfNotPossible,
    PressFailed,
    SealRefused,
)
from guantong.files.models import Counter, IssuedDocument
from guantong.files.seal_port import HttpSeal, Stamped

pytestmark = pytest.mark.django_db
DRILL = exercise(UUID(int=99))
VERIFY = "http://127.0.0.1:8000/verify/"
ISSUER = files.Issuer(
    unit_id=BUREAU, unit_code="emergency@331081", unit_name="温岭市应急管理局", person_id=LIN
)
FACTS = {
    "matter": "台风利奇马防御", "number": "GT-33-0001", "place": "温岭市", "level": "红色",
    "opened": "2019年8月9日 18:00", "limit": "2019年8月10日 08:00", "holder": "石塘镇人民政府",
    "coordinating": "温岭市人民政府", "steps": "（一）石塘镇人民政府已受理。", "tasks": "已办结。",
}  # fmt: skip


def draft(kind: str = "notice", **other: str) -> files.Draft:
    return replace(files.propose(kind, FACTS, agency_word="温应急"), **other)


@pytest.fixture
def blank(monkeypatch: pytest.MonkeyPatch) -> None:
    """No printing: where a test is about numbers and records, a small PDF does."""
    monkeypatch.setattr(document_paper, "pdf", lambda paper: b"%PDF-" + paper.told())
    monkeypatch.setattr(document_paper, "word", lambda paper: b"PK" + paper.told())


def issue(given: files.Draft | None = None, **more: Any) -> files.DocumentView:
    realm = more.pop("realm", LIVE)
    issuer = more.pop("issuer", ISSUER)
    return files.issue(
        realm, CASE, given or draft(), issuer, at=more.pop("at", NOON), verify=VERIFY, **more
    )


def text_of_pdf(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    return "".join(text.split())


def content(document: files.DocumentView, ending: str) -> bytes:
    file = next(f for f in document.files if f.name.endswith(ending))
    with files.bytes_of(file) as content:
        return content.read()


def test_a_document_is_printed_as_pdf_and_word_with_the_same_words() -> None:
    issued = issue(draft(title="关于<b>海塘</b>&排水的通知"))

    pdf, word = content(issued, ".pdf"), content(issued, ".docx")

    printed = text_of_pdf(pdf)
    with zipfile.ZipFile(io.BytesIO(word)) as archive:
        written = archive.read("word/document.xml").decode()
    for words in ("温岭市应急管理局文件", "温应急〔2026〕1号", "石塘镇人民政府", "2026年11月22日",
                  "（未加盖电子印章）", issued.code, "特此通知。"):  # fmt: skip
        assert words in printed
        assert words in written
    assert "<b>海塘</b>&排水" in printed, "what people type is text, never markup"
    assert "&lt;b&gt;海塘&lt;/b&gt;&amp;排水" in written
    assert "演练" not in printed + written
    assert [f.name for f in issued.files] == [
        "温应急〔2026〕1号 关于_b_海塘_／b_&排水的通知.docx",
        "温应急〔2026〕1号 关于_b_海塘_／b_&排水的通知.pdf",
    ]


@pytest.mark.parametrize("kind", ["receipt", "rectification_order", "report"])
def test_every_kind_can_be_printed(kind: str) -> None:
    given = draft(kind)
    filled = {
        name: getattr(given, name).replace("（待填", "（已填") for name in ("addressee", "body")
    }

    issued = issue(replace(given, **filled))

    printed = text_of_pdf(content(issued, ".pdf"))
    assert given.title in printed
    assert ("受送达人" in printed) == (kind == "rectification_order")
    with zipfile.ZipFile(io.BytesIO(content(issued, ".docx"))) as archive:
        assert ("受送达人" in archive.read("word/document.xml").decode()) == (
            kind == "rectification_order"
        )


def test_typed_template_language_is_printed_and_not_run() -> None:
    issued = issue(draft(body="{{ 7*7 }} {% for x in y %} ${7*7}"))

    assert "{{7*7}}" in text_of_pdf(content(issued, ".pdf"))
    with zipfile.ZipFile(io.BytesIO(content(issued, ".docx"))) as archive:
        assert "{{ 7*7 }}" in archive.read("word/document.xml").decode()


def test_an_exercise_says_so_on_paper_and_counts_for_itself() -> None:
    real, drill = issue(), issue(realm=DRILL)

    assert (real.number, drill.number) == ("温应急〔2026〕1号", "演练·温应急〔2026〕1号")
    assert "演练文件，不具有效力" in text_of_pdf(content(drill, ".pdf"))
    assert files.documents_of(LIVE, CASE) == [real]
    assert files.document(LIVE, drill.id) is None


def test_numbers_count_for_each_unit_and_year(blank: None) -> None:
    new_year = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # midnight in China
    other = replace(ISSUER, unit_id=UUID(int=22), unit_name="温岭市水利局")

    numbers = [
        issue().number,
        issue().number,
        issue(draft(agency_word="温水"), issuer=other).number,
        issue(at=new_year).number,
        issue(at=new_year.replace(minute=0, hour=15)).number,
    ]

    assert numbers == [
        "温应急〔2026〕1号", "温应急〔2026〕2号", "温水〔2026〕1号", "温应急〔2027〕1号",
        "温应急〔2026〕3号",
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_many_who_issue_at_once_get_numbers_without_a_gap_or_a_double(blank: None) -> None:
    def fails() -> None:
        raise PressFailed

    def failing() -> object:
        class Broken:
            puts_seals = True

            def stamp(self, pdf: bytes, **_: str) -> Stamped:
                raise SealRefused(why="test")

        return issue(seals=Broken())

    calls: list[Callable[[], object]] = [lambda: issue().number] * 6
    answers = at_once(*calls[:3], failing, *calls[3:], failing)

    numbers = sorted(a for a in answers if isinstance(a, str))
    assert numbers == [f"温应急〔2026〕{n}号" for n in range(1, 7)]
    assert sum(isinstance(a, SealRefused) for a in answers) == 2
    assert Counter.objects.get(unit_id=BUREAU).last == 6


def test_what_failed_used_no_number_and_left_no_record(
    blank: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue()

    def fails(paper: object) -> bytes:
        raise PressFailed

    with monkeypatch.context() as patch:
        patch.setattr(document_paper, "pdf", fails)
        with pytest.raises(PressFailed, match="no number was used"):
            issue()

    assert IssuedDocument.objects.count() == 1
    assert issue().number == "温应急〔2026〕2号"


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "长" * 101}, "title"),
        ({"addressee": ""}, "addressee"),
        ({"body": "（待填：问题和事实，逐项写明）"}, "body"),
        ({"body": "\x07"}, "body"),
        ({"agency_word": "a1"}, "agency_word"),
        ({"agency_word": "温"}, "agency_word"),
    ],
)
def test_a_document_with_something_missing_is_not_issued(
    blank: None, other: dict[str, str], field: str
) -> None:
    given = draft(**other)

    assert list(files.faults(given)) == [field]
    with pytest.raises(DocumentWrong, match=field):
        issue(given)


def test_what_is_not_known_stays_open_in_the_proposal() -> None:
    given = files.propose("notice", {"matter": "内涝"}, agency_word="温应急")

    assert given.title == "关于做好内涝处置工作的通知"
    assert "（待填：办理时限）" in given.body
    assert set(files.faults(given)) == {"addressee", "body"}


@pytest.mark.parametrize(
    ("unit", "place", "word"),
    [
        ("温岭市应急管理局", "温岭市", "温应急"),
        ("温岭市人民政府", "温岭市", "温政"),
        ("浙江省水利厅", "浙江省", "浙水"),
        ("石塘镇人民政府", "石塘镇", "石政"),
        ("太平街道办事处", "太平街道", "太街办"),
        ("温岭市住房和城乡建设局", "温岭市", "温建"),
        ("某某办公室", "温岭市", "某某"),
    ],
)
def test_a_proposed_agency_word_is_what_offices_use(unit: str, place: str, word: str) -> None:
    assert document_number.proposal(unit, place) == word
    assert document_number.is_word(word)


def test_the_word_an_office_used_last_is_proposed_again(blank: None) -> None:
    assert files.agency_word(LIVE, BUREAU, "温岭市应急管理局", "温岭市") == "温应急"

    issue(draft(agency_word="温应管"))

    assert files.agency_word(LIVE, BUREAU, "温岭市应急管理局", "温岭市") == "温应管"


def test_whoever_holds_the_paper_finds_it_by_its_code(blank: None) -> None:
    issued = issue()
    spaced = f" {issued.code[:4].lower()}-{issued.code[4:]} "

    assert files.by_code(spaced) == files.document(LIVE, issued.id)
    for wrong in ("", "A" * 20, issued.code[:-1], issued.code + "A", "' or 1=1 --", "0" * 20):
        assert files.by_code(wrong) is None


def test_what_a_document_says_stands_sealed_in_the_store_and_not_in_the_log(blank: None) -> None:
    issued = issue(draft(body="林阿婆一户应转移。"))

    row = IssuedDocument.objects.get(id=issued.id)
    assert is_sealed(row.content)
    assert files.text_of(LIVE, issued.id).body == "林阿婆一户应转移。"
    log = b"".join(bytes(leaf.encoded) for leaf in LeafRow.objects.all()).decode()
    assert "林阿婆" not in log
    assert issued.number in log


def told(id: UUID) -> list[dict[str, Any]]:
    rows = LeafRow.objects.filter(kind="document", object_id=id).order_by("id")
    return [orjson.loads(bytes(row.encoded)) for row in rows]


def test_a_change_of_keys_seals_documents_anew_and_leaves_a_leaf(blank: None) -> None:
    issued = issue()
    before = IssuedDocument.objects.get(id=issued.id).content

    resealing.rotate("sm4-gcm", at=NOON)
    resealing.reseal()

    assert IssuedDocument.objects.get(id=issued.id).content != before
    assert files.text_of(LIVE, issued.id) == draft()
    assert [leaf["act"] for leaf in told(issued.id)] == ["issue", "reseal"]
    assert told(issued.id)[0]["body"] == told(issued.id)[1]["body"]


def test_a_document_altered_in_the_store_is_not_as_its_leaf_says(blank: None) -> None:
    from guantong.audit.ports import witnesses

    issued = issue()
    witness = next(w for w in witnesses() if w.kind == "document")

    def now() -> object:
        with connection.cursor() as cursor:
            cursor.execute(f"select after from ({witness.sql}) as w where id = %s", [issued.id])
            return orjson.loads(cursor.fetchone()[0])

    assert now() == told(issued.id)[-1]["body"]["after"]
    IssuedDocument.objects.filter(id=issued.id).update(number="温应急〔2026〕99号")
    assert now() != told(issued.id)[-1]["body"]["after"]


def test_a_void_document_says_so_and_its_number_is_not_given_again(blank: None) -> None:
    issued = issue()

    files.declare_void(LIVE, issued.id, reason="收文单位有误", at=NOON, person_id=LIN)

    found = files.by_code(issued.code)
    assert found is not None
    assert (found.void_at, found.void_reason) == (NOON, "收文单位有误")
    assert issue().number == "温应急〔2026〕2号"
    with pytest.raises(AlreadyVoid, match="温应急〔2026〕1号"):
        files.declare_void(LIVE, issued.id, reason="again", at=NOON, person_id=LIN)
    assert [leaf["act"] for leaf in told(issued.id)] == ["issue", "void"]


@pytest.mark.parametrize("reason", ["", "  ", "长" * 501])
def test_a_document_is_not_declared_void_without_a_reason(blank: None, reason: str) -> None:
    issued = issue()

    with pytest.raises(DocumentWrong, match="reason"):
        files.declare_void(LIVE, issued.id, reason=reason, at=NOON, person_id=LIN)


def test_without_libpango_word_is_issued_and_a_preview_says_what_to_install(
    blank: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_paper, "pdf_fault", lambda: "libpango-1.0.so.0")

    with pytest.raises(PdfNotPossible, match="install libpango"):
        files.preview(LIVE, draft(), ISSUER, at=NOON, verify=VERIFY)
    issued = issue()

    assert [f.name.rpartition(".")[2] for f in issued.files] == ["docx"]


def test_a_missing_library_is_named() -> None:
    document_paper.pdf_fault.cache_clear()
    libraries = document_paper._LIBRARIES
    try:
        document_paper._LIBRARIES = ("libnowhere.so.7", *libraries)  # type: ignore[assignment]
        assert files.pdf_fault() == "libnowhere.so.7"
    finally:
        document_paper._LIBRARIES = libraries
        document_paper.pdf_fault.cache_clear()


def test_a_preview_takes_no_number() -> None:
    shown = text_of_pdf(files.preview(LIVE, draft(), ISSUER, at=NOON, verify=VERIFY))

    assert "温应急〔2026〕×号" in shown
    assert not Counter.objects.exists()
    assert not IssuedDocument.objects.exists()


@pytest.fixture
def seals() -> Iterator[tuple[str, dict[str, Any]]]:
    """A seal service on this machine; what it was asked, and how it is to answer."""
    state: dict[str, Any] = {"asked": [], "status": 200, "pdf": None}

    class Service(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state["asked"].append({**given, "path": self.path})
            stamped = base64.b64decode(given["pdf"]) + b"\n% stamped"
            answer = {
                "pdf": base64.b64encode(state["pdf"] or stamped).decode(), "seal_number": "S-1"
            }  # fmt: skip
            content = json.dumps(answer).encode()
            self.send_response(state["status"])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = http.server.HTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/stamps", state
    server.shutdown()
    server.server_close()


def test_the_seal_service_stamps_the_pdf_and_the_document_says_by_which_seal(
    blank: None, seals: tuple[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, state = seals
    monkeypatch.setenv("GUANTONG_SEAL", address)

    issued = issue()

    assert issued.sealed_by == "S-1"
    assert content(issued, ".pdf").endswith(b"% stamped")
    (asked,) = state["asked"]
    assert (asked["path"], asked["unit_code"]) == ("/stamps/seal", "emergency@331081")
    assert (asked["number"], asked["code"]) == (issued.number, issued.code)
    assert b'"sealed":true' in content(issued, ".pdf"), "it does not say that a seal is missing"


@pytest.mark.parametrize(("status", "pdf"), [(500, None), (200, b"no PDF at all")])
def test_without_its_seal_nothing_is_issued(
    blank: None, seals: tuple[str, dict[str, Any]], status: int, pdf: bytes | None
) -> None:
    address, state = seals
    state.update(status=status, pdf=pdf)

    with pytest.raises(SealRefused, match="nothing was issued"):
        issue(seals=HttpSeal(address, None))

    assert not IssuedDocument.objects.exists()
    assert not Counter.objects.exists()


def test_codes_are_long_and_never_the_same() -> None:
    codes = {document_service.new_code() for _ in range(1000)}

    assert len(codes) == 1000
    assert all(len(code) == 20 and not set(code) & set("01IO") for code in codes)
