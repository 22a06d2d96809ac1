"""`flask worker`: the background worker alone. `flask serve` (serve.py) starts it beside the web server."""

import signal
import threading

import click
from flask import current_app
from flask.cli import with_appcontext

from comcep.accounts import site
from comcep.commands.backup import refuse_half_restored
from comcep.commands.database import ensure_schema
from comcep.extensions import db
from comcep.sweeping.lanes import Lanes


@click.command()
@with_appcontext
def worker() -> None:
    """Les tâches de fond seules : index, notifications, courriels ; une autre machine prend le relais."""
    refuse_half_restored(current_app.config["DATA"])
    ensure_schema()
    site.own_secrets(current_app.config["SECRETS"])
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # SIGHUP: a terminal that closes, or a reload
        signal.signal(number, lambda *_: stopping.set())
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    db.session.remove()
    Lanes(app).run_until(stopping, lambda said: click.echo(said, err=True))
