"""The pages of access keys: made after the password, shown once, listed, revoked by their owner."""

import re
import time
from typing import Any

import pytest
from django.test import Client
from tests import province
from tests.province import user_for

from guantong.access.api import User
from guantong.access.key_models import AccessKey
from guantong.portal.sign_in import PROVED

EMERGENCY = "emergency@331081"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("province", "flood")]


def browser_of(user: User, *, proved: bool = True) -> Client:
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    if proved:
        session = browser.session
        session[PROVED] = time.time()
        session.save()
    return browser


def form(**changed: str) -> dict[str, str]:
    post = f"{province.unit(EMERGENCY).id}:duty"
    given = {"name": "Duty screen", "purpose": "shows tasks", "acts": "read", "days": "30"}
    return given | {"post": post} | changed


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_key_is_shown_on_the_page_that_makes_it_opens_the_interface_and_ends_when_revoked(
    language: str,
) -> None:
    browser = browser_of(user_for(EMERGENCY, language=language))

    shown = browser.post("/account/keys/new", form())
    found = re.search(r'value="(gtk_[^"]+)"', shown.content.decode())
    assert found
    system = Client(headers={"Authorization": f"Bearer {found[1]}"})
    listed = browser.get("/account/keys").content.decode()

    assert shown["Cache-Control"] == "private, no-store"
    assert "Duty screen" in listed
    assert found[1] not in listed
    assert system.get("/api/v1/me").json()["key"]["name"] == "Duty screen"
    row = AccessKey.objects.get()
    assert (row.used_at is not None, row.acts) == (True, "read")
    browser.post(f"/account/keys/{row.id}/revoke")
    assert system.get("/api/v1/me").status_code == 401
    assert f"/account/keys/{row.id}/revoke" not in browser.get("/account/keys").content.decode()


def test_a_session_that_stood_open_is_asked_for_the_password_before_it_makes_a_key() -> None:
    browser = browser_of(user_for(EMERGENCY), proved=False)

    answer = browser.post("/account/keys/new", form())

    assert answer["Location"].startswith("/account/confirm")
    assert not AccessKey.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [{"name": ""}, {"purpose": ""}, {"acts": "administer"}, {"days": "366"}, {"days": "x"},
     {"post": "00000000-0000-0000-0000-000000000007:head"}],
)  # fmt: skip
def test_a_form_with_what_the_page_does_not_offer_makes_no_key(changed: dict[str, str]) -> None:
    answer: Any = browser_of(user_for(EMERGENCY)).post("/account/keys/new", form(**changed))

    assert answer.status_code == 422
    assert f"#field-{next(iter(changed))}" in answer.content.decode()
    assert not AccessKey.objects.exists()


def test_nobody_revokes_the_key_of_another() -> None:
    browser_of(user_for(EMERGENCY)).post("/account/keys/new", form())
    row = AccessKey.objects.get()

    answer = browser_of(user_for("emergency@331083")).post(f"/account/keys/{row.id}/revoke")

    assert answer.status_code == 409
    assert AccessKey.objects.get().ended_at is None


def test_who_must_still_enrol_a_second_factor_makes_no_key(settings: Any) -> None:
    settings.SECOND_FACTOR = "required"
    user = user_for(EMERGENCY)
    User.objects.filter(id=user.id).update(printed_password=False)
    browser = browser_of(user)

    answer = browser.post("/account/keys/new", form())

    assert answer["Location"] == "/account"
    assert not AccessKey.objects.exists()
    assert browser.get("/account/keys")["Location"] == "/account"
