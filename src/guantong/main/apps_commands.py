"""``guantong apps``: the application packages of this installation, and what is done with one.

Without a command of its own it lists them. Every command below it is one act on one package and
decides nothing here: the act is ``guantong.packages``, the words are in ``messages/``.
"""

from pathlib import Path

import click


@click.group(invoke_without_command=True, short_help="List the application packages.")
@click.pass_context
def apps(ctx: click.Context) -> None:
    """List the application packages with version, maturity and what the doctor says."""
    if ctx.invoked_subcommand is None:
        _load()
        from guantong.main import packages

        for line in packages.overview(_language()):
            click.echo(line)


@apps.command("vmodel", short_help="Print the models of a package's V-model.")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object with all models.")
def vmodel(path: Path, as_json: bool) -> None:
    """Print goals, units of work, hand-overs, shared fields and data needs of a package.

    It starts nothing and needs no store: what a province has landed stands on the page.
    """
    _load()
    from guantong.main import vmodel_print

    for line in vmodel_print.lines(path, language=_language(), as_json=as_json):
        click.echo(line)


def _load() -> None:
    from guantong.main.cli import _load

    _load()


def _language() -> str:
    from guantong.main.cli import language

    return language()
