"""Two peers of different networks, on each database."""

import pytest

from tests.community import Person, Site


@pytest.fixture
def maud(site: Site) -> Person:
    return site.adviser("Maud")


@pytest.fixture
def ines(site: Site) -> Person:
    return site.adviser("Ines", "pole-emploi")
