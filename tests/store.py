"""One PostgreSQL for the whole test run, in a home of its own that goes away afterwards.

A plugin loaded by ``-p tests.store``: pytest-django reads the settings before any conftest, and
the settings read the home.

Nobody counts or tidies this store by itself. Most tests take back all they wrote, so what
autovacuum finds between two of them are pages of dead rows and not a single living one; it notes
"no rows", and what the next test writes is planned as if the tables were empty: all with all, 9
minutes where it takes 0.3 s (seen, and made again with one ``analyze`` after 60 small provinces
taken back). A table that nobody counted is estimated by its size, which is near enough. So each
file of tests is tidied up after (``tests.conftest``), when no row lives and its tables become
empty files again.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

_TOLD = "GUANTONG_TEST_HOME"
_FIRST = _TOLD not in os.environ

if _FIRST:
    # The first process of the run; workers of pytest-xdist inherit what is set here.
    os.environ[_TOLD] = tempfile.mkdtemp(prefix="guantong-test-")
    os.environ["GUANTONG_HOME"] = os.environ[_TOLD]
    os.environ.pop("DATABASE_URL", None)


def pytest_configure(config: pytest.Config) -> None:
    """Start the server with the run, stop it and remove the home at its end."""
    if not _FIRST:
        return
    from guantong.main.home import Home
    from guantong.main.postgres import Server, socket_folder

    home = Home(Path(os.environ[_TOLD]))
    server = Server(home, passing=True)
    server.__enter__()
    with psycopg.connect(
        host=str(socket_folder(home)), user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        connection.execute("alter system set autovacuum = off")
        connection.execute("select pg_reload_conf()")

    def leave() -> None:
        server.__exit__(None, None, None)
        shutil.rmtree(os.environ[_TOLD], ignore_errors=True)

    config.add_cleanup(leave)


def tidy(cursor: "CursorWrapper") -> None:
    """Give back the pages of rows that were written and taken back, outside a transaction."""
    cursor.execute(
        "select string_agg(oid::regclass::text, ', ') from pg_class where relkind = 'r'"
        " and relnamespace = 'public'::regnamespace"
        " and (pg_relation_size(oid) > 65536 or reltuples = 0 and relpages > 0)"
    )
    (grown,) = cursor.fetchone()
    if grown:
        cursor.execute(f"vacuum {grown}")
