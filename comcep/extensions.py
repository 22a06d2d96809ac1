"""The extensions, created here and bound to an application in create_app(). Nothing here knows a feature."""

import sqlite3
from typing import TYPE_CHECKING, Any

import psycopg
from flask_babel import Babel
from flask_compress import Compress
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from psycopg.errors import _WaitTimeout
from psycopg.pq import Format
from sqlalchemy import MetaData, Select, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase

from comcep.background import Background

NAMING = {  # named constraints: SQLite migrations cannot drop what has no name
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
# Of statements whose rows PostgreSQL then sends as it keeps them: ids and embeddings written out as text take longer,
# and twice the room. What outgrew the window of a connection waited there, up to a tenth of a second.
AS_KEPT = "rows_as_kept"
# Seconds that PostgreSQL may take for one statement: as many as it wants in commands and the worker, ten in a web
# server (web/server.py). One that takes calls and never answers would hold its threads one after the other, for good.
answer_within: dict[str, float | None] = {"seconds": None}
SQLITE_PATIENCE = 10_000  # milliseconds that one writer waits for another
_IMPATIENT = "impatient"  # in the notes of a connection that waits less


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:
    Model = Base  # Flask-SQLAlchemy makes db.Model when the program runs; a type checker cannot follow
else:
    Model = db.Model
Query = Select[*tuple[Any, ...]]
migrate = Migrate(render_as_batch=True, compare_type=True)
login = LoginManager()
csrf = CSRFProtect()
babel = Babel()
limiter = Limiter(get_remote_address, default_limits=[])
compress = Compress()
background = Background()


def rows_changed(statement: Any) -> int:
    """Execute an UPDATE or DELETE in the current transaction; how many rows it changed."""
    result: Any = db.session.execute(statement)
    return int(result.rowcount)


@event.listens_for(Engine, "before_cursor_execute")
def _take_rows_as_kept(_connection: Any, cursor: Any, _sql: str, _values: Any, context: Any, _many: bool) -> None:
    if isinstance(cursor, psycopg.Cursor) and context.execution_options.get(AS_KEPT):
        cursor.format = Format.BINARY


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # Rule 5: an acknowledged post survives a power cut, hence FULL in place of WAL's usual NORMAL.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={SQLITE_PATIENCE}"):
        connection.execute(f"PRAGMA {pragma}")


def be_impatient(lent: Any, milliseconds: int) -> None:
    """Have a SQLite connection wait less for another writer, until it goes back to the pool: the next to take it, in
    whichever thread, waits as usual again."""
    lent.driver_connection.execute(f"PRAGMA busy_timeout={milliseconds}")
    lent.info[_IMPATIENT] = True


@event.listens_for(Engine, "checkin")
def _be_patient_again(connection: Any, record: Any) -> None:
    if record.info.pop(_IMPATIENT, False) and connection is not None:
        connection.execute(f"PRAGMA busy_timeout={SQLITE_PATIENCE}")


class PatientForSoLong(psycopg.Connection[Any]):
    """A connection that counts as lost when the server has not answered in time."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval=interval, timeout=timeout or answer_within["seconds"])
        except _WaitTimeout:
            self.pgconn.finish()
            raise psycopg.OperationalError("the server has not answered in time") from None


@event.listens_for(Engine, "do_connect")
def _connect(dialect: Any, _record: Any, arguments: Any, parameters: Any) -> Any:
    return PatientForSoLong.connect(*arguments, **parameters) if dialect.name == "postgresql" else None
