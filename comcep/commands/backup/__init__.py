"""`flask backup FOLDER` while serving, and `flask restore FOLDER` into an empty place: the two commands.

A backup is whole or has no manifest; a restore is whole or leaves nothing. How is in saving.py and restoring.py; what
either needs of SQLite or PostgreSQL is in the module of that name.
"""

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from comcep import secrets_file
from comcep.commands import causes
from comcep.commands.backup import restoring, saving
from comcep.commands.backup.marker import refuse_half_restored

__all__ = ["backup", "refuse_half_restored", "restore"]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@with_appcontext
def backup(folder: Path) -> None:
    """Sauvegarde la base et les fichiers dans un dossier vide, sans arrêter le service."""
    with causes.told("La sauvegarde n'a pas été faite"):
        saving.save(folder)
    click.echo(f"Sauvegardé dans {folder}.")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@with_appcontext
def restore(folder: Path) -> None:
    """Restaure une sauvegarde dans un dossier de données et une base vides, puis les amène à la version du code."""
    try:
        with causes.told("Rien n'a été restauré"):
            aside = restoring.restore(folder)
    except click.ClickException:
        if current_app.config["SECRETS_ARE_NEW"]:  # made by the start of this command: the next one owes them nothing
            secrets_file.forget_new(current_app.config["DATA"])
        raise
    if aside:
        click.echo(f"Le secrets.json qui se trouvait là n'est pas celui de la sauvegarde ; il est gardé sous {aside}.")
    click.echo("Restauré. L'index se reconstruit au démarrage.")
