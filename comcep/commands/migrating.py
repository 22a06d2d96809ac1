"""A migration whole or not at all: the connection and the one transaction that all its revisions run in.

migrations/env.py runs them here, whichever command asked. Who may migrate, one at a time, is in database.py.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import click
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from comcep.commands.causes import cause


class MigrationFailed(click.ClickException):
    """A migration that was taken back; why, and what to do."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"La base n'a pas pu être amenée à la version du programme ({why}). Rien n'y a changé : elle est "
            "comme avant. Remettez la version précédente du programme, avec laquelle le site tourne comme avant, "
            "faites une sauvegarde (flask backup), et transmettez cette phrase à qui s'occupe du programme."
        )
        self.why = why


@contextmanager
def one_transaction(engine: Engine) -> Iterator[Connection]:
    """A connection whose transaction is committed at the end, or rolled back: then MigrationFailed is raised."""
    with engine.connect() as connection:
        connection.detach()  # what is set for a migration goes with it, and never back to the pool
        is_sqlite = engine.dialect.name == "sqlite"
        if is_sqlite:
            _begin_by_hand(connection)
        with connection.begin() as transaction:
            try:
                yield connection
                if is_sqlite:
                    _require_what_is_referred_to(connection)
                transaction.commit()
            except Exception as error:
                transaction.rollback()
                raise MigrationFailed(_why(error)) from error


def _begin_by_hand(connection: Connection) -> None:
    """The driver of SQLite begins a transaction at the first row that changes, and a table made before it is there for
    good; so it is told to begin none, and one begins here. Tables that others refer to are dropped and made anew with
    foreign keys off, which is no-one's to change inside a transaction. Source: SQLite, "Making other kinds of table
    schema changes"; SQLAlchemy, "Serializable isolation / Savepoints / Transactional DDL" of pysqlite."""
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.isolation_level = None
    driver.execute("PRAGMA foreign_keys=OFF")
    driver.execute("BEGIN IMMEDIATE")


def _require_what_is_referred_to(connection: Connection) -> None:
    """Foreign keys were off: each must lead somewhere before it is committed."""
    tables = {row[0] for row in connection.execute(text("PRAGMA foreign_key_check"))}
    if tables:
        raise CommandError(f"des lignes renvoient à ce qui n'existe pas : {', '.join(sorted(tables))}")


def _why(error: Exception) -> str:
    """Alembic's own refusals say no value of a row; the rest in the words of commands/causes."""
    if not isinstance(error, CommandError):
        return cause(error)
    if "Can't locate revision" in str(error):
        return "elle vient d'une version plus récente que ce programme"
    return str(error)
