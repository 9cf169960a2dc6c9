"""Two worlds beside each other, and what time it is in each."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from tests.province import EVENING, begin_exercise

from guantong.base import clock
from guantong.base.errors import NotFound
from guantong.base.ids import new_id
from guantong.base.realm import LIVE, Realm, exercise, is_exercise, parse

HOUR = timedelta(hours=1)


def test_a_realm_reads_as_it_was_written() -> None:
    id = new_id()

    assert parse(exercise(id)) == exercise(id)
    assert parse("live") == LIVE
    assert is_exercise(exercise(id))
    assert not is_exercise(LIVE)


def test_an_exercise_has_one_spelling() -> None:
    id = UUID("0190a000-0000-7000-8000-00000000000a")

    assert parse(f"exercise:{str(id).upper()}") == exercise(id)


@pytest.mark.parametrize(
    "text", ["", "Live", "live ", "exercise:", "exercise:1", "exercise", "x:1"]
)
def test_what_is_neither_live_nor_an_exercise_is_no_realm(text: str) -> None:
    with pytest.raises(ValueError, match=r"exercise|badly formed"):
        parse(text)


@pytest.mark.django_db
def test_the_clock_of_an_exercise_moves_forward_only() -> None:
    realm = begin_exercise(at=EVENING)

    clock.advance(realm, EVENING + HOUR)
    clock.advance(realm, EVENING)

    assert clock.now(realm) == EVENING + HOUR


@pytest.mark.django_db
def test_the_clock_of_one_exercise_does_not_move_another() -> None:
    one, other = begin_exercise(at=EVENING), begin_exercise(at=EVENING)

    clock.advance(one, EVENING + HOUR)

    assert clock.now(other) == EVENING


@pytest.mark.django_db
def test_the_live_realm_follows_the_machine() -> None:
    before = datetime.now(UTC)  # noqa: TID251 - the machine's clock is what is asked about
    clock.advance(LIVE, before + 100 * HOUR)

    assert before <= clock.now(LIVE) < before + HOUR


@pytest.mark.django_db
def test_an_exercise_nobody_began_has_no_time() -> None:
    nowhere = exercise(new_id())

    with pytest.raises(NotFound, match=str(nowhere)):
        clock.now(nowhere)


@pytest.mark.django_db
def test_an_exercise_of_old_weather_is_answered_by_the_people_of_the_day_it_began() -> None:
    realm = begin_exercise(at=EVENING)

    assert clock.organisation_day(realm, EVENING - 500 * HOUR) == EVENING.date()
    assert clock.organisation_day(LIVE, EVENING) == date(2019, 8, 9)
    assert clock.organisation_day(Realm("live"), EVENING + 24 * HOUR) == date(2019, 8, 10)
