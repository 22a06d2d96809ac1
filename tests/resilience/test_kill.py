"""Rule 5: what was acknowledged survives SIGKILL of the whole process tree, and is indexed and told after a restart."""

import random
import re
import sqlite3
import threading
import time
import urllib.error
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.servers import Server, Visitor, flask

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


def a_round(data: Path, number: int, chance: random.Random) -> dict[str, str]:
    """One run of the site under load, killed at a random moment; what had been acknowledged."""
    server = Server(data, COMCEP_RATE_LIMITS="off")
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


def kill_rounds(data: Path, rounds: int) -> None:
    data.mkdir()
    flask(data, "demo", "load")
    chance = random.Random(5)
    acknowledged: dict[str, str] = {}
    for number in range(rounds):
        acknowledged.update(a_round(data, number, chance))

    server = Server(data)
    try:
        _everything_is_there(server, data, acknowledged)
    finally:
        server.stop()


def _everything_is_there(server: Server, data: Path, acknowledged: dict[str, str]) -> None:
    wait_for(lambda: _left_to_do(data) == 0, "sweeps finish")
    held = {source for (source,) in _rows(data, "select source from post")}
    assert {f"Réponse {word}" for word in acknowledged} <= held
    told = {public_id for (public_id,) in _rows(
        data, "select p.public_id from notification n join post p on p.id = n.post_id where n.kind = 'answer'"
    )}  # fmt: skip
    assert {int(address) for address in acknowledged.values()} <= told
    asker = Visitor(server.address, "conseillere")
    for word in list(acknowledged)[:: max(1, len(acknowledged) // 20)]:
        assert f"<mark>{word}</mark>" in asker.get(f"/recherche?q={word}")


def _left_to_do(data: Path) -> int:
    [(posts,)] = _rows(data, "select count(*) from post where notified_at is null")
    [(topics,)] = _rows(data, "select count(*) from topic where indexed_at is null")
    return int(posts) + int(topics)


def _rows(data: Path, statement: str) -> list[tuple]:  # type: ignore[type-arg]
    connection = sqlite3.connect(data / "comcep.sqlite3", timeout=10)
    rows = connection.execute(statement).fetchall()
    connection.close()
    return rows


def wait_for(happens, what: str, seconds: float = 60) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.1)


@pytest.mark.timeout(240)
def test_nothing_acknowledged_is_lost_in_three_kills(tmp_path: Path) -> None:
    kill_rounds(tmp_path / "data", 3)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_nothing_acknowledged_is_lost_in_thirty_kills(tmp_path: Path) -> None:
    kill_rounds(tmp_path / "data", 30)
