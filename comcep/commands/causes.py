"""What kept a command from being done, in French for the operator, without a row, a value or a password.

Refusals that say what to do are written where they are found; here are the failures that come from below.
"""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

DISK_FULL = "disque plein, ou taille de fichier limitée"
_OF_THE_SYSTEM = {
    errno.ENOSPC: DISK_FULL,
    errno.EFBIG: DISK_FULL,
    errno.EDQUOT: DISK_FULL,
    errno.EACCES: "accès refusé",
    errno.EPERM: "accès refusé",
    errno.EROFS: "disque en lecture seule",
    errno.ENOENT: "introuvable",
    errno.ENOTDIR: "ce n'est pas un dossier",
    errno.EISDIR: "c'est un dossier",
    errno.ELOOP: "c'est un lien",
    errno.EEXIST: "existe déjà",
    errno.ENOTEMPTY: "n'est pas vide",
    errno.ENAMETOOLONG: "nom trop long",
    errno.EXDEV: "le dossier de données et la base ne sont pas sur le même disque",
    errno.EIO: "erreur de lecture ou d'écriture du disque",
}
_OF_SQLITE = {
    sqlite3.SQLITE_FULL: DISK_FULL,
    sqlite3.SQLITE_IOERR: f"erreur d'écriture ({DISK_FULL} ?)",
    sqlite3.SQLITE_CORRUPT: "base SQLite abîmée",
    sqlite3.SQLITE_NOTADB: "ce n'est pas une base SQLite",
    sqlite3.SQLITE_BUSY: "base occupée par un autre programme",
    sqlite3.SQLITE_LOCKED: "base occupée par un autre programme",
    sqlite3.SQLITE_CANTOPEN: "base SQLite impossible à ouvrir",
    sqlite3.SQLITE_READONLY: "base en lecture seule",
}


@contextmanager
def told(sentence: str) -> Iterator[None]:
    """Turn what the disk or a database refuses into the sentence, its cause, and exit code 1."""
    try:
        yield
    except (OSError, sqlite3.Error, SQLAlchemyError) as error:
        raise click.ClickException(f"{sentence} : {cause(error)}.") from error


def cause(error: BaseException) -> str:
    """Why, in a few words."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return cause(error.orig)
    if isinstance(error, OSError):
        why = _OF_THE_SYSTEM.get(error.errno or 0, error.strerror or type(error).__name__)
        return f"{error.filename} : {why}" if error.filename else why
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte: the rest says which kind of it
        return _OF_SQLITE.get(code, f"erreur de SQLite ({getattr(error, 'sqlite_errorname', type(error).__name__)})")
    if type(error).__module__.startswith("psycopg"):
        return _of_postgresql(error)
    return type(error).__name__


def _of_postgresql(error: BaseException) -> str:
    """Without a code the server was not reached, and the driver says how; with one, only its name: PostgreSQL's own
    sentence may quote a value of somebody's row."""
    if getattr(error, "sqlstate", None) is None:
        return (
            f"PostgreSQL ne répond pas ({str(error).strip().splitlines()[0] if str(error).strip() else 'sans message'})"
        )
    return f"PostgreSQL a refusé ({type(error).__name__})"
