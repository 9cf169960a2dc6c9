"""Files as answers of a form: kept when the rest is refused, told from content, in the leaf."""

from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from tests import province
from tests.journeys.work_story import EMERGENCY, officer, step, text_of
from tests.kernel.files import samples

from guantong.audit.models import LeafRow
from guantong.base import key_ring
from guantong.base.realm import Realm
from guantong.files.models import StoredFile
from guantong.flows.models import Task
from guantong.flows.trail import TASK_AFTER
from guantong.packages.api import Package

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Path:
    monkeypatch.delenv("GUANTONG_CLAMD", raising=False)
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


def upload(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="application/octet-stream")


def photo() -> bytes:
    return samples.picture("JPEG", (1600, 1200), exif=True)


def task_of(case: UUID) -> Task:
    return Task.objects.get(case_id=case, item="control")


def only_file() -> StoredFile:
    return StoredFile.objects.get()


@pytest.fixture
def control(duty: Client, case: UUID) -> str:
    """The address to act on a task whose form asks for photographs; it is accepted."""
    address = f"/tasks/{step(case, 'control').id}/act"
    duty.post(address, {"act": "accept"})
    return address


def done(duty: Client, address: str, **more: Any) -> Any:
    return duty.post(address, {"act": "complete", "measures": "沿堤封路", **more})


def test_the_leaf_of_a_task_holds_what_the_photograph_was(
    duty: Client, case: UUID, control: str
) -> None:
    done(duty, control, photographs=[upload("a.jpg", photo())])
    task = task_of(case)
    (leaf,) = [
        row for row in LeafRow.objects.filter(kind="task", object_id=task.id)
        if orjson.loads(bytes(row.encoded))["act"] == "complete"
    ]  # fmt: skip
    told = orjson.loads(bytes(leaf.encoded))["body"]["after"]["digest"]

    with connection.cursor() as cursor:
        cursor.execute(
            f"select {TASK_AFTER} ->> 'digest' from flows_task t where id = %s", [task.id]
        )
        assert cursor.fetchone()[0] == told
        cursor.execute(
            "update flows_task set answers = jsonb_set(answers, '{photographs,0}', '\"other\"')"
            " where id = %s",
            [task.id],
        )
        cursor.execute(
            f"select {TASK_AFTER} ->> 'digest' from flows_task t where id = %s", [task.id]
        )
        assert cursor.fetchone()[0] != told


def test_on_refusal_the_photograph_is_kept_and_the_words_stay(
    duty: Client, case: UUID, control: str
) -> None:
    refused = done(duty, control, measures="x", photographs=[upload("a.jpg", photo())])

    assert refused.status_code == 422
    kept = only_file()
    page = refused.content.decode()
    assert f'name="photographs" value="{kept.id}" checked>a.jpg' in page
    assert task_of(case).answers == {}

    # Without script: what is ticked goes along, and nothing is sent a second time.
    again = done(duty, control, photographs=[str(kept.id)])

    assert again.status_code == 302
    assert task_of(case).answers["photographs"] == [kept.digest]
    assert StoredFile.objects.count() == 1


def test_without_its_tick_a_photograph_is_no_part_of_the_answer(
    duty: Client, case: UUID, control: str
) -> None:
    done(duty, control, measures="x", photographs=[upload("a.jpg", photo())])

    done(duty, control)

    assert "photographs" not in task_of(case).answers
    assert only_file().removed_at is None, "it stays an attachment of the task"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.pdf", samples.pdf(), "此处不收这种文件"),
        ("a.jpg", b"<svg/>", "此处不收这种文件"),
        ("a.png", photo(), "png"),
    ],
)
def test_a_file_the_form_does_not_take_is_refused_beside_its_field(
    duty: Client, control: str, name: str, data: bytes, said: str
) -> None:
    answer = done(duty, control, measures="沿堤封路，专人值守", photographs=[upload(name, data)])

    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'id="error-photographs"' in page
    assert said in text_of(answer)
    assert "沿堤封路，专人值守" in page
    assert not StoredFile.objects.exists(), "what is refused is not kept"


def test_more_photographs_than_asked_for_are_refused(duty: Client, control: str) -> None:
    many = [upload(f"{n}.png", samples.picture(size=(40 + n, 30))) for n in range(5)]

    answer = done(duty, control, photographs=many)

    assert answer.status_code == 422
    assert "最多保留 4 个" in text_of(answer)


def test_files_of_another_task_cannot_be_named_as_an_answer(
    duty: Client, case: UUID, control: str
) -> None:
    duty.post(f"/cases/{case}/files", {"file": upload("b.jpg", photo())})

    done(duty, control, photographs=[str(only_file().id)])

    assert "photographs" not in task_of(case).answers


def test_a_photograph_that_shows_persons_is_open_to_those_who_take_part_only(
    duty: Client, case: UUID, control: str
) -> None:
    done(duty, control, photographs=[upload("a.jpg", photo())], **{"photographs.personal": "on"})

    assert only_file().classification == "L3"
