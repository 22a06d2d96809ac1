"""`flask worker`: the background worker, and the process of sentence embeddings beside it, which web servers ask too.

`flask serve` (serve.py) starts it beside the web server. What is swept: sweeping/; what that process does:
text/engine/serving.py.
"""

import logging
import os
import signal
import sys
import threading
import time

import click
from flask import current_app
from flask.cli import with_appcontext

from comcep.accounts import site
from comcep.commands.backup import refuse_half_restored
from comcep.commands.children import Child
from comcep.commands.database import ensure_schema
from comcep.extensions import db
from comcep.sweeping.lanes import Lanes
from comcep.text.engine import asking

logger = logging.getLogger(__name__)

# Of the environment, what a Python needs to start: neither the passwords of databases nor those of mail servers.
NEEDED = ("PATH", "LANG", "PYTHONPATH", "LD_LIBRARY_PATH")


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
    embedding = _embedding_process()
    if embedding is not None:
        embedding.watch()  # it is up before the first sweep looks for it
    try:
        Lanes(app).run_until(stopping, _say, embedding.watch if embedding is not None else lambda: None)
    finally:
        if embedding is not None:
            embedding.end()
            while not embedding.has_ended():
                time.sleep(0.05)


def _embedding_process() -> Child | None:
    """The process that embeds for this one and for the web servers of its data folder; None where none can, or where
    the operator wants none."""
    config = current_app.config
    if config["EMBEDDINGS"] != "on":
        return None
    if (why_not := asking.why_not()) is not None:
        logger.warning("no sentence embeddings on this machine: %s", why_not)
        return None
    module = "comcep.text.engine.serving"
    command = [sys.executable, "-m", module, str(config["DATA"]), str(os.getpid())]
    knows = {name: os.environ[name] for name in NEEDED if name in os.environ}
    return Child("Le processus du sens des phrases", command, current_app.root_path, _say, knows_only=knows)


def _say(sentence: str) -> None:
    click.echo(sentence, err=True)
