"""`flask index`: the search index built anew, with a progress bar."""

import click
from flask.cli import with_appcontext

from comcep.commands.database import ensure_schema
from comcep.search import indexing


@click.group()
def index() -> None:
    """L'index de recherche."""


@index.command("rebuild")
@with_appcontext
def rebuild_command() -> None:
    """Reconstruit l'index à partir de la base."""
    ensure_schema()
    rebuild()


def rebuild() -> None:
    """Index everything, showing how far it is."""
    from sqlalchemy import func, select

    from comcep.extensions import db
    from comcep.forum.models import Topic

    total = db.session.scalar(select(func.count(Topic.id))) or 0
    with click.progressbar(length=total, label="Index de recherche") as bar:
        before = 0
        for done in indexing.rebuild():
            bar.update(done - before)
            before = done
