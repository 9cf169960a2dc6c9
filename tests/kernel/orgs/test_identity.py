"""Numbers of people and enterprises: what has the right form and check character, and what not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guantong.orgs.identity import (
    is_identity,
    is_mobile,
    is_uscc,
    plain_identity,
    plain_mobile,
)

# The examples of GB 11643-1999 (annex) and a uscc of the public register of enterprises.
IDENTITY, USCC = "11010519491231002X", "91350100M000100Y43"


def test_the_examples_of_the_standards_are_right() -> None:
    assert is_identity(IDENTITY)
    assert is_uscc(USCC)


@given(place=st.integers(0, 17), digit=st.sampled_from("0123456789X"))
def test_one_changed_sign_of_an_identity_number_is_noticed(place: int, digit: str) -> None:
    changed = IDENTITY[:place] + digit + IDENTITY[place + 1 :]

    assert is_identity(changed) == (changed == IDENTITY)


@given(place=st.integers(0, 17), sign=st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_changed_sign_of_a_uscc_is_noticed(place: int, sign: str) -> None:
    changed = USCC[:place] + sign + USCC[place + 1 :]

    assert is_uscc(changed) == (changed == USCC)


@pytest.mark.parametrize(
    "text", ["", "1101051949123100", "110105194902310024", "11010519491231002x", "I" * 18]
)
def test_what_has_another_form_or_no_such_birthday_is_no_identity_number(text: str) -> None:
    assert not is_identity(text)


def test_what_people_write_around_a_number_is_taken_off() -> None:
    assert plain_mobile("+86 138-0000-0001") == "13800000001"
    assert plain_identity(" 11010519491231002x ") == IDENTITY


@pytest.mark.parametrize(
    ("text", "right"),
    [("13800000001", True), ("12800000001", False), ("1380000000", False), ("138000000011", False)],
)
def test_a_mobile_number_has_eleven_digits_and_begins_with_13_to_19(text: str, right: bool) -> None:
    assert is_mobile(text) == right
