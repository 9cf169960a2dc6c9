"""An installation on a PostgreSQL of somebody else: moved, at work, lost, made again, and back.

The server is the oldest we promise to work with (``tests.journeys.other_server``), and the
platform's role owns one database and nothing else. The store that moves is the one that release
0.1.0 left, so that every migration runs there, too.
"""

import json
import random
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.journeys.installation import Answer, Installation, installation
from tests.journeys.old_release import Person, at_work, left_by
from tests.journeys.other_server import OtherServer, other_server

pytestmark = [pytest.mark.province, pytest.mark.xdist_group("other-postgres")]

TABLES = ("flows_case", "flows_task", "orgs_person", "access_user", "registry_object")


@dataclass(frozen=True, slots=True)
class House:
    """An installation whose store is on the other server."""

    own: Installation
    server: OtherServer
    url: str
    old: Path  # what an upgrade kept of 0.1.0, in the store that came along

    def run(self, *arguments: str | Path) -> Answer:
        """Run a command of it."""
        return self.own.run(*arguments, DATABASE_URL=self.url)

    @contextmanager
    def store(self) -> Iterator[psycopg.Connection[Any]]:
        """Connect as the platform does."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            yield connection

    def counts(self) -> dict[str, int]:
        """Return how many rows the tables hold."""
        with self.store() as connection:
            return _counts(connection)

    def schemas(self) -> list[str]:
        """Return the schemas of the database that are not the server's own."""
        with self.store() as connection:
            rows = connection.execute(
                "select nspname from pg_namespace where nspname !~ '^(pg_|information_)' order by 1"
            )
            return [str(name) for (name,) in rows]


def _counts(connection: psycopg.Connection[Any]) -> dict[str, int]:
    found = {}
    for table in TABLES:
        row = connection.execute(f"select count(*) from {table}").fetchone()
        assert row is not None
        found[table] = row[0]
    return found


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with other_server() as server, installation() as before, installation() as own:
        left_by("0.1.0", before)
        assert before.run("upgrade").code == 0
        (old,) = (before.home / "backups").glob("before-*.backup")
        yield House(own, server, server.database("guantong"), old)


def test_a_store_of_the_first_release_moves_to_the_other_server_and_is_worked_in(
    house: House,
) -> None:
    moved = house.run("restore", house.old)
    planned = house.run("upgrade", "--dry-run")
    with at_work(house.own, DATABASE_URL=house.url) as up:
        with house.store() as connection:
            row = connection.execute(
                "select id from flows_task where item = 'advise' and state = 'dispatched'"
                " and unit_id in (select id from orgs_unit where code like '%@331081') limit 1"
            ).fetchone()
            assert row is not None
        Person(up, "wenling").do(row[0], advice="请加强防范")
        with house.store() as connection:
            done = connection.execute(
                "select state from flows_task where id = %s", [row[0]]
            ).fetchone()
    checked = house.run("check")

    assert moved.code == 0, moved
    assert "The tables of version 0.1.0 were brought to this version." in moved.out
    assert "nothing was altered" in moved.out
    assert "in 0 steps" in planned.out
    assert done == ("closed_out",)
    assert "Nothing was altered." in checked.out
    assert "laid aside" in checked.out, "the store of 0.1.0 came with its fact"
    assert f"PostgreSQL {house.server.version}" in checked.out
    assert not (house.own.home / "postgres").exists(), "the server that comes along stays away"


def test_what_was_lost_there_is_made_again_there_and_in_the_store_that_comes_along(
    house: House, tmp_path: Path
) -> None:
    backup, keys = tmp_path / "all.backup", tmp_path / "all.keys"
    made = house.run("backup", backup)
    phrase = {"GUANTONG_BACKUP_PASSPHRASE": "three short words"}
    kept = house.own.run("backup", "--keys", keys, DATABASE_URL=house.url, **phrase)
    before = house.counts()
    assert made.code == kept.code == 0, (made, kept)

    refused = house.run("restore", backup)
    shutil.rmtree(house.own.home)
    with house.server.owner() as connection:
        connection.execute("drop database guantong")
    house.server.database("guantong")
    again = house.own.run("restore", backup, "--keys", keys, DATABASE_URL=house.url, **phrase)

    assert refused.code == 2
    assert "is not overwritten" in refused.err
    assert again.code == 0, again
    assert "nothing was altered" in again.out
    assert house.counts() == before
    assert house.schemas() == ["public"]
    audited = house.run("check", "audit", "--json")
    assert audited.code == 0
    assert json.loads(audited.out)["faults"] == []
    assert "in 0 steps" in house.run("upgrade", "--dry-run").out
    with installation() as back:
        returned = back.run("restore", backup, "--keys", keys, **phrase)
        assert returned.code == 0, returned
        with back.store() as connection:
            assert _counts(connection) == before
        assert back.run("check", "audit").code == 0


def test_a_restore_takes_the_place_of_what_is_there_and_keeps_it_as_a_schema(
    house: House, tmp_path: Path
) -> None:
    backup = tmp_path / "before.backup"
    assert house.run("backup", backup).code == 0
    before = house.counts()
    with house.store() as connection:
        connection.execute("update access_user set language = 'en'")
    with house.store():
        in_use = house.run("restore", backup, "--replace")
    refused = house.run("restore", backup)

    replaced = house.run("restore", backup, "--replace")

    assert in_use.code == refused.code == 2
    assert "1 others work with the database" in in_use.err
    assert "not overwritten" in refused.err
    assert replaced.code == 0, replaced
    assert house.counts() == before
    schemas = house.schemas()
    assert [name.partition("_")[0] for name in schemas] == ["before", "public"]
    assert schemas[0] in replaced.out
    with house.store() as connection:
        connection.execute(f"drop schema {schemas[0]} cascade")


_spans: list[float] = []


@pytest.mark.parametrize("round", range(3))
def test_a_restore_killed_at_any_moment_leaves_the_store_that_was_there(
    house: House, tmp_path: Path, round: int
) -> None:
    backup = tmp_path / "killed.backup"
    assert house.run("backup", backup).code == 0
    before, draw = house.counts(), random.Random(f"other/{round}")
    kept = set(house.own.home.glob("before-*"))

    if not _spans:  # how long it lasts here, from the unpacked dump to the last step
        whole = house.own.start("restore", backup, "--replace", DATABASE_URL=house.url)
        _patiently(lambda: list(house.own.home.glob("restoring-*/database.dump")))
        began = time.monotonic()
        _patiently(lambda: set(house.own.home.glob("before-*")) != kept)
        _spans.append(time.monotonic() - began)
        assert whole.answer().code == 0
        kept = set(house.own.home.glob("before-*"))

    running = house.own.start("restore", backup, "--replace", DATABASE_URL=house.url)
    _patiently(lambda: list(house.own.home.glob("restoring-*/database.dump")))
    time.sleep(draw.random() * 0.6 * _spans[0])
    running.process.kill()
    running.answer()
    _patiently(lambda: _alone(house))

    assert set(house.own.home.glob("before-*")) == kept, "the draw falls before the last step"
    assert house.counts() == before
    assert house.run("check", "audit").code == 0
    # And the next one removes what was left.
    assert house.run("restore", backup, "--replace").code == 0
    assert [name for name in house.schemas() if name.startswith("restoring")] == []


def test_a_home_half_exchanged_is_refused_there_too(house: House) -> None:
    (house.own.home / "exchanging").touch()

    answer = house.run("check")

    (house.own.home / "exchanging").unlink()
    assert answer.code == 2
    assert "was interrupted at its last step" in answer.err


def test_an_address_that_is_none_is_refused_without_being_repeated(house: House) -> None:
    answer = house.own.run("check", DATABASE_URL="guantong:secret@host/guantong")

    assert answer.code == 2
    assert "DATABASE_URL is no address of a PostgreSQL" in answer.err
    assert "secret" not in answer.err + answer.out


def _alone(house: House) -> bool:
    with house.server.owner() as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where usename = 'guantong'"
        ).fetchone()
    return row == (0,)


def _patiently(holds: Any) -> None:
    until = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)
