"""``guantong apps``: the application packages of this installation, and what is done with one.

Without a command of its own it lists them. Every command below it is one act on one package and
decides nothing here: the act is ``guantong.packages``, the words are in ``messages/``.
"""

import click

from guantong.main import life_commands


@click.group(invoke_without_command=True, short_help="List the application packages.")
@click.pass_context
def apps(ctx: click.Context) -> None:
    """List the application packages with version, maturity and what the doctor says."""
    if ctx.invoked_subcommand is None:
        _load()
        from guantong.main import packages

        for line in packages.overview(_language()):
            click.echo(line)


apps.add_command(life_commands.install)
apps.add_command(life_commands.install, "upgrade")
apps.add_command(life_commands.bring)
apps.add_command(life_commands.withdraw)
apps.add_command(life_commands.history)


def _load() -> None:
    from guantong.main.cli import _load

    _load()


def _language() -> str:
    from guantong.main.cli import language

    return language()
