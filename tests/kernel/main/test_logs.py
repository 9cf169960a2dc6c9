"""No line of a log says anything about a person, whoever writes it and whatever goes wrong."""

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from django.db import DatabaseError, connection, transaction

from guantong.base.errors import NotFound
from guantong.base.trace import traceparent
from guantong.main import logs

NAME, MOBILE, NUMBER, COMPANY = "陈建国", "13857612345", "33108119800101123X", "91330100MA27XL0X1K"
MAIL = "chen.jianguo@example.org"
PERSONAL = (NAME, MOBILE, NUMBER, COMPANY, MAIL)


@pytest.fixture
def written() -> Iterator[StringIO]:
    """What a process writes down: our handler and formatter on the root of all loggers."""
    place = StringIO()
    handler = logging.StreamHandler(place)
    handler.setFormatter(logs.Formatter("web"))
    root = logging.getLogger()
    root.addHandler(handler)
    yield place
    root.removeHandler(handler)


def lines(place: StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in place.getvalue().splitlines()]


@pytest.mark.parametrize("value", PERSONAL)
def test_what_fills_a_place_of_our_own_sentence_is_cleaned(written: StringIO, value: str) -> None:
    logging.getLogger("guantong.orgs").warning("row %s of %s cannot be read", 7, value)

    assert value not in written.getvalue()
    assert str(lines(written)[0]["event"]).startswith("row 7 of …")


@pytest.mark.parametrize("value", [*PERSONAL, "/search?q=Chen Jianguo"])
def test_what_another_package_would_fill_in_is_left_out(written: StringIO, value: str) -> None:
    logging.getLogger("django.request").error("Internal Server Error: %s", value)

    (line,) = lines(written)
    assert line["event"] == "Internal Server Error: %s"
    assert value not in written.getvalue()


def test_only_values_whose_name_is_on_the_list_are_kept(written: StringIO) -> None:
    told = {"route": "/people/<uuid>", "status": 422, "typed": "Chen Jianguo", "person": NAME}

    logging.getLogger("guantong.request").warning("request", extra=told)

    (line,) = lines(written)
    assert (line["route"], line["status"]) == ("/people/<uuid>", 422)
    assert not {"typed", "person"} & set(line)


def test_an_exception_keeps_its_type_and_place_and_not_its_message(written: StringIO) -> None:
    try:
        int("Chen Jianguo")
    except ValueError:
        logging.getLogger("guantong.portal").exception("the page failed")

    (line,) = lines(written)
    told = line["exception"]
    assert isinstance(told, dict)
    assert told["type"] == "builtins.ValueError"
    assert any("test_logs.py" in place for place in told["at"])
    assert "Jianguo" not in written.getvalue()


@pytest.mark.django_db
def test_the_database_names_its_rule_and_not_the_row_that_broke_it(written: StringIO) -> None:
    with connection.cursor() as cursor:
        cursor.execute("create temporary table wanted (name text constraint one_name unique)")
        cursor.execute("insert into wanted values (%s)", ["Chen Jianguo"])
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("insert into wanted values (%s)", ["Chen Jianguo"])
    except DatabaseError:
        logging.getLogger("guantong.orgs").exception("the row was not written")

    (line,) = lines(written)
    told = line["exception"]
    assert isinstance(told, dict)
    assert (told["sqlstate"], told["constraint_name"]) == ("23505", "one_name")
    assert "Jianguo" not in written.getvalue()


def test_our_own_refusal_says_its_sentence_without_numbers_of_persons(written: StringIO) -> None:
    try:
        raise NotFound(what=MOBILE)
    except NotFound:
        logging.getLogger("guantong.orgs").exception("nobody was found")

    told = lines(written)[0]["exception"]
    assert isinstance(told, dict)
    assert told["code"] == "not-found"
    assert MOBILE not in written.getvalue()


def test_a_line_carries_the_trace_under_which_it_was_written(written: StringIO) -> None:
    token = traceparent.set(f"00-{'a' * 32}-{'b' * 16}-01")
    try:
        logging.getLogger("guantong.flows").warning("late")
    finally:
        traceparent.reset(token)

    (line,) = lines(written)
    assert (line["trace"], line["span"], line["process"]) == ("a" * 32, "b" * 16, "web")
    assert str(line["time"]).endswith("Z")


@pytest.mark.parametrize(
    "kept", ["2026-11-22", "550e8400-e29b-41d4-a716-446655440000", "42", "331081"]
)
def test_dates_ids_and_divisions_are_no_numbers_of_persons(kept: str) -> None:
    assert logs.clean(f"at {kept}.") == f"at {kept}."
