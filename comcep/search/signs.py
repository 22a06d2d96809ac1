"""The signs of embeddings as a column, and in how many two differ, told by the database: to fetch them would take
longer than to compare them. What signs are is known to text/embedding.py."""

import sqlite3
from typing import Any

from sqlalchemy import Dialect, Integer, LargeBinary, TypeDecorator, event
from sqlalchemy.dialects.postgresql import BIT
from sqlalchemy.engine import Engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from comcep.text import embedding


class Signs(TypeDecorator[bytes]):
    """Signs as bytes; in PostgreSQL a string of bits, of which it can count those that differ."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kept_as = BIT(embedding.DIMENSIONS) if dialect.name == "postgresql" else LargeBinary()
        return dialect.type_descriptor(kept_as)

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "postgresql":
            return value
        return f"{int.from_bytes(value, 'big'):0{embedding.DIMENSIONS}b}"

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None or dialect.name != "postgresql":
            return value
        return int(value, 2).to_bytes(embedding.DIMENSIONS // 8, "big")


class differing(FunctionElement[int]):
    """In how many numbers two embeddings lie on different sides, by their signs."""

    type = Integer()
    name = "differing"
    inherit_cache = True


@compiles(differing)
def _in_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"differing({compiler.process(element.clauses, **options)})"


@compiles(differing, "postgresql")
def _in_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    one, other = (compiler.process(each, **options) for each in element.clauses)
    return f"bit_count({one} # {other})"


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.create_function("differing", 2, embedding.differing, deterministic=True)
