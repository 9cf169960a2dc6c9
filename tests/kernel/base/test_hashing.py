"""The same facts give the same bytes, and chance that can be repeated."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guantong.base.hashing import canonical, fraction, sha256
from guantong.base.installation import installation_id, short_code


def test_the_order_of_keys_does_not_matter() -> None:
    assert canonical({"b": 1, "a": {"d": 1, "c": 2}}) == b'{"a":{"c":2,"d":1},"b":1}'


def test_ids_and_instants_become_text() -> None:
    facts = {"id": UUID(int=1), "at": datetime(2019, 8, 9, tzinfo=UTC)}

    assert canonical(facts) == (
        b'{"at":"2019-08-09T00:00:00+00:00","id":"00000000-0000-0000-0000-000000000001"}'
    )


def test_a_digest_is_sha_256() -> None:
    # FIPS 180-4, the example "abc" of the secure hash standard.
    assert sha256(b"abc").hex().startswith("ba7816bf8f01cfea414140de5dae2223")


@given(parts=st.lists(st.text(), max_size=4))
def test_chance_is_a_fraction_that_depends_on_its_parts_only(parts: list[str]) -> None:
    assert fraction(*parts) == fraction(*parts)
    assert 0 <= fraction(*parts) < 1


def test_chance_is_spread_evenly() -> None:
    drawn = [fraction("task", str(n)) for n in range(10_000)]

    assert abs(sum(drawn) / len(drawn) - 0.5) < 0.02
    assert abs(sum(d < 0.1 for d in drawn) / len(drawn) - 0.1) < 0.02


def test_parts_are_kept_apart() -> None:
    assert fraction("ab", "c") != fraction("a", "bc")


@pytest.mark.django_db
def test_an_installation_keeps_the_id_it_got_first() -> None:
    first = installation_id(at=datetime(2019, 8, 9, tzinfo=UTC))
    second = installation_id(at=datetime(2019, 8, 10, tzinfo=UTC))

    assert first == second


def test_an_installation_is_named_by_six_letters_without_the_misleading_ones() -> None:
    assert short_code(UUID(int=0)) == "000000"
    assert short_code(UUID(int=(1 << 30) - 1)) == "ZZZZZZ"
    assert not set(short_code(UUID(int=0x123456789ABCDEF))) & set("ILOU")
