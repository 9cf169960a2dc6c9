"""A notice reaches its readers, is read and taken on; who does not is reminded, then told of."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import IntegrityError, connection, transaction
from tests import province
from tests.kernel.notices.conftest import BUREAU, NOON, SHITANG, TAIPING, people, send, strayed

from guantong.audit.models import LeafRow
from guantong.base.realm import LIVE, Realm
from guantong.notices import api as notices
from guantong.notices import due, errors
from guantong.notices.models import Delivery, Notice, Receipt

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _there(province: province.Province) -> None: ...


def reader(unit: str, post: str = "duty") -> list[UUID]:
    return [province.person(unit, post).id]


def receipt(notice: UUID, unit: str) -> Receipt:
    return Receipt.objects.get(notice_id=notice, unit_id=province.unit(unit).id)


def acts(notice: UUID) -> list[str]:
    leaves = LeafRow.objects.filter(kind="notice", object_id=notice).order_by("id")
    return [orjson.loads(bytes(leaf.encoded))["act"] for leaf in leaves]


# The chain


def test_a_notice_is_sent_received_read_and_accepted_each_at_its_own_time() -> None:
    id = send(SHITANG, asks="acceptance", accept_by=NOON + HOUR)
    shitang = reader(SHITANG)

    notices.receive(LIVE, shitang, [id], at=NOON + timedelta(minutes=1))
    notices.read(LIVE, shitang, [id], at=NOON + timedelta(minutes=2))
    notices.accept(LIVE, id, readers=shitang, by=shitang[0], at=NOON + timedelta(minutes=3))

    row = receipt(id, SHITANG)
    steps = [row.sent_at, row.received_at, row.read_at, row.accepted_at]
    assert [(at - NOON).seconds // 60 for at in steps if at] == [0, 1, 2, 3]
    assert row.accepted_by == shitang[0]


def test_the_first_time_counts_when_a_step_comes_twice() -> None:
    id = send(SHITANG, asks="acceptance")
    shitang = reader(SHITANG)

    for minutes in (1, 5):
        notices.read(LIVE, shitang, [id], at=NOON + timedelta(minutes=minutes))
    notices.accept(LIVE, id, readers=shitang, by=shitang[0], at=NOON + timedelta(minutes=6))
    with pytest.raises(errors.NothingToAccept, match="has accepted it already"):
        notices.accept(LIVE, id, readers=shitang, by=shitang[0], at=NOON + HOUR)

    row = receipt(id, SHITANG)
    assert row.read_at == NOON + timedelta(minutes=1)
    assert row.accepted_at == NOON + timedelta(minutes=6)


def test_a_unit_has_accepted_once_one_of_its_people_has() -> None:
    everybody, _ = notices.of_units([province.unit(SHITANG)], on=province.FOUNDED, who="all")
    id = notices.send(
        LIVE, to=everybody, words=notices.Words.same("t"), kind="message", at=NOON,
        asks="acceptance",
    )  # fmt: skip
    assert id is not None
    head = province.person(SHITANG, "head").id

    moved = notices.accept(LIVE, id, readers=[head], by=head, at=NOON + HOUR)

    assert len(moved) == len(everybody) == 3
    assert Receipt.objects.filter(notice_id=id, accepted_by=head).count() == 3
    # The others have not read it because somebody else took it on.
    assert Receipt.objects.filter(notice_id=id, read_at=None).count() == 2


def test_nobody_accepts_a_notice_that_was_not_sent_to_them() -> None:
    id = send(SHITANG, asks="acceptance")
    stranger = reader(TAIPING)

    with pytest.raises(errors.NothingToAccept):
        notices.accept(LIVE, id, readers=stranger, by=stranger[0], at=NOON)

    assert notices.entries_of(LIVE, id, stranger) == []
    assert receipt(id, SHITANG).accepted_at is None


def test_what_only_informs_cannot_be_accepted() -> None:
    id = send(SHITANG)

    with pytest.raises(errors.NothingToAccept, match="asks for nothing"):
        notices.accept(LIVE, id, readers=reader(SHITANG), by=reader(SHITANG)[0], at=NOON)


def test_a_fact_that_comes_twice_is_told_once() -> None:
    def tell() -> UUID | None:
        return notices.send(
            LIVE, to=people(SHITANG), words=notices.Words.same("t"), kind="work", at=NOON,
            origin="fact:1",
        )  # fmt: skip

    first, second = tell(), tell()

    assert first is not None
    assert second is None
    assert Receipt.objects.count() == 1
    assert LeafRow.objects.filter(kind="notice").count() == 1


def test_a_notice_to_nobody_is_refused_with_what_to_do() -> None:
    with pytest.raises(errors.NobodyMeant, match="Choose other units"):
        notices.send(LIVE, to=[], words=notices.Words.same("t"), kind="message", at=NOON)


@pytest.mark.parametrize("late", [timedelta(), -HOUR])
def test_a_limit_that_has_passed_is_refused(late: timedelta) -> None:
    with pytest.raises(errors.LimitPassed):
        send(SHITANG, asks="acceptance", accept_by=NOON + late)


def test_taking_on_a_task_accepts_the_notice_of_the_batch_for_that_unit_only(
    realm: Realm,
) -> None:
    case, other = province.unit(BUREAU).id, province.unit(TAIPING).id  # any ids will do
    told = {
        about: notices.send(
            realm, to=people(SHITANG, TAIPING), words=notices.Words.same("t"), kind="work",
            asks="acceptance", about=about, at=NOON,
        )
        for about in (case, other)
    }  # fmt: skip
    by, unit = province.person(SHITANG, "head").id, province.unit(SHITANG).id

    count = notices.accepted_elsewhere(realm, [(case, unit, by), (case, unit, by)], at=NOON + HOUR)
    again = notices.accepted_elsewhere(realm, [(case, unit, by)], at=NOON + 2 * HOUR)

    assert (count, again) == (1, 0)
    done = Receipt.objects.get(accepted_by=by)
    assert (done.notice_id, done.unit_id, done.read_at) == (told[case], unit, NOON + HOUR)
    with pytest.raises(errors.NothingToAccept):
        notices.accept(realm, told[other], readers=reader(SHITANG), by=by, at=NOON)  # type: ignore[arg-type]


# Reminders and supervision


def test_whoever_has_not_accepted_is_reminded_and_nobody_twice_within_ten_minutes() -> None:
    id = send(SHITANG, TAIPING, asks="acceptance", accept_by=NOON + 4 * HOUR)
    sender = province.person(BUREAU).id
    notices.accept(LIVE, id, readers=reader(TAIPING), by=reader(TAIPING)[0], at=NOON)

    first = notices.remind(LIVE, id, at=NOON + HOUR, by=sender)
    with pytest.raises(errors.NobodyWaits, match="within the last ten minutes"):
        notices.remind(LIVE, id, at=NOON + HOUR + timedelta(minutes=9), by=sender)
    again = notices.remind(LIVE, id, at=NOON + HOUR + timedelta(minutes=10), by=sender)

    assert (first, again) == (1, 1)
    assert (receipt(id, SHITANG).reminded_times, receipt(id, TAIPING).reminded_times) == (2, 0)
    assert acts(id) == ["send", "remind", "remind"]


def test_the_clock_reminds_when_three_quarters_of_the_time_are_gone() -> None:
    id = send(SHITANG, asks="acceptance", accept_by=NOON + 4 * HOUR)

    early = notices.run_due(LIVE, NOON + 3 * HOUR - timedelta(seconds=1))
    due = notices.run_due(LIVE, NOON + 3 * HOUR)
    again = notices.run_due(LIVE, NOON + 3 * HOUR + timedelta(minutes=30))

    assert (early, due, again) == (0, 1, 0)
    assert receipt(id, SHITANG).reminded_at == NOON + 3 * HOUR


def test_one_second_after_the_limit_the_superior_and_the_sender_are_told_once() -> None:
    limit = NOON + 4 * HOUR
    id = send(SHITANG, TAIPING, asks="acceptance", accept_by=limit)
    notices.accept(LIVE, id, readers=reader(TAIPING), by=reader(TAIPING)[0], at=NOON)
    notices.run_due(LIVE, limit - timedelta(minutes=30))

    on_the_stroke = notices.run_due(LIVE, limit)
    after = notices.run_due(LIVE, limit + timedelta(seconds=1))
    again = notices.run_due(LIVE, limit + HOUR)

    assert (on_the_stroke, after, again) == (0, 1, 0)
    told = Notice.objects.filter(kind="overdue")
    people_told = set(
        Receipt.objects.filter(notice_id__in=told.values("id")).values_list("person_id", flat=True)
    )
    county = province.person("area@331081").id
    assert people_told == {county, province.person(BUREAU).id}
    assert "石塘镇人民政府" in told[0].text_zh
    assert "太平" not in told[0].text_zh
    assert receipt(id, SHITANG).supervised_at == limit + timedelta(seconds=1)
    assert receipt(id, TAIPING).supervised_at is None


@pytest.mark.parametrize("step", ["remind", "_tell_superiors"])
def test_a_notice_that_cannot_be_looked_after_keeps_no_other_from_its_reader(
    step: str, realm: Realm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def notices_of(where: Realm) -> list[UUID]:
        return [
            send(SHITANG, asks="acceptance", accept_by=NOON + HOUR * n, realm=where) for n in (4, 5)
        ]

    good, bad = getattr(due, step), []

    def breaks(*given: object, **more: object) -> object:
        if any(id in str(given) for id in bad):
            raise ValueError("this one")
        return good(*given, **more)

    monkeypatch.setattr(due, step, breaks)
    at = NOON + (HOUR * 3.9 if step == "remind" else HOUR * 6)
    first, second = notices_of(LIVE)
    other, _ = notices_of(realm)
    bad += [str(first), str(other)]

    notices.run_due(LIVE, at)

    def looked_after(id: UUID) -> bool:
        one = receipt(id, SHITANG)
        return bool(one.reminded_at if step == "remind" else one.supervised_at)

    assert (looked_after(first), looked_after(second)) == (False, True)
    with pytest.raises(ValueError, match="this one"):  # an exercise leaves nothing out
        notices.run_due(realm, at)
    bad.clear()
    notices.run_due(LIVE, at)
    assert looked_after(first)


def test_a_notice_all_have_accepted_is_nobodys_business_at_its_limit() -> None:
    id = send(SHITANG, asks="acceptance", accept_by=NOON + HOUR)
    notices.accept(LIVE, id, readers=reader(SHITANG), by=reader(SHITANG)[0], at=NOON)

    notices.run_due(LIVE, NOON + 2 * HOUR)

    assert Notice.objects.count() == 1
    assert receipt(id, SHITANG).reminded_times == 0


def test_a_unit_of_a_line_answers_to_the_next_unit_of_its_line() -> None:
    on = province.FOUNDED
    line = notices.superior_of(province.unit("emergency@331081"), on=on)
    area = notices.superior_of(province.unit(SHITANG), on=on)
    top = notices.superior_of(province.unit("area@33"), on=on)

    assert [unit.code if unit else None for unit in (line, area, top)] == [
        "emergency@3310", "area@331081", None
    ]  # fmt: skip


# Taking back


def test_a_notice_is_taken_back_within_a_minute_and_disappears_from_the_unread() -> None:
    id = send(SHITANG)
    by = province.person(BUREAU).id

    notices.withdraw(LIVE, id, by=by, at=NOON + timedelta(seconds=59))
    notices.withdraw(LIVE, id, by=by, at=NOON + timedelta(seconds=59))

    assert notices.unread(LIVE, reader(SHITANG)) == 0
    assert acts(id) == ["send", "withdraw"]
    assert strayed() == set()


def test_after_a_minute_or_when_it_is_urgent_it_cannot_be_taken_back() -> None:
    by = province.person(BUREAU).id
    plain, urgent = send(SHITANG), send(SHITANG, urgent=True)

    for id, at in ((plain, NOON + timedelta(seconds=60)), (urgent, NOON)):
        with pytest.raises(errors.TooLateToWithdraw, match="Send a second notice"):
            notices.withdraw(LIVE, id, by=by, at=at)

    assert notices.unread(LIVE, reader(SHITANG)) == 2


def test_whoever_had_read_it_still_sees_that_it_was_taken_back() -> None:
    id = send(SHITANG)
    notices.read(LIVE, reader(SHITANG), [id], at=NOON)

    notices.withdraw(LIVE, id, by=province.person(BUREAU).id, at=NOON)

    (entry,) = notices.entries_of(LIVE, id, reader(SHITANG))
    assert entry.notice.state == "withdrawn"


# Leavers and merged units


def test_what_a_leaver_had_to_accept_goes_to_whoever_is_on_duty_then() -> None:
    second = province.person(SHITANG, "second_duty").id
    unit = province.unit(SHITANG)
    to = notices.Recipient(person_id=second, unit_id=unit.id, unit_zh=unit.name_zh)
    id = notices.send(
        LIVE, to=[to], words=notices.Words.same("t"), kind="message", asks="acceptance", at=NOON
    )
    informed = send(SHITANG, title="了解")

    moved = notices.person_left(second, at=NOON + HOUR)
    again = notices.person_left(second, at=NOON + 2 * HOUR)

    assert (moved, again) == (1, 0)
    heir = Receipt.objects.get(notice_id=id, ended_at=None)
    assert heir.person_id == province.person(SHITANG).id
    assert receipt(informed, SHITANG).ended_at is None
    assert strayed() == set()


def test_what_a_merged_unit_had_to_accept_goes_to_the_unit_that_took_over() -> None:
    id = send(SHITANG, asks="acceptance")

    moved = notices.unit_merged(province.unit(SHITANG).id, province.unit(TAIPING).id, at=NOON)

    open_one = Receipt.objects.get(notice_id=id, ended_at=None)
    assert moved == 1
    assert open_one.unit_id == province.unit(TAIPING).id
    assert acts(id) == ["send", "hand_on"]
    assert strayed() == set()


@pytest.mark.django_db(transaction=True)
def test_two_who_hand_on_one_notice_at_once_both_stand_in_its_leaf() -> None:
    to = [
        notices.Recipient(person_id=province.person(code, "second_duty").id, unit_id=unit.id)
        for code in (SHITANG, TAIPING)
        for unit in [province.unit(code)]
    ]
    notices.send(
        LIVE, to=to, words=notices.Words.same("t"), kind="message", asks="acceptance", at=NOON
    )

    def leave() -> None:
        try:
            notices.person_left(to[1].person_id, at=NOON)
        finally:
            connection.close()

    other = threading.Thread(target=leave)
    with transaction.atomic():
        notices.person_left(to[0].person_id, at=NOON)
        other.start()
        other.join(1)  # it waits for us, or has ended without our reader
    other.join(20)

    assert Receipt.objects.filter(ended_at=None).count() == 2
    assert strayed() == set()


# The log


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("update notices_notice set text_zh = '不必检查。'", "record-altered"),
        ("delete from notices_receipt where accepted_at is null", "record-altered"),
        ("update notices_receipt set accepted_by = person_id, accepted_at = now()"
         " where accepted_at is null", "record-without-leaf"),
        ("update notices_receipt set accepted_at = accepted_at - interval '1 hour'",
         "record-altered"),
        ("update notices_receipt set accepted_at = null, accepted_by = null", "record-removed"),
    ],
)  # fmt: skip
def test_what_is_changed_behind_the_log_is_named(change: str, fault: str) -> None:
    id = send(SHITANG, TAIPING, asks="acceptance")
    notices.accept(LIVE, id, readers=reader(TAIPING), by=reader(TAIPING)[0], at=NOON)
    assert strayed() == set()

    with connection.cursor() as cursor:
        cursor.execute(change)

    assert fault in strayed()


def test_words_are_kept_three_years_and_receipts_for_ever() -> None:
    id = send(SHITANG)
    three_years = timedelta(days=3 * 365)

    kept = notices.tidy(LIVE, NOON + three_years)
    gone = notices.tidy(LIVE, NOON + three_years + timedelta(seconds=1))

    assert (kept, gone) == (0, 1)
    assert Notice.objects.get(id=id).title_zh == ""
    assert Receipt.objects.filter(notice_id=id).count() == 1
    assert strayed() == set()


# Realms


def test_a_notice_of_an_exercise_is_seen_in_that_exercise_only(realm: Realm) -> None:
    send(SHITANG, realm=realm)

    assert notices.unread(realm, reader(SHITANG)) == 1
    assert notices.unread(LIVE, reader(SHITANG)) == 0
    assert notices.unread(province.begin_exercise(), reader(SHITANG)) == 0


@pytest.mark.parametrize("pretends", ["live", "exercise"])
def test_the_store_refuses_a_delivery_of_an_exercise(realm: Realm, pretends: str) -> None:
    id = send(SHITANG, realm=realm)
    row = Delivery(
        realm=LIVE if pretends == "live" else realm, notice_id=id, person_id=reader(SHITANG)[0],
        receipt_id=receipt(id, SHITANG).id, channel="mail", queued_at=NOON, due_at=NOON,
    )  # fmt: skip

    with (
        pytest.raises(IntegrityError, match=r"delivery_(is_live|in_realm_of_notice)"),
        transaction.atomic(),
    ):
        row.save(force_insert=True)


def test_the_store_refuses_a_receipt_in_another_realm_than_its_notice(realm: Realm) -> None:
    id = send(SHITANG, realm=realm)

    with pytest.raises(IntegrityError, match="receipt_in_realm_of_notice"), transaction.atomic():
        Receipt.objects.filter(notice_id=id).update(realm=LIVE)


def test_what_one_fact_brings_is_sent_in_one_go_and_once(
    django_assert_max_num_queries: Any,
) -> None:
    def drafts(count: int) -> list[notices.Draft]:
        return [
            notices.Draft(
                to=people(SHITANG, TAIPING), words=notices.Words.same(f"第{n}件"), kind="overdue",
                origin=f"late:{n}",
            )
            for n in range(count)
        ]  # fmt: skip

    known = drafts(5)
    with django_assert_max_num_queries(2):  # the notices, and their leaves
        sent = notices.send_all(LIVE, known, at=NOON)

    assert len(sent) == 5
    assert Receipt.objects.filter(notice_id__in=sent).count() == 10
    assert strayed() == set(), "each leaf says what stands in the store"
    assert len(notices.send_all(LIVE, drafts(6), at=NOON)) == 1, "five were told already"
    assert notices.send_all(LIVE, [], at=NOON) == []


def test_a_clock_knows_when_the_next_notice_is_due() -> None:
    hour = timedelta(hours=1)
    assert notices.next_due(LIVE) is None
    send(SHITANG, asks="acceptance", accept_by=NOON + 4 * hour)

    assert notices.next_due(LIVE) == NOON + 3 * hour
    notices.run_due(LIVE, NOON + 3 * hour)
    assert notices.next_due(LIVE) == NOON + 4 * hour + timedelta(seconds=1)
    notices.run_due(LIVE, NOON + 4 * hour + timedelta(seconds=1))
    assert notices.next_due(LIVE) is None
