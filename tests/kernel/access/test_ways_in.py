"""What a restore ends: every session, every unused code, every access key that stands."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from tests import province
from tests.kernel.access.test_access_keys import EMERGENCY, made, opens

from guantong.access import api as access
from guantong.access.errors import KeyEnded
from guantong.access.key_models import AccessKey
from guantong.access.models import ActivationCode, Session, User
from guantong.access.resident_models import Residence
from guantong.base.clock import machine_now
from guantong.base.ids import new_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(province: Any) -> User:
    return _user()


def _user() -> User:
    return province.user_for(EMERGENCY, "duty")


def end_ways_in() -> int:
    connection.ensure_connection()
    return access.end_ways_in(connection.connection)


def test_sessions_and_unused_codes_end_and_what_was_used_stays(officer: User) -> None:
    now = machine_now()
    access.new_code(officer, at=now, actor="test")
    used = ActivationCode.objects.create(
        user=officer, code_hash="u", made_by="test", made_at=now, expires_at=now, used_at=now
    )
    Session.objects.create(session_key="k", session_data="", expire_date=now, seen_at=now)
    offered, accepted = (
        Residence.objects.create(
            citizen_id=new_id(), realm="live", object_id=new_id(), unit_id=new_id(),
            division_code=province.WENLING, code_hash="c", made_by="test", made_at=now,
            expires_at=now + timedelta(days=3), accepted_at=at,
        )
        for at in (None, now)
    )  # fmt: skip

    ended = end_ways_in()

    assert ended == 1
    assert list(ActivationCode.objects.values_list("id", flat=True)) == [used.id]
    offered.refresh_from_db()
    accepted.refresh_from_db()
    assert (offered.code_hash, accepted.code_hash) == ("", "c")
    assert offered.expires_at <= machine_now()


def test_a_store_without_these_tables_has_nothing_to_end() -> None:
    with connection.cursor() as cursor:
        cursor.execute("alter table access_residence rename to residence_elsewhere")
        cursor.execute("alter table access_activationcode rename to code_elsewhere")

    assert end_ways_in() == 0


def test_every_key_that_stands_ends_with_a_leaf_and_one_that_ended_keeps_its_reason(
    officer: User,
) -> None:
    id, text = made(officer)
    revoked, _ = made(officer)
    access.revoke_key(officer, revoked, at=machine_now())

    ended = access.end_all_keys(because="restored", at=machine_now(), actor="system")

    with pytest.raises(KeyEnded):
        opens(text)
    assert ended == 1
    assert AccessKey.objects.get(id=id).ended_because == "restored"
    assert AccessKey.objects.get(id=revoked).ended_because == "revoked"
    with connection.cursor() as cursor:
        cursor.execute(
            "select convert_from(encoded, 'UTF8') from audit_leaf_waiting where object_id = %s"
            " order by id desc limit 1",
            [id],
        )
        assert '"restored"' in cursor.fetchone()[0]
