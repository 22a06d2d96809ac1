"""`flask journal`: whether the chain of the journal holds."""

import click
from flask.cli import with_appcontext

from comcep.commands.database import require_schema
from comcep.moderation.journal import first_broken_line


@click.group()
def journal() -> None:
    """Le journal des actes."""


@journal.command("verify")
@with_appcontext
def verify() -> None:
    """Vérifie que nulle ligne du journal n'a été changée ou retirée."""
    require_schema()
    broken = first_broken_line()
    if broken is not None:
        raise click.ClickException(f"La chaîne est rompue à la ligne {broken}.")
    click.echo("Le journal est intact.")
