"""The process of the engine of embeddings: one a data folder, asked by a socket, found missing without harm.

Real processes and real signals; a whole site with it is in tests/resilience/test_embedding_process.py.
"""

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from comcep.text import embedding
from comcep.text.engine import asking, gate, serving
from comcep.text.engine.asking import EngineAway, EngineBroke, Process
from tests.servers import ROOT

SERVING = "from comcep.text.engine.serving import main"
ASKED = b"bilan de comp\xc3\xa9tences"

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts one on a folder, by itself; all are ended with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start_on(folder: Path, before: str = "") -> "subprocess.Popen[bytes]":
        folder.mkdir(parents=True, exist_ok=True)
        code = f"{SERVING}\nfrom pathlib import Path\n{before}\nmain(Path({str(folder)!r}), {os.getpid()})"
        started.append(subprocess.Popen([sys.executable, "-c", code], cwd=ROOT))
        return started[-1]

    yield start_on
    for process in started:
        process.kill()
        process.wait(10)


def answered(folder: Path, seconds: float = 20) -> Process:
    """What asks it, once it answers."""
    process = Process(folder)
    assert process.answers(seconds)
    return process


def test_it_gives_what_the_engine_gives_here(start: Start, tmp_path: Path) -> None:
    start(tmp_path)
    process = answered(tmp_path)
    text = "Hébergement à proximité : 35 % (art. L.6323-17), « où dormir » ?"

    for is_question, here in ((True, embedding.of_question(text, 160)), (False, embedding.of_passage(text))):
        assert process.embed(gate.readable(text, 160).encode(), is_question, 5) == here


def test_its_socket_is_its_owners_alone(start: Start, tmp_path: Path) -> None:
    start(tmp_path)
    answered(tmp_path)

    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in (serving.SOCKET, serving.LOCK)} == {0o600}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a path this long goes without embeddings")
def test_a_data_folder_whose_path_is_longer_than_an_address_is_served(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120) / ("y" * 120)
    start(folder)

    assert answered(folder).embed(ASKED, True, 5)
    assert len(os.listdir("/proc/self/fd")) < 200


def test_two_data_folders_have_one_each(start: Start, tmp_path: Path) -> None:
    first, _second = start(tmp_path / "a"), start(tmp_path / "b")
    answered(tmp_path / "a")
    answered(tmp_path / "b")
    first.kill()
    first.wait(5)

    assert not Process(tmp_path / "a").answers(0)
    assert Process(tmp_path / "b").answers(0)


def test_two_on_a_folder_never_answer_at_once_and_the_second_follows_the_first(start: Start, tmp_path: Path) -> None:
    first = start(tmp_path)
    answered(tmp_path)
    before = (tmp_path / serving.SOCKET).stat().st_ino
    second = start(tmp_path)
    time.sleep(1)
    assert (tmp_path / serving.SOCKET).stat().st_ino == before

    first.kill()
    first.wait(5)

    assert answered(tmp_path).embed(ASKED, True, 5)
    assert second.poll() is None


def test_the_socket_that_a_killed_one_left_keeps_no_other_away(start: Start, tmp_path: Path) -> None:
    first = start(tmp_path)
    process = answered(tmp_path)
    first.kill()
    first.wait(5)
    assert (tmp_path / serving.SOCKET).exists()
    with pytest.raises(EngineAway):
        process.embed(ASKED, True, 5)

    start(tmp_path)

    assert answered(tmp_path).embed(ASKED, True, 5)


def test_where_there_is_none_asking_takes_no_time(tmp_path: Path) -> None:
    began = time.monotonic()
    for _ in range(100):
        with pytest.raises(EngineAway):
            Process(tmp_path).embed(ASKED, True, 5)

    assert time.monotonic() - began < 1


def connected(folder: Path) -> socket.socket:
    caller = socket.socket(socket.AF_UNIX)
    caller.settimeout(5)
    caller.connect(str(folder / serving.SOCKET))
    return caller


def test_half_requests_hold_it_for_a_moment_only(start: Start, tmp_path: Path) -> None:
    start(tmp_path)
    process = answered(tmp_path)
    halves = [connected(tmp_path) for _ in range(3 * serving.THREADS)]
    for half in halves:
        half.sendall(b"?\x00\x20bil")

    assert process.embed(ASKED, True, 3 * serving.HALF + 5)
    for half in halves:
        half.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"?\xff\xff" + b"a" * 70_000,
        b"?\x01\xf4" + "ﷺ".encode() * 166 + b"aa",
        b"?\x00\x03a\xff\xfe",
        b"?\x00\x03a\x00b",
        b"!\x00\x03abc",
        b"?\x00\x01?",
        b".\x00\xc8" + b"a" * 200,
        b"?\x00\x00",
    ],
)
def test_what_did_not_pass_the_gate_is_not_read(start: Start, tmp_path: Path, sent: bytes) -> None:
    start(tmp_path)
    process = answered(tmp_path)
    with connected(tmp_path) as caller:
        try:
            caller.sendall(sent)
            assert caller.recv(1) == b""
        except ConnectionError:  # closed with more on its way
            pass

    assert process.embed(ASKED, True, 5)


def test_one_that_hangs_costs_a_call_its_patience_and_the_next_nothing(start: Start, tmp_path: Path) -> None:
    child = start(tmp_path)
    process = answered(tmp_path)
    child.send_signal(signal.SIGSTOP)

    took = []
    for _ in range(5):
        began = time.monotonic()
        with pytest.raises(EngineAway):
            process.embed(ASKED, True, 0.3)
        took.append(time.monotonic() - began)
    assert took[0] < 1
    assert sum(took[1:]) < 0.1
    assert not process.is_available()

    child.send_signal(signal.SIGCONT)
    assert process.answers(20)


def test_more_callers_than_may_wait_are_refused_at_once(start: Start, tmp_path: Path) -> None:
    child = start(tmp_path)
    process = answered(tmp_path)
    child.send_signal(signal.SIGSTOP)
    waiting = []
    try:
        for _ in range(2 * serving.BACKLOG + serving.THREADS):
            caller = socket.socket(socket.AF_UNIX)
            caller.setblocking(False)
            waiting.append(caller)
            if caller.connect_ex(str(tmp_path / serving.SOCKET)):
                break
        began = time.monotonic()
        with pytest.raises(EngineAway):
            process.embed(ASKED, True, 0.3)
        assert time.monotonic() - began < 1
    finally:
        for caller in waiting:
            caller.close()
        child.send_signal(signal.SIGCONT)

    assert answered(tmp_path).embed(ASKED, True, 5)


def test_one_that_ends_over_a_text_is_told_from_one_that_is_not_there(start: Start, tmp_path: Path) -> None:
    child = start(tmp_path)
    process = answered(tmp_path)
    child.send_signal(signal.SIGSTOP)
    threading.Timer(0.3, child.kill).start()

    with pytest.raises(EngineBroke):
        process.embed(ASKED, True, 10)
    child.wait(5)
    with pytest.raises(EngineAway) as raised:
        process.embed(ASKED, True, 10)
    assert not isinstance(raised.value, EngineBroke)


@pytest.mark.parametrize("told_by", ["the kernel", "a look at the parent"])
def test_it_ends_with_the_process_that_started_it(tmp_path: Path, told_by: str) -> None:
    before = "" if told_by == "the kernel" else "import comcep.bound; comcep.bound.LIBC = None; "
    child = f"{before}{SERVING}; from pathlib import Path; import os; main(Path({str(tmp_path)!r}), os.getppid())"
    code = f"import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', {child!r}])\ntime.sleep(60)"
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    answered(tmp_path)
    [one] = psutil.Process(parent.pid).children()

    parent.kill()
    parent.wait(5)

    assert psutil.wait_procs([one], timeout=5)[1] == []


def test_one_whose_socket_is_gone_ends_so_that_another_is_found(start: Start, tmp_path: Path) -> None:
    child = start(tmp_path)
    answered(tmp_path)

    (tmp_path / serving.SOCKET).unlink()

    assert child.wait(5) == 0


def test_one_that_reads_a_text_for_too_long_ends(start: Start, tmp_path: Path) -> None:
    slow = (
        "import time\nfrom comcep.text.engine import serving\nserving.STUCK = 0.5\n"
        "class Slow:\n"
        "    def embed(self, text, _is_question):\n"
        "        time.sleep(60 if b'poison' in text else 0)\n"
        "        return bytes(384)\n"
        "serving.Engine = Slow"
    )
    child = start(tmp_path, slow)
    process = answered(tmp_path)

    with pytest.raises(EngineBroke):
        process.embed(b"le poison", True, 10)
    assert child.wait(5) == 0


def test_one_that_can_read_nothing_lets_nobody_in(start: Start, tmp_path: Path) -> None:
    """Else each text in turn would be found to blame."""
    broken = (
        "import os\nfrom comcep.text.engine import serving\n"
        "class Broken:\n    def embed(self, *_):\n        os.abort()\nserving.Engine = Broken"
    )
    child = start(tmp_path, broken)

    assert child.wait(20) == -signal.SIGABRT
    with pytest.raises(EngineAway) as raised:
        Process(tmp_path).embed(ASKED, True, 1)
    assert not isinstance(raised.value, EngineBroke)


def test_it_brings_no_web_framework_and_no_database_along() -> None:
    code = f"{SERVING}\nimport sys\nprint([name for name in ('flask', 'click', 'sqlalchemy', 'numpy') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_where_embeddings_are_made_must_be_said_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process runs the engine because it forgot to ask the one that does."""
    monkeypatch.setattr(embedding, "_place", {})

    with pytest.raises(RuntimeError, match="where embeddings are made"):
        embedding.of_question("bilan de compétences")


def test_a_machine_that_cannot_embed_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "why_not", lambda: "the processor has no AVX2")
    monkeypatch.setattr(embedding, "_place", {})
    embedding.made_by_process(tmp_path)

    assert embedding.of_question("bilan de compétences") is None
    assert not embedding.answers(5)
