"""What clients may send, and how slowly: none holds the site, and odd requests have sensible answers. What gunicorn
promises is kept by the worker class of ours (web/server.py).
"""

import contextlib
import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from comcep.commands.serve import web_command
from tests.resilience.test_kill import wait_for
from tests.resilience.wire import FORM, HOST, health, hear, say
from tests.servers import ROOT, Server, Visitor, free_port

# --- clients ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clients", [8, pytest.param(40, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "half", [b"GET /sante HT", b"POST /connexion HTTP/1.1\r\n" + FORM + b"Content-Length: 9000\r\n\r\nemail="]
)
def test_clients_that_send_half_a_request_stop_nobody(shared: Server, clients: int, half: bytes) -> None:
    visitor = Visitor(shared.address, "conseillere")
    silent = [say(shared, half) for _ in range(clients)]
    time.sleep(0.3)

    started = time.monotonic()
    urllib.request.urlopen(f"{shared.address}/sante", timeout=2).read()
    visitor.get("/rubriques")

    assert time.monotonic() - started < 2
    for client in silent:
        client.close()


@pytest.mark.long
def test_a_client_that_goes_silent_is_let_go(shared: Server) -> None:
    client = say(shared, b"POST /connexion HTTP/1.1\r\n" + FORM + b"Content-Length: 9\r\n\r\nemail=")

    client.settimeout(45)
    assert client.recv(100) == b""


@pytest.mark.long
def test_a_client_that_drips_is_let_go(shared: Server) -> None:
    client = say(shared, b"POST /connexion HTTP/1.1\r\n" + FORM + b"Content-Length: 900\r\n\r\n")
    started = time.monotonic()

    with contextlib.suppress(OSError):  # reset, or a broken pipe
        while time.monotonic() - started < 200:
            client.sendall(b"a")
            time.sleep(1)

    assert 110 < time.monotonic() - started < 150


def test_a_slow_client_that_ends_its_request_is_answered(shared: Server) -> None:
    client = say(shared, b"GET /sante HTTP/1.1\r\n")
    for piece in (HOST, b"Connection: ", b"close\r\n", b"\r\n"):
        time.sleep(0.4)
        client.sendall(piece)

    assert hear(client).startswith(b"HTTP/1.1 200")


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

    answer = hear(say(shared, request))

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
    client = say(
        shared,
        b"POST /connexion HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n"
        + FORM
        + b"Connection: close\r\n\r\n",
    )
    assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.sendall(b"email")
    assert hear(client).startswith(b"HTTP/1.1 422")


def test_requests_sent_at_once_are_answered_in_turn(shared: Server) -> None:
    ask = b"GET /sante HTTP/1.1\r\n" + HOST
    answer = hear(say(shared, (ask + b"\r\n") * 3 + ask + b"Connection: close\r\n\r\n"))
    assert answer.count(b"HTTP/1.1 200 OK") == 4


def test_logs_hold_nothing_of_an_odd_request(shared: Server) -> None:
    for request in (
        b"GET /zqsecret HTTP/9\r\n\r\n",
        b"GET http://[zqsecret HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nzqsecret\r\n\r\n",
    ):
        hear(say(shared, request))
    assert "zqsecret" not in shared.said


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
        wait_for(lambda: health(port) != b"", "gunicorn answers", 20)
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
        answer = hear(client)

    assert answer.endswith(b"\r\n\r\n127.0.0.1 http None")


def test_a_failure_past_the_application_is_told_in_french_and_logged_without_its_address(
    gunicorn: Callable[..., psutil.Process], tmp_path: Path
) -> None:
    port = free_port()
    gunicorn(FAILING, port)

    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(b"GET /zqsecret HTTP/1.1\r\n" + PLAIN)
        answer = hear(client).decode()

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

    wait_for(lambda: health(port) == b"ok", "a new worker answers", 20)
    for client in hanging:
        client.close()
