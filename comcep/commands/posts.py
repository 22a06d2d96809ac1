"""`flask posts`: stored HTML made again when the Markdown rules have changed."""

import click
from flask.cli import with_appcontext
from sqlalchemy import func, select, update

from comcep.access.system_read import system_read
from comcep.commands.database import ensure_schema
from comcep.extensions import db
from comcep.forum.models import Post
from comcep.text import markdown

BATCH = 200


@click.group()
def posts() -> None:
    """Les messages."""


@posts.command("rerender")
@click.option("--all", "everything", is_flag=True, help="Aussi ceux déjà rendus sous les règles actuelles.")
@with_appcontext
def rerender(everything: bool) -> None:
    """Refait le HTML des messages à partir de leur source Markdown."""
    ensure_schema()
    older = Post.id > 0 if everything else Post.rules < markdown.RULES
    total = db.session.scalar(select(func.count()).select_from(Post).where(older)) or 0
    last = 0
    with click.progressbar(length=total, label="Messages") as bar:
        while batch := _next(older, last):
            for post in batch:
                html = markdown.render(post.source)
                # Edited meanwhile: the edit has rendered it under the new rules already.
                same = (Post.id == post.id, Post.version == post.version)
                db.session.execute(update(Post).where(*same).values(html=html, rules=markdown.RULES))
            db.session.commit()
            last = batch[-1].id
            bar.update(len(batch))


def _next(which, last: int) -> list:  # type: ignore[no-untyped-def,type-arg]
    rows = select(Post.id, Post.source, Post.version).where(which, Post.id > last).order_by(Post.id).limit(BATCH)
    return list(system_read("sources to render again").rows(rows))
