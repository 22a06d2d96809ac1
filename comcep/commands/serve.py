"""`flask serve`: web server and background worker together, until Ctrl-C.

How a child process is kept is in children.py, how requests are read in web/server.py, what the worker does in
worker.py.
"""

import errno
import fcntl
import os
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from comcep.accounts import site
from comcep.accounts.models import Member
from comcep.commands import demo, index, posts, reference
from comcep.commands.backup import refuse_half_restored
from comcep.commands.children import Child
from comcep.commands.database import ensure_schema
from comcep.extensions import db
from comcep.search.indexing import engine

BACKLOG = 2048  # connections that wait in the kernel while a web server starts
FAILED_STARTS = 3  # of the web server, at the start: a fourth would say no more than the first


@click.command()
@click.option("--demo", "wants_demo", is_flag=True, help="Charge la démonstration si la base est vide.")
@with_appcontext
def serve(wants_demo: bool) -> None:
    """Démarre le site : base à jour, index prêt, serveur web et tâches de fond ; Ctrl-C arrête tout."""
    config = current_app.config
    refuse_half_restored(config["DATA"])
    with _alone_on(config["DATA"]), listen(config["HOST"], config["PORT"]) as listener:
        _prepare(wants_demo)
        _say_where()
        _let_go_of_data()
        _watch(listener)


def _alone_on(data: Path) -> IO[str]:
    """The lock of a data folder, held until it is closed; raises ClickException when another `serve` holds it."""
    file = open(data / "serve.lock", "w")  # noqa: SIM115  (the caller closes it)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise click.ClickException(
            f"ComCEP tourne déjà sur le dossier de données {data}. Arrêtez-le d'abord, "
            "ou donnez à celui-ci un autre dossier (COMCEP_DATA) et un autre port (PORT)."
        ) from None
    return file


def listen(host: str, port: int, patience: float = 30) -> socket.socket:
    """The socket that every web server of this `serve` inherits, so that none that restarts refuses a connection.

    Waits `patience` seconds for a web server that is just ending; raises ClickException when the port stays taken.
    """
    last_moment = time.monotonic() + patience
    has_said = False
    while True:
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            return socket.create_server((host, port), family=family, backlog=BACKLOG, dualstack_ipv6=host == "::")
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise click.ClickException(
                    f"Impossible d'écouter sur {host}, port {port} : {error.strerror}."
                ) from None
            if time.monotonic() > last_moment:
                raise click.ClickException(
                    f"Le port {port} est pris par un autre programme. Arrêtez-le, ou choisissez un autre port "
                    f"(PORT={port + 1}, par exemple)."
                ) from None
        if not has_said:
            _say(f"Le port {port} est encore pris ; j'attends qu'il se libère.")
            has_said = True
        time.sleep(0.2)


def _prepare(wants_demo: bool) -> None:
    """Bring schema, reference data, stored HTML and index up to date."""
    ensure_schema()
    site.own_secrets(current_app.config["SECRETS"])
    if wants_demo and not db.session.scalar(select(func.count(Member.id))):
        demo.load()
    reference.load()
    db.session.commit()
    demo.refuse_beside_real_members()
    posts.rerender()  # before anybody reads: what older rules stored may hold another's words
    if not engine().is_ready():
        _rebuild_index()


def _rebuild_index() -> None:
    """The site opens without an index rather than not at all: the worker goes on where this stopped."""
    try:
        index.rebuild()
    except (OSError, SQLAlchemyError) as error:
        db.session.rollback()
        _say(f"L'index n'a pas pu être fait ({error.__class__.__name__}) ; les tâches de fond essaieront de nouveau.")


def _say_where() -> None:
    config = current_app.config
    _say(f"\nComCEP écoute sur http://{config['HOST']}:{config['PORT']}   (Ctrl-C pour arrêter)")
    if site.fact(site.DEMO) is not None:
        _say(f"\nComptes de démonstration, tous avec le mot de passe {demo.PASSWORD} :")
        for account in demo.ACCOUNTS:
            _say(f"  {account.email:28} {account.says}")
        _say("\nLes courriels ne partent pas : chaque compte lit les siens à /boite-de-demo\n")


def _let_go_of_data() -> None:
    """This process only watches: neither it nor a child may hold what was open before."""
    db.session.remove()
    db.engine.dispose()
    engine().close()


def _watch(listener: socket.socket) -> None:
    """Keep both processes running until a signal asks to end; SIGHUP of a service renews them."""
    wishes = _hear_signals()
    root = current_app.root_path
    web = Child("Le serveur web", _web_command(listener), root, _say, keep=(listener.fileno(),), may_overlap=True)
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    children = (web, Child("Le processus des tâches de fond", [*flask, "worker"], root, _say))
    try:
        while not wishes.to_end:
            if wishes.to_reload:
                wishes.to_reload = False
                _say("Rechargement : serveur web et tâches de fond redémarrent ; aucune demande n'est perdue.")
                for child in children:
                    child.replace()
            for child in children:
                child.watch()
            if web.failed_starts >= FAILED_STARTS and not web.has_worked:
                raise click.ClickException(
                    f"Le serveur web n'a pas pu démarrer en {FAILED_STARTS} essais ; la cause est écrite ci-dessus."
                )
            time.sleep(0.1)
    finally:
        listener.close()
        for child in children:
            child.end()
        while [child for child in children if not child.has_ended()]:
            time.sleep(0.1)


@dataclass
class Wishes:
    """What signals have asked for; the loop of _watch looks several times a second."""

    to_end: bool = False
    to_reload: bool = False


def _hear_signals() -> Wishes:
    """SIGINT and SIGTERM end; SIGHUP ends when a terminal was closed, and reloads where there is none (a service)."""
    wishes = Wishes()

    def end(_number: int, _frame: FrameType | None) -> None:
        wishes.to_end = True

    def reload(_number: int, _frame: FrameType | None) -> None:
        wishes.to_reload = True

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup: the closed terminal is to be ignored
        signal.signal(signal.SIGHUP, end if _has_terminal() else reload)
    return wishes


def _has_terminal() -> bool:
    """Whether standard input is the terminal whose closing sends SIGHUP."""
    try:
        os.tcgetpgrp(0)
    except OSError:
        return False
    return True


def _web_command(listener: socket.socket) -> list[str]:
    return web_command(f"fd://{listener.fileno()}", current_app.config["WEB_WORKERS"])


def web_command(address: str, workers: int, module: str = "wsgi:app") -> list[str]:
    """Gunicorn as the site runs it; measurements start it in the same way. Its workers share what its master has loaded
    (wsgi.py), and have one heap each: only one of their threads runs Python at a time."""
    return [
        "env",
        "MALLOC_ARENA_MAX=1",
        sys.executable,
        "-m",
        "gunicorn",
        "--bind",
        address,
        "--workers",
        str(workers),
        "--worker-class",
        "comcep.web.server.WholeRequests",
        "--preload",
        "--threads",
        "4",
        "--timeout",
        "60",
        "--graceful-timeout",
        "23",
        "--max-requests",
        "50000",
        "--max-requests-jitter",
        "5000",
        "--log-level",
        "warning",
        "--no-control-socket",  # one file a user: two sites of one account would share it
        module,
    ]


def _say(sentence: str) -> None:
    """Print for whoever watches. A terminal that is gone must not end this process half way."""
    try:
        click.echo(sentence)
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
