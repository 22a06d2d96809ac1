"""Making a backup: the database by its own means, the files by copy, and the manifest when all of it is on the disk.

The index and the queue are not saved: both are made again from the database.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app

from comcep.commands.backup import checking, files, kinds, manifest, marker
from comcep.commands.backup.files import Measure
from comcep.commands.backup.manifest import DATABASES, MAILS, SECRETS, THEMES, Manifest


def save(folder: Path) -> None:
    """Save the site into an empty or new folder, whole: what fails leaves nothing. Raises ClickException, OSError and
    the errors of databases."""
    data: Path = current_app.config["DATA"]
    marker.refuse_half_restored(data)
    checking.check_secrets(data / SECRETS)
    name, database = kinds.of_this_site()
    with _claimed(folder):
        file = DATABASES[name]
        revision, rows = database.save(folder / file)
        if not revision:
            raise click.ClickException("La base est vide : il n'y a rien à sauvegarder.")
        measures = {file: files.measure(folder / file), **_copied_files(data, folder)}
        files.sync(folder)
        manifest.write(folder, Manifest(datetime.now(UTC).isoformat(), name, revision, rows, measures))


@contextmanager
def _claimed(folder: Path) -> Iterator[None]:
    """The folder, made where it was missing, empty and nobody else's; nothing of it is left when the backup fails."""
    with _made(folder):
        _refuse_used(folder)
        os.close(files.create(files.draft_of(folder / manifest.NAME)))  # of two backups into one folder, one goes on
        try:
            yield
        except BaseException:
            _clear(folder)
            raise


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    if folder.exists() and not folder.is_dir():
        raise click.ClickException(f"{folder} n'est pas un dossier.")
    made: list[Path] = []
    try:
        for path in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
            path.mkdir(mode=0o700)
            made.append(path)
        yield
    except BaseException:
        for path in reversed(made):
            with suppress(OSError):  # somebody else may have put something there
                path.rmdir()
        raise


def _refuse_used(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    if files.draft_of(folder / manifest.NAME).name in names:
        raise click.ClickException(
            f"{folder} contient une sauvegarde inachevée : effacez-la, ou donnez un autre dossier."
        )
    if names:
        raise click.ClickException(f"{folder} n'est pas vide : une sauvegarde ne remplace rien.")


def _clear(folder: Path) -> None:
    """Take away what a backup makes, and nothing else that somebody may have put there meanwhile."""
    shutil.rmtree(folder / MAILS, ignore_errors=True)
    for path in folder.iterdir():
        own = (*DATABASES.values(), SECRETS, THEMES, manifest.NAME, files.draft_of(folder / manifest.NAME).name)
        if path.name in own or path.name.startswith(f"{DATABASES['sqlite']}-"):
            path.unlink(missing_ok=True)


def _copied_files(data: Path, folder: Path) -> dict[str, Measure]:
    # An operator may keep either elsewhere, behind a link; of the backup itself no link is followed.
    measures = {SECRETS: files.copy((data / SECRETS).resolve(), folder / SECRETS)}
    if (data / THEMES).exists():
        measures[THEMES] = files.copy((data / THEMES).resolve(), folder / THEMES)
    if (data / MAILS).is_dir():
        (folder / MAILS).mkdir(mode=0o700)
        measures.update(_copied_mails(data / MAILS, folder / MAILS))
        files.sync(folder / MAILS)
    return measures


def _copied_mails(source: Path, target: Path) -> Iterator[tuple[str, Measure]]:
    """Those that are whole: the site serves, and one being written is hidden until it is; one may go at any time."""
    for entry in sorted(os.scandir(source), key=lambda entry: entry.name):
        path = f"{MAILS}/{entry.name}"
        if not manifest.may_hold(path) or not entry.is_file(follow_symlinks=False):
            continue
        try:
            yield path, files.copy(source / entry.name, target / entry.name)
        except FileNotFoundError:
            continue
