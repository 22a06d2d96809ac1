"""Asking the process of the engine for an embedding, from a web worker or a sweep, without ever waiting long for it.

One connection a call: a Unix socket in the data folder takes a thirtieth of a millisecond, and what ends while it is
open is then known to have ended over this text.
"""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from comcep.text.engine import library
from comcep.text.engine.library import DIMENSIONS, Embedding
from comcep.text.engine.serving import PASSAGE, QUESTION, READ, SOCKET, received

QUIET = 5.0  # seconds without another try after one that was not answered in time: each would hold a search
LONGEST_ADDRESS = 100  # bytes of the path of a socket: the kernel takes 107, macOS 103
ANSWER = 0.5  # seconds to say that it is there


class EngineAway(OSError):
    """The process of the engine does not answer: nothing is wrong with the text."""


class EngineBroke(EngineAway):
    """It ended while it read this text, or before it came to it."""


class EngineLate(EngineAway):
    """It did not answer in time."""


class Process:
    """The process that serves a data folder."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._quiet_until = 0.0

    def is_possible(self) -> bool:
        """Whether this machine can embed at all."""
        return why_not() is None

    def is_available(self) -> bool:
        """Whether it is worth asking."""
        return self.is_possible() and time.monotonic() > self._quiet_until

    def answers(self, patience: float) -> bool:
        """Whether it answers now, or within so many seconds."""
        until = time.monotonic() + patience
        while self.is_possible():
            with suppress(EngineAway):
                self._ask(b"bonjour", True, ANSWER)
                self._quiet_until = 0.0
                return True
            if time.monotonic() > until:
                break
            time.sleep(0.1)
        return False

    def embed(self, text: bytes, is_question: bool, patience: float) -> Embedding:
        """Of a text that has passed the gate. Raises EngineAway, EngineBroke."""
        if time.monotonic() < self._quiet_until:
            raise EngineAway("it did not answer a moment ago")
        try:
            return self._ask(text, is_question, patience)
        except EngineLate:
            self._quiet_until = time.monotonic() + QUIET
            raise

    def _ask(self, text: bytes, is_question: bool, patience: float) -> Embedding:
        until = time.monotonic() + patience
        request = (QUESTION if is_question else PASSAGE) + len(text).to_bytes(2, "big") + text
        try:
            with self._connected(patience) as connection:
                connection.sendall(request)
                try:
                    answer = received(connection, len(READ) + DIMENSIONS, until)
                except ConnectionError:
                    raise EngineBroke("it ended over this text") from None
        except TimeoutError:
            raise EngineLate("it did not answer in time") from None
        except EngineAway:
            raise
        except OSError as error:  # not there, or as many wait as may
            raise EngineAway(error.strerror or "not there") from None
        return answer[len(READ) :]

    @contextmanager
    def _connected(self, patience: float) -> Iterator[socket.socket]:
        with socket.socket(socket.AF_UNIX) as connection, _address(self._data) as address:
            connection.settimeout(patience)
            connection.connect(address)
            yield connection


@contextmanager
def _address(data: Path) -> Iterator[str]:
    """The path of the socket; where it is too long for one, through a descriptor of its folder."""
    path = str(data / SOCKET)
    if len(os.fsencode(path)) <= LONGEST_ADDRESS:
        yield path
        return
    folder = os.open(data, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{folder}/{SOCKET}"
    finally:
        os.close(folder)


@lru_cache(maxsize=1)
def why_not() -> str | None:
    """What keeps this machine from embedding; None where it can. Loads nothing."""
    try:
        library.path()
        if library.MODEL.stat().st_size != library.MODEL_BYTES:
            return f"{library.MODEL.name} is not whole"
    except OSError as error:
        return str(error)
    return None
