"""``guantong apps pack | inspect | publisher``: packages as signed files, and whom to trust.

Whoever has a shell on the machine administers it all, but a publisher is trusted by a person:
``--by`` names the account of somebody who administers the platform, and the log names them.
"""

import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from guantong.base.words import say
from guantong.main import store
from guantong.main.terminal import language, load

if TYPE_CHECKING:
    from guantong.packages.api import PrivateKey

GIVEN = click.Path(path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])
YEAR = timedelta(days=365)


@click.command("pack")
@click.argument("path", type=GIVEN)
@click.option("--out", type=GIVEN, help="The file to write; else ID-VERSION.gtpkg here.")
@click.option("--key", type=GIVEN, help="Sign with the private key in this file.")
@click.option("--signer", help="Sign with the key of this name in the home.")
def pack(path: Path, out: Path | None, key: Path | None, signer: str | None) -> None:
    """Make one file of a package in which the doctor finds no error, signed or not."""
    if key is not None and signer is not None:
        raise click.UsageError(say("cli.pack.one_key", language()))
    load()
    from guantong.main import package_files

    package_files.pack(path, out, _key(key, signer), language())


@click.command("inspect")
@click.argument("path", type=GIVEN)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def inspect(path: Path, as_json: bool) -> None:
    """Say what a package file or folder is, who signed it, what it asks for, and the verdict.

    Exit 0: may be installed; 1: needs approval, or has errors; 2: refused.
    """
    load()
    from guantong.base.clock import machine_now
    from guantong.main import package_files

    sys.exit(package_files.inspect(path, at=machine_now(), language=language(), as_json=as_json))


@click.group("publisher", short_help="Keys of publishers: make one, trust one, withdraw one.")
def publisher() -> None:
    """Make a publisher's key pair, and say whose packages this installation trusts."""


@publisher.command("new")
@click.argument("name")
@click.option("--algorithm", default="ed25519", help="ed25519 or sm2.")
@click.option("--out", type=GIVEN, help="Where to write the private key; else into the home.")
def new(name: str, algorithm: str, out: Path | None) -> None:
    """Make a key pair for a publisher; print the public key, which others are to trust."""
    load()
    from guantong.main.package_files import key_path
    from guantong.packages import api as packages

    key = packages.new_key(name, algorithm)
    path = out or key_path(name)
    packages.write_key(path, key)
    click.echo(say("cli.publisher.made", language(), path=path), err=True)
    print_of = packages.fingerprint(key.algorithm, key.public)
    click.echo(say("cli.publisher.fingerprint", language(), fingerprint=print_of), err=True)
    click.echo(key.to_hand_out.line, nl=False)


@publisher.command("list")
def list_publishers() -> None:
    """List the publishers that are or were trusted, and until when."""
    with store.ready():
        from guantong.base.reading import moment_text
        from guantong.packages import api as packages

        found = packages.publishers()
        for known in found:
            word = "cli.publisher.withdrawn" if known.withdrawn_at else "cli.publisher.known"
            click.echo(
                say(
                    word, language(), name=known.name, algorithm=known.algorithm,
                    fingerprint=packages.fingerprint(known.algorithm, known.public),
                    since=moment_text(known.since, language()),
                    until=moment_text(known.withdrawn_at or known.until, language()),
                )
            )  # fmt: skip
        if not found:
            click.echo(say("cli.publisher.nobody", language()))


@publisher.command("trust")
@click.argument("file", type=GIVEN)
@click.option("--by", required=True, help="The account of who answers for it.")
@click.option("--since", type=DAY, help="The first day; else today.")
@click.option("--until", type=DAY, help="The last day; else a year after the first.")
def trust(file: Path, by: str, since: datetime | None, until: datetime | None) -> None:
    """Trust the publisher whose public key stands in FILE, for a time."""
    load()
    from guantong.packages import api as packages

    key = packages.read_public(file)  # before anything is started
    with store.ready():
        from guantong.base.clock import local_day, machine_now
        from guantong.base.reading import moment_text

        at = machine_now()
        first = since.date() if since else local_day(at)
        last = until.date() if until else first + YEAR
        found = packages.trust_publisher(
            key, by=person_named(by), since_at=_begin(first),
            until_at=_begin(last + timedelta(days=1)), at=at,
        )  # fmt: skip
        print_of = packages.fingerprint(found.algorithm, found.public)
        until_text = moment_text(found.until, language())
    click.echo(
        say("cli.publisher.trusted", language(), name=found.name, fingerprint=print_of,
            until=until_text)
    )  # fmt: skip


@publisher.command("withdraw")
@click.argument("name")
@click.option("--by", required=True, help="The account of who withdraws it.")
@click.option("--why", required=True, help="Why, in a few words.")
def withdraw(name: str, by: str, why: str) -> None:
    """Trust a publisher's key no longer: NAME, or the beginning of its fingerprint."""
    with store.ready():
        from guantong.base.clock import machine_now
        from guantong.packages import api as packages

        person = person_named(by)
        found = packages.withdraw_publisher(
            packages.publisher_named(name).id, by=person, because=why, at=machine_now()
        )
    click.echo(say("cli.publisher.gone", language(), name=found.name))


def _key(path: Path | None, signer: str | None) -> "PrivateKey | None":
    from guantong.main.package_files import key_path
    from guantong.packages import api as packages

    if path is None and signer is None:
        return None
    return packages.read_key(path or key_path(str(signer)))


def person_named(account: str) -> UUID:
    """Return the person an account is of, or refuse an account that there is not."""
    from guantong.access.api import person_of_account
    from guantong.packages.api import PublisherRefused

    person = person_of_account(account)
    if person is None:
        raise PublisherRefused("no-account", account=account)
    return person


def _begin(day: date) -> datetime:
    from guantong.base.clock import BEIJING

    return datetime(day.year, day.month, day.day, tzinfo=BEIJING)
