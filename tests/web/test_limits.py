"""How often one member may preview, search and look up, generous for a person: the next is told to wait, others go on."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from comcep.extensions import limiter
from tests.community import Person, Site
from tests.conftest import build_app, close


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Site]:
    app = build_app("sqlite", tmp_path / "data", RATELIMIT_ENABLED=True)
    site = Site(app)
    site.open()
    limiter.reset()
    yield site
    limiter.reset()
    limiter.enabled = False
    close(app)


ACTS = {
    "preview": (60, lambda person: person.post("/apercu", body="**gras**")),
    "search": (60, lambda person: person.get("/recherche?q=cif")),
    "close cases": (240, lambda person: person.post("/recherche/proches", title="un cif")),
    "suggestions": (240, lambda person: person.post("/recherche/propositions", q="cif")),
    "themes": (240, lambda person: person.post("/poser/themes", title="un cif")),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_person_never_meets_the_limit_and_a_program_does(limited: Site, act: str) -> None:
    maud, ines = limited.adviser("Maud"), limited.adviser("Ines", "pole-emploi")
    most, do = ACTS[act]

    def status(person: Person) -> int:
        return int(do(person).status_code)

    assert {status(maud) for _ in range(most // 2)} == {200}
    assert [status(maud) for _ in range(most)][-1] == 429
    assert status(ines) == 200


def test_thirty_messages_in_ten_minutes_and_two_hundred_a_day_whatever_the_connection(
    limited: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    maud, ines = limited.adviser("Maud"), limited.adviser("Ines", "pole-emploi")
    moment = time.time()
    monkeypatch.setattr(time, "time", lambda: moment)

    def refused(person: Person, address: str = "/messages/123456789012345/modifier") -> bool:
        return person.post(address).status_code == 429

    for address in ("/sujets/123456789012345/messages", "/poser"):
        assert [refused(maud, address) for _ in range(31)] == [False] * 30 + [True], address
    for sent in range(200):
        if sent and sent % 30 == 0:
            assert refused(maud)
            moment += 601
        assert not refused(maud), sent
    moment += 601
    assert refused(maud)
    assert not refused(ines), "who writes from the same office is another"
    moment += 24 * 3600
    assert not refused(maud)
