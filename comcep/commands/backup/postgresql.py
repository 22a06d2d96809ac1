"""A PostgreSQL site: saved by pg_dump from one snapshot, restored by pg_restore in one transaction.

Both programs get the password in their environment: arguments are there for every user of the machine to read.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL, make_url

from comcep.commands import causes
from comcep.commands.backup import files, schema
from comcep.commands.backup.manifest import DATABASES, Manifest
from comcep.commands.backup.marker import Marker
from comcep.commands.database import MIGRATING
from comcep.extensions import db

FILE = DATABASES["postgresql"]
NAME = "comcep-restore"  # under which pg_restore is seen by the server, and found when its restore was killed
INDEX = ("search", "search_next")  # schemas of the index, made anew from the rest
_TABLES = text(
    "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' "
    r"AND n.nspname NOT LIKE 'pg\_%' ORDER BY 1, 2"
)


def save(target: Path) -> tuple[str, dict[str, int]]:
    """pg_dump of a snapshot; revision and rows are those of the same snapshot."""
    os.close(files.create(target))
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        revision, rows = _revision(connection), _rows(connection)
        excluded = [f"--exclude-schema={space}" for space in INDEX]
        options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={target}")
        _run("pg_dump", *options, *excluded, f"--dbname={_address()}")
    files.sync(target)
    return revision, rows


def check(saved: Path, _manifest: Manifest) -> None:
    """Whether pg_restore can read the dump: its rows are counted once they are in a database."""
    try:
        _run("pg_restore", "--list", str(saved))
    except click.ClickException as error:
        raise click.ClickException(f"{saved.name} ne se lit pas : {error.message}") from None


@contextmanager
def alone() -> Iterator[None]:
    """Hold the database's lock of migrations: another machine may start on it, or restore into it."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": MIGRATING}):
            raise click.ClickException("Une restauration ou une migration est déjà en cours dans cette base.")
        try:
            yield
        finally:
            connection.invalidate()  # not back to the pool with the lock; the server frees it


def tables() -> list[str]:
    """The tables of every schema, the index's included."""
    with db.engine.connect() as connection:
        return [f"{space}.{name}" for space, name in connection.execute(_TABLES)]


def identity() -> str:
    """Server, name and number: a database made anew under the same name is another one."""
    url, options = db.engine.url, db.engine.url.query
    with db.engine.connect() as connection:
        number = connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
    return f"{url.host or options.get('host', '')}:{url.port or ''}/{url.database}#{number}"


def forget(_marker: Marker) -> None:
    """Drop every table: the database was empty when the marker was written, so they are all the restore's."""
    db.session.remove()
    with db.engine.begin() as connection:
        _end_orphans(connection)
    with db.engine.begin() as connection:
        names = ", ".join(f"{_quoted(space)}.{_quoted(name)}" for space, name in connection.execute(_TABLES))
        if names:
            connection.execute(text(f"DROP TABLE {names} CASCADE"))


def prepare(staging: Path, manifest: Manifest) -> str | None:
    """Restore the dump in one transaction, compare its rows with the manifest's, migrate."""
    options = ("--single-transaction", "--no-owner", "--no-privileges", "--exit-on-error")
    _run("pg_restore", *options, f"--dbname={_address()}", str(staging / FILE))
    with db.engine.connect() as connection:
        if (_revision(connection), _rows(connection)) != (manifest.revision, manifest.rows):
            raise click.ClickException("La base restaurée n'a pas les lignes que son manifeste annonce.")
    schema.bring_to_code()
    return None


def place(staging: Path) -> None:
    """Nothing is left to do: the database is where it was restored."""
    (staging / FILE).unlink()


def _revision(connection: Connection) -> str:
    if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return ""
    return str(connection.scalar(text("SELECT version_num FROM alembic_version")) or "")


def _rows(connection: Connection) -> dict[str, int]:
    places = [(space, name) for space, name in connection.execute(_TABLES) if space not in INDEX]
    return {name if space == "public" else f"{space}.{name}": _count(connection, space, name) for space, name in places}


def _count(connection: Connection, space: str, name: str) -> int:
    table = f"{_quoted(space)}.{_quoted(name)}"
    return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608  (the database's own names)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""').replace(":", r"\:") + '"'


def _end_orphans(connection: Connection) -> None:
    """A pg_restore outlives the restore that was killed: it must not commit after its tables were looked for."""
    connection.execute(
        text(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = :name"
        ),
        {"name": NAME},
    )


def _run(*command: str) -> None:
    """Run a program of PostgreSQL. Raises ClickException: the first line of its complaint, never the rows it quotes."""
    try:
        done = subprocess.run(command, env=_environment(), capture_output=True, check=False)
    except FileNotFoundError:
        raise click.ClickException(
            f"{command[0]} n'est pas installé sur cette machine : il vient avec les programmes clients de PostgreSQL."
        ) from None
    if done.returncode < 0:
        raise click.ClickException(f"{command[0]} a été arrêté (signal {-done.returncode} ; {causes.DISK_FULL} ?).")
    if done.returncode:
        raise click.ClickException(f"{command[0]} a échoué : {_complaint(done.stderr.decode(errors='replace'))}")


def _complaint(said: str) -> str:
    password = _password(_url())
    line = next((line for line in said.splitlines() if "error:" in line), "sans message")
    line = line.partition("error:")[2].strip() or line
    return line.replace(password, "…") if password else line


def _environment() -> dict[str, str]:
    password = _password(_url())
    secret = {"PGPASSWORD": password} if password else {}
    return {**os.environ, "PGAPPNAME": NAME, "LC_ALL": "C", **secret}


def _address() -> str:
    """The site's PostgreSQL address, as its programs understand it, without the password."""
    url = _url()
    query = {key: value for key, value in url.query.items() if key not in ("password", "application_name")}
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, query)
    return bare.render_as_string(hide_password=False)


def _password(url: URL) -> str:
    options = url.query
    found = url.password or options.get("password") or ""
    return found if isinstance(found, str) else found[0]


def _url() -> URL:
    return make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])
