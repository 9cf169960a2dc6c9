"""``guantong check files``: are the bytes of every file still those that were stored?

Also the two questions about what is sealed: is every key there that a row needs, and does a row
wait to be sealed anew? Both belong to the whole check; the files are read in full, so they are a
command of their own, too.
"""

import json

import click

from guantong.base.words import say
from guantong.main import store


def files(language: str, *, as_json: bool) -> int:
    """Read every file and compare its digest; return 0, or 1 when one is missing or altered."""
    store.refuse_missing()
    with store.running():
        return of_running(language, as_json=as_json)


def of_running(language: str, *, as_json: bool) -> int:
    """Check the files of a store that is running already."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from guantong.files.api import check

    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
        TimeRemainingColumn(), console=Console(stderr=True), transient=True,
    ) as bar:  # fmt: skip
        line = bar.add_task(say("cli.files.reading", language), total=None)
        report = check(lambda done, total: bar.update(line, completed=done, total=total))
    if as_json:
        facts = {
            "contents": report.contents, "bytes": report.bytes, "waiting": report.waiting,
            "open": report.open,
            "faults": [
                {"code": f.code, "digest": f.digest, "files": [str(id) for id in f.files]}
                for f in report.faults
            ],
        }  # fmt: skip
        click.echo(json.dumps(facts))
        return int(bool(report.faults))
    mb = round(report.bytes / 1024 / 1024, 1)
    click.echo(say("cli.files.read", language, contents=report.contents, mb=mb))
    if report.waiting:
        click.echo(say("cli.files.waiting", language, files=report.waiting))
    if report.open:
        click.echo(say("cli.files.open", language, contents=report.open))
    for fault in report.faults:
        named = ", ".join(str(id) for id in fault.files)
        click.echo(say(f"cli.files.{fault.code}", language, digest=fault.digest, files=named))
    return int(bool(report.faults))


def sealed(language: str, *, as_json: bool) -> int:
    """Say which keys are missing and how many rows wait to be sealed anew; the store must run."""
    from guantong.base import key_ring, resealing

    try:
        missing = resealing.missing()
    except (key_ring.KeyRingLost, key_ring.KeyRingUnreadable) as refusal:
        # One fault among others: the log is to be verified all the same.
        if as_json:
            click.echo(json.dumps({"missing_keys": [], "to_reseal": 0, "ring": refusal.code}))
        else:
            click.echo(refusal.sentence(language))
        return 1
    # Where a key is missing, the rows under it could not be sealed anew anyway.
    waiting = 0 if missing else resealing.waiting()
    if as_json:
        click.echo(json.dumps({"missing_keys": missing, "to_reseal": waiting, "ring": "sound"}))
        return int(bool(missing))
    for key in missing:
        click.echo(say("cli.keys.missing", language, key=key))
    if missing:
        return 1
    if waiting:
        click.echo(say("cli.keys.to_reseal", language, rows=waiting))
    return 0
