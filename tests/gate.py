"""A gate before a server: open, shut or silent, as a network or a machine may be. What passes is not looked at."""

import socket
import threading
from contextlib import suppress


class Gate:
    """Listens on a port of its own and leads to another one; shut and silent as often as a test wants."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener: socket.socket | None = None
        self._ends: list[socket.socket] = []
        self._is_silent = False
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.open()

    def open(self) -> None:
        self._is_silent = False
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def shut(self) -> None:
        """Refuse whoever comes, and cut off whoever is through."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.cut()

    def silence(self) -> None:
        """Take calls, and say nothing; also to those who are through."""
        self._is_silent = True

    def cut(self) -> None:
        ends, self._ends = self._ends, []
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            self._ends.append(near)
            if self._to and not self._is_silent:
                with suppress(OSError):
                    far = socket.create_connection(("127.0.0.1", self._to))
                    self._ends.append(far)
                    for one, other in ((near, far), (far, near)):
                        threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while words := one.recv(65_536):
                while self._is_silent:
                    if one.fileno() < 0:
                        return
                    threading.Event().wait(0.05)
                other.sendall(words)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
