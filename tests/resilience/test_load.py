"""Many people write and preview at once, on both set-ups: nobody's text holds another's, nothing answers 500, and what was
acknowledged is found.
"""

import random
import re
import threading
import time
import urllib.error
from pathlib import Path

import pytest

from comcep.text import markdown
from tests.resilience.setups import EMBEDDED, HOSTED, SetUp, set_up
from tests.resilience.test_kill import wait_for
from tests.servers import Server, Visitor
from tests.test_threads import a_text

WRITERS = ("conseillere", "conseiller", "animatrice", "horspair") * 2
SECTION = "echanges-hors-pairs"


class Crowd:
    """What a crowd wrote and what came back that should not have."""

    def __init__(self, server: Server, seconds: float) -> None:
        self._server, self._until = server, time.monotonic() + seconds
        self.acknowledged: dict[str, str] = {}  # the number of a text, and the address of its post
        self.wrong: list[str] = []
        landed = Visitor(server.address, "animatrice").post("/poser", title="Charge", body="Texte", section=SECTION)
        found = re.search(r"/sujets/(\d{15})", landed)
        assert found is not None
        self.topic = found[1]
        threads = [threading.Thread(target=self._writes, args=(at, who)) for at, who in enumerate(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _writes(self, at: int, who: str) -> None:
        chance, turn = random.Random(at), 0
        visitor = Visitor(self._server.address, who)
        while time.monotonic() < self._until:
            turn += 1
            number = (at + 1) * 100_000 + turn
            try:
                if chance.random() < 0.5:
                    self._previews(visitor, number)
                else:
                    landed = visitor.post(f"/sujets/{self.topic}/messages", body=a_text(number), confirm="1")
                    self.acknowledged[str(number)] = landed.split("#message-")[-1]
            except urllib.error.HTTPError as error:
                self.wrong.append(f"{who}: {error.code}")

    def _previews(self, visitor: Visitor, number: int) -> None:
        page = visitor.fetch("/apercu", body=a_text(number))
        others = set(re.findall(r"gras(\d+)", page)) - {str(number)}
        if others or f"gras{number}" not in page:
            self.wrong.append(f"a preview of {number} holds {others or 'nothing'}")


def everybody_has_their_own(place: SetUp, seconds: float) -> None:
    server = Server(place.data, COMCEP_RATE_LIMITS="off", COMCEP_WEB_WORKERS="2", **place.settings)
    try:
        crowd = Crowd(server, seconds)
        wait_for(lambda: not place.rows("select id from topic where indexed_at is null"), "the index has seen all", 90)
        reader = Visitor(server.address, "conseillere")
        for number in list(crowd.acknowledged)[:: max(1, len(crowd.acknowledged) // 40)]:
            assert f"gras{number}" in reader.get(f"/recherche?q=gras{number}"), number
    finally:
        server.stop()
    assert crowd.wrong == []
    assert len(crowd.acknowledged) > 2 * seconds
    stored = dict(place.rows("select public_id, source from post where source like '%gras%'"))
    assert {number: number in stored[int(address)] for number, address in crowd.acknowledged.items()} == dict.fromkeys(
        crowd.acknowledged, True
    )
    for source, html in place.rows("select source, html from post where source like '%gras%'"):
        assert html == markdown.render(source)


@pytest.mark.timeout(200)
def test_a_crowd_of_eight_reads_only_its_own_words_for_six_seconds(tmp_path: Path) -> None:
    everybody_has_their_own(set_up(HOSTED, tmp_path / "data"), 6)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", [EMBEDDED, HOSTED])
def test_a_crowd_of_eight_reads_only_its_own_words_for_two_minutes(tmp_path: Path, kind: str) -> None:
    everybody_has_their_own(set_up(kind, tmp_path / "data"), 120)
