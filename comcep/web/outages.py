"""What a page does while the database is away, locked or full: it says which; what is only read shows all the same."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from flask import g
from flask_babel import lazy_gettext as _
from flask_login import AnonymousUserMixin
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from comcep.extensions import be_impatient, db

logger = logging.getLogger(__name__)

ERRORS = (OperationalError, InterfaceError, PoolTimeout)  # of a database that cannot do it now
PATIENCE = 300  # milliseconds that a page waits to write a mark that may wait; a post waits for seconds

FULL = _("Le disque est plein : rien ne s'enregistre pour l'instant. Tout ce qui a été publié est gardé.")
LOCKED = _("La base de données est occupée. Tout ce qui a été publié est gardé ; réessayez dans une minute.")
AWAY = _("La base de données ne répond pas. Tout ce qui a été publié est gardé ; réessayez dans une minute.")

UNAVAILABLE = _("ComCEP est indisponible pour l'instant")

_SQLITE = {"full": FULL, "disk i/o error": FULL, "locked": LOCKED, "busy": LOCKED, "readonly": FULL}
_POSTGRESQL = {"53100": FULL, "55P03": LOCKED, "40P01": LOCKED, "57014": LOCKED}


def why(error: SQLAlchemyError) -> str:
    """The sentence for a person: the disk is full, the database is busy, or it does not answer."""
    cause = getattr(error, "orig", None)
    if isinstance(cause, sqlite3.Error):
        said = str(cause).lower()
        return next((sentence for words, sentence in _SQLITE.items() if words in said), AWAY)
    return _POSTGRESQL.get(getattr(cause, "sqlstate", None) or "", AWAY)


def forget_database() -> None:
    """From now on this request asks the database nothing: the page of its failure must not fail as well."""
    g.without_database = True
    g._login_user = AnonymousUserMixin()  # where Flask-Login looks before it asks for the member
    try:
        db.session.rollback()
    except SQLAlchemyError:
        db.session.remove()


@contextmanager
def mark_that_may_wait() -> Iterator[None]:
    """Around the mark that a page leaves by being read: where it cannot be written the page shows, and the mark comes
    with the next one."""
    try:
        _wait_less()
        yield
    except ERRORS as error:
        logger.warning("a reading mark was not written: %s", error.__class__.__name__)
        try:
            db.session.rollback()
        except SQLAlchemyError:
            db.session.remove()


def _wait_less() -> None:
    """On SQLite, which otherwise holds the page for seconds while another writes."""
    lent = db.session.connection().connection
    if isinstance(lent.driver_connection, sqlite3.Connection):
        be_impatient(lent, PATIENCE)
