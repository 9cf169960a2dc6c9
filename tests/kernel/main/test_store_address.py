"""How a PostgreSQL of somebody else is reached: by all that its address says."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from psycopg.conninfo import conninfo_to_dict

from guantong.main import other_postgres, upgrade
from guantong.main.errors import BadStoreAddress, RestoreInterrupted, StoreTooOld
from guantong.main.home import Home

ADDRESS = "postgresql://guantong:p%40ss@db:5433/store?sslmode=verify-full&connect_timeout=7"


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda text: monkeypatch.setenv("DATABASE_URL", text)


def test_all_that_the_address_says_holds(address: Callable[[str], None]) -> None:
    address(ADDRESS)

    assert other_postgres.address() == {
        "user": "guantong", "password": "p@ss", "host": "db", "port": "5433", "dbname": "store",
        "sslmode": "verify-full", "connect_timeout": "7",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["guantong:secret@db/store", "postgresql://guantong:secret@[db/s"])
def test_what_is_no_address_is_refused_without_being_repeated(
    address: Callable[[str], None], text: str
) -> None:
    address(text)

    with pytest.raises(BadStoreAddress, match="DATABASE_URL is no address") as refused:
        other_postgres.address()

    assert "secret" not in str(refused.value)


def test_the_password_is_not_among_the_arguments_of_the_tools(
    address: Callable[[str], None],
) -> None:
    address(ADDRESS)

    argument, environment = other_postgres.for_tools(other_postgres.address())

    assert "p@ss" not in argument
    assert conninfo_to_dict(argument)["sslmode"] == "verify-full"
    assert environment["PGPASSWORD"] == "p@ss"


@pytest.mark.parametrize("version", [150000, 150018, 180004])
def test_the_versions_we_promise_are_not_refused(version: int) -> None:
    other_postgres.refuse_old(version)


def test_a_server_one_release_older_is_refused_with_its_version() -> None:
    with pytest.raises(StoreTooOld, match="is PostgreSQL 14, and 15 is the oldest that works"):
        other_postgres.refuse_old(149999)


def test_only_the_preamble_loses_the_line_that_older_servers_do_not_know() -> None:
    line = b"SET transaction_timeout = 0;\n"
    script = (
        b"SET lock_timeout = 0;\n" + line + b"CREATE SCHEMA public;\nCOPY a FROM stdin;\n" + line
    )

    into = io.BytesIO()
    other_postgres._hand_on(io.BytesIO(script), into)

    assert into.getvalue() == script.replace(line, b"", 1)


def test_a_staged_schema_is_spoken_of_beside_what_the_address_asks_for(
    address: Callable[[str], None],
) -> None:
    address(f"{ADDRESS}&options=-c%20statement_timeout%3D9")

    with other_postgres.Staged("restoring_7").speaking():
        spoken = other_postgres.address()["options"]

    assert spoken == "-c statement_timeout=9 -c search_path=restoring_7"
    assert other_postgres.address()["options"] == "-c statement_timeout=9"


def test_no_process_starts_in_a_home_that_is_half_exchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrade, "current", lambda: Home(tmp_path))
    (tmp_path / "exchanging").touch()

    with pytest.raises(RestoreInterrupted, match="was interrupted at its last step"):
        upgrade.refuse_other_version()


@pytest.mark.django_db
def test_only_what_a_restore_has_named_is_removed_as_left_behind() -> None:
    ours = ["restoring_12", "restoring_12_aside"]
    theirs = [
        "restoringx12",
        "restoring_plan",
        "restoring_12_asides",
        "restoring_",
        "a_restoring_1",
    ]
    with connection.cursor() as cursor:
        for name in ours + theirs:
            cursor.execute(f'create schema "{name}"')

    assert other_postgres.left_behind(connection.connection) == ours
