"""PostgreSQL: the indexes as tables with a GIN index, in a schema of their own, built aside and renamed into place.

The terms come ready from analysis.py and stand in a tsvector as they are; PostgreSQL's own dictionaries would need
files that a hosted server does not take. Counts of topics by term are kept by audience and group, beside the topics.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from comcep.search.engines import VERSION, Document, EngineDown, Required
from comcep.search.ranking import Candidate

IN_PLACE = "search"
ASIDE = "search_next"
DOCUMENTS = ""  # the lexeme every topic holds, in the table of counts only
MOST_TOPICS = 20_000  # of one lexeme that ranking looks at
LONGEST = 1500  # milliseconds a statement of a search may take
WRITING = 4021  # advisory lock: one writer at a time

_TABLES = """
CREATE SCHEMA {schema};
CREATE TABLE {schema}.state (version text NOT NULL, up_to bigint NOT NULL);
CREATE TABLE {schema}.document (
    topic_id bigint PRIMARY KEY, key text NOT NULL, title text NOT NULL, solution text NOT NULL,
    situation text NOT NULL, posts text NOT NULL, is_solved boolean NOT NULL, day double precision NOT NULL,
    copy text NOT NULL, lexemes tsvector NOT NULL
);
CREATE INDEX ON {schema}.document USING gin (lexemes) WITH (fastupdate = off);
CREATE TABLE {schema}.term (
    key text NOT NULL, lexeme text COLLATE "C" NOT NULL, documents integer NOT NULL, PRIMARY KEY (key, lexeme)
);
INSERT INTO {schema}.state VALUES (:version, 0)
"""


class PostgresqlEngine:
    """The engine of a hosted installation, in the application's own database."""

    def __init__(self, db: SQLAlchemy) -> None:
        self._db = db

    def is_ready(self) -> bool:
        with self._connection() as connection:
            return _state(connection, IN_PLACE) is not None

    def open(self, keys: Iterable[str]) -> "PostgresqlReading":
        if not self.is_ready():
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
            for statement in _TABLES.format(schema=ASIDE).split(";\n"):
                connection.execute(text(statement), {"version": VERSION} if ":version" in statement else {})

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
            connection.execute(text(f"ANALYZE {IN_PLACE}.document"))

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """The rows of a statement that reads, within the time a search may take. Raises EngineDown."""
        try:
            with self._connection() as connection:
                connection.execute(text(f"SET statement_timeout = {LONGEST}"))
                try:
                    return list(connection.execute(text(statement), values))
                finally:
                    connection.execute(text("RESET statement_timeout"))
        except ProgrammingError as error:  # the tables are gone
            raise EngineDown from error
        except OperationalError as error:
            raise TimeoutError from error

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        """A connection of its own: a statement that fails must not end the transaction of the request."""
        with self._db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection


class PostgresqlReading:
    """The indexes of one reader: every statement names their keys."""

    def __init__(self, engine: PostgresqlEngine, keys: list[str]) -> None:
        self._engine = engine
        self._keys = keys

    def documents(self) -> int:
        return self.holding([DOCUMENTS]).get(DOCUMENTS, 0)

    def holding(self, lexemes: Collection[str]) -> Mapping[str, int]:
        rows = self._engine.rows(
            f"SELECT lexeme, sum(documents) AS documents FROM {IN_PLACE}.term"
            " WHERE key = ANY(:keys) AND lexeme = ANY(:lexemes) GROUP BY lexeme",
            keys=self._keys,
            lexemes=list(lexemes),
        )
        return {row.lexeme: int(row.documents) for row in rows}

    def topics_with(self, lexemes: Collection[str], required: Required = ()) -> Mapping[str, Iterable[int]]:
        condition = "".join(f" & {_any_of(tags)}" for tags in required)
        rows = self._engine.rows(
            "SELECT wanted.lexeme, array_agg(found.topic_id) AS topics"
            " FROM unnest(CAST(:lexemes AS text[]), CAST(:queries AS text[])) AS wanted (lexeme, query)"
            " CROSS JOIN LATERAL ("
            f"SELECT topic_id FROM {IN_PLACE}.document"
            " WHERE lexemes @@ CAST(wanted.query AS tsquery) AND key = ANY(:keys) LIMIT :most) AS found"
            " GROUP BY wanted.lexeme",
            lexemes=list(lexemes),
            queries=[_quoted(lexeme) + condition for lexeme in lexemes],
            keys=self._keys,
            most=MOST_TOPICS,
        )
        return {row.lexeme: row.topics for row in rows}

    def topics_that_meet(self, required: Required) -> Iterable[int]:
        rows = self._engine.rows(
            f"SELECT topic_id FROM {IN_PLACE}.document"
            " WHERE lexemes @@ CAST(:query AS tsquery) AND key = ANY(:keys) ORDER BY day DESC LIMIT :most",
            query=" & ".join(_any_of(tags) for tags in required),
            keys=self._keys,
            most=MOST_TOPICS,
        )
        return [row.topic_id for row in rows]

    def candidates(self, topic_ids: Collection[int]) -> list[Candidate]:
        rows = self._engine.rows(
            f"SELECT topic_id, title, solution, situation, posts, is_solved, day, copy FROM {IN_PLACE}.document"
            " WHERE topic_id = ANY(:topics) AND key = ANY(:keys)",
            topics=list(topic_ids),
            keys=self._keys,
        )
        return [
            Candidate(
                row.topic_id,
                (row.title.split(), row.solution.split(), row.situation.split(), row.posts.split()),
                row.is_solved,
                row.day,
                row.copy,
            )
            for row in rows
        ]

    def vocabulary(self) -> Collection[str]:
        rows = self._engine.rows(
            f"SELECT DISTINCT lexeme FROM {IN_PLACE}.term WHERE key = ANY(:keys) AND strpos(lexeme, ':') = 0",
            keys=self._keys,
        )
        return {row.lexeme for row in rows if row.lexeme}


def _state(connection: Connection, schema: str) -> int | None:
    """How far the index of a schema is; none when there is none, or one of another version."""
    if connection.scalar(text("SELECT to_regclass(:table)"), {"table": f"{schema}.state"}) is None:
        return None
    row = connection.execute(text(f"SELECT version, up_to FROM {schema}.state")).first()
    return int(row.up_to) if row is not None and row.version == VERSION else None


def _write(connection: Connection, schema: str, documents: list[Document], topic_ids: list[int]) -> None:
    changes: Counter[tuple[str, str]] = Counter()
    gone = connection.execute(
        text(
            f"DELETE FROM {schema}.document WHERE topic_id = ANY(:topics)"
            " RETURNING key, tsvector_to_array(lexemes) AS lexemes"
        ),
        {"topics": topic_ids},
    )
    for row in gone:
        changes.subtract((row.key, lexeme) for lexeme in [DOCUMENTS, *row.lexemes])
    for document in documents:
        changes.update((document.key, lexeme) for lexeme in [DOCUMENTS, *document.lexemes])
    if documents:
        connection.execute(
            text(
                f"INSERT INTO {schema}.document"
                " (topic_id, key, title, solution, situation, posts, is_solved, day, copy, lexemes) VALUES"
                " (:topic, :key, :title, :solution, :situation, :posts, :is_solved, :day, :copy,"
                " array_to_tsvector(CAST(:lexemes AS text[])))"
            ),
            [_values(document) for document in documents],
        )
    _count(connection, schema, {place: change for place, change in changes.items() if change})


def _values(document: Document) -> dict[str, Any]:
    title, solution, situation, posts = document.fields
    return {
        "topic": document.topic_id, "key": document.key, "title": title, "solution": solution, "situation": situation,
        "posts": posts, "is_solved": document.is_solved, "day": document.day, "copy": document.copy,
        "lexemes": list(document.lexemes),
    }  # fmt: skip


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
    connection.execute(text(f"DELETE FROM {schema}.term WHERE documents <= 0"))


def _quoted(lexeme: str) -> str:
    doubled = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def _any_of(tags: frozenset[str]) -> str:
    return "(" + " | ".join(_quoted(tag) for tag in sorted(tags)) + ")"
