"""`flask database`: the schema brought to the version of the code, before any other command touches it."""

import fcntl

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade


@click.group()
def database() -> None:
    """La base de données."""


@database.command("upgrade")
@with_appcontext
def upgrade_command() -> None:
    """Crée la base, ou l'amène à la version du code."""
    ensure_schema()
    click.echo("La base est à jour.")


def ensure_schema() -> None:
    """Create or migrate the database; one process at a time, the others wait."""
    with open(current_app.config["DATA"] / "migration.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        upgrade()
