"""PostgreSQL: the indexes as one table with a GIN index, in a schema of its own, built aside and renamed into place.

The terms come ready from analysis.py and become a tsvector as they are; PostgreSQL's own dictionaries would need files
that a hosted server does not take. A row holds a topic's terms once, as text, in their order; the tsvector stands in
the index alone, each term behind the key of its audience or group: what PostgreSQL reads for one reader, and the time
it takes, is of topics they may see (one list for all told how many others hold a word). How many topics hold a term is
counted by audience and group, beside the topics.
"""

import threading
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from comcep.extensions import AS_KEPT
from comcep.search.engines import LONGEST, VERSION, Document, EngineDown, Required, is_word
from comcep.search.ranking import Candidate, Statistics
from comcep.search.thesaurus import Way
from comcep.settings import POSTGRESQL_CONNECTION

IN_PLACE = "search"
ASIDE = "search_next"
END = "/"  # after each field of a topic; so every topic holds it, and its count is that of the topics
MOST_TOPICS = 4_000  # of one way that ranking looks at
VOCABULARY_AGE = 60.0  # seconds that the words of an index are kept for spelling help
PLANS = ("enable_seqscan=off", "enable_indexscan=off", "jit=off")  # the lists of terms are read, and nothing else
WRITING = 4021  # advisory lock: one writer at a time

# "peers/cif": neither keys nor terms hold a slash, so what is typed cannot name another's key.
_LEXEMES = "array_to_tsvector(string_to_array(key || '/' || replace(held, ' ', ' ' || key || '/'), ' '))"
_TABLES = """
CREATE SCHEMA {schema};
CREATE TABLE {schema}.state (version text NOT NULL, up_to bigint NOT NULL);
CREATE TABLE {schema}.document (
    topic_id bigint PRIMARY KEY, key text NOT NULL, held text NOT NULL, is_solved boolean NOT NULL,
    day real NOT NULL, copy text NOT NULL
) WITH (toast_tuple_target = 128);
ALTER TABLE {schema}.document ALTER COLUMN held SET STORAGE MAIN;
CREATE INDEX ON {schema}.document USING gin ({lexemes}) WITH (fastupdate = off);
CREATE TABLE {schema}.term (
    key text NOT NULL, lexeme text COLLATE "C" NOT NULL, documents integer NOT NULL, PRIMARY KEY (key, lexeme)
) WITH (fillfactor = 70);
INSERT INTO {schema}.state VALUES (:version, 0)
"""


class PostgresqlEngine:
    """The engine of a hosted installation, in the application's own database."""

    rebuild_batch = 500

    def __init__(self, db: SQLAlchemy) -> None:
        self._db = db
        self._reading: Engine | None = None
        self._making = threading.Lock()  # two first searches at once must not make two pools, one left open
        self._words: dict[tuple[str, ...], tuple[float, Collection[str]]] = {}

    def is_ready(self) -> bool:
        with self._connection() as connection:
            return _state(connection, IN_PLACE) is not None

    def open(self, keys: Iterable[str]) -> "PostgresqlReading":
        state = self.rows(f"SELECT version FROM {IN_PLACE}.state")
        if [row.version for row in state] != [VERSION]:
            raise EngineDown
        return PostgresqlReading(self, list(keys))

    @contextmanager
    def writing(self) -> Iterator[None]:
        with self._connection() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": WRITING})
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": WRITING})

    def replace(self, documents: list[Document], topic_ids: list[int]) -> None:
        with self._db.engine.begin() as connection:
            for schema in (IN_PLACE, ASIDE):
                if _state(connection, schema) is not None:
                    _write(connection, schema, documents, topic_ids)

    def begin_rebuild(self) -> None:
        with self._db.engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA IF EXISTS {ASIDE} CASCADE"))
            for statement in _TABLES.format(schema=ASIDE, lexemes=_LEXEMES).split(";\n"):
                connection.execute(text(statement), {"version": VERSION} if ":version" in statement else {})

    def discard(self) -> None:
        with self._db.engine.begin() as connection:
            for schema in (IN_PLACE, ASIDE):
                connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))

    def rebuilt_up_to(self) -> int | None:
        with self._connection() as connection:
            return _state(connection, ASIDE)

    def add_rebuilt(self, documents: list[Document], up_to: int) -> None:
        with self._db.engine.begin() as connection:
            _write(connection, ASIDE, documents, [document.topic_id for document in documents])
            connection.execute(text(f"UPDATE {ASIDE}.state SET up_to = :up_to"), {"up_to": up_to})

    def finish_rebuild(self) -> None:
        with self._db.engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA IF EXISTS {IN_PLACE} CASCADE"))
            connection.execute(text(f"ALTER SCHEMA {ASIDE} RENAME TO {IN_PLACE}"))
            for table in ("document", "term"):  # until then PostgreSQL would read all terms to count some
                connection.execute(text(f"ANALYZE {IN_PLACE}.{table}"))

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """The rows of a statement that reads. Raises EngineDown, and TimeoutError past the time a search may take."""
        try:
            with self._readers().connect() as connection:
                return list(connection.execute(text(statement), values).all())
        except ProgrammingError as error:  # the tables are gone
            raise EngineDown from error
        except OperationalError as error:
            raise TimeoutError from error

    def words(self, keys: tuple[str, ...]) -> Collection[str]:
        """The words of some indexes, kept for a minute."""
        until, words = self._words.get(keys, (0.0, ()))
        if time.monotonic() > until:
            rows = self.rows(f"SELECT DISTINCT lexeme FROM {IN_PLACE}.term WHERE key = ANY(:keys)", keys=list(keys))
            words = [row.lexeme for row in rows if is_word(row.lexeme)]
            self._words[keys] = (time.monotonic() + VOCABULARY_AGE, words)
        return words

    def _readers(self) -> Engine:
        """Connections for searches alone: a statement that fails must not end the transaction of the request, none may
        last, and the planner must not read every topic, by table or by key, to make its terms anew."""
        with self._making:
            if self._reading is None:
                settings = (f"statement_timeout={1000 * LONGEST:.0f}", *PLANS)
                options = " ".join(f"-c {setting}" for setting in settings)
                self._reading = create_engine(
                    self._db.engine.url, connect_args={"options": options, **POSTGRESQL_CONNECTION},
                    execution_options={AS_KEPT: True}, isolation_level="AUTOCOMMIT", hide_parameters=True,
                )  # fmt: skip
            return self._reading

    def close(self) -> None:
        with self._making:
            if self._reading is not None:
                self._reading.dispose()
                self._reading = None

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        with self._db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection


class PostgresqlReading:
    """The indexes of one reader: every statement names their keys."""

    def __init__(self, engine: PostgresqlEngine, keys: list[str]) -> None:
        self._engine = engine
        self._keys = keys
        self._holding: dict[str, int] = {}  # what has been counted for this reader
        self._keys_of: dict[str, set[str]] = {}  # the indexes that hold it

    def statistics(self, lexemes: Collection[str]) -> Statistics:
        if unknown := {END, *lexemes}.difference(self._holding):
            rows = self._engine.rows(
                f"SELECT key, lexeme, documents FROM {IN_PLACE}.term WHERE key = ANY(:keys) AND lexeme = ANY(:lexemes)",
                keys=self._keys,
                lexemes=sorted(unknown),
            )
            self._holding |= dict.fromkeys(unknown, 0)
            self._keys_of |= {lexeme: set() for lexeme in unknown}
            for row in rows:
                self._holding[row.lexeme] += row.documents
                self._keys_of[row.lexeme].add(row.key)
        return Statistics(self._holding[END], self._holding)

    def topics_with(self, ways: Collection[Way], required: Required = ()) -> Mapping[Way, Collection[int]]:
        asked = [(way, key) for way in ways for key in self._keys_with(way)]
        rows = self._engine.rows(
            "SELECT wanted.number, array_agg(found.topic_id) AS topics"
            " FROM unnest(CAST(:queries AS text[])) WITH ORDINALITY AS wanted (query, number)"
            " CROSS JOIN LATERAL ("
            f"SELECT topic_id FROM {IN_PLACE}.document"
            f" WHERE {_LEXEMES} @@ CAST(wanted.query AS tsquery) LIMIT :most) AS found"
            " GROUP BY wanted.number",
            queries=[_all_of(key, way, required) for way, key in asked],
            most=MOST_TOPICS,
        )
        found: dict[Way, list[int]] = {}
        for row in rows:
            found.setdefault(asked[row.number - 1][0], []).extend(row.topics)
        return {way: topics[:MOST_TOPICS] for way, topics in found.items()}

    def _keys_with(self, way: Way) -> list[str]:
        """The indexes that may hold a way, as far as its lexemes have been counted."""
        return [key for key in self._keys if all(key in self._keys_of.get(lexeme, self._keys) for lexeme in way)]

    def topics_that_meet(self, required: Required) -> Collection[int]:
        rows = self._engine.rows(
            f"SELECT topic_id FROM {IN_PLACE}.document"
            f" WHERE {_LEXEMES} @@ CAST(:query AS tsquery) ORDER BY day DESC LIMIT :most",
            query=" | ".join(f"({_all_of(key, (), required)})" for key in self._keys),
            most=MOST_TOPICS,
        )
        return [row.topic_id for row in rows]

    def candidates(self, topic_ids: Collection[int]) -> list[Candidate]:
        rows = self._engine.rows(
            f"SELECT topic_id, held, is_solved, day, copy FROM {IN_PLACE}.document"
            " WHERE topic_id = ANY(:topics) AND key = ANY(:keys)",
            topics=list(topic_ids),
            keys=self._keys,
        )
        return [Candidate(row.topic_id, _fields(row.held), row.is_solved, row.day, row.copy) for row in rows]

    def vocabulary(self) -> Collection[str]:
        return self._engine.words(tuple(self._keys))


def _state(connection: Connection, schema: str) -> int | None:
    """How far the index of a schema is; none when there is none, or one of another version."""
    if connection.scalar(text("SELECT to_regclass(:table)"), {"table": f"{schema}.state"}) is None:
        return None
    row = connection.execute(text(f"SELECT version, up_to FROM {schema}.state")).first()
    return int(row.up_to) if row is not None and row.version == VERSION else None


def _write(connection: Connection, schema: str, documents: list[Document], topic_ids: list[int]) -> None:
    changes: Counter[tuple[str, str]] = Counter()
    gone = connection.execute(
        text(f"DELETE FROM {schema}.document WHERE topic_id = ANY(:topics) RETURNING key, held"), {"topics": topic_ids}
    )
    for row in gone:
        changes.subtract((row.key, lexeme) for lexeme in set(row.held.split()))
    added = [_row(document) for document in documents]
    for new in added:
        changes.update((new["key"], lexeme) for lexeme in set(new["held"].split()))
    if added:
        connection.execute(
            text(
                f"INSERT INTO {schema}.document (topic_id, key, held, is_solved, day, copy)"
                " VALUES (:topic_id, :key, :held, :is_solved, :day, :copy)"
            ),
            added,
        )
    _count(connection, schema, {place: change for place, change in sorted(changes.items()) if change})


def _row(document: Document) -> dict[str, Any]:
    apart = sorted(document.lexemes.difference(*(field.split() for field in document.fields)))
    fields = [term for field in document.fields for term in (*field.split(), END)]
    return {
        "topic_id": document.topic_id, "key": document.key, "held": " ".join([*fields, *apart]),
        "is_solved": document.is_solved, "day": document.day, "copy": document.copy,
    }  # fmt: skip


def _fields(held: str) -> tuple[list[str], list[str], list[str], list[str]]:
    """A topic's terms by field, as _row wrote them; what comes after the fields only serves to find it."""
    title, solution, situation, posts, _apart = (part.split() for part in held.split(END, 4))
    return title, solution, situation, posts


def _count(connection: Connection, schema: str, changes: dict[tuple[str, str], int]) -> None:
    if not changes:
        return
    connection.execute(
        text(
            f"INSERT INTO {schema}.term AS known (key, lexeme, documents)"
            " SELECT * FROM unnest(CAST(:keys AS text[]), CAST(:lexemes AS text[]), CAST(:changes AS integer[]))"
            " ON CONFLICT (key, lexeme) DO UPDATE SET documents = known.documents + excluded.documents"
        ),
        {"keys": [key for key, _ in changes], "lexemes": [term for _, term in changes], "changes": [*changes.values()]},
    )
    if any(change < 0 for change in changes.values()):
        connection.execute(text(f"DELETE FROM {schema}.term WHERE documents <= 0"))


def _all_of(key: str, way: Way, required: Required) -> str:
    """The query for the topics of one index that hold a way and meet the condition."""
    return " & ".join([*(_quoted(key, lexeme) for lexeme in way), *(_any_of(key, tags) for tags in required)])


def _quoted(key: str, lexeme: str) -> str:
    doubled = f"{key}/{lexeme}".replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def _any_of(key: str, tags: frozenset[str]) -> str:
    return "(" + " | ".join(_quoted(key, tag) for tag in sorted(tags)) + ")"
