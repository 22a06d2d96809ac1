"""A row in every table of a database, of whatever revision: made from what the database says of itself, so that a table or
a column that a new migration makes is filled without a word here.
"""

import datetime
import itertools
import re
from typing import Any

from sqlalchemy import CheckConstraint, Column, Connection, MetaData, Table, insert, inspect, select, text, types
from sqlalchemy.dialects.postgresql import BIT
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.elements import TextClause

from comcep.extensions import db

_LISTED = re.compile(r"'([^']*)'")
Rows = dict[str, list[dict[str, Any]]]


def fill(connection: Connection) -> None:
    """Put a row into every table that has none, those that others refer to first."""
    tables = reflected(connection)
    made: dict[str, dict[str, Any]] = {}
    for table in tables.sorted_tables:
        row = connection.execute(select(table).limit(1)).mappings().first()
        made[table.name] = dict(row) if row is not None else _insert(connection, table, made)
    connection.commit()


def rows(connection: Connection) -> Rows:
    """All that is in all tables."""
    return {
        table.name: [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]
        for table in reflected(connection).sorted_tables
    }


def shape(connection: Connection) -> Any:
    """Tables, columns, indexes and constraints, to be compared."""
    seen = inspect(connection)
    return {
        name: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in seen.get_columns(name)],
            sorted(str(index) for index in seen.get_indexes(name)),
            sorted(str(key) for key in seen.get_foreign_keys(name)),
            sorted(str(check) for check in seen.get_check_constraints(name)),
        )
        for name in seen.get_table_names()
    }


def reflected(connection: Connection) -> MetaData:
    tables = MetaData()
    tables.reflect(connection, only=lambda name, _: name != "alembic_version")
    for table in tables.tables.values():
        for check in inspect(connection).get_check_constraints(table.name):
            table.append_constraint(CheckConstraint(check["sqltext"]))
    return tables


def _insert(connection: Connection, table: Table, made: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A row with something in every column; where a check refuses that, with nothing in some of those that may hold
    nothing."""
    optional = [column.name for column in table.columns if column.nullable]
    for count in range(len(optional) + 1):
        for left_out in itertools.combinations(optional, count):
            row = {c.name: None if c.name in left_out else _value(c, made) for c in table.columns}
            try:
                with connection.begin_nested():
                    connection.execute(insert(table).values(row))
            except IntegrityError:
                continue
            return dict(connection.execute(select(table)).mappings().one())
    raise AssertionError(f"no row fits into {table.name}")


def _value(column: Column[Any], made: dict[str, dict[str, Any]]) -> Any:
    for key in column.foreign_keys:
        of = made.get(key.column.table.name)
        return None if of is None else of[key.column.name]
    listed = _listed(column)
    return listed[0] if listed else _of_type(column.type)


def _listed(column: Column[Any]) -> list[str]:
    """The values that a check lists for a column: one of now, or one that a later revision asks of the rows there are."""
    later = db.metadata.tables.get(column.table.name)
    for table in (column.table, later) if later is not None else (column.table,):
        for check in table.constraints:
            if isinstance(check, CheckConstraint) and re.match(rf"\W*{column.name}\b", str(check.sqltext)):
                return _LISTED.findall(str(check.sqltext))
    return []


def _of_type(kind: types.TypeEngine[Any]) -> Any:
    if isinstance(kind, BIT):
        return _bits(kind.length or 1)
    if isinstance(kind, types.String):
        return "7" * min(kind.length or 30, 30)
    for of, value in _VALUES:
        if isinstance(kind, of):
            return value
    raise AssertionError(f"no value of {kind!r} is known")


def _bits(length: int) -> TextClause:
    return text("B'" + "01" * (length // 2) + "0" * (length % 2) + "'")


_VALUES: tuple[tuple[type[types.TypeEngine[Any]], Any], ...] = (
    (types.Boolean, True),
    (types.Integer, 7),
    (types.Numeric, 7),
    (types.Float, 7.5),
    (types.DateTime, datetime.datetime(2026, 11, 26, 9, 30)),
    (types.Date, datetime.date(2026, 11, 26)),
    (types.LargeBinary, b"\x07" * 48),
    (types.JSON, {}),
)
