"""Rights explained: why may I, why may somebody, who may; and sealed fields opened by another."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.test import Client
from tests import province
from tests.journeys.work_story import (
    AREA,
    EMERGENCY,
    TOWNSHIP,
    VILLAGE,
    bring_to_action,
    officer,
    task_of,
    text_of,
)

from guantong.access.api import L4, Thing, actor_for, decide
from guantong.access.look_models import Approval, Look
from guantong.access.models import User
from guantong.audit.models import LeafRow
from guantong.base.clock import local_day, machine_now
from guantong.base.realm import Realm
from guantong.orgs import api as orgs
from guantong.packages.api import Package

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_factor(settings: Any) -> None:
    """What a second factor opens is told elsewhere."""
    settings.SECOND_FACTOR = "optional"


NEIGHBOUR = "emergency@330327"
WATER = f"water@{province.WENLING[:6]}"


@pytest.fixture
def case(realm: Realm, flood: Package) -> UUID:
    return province.open_case(realm=realm, data={"track_id": "LEKIMA"})


@pytest.fixture
def family(realm: Realm, flood: Package) -> UUID:
    return province.household("HH33108110522901", realm=realm)


@pytest.fixture
def evacuation(realm: Realm, family: UUID, case: UUID) -> UUID:
    bring_to_action(realm, case)
    return case


def explained(browser: Client, address: str) -> dict[str, object]:
    answer = browser.get(address)
    assert answer.status_code == 200, answer.content.decode()
    found = answer.context["explained"]
    assert found is not None, answer.context["problem"]
    return dict(found)


# Oneself


def test_a_refused_page_leads_to_its_explanation_rule_by_rule(realm: Realm, case: UUID) -> None:
    neighbour = officer(NEIGHBOUR)

    refused = neighbour.get(f"/cases/{case}")
    why = f"/rights/mine?address={quote(f'/cases/{case}', safe='')}"
    found = explained(neighbour, why)

    assert refused.status_code == 403
    assert f'href="{why}"' in refused.content.decode()
    assert found["allowed"] is False
    assert found["ask"] == "温岭市应急管理局"
    steps = found["steps"]
    assert isinstance(steps, list)
    assert {step["outcome"] for step in steps[:-1]} == {"met", "silent"}
    assert steps[-1]["outcome"] == "refused"


def test_the_same_page_is_explained_to_who_may_see_it(realm: Realm, case: UUID) -> None:
    found = explained(officer(EMERGENCY), f"/rights/mine?address=/cases/{case}")

    assert found["allowed"] is True
    assert found["by"] == "温岭市应急管理局 · 值班员"
    assert found["place"] == "温岭市"


def test_an_explanation_agrees_with_the_page_for_every_officer(
    realm: Realm, evacuation: UUID, family: UUID
) -> None:
    task = task_of(family).id
    pages = [
        f"/cases/{evacuation}", f"/tasks/{task}", f"/objects/{family}", "/inbox.csv", "/data",
        f"/cases.csv?division={province.WENLING}", f"/cockpit/{province.WENLING}", "/apps",
        f"/evacuation/{province.LIRUO}", "/operations", "/rights",
    ]  # fmt: skip

    for unit, post in (
        (EMERGENCY, "duty"), (WATER, "duty"), (NEIGHBOUR, "duty"), (VILLAGE, "head"),
        (TOWNSHIP, "duty"), ("emergency@33", "duty"),
    ):  # fmt: skip
        browser = officer(unit, post)
        for page in pages:
            allowed = browser.get(page).status_code == 200
            found = explained(browser, f"/rights/mine?address={quote(page, safe='')}")
            assert found["allowed"] is allowed, (unit, page)


def test_an_act_is_explained_with_the_units_and_persons_of_that_act(
    realm: Realm, evacuation: UUID, family: UUID
) -> None:
    address = f"/rights/mine?address=/tasks/{task_of(family).id}"

    assert explained(officer(VILLAGE, "head"), f"{address}&act=handle")["allowed"] is True
    assert explained(officer(EMERGENCY), f"{address}&act=handle")["allowed"] is False
    assert explained(officer(TOWNSHIP), f"{address}&act=verify")["allowed"] is True


def test_asking_about_a_page_changes_nothing_and_records_no_refusal(
    realm: Realm, evacuation: UUID, family: UUID
) -> None:
    browser = officer(VILLAGE, "head")
    task = task_of(family)
    before = LeafRow.objects.count()

    browser.get(f"/rights/mine?address=/tasks/{task.id}")
    browser.get(f"/rights/mine?address=/objects/{family}")
    officer(NEIGHBOUR).get(f"/rights/mine?address=/cases/{evacuation}")

    assert LeafRow.objects.count() == before
    assert task_of(family).read_at == task.read_at
    assert not Look.objects.exists()


@pytest.mark.parametrize(
    "address",
    ["/nowhere", "/sign-in", "http://[", "/tasks/01a2029d-5cfa-76b5-bc21-492e74417bd5", ""],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(
    realm: Realm, flood: Package, address: str
) -> None:
    answer = officer(EMERGENCY).get("/rights/mine", {"address": address})

    assert answer.status_code == 200
    assert answer.context["explained"] is None
    assert len(answer.context["problem"]) > 10


# Somebody else


def test_an_administrator_asks_why_a_person_of_the_own_area_may_not(
    realm: Realm, case: UUID
) -> None:
    head = officer(AREA, "head")
    water = province.person(WATER).id

    found = explained(head, f"/rights/why?person={water}&address=/cases/{case}")
    tasks = explained(head, f"/rights/why?person={water}&kind=object&place={province.LIRUO}")

    assert found["allowed"] is True
    assert tasks["allowed"] is False
    assert "不属于您所在条线" in str(tasks["sentence"])


def test_nobody_asks_about_a_person_one_does_not_administer(realm: Realm, case: UUID) -> None:
    person = province.person(EMERGENCY).id

    for unit, post in ((NEIGHBOUR, "head"), (EMERGENCY, "duty"), (VILLAGE, "head")):
        answer = officer(unit, post).get(f"/rights/why?person={person}&address=/cases/{case}")
        assert answer.status_code == 403


def test_an_administrator_learns_nothing_about_things_of_another_area(
    realm: Realm, case: UUID
) -> None:
    own = province.person(NEIGHBOUR).id
    head = officer("area@330327", "head")

    answer = head.get(f"/rights/why?person={own}&address=/cases/{case}")

    assert answer.context["explained"] is None
    assert "不在您管理的地区" in text_of(answer)
    assert "温岭" not in text_of(answer)


def test_a_post_nobody_holds_yet_is_tried_out(realm: Realm, family: UUID) -> None:
    head = officer(AREA, "head")
    address = f"/rights/why?area={province.WENLING}&post=staff&kind=object&place={province.LIRUO}"

    water = explained(head, f"{address}&line=water")
    emergency = explained(head, f"{address}&line=emergency")
    elsewhere = head.get(address.replace(f"area={province.WENLING}", f"area={province.CANGNAN}"))

    assert (water["allowed"], emergency["allowed"]) == (False, True)
    assert elsewhere.status_code == 403


def test_who_may_is_counted_by_unit_and_post(realm: Realm, family: UUID) -> None:
    head = officer(AREA, "head")
    person = province.person(WATER).id

    answer = head.get(f"/rights/why?person={person}&address=/objects/{family}")

    units = {row["unit"]: row["people"] for row in answer.context["entitled"]}
    assert units["温岭市应急管理局"] == 3
    assert "里箬村委会" in units
    assert not [unit for unit in units if "水利" in unit or "苍南" in unit or "玉环" in unit]


def test_people_are_found_by_name_number_and_unit_within_the_own_area(
    realm: Realm, flood: Package
) -> None:
    head = officer(AREA, "head")
    water, stranger = province.person(WATER), province.person(NEIGHBOUR)

    by_number = head.get("/rights", {"q": water.number}).context["people"]
    by_unit = head.get("/rights", {"q": "温岭市水利局"}).context["people"]
    elsewhere = head.get("/rights", {"q": stranger.number}).context["people"]

    assert [entry["number"] for entry in by_number] == [water.number]
    assert water.number in {entry["number"] for entry in by_unit}
    assert elsewhere == []
    assert officer(EMERGENCY).get("/rights", {"q": water.number}).context["people"] == []


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_rule_has_its_words(realm: Realm, case: UUID, language: str) -> None:
    browser = officer(NEIGHBOUR, language=language)

    text = text_of(browser.get(f"/rights/mine?kind=object&place={province.LIRUO}&act=land"))

    assert "access." not in text
    assert "rights." not in text


# Personal fields with a purpose


def test_names_are_shown_after_a_purpose_is_chosen_and_the_look_is_kept(
    realm: Realm, family: UUID
) -> None:
    township = officer(TOWNSHIP)

    masked = township.get(f"/objects/{family}")
    seen_before = Look.objects.count()
    clear = township.get(f"/objects/{family}?purpose=inspection")
    after = township.get(f"/objects/{family}")

    assert "林某01" not in text_of(masked)
    assert masked.context["reveal"] is not None
    assert "林某01" in text_of(clear)
    assert seen_before == 0
    look = Look.objects.get()
    assert (look.purpose, look.classes) == ("inspection", "L3")
    assert "监督检查" in text_of(after)
    assert province.person(TOWNSHIP).name in text_of(after)


def test_a_purpose_opens_nothing_far_from_home(realm: Realm, family: UUID) -> None:
    far = officer("emergency@33").get(f"/objects/{family}?purpose=inspection")

    assert "林某01" not in text_of(far)
    assert far.context["reveal"] is None
    assert not Look.objects.exists()


def test_a_list_in_the_clear_counts_as_a_look_at_each_family_of_it(
    realm: Realm, evacuation: UUID, family: UUID
) -> None:
    officer(VILLAGE, "head").get(f"/evacuation/{province.LIRUO}")

    page = officer(TOWNSHIP).get(f"/objects/{family}")

    assert "应急处置（列表）" in [entry["why"] for entry in page.context["seen"]]


# Sealed fields


@pytest.fixture
def asked(realm: Realm, flood: Package) -> str:
    """A duty officer asks to see the sealed fields of a colleague's record; the address of it."""
    asker = officer(EMERGENCY)
    subject = province.person(EMERGENCY, "second_duty").id
    sent = asker.post(
        f"/rights/ask/unit/{subject}", {"purpose": "verification", "why": "核对任职", "hours": "4"}
    )
    assert sent.status_code == 302, text_of(sent)
    return f"/rights/requests/{Approval.objects.get().id}"


def sees_sealed(subject: UUID, purpose: str | None, unit_code: str = EMERGENCY) -> bool:
    user = User.objects.get(username=f"duty.{unit_code}")
    held = province.unit(EMERGENCY)
    thing = Thing(
        kind="unit", division_code=held.division_code, unit_ids=(held.id,), object_id=subject,
        owner=subject,
    )  # fmt: skip
    actor = actor_for(user, province.FOUNDED)
    return L4 not in decide(actor, "read", thing, realm="live", purpose=purpose).masks


def test_a_head_opens_sealed_fields_to_one_person_for_one_purpose(asked: str) -> None:
    subject = province.person(EMERGENCY, "second_duty").id
    before = sees_sealed(subject, "verification")

    done = officer(EMERGENCY, "head").post(f"{asked}/act", {"act": "approve"})

    assert done.status_code == 302
    assert not before
    assert sees_sealed(subject, "verification")
    assert not sees_sealed(subject, "complaint")
    assert not sees_sealed(subject, None)
    assert not sees_sealed(province.person(EMERGENCY, "head").id, "verification")


def test_a_head_is_not_the_second_person_to_somebody_he_has_just_appointed(
    realm: Realm, flood: Package
) -> None:
    head, today = province.person(EMERGENCY, "head").id, local_day(machine_now())
    asker, subject = (province.person(EMERGENCY, p).id for p in ("duty", "second_duty"))
    unit = province.unit(EMERGENCY).id
    orgs.appoint(asker, unit_id=unit, post_code="staff", on=today - timedelta(days=400),
                 at=machine_now(), actor=f"person:{head}")  # fmt: skip
    form = {"purpose": "verification", "why": "核对任职", "hours": "4"}
    officer(EMERGENCY).post(f"/rights/ask/unit/{subject}", form)
    here = f"/rights/requests/{Approval.objects.get().id}/act"

    refused = officer(EMERGENCY, "head").post(here, {"act": "approve"})

    assert refused.status_code == 403
    assert "最近 30 天内有任命关系" in text_of(refused)
    assert not sees_sealed(subject, "verification")
    assert officer(AREA, "head").post(here, {"act": "approve"}).status_code == 302
    assert sees_sealed(subject, "verification")


def test_what_was_opened_is_closed_when_its_time_is_over(asked: str) -> None:
    subject = province.person(EMERGENCY, "second_duty").id
    officer(EMERGENCY, "head").post(f"{asked}/act", {"act": "approve"})
    row = Approval.objects.get()

    Approval.objects.update(valid_until=row.decided_at)

    assert not sees_sealed(subject, "verification")


def test_nobody_approves_the_own_request(asked: str, realm: Realm) -> None:
    asker = Client()
    asker.force_login(
        User.objects.get(username=f"duty.{EMERGENCY}"),
        backend="django.contrib.auth.backends.ModelBackend",
    )

    answer = asker.post(f"{asked}/act", {"act": "approve"})

    assert answer.status_code == 403
    assert Approval.objects.get().state == "asked"


def test_who_is_no_head_of_the_unit_or_above_does_not_answer(asked: str) -> None:
    for unit, post in ((EMERGENCY, "second_duty"), (NEIGHBOUR, "head"), ("emergency@33", "duty")):
        assert officer(unit, post).post(f"{asked}/act", {"act": "approve"}).status_code == 403
    assert Approval.objects.get().state == "asked"


def test_a_request_is_refused_with_a_reason_beside_the_field(asked: str) -> None:
    head = officer(AREA, "head")

    without = head.post(f"{asked}/act", {"act": "refuse"})
    done = head.post(f"{asked}/act", {"act": "refuse", "answer": "与工作无关"})

    assert without.status_code == 422
    assert "请写明不批准的理由" in text_of(without)
    assert done.status_code == 302
    assert Approval.objects.get().state == "refused"


def test_what_was_approved_is_taken_back_at_once(asked: str) -> None:
    subject = province.person(EMERGENCY, "second_duty").id
    head = officer(EMERGENCY, "head")
    head.post(f"{asked}/act", {"act": "approve"})

    taken = head.post(f"{asked}/act", {"act": "withdraw"})
    again = head.post(f"{asked}/act", {"act": "withdraw"})

    assert (taken.status_code, again.status_code) == (302, 409)
    assert not sees_sealed(subject, "verification")


def test_a_request_says_what_is_missing_beside_the_field_and_is_not_taken_twice(
    asked: str,
) -> None:
    asker = Client()
    asker.force_login(
        User.objects.get(username=f"duty.{EMERGENCY}"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    address = f"/rights/ask/unit/{province.person(EMERGENCY, 'second_duty').id}"

    empty = asker.post(address, {"purpose": "", "why": " ", "hours": "900"})
    twice = asker.post(address, {"purpose": "verification", "why": "再问", "hours": "1"})

    assert empty.status_code == 422
    assert len(empty.context["form"]["errors"]) == 3
    assert twice.status_code == 409
    assert Approval.objects.count() == 1


def test_nobody_asks_for_the_record_of_another_area(realm: Realm, flood: Package) -> None:
    subject = province.person(EMERGENCY).id

    answer = officer(NEIGHBOUR).get(f"/rights/ask/unit/{subject}")

    assert answer.status_code == 403


def test_each_step_of_a_request_leaves_a_leaf_without_its_reason(asked: str) -> None:
    officer(EMERGENCY, "head").post(f"{asked}/act", {"act": "approve"})

    leaves = [bytes(row.encoded).decode() for row in LeafRow.objects.filter(kind="look")]

    assert len(leaves) == 2
    assert not [leaf for leaf in leaves if "核对任职" in leaf]


def test_requests_are_listed_for_who_asked_and_for_who_answers(asked: str) -> None:
    asker = Client()
    asker.force_login(
        User.objects.get(username=f"duty.{EMERGENCY}"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    head, stranger = officer(EMERGENCY, "head"), officer(NEIGHBOUR, "head")

    assert [len(asker.get("/rights/requests").context[k]) for k in ("waiting", "own")] == [0, 1]
    assert [len(head.get("/rights/requests").context[k]) for k in ("waiting", "own")] == [1, 0]
    assert [len(stranger.get("/rights/requests").context[k]) for k in ("waiting", "own")] == [0, 0]
