"""`flask index`: the search index built anew, with a progress bar."""

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError

from comcep.commands.database import require_schema
from comcep.commands.progress import progress
from comcep.search import indexing


@click.group()
def index() -> None:
    """L'index de recherche."""


@index.command("rebuild")
@with_appcontext
def rebuild_command() -> None:
    """Reconstruit l'index à partir de la base, à côté de celui qui sert ; repris là où il s'est arrêté."""
    require_schema()
    try:
        rebuild()
    except (OSError, OperationalError) as error:
        raise click.ClickException(
            "Le nouvel index n'a pas pu être écrit (disque plein, base arrêtée ?) ; celui qui sert est resté en place. "
            "Relancez la commande une fois la cause levée : elle reprendra où elle en était. "
            f"({error.__class__.__name__})"
        ) from error


def rebuild() -> None:
    """Index everything, showing how far it is."""
    with progress("Sujets indexés", indexing.count()) as advance:
        advance(indexing.already_rebuilt())
        for done in indexing.rebuild():
            advance(done)
