"""Bringing a store to this version, with running cases in it, and the way back.

An older store is noticed by whoever makes it ready (``guantong up``, ``replay``, ``upgrade``).
First a backup is written, which is the way back; then all migrations run in one transaction, so
that one that fails, or a machine that dies, leaves the older store as it was. A store that knows
migrations this kernel does not know belongs to a newer version, and is left alone.

Processes of two versions never work with one store at once: an upgrade waits for the others to
leave, and a process asks, when it starts and while it runs, which version the store has.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from guantong.main import backup
from guantong.main.errors import (
    NoWayBack,
    StoreNewer,
    UpgradeFailed,
    UpgradeInUse,
    VersionChanged,
)
from guantong.main.home import Home, current
from guantong.main.postgres import refuse_half_restored

if TYPE_CHECKING:
    from guantong.audit.api import Report

# The release that kept no account of its version (its store has no such table).
FIRST = "0.1.0"
# Packages that an earlier release stood on, and this one does not: their tables are no sign of a
# newer version. axes counted failed sign-ins in 0.1.0.
_DROPPED = frozenset({"axes"})
_LEAVE_SECONDS = 10.0

Tell = Callable[[str, Mapping[str, object]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded:
    """What an upgrade came to."""

    before: str
    after: str
    backup: Path | None
    migrations: list[str]
    seconds: float


def known_migrations() -> dict[str, set[str]]:
    """Return the migrations of this kernel and of the packages it stands on, by app."""
    import django

    django.setup()
    from django.db.migrations.loader import MigrationLoader

    found: dict[str, set[str]] = {}
    for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations:
        found.setdefault(app, set()).add(name)
    return found


def waiting() -> list[str]:
    """Return the migrations that the store has not seen yet, in their order."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def bring_up_to_date(
    *,
    at: datetime,
    backed_up: bool = False,
    tell: Tell = lambda _key, _facts: None,
) -> Upgraded | None:
    """Migrate the store where it is older; return what was done, None where nothing was."""
    from django.db import connection

    from guantong.audit.api import sign_unsigned

    seen = _applied()
    _refuse_newer(seen)
    left = waiting()
    if not left:
        sign_unsigned()  # an upgrade may have been killed before it came to that
        _note_version(at, before=store_version(), kept=None, migrations=[])
        return None
    began = time.monotonic()
    before = store_version() if seen else ""
    kept = None
    if seen:
        _refuse_others()
        tell("cli.upgrade.found", {"before": before, "after": backup.version()})
        if not backed_up:
            home = current()
            home.backups.mkdir(mode=0o700, exist_ok=True)
            stamp = f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
            kept = home.backups / f"before-{backup.version()}-{stamp}{backup.SUFFIX}"
            made = backup.take(kept, at=at, remember=False)
            tell("cli.upgrade.backup", {"path": kept, "mb": round(made.bytes / 1e6, 1)})
    try:
        _migrate(at, before=before, kept=kept, left=left, tell=tell if seen else _quiet)
    except Exception as fault:
        connection.close()
        if not seen:
            raise
        raise UpgradeFailed(
            before=before, after=backup.version(), why=_first_line(fault), kept=kept or "-"
        ) from fault
    if not seen:
        return None
    return Upgraded(
        before=before, after=backup.version(), backup=kept, migrations=left,
        seconds=round(time.monotonic() - began, 1),
    )  # fmt: skip


def store_version() -> str:
    """Return the version that worked with the store last."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('main_upgrade')")
        if cursor.fetchone()[0] is None:
            return FIRST
        cursor.execute("select version from main_upgrade order by id desc limit 1")
        row = cursor.fetchone()
    return str(row[0]) if row else FIRST


def refuse_other_version() -> None:
    """Refuse to work with a store that another version has been brought to, or half restored."""
    refuse_half_restored(current())
    found = store_version()
    if found != backup.version():
        raise VersionChanged(store=found, own=backup.version())


def way_back(home: Home) -> Path:
    """Return the newest backup that an upgrade of this home has kept."""
    # The time stands at the end of the name, the version before it.
    found = sorted(
        home.backups.glob(f"before-*{backup.SUFFIX}"), key=lambda p: p.name.split("-")[-1]
    )
    if not found:
        raise NoWayBack(folder=home.backups)
    return found[-1]


def _migrate(at: datetime, *, before: str, kept: Path | None, left: list[str], tell: Tell) -> None:
    """Run every migration in one transaction, and note the version in it."""
    from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
    from django.db import connection, transaction
    from django.db.migrations.executor import MigrationExecutor

    done = 0

    def progress(action: str, migration: object = None, fake: bool = False) -> None:
        nonlocal done
        if action != "apply_success":
            return
        done += 1
        tell("cli.upgrade.step", {"name": str(migration), "done": done, "of": len(left)})
        # Rows a migration wrote may have checks that wait for the end of the transaction; the
        # next one could not change their table before they are made.
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")

    with transaction.atomic():
        # Any: the stubs know neither the callback's form nor the state that `migrate` itself makes.
        executor: Any = MigrationExecutor(connection, cast(Any, progress))
        targets = executor.loader.graph.leaf_nodes()
        plan = executor.migration_plan(targets)
        state = executor._create_project_state(with_applied_migrations=True)
        emit_pre_migrate_signal(0, False, "default", apps=state.apps, plan=plan)
        state = executor.migrate(targets, plan=plan, state=state.clone())
        emit_post_migrate_signal(0, False, "default", apps=state.apps, plan=plan)
        _note_version(at, before=before, kept=kept, migrations=left)


def _quiet(_key: str, _facts: Mapping[str, object]) -> None:
    """Tell nobody."""


def _note_version(at: datetime, *, before: str, kept: Path | None, migrations: list[str]) -> None:
    from guantong.main.models import Upgrade

    own = backup.version()
    newest = Upgrade.objects.order_by("-id").values_list("version", flat=True).first()
    if newest == own and not migrations:
        return
    Upgrade.objects.create(
        version=own, before=before if before != own else newest or "", at=at,
        backup=str(kept or ""), migrations=migrations,
    )  # fmt: skip


def _applied() -> set[tuple[str, str]]:
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    return set(MigrationRecorder(connection).applied_migrations())


def strangers(seen: Iterable[tuple[str, str]]) -> list[str]:
    """Return the migrations that this kernel does not know: a newer one made them."""
    known = known_migrations()
    return sorted(
        f"{app}.{name}"
        for app, name in seen
        if app not in _DROPPED and name not in known.get(app, ())
    )


def _refuse_newer(seen: set[tuple[str, str]]) -> None:
    if strangers(seen):
        raise StoreNewer(store=store_version(), own=backup.version())


def _refuse_others() -> None:
    """Wait a moment for other processes to leave the store; refuse when they stay."""
    from django.db import connection

    until = time.monotonic() + _LEAVE_SECONDS
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_stat_activity where datname = current_database()"
                " and backend_type = 'client backend' and pid <> pg_backend_pid()"
            )
            others = cursor.fetchone()[0]
        if not others:
            return
        if time.monotonic() > until:
            raise UpgradeInUse(others=others)
        time.sleep(0.5)


def _first_line(fault: BaseException) -> str:
    lines = str(fault).strip().splitlines()
    return f"{type(fault).__name__}: {lines[0]}" if lines else type(fault).__name__


def verified() -> "Report":
    """Give every leaf its place and verify the whole log, with every record it tells of."""
    from guantong.audit.api import check, sequence
    from guantong.main import wiring

    wiring.bring_witnesses()
    while sequence():
        pass
    return check()
