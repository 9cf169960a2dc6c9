"""What looks like a resident's number, and what only has as many digits."""

import pytest

from guantong.packages.doctor.questions.personal_data import is_resident_number

# The example printed in GB 11643-1999 and copied since: its check character is X.
STANDARDS_EXAMPLE = "11010519491231002X"


def test_the_example_of_the_standard_is_recognised_in_either_letter() -> None:
    assert is_resident_number(STANDARDS_EXAMPLE)
    assert is_resident_number(STANDARDS_EXAMPLE.lower())


@pytest.mark.parametrize(
    "text", ["110105194912310021", "11010519491331002X", "11010519491200002X", "330281000000000000"]
)
def test_another_check_character_or_no_birthday_is_no_residents_number(text: str) -> None:
    assert not is_resident_number(text)
