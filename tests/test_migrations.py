"""The migrations: from nothing to the models, back to nothing, and no drift between the two, on both databases."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from comcep import create_app
from comcep.extensions import db
from tests import databases


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_app(request: pytest.FixtureRequest, tmp_path: Path):  # type: ignore[no-untyped-def]
    settings = {"DATA": tmp_path / "data", "TESTING": True}
    if request.param == "postgresql":
        databases.require_postgresql()
        settings["DATABASE_URL"] = databases.fresh_postgresql(f"comcep_migrations_{databases.worker()}")
    app = create_app(settings)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_migrations_go_up_to_the_models_without_drift(empty_app) -> None:  # type: ignore[no-untyped-def]
    upgrade()

    with db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), db.metadata) == []


def test_migrations_go_back_to_nothing(empty_app) -> None:  # type: ignore[no-untyped-def]
    upgrade()
    downgrade(revision="base")

    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
