"""Access keys: what they open, how they end, what the store and the log hold of them."""

import json
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from tests import province
from tests.province import at_once

from guantong.access import api as access
from guantong.access.account import change_password, close_account
from guantong.access.errors import (
    KeyEnded,
    KeyNotThere,
    KeyTooMany,
    KeyTooOften,
    KeyWrongly,
    TokenReused,
)
from guantong.access.key_models import AccessKey, DoneOnce
from guantong.access.keys import MOST_KEYS, actor_of_key, answered, digest, key_opens, once
from guantong.access.models import User
from guantong.audit import api as audit
from guantong.base.clock import local_day, machine_now
from guantong.orgs import api as orgs
from guantong.orgs.models import Unit

EMERGENCY = "emergency@331081"
MANY = 1000


@pytest.fixture
def officer(province: Any) -> User:
    return _user(EMERGENCY)


def _user(code: str, post: str = "duty") -> User:
    return province.user_for(code, post)


def made(user: User, *, days: int = 30, acts: str = "act", **changed: Any) -> tuple[UUID, str]:
    now = machine_now()
    given: dict[str, Any] = {
        "name": "值班大屏", "purpose": "显示任务", "acts": acts,
        "expires_at": now + timedelta(days=days), "at": now,
    }  # fmt: skip
    if "post" not in changed:
        given["post"] = (province.unit(EMERGENCY).id, "duty")
    key, text = access.make_key(user, **(given | changed))
    return key.id, text


def opens(text: str, *, at: datetime | None = None, most: int = MANY) -> UUID:
    return key_opens(text, at=at or machine_now(), most=most)[0].id


def test_a_key_opens_until_its_day_and_not_on_the_stroke_of_it(officer: User) -> None:
    id, text = made(officer, days=30)
    ends = AccessKey.objects.get(id=id).expires_at

    assert opens(text, at=ends - timedelta(seconds=1)) == id
    with pytest.raises(KeyEnded, match="make a new one"):
        opens(text, at=ends)


def test_the_store_and_the_log_hold_no_key_but_its_digest(officer: User) -> None:
    id, text = made(officer)

    with connection.cursor() as cursor:
        cursor.execute("select row_to_json(k)::text from access_accesskey k where id = %s", [id])
        row = cursor.fetchone()[0]
        cursor.execute(
            "select convert_from(encoded, 'UTF8') from audit_leaf_waiting where object_id = %s",
            [id],
        )
        leaf = cursor.fetchone()[0]

    assert text.startswith("gtk_")
    assert len(text) > 40
    assert text not in row + leaf
    assert text[4:] not in row + leaf
    assert digest(text) in row
    assert json.loads(leaf)["act"] == "make"


@pytest.mark.parametrize(
    ("ending", "because"),
    [
        ("close", "closed"), ("password", "password"), ("code", "password"),
        ("administrator", "administrator"), ("revoke", "revoked"),
    ],
)  # fmt: skip
def test_a_key_ends_with_what_ends_the_account_s_sign_ins(
    officer: User, ending: str, because: str
) -> None:
    id, text = made(officer)
    now = machine_now()

    match ending:
        case "close":
            close_account(officer, because="disabled", at=now, actor="test")
        case "password":
            change_password(officer, "four words nobody guesses", but=None, at=now)
        case "code":
            code = access.new_code(officer, at=now, actor="test")
            access.activate(
                officer.username, code, "four words nobody guesses", kind="official",
                address="", at=now,
            )  # fmt: skip
        case "administrator":
            access.end_sessions(officer, at=now, actor="test")
        case "revoke":
            access.revoke_key(officer, id, at=now)

    with pytest.raises(KeyEnded):
        opens(text)
    assert AccessKey.objects.get(id=id).ended_because == because


def test_ending_one_session_or_the_others_leaves_keys_alone(officer: User) -> None:
    id, text = made(officer)

    access.end_sessions(officer, at=machine_now(), actor="test", but="this")
    access.end_sessions(officer, at=machine_now(), actor="test", id="that")

    assert opens(text) == id


def test_a_key_acts_in_its_post_alone_and_ends_when_the_post_is_no_longer_held(
    officer: User,
) -> None:
    id, text = made(officer)
    now = machine_now()
    key, user = key_opens(text, at=now, most=MANY)
    actor = access.actor_for(user, local_day(now))
    other = replace(actor.posts[0], unit_id=province.unit("water@331081").id, unit_code="water")
    actor = replace(actor, posts=(other, *actor.posts))

    acting = actor_of_key(key, user, actor, at=now)

    assert [(p.unit_code, p.post_code) for p in acting.posts] == [(EMERGENCY, "duty")]
    assert acting.person_id == officer.person_id
    with pytest.raises(KeyEnded):
        actor_of_key(key, user, replace(actor, posts=()), at=now)
    assert AccessKey.objects.get(id=id).ended_because == "post"


def acting(text: str, *, at: datetime) -> str:
    key, user = key_opens(text, at=at, most=MANY)
    return actor_of_key(key, user, access.actor_for(user, local_day(at)), at=at).name


def served(person: UUID, start: int, end: int | None, *, kind: str = "held") -> UUID:
    """Appoint to the staff of another bureau, from and until so many days from today."""
    now = machine_now()
    day = local_day(now)
    return orgs.appoint(
        person, unit_id=province.unit("water@331081").id, post_code="staff", kind=kind,
        on=day + timedelta(days=start), until=None if end is None else day + timedelta(days=end),
        at=now, actor="test",
    )  # fmt: skip


def test_a_key_does_not_come_back_with_a_post_that_was_lost_in_between(officer: User) -> None:
    assert officer.person_id is not None
    served(officer.person_id, -3, 2)
    served(officer.person_id, 4, None)
    id, text = made(officer, post=(province.unit("water@331081").id, "staff"))
    now = machine_now()

    before = acting(text, at=now + timedelta(days=1))
    with pytest.raises(KeyEnded):
        acting(text, at=now + timedelta(days=5))

    assert before
    assert AccessKey.objects.get(id=id).ended_because == "post"


def test_a_key_outlasts_the_renewal_of_its_post_without_a_gap(officer: User) -> None:
    assert officer.person_id is not None
    served(officer.person_id, -3, 2, kind="acting")
    served(officer.person_id, 2, None)
    _, text = made(officer, post=(province.unit("water@331081").id, "staff"))

    assert acting(text, at=machine_now() + timedelta(days=5))


def test_a_key_in_a_delegated_post_ends_with_the_delegation_and_not_with_a_day_before_it(
    officer: User,
) -> None:
    now, day = machine_now(), local_day(machine_now())
    assert officer.person_id is not None
    head, bureau = province.person("water@331081", "head").id, province.unit("water@331081").id
    post_id = next(t.post_id for t in orgs.times_of_person(head) if t.unit_id == bureau)
    for start, end in ((0, 3), (5, 9)):
        orgs.delegate(
            head, officer.person_id, post_id=post_id, on=day + timedelta(days=start),
            until=day + timedelta(days=end), at=now, actor="test",
        )  # fmt: skip
    kept, lost = (made(officer, post=(bureau, "head"))[1] for _ in range(2))

    assert acting(kept, at=now + timedelta(days=2))
    for text in (kept, lost):
        with pytest.raises(KeyEnded):
            acting(text, at=now + timedelta(days=6))


@pytest.mark.parametrize(("left", "goes_on"), [(2, True), (1, False)])
def test_a_key_goes_on_in_the_unit_that_took_over_its_own_and_not_before_it_did(
    officer: User, left: int, goes_on: bool
) -> None:
    now, day = machine_now(), local_day(machine_now())
    assert officer.person_id is not None
    water, into = province.unit("water@331081").id, province.unit("meteorology@331081").id
    served(officer.person_id, 0, left)
    orgs.appoint(
        officer.person_id, unit_id=into, post_code="staff", on=day, at=now,
        actor="test",
    )  # fmt: skip
    Unit.objects.filter(id=water).update(valid_to=day + timedelta(days=2), successor_id=into)
    _, text = made(officer, post=(water, "staff"))

    with nullcontext() if goes_on else pytest.raises(KeyEnded):
        assert acting(text, at=now + timedelta(days=5))


def test_a_key_has_so_many_requests_a_minute_and_is_told_how_long_to_wait(officer: User) -> None:
    _, text = made(officer)
    noon = machine_now().replace(second=50, microsecond=0)

    for _ in range(3):
        opens(text, at=noon, most=3)
    with pytest.raises(KeyTooOften, match="Wait 10 seconds"):
        opens(text, at=noon, most=3)

    assert opens(text, at=noon + timedelta(seconds=10), most=3)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"), ({"name": "x" * 61}, "name"), ({"purpose": ""}, "purpose"),
        ({"acts": "administer"}, "acts"), ({"days": 366}, "expires"), ({"days": 0}, "expires"),
    ],
)  # fmt: skip
def test_a_key_without_name_purpose_or_a_day_within_a_year_is_not_made(
    officer: User, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(KeyWrongly, match=f"'{field}'.*send the form again"):
        made(officer, **changed)


def test_an_account_holds_so_many_keys_that_stand(officer: User) -> None:
    ids = [made(officer)[0] for _ in range(MOST_KEYS)]

    with pytest.raises(KeyTooMany, match="Revoke one"):
        made(officer)
    access.revoke_key(officer, ids[0], at=machine_now())

    assert made(officer)


def test_a_key_of_another_account_is_not_there_to_be_revoked(officer: User) -> None:
    id, text = made(officer)

    with pytest.raises(KeyNotThere, match="Look at the list"):
        access.revoke_key(_user("emergency@331083"), id, at=machine_now())
    assert opens(text) == id


@pytest.mark.django_db(transaction=True)
def test_a_key_altered_behind_the_log_s_back_is_found(settings: Any, tmp_path: Path) -> None:
    settings.KEYS, settings.HEADS = tmp_path, tmp_path
    user = User.objects.create_user("somebody-altered", None)
    id, _ = made(user, acts="read", post=(user.id, "duty"))
    while audit.sequence():
        pass

    AccessKey.objects.filter(id=id).update(acts="act")

    assert (str(id), "access-key") in {(str(f.id), f.kind) for f in audit.check().faults}


# Acts done once


def test_what_is_repeated_under_the_same_token_is_done_once(officer: User) -> None:
    done: list[int] = []

    def do() -> dict[str, Any]:
        done.append(1)
        return {"n": len(done)}

    first = once(officer, "token-1234", {"a": 1}, do, at=machine_now())
    again = once(officer, "token-1234", {"a": 1}, do, at=machine_now())

    assert (first, again) == (({"n": 1}, False), ({"n": 1}, True))
    assert done == [1]


def test_the_same_token_for_something_else_is_refused(officer: User) -> None:
    once(officer, "token-1234", {"a": 1}, dict, at=machine_now())

    with pytest.raises(TokenReused, match="Take a new one"):
        once(officer, "token-1234", {"a": 2}, dict, at=machine_now())


def test_a_token_belongs_to_its_account_and_is_kept_for_a_day(officer: User) -> None:
    now = machine_now()
    once(officer, "token-1234", {}, lambda: {"n": 1}, at=now - timedelta(days=1, seconds=1))

    assert answered(_user("emergency@331083"), "token-1234", {}) is None
    once(officer, "token-5678", {}, lambda: {"n": 2}, at=now)

    assert answered(officer, "token-1234", {}) is None


def test_what_was_refused_is_not_kept_and_may_be_tried_again(officer: User) -> None:
    def refuse() -> dict[str, Any]:
        raise KeyTooMany(most=1)

    with pytest.raises(KeyTooMany), transaction.atomic():
        once(officer, "token-1234", {}, refuse, at=machine_now())

    assert not DoneOnce.objects.exists()
    assert once(officer, "token-1234", {}, dict, at=machine_now()) == ({}, False)


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_under_one_token_do_one_deed() -> None:
    user = User.objects.create_user("somebody-once", None)
    done: list[int] = []

    def do() -> dict[str, Any]:
        done.append(1)
        return {"done": True}

    def ask() -> object:
        return once(user, "token-1234", {}, do, at=machine_now())

    found = at_once(ask, ask)

    assert done == [1]
    assert sorted(found, key=str) == [({"done": True}, False), ({"done": True}, True)]
