"""An animator, on each database."""

import pytest

from tests.community import Person, Site


@pytest.fixture
def lise(site: Site) -> Person:
    return site.animator()
