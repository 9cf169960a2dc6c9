"""The decision with the store behind it: failure, midnight, leavers, merged units, questions."""

import json
import logging
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.kernel.access.conftest import FOUNDED

from guantong.access.api import (
    L3,
    L4,
    Thing,
    User,
    actor_for,
    actors_for_people,
    decide,
    explain,
    looked,
    looks_at,
    question_of,
    record_refusal,
)
from guantong.access.decision import Decision
from guantong.access.explain import PRECONDITIONS
from guantong.access.look_models import Approval
from guantong.access.question import Question
from guantong.access.rules import RULES
from guantong.audit.models import LeafRow
from guantong.base.clock import local_day
from guantong.base.ids import new_id
from guantong.base.realm import LIVE
from guantong.base.words import LANGUAGES, catalogue
from guantong.orgs.api import merge_unit, people_of_unit, unit_by_code
from guantong.orgs.models import Appointment

DAY = date(2019, 8, 10)
AT = datetime(2019, 8, 10, tzinfo=UTC)
WENLING, CANGNAN = "331081000000", "330327000000"
CASE = Thing(kind="case", division_code=WENLING, lines=("emergency",))

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counties")]


def person_of(code: str, post: str = "duty") -> UUID:
    unit = unit_by_code(code, on=FOUNDED)
    assert unit is not None
    return next(p.id for p in people_of_unit(unit.id, on=FOUNDED) if p.post_code == post)


def account_of(code: str, post: str = "duty") -> User:
    return User.objects.create(
        username=f"{post}.{code}", password="!", person_id=person_of(code, post)
    )


# Failure is denial


def broken(question: Question) -> Decision | None:
    raise KeyError("a rule that breaks")


@pytest.mark.parametrize("place", range(len(RULES)))
def test_a_rule_that_breaks_lets_nobody_in_wherever_it_stands(
    place: int, caplog: pytest.LogCaptureFixture
) -> None:
    actor = actor_for(account_of("emergency@331081"), DAY)
    rules = (*RULES[:place], broken, *RULES[place:])
    settled = explain(question_of(actor, "read", CASE, realm=LIVE)).steps

    with caplog.at_level(logging.CRITICAL, "guantong.access.service"):
        answer = decide(actor, "read", CASE, realm=LIVE, rules=rules)

    if place < len(settled):
        assert not answer.allowed
        assert answer.reason == "refused.failure"
        assert answer.masks >= {L3, L4}
        assert answer.rows.nothing
    else:
        assert answer.allowed  # it was never asked


def test_a_failure_is_recorded_like_any_other_refusal() -> None:
    actor = actor_for(account_of("emergency@331081"), DAY)

    answer = decide(actor, "read", CASE, realm=LIVE, rules=(broken,))
    record_refusal(answer, at=AT)

    leaf = json.loads(bytes(LeafRow.objects.get(kind="case").encoded))
    assert leaf["body"]["reason"] == "refused.failure"
    for language in LANGUAGES:
        assert "{" not in answer.sentence(language)


def test_every_rule_has_its_words_and_those_that_only_refuse_are_known() -> None:
    for language in LANGUAGES:
        words = catalogue(language)
        assert [r.__name__ for r in RULES if f"access.rule.{r.__name__}" not in words] == []
    assert set(PRECONDITIONS) <= set(RULES)


# Who one is today


def test_a_post_ends_at_midnight_in_china_and_not_an_hour_before_or_after() -> None:
    user = account_of("emergency@331081")
    last = date(2019, 8, 10)
    Appointment.objects.filter(person_id=user.person_id).update(valid_to=last)

    before = datetime(2019, 8, 9, 15, 59, 59, tzinfo=UTC)  # 23:59:59 on the 9th in Beijing
    after = before + timedelta(seconds=1)

    assert decide(actor_for(user, local_day(before)), "read", CASE, realm=LIVE).allowed
    refused = decide(actor_for(user, local_day(after)), "read", CASE, realm=LIVE)
    assert refused.reason == "refused.no-post"


def test_the_closed_account_of_a_leaver_opens_nothing() -> None:
    user = account_of("emergency@331081")
    user.is_active = False
    user.save(update_fields=["is_active"])

    assert not decide(actor_for(user, DAY), "read", CASE, realm=LIVE).allowed


def test_who_took_over_a_merged_unit_reads_what_it_held_and_who_left_it_does_not() -> None:
    water, emergency = account_of("water@331081"), account_of("emergency@331081")
    held = unit_by_code("water@331081", on=FOUNDED)
    assert held is not None
    task = Thing(kind="task", unit_ids=(held.id,))
    merge_unit("water@331081", into="emergency@331081", on=DAY, at=AT, actor="test")

    assert decide(actor_for(emergency, DAY), "handle", task, realm=LIVE).allowed
    assert not decide(actor_for(water, DAY), "handle", task, realm=LIVE).allowed


def test_reading_an_actor_asks_the_store_as_often_whether_there_is_one_post_or_eight() -> None:
    one, many = person_of("emergency@331081"), person_of("water@331081")
    for code in ("health", "transport", "education", "housing", "agriculture", "ecology"):
        post = Appointment.objects.get(person_id=person_of(f"{code}@331081")).post_id
        Appointment.objects.create(person_id=many, post_id=post, valid_from=FOUNDED)

    with CaptureQueriesContext(connection) as few:
        single = actors_for_people([one], on=DAY)[one]
    with CaptureQueriesContext(connection) as several:
        eight = actors_for_people([many], on=DAY)[many]

    assert (len(single.posts), len(eight.posts)) == (1, 7)
    assert len(few) == len(several) == 2


def test_only_a_purpose_and_one_record_make_the_decision_ask_the_store() -> None:
    actor = actor_for(account_of("emergency@331081"), DAY)
    one = replace(CASE, object_id=new_id())

    counts = []
    for thing, purpose in ((CASE, None), (one, None), (CASE, "complaint"), (one, "complaint")):
        with CaptureQueriesContext(connection) as asked:
            assert decide(actor, "read", thing, realm=LIVE, purpose=purpose).allowed
        counts.append(sum("access_approval" in q["sql"] for q in asked.captured_queries))

    assert counts == [0, 0, 0, 1]


def test_a_neighbour_is_refused_in_every_realm_and_so_the_exercise_s_id_opens_nothing() -> None:
    neighbour = actor_for(account_of("emergency@330327"), DAY)

    for realm in (LIVE, f"exercise:{new_id()}"):
        answer = decide(neighbour, "read", CASE, realm=realm)
        assert answer.reason == "refused.outside-area"
        assert answer.realm == realm


# The store holds the second person, too


def approval(**values: object) -> Approval:
    given: dict[str, object] = {
        "realm": LIVE, "kind": "unit", "object_id": new_id(), "unit_ids": [new_id()],
        "title": "x", "title_en": "x", "href": "/", "asker_id": new_id(), "purpose": "complaint",
        "why": "x", "hours": 1, "asked_at": AT,
    }  # fmt: skip
    return Approval(**(given | values))


def test_the_store_takes_no_approval_by_the_asker() -> None:
    asker = new_id()
    self_approved = approval(
        asker_id=asker, state="approved", decided_by=asker, decided_at=AT, valid_until=AT
    )

    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        self_approved.save(force_insert=True)


def test_the_store_takes_no_approval_without_an_end() -> None:
    endless = approval(state="approved", decided_by=new_id(), decided_at=AT)

    with pytest.raises(IntegrityError, match="dated"), transaction.atomic():
        endless.save(force_insert=True)


# Looks


def test_a_look_leaves_a_leaf_and_a_row_that_name_the_approval_and_never_the_data() -> None:
    actor = actor_for(account_of("emergency@331081"), DAY)
    subject = new_id()
    unit = unit_by_code("emergency@331081", on=FOUNDED)
    assert unit is not None
    thing = Thing(kind="unit", division_code=WENLING, unit_ids=(unit.id,), object_id=subject)
    opened = approval(
        object_id=subject, asker_id=actor.person_id, state="approved", decided_by=new_id(),
        decided_at=AT, valid_until=AT + timedelta(hours=1),
    )  # fmt: skip
    opened.save(force_insert=True)
    question = Question(
        actor=actor, act="read", thing=thing, realm=LIVE, purpose="complaint",
        opened=frozenset({L4}),
    )  # fmt: skip

    looked(explain(question).decision, at=AT, classes=[L3, L4], machine_at=AT)

    (look,) = looks_at(LIVE, thing)
    assert (look.classes, look.purpose, look.approval_id) == ((L3, L4), "complaint", opened.id)
    leaf = json.loads(bytes(LeafRow.objects.get(kind="unit", object_id=subject).encoded))
    assert leaf["body"]["approval"] == str(opened.id)


def test_what_stayed_masked_is_no_look() -> None:
    actor = actor_for(account_of("emergency@331081"), DAY)
    thing = replace(CASE, kind="object", object_id=new_id())

    looked(decide(actor, "read", thing, realm=LIVE), at=AT, classes=[L3, L4], machine_at=AT)

    assert looks_at(LIVE, thing) == []
