"""Who does the background work: one process for one database, by a lock that ends with it, also after kill -9.

On SQLite a lock on a file of the data folder; on PostgreSQL one of the database's, since web servers on several
machines may share it. Another process waits and takes over.
"""

import fcntl
from pathlib import Path
from typing import IO, Protocol

from flask import Flask
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from comcep.extensions import db
from comcep.settings import POSTGRESQL_CONNECTION

LOCK = 4023  # PostgreSQL's advisory locks are numbers; search/engines and commands/database have their own
# A machine that vanished is missed by the server after 25 seconds, and its lock given to the next.
_MISSED_SOON = ("SET tcp_keepalives_idle = 10", "SET tcp_keepalives_interval = 5", "SET tcp_keepalives_count = 3")


class Lead(Protocol):
    """The lock of the background work."""

    def take(self) -> bool:
        """Try to hold it, or go on holding it; whether it is held now."""
        ...

    def give_back(self) -> None: ...


def lead_of(app: Flask) -> Lead:
    """The lock of an application's database. Inside its context."""
    if db.engine.dialect.name == "postgresql":
        return DatabaseLead(app.config["SQLALCHEMY_DATABASE_URI"])
    return FileLead(app.config["DATA"])


class FileLead:
    def __init__(self, data: Path) -> None:
        self._path = data / "tasks.lock"
        self._file: IO[str] | None = None

    def take(self) -> bool:
        if self._file is None:
            file = open(self._path, "a")  # noqa: SIM115  (held until the process ends)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.close()
                return False
            self._file = file
        return True

    def give_back(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class DatabaseLead:
    def __init__(self, address: str) -> None:
        self._engine = create_engine(
            address, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=POSTGRESQL_CONNECTION
        )
        self._connection: Connection | None = None

    def take(self) -> bool:
        try:
            if self._connection is not None:  # the lock lives as long as its connection
                self._connection.execute(text("SELECT 1"))
                return True
            connection = self._engine.connect()
            for statement in _MISSED_SOON:
                connection.execute(text(statement))
            if connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}):
                self._connection = connection
                return True
            connection.close()
        except SQLAlchemyError:
            self.give_back()
        return False

    def give_back(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


def is_led(app: Flask) -> bool:
    """Whether some process does the background work now. Inside the application's context; raises SQLAlchemyError when
    the database is down."""
    if db.engine.dialect.name == "postgresql":
        held = (
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database WHERE granted"
            " AND datname = current_database() AND locktype = 'advisory' AND classid = 0 AND objid = :lock"
        )
        return bool(db.session.scalar(text(held), {"lock": LOCK}))
    return is_file_locked(app.config["DATA"])


def is_file_locked(data: Path) -> bool:
    """Whether a process does the background work of this data folder, as its lock tells."""
    try:
        with open(data / "tasks.lock") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False
