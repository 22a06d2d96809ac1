"""Restoring a backup into an empty place, whole or not at all, whenever it is killed.

All is verified, then prepared aside, then moved into place, the database last. Going back after a failure and clearing
up after a kill are the same: what the marker speaks of is taken away, then the marker.
"""

import fcntl
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from comcep.commands import causes
from comcep.commands.backup import checking, files, kinds, marker
from comcep.commands.backup.kinds import Kind
from comcep.commands.backup.manifest import DATABASES, MAILS, SECRETS, THEMES, Manifest
from comcep.commands.backup.marker import Marker
from comcep.extensions import db
from comcep.sweeping import leading

STAGING = "restoring"  # folder in the data folder, so that moving into place is a renaming


def restore(folder: Path) -> str | None:
    """Restore a backup; the name under which other secrets that stood in the data folder are kept, if there were any.

    Raises ClickException, OSError and the errors of databases; everything then is as before.
    """
    data: Path = current_app.config["DATA"]
    if folder.resolve() == data:
        raise click.ClickException(f"{folder} est le dossier de données lui-même, pas une sauvegarde.")
    database = kinds.of_this_site()[1]
    with _alone(data), database.alone():
        manifest = checking.checked(folder)
        _take_away(data, database)
        _refuse_a_site(data, database)
        try:
            begun = _begin(data, folder, database)
            _stage(folder, data / STAGING, manifest)
            _put_secrets(data, begun)
            begun = replace(begun, prepared=database.prepare(data / STAGING, manifest))
            marker.write(data, begun)
            _put_in_place(data, database)
            shutil.rmtree(data / STAGING)
            marker.remove(data)
        except BaseException as failure:
            _go_back(data, database, failure)
            raise
    return begun.secrets_aside


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Not beside a running site; under the lock of migrations: one that starts waits there, before it makes a table."""
    if leading.is_led(current_app):
        raise click.ClickException("Le site tourne sur ce dossier ou cette base : arrêtez-le d'abord.")
    db.session.remove()
    with open(data / "migration.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException("Une restauration ou une migration est déjà en cours ici.") from None
        yield


def _take_away(data: Path, database: Kind) -> None:
    """What a broken restore left, as its marker says; nothing where there is no marker."""
    begun = marker.read(data)
    if begun is None:
        return
    if begun.database != database.identity():
        raise click.ClickException(
            "Une restauration interrompue ici avait commencé dans une autre base : remettez COMCEP_DATABASE_URL et "
            f"relancez-la, ou effacez {data / marker.NAME}."
        )
    database.forget(begun)
    shutil.rmtree(data / MAILS, ignore_errors=True)
    (data / THEMES).unlink(missing_ok=True)
    if begun.secrets_are_fresh:
        (data / SECRETS).unlink(missing_ok=True)
    elif begun.secrets_aside and (data / begun.secrets_aside).exists():
        (data / begun.secrets_aside).replace(data / SECRETS)
    if (data / STAGING).exists():
        shutil.rmtree(data / STAGING)
    marker.remove(data)


def _refuse_a_site(data: Path, database: Kind) -> None:
    if database.tables():
        raise click.ClickException("La base n'est pas vide : une restauration ne remplace rien.")
    # The start of this command makes an empty SQLite file where SQLite is configured, and nowhere else.
    names = [THEMES, MAILS] if kinds.of_this_site()[0] == "sqlite" else [THEMES, MAILS, DATABASES["sqlite"]]
    for path in (data / name for name in names):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
        elif path.exists():
            raise click.ClickException(
                f"Le dossier de données n'est pas vide ({path}) : une restauration ne remplace rien."
            )


def _begin(data: Path, folder: Path, database: Kind) -> Marker:
    """Write down what is going to be touched."""
    is_fresh = bool(current_app.config.get("SECRETS_ARE_NEW"))  # they have protected nothing yet
    is_other = (data / SECRETS).exists() and (data / SECRETS).read_bytes() != (folder / SECRETS).read_bytes()
    aside = f"secrets.before-restore-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.json"
    begun = Marker(str(folder.resolve()), database.identity(), is_fresh, aside if is_other and not is_fresh else None)
    marker.write(data, begun)
    return begun


def _stage(folder: Path, staging: Path, manifest: Manifest) -> None:
    """Copy the backup next to the place where it goes, verified once more on its way."""
    if staging.exists():  # of a restore whose marker an operator has deleted
        shutil.rmtree(staging)
    staging.mkdir(mode=0o700)
    for path, said in manifest.files.items():
        (staging / path).parent.mkdir(mode=0o700, exist_ok=True)
        if files.copy(folder / path, staging / path) != said:
            raise click.ClickException(f"{folder / path} a changé pendant la restauration.")
    for kept in (staging / MAILS, staging):
        if kept.exists():
            files.sync(kept)


def _put_secrets(data: Path, begun: Marker) -> None:
    """First of all: no command starts beside a database that knows other secrets, not even the one that clears it."""
    if begun.secrets_aside:
        (data / SECRETS).rename(data / begun.secrets_aside)
    files.write_whole(data / SECRETS, (data / STAGING / SECRETS).read_text(encoding="utf-8"))


def _put_in_place(data: Path, database: Kind) -> None:
    shutil.rmtree(data / "index", ignore_errors=True)  # whatever it was made from is not there any more
    for name in (THEMES, MAILS):
        if (data / STAGING / name).exists():
            (data / STAGING / name).rename(data / name)
    files.sync(data)
    database.place(data / STAGING)


def _go_back(data: Path, database: Kind, failure: BaseException) -> None:
    try:
        _take_away(data, database)
    except (OSError, sqlite3.Error, SQLAlchemyError) as error:
        why = failure.format_message() if isinstance(failure, click.ClickException) else causes.cause(failure)
        raise click.ClickException(
            f"Rien n'a été restauré : {why}\nCe qui était commencé n'a pas pu être effacé ({causes.cause(error)}) : "
            "relancez flask restore, qui l'effacera d'abord."
        ) from failure
