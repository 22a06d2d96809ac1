"""How many rows PostgreSQL touches for one reader does not depend on what others wrote: the cause of what an attack by time
would measure, counted where the machine's noise cannot hide it (test_timing.py measures the times)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from comcep.extensions import db
from comcep.search.engines import Document
from comcep.search.engines.postgresql import PostgresqlEngine
from tests.conftest import build_app, close

OF_PEERS = 500


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[PostgresqlEngine]:
    """One public topic holds "zqsu" and one "zqin"; what peers wrote holds the first 500 times, and never the second."""
    app = build_app("postgresql", tmp_path / "data")
    with app.app_context():
        engine = PostgresqlEngine(db)
        engine.begin_rebuild()
        engine.add_rebuilt([_document(number, "peers", "zqsu mot") for number in range(1, OF_PEERS + 1)], OF_PEERS)
        engine.add_rebuilt([_document(501, "public", "zqsu mot"), _document(502, "public", "zqin mot")], 502)
        engine.finish_rebuild()
        yield engine
        engine.close()
    close(app)


def _document(number: int, key: str, text: str) -> Document:
    return Document(number, key, (text, "", "", text), (), False, 1.0, "")


def touched(engine: PostgresqlEngine, word: str, *keys: str) -> list[int]:
    """The rows that each statement of a search in those indexes touches, as PostgreSQL counts them itself."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        asked.append((statement, values))

    readers = engine._readers()
    event.listen(readers, "before_cursor_execute", note)
    reading = engine.open(keys)
    reading.statistics([word])
    assert len(reading.topics_with([(word,), (f"title:{word}",)])) == 2
    event.remove(readers, "before_cursor_execute", note)
    assert asked
    with readers.connect() as connection:
        plans = [connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {each}", values) for each, values in asked]
        return [_rows(_read(plan.scalar())[0]["Plan"]) for plan in plans]


def _read(plan: Any) -> Any:
    return json.loads(plan) if isinstance(plan, str | bytes) else plan


def _rows(node: dict[str, Any]) -> int:
    removed = sum(value for name, value in node.items() if name.startswith("Rows Removed"))
    own = (node["Actual Rows"] + removed) * node["Actual Loops"]
    return int(own) + sum(_rows(inner) for inner in node.get("Plans", []))


def test_a_word_of_others_costs_no_more_rows_than_one_they_never_wrote(shared: PostgresqlEngine) -> None:
    assert touched(shared, "zqsu", "public") == touched(shared, "zqin", "public")


def test_a_word_that_the_reader_s_own_indexes_hold_often_costs_its_rows(shared: PostgresqlEngine) -> None:
    """What the other test counts is there to be counted."""
    assert sum(touched(shared, "zqsu", "public", "peers")) > OF_PEERS
