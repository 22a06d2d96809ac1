"""restoring.json: what a restore has begun in this data folder, written before it touches anything, gone when all of
it is in place. While it stands the site is no site: restore again, which first takes away what the marker speaks of."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from comcep.commands.backup import files

NAME = "restoring.json"


@dataclass(frozen=True)
class Marker:
    """The backup restored from; which database; what becomes of the secrets; once known, the hash of the prepared
    SQLite file."""

    backup: str
    database: str  # Kind.identity()
    secrets_are_fresh: bool  # secrets.json was made by the restore's own start
    secrets_aside: str | None = None  # name under which those that stood there are kept
    prepared: str | None = None  # SHA-256


def write(data: Path, marker: Marker) -> None:
    """Put the marker into the data folder, or the next state of it in place of the last."""
    files.write_whole(data / NAME, json.dumps(asdict(marker)))


def read(data: Path) -> Marker | None:
    """The marker of a restore that broke; none when there is none. Raises ClickException when it cannot be read."""
    try:
        return Marker(**json.loads((data / NAME).read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        raise click.ClickException(f"{data / NAME} est illisible : regardez ce que contient le dossier.") from None


def remove(data: Path) -> None:
    """Say that the restore is over."""
    files.draft_of(data / NAME).unlink(missing_ok=True)
    (data / NAME).unlink(missing_ok=True)
    files.sync(data)


def refuse_half_restored(data: Path) -> None:
    """Raise ClickException where a restore was broken off: what stands there is no site to serve or to save."""
    if (data / NAME).exists():
        raise click.ClickException(
            "Une restauration n'est pas finie dans ce dossier de données : relancez flask restore, "
            f"qui efface d'abord ce qu'elle a laissé ({data / NAME})."
        )
