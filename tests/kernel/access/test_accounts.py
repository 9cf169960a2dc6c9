"""Accounts, the actors behind them, and what a refusal says and leaves behind."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.kernel.access.conftest import FOUNDED

from guantong.access.api import (
    NOBODY,
    DemoAccount,
    Thing,
    User,
    actor_for,
    actors_for_people,
    create_demo_accounts,
    decide,
    record_refusal,
)
from guantong.access.errors import NotFounded
from guantong.access.service import DEMO_PASSWORD
from guantong.orgs.api import merge_unit, people_of_unit, unit_by_code

DAY = date(2019, 8, 10)
AT = datetime(2019, 8, 10, tzinfo=UTC)
WENLING = "331081000000"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counties")]


@pytest.fixture(autouse=True)
def _no_password_of_this_machine(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    # The real one is slow on purpose, and its strength is not what is tested here.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.delenv("GUANTONG_DEMO_PASSWORD", raising=False)


@pytest.fixture
def accounts() -> dict[str, DemoAccount]:
    return {account.username: account for account in create_demo_accounts(DAY)}


def test_each_demo_account_signs_in_and_holds_its_post(accounts: dict[str, DemoAccount]) -> None:
    posts = {}
    for username in accounts:
        actor = actor_for(User.objects.get(username=username), DAY)
        posts[username] = [(post.unit_code, post.post_code) for post in actor.posts]

    assert User.objects.get(username="wenling").check_password(DEMO_PASSWORD)
    assert posts["wenling"] == [("emergency@331081", "duty")]
    assert posts["wenling-second"] == [("emergency@331081", "second_duty")]
    assert posts["wenling-head"] == [("area@331081", "head")]
    assert posts["forecaster"] == [("meteorology@33", "duty")]
    assert all(posts.values())


def test_the_one_who_verifies_is_another_person_than_the_one_who_does(
    accounts: dict[str, DemoAccount],
) -> None:
    people = User.objects.filter(username__in=["wenling", "wenling-second", "wenling-head"])

    assert len({user.person_id for user in people}) == 3


def test_making_the_demo_accounts_again_keeps_a_changed_password(
    accounts: dict[str, DemoAccount],
) -> None:
    user = User.objects.get(username="wenling")
    user.set_password("a-word-of-my-own")
    user.save()

    again = {account.username: account for account in create_demo_accounts(DAY)}

    assert again["wenling"].password is None
    assert again["cangnan"].password == DEMO_PASSWORD
    assert User.objects.get(username="wenling").check_password("a-word-of-my-own")
    assert again.keys() == accounts.keys()


def test_the_demo_password_can_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANTONG_DEMO_PASSWORD", "another-one-2026")

    made = create_demo_accounts(DAY)

    assert {account.password for account in made} == {"another-one-2026"}


def test_accounts_made_with_another_demo_password_are_not_said_to_open_with_this_one(
    accounts: dict[str, DemoAccount], monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.get(username="qingyuan").delete()
    monkeypatch.setenv("GUANTONG_DEMO_PASSWORD", "another-one-2026")

    again = {account.username: account.password for account in create_demo_accounts(DAY)}

    assert again.pop("qingyuan") == "another-one-2026"
    assert set(again.values()) == {None}
    assert User.objects.get(username="qingyuan").check_password("another-one-2026")


def test_no_account_is_made_before_the_province_is_founded() -> None:
    with pytest.raises(NotFounded, match="Found the province first"):
        create_demo_accounts(FOUNDED - timedelta(days=1))


def test_nobody_is_the_actor_of_a_visitor_or_a_closed_account(
    accounts: dict[str, DemoAccount],
) -> None:
    user = User.objects.get(username="wenling")
    user.is_active = False

    assert actor_for(AnonymousUser(), DAY) is NOBODY
    assert actor_for(user, DAY) is NOBODY


def test_an_account_without_a_person_holds_no_post() -> None:
    user = User.objects.create_user("clerk", "long-enough-word")

    assert actor_for(user, DAY).posts == ()


def test_before_the_appointment_and_after_the_unit_was_merged_the_account_holds_nothing(
    accounts: dict[str, DemoAccount],
) -> None:
    user = User.objects.get(username="wenling-water")
    merge_unit("water@331081", into="agriculture@331081", on=DAY, at=AT, actor="test")

    assert actor_for(user, DAY - timedelta(days=1)).posts
    assert actor_for(user, DAY).posts == ()
    assert actor_for(user, FOUNDED - timedelta(days=1)).posts == ()
    case = Thing(kind="case", division_code=WENLING)
    assert decide(actor_for(user, DAY), "read", case, realm="live").reason == "refused.no-post"


def test_who_takes_over_a_merged_unit_handles_the_tasks_it_left() -> None:
    old, new = (unit_by_code(f"{line}@331081", on=DAY) for line in ("water", "agriculture"))
    assert old is not None
    assert new is not None
    person = people_of_unit(new.id, on=DAY)[0].id
    task = Thing(kind="task", division_code=WENLING, unit_ids=(old.id,))
    before = actors_for_people([person], on=DAY)[person]

    merge_unit(old.code, into=new.code, on=DAY, at=AT, actor="test")

    after = actors_for_people([person], on=DAY)[person]
    assert not decide(before, "handle", task, realm="live").allowed
    assert decide(after, "handle", task, realm="live").allowed


def test_many_actors_cost_two_queries() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select id from orgs_person limit 500")
        people = [id for (id,) in cursor.fetchall()]

    with CaptureQueriesContext(connection) as asked:
        actors = actors_for_people(people, on=DAY)

    assert len(asked) == 2
    assert all(actor.posts and actor.account for actor in actors.values())


def test_a_refusal_says_which_place_it_is_and_whom_to_ask(
    accounts: dict[str, DemoAccount],
) -> None:
    stranger = actor_for(User.objects.get(username="cangnan"), DAY)

    refused = decide(stranger, "read", Thing(kind="case", division_code=WENLING), realm="live")

    assert refused.sentence("zh-CN") == (
        "不能查看该案件：它属于温岭市，不在您岗位的管辖范围内，由当地政府和牵头部门办理。"
        "如确有需要，请联系温岭市人民政府。"
    )
    assert refused.sentence("en") == (
        "You cannot read this case: it belongs to Wenling City, outside the area of your posts. "
        "The government there and its lead line may; if you need it, ask People's Government of "
        "Wenling City."
    )


def test_a_refusal_to_handle_names_the_unit_that_holds_the_task(
    accounts: dict[str, DemoAccount],
) -> None:
    water = unit_by_code("water@331081", on=DAY)
    assert water is not None
    someone = actor_for(User.objects.get(username="wenling"), DAY)
    task = Thing(kind="task", division_code=WENLING, unit_ids=(water.id,))

    refused = decide(someone, "handle", task, realm="live")

    assert "温岭市水利局" in refused.sentence("zh-CN")
    assert "Water Resources Bureau of Wenling City" in refused.sentence("en")


def test_a_refusal_to_land_names_the_source_unit(accounts: dict[str, DemoAccount]) -> None:
    someone = actor_for(User.objects.get(username="wenling"), DAY)
    track = Thing(kind="dataset", division_code="330000000000", lines=("meteorology",))

    assert "浙江省气象局" in decide(someone, "land", track, realm="live").sentence("zh-CN")


def test_a_refusal_of_a_place_that_does_not_exist_still_says_what_to_do(
    accounts: dict[str, DemoAccount],
) -> None:
    someone = actor_for(User.objects.get(username="wenling"), DAY)
    nowhere = Thing(kind="case", division_code="339999000000")

    sentence = decide(someone, "read", nowhere, realm="live").sentence("zh-CN")

    assert "339999000000" in sentence
    assert "上级应急管理部门" in sentence


def test_a_refusal_leaves_a_leaf_without_a_personal_name(
    accounts: dict[str, DemoAccount],
) -> None:
    stranger = actor_for(User.objects.get(username="cangnan"), DAY)
    realm = "exercise:01a2029d-5cfa-76b5-bc21-492e74417bd5"
    refused = decide(stranger, "read", Thing(kind="case", division_code=WENLING), realm=realm)

    record_refusal(refused, at=AT)

    with connection.cursor() as cursor:
        cursor.execute("select encoded from audit_leaf where kind = 'case' and realm = %s", [realm])
        [(encoded,)] = cursor.fetchall()
    leaf = json.loads(bytes(encoded))
    assert (leaf["actor"], leaf["act"]) == ("cangnan", "refuse")
    assert leaf["body"]["reason"] == "refused.outside-area"
    assert stranger.name not in bytes(encoded).decode()


def test_an_allowed_decision_asks_the_store_nothing(accounts: dict[str, DemoAccount]) -> None:
    someone = actor_for(User.objects.get(username="wenling"), DAY)

    with CaptureQueriesContext(connection) as asked:
        answer = decide(someone, "read", Thing(kind="case", division_code=WENLING), realm="live")

    assert answer.allowed
    assert len(asked) == 0


def test_each_account_that_is_made_leaves_a_leaf_and_only_once(
    accounts: dict[str, DemoAccount],
) -> None:
    create_demo_accounts(DAY)

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from audit_leaf where kind = 'account'")
        assert cursor.fetchone() == (len(accounts),)


def test_two_accounts_cannot_have_one_name() -> None:
    User.objects.create_user("clerk", "long-enough-word")

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("clerk", "long-enough-word")


def test_no_account_is_staff(accounts: dict[str, DemoAccount]) -> None:
    assert not any(user.is_staff for user in User.objects.all())
