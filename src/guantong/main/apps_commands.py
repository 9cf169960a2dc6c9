"""``guantong apps``: the application packages of this installation, and what is done with one.

Without a command of its own it lists them. Every command below it is one act on one package and
decides nothing here: the act is ``guantong.packages``, the words are in ``messages/``.
"""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from guantong.base.words import say
from guantong.main import life_commands
from guantong.main.package_file_commands import inspect, pack, publisher
from guantong.main.terminal import language, load

# What is done with a new package, one after the other; a kernel offers what it has of it.
_NEXT = (("apps", "schemas"), ("doctor",), ("rehearse",), ("apps", "pack"))


@click.group(invoke_without_command=True, short_help="List the application packages.")
@click.pass_context
def apps(ctx: click.Context) -> None:
    """List the application packages with version, maturity and what the doctor says."""
    if ctx.invoked_subcommand is None:
        load()
        from guantong.main import packages

        for line in packages.overview(language()):
            click.echo(line)


@apps.command(short_help="Make a small working package to begin with.")
@click.argument("id")
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Where to; else GUANTONG_APPS, else here."
)
@click.option("--title-zh", default="", help="What it is called in Chinese; else its id.")
@click.option("--title-en", default="", help="What it is called in English; else its id in words.")
@click.option("--lead", default="", metavar="LINE@TIER", help="Who leads; else emergency@county.")
def new(id: str, folder: Path | None, title_zh: str, title_en: str, lead: str) -> None:
    """Make a small package that works, in which every file says what it is for.

    Nothing is ever written over. It ends with what to do next.
    """
    load()
    from guantong.packages.api import make

    where = folder or Path(os.environ.get("GUANTONG_APPS") or ".")
    path = make(id, folder=where, title_zh=title_zh, title_en=title_en, lead=lead)
    click.echo(say("cli.apps.made", language(), path=path))
    for line in _next(path):
        click.echo(line)
    click.echo(say("cli.apps.pages", language()))


@apps.command(short_help="Write the schemas of all kinds of file for an editor.")
@click.argument("folder", default=".vscode", type=click.Path(path_type=Path))
def schemas(folder: Path) -> None:
    """Write the JSON Schema of each kind of file and settings for VS Code into FOLDER (.vscode).

    Settings of your own are never written over. Repeating it renews what it wrote.
    """
    load()
    from guantong.packages.api import publish

    files = publish(folder)
    click.echo(say("cli.apps.schemas", language(), folder=folder, count=len(files) - 1))


def _next(path: Path) -> Iterator[str]:
    """Yield what to type next, each with what it is good for."""
    for words in _NEXT:
        if _there_is(words):
            typed = ["guantong", *words, *([] if words[-1] == "schemas" else [str(path)])]
            why = say(f"cli.apps.next.{words[-1]}", language())
            yield f"    {shlex.join(typed)}    # {why}"


def _there_is(words: tuple[str, ...]) -> bool:
    command: click.Command | None = click.get_current_context().find_root().command
    for word in words:
        if not isinstance(command, click.Group):
            return False
        command = command.get_command(click.Context(command), word)
    return command is not None


apps.add_command(pack)
apps.add_command(inspect)
apps.add_command(publisher)


@apps.command("vmodel", short_help="Print the models of a package's V-model.")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object with all models.")
def vmodel(path: Path, as_json: bool) -> None:
    """Print goals, units of work, hand-overs, shared fields and data needs of a package.

    It starts nothing and needs no store: what a province has landed stands on the page.
    """
    load()
    from guantong.main import vmodel_print

    for line in vmodel_print.lines(path, language=language(), as_json=as_json):
        click.echo(line)


apps.add_command(life_commands.install)
apps.add_command(life_commands.install, "upgrade")
apps.add_command(life_commands.bring)
apps.add_command(life_commands.withdraw)
apps.add_command(life_commands.cases)
apps.add_command(life_commands.history)
