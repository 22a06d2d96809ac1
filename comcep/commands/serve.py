"""`flask serve`: web server and background worker together, until Ctrl-C. What the worker does is in worker.py."""

import signal
import subprocess
import sys
import time
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import func, select

from comcep.accounts import site
from comcep.accounts.models import Member
from comcep.commands import demo, index, reference
from comcep.commands.database import ensure_schema
from comcep.extensions import db
from comcep.search.indexing import engine


@click.command()
@click.option("--demo", "wants_demo", is_flag=True, help="Charge la démonstration si la base est vide.")
@with_appcontext
def serve(wants_demo: bool) -> None:
    """Démarre le site : base à jour, index prêt, serveur web et tâches de fond ; Ctrl-C arrête tout."""
    ensure_schema()
    if wants_demo and not db.session.scalar(select(func.count(Member.id))):
        demo.load()
    reference.load()
    db.session.commit()
    demo.refuse_beside_real_members()
    if not engine().is_ready():
        index.rebuild()
    _say_where()
    db.session.remove()
    db.engine.dispose()
    engine().close()
    _run_until_stopped()


def _say_where() -> None:
    config = current_app.config
    click.echo(f"\nComCEP écoute sur http://{config['HOST']}:{config['PORT']}   (Ctrl-C pour arrêter)")
    if site.fact(site.DEMO) is not None:
        click.echo(f"\nComptes de démonstration, tous avec le mot de passe {demo.PASSWORD} :")
        for account in demo.ACCOUNTS:
            click.echo(f"  {account.email:28} {account.says}")
        click.echo("\nLes courriels ne partent pas : chaque compte lit les siens à /boite-de-demo\n")


def _run_until_stopped() -> None:
    """Run both processes; one that ends by itself is started again, a signal ends both."""
    stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    checkout = current_app.root_path
    commands = {"web": _web_command(), "worker": [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]}
    running = {name: subprocess.Popen(command, cwd=checkout) for name, command in commands.items()}
    try:
        while not stopping:
            time.sleep(0.3)
            for name, process in running.items():
                if process.poll() is not None and not stopping:
                    click.echo(f"{name} s'est arrêté ({process.returncode}) : il redémarre.", err=True)
                    time.sleep(1)
                    running[name] = subprocess.Popen(commands[name], cwd=checkout)
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _web_command() -> list[str]:
    config = current_app.config
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "--bind",
        f"{config['HOST']}:{config['PORT']}",
        "--workers",
        str(config["WEB_WORKERS"]),
        "--worker-class",
        "gthread",
        "--threads",
        "4",
        "--timeout",
        "60",
        "--max-requests",
        "50000",
        "--max-requests-jitter",
        "5000",
        "--log-level",
        "warning",
        "wsgi:app",
    ]
