"""A site that serves for all tests of a module; a site on each database and a good backup of it, made once for all tests
of backups and restores. All leave them as they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.resilience.saved import Place, place, site
from tests.servers import Server, demo


@dataclass(frozen=True)
class Saved:
    """The kind of database, a site on it, and a good backup of the site."""

    kind: str
    site: Place
    folder: Path


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Saved:
    folder = tmp_path_factory.mktemp("saved")
    made = site(request.param, folder / "data")
    made.run("backup", str(folder / "saved"))
    return Saved(request.param, made, folder / "saved")


@pytest.fixture
def source(saved: Saved) -> Place:
    return saved.site


@pytest.fixture
def good(saved: Saved) -> Path:
    return saved.folder


@pytest.fixture
def target(saved: Saved, tmp_path: Path) -> Place:
    """An empty place on the same kind of database."""
    return place(saved.kind, tmp_path / "restored", "target")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A site that its tests leave serving."""
    server = Server(demo(tmp_path_factory.mktemp("shared") / "data"), COMCEP_RATE_LIMITS="off")
    yield server
    server.stop()
