"""The processes of a site: none outlives `serve`, none ends alone for long, and no client can hold them.

Real processes, real signals, a real terminal; the load of a kill is in test_kill.py.
"""

import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import click
import psutil
import pytest

from comcep.commands.serve import listen
from tests.resilience.setups import SetUp
from tests.resilience.test_kill import wait_for
from tests.resilience.wire import FORM, health, hear, say
from tests.servers import ROOT, SERVE, Server, Visitor, demo, environment, free_port


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return demo(tmp_path / "data")


@pytest.fixture
def server(data: Path) -> Iterator[Server]:
    server = Server(data, COMCEP_RATE_LIMITS="off")
    yield server
    if server.process.poll() is None:
        server.stop()


# --- kill -9 ---------------------------------------------------------------------------------------------------------


def test_a_kill_of_serve_alone_leaves_no_orphan_and_a_new_one_answers_at_once(server: Server) -> None:
    family = server.family()
    server.process.kill()
    server.process.wait(5)

    successor = Server(server.data, server.port, COMCEP_RATE_LIMITS="off")

    _gone, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []
    assert Visitor(successor.address, "conseillere").get("/rubriques")
    successor.stop()


@pytest.mark.parametrize("command", ["gunicorn", "worker"])
def test_a_child_that_is_killed_is_started_again(shared: Server, command: str) -> None:
    [victim] = [process for process in psutil.Process(shared.process.pid).children() if command in process.cmdline()]
    group = [victim, *victim.children()]

    victim.kill()

    psutil.wait_procs(group, timeout=10)
    shared.wait()
    assert "il redémarre dans 1 s" in shared.said
    assert [process for process in psutil.Process(shared.process.pid).children() if command in process.cmdline()]
    assert not [process for process in group if process.is_running()]


def test_the_master_that_web_workers_are_forked_from_holds_no_database_open(shared: Server) -> None:
    [master] = [process for process in psutil.Process(shared.process.pid).children() if "gunicorn" in process.cmdline()]
    Visitor(shared.address, "conseillere").get("/rubriques")

    assert not [file.path for file in master.open_files() if "sqlite3" in file.path]
    assert [file.path for worker in master.children() for file in worker.open_files() if "sqlite3" in file.path]


# --- two at once -----------------------------------------------------------------------------------------------------


def test_a_second_serve_on_the_same_data_says_so_and_the_first_goes_on(shared: Server) -> None:
    before = shared.family()

    second = subprocess.run(
        SERVE,
        cwd=ROOT,
        env=environment(shared.data, free_port()),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert second.returncode == 1
    assert "ComCEP tourne déjà sur le dossier de données" in second.stderr
    shared.wait()
    assert shared.family() == before


def test_serve_waits_for_a_port_that_is_being_freed(data: Path) -> None:
    said = data.parent / f"{data.name}.log"

    def frees_it_when_asked() -> None:
        wait_for(lambda: said.exists() and "encore pris" in said.read_text(), "serve waits for its port")
        holder.close()

    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        threading.Thread(target=frees_it_when_asked).start()
        server = Server(data, port, COMCEP_RATE_LIMITS="off")
    server.stop()

    assert server.said.count(f"Le port {port} est encore pris ; j'attends qu'il se libère.") == 1


def test_a_port_that_stays_taken_ends_the_start_with_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(click.ClickException, match=f"Le port {port} est pris par un autre programme") as ended:
            listen("127.0.0.1", port, patience=0.3)
    assert ended.value.exit_code == 1


@pytest.mark.long
def test_serve_ends_with_code_1_when_its_port_stays_taken(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        ended = subprocess.run(
            SERVE, cwd=ROOT, env=environment(data, port), capture_output=True, text=True, timeout=60, check=False
        )
    assert ended.returncode == 1
    assert f"Le port {port} est pris par un autre programme" in ended.stderr


def test_a_web_server_that_cannot_start_ends_serve_after_three_tries(data: Path) -> None:
    ended = subprocess.run(
        SERVE, cwd=ROOT, env=environment(data, free_port(), GUNICORN_CMD_ARGS="--config=none.py"),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert ended.returncode == 1
    assert "Le serveur web n'a pas pu démarrer en 3 essais" in ended.stderr
    assert re.findall(r"il redémarre dans (\d+) s", ended.stdout)[:2] == ["1", "2"]


# --- signals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)])
def test_a_signal_ends_everything_in_order_even_when_it_comes_twice(server: Server, number: signal.Signals) -> None:
    family = server.family()

    server.process.send_signal(number)
    time.sleep(0.2)
    server.process.send_signal(number)

    assert server.process.wait(30) == 0
    assert psutil.wait_procs(family[1:], timeout=0.5)[1] == []


def test_a_closed_terminal_ends_everything(data: Path) -> None:
    port = free_port()
    serve, terminal = pty.fork()
    if serve == 0:
        os.chdir(ROOT)
        os.execve(sys.executable, SERVE, environment(data, port))
    wait_for(lambda: _read(terminal) and b'"tasks":"ok"' in health(port), "the site starts")
    family = psutil.Process(serve).children(recursive=True)

    os.close(terminal)

    _pid, status = _wait_for_child(serve, 30)
    assert os.waitstatus_to_exitcode(status) == 0
    assert psutil.wait_procs(family, timeout=0.5)[1] == []


def _read(terminal: int) -> bool:
    """Show what was written, as a terminal does; a full one would hold `serve`."""
    while select.select([terminal], [], [], 0)[0]:
        os.read(terminal, 4096)
    return True


def _wait_for_child(pid: int, seconds: float) -> tuple[int, int]:
    deadline = time.monotonic() + seconds
    while (ended := os.waitpid(pid, os.WNOHANG)) == (0, 0):
        assert time.monotonic() < deadline, "serve did not end"
        time.sleep(0.1)
    return ended


def test_a_hang_up_of_a_service_renews_it_and_no_request_fails(shared: Server) -> None:
    before = set(shared.family()[1:])
    failures: list[str] = []
    finished = threading.Event()
    load = [threading.Thread(target=_read_until, args=(shared, finished, failures)) for _ in range(3)]
    for thread in load:
        thread.start()

    shared.process.send_signal(signal.SIGHUP)
    wait_for(lambda: not any(process.is_running() for process in before), "earlier processes end", 40)
    shared.wait()
    finished.set()
    for thread in load:
        thread.join(30)

    assert failures == []
    visitor = Visitor(shared.address, "conseillere")
    visitor.post("/poser", title="Le mot zqrechargex", body="Texte", section="aider-a-monter-un-dossier")
    wait_for(lambda: "<mark>zqrechargex</mark>" in visitor.get("/recherche?q=zqrechargex"), "the question is found", 20)


def _read_until(server: Server, finished: threading.Event, failures: list[str]) -> None:
    visitor = Visitor(server.address, "conseillere")
    while not finished.is_set():
        try:
            visitor.get("/rubriques")
        except OSError as error:
            failures.append(repr(error))
        time.sleep(0.02)


def test_nothing_acknowledged_is_lost_and_nothing_whole_refused_when_the_site_ends(server: Server) -> None:
    topic = _a_topic(server)
    acknowledged: list[str] = []
    errors: list[int] = []
    load = [
        threading.Thread(target=_answer_until_end, args=(server, topic, at, acknowledged, errors)) for at in range(6)
    ]
    for thread in load:
        thread.start()
    wait_for(lambda: len(acknowledged) >= 12, "answers are taken")

    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(30) == 0
    for thread in load:
        thread.join(30)

    held = {source for (source,) in SetUp(server.data).rows("select source from post")}
    assert set(acknowledged) <= held
    assert errors == []


def _a_topic(server: Server) -> str:
    asker = Visitor(server.address, "conseillere")
    landed = asker.post("/poser", title="Une question", body="Texte", section="aider-a-monter-un-dossier")
    found = re.search(r"/sujets/(\d{15})", landed)
    assert found is not None
    return found[1]


def _answer_until_end(server: Server, topic: str, at: int, acknowledged: list[str], errors: list[int]) -> None:
    try:
        visitor = Visitor(server.address, "conseiller")
        for turn in range(500):
            text = f"Réponse zq{at}x{turn}w"
            visitor.post(f"/sujets/{topic}/messages", body=text)
            acknowledged.append(text)
    except urllib.error.HTTPError as error:
        errors.append(error.code)
    except OSError:
        return  # ended


def test_a_request_half_sent_when_the_site_ends_is_still_answered(server: Server) -> None:
    client = say(server, b"POST /connexion HTTP/1.1\r\n" + FORM + b"Content-Length: 9\r\n\r\nemail=")
    time.sleep(0.2)

    server.process.send_signal(signal.SIGTERM)
    time.sleep(1.5)
    client.sendall(b"abc")

    answer = hear(client)
    assert answer.startswith(b"HTTP/1.1 4")  # no token: refused, but by a page
    assert b"\r\nConnection: close\r\n" in answer
    assert server.process.wait(30) == 0
