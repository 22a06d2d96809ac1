"""`flask backup FOLDER` while serving, and `flask restore FOLDER` into an empty place.

The database by its own means (SQLite's online backup, pg_dump), the files by copy. The index and the queue are not
saved: both are made again from the database.
"""

import shutil
import sqlite3
import subprocess
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import inspect, update
from sqlalchemy.engine import make_url

from comcep.commands.database import ensure_schema
from comcep.extensions import db
from comcep.forum.models import Topic

FILES = ("secrets.json", "mails")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@with_appcontext
def backup(folder: Path) -> None:
    """Sauvegarde la base et les fichiers dans un dossier vide, sans arrêter le service."""
    if folder.exists() and any(folder.iterdir()):
        raise click.UsageError(f"{folder} n'est pas vide.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if _is_sqlite():
        _copy_sqlite(Path(db.engine.url.database or ""), folder / "comcep.sqlite3")
    else:
        _run("pg_dump", "--format=custom", f"--file={folder / 'comcep.pgdump'}", _libpq_address())
    data: Path = current_app.config["DATA"]
    for name in FILES:
        if (data / name).is_dir():
            shutil.copytree(data / name, folder / name)
        elif (data / name).exists():
            shutil.copy2(data / name, folder / name)
    click.echo(f"Sauvegardé dans {folder}.")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@with_appcontext
def restore(folder: Path) -> None:
    """Restaure une sauvegarde dans un dossier de données et une base vides, puis les amène à la version du code."""
    if inspect(db.engine).get_table_names():
        raise click.UsageError("La base n'est pas vide : une restauration ne remplace rien.")
    db.session.remove()
    db.engine.dispose()
    if _is_sqlite():
        if not (folder / "comcep.sqlite3").exists():
            raise click.UsageError(f"{folder} ne contient pas de sauvegarde SQLite.")
        _copy_sqlite(folder / "comcep.sqlite3", Path(db.engine.url.database or ""))
    else:
        _run(
            "pg_restore", "--no-owner", "--exit-on-error", f"--dbname={_libpq_address()}", str(folder / "comcep.pgdump")
        )
    data: Path = current_app.config["DATA"]
    for name in FILES:
        if (folder / name).is_dir():
            shutil.copytree(folder / name, data / name, dirs_exist_ok=True)
        elif (folder / name).exists():
            shutil.copy2(folder / name, data / name)
    shutil.rmtree(data / "index", ignore_errors=True)
    ensure_schema()
    db.session.execute(update(Topic).values(indexed_at=None, embedded_at=None))
    db.session.commit()
    click.echo("Restauré. L'index se reconstruit au démarrage.")


def _is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def _copy_sqlite(source: Path, target: Path) -> None:
    with sqlite3.connect(source) as read, sqlite3.connect(target) as written:
        read.backup(written)
    written.close()


def _libpq_address() -> str:
    address = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"]).set(drivername="postgresql")
    return address.render_as_string(hide_password=False)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"{command[0]} : {done.stderr.strip()}")
