"""`flask worker`: the background worker alone. `flask serve` (serve.py) starts it beside the web server."""

import click
from flask import current_app
from flask.cli import with_appcontext
from huey.consumer import Consumer

from comcep import background as background_work


@click.command()
@with_appcontext
def worker() -> None:
    """Les tâches de fond seules : index, notifications, courriels."""
    try:
        lock = background_work.hold_lock(current_app.config["DATA"])
    except BlockingIOError:
        raise click.ClickException("Des tâches de fond tournent déjà sur ce dossier de données.") from None
    with lock:
        Consumer(
            current_app.extensions["background"], workers=1, initial_delay=0.05, max_delay=0.3, flush_locks=True
        ).run()
