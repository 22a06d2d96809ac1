"""Two peers of different networks, on each database; an engine of each kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from comcep.search.engines import Engine
from comcep.search.engines.postgresql import PostgresqlEngine
from comcep.search.engines.whoosh import WhooshEngine
from tests.community import Person, Site
from tests.conftest import build_app, close


@pytest.fixture
def maud(site: Site) -> Person:
    return site.adviser("Maud")


@pytest.fixture
def ines(site: Site) -> Person:
    return site.adviser("Ines", "pole-emploi")


@pytest.fixture
def with_embeddings(request: pytest.FixtureRequest) -> None:
    """The site of the test embeds its topics, where others go by words alone."""
    for name in {"site", "lite"} & set(request.fixturenames):
        request.getfixturevalue(name).app.config["EMBEDDINGS"] = True


@pytest.fixture(params=["whoosh", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine with an empty index in place."""
    from comcep.extensions import db

    app: Flask = build_app("sqlite" if request.param == "whoosh" else "postgresql", tmp_path / "data")
    with app.app_context():
        made: Engine = WhooshEngine(tmp_path / "index") if request.param == "whoosh" else PostgresqlEngine(db)
        made.begin_rebuild()
        made.finish_rebuild()
        yield made
        made.close()
    close(app)
