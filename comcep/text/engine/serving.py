"""`python -m comcep.text.engine.serving FOLDER PARENT`: the process in which the engine runs, and nothing else.

A fault in its C ends this process alone: it holds no database, no secret and no web framework. commands/worker.py
starts it and starts it again; asking.py asks it. One a data folder: whoever holds the lock answers, another waits.
"""

import fcntl
import os
import resource
import socket
import sys
import threading
import time
from pathlib import Path
from typing import IO

from comcep.bound import end_with, has_parent
from comcep.text.engine import gate
from comcep.text.engine.library import Engine

SOCKET, LOCK = "embedding.socket", "embedding.lock"
THREADS = 4  # texts at a time: those of two web workers, and what the background reads
BACKLOG = 64  # callers that wait; the next is refused at once, and goes by words
QUESTION, PASSAGE = b"?", b"."  # first byte of a request; two of length and the text follow
READ = b"+"  # first byte of an answer; the embedding follows. A text that did not pass the gate gets none
HALF = 1.0  # seconds for a request to arrive, an answer to be taken
STUCK = 10.0  # seconds for one text, of some 40 ms: then the process ends, for another to begin anew
LOOKED = 0.5  # seconds between two looks at what makes this process end


def main(folder: Path, parent: int) -> None:
    """Answer until the parent is gone, the socket is another's, or a text keeps the engine for too long."""
    end_with(parent)
    _leave_no_dump()
    os.umask(0o177)
    os.chdir(folder)  # so that the socket's name is short: a path of more than 107 bytes is no address
    lock = _alone(parent)
    serving = Serving(Engine(), _listener())
    while has_parent(parent) and serving.is_well():
        time.sleep(LOOKED)
    lock.close()
    os._exit(0)  # a thread may be in the engine for good


def _leave_no_dump() -> None:
    """A dump of this process would hold what somebody wrote. One byte and not none: of none, Linux still hands the dump
    to a program that asked for dumps."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    most = 1 if hard == resource.RLIM_INFINITY else min(1, hard)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))


def _alone(parent: int) -> IO[str]:
    """The lock of the folder, held until this process ends. Before it another's socket is not touched."""
    file = open(LOCK, "w")  # noqa: SIM115  (held)
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            if not has_parent(parent):
                os._exit(0)
            time.sleep(0.1)


def _listener() -> socket.socket:
    Path(SOCKET).unlink(missing_ok=True)  # of one that was killed
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(SOCKET)
    return listener


class Serving:
    """The threads that answer, and what is known of how they are."""

    def __init__(self, engine: Engine, listener: socket.socket) -> None:
        self._engine, self._listener = engine, listener
        self._inode = os.stat(SOCKET).st_ino
        self._began: dict[int, float] = {}  # by thread, since when the engine reads
        engine.embed(b"bonjour", True)  # where it can read nothing, nobody is let in, and no text is blamed
        listener.listen(BACKLOG)
        self._threads = [
            threading.Thread(target=self._answer_for_ever, args=(number,), daemon=True) for number in range(THREADS)
        ]
        for thread in self._threads:
            thread.start()

    def is_well(self) -> bool:
        """Whether callers still find this process, and get an answer."""
        try:
            is_found = os.stat(SOCKET).st_ino == self._inode
        except OSError:
            is_found = False
        is_stuck = any(time.monotonic() - began > STUCK for began in list(self._began.values()))
        return is_found and not is_stuck and all(thread.is_alive() for thread in self._threads)

    def _answer_for_ever(self, number: int) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
                with connection:
                    connection.settimeout(HALF)
                    self._answer(connection, number)
            except OSError:  # the caller went away, or no descriptor is left
                time.sleep(0.01)

    def _answer(self, connection: socket.socket, number: int) -> None:
        kind, length = received(connection, 1), int.from_bytes(received(connection, 2), "big")
        text = received(connection, length) if length <= gate.LONGEST_BYTES else b""
        if kind not in (QUESTION, PASSAGE) or not gate.is_readable(text):
            return
        self._began[number] = time.monotonic()
        found = self._engine.embed(text, kind == QUESTION)
        del self._began[number]
        connection.sendall(READ + found)


def received(connection: socket.socket, length: int, until: float | None = None) -> bytes:
    """Exactly so many bytes. Raises OSError: TimeoutError past the moment, ConnectionError when the other has ended."""
    until = until or time.monotonic() + HALF
    parts = b""
    while len(parts) < length:
        connection.settimeout(max(0.001, until - time.monotonic()))
        part = connection.recv(length - len(parts))
        if not part:
            raise ConnectionResetError("ended")
        parts += part
    return parts


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
