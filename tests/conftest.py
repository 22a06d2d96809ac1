"""Fixtures shared by all tests: an application on each database, and a site with people on it."""

from collections.abc import Iterator
from pathlib import Path
from types import CodeType

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2.bccache import Bucket, BytecodeCache

from comcep import create_app
from comcep.extensions import db
from comcep.search.engines import Engine
from comcep.search.engines.postgresql import PostgresqlEngine
from comcep.search.engines.whoosh import WhooshEngine
from comcep.text import embedding
from tests import databases
from tests.community import Site

embedding.made_here()  # the process that a site asks has tests of its own


class Compiled(BytecodeCache):
    """Templates compiled once for all applications of a process of tests."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self.held.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self.held[bucket.key] = bucket.checksum, bucket.code


TEMPLATES = Compiled()
settings.register_profile("suite", deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
settings.load_profile("suite")


def build_app(kind: str, folder: Path, **overrides: object) -> Flask:
    """An application on an empty migrated database of that kind."""
    folder.mkdir(parents=True, exist_ok=True)
    off = ("WTF_CSRF_ENABLED", "RATELIMIT_ENABLED", "EMBEDDINGS")  # each has tests of its own, which turn it on
    config = {"DATA": folder, "TESTING": True, **dict.fromkeys(off, False), **overrides}
    if kind == "sqlite":
        databases.migrated_sqlite(folder)
        app = create_app(config)
    else:
        databases.require_postgresql()
        app = create_app({**config, "DATABASE_URL": databases.migrated_postgresql()})
        databases.empty(app)
    app.jinja_env.bytecode_cache = TEMPLATES
    return app


def close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
        app.extensions["search_engine"].close()


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application on SQLite, then the same test on PostgreSQL."""
    app = build_app(request.param, tmp_path / "data")
    yield app
    close(app)


@pytest.fixture
def site(app: Flask) -> Site:
    """A site with one section of each audience and nobody on it yet."""
    site = Site(app)
    site.open()
    return site


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Site]:
    """As site, on SQLite only: for what the database cannot change."""
    app = build_app("sqlite", tmp_path / "data")
    site = Site(app)
    site.open()
    yield site
    close(app)


@pytest.fixture(params=["whoosh", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine with an empty index in place."""
    app: Flask = build_app("sqlite" if request.param == "whoosh" else "postgresql", tmp_path / "data")
    with app.app_context():
        made: Engine = WhooshEngine(tmp_path / "index") if request.param == "whoosh" else PostgresqlEngine(db)
        made.begin_rebuild()
        made.finish_rebuild()
        yield made
        made.close()
    close(app)
