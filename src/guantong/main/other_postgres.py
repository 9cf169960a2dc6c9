"""A PostgreSQL that we did not start (``DATABASE_URL``): how it is reached, and how it is restored.

A restore may not write over what is there, and must be able to fail. So the dump goes into a
schema beside ``public``, is checked there, and the two change names in one transaction: whoever
kills the command finds either the old store or the restored one. The role needs the database as
its own and nothing more: it makes no database, no extension and no role.

The dump names ``public`` in every line. In the transaction that loads it ``public`` has another
name for a while, which nobody else sees before its end.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from guantong.main.errors import BadStoreAddress, RestoreFailed, StoreInUse, StoreTooOld
from guantong.main.postgres import tool

VARIABLE = "DATABASE_URL"
AT_WORK = "public"
STAGED = "restoring_"
# What the kernel's SQL needs (merge, unnest with several arrays, security of the schema public).
OLDEST = 150000
# A dump's preamble says it to servers that know it (17 and later); 15 and 16 refuse the name.
_UNKNOWN_TO_OLDER = b"SET transaction_timeout = 0;\n"


def named() -> bool:
    """Say whether the store is on a server of somebody else."""
    return bool(os.environ.get(VARIABLE))


def address() -> dict[str, str]:
    """Return what ``DATABASE_URL`` says, by the names of libpq."""
    try:
        found = conninfo_to_dict(os.environ[VARIABLE])
    except psycopg.ProgrammingError:
        # Its own sentence would repeat the address, and with it the password.
        raise BadStoreAddress(name=VARIABLE) from None
    return {name: str(value) for name, value in found.items() if value is not None}


def refuse_old(version: int) -> None:
    """Refuse a server that is older than what we promise to work with."""
    if version < OLDEST:
        raise StoreTooOld(version=version // 10000, oldest=OLDEST // 10000)


def for_tools(parameters: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Return address and environment by which PostgreSQL's own tools reach a store.

    The password is in the environment: arguments may be read by everybody on the machine.
    """
    shown = {name: value for name, value in parameters.items() if name != "password" and value}
    hidden = {"PGPASSWORD": str(parameters["password"])} if parameters.get("password") else {}
    return make_conninfo("", **shown), {**os.environ, **hidden}


@dataclass(frozen=True, slots=True)
class Staged:
    """The schema beside the one at work, in which this process makes the store again."""

    schema: str

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Let every connection of this process, and of its children, speak of the schema."""
        before = os.environ[VARIABLE]
        reach = address()
        options = f"{reach.get('options', '')} -c search_path={self.schema}".strip()
        os.environ[VARIABLE] = make_conninfo(**{**reach, "options": options})
        try:
            yield
        finally:
            os.environ[VARIABLE] = before

    def begin(self) -> None:
        """Remove what killed restores left, and refuse while others are at work."""
        with connected() as connection:
            refuse_others(connection)
            for left in left_behind(connection):
                _drop(connection, left)

    def load(self, dump: Path, path: Path) -> None:
        """Bring a dump into the schema; ``public`` is as it was, whatever happens."""
        reach, environment = for_tools(address())
        aside = f"{self.schema}_aside"
        # Not --single-transaction: psql commits then at the end of what it is given, and that may
        # be the place where this process was killed.
        begin, end = "begin;\n", f'alter schema {AT_WORK} rename to "{self.schema}";\n'
        if _there():
            begin += f'alter schema {AT_WORK} rename to "{aside}";\n'
            end += f'alter schema "{aside}" rename to {AT_WORK};\n'
        with tempfile.TemporaryFile() as told:
            script = subprocess.Popen(  # noqa: S603 - our own binary and arguments
                [tool("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(dump)],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=told, env=environment,
            )  # fmt: skip
            store = subprocess.Popen(  # noqa: S603 - our own binary and arguments
                [tool("psql"), "--no-psqlrc", "--quiet", "--output=/dev/null",
                 "--set=ON_ERROR_STOP=1", "--file=-", f"--dbname={reach}"],
                stdin=subprocess.PIPE, stderr=told, env=environment,
            )  # fmt: skip
            assert script.stdout is not None, "we asked for a pipe"
            assert store.stdin is not None, "we asked for a pipe"
            # What psql said when it ended before us stands in `told`.
            with suppress(BrokenPipeError), script.stdout, store.stdin as into:
                into.write(begin.encode())
                _hand_on(script.stdout, into)
                # A script that broke off is not committed.
                if script.wait() == 0:
                    into.write(f"{end}commit;\n".encode())
            script.kill()
            codes = (script.wait(), store.wait())
            if codes != (0, 0):
                told.seek(0)
                lines = told.read().decode(errors="replace").strip().splitlines()
                why = next(
                    (line for line in lines if "ERROR" in line), f"pg_restore, psql: {codes}"
                )
                raise RestoreFailed(path=path, why=why)

    def exchange(self, kept: str) -> str | None:
        """Let the staged schema take the place of ``public``; return where that is kept."""
        with connected(staged=False) as connection, connection.transaction():
            refuse_others(connection)
            held = _there() and not _dropped_empty(connection)
            if held:
                rename = sql.SQL("alter schema {} rename to {}")
                connection.execute(rename.format(sql.Identifier(AT_WORK), sql.Identifier(kept)))
            connection.execute(
                sql.SQL("alter schema {} rename to {}").format(
                    sql.Identifier(self.schema), sql.Identifier(AT_WORK)
                )
            )
        return kept if held else None

    def give_up(self) -> None:
        """Remove the schema; the one at work was never touched."""
        with connected(staged=False) as connection:
            _drop(connection, self.schema)


@contextmanager
def connected(*, staged: bool = True) -> Iterator[psycopg.Connection[Any]]:
    """Connect to the server; without ``staged`` to what is at work, whatever is being made."""
    reach = address()
    if not staged:
        reach.pop("options", None)
    with psycopg.connect(make_conninfo(**reach), autocommit=True) as connection:
        refuse_old(connection.info.server_version)
        yield connection


def holds_installation() -> bool:
    """Say whether the database holds tables already."""
    with connected(staged=False) as connection:
        return _holds(connection)


def left_behind(connection: psycopg.Connection[Any]) -> list[str]:
    """Return the schemas that killed restores left: none that another has named so by chance."""
    rows = connection.execute(
        "select nspname from pg_namespace where nspname ~ %s order by nspname",
        [f"^{STAGED}[0-9]+(_aside)?$"],
    ).fetchall()
    return [name for (name,) in rows]


def refuse_others(connection: psycopg.Connection[Any]) -> None:
    """Refuse while other processes work with the store, here or on other machines."""
    row = connection.execute(
        "select count(*) from pg_stat_activity where datname = current_database()"
        " and usename = current_user and pid <> pg_backend_pid()"
    ).fetchone()
    assert row is not None, "a count is one row"
    if row[0]:
        raise StoreInUse(others=row[0])


def _hand_on(script: IO[bytes], into: IO[bytes]) -> None:
    """Give the script on, without the line that older servers do not know."""
    begun = False
    for line in script:
        begun = begun or line.startswith(b"CREATE ")
        if begun or line != _UNKNOWN_TO_OLDER:
            into.write(line)


def _there() -> bool:
    with connected(staged=False) as connection:
        found = connection.execute("select to_regnamespace(%s) is not null", [AT_WORK]).fetchone()
        return bool(found and found[0])


def _holds(connection: psycopg.Connection[Any]) -> bool:
    found = connection.execute(
        "select exists(select from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = %s and c.relkind in ('r', 'p'))", [AT_WORK],
    ).fetchone()  # fmt: skip
    return bool(found and found[0])


def _dropped_empty(connection: psycopg.Connection[Any]) -> bool:
    """Remove ``public`` where nothing at all is in it, as in a new database."""
    try:
        with connection.transaction():
            connection.execute(sql.SQL("drop schema {}").format(sql.Identifier(AT_WORK)))
    except psycopg.errors.DependentObjectsStillExist:
        return False
    return True


def _drop(connection: psycopg.Connection[Any], schema: str) -> None:
    connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))
