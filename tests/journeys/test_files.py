"""A photo of the sea wall and an order with a number: evidence and documents, through HTTP."""

import hashlib
import io
import os
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from tests import province
from tests.journeys.work_story import AREA, EMERGENCY, file_of, officer, step, text_of
from tests.kernel.files import samples

from guantong.audit.models import LeafRow
from guantong.base import key_ring
from guantong.base.realm import LIVE, Realm
from guantong.files import api as files
from guantong.files import blobs
from guantong.files.models import IssuedDocument, StoredFile
from guantong.flows.models import Task
from guantong.packages.api import Package

pytestmark = pytest.mark.django_db

NEIGHBOUR = "emergency@330327"
ENGLISH = {"language": "en"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Path:
    for name in ("GUANTONG_CLAMD", "GUANTONG_SEAL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GUANTONG_FIELD_KEYS_FILE", str(tmp_path / "field_keys.json"))
    settings.FILES = tmp_path / "files"
    key_ring.forget()
    return tmp_path


@pytest.fixture
def case(realm: Realm, flood: Package) -> UUID:
    return province.open_case(realm=realm, data={"track_id": "LEKIMA"})


@pytest.fixture
def duty(case: UUID) -> Client:
    return officer(EMERGENCY)


def upload(name: str, data: bytes, said: str = "application/octet-stream") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type=said)


def photo() -> bytes:
    return samples.picture("JPEG", (1600, 1200), exif=True)


def add(browser: Client, address: str, *given: SimpleUploadedFile, **more: str) -> Any:
    return browser.post(f"{address}/files", {"file": list(given), **more})


def fetch(browser: Client, address: str) -> tuple[int, bytes]:
    """What an address answers, read to its end: what is streamed holds a file open until then."""
    answer = browser.get(address)
    content = b"".join(answer) if answer.streaming else answer.content
    return answer.status_code, content


def task_address(case: UUID) -> str:
    return f"/tasks/{step(case, 'advise').id}"


def only_file() -> StoredFile:
    return StoredFile.objects.get()


# Evidence


def test_a_photo_is_added_to_a_task_seen_and_taken_away_again(duty: Client, case: UUID) -> None:
    task, data = task_address(case), photo()

    answer = add(duty, task, upload("海塘.JPG", data, "image/jpeg"))

    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{task}#files"
    shown = text_of(duty.get(task))
    assert "已添加：海塘.jpg。" in shown
    assert "未经病毒扫描" in shown
    file = only_file()
    page = duty.get(f"/files/{file.id}")
    assert hashlib.sha256(data).hexdigest() in text_of(page)
    _, drawn = fetch(duty, f"/files/{file.id}/pages/1.png")
    assert b"HomePhone" not in drawn
    with Image.open(io.BytesIO(drawn)) as seen:
        assert seen.size == (1200, 1600)
    assert fetch(duty, f"/files/{file.id}/download") == (200, data)


def test_a_file_goes_out_as_a_download_in_which_nothing_can_run(duty: Client, case: UUID) -> None:
    add(duty, task_address(case), upload("说明.txt", "海塘完好".encode()))

    answer = duty.get(f"/files/{only_file().id}/download")

    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=utf-8''%E8%AF%B4%E6%98%8E.txt" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert file_of(answer) == "海塘完好"
    leaf = LeafRow.objects.filter(kind="file", object_id=only_file().id).latest("id")
    assert orjson.loads(bytes(leaf.encoded))["act"] == "download"


def test_evidence_of_a_task_is_seen_on_its_case(duty: Client, case: UUID) -> None:
    add(duty, task_address(case), upload("海塘.jpg", photo()))

    assert "海塘.jpg" in text_of(duty.get(f"/cases/{case}"))
    assert "海塘.jpg" in text_of(officer(AREA, "head").get(f"/cases/{case}"))


def test_the_neighbour_county_is_refused_under_every_address(duty: Client, case: UUID) -> None:
    task = task_address(case)
    add(duty, task, upload("海塘.jpg", photo()))
    id, neighbour = only_file().id, officer(NEIGHBOUR)

    answers = [
        neighbour.get(f"/files/{id}"),
        neighbour.get(f"/files/{id}/download"),
        neighbour.get(f"/files/{id}/pages/1.png"),
        neighbour.post(f"/files/{id}/remove"),
        add(neighbour, task, upload("b.jpg", photo())),
        add(neighbour, f"/cases/{case}", upload("b.jpg", photo())),
        neighbour.get(f"/cases/{case}/documents/new"),
        neighbour.post(f"/cases/{case}/documents/new", {"act": "issue"}),
    ]

    assert [a.status_code for a in answers] == [403] * len(answers)
    assert StoredFile.objects.count() == 1
    assert Client().get(f"/files/{id}/download").status_code == 302


def test_who_reads_the_case_but_takes_no_part_may_not_add(duty: Client, case: UUID) -> None:
    province_duty = officer("emergency@33")
    assert province_duty.get(f"/cases/{case}").status_code == 200

    answer = add(province_duty, f"/cases/{case}", upload("a.jpg", photo()))

    assert answer.status_code == 403
    assert not StoredFile.objects.exists()


def test_a_photo_that_shows_persons_is_open_only_to_who_takes_part(
    duty: Client, case: UUID
) -> None:
    add(duty, f"/cases/{case}", upload("安置点.jpg", photo()), personal="on")
    id, province_duty = only_file().id, officer("emergency@33")

    assert duty.get(f"/files/{id}").status_code == 200
    assert province_duty.get(f"/files/{id}").status_code == 403
    assert "安置点" not in text_of(province_duty.get(f"/cases/{case}"))
    assert "只有参与办理的单位可以打开" in text_of(duty.get(f"/cases/{case}"))


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.svg", b"<svg onload=alert(1)>", "不接收“svg”类型的文件"),
        ("a.pdf", samples.picture("PNG"), "文件名为 .pdf，内容却是 png"),
        ("a.docx", samples.docx({"word/vbaProject.bin": b"x"}), "含有宏、脚本"),
        ("a.docx", samples.zip_bomb(), "解开后远大于表面大小"),
        ("a.png", samples.huge_png(), "解开后远大于表面大小"),
        ("a.txt", b"", "文件是空的"),
    ],
)
def test_a_file_that_is_not_taken_in_says_why_beside_the_field(
    duty: Client, case: UUID, name: str, data: bytes, sentence: str
) -> None:
    answer = add(duty, task_address(case), upload(name, data, "image/png"))

    assert answer.status_code == 422
    html = answer.content.decode()
    assert sentence in html
    assert 'aria-invalid="true"' in html
    assert not StoredFile.objects.exists()


def test_of_several_files_all_are_taken_in_or_none(duty: Client, case: UUID) -> None:
    good, bad = upload("a.jpg", photo()), upload("b.svg", b"<svg>")

    assert add(duty, task_address(case), good, bad).status_code == 422
    assert not StoredFile.objects.exists()
    assert add(duty, task_address(case)).status_code == 422


def test_a_name_is_shown_as_text_and_leads_nowhere(duty: Client, case: UUID) -> None:
    add(duty, task_address(case), upload("..%2f<img src=x onerror=alert(1)>.jpg", photo()))

    html = duty.get(task_address(case)).content.decode()

    assert "<img src=x" not in html
    assert "/" not in only_file().name
    assert "<" not in only_file().name


def test_a_removed_file_is_brought_back_by_its_unit_and_by_nobody_else(
    duty: Client, case: UUID
) -> None:
    add(duty, f"/cases/{case}", upload("a.jpg", photo()))
    id, leader = only_file().id, officer(AREA, "head")

    assert leader.post(f"/files/{id}/remove").status_code == 403
    assert duty.post(f"/files/{id}/remove").status_code == 302

    assert "24 小时内可以恢复" in text_of(duty.get(f"/cases/{case}"))
    assert fetch(duty, f"/files/{id}/download")[0] == 409
    assert duty.post(f"/files/{id}/restore").status_code == 302
    assert fetch(duty, f"/files/{id}/download")[0] == 200


def test_a_file_of_an_exercise_is_not_there_in_the_live_realm(duty: Client, case: UUID) -> None:
    add(duty, f"/cases/{case}", upload("a.jpg", photo()))
    duty.post("/realm", {"realm": LIVE, "next": "/"})

    assert duty.get(f"/files/{only_file().id}").status_code == 404


def test_an_altered_file_is_found_by_the_check(duty: Client, case: UUID) -> None:
    add(duty, f"/cases/{case}", upload("a.jpg", photo()))
    path = blobs.path_of(only_file().digest)
    path.write_bytes(path.read_bytes()[:-1] + b"x")

    (fault,) = files.check().faults

    assert (fault.code, fault.files) == ("file-altered", (only_file().id,))


def test_what_is_handed_out_is_what_came_and_nothing_of_it_lies_open(
    duty: Client, case: UUID, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Larger than what Django keeps of an upload in memory; nothing of it may stay in a temp folder.
    monkeypatch.setattr("tempfile.tempdir", str(home / "temp"))
    (home / "temp").mkdir()
    sent = photo() + os.urandom(3_000_000)
    add(duty, f"/cases/{case}", upload("a.jpg", sent))
    id = only_file().id

    answer = duty.get(f"/files/{id}/download")
    length, got = answer.headers["Content-Length"], b"".join(answer.streaming_content)
    status, picture = fetch(duty, f"/files/{id}/pages/1.png")

    assert (length, got) == (str(len(sent)), sent)
    assert (status, picture[:4]) == (200, b"\x89PNG")
    kept = b"".join(p.read_bytes() for p in home.rglob("*") if p.is_file())
    assert sent[:200] not in kept
    assert b"\x89PNG\r\n\x1a\n" not in kept  # three letters alone stand in any megabytes by chance
    assert not list((home / "temp").iterdir())


def test_an_altered_file_is_refused_with_a_sentence_and_not_cut_off(
    duty: Client, case: UUID
) -> None:
    add(duty, f"/cases/{case}", upload("a.jpg", photo() + os.urandom(900_000)))
    path = blobs.path_of(only_file().digest)
    harmed = bytearray(path.read_bytes())
    harmed[500_000] ^= 1
    path.write_bytes(bytes(harmed))

    status, said = fetch(duty, f"/files/{only_file().id}/download")

    assert status == 409
    assert "guantong check files" in said.decode()


def test_a_request_that_carries_too_much_is_refused_before_it_is_kept(
    duty: Client, case: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guantong.portal.uploads.MOST_BYTES", 1024)

    answer = add(duty, f"/cases/{case}", upload("a.jpg", photo()))
    unknown = Client().post(f"/verify/{'A' * 20}", {"file": upload("a.pdf", bytes(2000))})

    assert (answer.status_code, unknown.status_code) == (413, 413)
    assert "一次提交的内容过大" in text_of(answer)
    assert not StoredFile.objects.exists()


# Documents


def proposal(browser: Client, case: UUID, kind: str) -> dict[str, str]:
    """The form as the page proposes it, as a browser would send it back."""
    html = browser.get(f"/cases/{case}/documents/new?kind={kind}").content.decode()
    found = {"kind": kind}
    for name, value in re.findall(r'<input type="text"[^>]*name="([^"]+)" value="([^"]*)"', html):
        found[name] = value
    body = re.search(r'<textarea[^>]*name="body"[^>]*>(.*?)</textarea>', html, re.DOTALL)
    assert body is not None
    return {**found, "body": body[1].replace("&quot;", '"')}


def issue(browser: Client, case: UUID, kind: str = "rectification_order", **more: str) -> Any:
    given = {name: text.replace("（待填", "（已填") for name, text in
             proposal(browser, case, kind).items()}  # fmt: skip
    address = f"/cases/{case}/documents/new"
    return browser.post(address, {**given, "addressee": "温岭市水利局", "act": "issue", **more})


def test_an_order_is_proposed_from_the_case_looked_at_and_issued_with_a_number(
    duty: Client, case: UUID
) -> None:
    given = proposal(duty, case, "rectification_order")
    assert given["agency_word"] == "温应急"
    assert "温岭市" in given["body"]

    address = f"/cases/{case}/documents/new"
    unfinished = duty.post(address, {**given, "act": "issue"})
    assert unfinished.status_code == 422
    assert "仍有标为“（待填：…）”的地方" in text_of(unfinished)
    given = {name: text.replace("（待填", "（已填") for name, text in given.items()}
    shown = duty.post(address, {**given, "act": "preview"})
    assert shown.status_code == 200
    assert "号" in text_of(shown)
    assert not IssuedDocument.objects.exists()
    pdf = duty.post(address, {**given, "act": "pdf"})
    assert pdf.content.startswith(b"%PDF-")

    issued = duty.post(address, {**given, "act": "issue"})

    document = IssuedDocument.objects.get()
    assert issued.headers["Location"] == f"/documents/{document.id}"
    page = text_of(duty.get(f"/documents/{document.id}"))
    assert re.search(r"演练·温应急〔\d{4}〕1号", page)
    assert document.number in text_of(duty.get(f"/cases/{case}"))
    for file in StoredFile.objects.filter(owner_kind="document"):
        start = b"%PDF-" if file.name.endswith(".pdf") else b"PK"
        assert fetch(duty, f"/files/{file.id}/download")[1].startswith(start)


@pytest.mark.parametrize("kind", ["notice", "receipt", "report"])
def test_every_kind_is_issued_from_the_facts_of_the_case(
    duty: Client, case: UUID, kind: str
) -> None:
    assert issue(duty, case, kind).status_code == 302
    assert IssuedDocument.objects.get().kind == kind


def test_a_paper_is_verified_by_whoever_holds_it_and_shows_nothing_of_what_it_says(
    duty: Client, case: UUID
) -> None:
    issue(duty, case, title="关于林阿婆一户的通知书")
    document, passer = IssuedDocument.objects.get(), Client()
    pdf = StoredFile.objects.get(owner_kind="document", type="application/pdf")

    typed = passer.get("/verify", {"code": document.code.lower()})
    page = passer.get(typed.headers["Location"])
    with blobs.opened(pdf.digest, pdf.size) as content:
        printed = content.read()
    same = passer.post(f"/verify/{document.code}", {"file": upload("a.pdf", printed)})
    other = passer.post(f"/verify/{document.code}", {"file": upload("a.pdf", samples.pdf())})

    text = text_of(page)
    assert document.number in text
    assert "演练文书：无效力" in text
    assert pdf.digest in text
    assert "林阿婆" not in page.content.decode()
    assert "完全一致" in text_of(same)
    assert "不一致" in text_of(other)
    unknown = passer.get("/verify", {"code": "A" * 20})
    assert unknown.status_code == 404
    assert "没有签发过" in text_of(unknown)


def test_a_void_document_is_told_as_void_and_only_its_unit_may_declare_it(
    duty: Client, case: UUID
) -> None:
    issue(duty, case)
    document = IssuedDocument.objects.get()
    address = f"/documents/{document.id}/void"

    assert officer(AREA, "head").post(address, {"reason": "x"}).status_code == 403
    empty = duty.post(address, {"reason": " "})
    assert empty.status_code == 422
    assert "请写明作废原因" in text_of(empty)
    assert duty.post(address, {"reason": "主送单位有误"}).status_code == 302
    assert duty.post(address, {"reason": "again"}).status_code == 302

    assert "已作废" in text_of(Client().get(f"/verify/{document.code}"))
    assert "主送单位有误" not in Client().get(f"/verify/{document.code}").content.decode()
    assert "主送单位有误" in text_of(duty.get(f"/documents/{document.id}"))


# Files as answers of a form


@pytest.fixture
def control(duty: Client, case: UUID) -> str:
    """The address to act on a task whose form asks for photographs; it is accepted."""
    address = f"/tasks/{step(case, 'control').id}/act"
    duty.post(address, {"act": "accept"})
    return address


def done(duty: Client, address: str, **more: Any) -> Any:
    return duty.post(address, {"act": "complete", "measures": "沿堤封路", **more})


def test_a_photograph_belongs_to_the_report_that_a_task_is_done(
    duty: Client, case: UUID, control: str
) -> None:
    page = duty.get(control.removesuffix("/act")).content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert 'accept="image/jpeg,image/png" multiple' in page

    answer = done(duty, control, photographs=[upload("a.jpg", photo())])

    assert answer.status_code == 302
    task, file = Task.objects.get(case_id=case, item="control"), only_file()
    assert task.answers == {"measures": "沿堤封路", "photographs": [file.digest]}
    assert (file.owner_kind, file.owner_id) == ("task", task.id)
    shown = duty.get(f"/tasks/{task.id}").content.decode()
    assert f'href="/files/{file.id}">a.jpg</a>' in shown
    assert file.digest[:16] in shown
    assert "a.jpg" in text_of(duty.get(f"/cases/{case}"))
