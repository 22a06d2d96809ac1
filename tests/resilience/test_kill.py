"""Rule 5: what was acknowledged survives SIGKILL of the whole process tree, and is indexed and told after a restart."""

import random
import re
import threading
import time
import urllib.error
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.resilience.setups import EMBEDDED, HOSTED, SetUp, set_up
from tests.servers import Server, Visitor

POSTS = 12


def post_until_killed(server: Server, topic: str, number: int, acknowledged: dict[str, str]) -> None:
    """Answer again and again; keep each word whose answer the server acknowledged, with its address."""
    try:
        visitor = Visitor(server.address, "conseiller")
        for turn in range(500):
            word = f"zq{number}x{turn}w"
            landed = visitor.post(f"/sujets/{topic}/messages", body=f"Réponse {word}")
            acknowledged[word] = landed.split("#message-")[-1]
    except (urllib.error.URLError, OSError, HTTPException):
        return  # killed


def a_round(place: SetUp, number: int, chance: random.Random) -> dict[str, str]:
    """One run of the site under load, killed at a random moment; what had been acknowledged."""
    server = Server(place.data, COMCEP_RATE_LIMITS="off", **place.settings)
    asker = Visitor(server.address, "conseillere")
    landed = asker.post("/poser", title=f"Question {number}", body="Texte", section="aider-a-monter-un-dossier")
    found = re.search(r"/sujets/(\d{15})", landed)
    assert found is not None
    acknowledged: dict[str, str] = {}
    threads = [
        threading.Thread(target=post_until_killed, args=(server, found[1], 10 * number + at, acknowledged))
        for at in range(2)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 20
    while len(acknowledged) < POSTS and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(chance.random() * 0.5)
    server.kill()
    for thread in threads:
        thread.join(30)
    assert acknowledged, "nothing was acknowledged before the kill"
    return acknowledged


def kill_rounds(place: SetUp, rounds: int) -> None:
    chance = random.Random(5)
    acknowledged: dict[str, str] = {}
    for number in range(rounds):
        acknowledged.update(a_round(place, number, chance))

    server = Server(place.data, COMCEP_RATE_LIMITS="off", **place.settings)  # a search for each word
    try:
        _everything_is_there(server, place, acknowledged)
    finally:
        server.stop()


def _everything_is_there(server: Server, place: SetUp, acknowledged: dict[str, str]) -> None:
    wait_for(lambda: _left_to_do(place) == 0, "sweeps finish")
    held = {source for (source,) in place.rows("select source from post")}
    assert {f"Réponse {word}" for word in acknowledged} <= held
    told = {public_id for (public_id,) in place.rows(
        "select p.public_id from notification n join post p on p.id = n.post_id where n.kind = 'answer'"
    )}  # fmt: skip
    assert {int(address) for address in acknowledged.values()} <= told
    asker = Visitor(server.address, "conseillere")
    for word in acknowledged:
        assert f"<mark>{word}</mark>" in asker.get(f"/recherche?q={word}"), word


def _left_to_do(place: SetUp) -> int:
    [(posts,)] = place.rows("select count(*) from post where notified_at is null")
    [(topics,)] = place.rows("select count(*) from topic where indexed_at is null")
    return int(posts) + int(topics)


def wait_for(happens, what: str, seconds: float = 60) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.1)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("kind", [EMBEDDED, HOSTED])
def test_nothing_acknowledged_is_lost_in_a_kill(tmp_path: Path, kind: str) -> None:
    kill_rounds(set_up(kind, tmp_path / "data"), 1)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", [EMBEDDED, HOSTED])
def test_nothing_acknowledged_is_lost_in_fifteen_kills(tmp_path: Path, kind: str) -> None:
    kill_rounds(set_up(kind, tmp_path / "data"), 15)
