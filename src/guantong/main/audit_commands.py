"""``guantong audit``: heads, proofs and exports of the log, for those who verify it elsewhere.

Files are written whole or not at all. What a file proves, and to whom, is in
docs/operating/checking.md; the verifier that reads them is written out by ``guantong audit
verifier``.
"""

import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import click

from guantong.base.words import say
from guantong.main import store
from guantong.main.errors import FileNotWritten
from guantong.main.own_files import read_given, write_out
from guantong.main.terminal import language, load

OUT = GIVEN = click.Path(path_type=Path)


@click.group("audit", short_help="Heads, proofs and exports of the audit log.")
def audit() -> None:
    """Heads, proofs and exports of the audit log, for those who verify it elsewhere."""


@audit.command()
@click.argument("file", type=OUT, required=False)
def head(file: Path | None) -> None:
    """Print the newest signed head of the log, or write it into FILE."""
    with store.as_it_stands():
        from guantong.audit.api import newest

        found = newest()
    if file is None:
        click.echo(found.note, nl=False)
        return
    write_out(file, found.note.encode())
    click.echo(say("cli.audit.head", language(), file=file, size=found.size), err=True)


@audit.command()
@click.argument("file", type=OUT, required=False)
def keys(file: Path | None) -> None:
    """Print the public keys that sign the heads, or write them into FILE: verifiers pin them."""
    with store.as_it_stands():
        from guantong.audit.api import public_keys

        found = public_keys()
    if file is None:
        click.echo(found, nl=False)
        return
    write_out(file, found.encode())
    click.echo(say("cli.audit.keys", language(), file=file), err=True)


@audit.command()
@click.argument("kind")
@click.argument("id", type=click.UUID)
@click.argument("file", type=OUT)
def proof(kind: str, id: UUID, file: Path) -> None:
    """Write the proof of a record into FILE: its leaves, their way to a signed head, the key."""
    with store.as_it_stands():
        from guantong.audit.api import proof_of

        found = proof_of(kind, id)
    write_out(file, found)
    click.echo(say("cli.audit.proof", language(), file=file), err=True)


@audit.command()
@click.argument("old_head", type=GIVEN)
@click.argument("file", type=OUT, required=False)
def consistency(old_head: Path, file: Path | None) -> None:
    """Prove that the log continues the head in OLD_HEAD; with FILE, write the proof into it."""
    told = read_given(old_head).decode("utf-8", errors="replace")
    with store.as_it_stands():
        from guantong.audit.api import consistency_of

        found = consistency_of(told)
    if file is not None:
        write_out(file, found)
    click.echo(say("cli.audit.consistent", language(), file=old_head), err=True)


@audit.command()
@click.argument("file", type=OUT)
@click.option("--from", "first", type=int, default=1, help="The first place; otherwise 1.")
def export(file: Path, first: int) -> None:
    """Write the log into FILE as lines of JSON: every leaf, every head, the public keys."""
    with store.as_it_stands():
        from guantong.audit.api import export

        fresh = file.with_name(f"{file.name}.part")
        try:
            with fresh.open("wb") as out:
                begin, end = export(out, first=first, progress=_progress())
            fresh.rename(file)
        except OSError as fault:
            raise FileNotWritten(path=file, why=fault.strerror or "") from fault
        finally:
            fresh.unlink(missing_ok=True)
    click.echo(say("cli.audit.exported", language(), file=file, first=begin, last=end), err=True)


@audit.command()
@click.argument("file", type=OUT)
def verifier(file: Path) -> None:
    """Write the stand-alone verifier into FILE: one Python file that needs nothing of Guantong."""
    load()
    from guantong.audit.api import verifier_source

    write_out(file, verifier_source())
    click.echo(say("cli.audit.verifier", language(), file=file), err=True)


@audit.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option(
    "--before", required=True, type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
    help="Months that ended before this day are archived: at the latest three years ago.",
)  # fmt: skip
def archive(folder: Path, before: datetime) -> None:
    """Write old months of the log into DIR, verify them, and take them out of the store."""
    with store.as_it_stands():
        from guantong.audit.api import archive
        from guantong.base import clock
        from guantong.main import wiring

        wiring.bring_witnesses()
        day = date(before.year, before.month, before.day)
        done = archive(day, folder, now=clock.machine_now(), progress=_progress())
    for month in done:
        click.echo(
            say("cli.audit.archived", language(), month=f"{month.month:%Y-%m}", first=month.first,
                last=month.last, kept=month.kept, file=month.path)
        )  # fmt: skip
    if not done:
        click.echo(say("cli.audit.nothing_old", language(), before=day))


@audit.command("bring-back")
@click.argument("file", type=GIVEN)
def bring_back(file: Path) -> None:
    """Bring an archived month back into the store, once every leaf of FILE has been verified."""
    with store.as_it_stands():
        from guantong.audit.api import bring_back
        from guantong.base import clock
        from guantong.main import wiring

        wiring.bring_witnesses()
        done = bring_back(file, now=clock.machine_now())
    click.echo(
        say("cli.audit.brought_back", language(), month=f"{done.month:%Y-%m}", first=done.first,
            last=done.last, file=file)
    )  # fmt: skip


def _progress() -> Callable[[int, int], None]:
    """Say on a terminal how far it is; into a file or a pipe nothing is said."""

    def tell(done: int, total: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{done:,} / {total:,}", nl=done >= total, err=True)

    return tell
