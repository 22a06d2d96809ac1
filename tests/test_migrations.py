"""The migrations: from nothing to the models and back without drift; with a row in every table from every revision, up
and down, losing none; and whole or not at all when one fails. On both databases.
"""

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import event, inspect, text
from sqlalchemy.engine import Engine

from comcep import ROOT, create_app
from comcep.commands.migrating import MigrationFailed
from comcep.extensions import db
from tests import databases, filling
from tests.servers import environment, free_port

# What a migration means to take: embeddings are made anew by a sweep, and their mark says that they are due; tries at
# signing in of the last hour were kept in a table that went.
MADE_ANEW = {"topic_embedding", "attempt"}
MARKS = {("topic", "embedded_at")}


@lru_cache(maxsize=1)
def revisions() -> list[str]:
    """Every revision, the oldest first."""
    return [script.revision for script in ScriptDirectory(str(ROOT / "migrations")).walk_revisions()][::-1]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    settings: dict[str, Any] = {"DATA": tmp_path / "data", "TESTING": True}
    if request.param == "postgresql":
        databases.require_postgresql()
        settings["DATABASE_URL"] = databases.fresh_postgresql(f"comcep_migrations_{databases.worker()}")
    app = create_app(settings)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_migrations_go_up_to_the_models_without_drift(empty_app: Flask) -> None:
    upgrade()

    with db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), db.metadata) == []


def test_migrations_go_back_to_nothing(empty_app: Flask) -> None:
    upgrade()
    downgrade(revision="base")

    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}


def test_a_row_in_every_table_survives_each_step_up_and_down(empty_app: Flask) -> None:
    """Each revision is filled before the next, so that each step meets a row in every table there is."""
    at: dict[str, filling.Rows] = {}
    for earlier, revision in itertools.pairwise(["", *revisions()]):
        upgrade(revision=revision)
        if earlier:
            assert_kept(at[earlier], found())
        at[revision] = filled()

    for later, revision in itertools.pairwise(revisions()[::-1]):
        downgrade(revision=revision)
        assert_kept(at[later], found())
        assert set(found()) == set(at[revision])
        at[revision] = found()


@pytest.mark.long
@pytest.mark.parametrize("revision", revisions()[1:-1])
def test_a_row_in_every_table_survives_the_whole_way(empty_app: Flask, revision: str) -> None:
    goes_up_and_down(revision)


def test_a_row_in_every_table_survives_from_the_first_revision_to_the_last(empty_app: Flask) -> None:
    """In one transaction, which what each step leaves behind may trouble."""
    goes_up_and_down(revisions()[0])


def goes_up_and_down(revision: str) -> None:
    upgrade(revision=revision)
    before = filled()

    upgrade()
    after = filled()
    assert_kept(before, after)

    downgrade(revision=revision)
    assert_kept(after, found())
    assert set(found()) == set(before)


def filled() -> filling.Rows:
    with db.engine.connect() as connection:
        filling.fill(connection)
    return found()


def found() -> filling.Rows:
    with db.engine.connect() as connection:
        return filling.rows(connection)


def assert_kept(before: filling.Rows, after: filling.Rows) -> None:
    """Every row of a table that is still there is there, and holds the same in every column that is still there."""
    for table in set(before) & set(after) - MADE_ANEW:
        assert len(after[table]) >= len(before[table]) > 0, table
        for old, new in zip(before[table], after[table], strict=False):
            for column in set(old) & set(new):
                if (table, column) not in MARKS:
                    assert new[column] == old[column], f"{table}.{column}"


class Injected(Exception):
    """A fault put in by a test."""


@contextmanager
def failing_at(statement: int) -> Iterator[list[int]]:
    """Fail when that many statements of a migration were asked; the list says how many there were."""
    asked = [0]

    def count(*_: Any) -> None:
        asked[0] += 1
        if asked[0] == statement:
            raise Injected

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", count)


def test_a_migration_that_fails_at_any_statement_leaves_the_site_as_it_was(empty_app: Flask) -> None:
    upgrade(revision=revisions()[0])
    filled()
    before = everything()
    with failing_at(0) as asked, pytest.raises(MigrationFailed), failing_at_the_end():
        upgrade()
    assert everything() == before

    every = 1 if "COMCEP_LONG" in os.environ else max(1, asked[0] // 6)
    for statement in range(1, asked[0] + 1, every):
        with failing_at(statement), pytest.raises(MigrationFailed):
            upgrade()
        assert everything() == before, f"statement {statement} of {asked[0]}"
    upgrade()


@contextmanager
def failing_at_the_end() -> Iterator[None]:
    """Fail when everything is done and nothing is committed."""

    def refuse(_connection: Any) -> None:
        raise Injected

    event.listen(Engine, "commit", refuse)
    try:
        yield
    finally:
        event.remove(Engine, "commit", refuse)


def everything() -> Any:
    with db.engine.connect() as connection:
        held = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return held, filling.shape(connection), filling.rows(connection)


@pytest.fixture(scope="module")
def half_way(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder at an earlier revision, with rows, in which the next migration meets a table of its own name."""
    data = tmp_path_factory.mktemp("half-way") / "data"
    app = create_app({"DATA": data, "TESTING": True})
    with app.app_context():
        upgrade(revision=revisions()[0])
        filled()
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE searched (x INTEGER)"))
        db.session.remove()
        db.engine.dispose()
    return data


@pytest.mark.parametrize("command", [("database", "upgrade"), ("db", "upgrade"), ("serve",)])
def test_a_failed_migration_says_what_to_do_without_a_traceback(
    half_way: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    shutil.copytree(half_way, tmp_path / "data")
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        cwd=ROOT, env=environment(tmp_path / "data", free_port()), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "Rien n'y a changé" in said
    assert "Remettez la version précédente du programme" in said
    assert "Traceback" not in said
    app = create_app({"DATA": tmp_path / "data", "TESTING": True})
    with app.app_context():
        with db.engine.connect() as connection:
            assert connection.scalar(text("SELECT version_num FROM alembic_version")) == revisions()[0]
            assert "saved_search" not in inspect(connection).get_table_names()
        db.engine.dispose()


def test_a_row_that_refers_to_nothing_is_not_migrated_over(tmp_path: Path) -> None:
    app = create_app({"DATA": tmp_path / "data", "TESTING": True})
    with app.app_context():
        upgrade(revision=revisions()[0])
        with db.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys=OFF")
            driver.execute("INSERT INTO group_member (group_id, member_id) VALUES (404, 404)")
            driver.commit()
            connection.invalidate()

        with pytest.raises(MigrationFailed, match="group_member"):
            upgrade()
        db.engine.dispose()
