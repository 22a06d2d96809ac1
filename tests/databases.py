"""Databases for tests: a SQLite file copied from a migrated one, a PostgreSQL database emptied between tests."""

import os
import shutil
from functools import lru_cache
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

SERVER = os.environ.get("COMCEP_TEST_POSTGRESQL", "postgresql://root@127.0.0.1:5432/postgres")


def worker() -> str:
    """The name of this test process, so that two never share a database; COMCEP_TEST_RUN parts two checkouts."""
    return os.environ.get("PYTEST_XDIST_WORKER", "alone") + os.environ.get("COMCEP_TEST_RUN", "")


@lru_cache(maxsize=1)
def why_no_postgresql() -> str:
    """Why PostgreSQL cannot be reached; empty when it can."""
    try:
        psycopg.connect(SERVER, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        return str(error)
    return ""


def require_postgresql() -> None:
    """Skip by name where there is no PostgreSQL; in CI its absence is a failure."""
    if not why_no_postgresql():
        return
    if os.environ.get("CI"):
        pytest.fail(f"PostgreSQL is required in CI: {why_no_postgresql()}")
    pytest.skip(f"no PostgreSQL at hand: {why_no_postgresql()}")


def fresh_postgresql(name: str) -> str:
    """The address of a new, empty PostgreSQL database of that name."""
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)")
        connection.execute(f"create database {name} template template0 encoding 'UTF8'")
    return known_postgresql(name)


def known_postgresql(name: str) -> str:
    """The address of a database that fresh_postgresql made."""
    return SERVER.rsplit("/", 1)[0] + f"/{name}"


@lru_cache(maxsize=1)
def migrated_postgresql() -> str:
    """This process's PostgreSQL database, brought to the schema once. It does not wait for the disk at each commit: no
    test ends the database itself."""
    name = f"comcep_test_{worker()}"
    address = fresh_postgresql(name)
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f"alter database {name} set synchronous_commit = off")
    _migrate({"DATABASE_URL": address, "DATA": _scratch() / "postgresql"})
    return address


def empty(app) -> None:  # type: ignore[no-untyped-def]
    """Take every row out of a PostgreSQL database, and begin its numbers again.

    Rows are deleted, from tables that hold some: truncating every table made a file for each of them and its indexes.
    """
    from comcep.extensions import db

    tables = [table.name for table in db.metadata.sorted_tables]
    held = " union all ".join(f"select '{name}' where exists (select from \"{name}\")" for name in tables)
    with app.app_context():
        db.session.execute(
            text("set local session_replication_role = replica")
        )  # in any order, whatever refers to what
        for name in db.session.scalars(text(held)).all():
            db.session.execute(text(f'delete from "{name}"'))
        db.session.execute(text("select setval(format('%I.%I', schemaname, sequencename), 1, false) from pg_sequences"
                                " where schemaname = 'public' and last_value is not null"))  # fmt: skip
        for schema in ("search", "search_next"):
            db.session.execute(text(f"drop schema if exists {schema} cascade"))
        db.session.commit()


def migrated_sqlite(folder: Path) -> None:
    """Put a migrated, empty SQLite database into a data folder."""
    shutil.copy(_template(), folder / "comcep.sqlite3")


@lru_cache(maxsize=1)
def _template() -> Path:
    folder = _scratch() / "template"
    _migrate({"DATA": folder})
    return folder / "comcep.sqlite3"


@lru_cache(maxsize=1)
def _scratch() -> Path:
    import atexit
    import tempfile

    folder = tempfile.TemporaryDirectory(prefix="comcep-test-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


def _migrate(settings: dict) -> None:  # type: ignore[type-arg]
    from comcep import create_app
    from comcep.commands.database import ensure_schema
    from comcep.extensions import db

    app = create_app({**settings, "TESTING": True})
    with app.app_context():
        ensure_schema()
        db.session.remove()
        db.engine.dispose()
