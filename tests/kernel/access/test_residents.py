"""A citizen reads who looked at her record; the village ties her household to her; she contests."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.test import Client
from tests import province as small
from tests.kernel.access.test_citizen_end import (
    IDENTITY,
    MOBILE,
    OTHER,
    WORD,
    Ends,
    activated,
    apply_there,
    granted,
    text,
)
from tests.province import LIRUO, PASSWORD, user_for

from guantong.access.api import User
from guantong.access.look_models import Look
from guantong.access.resident_models import Contest, Residence
from guantong.audit.models import LeafRow
from guantong.base.clock import local_day, machine_now
from guantong.base.realm import LIVE
from guantong.base.words import say
from guantong.notices.models import Receipt
from guantong.orgs import api as orgs

HOUSE = "HH33108110522901"
GIVEN = {"name": "王某一", "identity": IDENTITY, "mobile": MOBILE, "compared": "on"}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("province", "flood")]


@pytest.fixture
def ends(settings: Any) -> Ends:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "guantong.access.passwords.Argon2",
    ]
    return Ends(settings)


@pytest.fixture
def house() -> UUID:
    return small.household(HOUSE, at=machine_now())


def officer(ends: Ends, unit: str, post: str = "head") -> Client:
    name = f"{post}.{unit}"
    if not User.objects.filter(username=name).exists():
        user_for(unit, post, username=name, language="en")
    browser = ends.official()
    assert browser.post("/sign-in", {"username": name, "password": PASSWORD}).status_code == 302
    return browser


def invite(ends: Ends, house: UUID, **change: str) -> Any:
    village = officer(ends, f"area@{LIRUO}")
    return village.post(f"/objects/{house}/residents", GIVEN | change)


def code_in(answer: Any) -> str:
    shown = answer.content.decode()
    assert answer.status_code == 200, text(answer)
    return str(shown.split('one-time">')[1].split("<")[0])


def at_home(ends: Ends, house: UUID) -> Client:
    """Bring a citizen in whose household is tied to her account."""
    code = code_in(invite(ends, house))
    browser = ends.citizen()
    answer = browser.post(
        "/activate", {"username": MOBILE, "code": code, "password": WORD, "again": WORD}
    )
    assert answer.status_code == 302, text(answer)
    return browser


def come_in(ends: Ends) -> Client:
    """Return a browser in which the citizen is signed in, and reads English."""
    User.objects.filter(kind="citizen").update(language="en")
    browser = ends.citizen()
    assert browser.post("/sign-in", {"username": MOBILE, "password": WORD}).status_code == 302
    return browser


def look(ends: Ends, house: UUID, unit: str = f"area@{LIRUO}", post: str = "head") -> Look:
    browser = officer(ends, unit, post)
    assert browser.get(f"/objects/{house}?purpose=complaint").status_code == 200
    return Look.objects.latest("at")


def test_the_code_of_the_village_opens_the_account_and_ties_the_household(
    ends: Ends, house: UUID
) -> None:
    browser = at_home(ends, house)

    shown = text(browser.get("/household"))

    assert HOUSE in shown
    assert Residence.objects.get().accepted_at is not None


def test_a_citizen_reads_which_unit_looked_when_what_for_and_at_what(
    ends: Ends, house: UUID
) -> None:
    at_home(ends, house)
    look(ends, house)
    key = Residence.objects.get().id

    browser = come_in(ends)
    shown = text(browser.get(f"/looks?of={key}"))

    head = small.person(f"area@{LIRUO}", "head").name
    assert small.unit(f"area@{LIRUO}").name_en in shown
    assert say("access.purpose.complaint", "en") in shown
    assert head not in shown
    assert f"{head[:1]}**" in shown
    assert "address" in shown.lower()


def test_a_look_at_the_own_entry_is_told_to_the_citizen(ends: Ends) -> None:
    activated(ends)
    person = orgs.citizen_by_identity(IDENTITY)
    keeper = ends.official()
    keeper.post("/sign-in", {"username": "clerk", "password": PASSWORD})
    keeper.get(f"/participants/citizen/{person}")

    browser = come_in(ends)
    shown = text(browser.get("/looks"))
    file = b"".join(browser.get("/looks.csv").streaming_content).decode()  # type: ignore[attr-defined]

    assert "mobile number" in shown
    assert "mobile number" in file
    assert len(file.strip().splitlines()) == 2


def test_the_looks_at_another_household_are_nobody_elses(ends: Ends, house: UUID) -> None:
    at_home(ends, house)
    other = small.household("HH33108110522902", at=machine_now())
    theirs = look(ends, other)
    browser = come_in(ends)

    assert browser.get(f"/looks?of={other}").status_code == 404
    assert browser.get(f"/looks/{theirs.id}/contest").status_code == 404
    assert browser.post(f"/looks/{theirs.id}/contest", {"why": "?"}).status_code == 404
    assert not Contest.objects.exists()


def test_a_code_handed_to_one_person_opens_nothing_for_another(ends: Ends, house: UUID) -> None:
    activated(ends)  # the account of IDENTITY
    code = code_in(invite(ends, house, identity=OTHER, mobile="13800000002", name="李某二"))
    browser = come_in(ends)

    answer = browser.post("/household", {"code": code})

    assert answer.status_code == 403
    assert "handed to another person" in text(answer)
    assert Residence.objects.get().accepted_at is None


def test_who_has_an_account_already_enters_the_code_there_and_once(ends: Ends, house: UUID) -> None:
    activated(ends)
    code = code_in(invite(ends, house))
    browser = come_in(ends)

    first = browser.post("/household", {"code": code.lower()})
    again = browser.post("/household", {"code": code})

    assert first.status_code == 302
    assert again.status_code == 403


def test_a_code_is_worth_nothing_after_a_week(ends: Ends, house: UUID) -> None:
    activated(ends)
    code = code_in(invite(ends, house))
    Residence.objects.update(expires_at=machine_now() - timedelta(seconds=1))
    browser = come_in(ends)

    assert browser.post("/household", {"code": code}).status_code == 403


def test_trying_codes_is_counted_and_locked(ends: Ends, house: UUID) -> None:
    activated(ends)
    code = code_in(invite(ends, house))
    browser = come_in(ends)
    for _ in range(8):
        browser.post("/household", {"code": "22222-22222"})

    answer = browser.post("/household", {"code": code})

    assert "Too many attempts" in text(answer)
    assert Residence.objects.get().accepted_at is None


def test_an_officer_learns_nothing_from_the_answer_about_who_has_an_account(
    ends: Ends, house: UUID
) -> None:
    activated(ends)
    with_account = invite(ends, house)
    without = invite(ends, house, identity=OTHER, mobile="13800000002", name="李某二")

    def same(answer: Any) -> str:
        shown = text(answer).replace(code_in(answer), "CODE")
        return re.sub(r"\d+", "", shown.replace("李某二", "王某一"))

    assert same(with_account) == same(without)


def test_a_mobile_number_of_another_account_is_sent_to_the_window(ends: Ends, house: UUID) -> None:
    activated(ends)

    answer = invite(ends, house, identity=OTHER, name="李某二")

    assert answer.status_code == 422
    assert "service window" in text(answer)
    assert not Residence.objects.exists()


def test_no_code_is_handed_out_before_the_document_was_compared(ends: Ends, house: UUID) -> None:
    answer = invite(ends, house, compared="")

    assert answer.status_code == 422
    assert not Residence.objects.exists()


@pytest.mark.parametrize("unit", ["water@331081", "area@331083", "emergency@331081"])
def test_only_who_governs_the_place_invites(ends: Ends, house: UUID, unit: str) -> None:
    answer = officer(ends, unit).post(f"/objects/{house}/residents", GIVEN)

    assert answer.status_code == 403
    assert not Residence.objects.exists()


def test_a_household_that_is_hers_no_more_shows_her_nothing_any_more(
    ends: Ends, house: UUID
) -> None:
    at_home(ends, house)
    key = Residence.objects.get().id
    browser = come_in(ends)

    browser.post(f"/household/{key}/leave")

    assert browser.get(f"/looks?of={key}").status_code == 404
    told = [bytes(row.encoded) for row in LeafRow.objects.filter(kind="residence")]
    acts = [next(a for a in ("offer", "accept", "end") if f'"{a}"'.encode() in one) for one in told]
    assert sorted(acts) == ["accept", "end", "offer"]


def contested(
    ends: Ends, house: UUID, *, unit: str = f"area@{LIRUO}", post: str = "head"
) -> Contest:
    """Let a citizen contest a look of somebody in a unit."""
    at_home(ends, house)
    seen = look(ends, house, unit, post)
    browser = come_in(ends)
    answer = browser.post(f"/looks/{seen.id}/contest", {"why": "我没有投诉过"})
    assert answer.status_code == 302, text(answer)
    return Contest.objects.get()


def test_a_contest_is_answered_by_somebody_who_did_not_look_and_she_reads_the_answer(
    ends: Ends, house: UUID
) -> None:
    made = contested(ends, house)
    # The village head looked, so the head of the township answers, and has a notice to accept.
    township = officer(ends, "area@331081105")
    told = Receipt.objects.get(person_id=small.person("area@331081105", "head").id)
    shown = text(township.get(f"/contests/{made.id}"))

    answer = township.post(
        f"/contests/{made.id}/answer", {"outcome": "founded", "answer": "不应查看，已批评。"}
    )

    assert "我没有投诉过" in shown
    assert answer.status_code == 302
    told.refresh_from_db()
    assert told.accepted_at is not None
    browser = come_in(ends)
    key = Residence.objects.get().id
    assert "不应查看，已批评。" in text(browser.get(f"/looks?of={key}"))
    listed = browser.get("/notices")
    assert "Your question about a look is answered" in text(listed)
    notice = Receipt.objects.get(person_id=made.citizen_id)
    assert notice.received_at is not None
    assert notice.read_at is None
    browser.get(f"/notices/{notice.notice_id}")
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_whoever_looked_does_not_answer_for_it(ends: Ends, house: UUID) -> None:
    made = contested(ends, house)
    village = officer(ends, f"area@{LIRUO}")

    answer = village.post(
        f"/contests/{made.id}/answer", {"outcome": "unfounded", "answer": "为了工作"}
    )

    assert answer.status_code == 403
    assert Contest.objects.get().outcome == ""
    with pytest.raises(IntegrityError, match="access_contest_second_person"), transaction.atomic():
        Contest.objects.update(
            outcome="unfounded", answer="x", answered_by=made.looker_id, answered_at=machine_now()
        )


def test_an_official_who_ends_the_tie_makes_no_look_disappear(ends: Ends, house: UUID) -> None:
    made = contested(ends, house)
    tied = Residence.objects.get()
    village = officer(ends, f"area@{LIRUO}")
    ended = village.post(f"/objects/{house}/residents/{tied.id}/end")
    later = look(ends, house)
    township = officer(ends, "area@331081105")
    township.post(f"/contests/{made.id}/answer", {"outcome": "founded", "answer": "不应查看"})
    browser = come_in(ends)

    shown = text(browser.get(f"/looks?of={tied.id}"))

    assert ended.status_code == 302
    assert "不应查看" in shown
    assert shown.count(say("access.purpose.complaint", "en")) == 1
    assert browser.get(f"/looks/{made.look_id}/contest").status_code == 200
    assert browser.get(f"/looks/{later.id}/contest").status_code == 404
    assert (
        len(b"".join(browser.get(f"/looks.csv?of={tied.id}").streaming_content).splitlines()) == 2
    )  # type: ignore[attr-defined]
    assert say("resident.taken.title", "en") in text(browser.get("/notices"))
    assert say("citizen.household.taken", "en") in text(browser.get("/household"))
    assert browser.get(f"/household/{tied.id}/leave").status_code == 404


def test_an_offer_that_nobody_accepted_ends_without_a_word(ends: Ends, house: UUID) -> None:
    invite(ends, house)
    tied = Residence.objects.get()

    officer(ends, f"area@{LIRUO}").post(f"/objects/{house}/residents/{tied.id}/end")

    assert Residence.objects.get().ended_at is not None
    assert not Receipt.objects.exists()


def refused(ends: Ends, made: Contest, unit: str) -> bool:
    answer = officer(ends, unit).post(
        f"/contests/{made.id}/answer", {"outcome": "unfounded", "answer": "为了工作"}
    )
    assert Contest.objects.get(id=made.id).outcome == ""
    return answer.status_code == 403


def test_whom_the_looker_has_lately_appointed_does_not_answer_for_the_look(
    ends: Ends, house: UUID
) -> None:
    made = contested(ends, house)
    chief = small.unit("area@331081105")
    stranger = orgs.people_of_unit(small.unit("water@331081").id, on=local_day(machine_now()))[0]
    orgs.appoint(
        stranger.id, unit_id=chief.id, post_code="deputy_head", on=local_day(machine_now()),
        at=machine_now(), actor=f"person:{made.looker_id}",
    )  # fmt: skip
    User.objects.create(
        username="appointed", password=make_password(PASSWORD), person_id=stranger.id,
        printed_password=True,
    )  # fmt: skip
    browser = ends.official()
    browser.post("/sign-in", {"username": "appointed", "password": PASSWORD})

    listed = text(browser.get("/contests"))
    answer = browser.post(f"/contests/{made.id}/answer", {"outcome": "unfounded", "answer": "x"})

    assert "我没有投诉过" not in listed
    assert answer.status_code == 403
    assert Contest.objects.get().outcome == ""


def test_whose_post_the_looker_held_by_delegation_does_not_answer_for_the_look(
    ends: Ends, house: UUID
) -> None:
    today = local_day(machine_now())
    chief = small.person("area@331081105", "head")
    other = small.person("water@331081", "duty")
    delegation = orgs.delegate(
        chief.id, other.id, post_id=orgs.times_of_person(chief.id)[0].post_id, on=today,
        until=today + timedelta(days=2), at=machine_now(), actor="test",
    )  # fmt: skip
    made = contested(ends, house, unit="water@331081", post="duty")
    orgs.end_delegation(delegation, on=today, at=machine_now(), actor="test")

    assert refused(ends, made, "area@331081105")
    # Nobody of the township is a second person, so the county's head answers, and is told.
    county = small.person("area@331081", "head").id
    assert [row.person_id for row in Receipt.objects.all()] == [county]
    answer = officer(ends, "area@331081").post(
        f"/contests/{made.id}/answer", {"outcome": "founded", "answer": "不应查看"}
    )
    assert answer.status_code == 302


def test_each_citizen_contests_a_look_at_a_list_for_herself(ends: Ends, house: UUID) -> None:
    made = contested(ends, house)
    Contest.objects.filter(id=made.id).update(citizen_id=made.looker_id)  # somebody else's

    answer = come_in(ends).post(f"/looks/{made.look_id}/contest", {"why": "我也不明白"})

    assert answer.status_code == 302
    assert Contest.objects.filter(look_id=made.look_id).count() == 2


def test_an_answer_says_something_and_chooses(ends: Ends, house: UUID) -> None:
    made = contested(ends, house)
    township = officer(ends, "area@331081105")

    empty = township.post(f"/contests/{made.id}/answer", {"outcome": "founded", "answer": " "})
    unchosen = township.post(f"/contests/{made.id}/answer", {"answer": "为了工作"})

    assert (empty.status_code, unchosen.status_code) == (422, 422)
    assert Contest.objects.get().outcome == ""


def test_a_look_is_contested_once_and_answered_once(ends: Ends, house: UUID) -> None:
    made = contested(ends, house)
    browser = come_in(ends)
    again = browser.post(f"/looks/{made.look_id}/contest", {"why": "again"})
    township = officer(ends, "area@331081105")
    given = {"outcome": "founded", "answer": "不应查看"}
    township.post(f"/contests/{made.id}/answer", given)

    second = township.post(f"/contests/{made.id}/answer", given)

    assert (again.status_code, second.status_code) == (409, 409)


def test_an_answer_is_owed_by_the_end_of_the_fifth_working_day(ends: Ends, house: UUID) -> None:
    made = contested(ends, house)

    days = (made.answer_by - made.asked_at).days

    assert 4 <= days <= 14  # five working days, and holidays between
    assert Receipt.objects.filter(realm=LIVE, accepted_at=None).exists()


def test_a_notice_to_somebody_else_is_as_if_it_were_not_there(ends: Ends, house: UUID) -> None:
    contested(ends, house)
    theirs = Receipt.objects.get().notice_id
    browser = come_in(ends)

    assert browser.get(f"/notices/{theirs}").status_code == 404
    assert browser.post(f"/notices/{theirs}/accept").status_code == 404


def test_larger_letters_are_kept_on_the_device_and_come_back_to_the_same_page(ends: Ends) -> None:
    browser = ends.citizen()

    chosen = browser.post("/reading", {"reading": "elder", "next": "/register"})
    shown = browser.get("/register").content.decode()
    browser.post("/reading", {"reading": "plain", "next": "/register"})
    plain = browser.get("/register").content.decode()

    assert chosen.headers["Location"] == "/register"
    assert 'class="citizen elder"' in shown
    assert 'class="citizen"' in plain


def test_a_document_is_verified_at_the_citizen_end_without_an_account(ends: Ends) -> None:
    answer = ends.citizen().get("/verify", {"code": "ABCD"})

    assert answer.status_code == 404
    assert "12345" in text(answer)


def opened_by(ends: Ends, code: str) -> bool:
    answer = ends.citizen().post(
        "/activate", {"username": MOBILE, "code": code, "password": WORD, "again": WORD}
    )
    return bool(answer.status_code == 302)


def test_an_invitation_never_opens_what_another_place_has_made(ends: Ends, house: UUID) -> None:
    theirs = granted(ends, apply_there(ends))

    code = code_in(invite(ends, house))

    assert not opened_by(ends, code)
    assert opened_by(ends, theirs)
    assert come_in(ends).post("/household", {"code": code}).status_code == 302


def test_the_village_that_keeps_a_citizen_hands_a_lost_code_out_anew(
    ends: Ends, house: UUID
) -> None:
    lost = code_in(invite(ends, house))

    code = code_in(invite(ends, house))

    assert not opened_by(ends, lost)
    assert opened_by(ends, code)


def test_an_invitation_never_opens_an_account_that_is_there(ends: Ends, house: UUID) -> None:
    activated(ends)
    before = User.objects.get(kind="citizen").password
    code = code_in(invite(ends, house))

    answer = ends.citizen().post(
        "/activate", {"username": MOBILE, "code": code, "password": "x" * 20, "again": "x" * 20}
    )

    assert answer.status_code == 403
    assert User.objects.get(kind="citizen").password == before


def test_a_lookers_telephone_and_a_citizens_name_are_on_no_page_of_the_other(
    ends: Ends, house: UUID
) -> None:
    made = contested(ends, house)

    shown = text(officer(ends, "area@331081105").get(f"/contests/{made.id}"))

    assert "王某一" not in shown
    assert MOBILE not in shown


def test_the_heads_of_another_county_see_no_contest(ends: Ends, house: UUID) -> None:
    made = contested(ends, house)
    neighbour = officer(ends, "area@331083")

    assert neighbour.get(f"/contests/{made.id}").status_code == 403
    assert "我没有投诉过" not in text(neighbour.get("/contests"))
    assert "我没有投诉过" in text(officer(ends, "area@331081105").get("/contests"))
