"""Two peers of different networks, on each database."""

import pytest

from tests.community import Person, Site


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
