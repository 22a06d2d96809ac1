"""Everything that a restore verifies of a backup before it touches anything. Each refusal is a ClickException with a
sentence for the operator."""

import json
import stat
from pathlib import Path

import click

from comcep.commands.backup import files, kinds, manifest, schema
from comcep.commands.backup.manifest import DATABASES, SECRETS, Manifest, UnusableError
from comcep.secrets_file import FOUNDING

SHORTEST_SECRET = 32  # characters
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def checked(folder: Path) -> Manifest:
    """The manifest of a backup that this program, with its settings, can restore whole."""
    _check_folder(folder)
    try:
        found = manifest.read(folder)
    except UnusableError as error:
        raise click.ClickException(f"{folder} : {error}.") from None
    name, database = kinds.of_this_site()
    if found.database != name:
        raise click.ClickException(
            f"{folder} est la sauvegarde d'une base {_NAMES[found.database]}, et COMCEP_DATABASE_URL désigne "
            f"une base {_NAMES[name]}."
        )
    if found.revision not in schema.known_revisions():
        raise click.ClickException(
            f"{folder} vient d'un programme plus récent que celui-ci (révision {found.revision!r} de la base) : "
            "restaurez-la avec lui."
        )
    for path in found.files:
        _check_file(folder, path, found)
    check_secrets(folder / SECRETS)
    database.check(folder / DATABASES[name], found)
    return found


def check_secrets(path: Path) -> None:
    """Refuse a file of secrets without which sessions, journal and digests would be another site's."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        values = [found[name] for name in FOUNDING]
    except (ValueError, KeyError, TypeError, RecursionError):
        values = []
    if not values or not all(isinstance(value, str) and len(value) >= SHORTEST_SECRET for value in values):
        raise click.ClickException(f"{path} ne contient pas les secrets du site ({', '.join(FOUNDING)}).")


def _check_folder(folder: Path) -> None:
    if not folder.exists():
        raise click.ClickException(f"{folder} n'existe pas.")
    if not folder.is_dir():
        raise click.ClickException(f"{folder} n'est pas un dossier.")
    if not any(folder.iterdir()):
        raise click.ClickException(f"{folder} est vide : ce n'est pas une sauvegarde.")
    if not (folder / manifest.NAME).exists():
        raise click.ClickException(
            f"{folder} n'a pas de {manifest.NAME} : cette sauvegarde est inachevée, ou faite par une version "
            "antérieure du programme, qui peut encore la restaurer."
        )


def _check_file(folder: Path, path: str, said: Manifest) -> None:
    """A plain file in plain folders, with the weight and the hash that the manifest says."""
    try:
        parents = [folder / parent for parent in Path(path).parents if parent.name]
        is_plain = all(stat.S_ISDIR(parent.lstat().st_mode) for parent in parents)
        if not is_plain or not stat.S_ISREG((folder / path).lstat().st_mode):
            raise click.ClickException(f"{folder / path} n'est pas un simple fichier.")
        if files.measure(folder / path) != said.files[path]:
            raise click.ClickException(
                f"{folder / path} est abîmé : ce n'est plus ce qui a été sauvegardé. Prenez une autre sauvegarde."
            )
    except FileNotFoundError:
        raise click.ClickException(f"Il manque {path} dans {folder}.") from None
