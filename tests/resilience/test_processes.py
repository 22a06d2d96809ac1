"""The processes of a site: none outlives `serve`, none ends alone for long, and no client can hold them.

Real processes, real signals, a real terminal; the load of a kill is in test_kill.py.
"""

import contextlib
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
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import psutil
import pytest

from comcep.commands.serve import listen, web_command
from tests.resilience.setups import SetUp
from tests.resilience.test_kill import wait_for
from tests.servers import ROOT, SERVE, Server, Visitor, demo, environment, free_port

HOST = b"Host: 127.0.0.1\r\n"
FORM = HOST + b"Content-Type: application/x-www-form-urlencoded\r\n"
SITE = {"COMCEP_RATE_LIMITS": "off"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return demo(tmp_path / "data")


@pytest.fixture
def server(data: Path) -> Iterator[Server]:
    server = Server(data, **SITE)
    yield server
    if server.process.poll() is None:
        server.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A site that its tests leave serving."""
    server = Server(demo(tmp_path_factory.mktemp("shared") / "data"), **SITE)
    yield server
    server.stop()


# --- kill -9 ---------------------------------------------------------------------------------------------------------


def test_a_kill_of_serve_alone_leaves_no_orphan_and_a_new_one_answers_at_once(server: Server) -> None:
    family = server.family()
    server.process.kill()
    server.process.wait(5)

    successor = Server(server.data, server.port, **SITE)

    _gone, alive = psutil.wait_procs(family, timeout=10)
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
        server = Server(data, port, **SITE)
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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
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
    wait_for(lambda: _read(terminal) and b'"tasks":"ok"' in _health(port), "the site starts")
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


def _health(port: int) -> bytes:
    try:
        answer: bytes = urllib.request.urlopen(f"http://127.0.0.1:{port}/sante", timeout=2).read()
        return answer
    except OSError:
        return b""


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
    client = _say(server, b"POST /connexion HTTP/1.1\r\n" + FORM + b"Content-Length: 9\r\n\r\nemail=")
    time.sleep(0.2)

    server.process.send_signal(signal.SIGTERM)
    time.sleep(1.5)
    client.sendall(b"abc")

    answer = _hear(client)
    assert answer.startswith(b"HTTP/1.1 4")  # no token: refused, but by a page
    assert b"\r\nConnection: close\r\n" in answer
    assert server.process.wait(30) == 0


# --- clients ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clients", [8, 40])
@pytest.mark.parametrize(
    "half", [b"GET /sante HT", b"POST /connexion HTTP/1.1\r\n" + FORM + b"Content-Length: 9000\r\n\r\nemail="]
)
def test_clients_that_send_half_a_request_stop_nobody(shared: Server, clients: int, half: bytes) -> None:
    visitor = Visitor(shared.address, "conseillere")
    silent = [_say(shared, half) for _ in range(clients)]
    time.sleep(0.3)

    started = time.monotonic()
    urllib.request.urlopen(f"{shared.address}/sante", timeout=2).read()
    visitor.get("/rubriques")

    assert time.monotonic() - started < 2
    for client in silent:
        client.close()


@pytest.mark.long
def test_a_client_that_goes_silent_is_let_go(shared: Server) -> None:
    client = _say(shared, b"POST /connexion HTTP/1.1\r\n" + FORM + b"Content-Length: 9\r\n\r\nemail=")

    client.settimeout(45)
    assert client.recv(100) == b""


@pytest.mark.long
def test_a_client_that_drips_is_let_go(shared: Server) -> None:
    client = _say(shared, b"POST /connexion HTTP/1.1\r\n" + FORM + b"Content-Length: 900\r\n\r\n")
    started = time.monotonic()

    with contextlib.suppress(OSError):  # reset, or a broken pipe
        while time.monotonic() - started < 200:
            client.sendall(b"a")
            time.sleep(1)

    assert 110 < time.monotonic() - started < 150


def test_a_slow_client_that_ends_its_request_is_answered(shared: Server) -> None:
    client = _say(shared, b"GET /sante HTTP/1.1\r\n")
    for piece in (HOST, b"Connection: ", b"close\r\n", b"\r\n"):
        time.sleep(0.4)
        client.sendall(piece)

    assert _hear(client).startswith(b"HTTP/1.1 200")


PLAIN = HOST + b"Connection: close\r\n\r\n"
CHUNKED = FORM + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
ODD_REQUESTS: dict[str, tuple[bytes, int]] = {
    "headers alone": (b"HEAD /connexion HTTP/1.1\r\n" + PLAIN, 200),
    "a whole address": (b"GET http://127.0.0.1/sante HTTP/1.1\r\n" + PLAIN, 200),
    "an address that is none": (b"GET http://[ HTTP/1.1\r\n" + PLAIN, 400),
    "an address of another site": (b"GET //other.example/sante HTTP/1.1\r\n" + PLAIN, 404),
    "a greeting of TLS": (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
    "a line that is no request": (b"bonjour\r\n\r\n", 400),
    "an old client": (b"GET /sante HTTP/1.0\r\n\r\n", 200),
    "300 kB of headers": (b"GET /sante HTTP/1.1\r\nX-Long: " + b"a" * 300_000 + b"\r\n" + PLAIN, 431),
    "a body in chunks": (b"POST /connexion HTTP/1.1\r\n" + CHUNKED + b"5\r\nemail\r\n0\r\n\r\n", 422),
    "chunks of no length": (b"POST /connexion HTTP/1.1\r\n" + CHUNKED + b"zz\r\n", 400),
    "a chunk line without end": (b"POST /connexion HTTP/1.1\r\n" + CHUNKED + b"1;" + b"a" * 20_000, 400),
    "two lengths": (b"POST /connexion HTTP/1.1\r\nContent-Length: 3\r\n" + CHUNKED + b"0\r\n\r\n", 400),
    "chunks of an old client": (b"POST /connexion HTTP/1.0\r\n" + CHUNKED + b"0\r\n\r\n", 400),
    "a length of 5,000 digits": (b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5_000 + b"\r\n" + PLAIN, 400),
    "2 MB": (b"POST /connexion HTTP/1.1\r\nContent-Length: 2000000\r\n" + PLAIN + b"a" * 2_000_000, 413),
    "2 MB in chunks": (b"POST /connexion HTTP/1.1\r\n" + CHUNKED + b"1E8480\r\n" + b"a" * 2_000_000 + b"\r\n0\r\n\r\n", 413),
    "30 MB announced": (b"POST /connexion HTTP/1.1\r\nContent-Length: 30000000\r\n" + PLAIN + b"a" * 300_000, 413),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD_REQUESTS)
def test_an_odd_request_has_a_sensible_answer(shared: Server, name: str) -> None:
    request, status = ODD_REQUESTS[name]

    answer = _hear(_say(shared, request))

    head, _blank, body = answer.partition(b"\r\n\r\n")
    assert int(head.split()[1]) == status
    assert not re.search(rb"(?im)^(server|via):", head)
    assert b"waitress" not in answer
    assert b"Traceback" not in answer
    if name.startswith("2 MB"):
        assert "Envoi trop volumineux" in body.decode()  # the application's own page
    if name == "headers alone":
        assert body == b""


def test_a_client_that_asks_before_it_sends_is_told_to_go_on(shared: Server) -> None:
    client = _say(
        shared,
        b"POST /connexion HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n"
        + FORM
        + b"Connection: close\r\n\r\n",
    )
    assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.sendall(b"email")
    assert _hear(client).startswith(b"HTTP/1.1 422")


def test_requests_sent_at_once_are_answered_in_turn(shared: Server) -> None:
    ask = b"GET /sante HTTP/1.1\r\n" + HOST
    answer = _hear(_say(shared, (ask + b"\r\n") * 3 + ask + b"Connection: close\r\n\r\n"))
    assert answer.count(b"HTTP/1.1 200 OK") == 4


def test_logs_hold_nothing_of_an_odd_request(shared: Server) -> None:
    for request in (
        b"GET /zqsecret HTTP/9\r\n\r\n",
        b"GET http://[zqsecret HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nzqsecret\r\n\r\n",
    ):
        _hear(_say(shared, request))
    assert "zqsecret" not in shared.said


def _say(server: Server, sent: bytes) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    client.sendall(sent)
    return client


def _hear(client: socket.socket) -> bytes:
    """Everything until the other side closes."""
    with client:
        return b"".join(iter(lambda: client.recv(65_536), b""))


# --- gunicorn's own promises, kept by our worker class ---------------------------------------------------------------


@pytest.fixture
def gunicorn(tmp_path: Path) -> Iterator[Callable[..., psutil.Process]]:
    """Gunicorn as the site starts it, over an application of a few lines."""
    started = []

    def start(application: str, port: int, *more: str, workers: int = 1) -> psutil.Process:
        (tmp_path / "tiny.py").write_text(application)
        command = [*web_command(f"127.0.0.1:{port}", workers, "tiny:app"), *more]
        path = f"{ROOT}:{tmp_path}"
        with open(tmp_path / "log", "wb") as log:
            started.append(subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": path}, stderr=log))
        wait_for(lambda: _health(port) != b"", "gunicorn answers", 20)
        return psutil.Process(started[-1].pid)

    yield start
    for process in started:
        process.terminate()
        process.wait(30)


QUICK = """
def app(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""
ADDRESSES = """
def app(environ, start_response):
    said = [environ["REMOTE_ADDR"], environ["wsgi.url_scheme"], str(environ.get("HTTP_X_FORWARDED_FOR"))]
    start_response("200 OK", [])
    return [" ".join(said).encode()]
"""
FAILING = """
def app(environ, start_response):
    if environ["PATH_INFO"] != "/sante":
        raise ValueError
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""
HANGING = """
import time

def app(environ, start_response):
    if environ["PATH_INFO"] == "/hang":
        time.sleep(1000)
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""


def test_a_client_cannot_give_itself_another_address(gunicorn: Callable[..., psutil.Process]) -> None:
    port = free_port()
    gunicorn(ADDRESSES, port)

    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(
            b"GET / HTTP/1.1\r\nRemote-Addr: 9.9.9.9\r\nX_Forwarded_For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\n"
            + PLAIN
        )
        answer = _hear(client)

    assert answer.endswith(b"\r\n\r\n127.0.0.1 http None")


def test_a_failure_past_the_application_is_told_in_french_and_logged_without_its_address(
    gunicorn: Callable[..., psutil.Process], tmp_path: Path
) -> None:
    port = free_port()
    gunicorn(FAILING, port)

    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(b"GET /zqsecret HTTP/1.1\r\n" + PLAIN)
        answer = _hear(client).decode()

    assert answer.startswith("HTTP/1.1 500")
    assert answer.endswith("Une erreur de notre côté. Réessayez dans un instant.")
    log = (tmp_path / "log").read_text()
    assert "ValueError" in log
    assert "zqsecret" not in log


def test_a_worker_that_has_served_its_share_is_replaced_and_no_request_fails(
    gunicorn: Callable[..., psutil.Process],
) -> None:
    port = free_port()
    master = gunicorn(QUICK, port, "--max-requests", "50", "--max-requests-jitter", "10", workers=2)
    before = set(master.children())

    for _ in range(400):
        assert urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).read() == b"ok"

    assert before.isdisjoint(master.children())


def test_a_worker_whose_threads_all_hang_is_replaced(gunicorn: Callable[..., psutil.Process]) -> None:
    port = free_port()
    gunicorn(HANGING, port, "--timeout", "3")
    hanging = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
    for client in hanging:
        client.sendall(b"GET /hang HTTP/1.1\r\n" + PLAIN)

    wait_for(lambda: _health(port) == b"ok", "a new worker answers", 20)
    for client in hanging:
        client.close()
