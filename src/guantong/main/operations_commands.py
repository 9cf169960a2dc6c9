"""``guantong backup``, ``restore`` and ``upgrade``: what keeps an installation, as commands."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from guantong.base.words import say
from guantong.main.home import current
from guantong.main.terminal import language

_FILE = click.Path(path_type=Path)


@click.command(short_help="Back up everything to one file, while it works.")
@click.argument("target", type=_FILE)
@click.option("--keep", type=click.IntRange(1, 10_000), help="Keep so many in that folder.")
@click.option("--keys", "only_keys", is_flag=True, help="Back up the keys, and only them.")
@click.option("--verify", "only_verify", is_flag=True, help="Read a backup through; write nothing.")
@click.option("--passphrase-file", type=_FILE, help="The passphrase of the keys, in a file.")
def backup(
    target: Path,
    keep: int | None,
    only_keys: bool,
    only_verify: bool,
    passphrase_file: Path | None,
) -> None:
    """Write the record store, the lake and the files to TARGET, a new file or a folder.

    The keys are not in it; ``--keys`` writes them to a file of their own, behind a passphrase.
    """
    if only_verify:
        _verify(target)
    elif only_keys:
        _back_up_keys(target, passphrase_file)
    else:
        _back_up(target, keep)


@click.command(short_help="Make an installation again from a backup.")
@click.argument("file", type=_FILE)
@click.option("--replace", is_flag=True, help="Take the place of what is there, and keep that.")
@click.option("--keys", "keys_file", type=_FILE, help="The backup of the keys.")
@click.option("--passphrase-file", type=_FILE, help="The passphrase of the keys, in a file.")
def restore(
    file: Path, replace: bool, keys_file: Path | None, passphrase_file: Path | None
) -> None:
    """Restore FILE into GUANTONG_HOME, check what came out, and only then put it in place."""
    from guantong.main.backup import machine_time
    from guantong.main.key_backup import open_keys
    from guantong.main.restore import restore as make_again

    keys = open_keys(keys_file, _passphrase(passphrase_file)) if keys_file else None
    with _bar() as progress:
        done = make_again(
            file, current(), at=machine_time(), replace=replace, keys=keys, progress=progress
        )
    say_so = _speaker()
    found = done.manifest
    say_so("cli.restore.done", made_at=found.made_at, version=found.store,
           rows=sum(found.counts.values()), files=len(found.members) - 1)  # fmt: skip
    if done.migrated:
        say_so("cli.restore.migrated", before=found.store)
    # A store of the first release has no sealed fields and no signed heads.
    if done.keys != "none" or "main" in found.migrations:
        say_so(f"cli.restore.keys.{done.keys}")
    say_so("cli.restore.sessions", sessions=done.sessions)
    if done.kept:
        say_so("cli.restore.kept", path=done.kept)
    if done.kept_schema:
        say_so("cli.restore.kept_schema", schema=done.kept_schema)
    for fault in done.faults:
        say_so(f"cli.check.fault.{fault.code}", kind=fault.kind, id=fault.id)
    if done.faults:
        sys.exit(1)
    say_so("cli.restore.sound", leaves=done.leaves)
    say_so("cli.restore.next")


@click.command(short_help="Bring the store to this version, or back.")
@click.option("--back", is_flag=True, help="Go back to the backup from before the last upgrade.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing.")
def upgrade(back: bool, dry_run: bool) -> None:
    """Bring the store to this version, as ``guantong up`` does by itself, or go back."""
    if back:
        _go_back(dry_run)
        return
    from guantong.main import backup as backups
    from guantong.main import store
    from guantong.main import upgrade as upgrading

    store.refuse_missing()
    say_so = _speaker()
    with store.running():
        if dry_run:
            left = upgrading.waiting()
            say_so("cli.upgrade.would", before=upgrading.store_version(), after=backups.version(),
                   steps=len(left))  # fmt: skip
            for name in left:
                click.echo(f"  {name}")
            return
        done = store.make_ready(tell=tell_upgrade)
        if done is None:
            say_so("cli.upgrade.nothing", version=backups.version())
            return
        if report_upgrade(done):
            sys.exit(1)


def tell_upgrade(key: str, facts: Mapping[str, object]) -> None:
    """Say a sentence of an upgrade under way."""
    click.echo(say(key, language(), **facts))


def report_upgrade(done: object) -> bool:
    """Verify the log after an upgrade and say what it came to; True when something is wrong."""
    from guantong.main import upgrade as upgrading

    assert isinstance(done, upgrading.Upgraded)
    say_so = _speaker()
    report = upgrading.verified()
    for fault in report.faults:
        say_so(f"cli.check.fault.{fault.code}", kind=fault.kind, id=fault.id)
    if report.faults:
        say_so("cli.upgrade.unsound", faults=len(report.faults))
        return True
    say_so("cli.upgrade.done", before=done.before, after=done.after, seconds=done.seconds,
           steps=len(done.migrations), leaves=report.leaves)  # fmt: skip
    return False


def _go_back(dry_run: bool) -> None:
    from guantong.main import archive, upgrade
    from guantong.main.backup import machine_time
    from guantong.main.restore import restore as make_again

    home, say_so = current(), _speaker()
    path = upgrade.way_back(home)
    found = archive.Archive(path).manifest
    if dry_run:
        say_so("cli.upgrade.would_go_back", version=found.store, path=path,
               made_at=found.made_at)  # fmt: skip
        return
    with _bar() as progress:
        done = make_again(
            path, home, at=machine_time(), replace=True, as_it_was=True, progress=progress
        )
    say_so("cli.upgrade.went_back", version=found.store, made_at=found.made_at,
           kept=done.kept)  # fmt: skip


def _verify(path: Path) -> None:
    from guantong.main.backup import verify

    found = verify(path)
    _speaker()("cli.backup.sound", path=path, made_at=found.made_at, version=found.store,
               rows=sum(found.counts.values()), files=len(found.members) - 1)  # fmt: skip


def _back_up(target: Path, keep: int | None) -> None:
    from guantong.main import backup as backups
    from guantong.main import store
    from guantong.main import upgrade as upgrading

    store.refuse_missing()
    with store.running():
        with _bar() as progress:
            made = backups.take(target, at=backups.machine_time(), keep=keep, progress=progress)
        # The log of an older store is not this kernel's to write.
        if not upgrading.waiting():
            backups.leave_leaf(made)
    say_so = _speaker()
    say_so("cli.backup.done", path=made.path, mb=round(made.bytes / 1e6, 1), rows=made.rows,
           files=made.files)  # fmt: skip
    if made.removed:
        say_so("cli.backup.thinned", removed=made.removed)
    say_so("cli.backup.keys_apart")


def _back_up_keys(target: Path, passphrase_file: Path | None) -> None:
    from guantong.main.key_backup import take_keys

    home = current()
    files = take_keys(home, target, _passphrase(passphrase_file, confirm=True))
    _speaker()("cli.backup.keys_done", path=target, files=files)


def _passphrase(file: Path | None, *, confirm: bool = False) -> str:
    """Return the passphrase: from a file, the environment, or the person at the terminal."""
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as fault:
            from guantong.main.errors import NoBackup

            raise NoBackup(path=file, why=getattr(fault, "strerror", "not UTF-8")) from fault
    given = os.environ.get("GUANTONG_BACKUP_PASSPHRASE")
    if given:
        return given
    words: str = click.prompt(
        say("cli.backup.passphrase", language()), hide_input=True,
        confirmation_prompt=say("cli.backup.passphrase_again", language()) if confirm else False,
        err=True,
    )  # fmt: skip
    return words


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    """Show how far a long command is, where somebody looks at it."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(), console=Console(stderr=True), transient=True,
        disable=not sys.stderr.isatty(),
    ) as bar:  # fmt: skip
        lines: dict[str, object] = {}

        def progress(what: str, done: int, of: int) -> None:
            line = lines.get(what)
            if line is None:
                words = say(f"cli.progress.{what}", language())
                line = lines.setdefault(what, bar.add_task(words, total=of))
            bar.update(line, completed=done, total=of)  # type: ignore[arg-type]

        yield progress


def _speaker() -> Callable[..., None]:
    spoken = language()

    def say_so(key: str, /, **facts: object) -> None:
        click.echo(say(key, spoken, **facts))

    return say_so
