"""A session left open does nothing grave: password or second factor are asked for again."""

import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from django.conf import settings
from django.test import Client
from tests import province as small
from tests.province import PASSWORD, user_for

from guantong.access.api import L3, L4, User
from guantong.access.look_models import Approval, Look
from guantong.access.models import ActivationCode, Session
from guantong.base.clock import machine_now
from guantong.orgs import api as orgs
from guantong.portal import views_object
from guantong.portal.sign_in import PROVED, PROVED_SECONDS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("province", "flood")]


@pytest.fixture(autouse=True)
def _quick_hash(settings: Any) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "guantong.access.passwords.Argon2",
    ]


@pytest.fixture
def head(settings: Any) -> Client:
    settings.SECOND_FACTOR = "optional"
    user_for("area@331081", "head", username="head", language="en")
    browser = Client()
    assert browser.post("/sign-in", {"username": "head", "password": PASSWORD}).status_code == 302
    return browser


def wait(browser: Client, seconds: int = PROVED_SECONDS + 1) -> None:
    session = browser.session
    session[PROVED] = time.time() - seconds
    session.save()


@pytest.fixture
def colleague() -> UUID:
    return UUID(str(user_for("area@331081", "duty", username="colleague").person_id))


def test_after_a_while_an_invitation_asks_for_the_password_and_leads_back(
    head: Client, colleague: UUID
) -> None:
    wait(head)

    asked = head.post("/accounts/invite", {"person_id": str(colleague)})
    before = ActivationCode.objects.count()
    back = head.post(
        "/account/confirm", {"current": PASSWORD, "next": f"/accounts/{colleague}", "act": "1"}
    )
    done = head.post("/accounts/invite", {"person_id": str(colleague)})

    assert asked.headers["Location"] == f"/account/confirm?next=%2Faccounts%2F{colleague}&act=1"
    assert before == 0
    assert back.headers["Location"] == f"/accounts/{colleague}"
    assert done.status_code == 200
    assert ActivationCode.objects.count() == 1


def test_a_cookie_that_somebody_took_does_not_become_proved_with_its_owner(
    head: Client, colleague: UUID
) -> None:
    wait(head)
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = head.cookies[settings.SESSION_COOKIE_NAME].value
    assert thief.get("/account").status_code == 200

    head.post("/account/confirm", {"current": PASSWORD, "next": "/accounts", "act": "1"})

    assert thief.get("/account").headers["Location"].startswith("/sign-in")
    assert head.get("/account").status_code == 200
    assert Session.objects.filter(account_id__isnull=False).count() == 1


@pytest.mark.parametrize("act", ["close", "end-sessions", "unlock", "reset-factors", "rename"])
def test_every_act_on_somebody_elses_account_asks_again(
    head: Client, colleague: UUID, act: str
) -> None:
    wait(head)

    answer = head.post(f"/accounts/{colleague}/{act}", {"username": "another"})

    assert answer.headers["Location"].startswith("/account/confirm")
    assert User.objects.get(username="colleague").is_active


def test_within_ten_minutes_nobody_is_asked_again(head: Client, colleague: UUID) -> None:
    wait(head, PROVED_SECONDS - 5)

    head.post(f"/accounts/{colleague}/close")

    assert not User.objects.get(username="colleague").is_active


def test_a_wrong_password_confirms_nothing(head: Client, colleague: UUID) -> None:
    wait(head)

    wrong = head.post("/account/confirm", {"current": "not it", "next": "/accounts"})
    head.post(f"/accounts/{colleague}/close")

    assert wrong.status_code == 403
    assert User.objects.get(username="colleague").is_active


def test_a_code_of_the_second_factor_confirms_as_well_and_once(
    head: Client, colleague: UUID
) -> None:
    secret = generate_totp_secret()
    TOTP.activate(User.objects.get(username="head"), secret)
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    wait(head)

    first = head.post("/account/confirm", {"code": code, "next": f"/accounts/{colleague}"})
    wait(head)
    again = head.post("/account/confirm", {"code": code, "next": "/accounts"})

    assert first.headers["Location"] == f"/accounts/{colleague}"
    assert again.status_code == 403


def test_who_may_not_is_refused_and_not_asked_for_a_password(colleague: UUID) -> None:
    user_for("water@331083", "duty", username="stranger", language="en")
    browser = Client()
    browser.post("/sign-in", {"username": "stranger", "password": PASSWORD})
    wait(browser)

    assert browser.post(f"/accounts/{colleague}/close").status_code == 403


def test_opening_sealed_fields_asks_again_and_refusing_them_does_not(head: Client) -> None:
    asked = Approval.objects.create(
        realm="live", kind="unit", object_id=small.person("water@331081").id, title="x",
        title_en="x", href="/", unit_ids=[small.unit("area@331081").id],
        division_code=small.WENLING, asker_id=small.person("water@331081").id,
        purpose="complaint", why="x", hours=1, asked_at=machine_now(),
    )  # fmt: skip
    wait(head)
    here = f"/rights/requests/{asked.id}"

    opened = head.post(f"{here}/act", {"act": "approve"})
    asked.refresh_from_db()
    before = asked.state
    head.post(f"{here}/act", {"act": "refuse", "answer": "no"})
    asked.refresh_from_db()

    assert opened.headers["Location"].startswith("/account/confirm?next=%2Frights%2Frequests")
    assert (before, asked.state) == ("asked", "refused")


def opened(kind: str, id: UUID, asker: UUID | None) -> None:
    now = machine_now()
    Approval.objects.create(
        realm="live", kind=kind, object_id=id, title="x", title_en="x", href="/",
        unit_ids=[small.unit("area@331081").id], division_code=small.WENLING, asker_id=asker,
        purpose="verification", why="x", hours=1, asked_at=now, state="approved",
        decided_by=small.person("area@3310", "head").id, decided_at=now,
        valid_until=now + timedelta(hours=1),
    )  # fmt: skip


def test_sealed_fields_a_second_person_opened_are_shown_after_the_password(head: Client) -> None:
    person, now = small.person("water@331081").id, machine_now()
    me = User.objects.get(username="head").person_id
    orgs.correct_person(person, identity="999999199001011238", at=now, actor="test")
    opened("unit", person, me)
    wait(head)

    closed = head.get(f"/people/{person}")
    asked = head.get(f"/people/{person}?purpose=verification")
    looks = Look.objects.filter(object_id=person, classes__contains=["L4"]).count()
    head.post("/account/confirm", {"current": PASSWORD})
    shown = head.get(f"/people/{person}?purpose=verification")

    assert closed.status_code == 200
    assert asked.headers["Location"].startswith("/account/confirm?next=%2Fpeople%2F")
    assert "purpose%3Dverification" in asked.headers["Location"]
    assert looks == 0
    assert "999999199001011238" in shown.content.decode()


def test_sealed_fields_of_a_record_are_shown_after_the_password(
    head: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = small.household("HH33108110522901")
    monkeypatch.setattr(views_object, "classes_of", lambda _type: frozenset({L3, L4}))
    opened("object", house, User.objects.get(username="head").person_id)
    wait(head)

    closed = head.get(f"/objects/{house}")
    asked = head.get(f"/objects/{house}?purpose=verification")
    head.post("/account/confirm", {"current": PASSWORD})

    assert closed.status_code == 200
    assert asked.headers["Location"].startswith("/account/confirm?next=%2Fobjects%2F")
    assert head.get(f"/objects/{house}?purpose=verification").status_code == 200


def test_a_code_for_a_resident_and_the_window_ask_again(head: Client) -> None:
    house = small.household("HH33108110522901")
    wait(head)

    assert (
        head.get(f"/objects/{house}/residents").headers["Location"].startswith("/account/confirm")
    )
    assert (
        head.post("/accounts/citizens", {"number": "1"})
        .headers["Location"]
        .startswith("/account/confirm")
    )
