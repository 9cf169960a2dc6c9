"""Identifiers sort by the time they were made, and no two are the same."""

import threading
import time
from uuid import UUID

import pytest

from guantong.base import ids
from guantong.base.ids import new_id


def test_an_id_says_version_seven_and_the_variant_of_rfc_9562() -> None:
    made = [new_id() for _ in range(200)]

    assert {id.version for id in made} == {7}
    assert {id.variant for id in made} == {"specified in RFC 4122"}


def test_within_a_process_each_id_is_greater_than_the_one_before() -> None:
    made = [new_id() for _ in range(20_000)]

    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_the_first_48_bits_are_the_milliseconds_at_which_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    id = new_id()
    after = time.time_ns() // 1_000_000

    # The counter may run ahead of the clock by the little that many ids in a row have used up.
    assert before <= id.int >> 80 <= after + 20


def test_threads_never_make_the_same_id() -> None:
    made: list[UUID] = []

    def make() -> None:
        made.extend([new_id() for _ in range(2_000)])

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({id.int >> 62 for id in made}) == 8_000  # the ordered half alone tells them apart


def test_a_machine_whose_clock_is_set_back_still_makes_greater_ids(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hour_ahead = (time.time_ns() + 3_600_000_000_000) * 4096 // 1_000_000
    monkeypatch.setattr(ids, "_last", hour_ahead)

    first, second = new_id(), new_id()

    assert first < second
    assert first.int >> 80 == (hour_ahead + 1) >> 12


def test_the_last_62_bits_are_left_to_chance() -> None:
    tails = {new_id().int & ((1 << 62) - 1) for _ in range(1_000)}

    assert len(tails) == 1_000
    assert max(tails) > 1 << 60
