"""What only whole transactions show: two browsers at once, and the check of the log."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.province import at_once

from guantong.access.account import ACCOUNT_FAILURES
from guantong.access.api import OFFICIAL, User, activate, close_account, invite, judge_password
from guantong.access.errors import CodeRefused, LockedOut, SignInWrong
from guantong.audit.api import check
from guantong.base.ids import new_id
from guantong.main import wiring

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
WORD = "harbour lantern twelve"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick_hash(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def use(code: str, word: str) -> User:
    return activate("officer", code, word, kind=OFFICIAL, address="10.1.2.3", at=NOON)


def test_two_browsers_with_one_code_open_the_account_once() -> None:
    code = invite(new_id(), username="officer", language="en", at=NOON, actor="admin")

    answers = at_once(lambda: use(code, WORD), lambda: use(code, "another word of mine"))

    assert {type(answer) for answer in answers} == {User, CodeRefused}


def test_two_clerks_who_invite_at_once_make_one_account() -> None:
    person = new_id()

    def ask() -> str:
        return invite(person, username="officer", language="en", at=NOON, actor="admin")

    codes = at_once(ask, ask)

    assert User.objects.filter(person_id=person).count() == 1
    worked = [code for code in codes if _opens(str(code))]
    assert len(worked) == 1


def _opens(code: str) -> bool:
    try:
        use(code, WORD)
    except CodeRefused:
        return False
    return True


def test_a_hundred_guesses_at_once_are_not_all_judged() -> None:
    code = invite(new_id(), username="officer", language="en", at=NOON, actor="admin")
    use(code, WORD)

    def guess() -> object:
        return judge_password("officer", "no", kind=OFFICIAL, address="10.1.2.3", at=NOON)

    answers = at_once(*[guess] * (ACCOUNT_FAILURES * 2))

    judged = [answer for answer in answers if isinstance(answer, SignInWrong)]
    locked = [answer for answer in answers if isinstance(answer, LockedOut)]
    assert len(judged) <= ACCOUNT_FAILURES
    assert len(judged) + len(locked) == ACCOUNT_FAILURES * 2


def test_the_check_names_an_account_that_sql_opened_again() -> None:
    wiring.bring_witnesses()
    code = invite(new_id(), username="officer", language="en", at=NOON, actor="admin")
    user = use(code, WORD)
    close_account(user, because="disabled", at=NOON, actor="admin")
    sound = check()
    User.objects.filter(id=user.id).update(is_active=True, closed_because="")

    faults = check().faults

    assert [f for f in sound.faults if f.kind == "account"] == []
    assert [(f.code, f.id) for f in faults if f.kind == "account"] == [
        ("record-altered", str(user.id))
    ]
