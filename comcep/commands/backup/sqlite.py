"""A SQLite site: its database copied while it serves, and a saved one checked, migrated aside and moved into place."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click
from sqlalchemy import inspect

from comcep import create_app
from comcep.commands.backup import files, schema
from comcep.commands.backup.manifest import DATABASES, Manifest
from comcep.commands.backup.marker import Marker
from comcep.extensions import db

FILE = DATABASES["sqlite"]
BESIDE = ("-wal", "-shm", "-journal")


def save(target: Path) -> tuple[str, dict[str, int]]:
    """SQLite's online backup; revision and rows are those of the copy."""
    os.close(files.create(target))
    with closing(sqlite3.connect(_path())) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written)
        # One file, without the write-ahead log that the site works with: it is read where nothing can be written.
        written.execute("PRAGMA journal_mode=DELETE")
    files.sync(target)
    with closing(_sealed(target)) as copy:
        _check_pages(copy, "La base du site est abîmée")
        return _revision(copy), _rows(copy)


def check(saved: Path, manifest: Manifest) -> None:
    """Pages, revision and rows of a saved file, opened so that nothing beside it is written or believed."""
    try:
        with closing(_sealed(saved)) as copy:
            _check_pages(copy, f"{saved.name} est abîmé")
            said = (manifest.revision, manifest.rows)
            if (_revision(copy), _rows(copy)) != said:
                raise click.ClickException(f"{saved.name} n'a pas les lignes que son manifeste annonce.")
    except sqlite3.Error:
        raise click.ClickException(f"{saved.name} n'est pas une base SQLite lisible.") from None


@contextmanager
def alone() -> Iterator[None]:
    """The lock of the data folder is enough: the database lies in it."""
    yield


def tables() -> list[str]:
    """The tables of the site's file; none when the start of this command has just made it."""
    found = inspect(db.engine).get_table_names()
    db.session.remove()
    db.engine.dispose()  # the file may be moved: nothing of this process may have it open
    return found


def identity() -> str:
    """One data folder holds one: forget() knows by its content whether it is the restore's."""
    return _path().name


def forget(marker: Marker) -> None:
    """Remove the database that a broken restore had put in place, if nobody has written into it since."""
    if not tables():
        return
    log = _path().with_name(f"{_path().name}-wal")
    has_lived = log.exists() and log.stat().st_size > 0
    if has_lived or files.measure(_path()).sha256 != marker.prepared:
        raise click.ClickException(
            "La base n'est pas vide : une restauration ne remplace rien. Elle a servi depuis qu'une restauration s'est "
            "interrompue ici ; si c'est le bon site, effacez restoring.json et le dossier restoring."
        )
    _remove(_path())


def prepare(staging: Path, _manifest: Manifest) -> str:
    """Migrate the staged file where it lies, by an application of its own, and close it whole; its SHA-256."""
    # What the operator set for serving is not for a folder that nobody serves.
    app = create_app({"DATA": staging, "DATABASE_URL": "", "SEARCH": "", "HOST": "127.0.0.1", "RATE_LIMITS": "on"})
    with app.app_context():
        schema.bring_to_code()
        db.engine.dispose()
    with closing(sqlite3.connect(staging / FILE)) as last:
        # It keeps its write-ahead mode: a reader alone then never changes a byte, which forget() relies on.
        last.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    files.sync(staging / FILE)
    return files.measure(staging / FILE).sha256


def place(staging: Path) -> None:
    """Move the prepared file into place: there is no site before, and a whole one after."""
    _remove(_path())
    (staging / FILE).rename(_path())
    files.sync(_path().parent)


def _path() -> Path:
    return Path(db.engine.url.database or "")


def _sealed(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _check_pages(copy: sqlite3.Connection, sentence: str) -> None:
    (found,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise click.ClickException(f"{sentence} (PRAGMA integrity_check).")


def _revision(copy: sqlite3.Connection) -> str:
    if copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone() is None:
        return ""
    found = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(found[0]) if found else ""


def _rows(copy: sqlite3.Connection) -> dict[str, int]:
    names = copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_'")
    return {name: _count(copy, name) for (name,) in names.fetchall()}


def _count(copy: sqlite3.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    (count,) = copy.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()  # noqa: S608  (the database's own name)
    return int(count)


def _remove(path: Path) -> None:
    for end in ("", *BESIDE):
        path.with_name(path.name + end).unlink(missing_ok=True)
