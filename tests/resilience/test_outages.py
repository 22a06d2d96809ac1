"""Redis, the database, the disk or the mail server away while the site runs: what can go on goes on, what was typed comes
back, and /sante says which part fails.
"""

import contextlib
import importlib
import json
import os
import re
import sqlite3
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from comcep import create_app
from comcep.extensions import answer_within
from tests import databases
from tests.community import Person, Site
from tests.conftest import build_app, close
from tests.gate import Gate
from tests.resilience.test_kill import wait_for
from tests.servers import Server, Visitor, demo, flask

TYPED = "Un long texte que personne ne veut retaper"
REDIS = os.environ.get("COMCEP_TEST_REDIS", "redis://127.0.0.1:6379/9")


def state(address: str) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"{address}/sante", timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        found = json.load(error)
    return found


def is_degraded_by(server: Server, part: str, said: str) -> bool:
    now = state(server.address)
    return (now["status"], now[part]) == ("degraded", said)


# --- PostgreSQL ----------------------------------------------------------------------------------------------------


@pytest.fixture
def gated(tmp_path: Path) -> Iterator[tuple[Site, Gate]]:
    """A site whose PostgreSQL stands behind a gate."""
    databases.require_postgresql()
    app = build_app("postgresql", tmp_path / "data")
    close(app)
    address = make_url(databases.migrated_postgresql())
    gate = Gate(address.port or 5432)
    behind = address.set(port=gate.port).render_as_string(hide_password=False)
    config = {"TESTING": True, "WTF_CSRF_ENABLED": False, "RATELIMIT_ENABLED": False, "EMBEDDINGS": False}
    site = Site(create_app({"DATA": tmp_path / "data", "DATABASE_URL": behind, **config}))
    site.open()
    yield site, gate
    gate.open()
    close(site.app)
    gate.shut()


def test_a_database_away_is_said_and_what_was_typed_comes_back(gated: tuple[Site, Gate]) -> None:
    site, gate = gated
    maud = site.adviser("Maud")
    topic = maud.asks("Avant la panne")
    gate.shut()

    page = maud.get("/rubriques")
    reply = maud.post(f"/sujets/{topic}/messages", body=TYPED)
    asked = maud.post("/poser", title="Mon titre", body=TYPED, section="pairs", kind="question")
    searched = maud.get("/recherche?q=panne")
    for answer in (page, reply, asked, searched):
        assert answer.status_code == 503
        assert "La base de données ne répond pas" in answer.text
        assert "<main" in answer.text
    assert TYPED in reply.text
    assert TYPED in asked.text
    assert "Mon titre" in asked.text


def test_health_says_in_json_that_the_database_is_away(gated: tuple[Site, Gate]) -> None:
    site, gate = gated
    maud = site.adviser("Maud")
    gate.shut()

    for visitor in (site.anonymous(), maud):
        answer = visitor.get("/sante")
        assert answer.status_code == 503
        assert answer.json is not None
        assert (answer.json["status"], answer.json["database"]) == ("down", "down")


def test_the_site_is_whole_again_when_the_database_is_back(gated: tuple[Site, Gate]) -> None:
    site, gate = gated
    maud = site.adviser("Maud")
    topic = maud.asks("Avant la panne")
    gate.cut()  # a restart of the server: connections that the pool holds are dead
    assert maud.get(f"/sujets/{topic}", follow_redirects=True).status_code == 200
    gate.shut()
    assert maud.get("/rubriques").status_code == 503
    gate.open()

    assert maud.answers(topic, "Après la panne")


def test_pages_that_ask_no_database_show_while_it_is_away(gated: tuple[Site, Gate]) -> None:
    site, gate = gated
    gate.shut()

    assert site.anonymous().get("/aide").status_code == 200


def test_a_database_that_hangs_is_missed_within_its_time(
    gated: tuple[Site, Gate], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, gate = gated
    maud = site.adviser("Maud")
    topic = maud.asks("Avant le silence")
    monkeypatch.setitem(answer_within, "seconds", 1.0)
    gate.silence()

    began = time.monotonic()
    reply = maud.post(f"/sujets/{topic}/messages", body=TYPED)
    health_now = site.anonymous().get("/sante")
    assert time.monotonic() - began < 14  # the first connection hangs, then new ones are not let in within five
    assert (reply.status_code, health_now.status_code) == (503, 503)
    assert TYPED in reply.text
    assert health_now.json["database"] == "down"
    gate.open()
    assert maud.answers(topic, "Après le silence")


def test_a_worker_does_its_work_when_the_database_is_back(gated: tuple[Site, Gate]) -> None:
    site, gate = gated
    maud, ines = site.adviser("Maud"), site.adviser("Ines", "pole-emploi")
    topic = maud.asks("Question de la panne")
    gate.shut()
    site.works()
    gate.open()
    site.works()

    assert ines.searches("panne") == [topic]


# --- SQLite: locked, or without room -------------------------------------------------------------------------------


@pytest.fixture
def read(lite: Site) -> tuple[Site, Person, int]:
    ines = lite.adviser("Ines", "pole-emploi")
    topic = lite.adviser("Maud").asks("À lire pendant la panne")
    return lite, ines, topic


def test_a_topic_is_read_while_another_holds_the_database(read: tuple[Site, Person, int]) -> None:
    site, ines, topic = read
    holder = sqlite3.connect(site.app.config["DATA"] / "comcep.sqlite3")
    holder.execute("begin immediate")
    began = time.monotonic()

    page = ines.get(f"/sujets/{topic}", follow_redirects=True)

    assert page.status_code == 200
    assert time.monotonic() - began < 3
    assert topic in unread(ines)
    holder.rollback()
    assert ines.get(f"/sujets/{topic}", follow_redirects=True).status_code == 200
    assert topic not in unread(ines)
    holder.close()


def unread(person: Person) -> list[int]:
    return [int(number) for number in re.findall(r'data-kind="topic" data-id="(\d+)"', person.get("/non-lus").text)]


def test_a_reply_that_waits_for_another_in_vain_says_so_and_keeps_its_text(read: tuple[Site, Person, int]) -> None:
    site, ines, topic = read
    holder = sqlite3.connect(site.app.config["DATA"] / "comcep.sqlite3")
    holder.execute("begin immediate")

    answer = ines.post(f"/sujets/{topic}/messages", body=TYPED)
    holder.rollback()
    holder.close()

    assert answer.status_code == 503
    assert "La base de données est occupée" in answer.text
    assert TYPED in answer.text


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB, where this machine lets one be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("no disk of its own can be mounted here (root, and a kernel that lets it)")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> None:
    with open(folder / "filler", "wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass


def test_a_full_disk_lets_everybody_read_and_says_so(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.import_module("comcep.pages.health"), "REMEMBERED", 0.0)
    app = build_app("sqlite", small_disk / "data")
    site = Site(app)
    site.open()
    maud, ines = site.adviser("Maud"), site.adviser("Ines", "pole-emploi")
    topic = maud.asks("À lire sur un disque plein")
    site.works()
    assert site.anonymous().get("/sante").json["disk"] == "ok"
    fill(small_disk)

    assert ines.get(f"/sujets/{topic}", follow_redirects=True).status_code == 200
    assert ines.get("/recherche?q=disque").status_code == 200
    kept = "mot " * 20_000
    answer = ines.post(f"/sujets/{topic}/messages", body=kept)
    assert answer.status_code == 503
    assert "Le disque est plein" in answer.text
    assert kept.strip() in answer.text
    health_now = site.anonymous().get("/sante")
    assert (health_now.status_code, health_now.json["status"], health_now.json["disk"]) == (200, "degraded", "full")
    (small_disk / "filler").unlink()
    later = ines.answers(topic, "Il y a de nouveau de la place")
    site.works()
    assert site.anonymous().get("/sante").json["disk"] == "ok"
    assert later
    close(app)


# --- Redis, and a mail server, behind a whole site -----------------------------------------------------------------


@pytest.fixture(params=["silent", pytest.param("shut", marks=pytest.mark.long)])
def redis_gate(request: pytest.FixtureRequest) -> Iterator[tuple[Gate, str, Any]]:
    """The address of Redis behind a gate, and what takes it away."""
    port = int(urllib.parse.urlsplit(REDIS).port or 6379)
    gate = Gate(port)
    yield gate, REDIS.replace(f":{port}", f":{gate.port}"), gate.shut if request.param == "shut" else gate.silence
    gate.shut()


@pytest.mark.timeout(180)
def test_without_redis_posts_are_taken_found_and_told(tmp_path: Path, redis_gate: tuple[Gate, str, Any]) -> None:
    gate, address, takes_away = redis_gate
    server = Server(demo(tmp_path / "data"), COMCEP_REDIS_URL=address)
    try:
        asker, peer = Visitor(server.address, "conseillere"), Visitor(server.address, "conseiller")
        takes_away()
        began = time.monotonic()
        landed = asker.post("/poser", title="Sans file", body="zqredis", section="aider-a-monter-un-dossier")
        found = re.search(r"/sujets/(\d{15})", landed)
        assert found is not None
        peer.post(f"/sujets/{found[1]}/messages", body="zqreponse")
        assert time.monotonic() - began < 15
        wait_for(lambda: "<mark>zqreponse</mark>" in asker.get("/recherche?q=zqreponse"), "the reply is found", 40)
        wait_for(lambda: "1 notification à lire" in asker.get("/"), "the asker is told", 40)
        wait_for(lambda: is_degraded_by(server, "queue", "down"), "health says so", 20)
        gate.open()
        wait_for(lambda: state(server.address)["status"] == "ok", "all is well again", 60)
    finally:
        server.stop()


@pytest.mark.long
@pytest.mark.timeout(180)
def test_a_mail_server_that_hangs_keeps_no_question_from_being_found(tmp_path: Path) -> None:
    gate = Gate(0)  # takes calls and says nothing
    server = Server(demo(tmp_path / "data"), COMCEP_SMTP_URL=f"smtp://127.0.0.1:{gate.port}")
    try:
        asker, peer = Visitor(server.address, "conseillere"), Visitor(server.address, "conseiller")
        landed = asker.post("/poser", title="Avant", body="zqavant", section="aider-a-monter-un-dossier")
        found = re.search(r"/sujets/(\d{15})", landed)
        assert found is not None
        peer.post(f"/sujets/{found[1]}/messages", body="Une réponse, donc un courriel")
        wait_for(lambda: "1 notification à lire" in asker.get("/"), "the reply is announced", 30)
        time.sleep(1)  # the mail is being sent, in vain
        began = time.monotonic()
        asker.post("/poser", title="Pendant", body="zqpendant", section="aider-a-monter-un-dossier")
        wait_for(lambda: "<mark>zqpendant</mark>" in asker.get("/recherche?q=zqpendant"), "the question is found", 20)
        assert time.monotonic() - began < 10
        wait_for(lambda: is_degraded_by(server, "mail", "late"), "health says so", 60)
        time.sleep(12)  # a sweep that finds nothing due
        assert is_degraded_by(server, "mail", "late")
        assert "courriels attendent depuis" in flask(server.data, "sweeps", "state")
    finally:
        server.stop()
        gate.shut()


def test_what_was_typed_is_sent_again_in_one_click_and_published_once(read: tuple[Site, Person, int]) -> None:
    site, ines, topic = read
    holder = sqlite3.connect(site.app.config["DATA"] / "comcep.sqlite3")
    holder.execute("begin immediate")
    page = ines.post(
        f"/sujets/{topic}/messages", body=f"{TYPED}\n\n« deux » & <trois>", submission="NUMERO", confirm="1"
    )
    holder.rollback()
    holder.close()
    form = re.search(
        rf'<form method="post" action="(/sujets/{topic}/messages)"[^>]*>(.*?)</form>', page.text, re.DOTALL
    )
    assert form is not None
    fields = {name: unescape(value) for name, value in re.findall(r'name="([^"]*)" value="([^"]*)"', form[2])}

    for _ in range(2):
        assert ines.post(form[1], **fields).status_code == 302
    shown = ines.get(f"/sujets/{topic}", follow_redirects=True).text
    assert shown.count(TYPED) == 1
    assert "« deux » &amp; &lt;trois&gt;" in shown


def test_a_password_is_neither_shown_nor_sent_again(gated: tuple[Site, Gate]) -> None:
    site, gate = gated
    gate.shut()

    page = site.anonymous().post("/connexion", email="maud@essai.example", password="un secret bien à moi").text

    assert "un secret" not in page
    assert "Envoyer de nouveau" not in page


def test_a_page_without_the_database_does_not_pretend_that_one_is_signed_out(gated: tuple[Site, Gate]) -> None:
    site, gate = gated
    maud = site.adviser("Maud")
    gate.shut()

    page = maud.get("/rubriques").text

    assert "ComCEP est indisponible pour l'instant" in page
    assert "Se connecter" not in page
