"""The life of an account: invitation, activation, failures, closing, and what the log says."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from guantong.access.account import ACCOUNT_FAILURES, ADDRESS_FAILURES, CODE_LIFE, FAILURE_WINDOW
from guantong.access.api import (
    CITIZEN,
    OFFICIAL,
    User,
    account_of,
    accounts_of,
    activate,
    change_password,
    close_account,
    faults,
    invite,
    judge_password,
    on_person_left,
    open_account,
    rename_account,
    unlock_account,
)
from guantong.access.errors import (
    AccountClosed,
    CodeRefused,
    LockedOut,
    NameTaken,
    NotAName,
    SignInWrong,
)
from guantong.access.models import ActivationCode, Attempt
from guantong.access.passwords import Argon2
from guantong.base.clock import local_day, machine_now
from guantong.base.realm import LIVE
from guantong.orgs.api import merge_unit, people_of_unit, unit_by_code

DAY = date(2019, 8, 10)
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
OFFICE = "10.1.2.3"
WORD = "harbour lantern twelve"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counties")]


@pytest.fixture(autouse=True)
def _quick_hash(settings: Any) -> None:
    # The real one is slow on purpose, and its strength is not what is tested here.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def officer() -> UUID:
    unit = unit_by_code("emergency@331081", on=DAY)
    assert unit is not None
    return people_of_unit(unit.id, on=DAY)[0].id


def invited(person: UUID, *, at: datetime = NOON) -> str:
    return invite(person, username="officer", language="zh-CN", at=at, actor="admin")


def activated(person: UUID, word: str = WORD) -> User:
    code = invited(person)
    return activate("officer", code, word, kind=OFFICIAL, address=OFFICE, at=NOON)


def sign_in(username: str, word: str, *, at: datetime = NOON, address: str = OFFICE) -> User:
    return judge_password(username, word, kind=OFFICIAL, address=address, at=at)


def leaves(user: User) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select encoded from audit_leaf where kind = 'account' and object_id = %s order by id",
            [user.id],
        )
        return [json.loads(bytes(row[0])) for row in cursor.fetchall()]


def test_an_invited_person_chooses_a_password_with_the_code_and_signs_in_with_it(
    officer: UUID,
) -> None:
    code = invited(officer)
    before = accounts_of([officer], at=NOON)[officer].state
    activate("officer", code.lower(), WORD, kind=OFFICIAL, address=OFFICE, at=NOON)

    user = sign_in("officer", WORD)

    assert (before, user.person_id) == ("invited", officer)
    assert accounts_of([officer], at=NOON)[officer].state == "active"
    assert [leaf["act"] for leaf in leaves(user)] == ["make", "invite", "activate"]


def test_a_code_works_once_and_for_a_week(officer: UUID) -> None:
    code = invited(officer)
    late = NOON + CODE_LIFE
    with pytest.raises(CodeRefused, match="older than seven days"):
        activate("officer", code, WORD, kind=OFFICIAL, address=OFFICE, at=late)
    just = late - timedelta(seconds=1)

    activate("officer", code, WORD, kind=OFFICIAL, address=OFFICE, at=just)

    with pytest.raises(CodeRefused):
        activate("officer", code, "another word of mine", kind=OFFICIAL, address=OFFICE, at=just)
    assert sign_in("officer", WORD, at=just)


def test_a_new_code_voids_the_one_before(officer: UUID) -> None:
    old = invited(officer)
    new = invited(officer)

    with pytest.raises(CodeRefused):
        activate("officer", old, WORD, kind=OFFICIAL, address=OFFICE, at=NOON)
    assert activate("officer", new, WORD, kind=OFFICIAL, address=OFFICE, at=NOON)


def test_the_store_holds_no_code_that_could_be_used(officer: UUID) -> None:
    code = invited(officer).replace("-", "")

    row = ActivationCode.objects.get()

    assert code not in row.code_hash
    assert len(row.code_hash) == 64


def test_codes_are_not_guessed(officer: UUID) -> None:
    code = invited(officer)
    for _ in range(ACCOUNT_FAILURES):
        with pytest.raises(CodeRefused):
            activate("officer", "AAAAA-AAAAA", WORD, kind=OFFICIAL, address=OFFICE, at=NOON)

    with pytest.raises(LockedOut, match="in 15 minutes"):
        activate("officer", code, WORD, kind=OFFICIAL, address=OFFICE, at=NOON)


@pytest.mark.parametrize("name", ["officer", "nobody-here"])
def test_failures_lock_a_name_for_a_quarter_of_an_hour_whether_or_not_it_is_there(
    officer: UUID, name: str
) -> None:
    activated(officer)
    for _ in range(ACCOUNT_FAILURES):
        with pytest.raises(SignInWrong):
            sign_in(name, "not it")

    with pytest.raises(LockedOut, match="in 15 minutes"):
        sign_in(name, WORD)
    with pytest.raises(LockedOut, match="in 1 minutes"):
        sign_in(name, WORD, at=NOON + FAILURE_WINDOW - timedelta(seconds=1))
    if name == "officer":
        assert sign_in(name, WORD, at=NOON + FAILURE_WINDOW)


def test_trying_on_while_locked_does_not_make_the_lock_longer(officer: UUID) -> None:
    activated(officer)
    for _ in range(ACCOUNT_FAILURES):
        with pytest.raises(SignInWrong):
            sign_in("officer", "not it")
    for minute in range(1, 15):
        with pytest.raises(LockedOut):
            sign_in("officer", "not it", at=NOON + timedelta(minutes=minute))

    assert sign_in("officer", WORD, at=NOON + FAILURE_WINDOW)


def test_one_address_that_tries_many_names_is_locked_and_other_addresses_are_not(
    officer: UUID,
) -> None:
    activated(officer)
    for number in range(ADDRESS_FAILURES):
        with pytest.raises(SignInWrong):
            sign_in(f"name-{number}", "not it", address="203.0.113.9")

    with pytest.raises(LockedOut):
        sign_in("officer", WORD, address="203.0.113.9")
    assert sign_in("officer", WORD, address=OFFICE)


def test_an_administrator_unlocks_at_once(officer: UUID) -> None:
    user = activated(officer)
    for _ in range(ACCOUNT_FAILURES):
        with pytest.raises(SignInWrong):
            sign_in("officer", "not it")
    assert accounts_of([officer], at=NOON)[officer].locked_minutes == 15

    unlock_account(user, at=NOON, actor="admin")

    assert sign_in("officer", WORD)


def test_the_right_password_forgets_the_failures_before_it(officer: UUID) -> None:
    activated(officer)
    for _ in range(3):
        for _ in range(ACCOUNT_FAILURES - 1):
            with pytest.raises(SignInWrong):
                sign_in("officer", "not it")
        sign_in("officer", WORD)

    assert not Attempt.objects.exists()


def test_what_somebody_typed_as_an_account_stands_nowhere(officer: UUID) -> None:
    with pytest.raises(SignInWrong):
        sign_in("my-secret-typed-here", "not it")

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from audit_leaf where encoded::text ~ 'my-secret'")
        in_log = cursor.fetchone()[0]
    assert Attempt.objects.get().subject.isalnum()
    assert in_log == 0


def test_an_account_of_one_end_is_unknown_at_the_other(officer: UUID) -> None:
    activated(officer)

    with pytest.raises(SignInWrong):
        judge_password("officer", WORD, kind=CITIZEN, address=OFFICE, at=NOON)


def test_a_changed_password_ends_codes_and_old_words(officer: UUID) -> None:
    user = activated(officer)
    code = invited(officer)

    change_password(user, "quite another word", but=None, at=NOON)

    with pytest.raises(SignInWrong):
        sign_in("officer", WORD)
    with pytest.raises(CodeRefused):
        activate("officer", code, WORD, kind=OFFICIAL, address=OFFICE, at=NOON)
    assert sign_in("officer", "quite another word")


def test_a_closed_account_tells_so_only_to_who_knows_its_password(officer: UUID) -> None:
    user = activated(officer)
    close_account(user, because="disabled", at=NOON, actor="admin")
    close_account(user, because="disabled", at=NOON, actor="admin")

    with pytest.raises(SignInWrong):
        sign_in("officer", "not it")
    with pytest.raises(AccountClosed, match="is closed"):
        sign_in("officer", WORD)
    open_account(user, at=NOON, actor="admin")
    assert sign_in("officer", WORD)
    assert [leaf["act"] for leaf in leaves(user)].count("close") == 1


def test_who_left_has_a_closed_account_from_that_day_on(officer: UUID) -> None:
    user = activated(officer)
    today = local_day(machine_now())
    unit = unit_by_code("emergency@331081", on=DAY)
    assert unit is not None

    on_person_left(LIVE, NOON, {"person_id": str(officer), "on": str(today)})
    still_in_a_post = account_of(officer).is_active
    merge_unit(unit.code, into="water@331081", on=today, at=NOON, actor="test")
    on_person_left(LIVE, NOON, {"person_id": str(officer), "on": str(today + timedelta(days=1))})
    before_the_day = account_of(officer).is_active
    for _ in range(2):  # a fact may be handed on twice
        on_person_left(LIVE, NOON, {"person_id": str(officer), "on": str(today)})

    assert still_in_a_post
    assert before_the_day
    assert accounts_of([officer], at=NOON)[officer].state == "left"
    assert [leaf["act"] for leaf in leaves(user)].count("close") == 1


def test_an_account_gets_another_name_that_nobody_has(officer: UUID) -> None:
    user = activated(officer)
    User.objects.create_user("taken", None)

    with pytest.raises(NameTaken):
        rename_account(user, "Taken", at=NOON, actor="admin")
    with pytest.raises(NotAName):
        rename_account(user, "with spaces", at=NOON, actor="admin")
    rename_account(user, " Wang.Min ", at=NOON, actor="admin")

    assert sign_in("wang.min", WORD)


@pytest.mark.parametrize(
    ("word", "fault"),
    [
        ("eleven char", "short"),
        ("a" * 12, "common"),
        ("1234567890123", "common"),
        ("password12345678", None),
        ("x" + "ab" * 64, "long"),
        ("my-officer-word", "named"),
        ("harbour lantern twelve", None),
        ("海风灯塔十二声钟响十一遍", None),
    ],
)
def test_passwords_are_judged_by_length_and_by_what_is_tried_first(
    word: str, fault: str | None
) -> None:
    found = faults(word, names=("officer", "王"))

    assert found == ([] if fault is None else [f"account.password.{fault}"])


def test_passwords_are_hashed_as_rfc_9106_recommends() -> None:
    encoded = Argon2().encode("a word", "somesalt")

    assert "$argon2id$v=19$m=65536,t=3,p=4$" in encoded
