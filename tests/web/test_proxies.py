"""Who the client is behind a proxy: what the proxies that are counted say, and never what the client says."""

import logging
from pathlib import Path

import pytest
from flask import Flask, request

from tests.conftest import build_app, close


@pytest.mark.parametrize(
    ("proxies", "forwarded", "client"),
    [
        (0, "203.0.113.9", "127.0.0.1"),  # nobody is believed
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),  # the first was sent by the client
        (2, "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (1, "2001:DB8:0:0::1", "2001:db8::1"),  # one client is one, however it is written
        (1, "inconnu\u00e9", "0.0.0.0"),
    ],
)
def test_limits_count_the_client_that_the_last_counted_proxy_saw(
    tmp_path: Path, proxies: int, forwarded: str, client: str
) -> None:
    app = build_app("sqlite", tmp_path / "data", PROXIES=proxies)
    assert seen(app, forwarded) == client
    close(app)


def seen(app: Flask, forwarded: str) -> str:
    clients: list[str] = []

    @app.after_request
    def note(response):  # type: ignore[no-untyped-def]
        clients.append(request.remote_addr or "")
        return response

    app.test_client().get("/aide", headers={"X-Forwarded-For": forwarded})
    return clients[0]


def test_a_proxy_that_nobody_counted_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = build_app("sqlite", tmp_path / "data", PROXIES=0)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            app.test_client().get("/aide", headers={"X-Forwarded-For": "203.0.113.9"})
    close(app)

    assert caplog.text.count("COMCEP_PROXIES") == 1
    assert "203.0.113.9" not in caplog.text
