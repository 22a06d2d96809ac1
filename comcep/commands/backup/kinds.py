"""What a database must be able to do to be saved and restored; sqlite.py and postgresql.py each do it."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from comcep.commands.backup import postgresql, sqlite
from comcep.commands.backup.manifest import Manifest
from comcep.commands.backup.marker import Marker
from comcep.extensions import db

Saved = tuple[str, dict[str, int]]  # the Alembic revision, rows by table


class Kind(Protocol):
    """A kind of database. Each raises ClickException with a sentence, OSError, or its driver's errors."""

    def save(self, target: Path) -> Saved:
        """Write a consistent copy of the site's database while it serves, down to the disk."""

    def check(self, saved: Path, manifest: Manifest, /) -> None:
        """Refuse a saved database that does not read, or not as its manifest says."""

    def alone(self) -> AbstractContextManager[None]:
        """Keep another restore away from this site's database."""

    def tables(self) -> list[str]:
        """The tables of this site's database."""

    def identity(self) -> str:
        """The same for the same database, whatever it holds."""

    def forget(self, marker: Marker, /) -> None:
        """Take away what a restore that broke left in the database, and nothing else."""

    def prepare(self, staging: Path, manifest: Manifest, /) -> str | None:
        """Restore the staged copy as far as can be before anything is put in place, at the code's version; the
        SHA-256 of a file that is still to be placed."""

    def place(self, staging: Path) -> None:
        """Put in place what prepare left to do; nothing comes after it but the end of the marker."""


def of_this_site() -> tuple[str, Kind]:
    """The kind of database configured: its name, and what does it."""
    if db.engine.dialect.name == "sqlite":
        return "sqlite", sqlite
    return "postgresql", postgresql
