"""The gunicorn worker class of the site: waitress reads each request whole, in one loop, before a thread is taken.

Gunicorn keeps the processes (commands/serve.py starts it); what a page answers lives with the features. The classes
below the worker each bend one thing of waitress, named in their first line.
"""

import logging
import os
import resource
import socket
import time
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher, WSGITask
from waitress.utilities import BadRequest

from comcep.extensions import answer_within
from comcep.settings import REQUEST_LIMIT

CONNECTIONS = 1_000  # a worker; one that says nothing costs some kilobytes and no thread
HEADER_LIMIT = 65_536  # bytes of request line and headers together
READ_LIMIT = 20 * REQUEST_LIMIT  # bytes read of one body; past REQUEST_LIMIT they are counted and thrown away
MEMORY_OF_A_BODY = 131_072  # bytes; a longer body waits in a file without a name
CHUNK_LINE_LIMIT = 8_192  # bytes of what frames a chunked body; waitress has no limit of its own

SILENCE = 30  # seconds without a byte, in a request or between two
SLOWEST_REQUEST = 120  # seconds for a whole request: a megabyte at 70 kbit/s
FIRST_TO_THE_IDLE = 0.001  # seconds

DATABASE_ANSWER = 10.0  # seconds for one statement; pages take milliseconds

LEAVING = 20  # seconds, at most, to answer what is in progress when the worker must go
LEAVING_HALF_SENT = 5  # seconds for a request that is still being sent
LEAVING_IDLE = 1  # seconds for one that may be under way on a kept connection

REFUSALS = {
    400: "Cette demande n'a pas la forme attendue.",
    413: "Cet envoi est trop volumineux.",
    431: "Les en-têtes de cette demande sont trop longs. Effacez les témoins (cookies) de ce site et recommencez.",
    500: "Une erreur de notre côté. Réessayez dans un instant.",
    501: "Cette façon d'envoyer n'est pas prise en charge.",
}


class WholeRequests(Worker):
    """A gunicorn worker whose threads only ever see whole requests: a slow or silent client holds none."""

    doors: list["Door"] = []
    is_leaving = False

    def run(self) -> None:
        _keep_addresses_out_of_logs()
        answer_within["seconds"] = DATABASE_ANSWER
        connections: dict[int, Any] = {}
        self.threads = ThreadedTaskDispatcher()
        self.threads.set_thread_count(self.cfg.threads)
        limit = _room_for_connections()
        self.doors = [Door(self, listener.sock, connections, limit) for listener in self.sockets]
        self.told_at = self.moved_at = time.monotonic()
        while self.alive and self.nr < self.max_requests and self.has_master():
            self.turn(connections, 1)
        self._leave(connections)

    def has_master(self) -> bool:
        """Whether gunicorn's master is still there: without one nobody would ever end this process."""
        return bool(self.ppid == os.getppid())

    def turn(self, connections: dict[int, Any], seconds: float) -> None:
        """Read, write and accept whatever is ready, and tell gunicorn that this worker is well."""
        wasyncore.loop(timeout=seconds, use_poll=True, map=connections, count=1)
        now = time.monotonic()
        if now - self.told_at > 1 and not self._is_stuck(now):
            self.told_at = now
            self.notify()

    def _is_stuck(self, now: float) -> bool:
        """Whether somebody waits while no thread began or ended anything: gunicorn, told nothing, then ends it."""
        return bool(self.threads.queue) and now - self.moved_at > self.timeout  # half of gunicorn's

    def begins(self) -> None:
        self.moved_at = time.monotonic()

    def ends(self) -> None:
        self.moved_at = time.monotonic()
        self.nr += 1

    def handle_exit(self, sig: int, frame: Any) -> None:
        """SIGTERM: leave in order, now rather than at the end of a turn."""
        super().handle_exit(sig, frame)
        for door in self.doors:
            door.pull_trigger()

    def _leave(self, connections: dict[int, Any]) -> None:
        """Answer every request that is whole, each answer saying that its connection closes; then go."""
        self.is_leaving = True
        for door in self.doors:
            door.shut()
        began = time.monotonic()
        while (elapsed := time.monotonic() - began) < LEAVING and any(door.active_channels for door in self.doors):
            for door in self.doors:
                door.let_go(elapsed)
            self.turn(connections, 0.1)
        # Clients that went away have no connection, but a thread may still be writing what they sent.
        self.threads.shutdown(timeout=max(1, LEAVING - elapsed))


class Request(HTTPRequestParser):
    """Refuses what two servers may read differently, and never keeps more of a body than the application takes."""

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except ValueError:  # an address or a length that Python's own functions refuse
            raise ParsingError("invalid") from None
        # RFC 9112, 6.1 and 6.3: two lengths, or chunks under HTTP/1.0, are how requests are smuggled past a proxy.
        if "TRANSFER_ENCODING" in self.headers or (self.chunked and "CONTENT_LENGTH" in self.headers):
            raise ParsingError("invalid")
        if self.body_rcv is not None:
            self.body_rcv.buf = Body(self.adj.inbuf_overflow)

    def received(self, data: bytes) -> int:
        consumed = int(super().received(data))
        if self.chunked and len(self.body_rcv.control_line) + len(self.body_rcv.trailer) > CHUNK_LINE_LIMIT:
            self.error, self.completed = BadRequest("invalid"), True
        return consumed


class Body(OverflowableBuffer):
    """Counts what it no longer keeps: the application then says itself, on its own page, that it is too much."""

    length = 0

    def append(self, data: bytes) -> None:
        self.length += len(data)
        if self.length <= REQUEST_LIMIT:
            super().append(data)

    def __len__(self) -> int:
        return self.length


class Answer(WSGITask):
    """Says that the connection closes when the worker is leaving."""

    def build_response_header(self) -> bytes:
        if self.channel.server.worker.is_leaving and len(self.channel.requests) == 1:
            self.request.headers["CONNECTION"] = "close"
        return bytes(super().build_response_header())


class Refusal(ErrorTask):
    """Speaks French, and repeats nothing of what was sent."""

    def execute(self) -> None:
        error = self.request.error
        body = (REFUSALS.get(error.code) or REFUSALS[400]).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ]
        self.channel.was_refused = True
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Connection(HTTPChannel):
    """Bounds the time that a whole request may take, and lets a refusal be read before it closes."""

    task_class = Answer
    error_task_class = Refusal
    parser_class = Request

    was_refused = False
    deaf_since: float | None = None
    watched: Request | None = None
    watched_since = 0.0

    def service(self) -> None:
        self.server.worker.begins()
        super().service()
        self.server.worker.ends()

    def is_answering(self) -> bool:
        return bool(self.requests or self.total_outbufs_len or self.close_when_flushed)

    def give_up_on_slow(self, now: float) -> None:
        """Close when one request has been arriving, or a refused client talking, for too long."""
        if self.request is not self.watched:
            self.watched, self.watched_since = self.request, now
        is_slow = self.request is not None and now - self.watched_since > SLOWEST_REQUEST
        if is_slow or (self.deaf_since is not None and now - self.deaf_since > LEAVING_HALF_SENT):
            self.will_close = True

    def handle_write(self) -> None:
        if self.was_refused and self.close_when_flushed and not self.total_outbufs_len:
            self._listen_no_more()
        else:
            super().handle_write()

    def _listen_no_more(self) -> None:
        """Close one way only: closed both ways with bytes unread, TCP would reset the answer away."""
        self.close_when_flushed = False
        self.deaf_since = time.time()
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.will_close = True

    def received(self, data: bytes) -> bool:
        return self.deaf_since is None and bool(super().received(data))

    def handle_error(self) -> None:
        """Waitress would log the client's address and the exception's value, which may hold what was sent."""
        place, kind, _value, _trace = self.compact_traceback()
        self.logger.error("connection closed on %s at %s", kind, place)
        self.handle_close()


class Door(TcpWSGIServer):
    """A listening socket of gunicorn's: waitress is not to bind one."""

    channel_class = Connection

    def __init__(self, worker: WholeRequests, listener: socket.socket, connections: dict[int, Any], limit: int) -> None:
        self.worker = worker
        address = listener.getsockname()
        adjustments = Adjustments(
            sockets=[listener],
            server_name=address[0],
            ident=None,
            connection_limit=limit,
            channel_timeout=SILENCE,
            cleanup_interval=5,
            max_request_header_size=HEADER_LIMIT,
            max_request_body_size=READ_LIMIT,
            inbuf_overflow=MEMORY_OF_A_BODY,
            # create_app's ProxyFix decides which proxy to believe; nothing else reads these headers.
            clear_untrusted_proxy_headers=False,
        )
        super().__init__(
            worker.wsgi,
            map=connections,
            _sock=listener,
            dispatcher=worker.threads,
            adj=adjustments,
            sockinfo=(listener.family, listener.type, listener.proto, address),
            bind_socket=False,
        )

    def readable(self) -> bool:
        """Accepts nobody while its threads have a queue: another worker may be free."""
        return bool(super().readable()) and not self.worker.threads.queue

    def handle_accept(self) -> None:
        """Accept; who has clients leaves a worker without any the time to be first: threads of one share a core."""
        if self.active_channels and not self.worker.is_leaving:
            time.sleep(FIRST_TO_THE_IDLE)
        super().handle_accept()

    def maintenance(self, now: float) -> None:
        super().maintenance(now)
        for connection in self.active_channels.values():
            connection.give_up_on_slow(now)

    def shut(self) -> None:
        """Accept what stands at the door, then nobody: what the kernel has accepted may be whole already."""
        seen = -1
        while seen < len(self.active_channels) < self.adj.connection_limit:
            seen = len(self.active_channels)
            self.handle_accept()
        wasyncore.dispatcher.close(self)

    def let_go(self, elapsed: float) -> None:
        """Close connections without an answer in progress, those in the middle of a request a little later."""
        for connection in self.active_channels.values():
            patience = LEAVING_IDLE if connection.request is None else LEAVING_HALF_SENT
            if not connection.is_answering() and elapsed > patience:
                connection.will_close = True


def _room_for_connections() -> int:
    """How many connections to accept; each may need a file for its body, and the application has its own."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * CONNECTIONS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return CONNECTIONS if soft == resource.RLIM_INFINITY else min(CONNECTIONS, soft // 3)


def _keep_addresses_out_of_logs() -> None:
    """What somebody asked for is confidential; that requests wait is no news."""
    logging.getLogger("waitress").addFilter(_without_address)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def _without_address(record: logging.LogRecord) -> bool:
    """Cut "Exception while serving /path" before the path."""
    message, mark, _rest = str(record.msg).partition(" serv")
    if mark:
        record.msg, record.args = f"{message} serving a request", ()
    return True
