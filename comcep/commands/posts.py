"""`flask posts`: stored HTML made again when the Markdown rules have changed."""

import click
from flask.cli import with_appcontext

from comcep.analytics.rendering import render_digests_again
from comcep.commands.database import require_schema
from comcep.commands.progress import progress
from comcep.forum import rendering


@click.group()
def posts() -> None:
    """Les messages."""


@posts.command("rerender")
@click.option("--all", "everything", is_flag=True, help="Aussi ceux déjà rendus sous les règles actuelles.")
@with_appcontext
def rerender_command(everything: bool) -> None:
    """Refait le HTML des messages à partir de leur source Markdown."""
    require_schema()
    rerender(everything)


def rerender(everything: bool = False) -> None:
    """Render again what older rules made, showing how far it is; silent when there is nothing to do."""
    render_digests_again()
    left = rendering.count(everything)
    if left:
        with progress("Messages rendus de nouveau", left) as advance:
            for done in rendering.render_again(everything):
                advance(done)
