"""``guantong keys``: the keys that seal personal fields: look at them, change them, retire one.

The change itself is ``guantong.base.resealing``. Before anything is counted all packages that hold
sealed values are loaded, so that no row is forgotten.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from guantong.base.words import say
from guantong.main import store
from guantong.main.terminal import language


@click.group(short_help="The keys that seal personal fields.")
def keys() -> None:
    """Look at the keys that seal personal fields, change them, retire one."""


@keys.command("list")
def list_keys() -> None:
    """List the keys, how many rows need each, and how many rows still wait to be sealed anew."""
    with _ready():
        from guantong.base import resealing

        for state in resealing.key_states():
            word = "cli.keys.current" if state.current else "cli.keys.older"
            facts = {"key": state.id, "suite": state.suite, "at": state.made_at}
            click.echo(say(word, language(), rows=sum(state.rows.values()), **facts))
            for place, rows in state.rows.items():
                if rows:
                    click.echo(say("cli.keys.place", language(), place=place, rows=rows))
        for key in resealing.retired():
            click.echo(say("cli.keys.retired", language(), key=key))
        for key in resealing.missing():
            click.echo(say("cli.keys.missing", language(), key=key))
        click.echo(say("cli.keys.waiting", language(), rows=resealing.waiting()))


@keys.command()
@click.option("--suite", help="aes-256-gcm or sm4-gcm; else GUANTONG_FIELD_SUITE.")
@click.option("--go-on", is_flag=True, help="Make no new key; finish a change that was cut off.")
def rotate(suite: str | None, go_on: bool) -> None:
    """Make a new key current and seal every personal field anew under it, while work goes on."""
    with _ready():
        from guantong.base import clock, key_ring, resealing

        if not go_on:
            wanted = suite or key_ring.wanted_suite()
            if wanted not in key_ring.SUITES:
                known = ", ".join(key_ring.SUITES)
                raise key_ring.UnknownFieldSuite(suite=wanted[:40], known=known)
            fresh = resealing.rotate(wanted, at=clock.machine_now())
            click.echo(say("cli.keys.made", language(), key=fresh.id, suite=fresh.suite))
        done = _reseal()
        click.echo(say("cli.keys.resealed", language(), rows=done))


@keys.command()
@click.argument("key")
def retire(key: str) -> None:
    """Take a key that no row needs any more out of the ring, into a file of its own."""
    with _ready():
        from guantong.base import resealing

        path = resealing.retire(key)
        click.echo(say("cli.keys.taken_out", language(), key=key, path=path))


@keys.command()
@click.argument("key")
def reopen(key: str) -> None:
    """Bring a retired key back, to read an old backup."""
    with _ready():
        from guantong.base import resealing

        resealing.reopen(key)
        click.echo(say("cli.keys.brought_back", language(), key=key))


@keys.command()
def wrap() -> None:
    """Write the ring anew under the master key or the key service that is set now."""
    with _ready():
        from guantong.base import resealing

        kind = resealing.wrap_again()
        click.echo(say(f"cli.keys.wrapped_by.{kind}", language()))


def _reseal() -> int:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from guantong.base import resealing

    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True,
    ) as bar:  # fmt: skip
        line = bar.add_task(say("cli.keys.resealing", language()), total=None)
        return resealing.reseal(lambda done, total: bar.update(line, completed=done, total=total))


@contextmanager
def _ready() -> Iterator[None]:
    with store.ready():
        from guantong.main import wiring

        wiring.bring_witnesses()
        yield
