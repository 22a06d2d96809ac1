"""Requests byte by byte, as clients send them that no library would."""

import socket
import urllib.request

from tests.servers import Server

HOST = b"Host: 127.0.0.1\r\n"
FORM = HOST + b"Content-Type: application/x-www-form-urlencoded\r\n"


def say(server: Server, sent: bytes) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    client.sendall(sent)
    return client


def hear(client: socket.socket) -> bytes:
    """Everything until the other side closes."""
    with client:
        return b"".join(iter(lambda: client.recv(65_536), b""))


def health(port: int) -> bytes:
    try:
        answer: bytes = urllib.request.urlopen(f"http://127.0.0.1:{port}/sante", timeout=2).read()
        return answer
    except OSError:
        return b""
