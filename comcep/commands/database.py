"""`flask database`: the schema brought to the version of the code, before any other command touches it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

import click
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import text

from comcep.commands.causes import told
from comcep.extensions import db

MIGRATING = 4022  # PostgreSQL's advisory locks are numbers; sweeping/leading and search/engines have their own


@click.group()
def database() -> None:
    """La base de données."""


@database.command("upgrade")
@with_appcontext
def upgrade_command() -> None:
    """Crée la base, ou l'amène à la version du code."""
    ensure_schema()
    click.echo("La base est à jour.")


def require_schema() -> None:
    """Refuse where there is no site, or one of another version of the code: a command that looks after a site founds
    none, and migrates none without a word. Raises ClickException."""
    with told("La base n'a pas pu être ouverte"), db.engine.connect() as connection:
        held = MigrationContext.configure(connection).get_current_revision()
    data = current_app.config["DATA"]
    if held is None:
        raise click.ClickException(f"Il n'y a pas de site dans {data} (COMCEP_DATA, COMCEP_DATABASE_URL).")
    wanted = ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config()).get_current_head()
    if held != wanted:
        raise click.ClickException(
            f"La base de {data} est d'une autre version du programme. Sauvegardez-la, puis : flask database upgrade"
        )


def ensure_schema() -> None:
    """Create or migrate the database; one process at a time, the others wait. Raises ClickException when it is away."""
    with told("La base n'a pas pu être ouverte"), open(current_app.config["DATA"] / "migration.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with _alone_in_database():
            upgrade()


@contextmanager
def _alone_in_database() -> Iterator[None]:
    """On PostgreSQL, which processes of other machines may be about to migrate as well."""
    if db.engine.dialect.name != "postgresql":
        yield
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATING})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": MIGRATING})
