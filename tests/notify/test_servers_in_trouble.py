"""Mail servers that hang, drip, refuse or are away, and two processes that send at once: no mail twice, none lost, and
nothing else waits.
"""

import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import func, select, update

from comcep.accounts.models import Member
from comcep.clock import now
from comcep.extensions import db
from comcep.notify import delivering, sending
from comcep.notify.models import Mail
from comcep.sweeping.models import SetAside
from tests.community import Site
from tests.conftest import build_app, close
from tests.gate import Gate
from tests.notify.test_sending import Inbox, free_port
from tests.servers import ROOT, environment


class Strict(Inbox):
    """Refuses some addresses, for good or for now."""

    def __init__(self, refused: dict[str, str]) -> None:
        super().__init__()
        self._refused = refused

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        for name, answer in self._refused.items():
            if name in address:
                return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"


@contextmanager
def running(inbox: Inbox, port: int) -> Iterator[None]:
    server = Controller(inbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield
    finally:
        server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Flask]:
    app = build_app(request.param, tmp_path / "data", SMTP_URL=f"smtp://127.0.0.1:{free_port()}")
    yield app
    close(app)


def port_of(site: Site) -> int:
    return int(site.app.config["SMTP_URL"].rsplit(":", 1)[1])


def write_mails(site: Site, *names: str) -> None:
    with site.app.app_context():
        for name in names:
            member = site.adviser(name).member_id
            db.session.add(Mail(member_id=member, subject=f"Pour {name}", body="Un lien"))
        db.session.commit()


def send(site: Site) -> str | None:
    with site.app.app_context():
        return sending.send_due_mails()


def states(site: Site) -> dict[str, str]:
    with site.app.app_context():
        rows = db.session.execute(select(Mail.subject, Mail.sent_at, Mail.dropped_at).order_by(Mail.id))
        return {row.subject[5:]: "sent" if row.sent_at else "dropped" if row.dropped_at else "waits" for row in rows}


def make_due(site: Site) -> None:
    with site.app.app_context():
        db.session.execute(update(Mail).values(not_before=now()))
        db.session.commit()


@pytest.mark.parametrize("answer", ["", "220-", "220 pret\r\n"])
def test_a_server_that_hangs_costs_its_deadline_and_no_mail(
    site: Site, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silent from the first, in the middle of a greeting, after it."""
    monkeypatch.setattr(delivering, "ANSWER", 0.5)
    write_mails(site, "Maud", "Ines", "Zoe")
    began = time.monotonic()
    with hanging(port_of(site), answer):
        assert send(site)

    assert time.monotonic() - began < 5
    make_due(site)
    inbox = Inbox()
    with running(inbox, port_of(site)):
        assert send(site) is None
    assert states(site) == {"Maud": "sent", "Ines": "sent", "Zoe": "sent"}
    assert len(inbox.messages) == 3


def test_a_server_that_answers_a_byte_at_a_time_is_cut_off(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "CONNECTION", 1.5)
    write_mails(site, "Maud")
    began = time.monotonic()
    with hanging(port_of(site), "220-bonjour" * 100, pause=0.3):
        assert send(site)

    assert time.monotonic() - began < 6


@contextmanager
def hanging(port: int, answer: str, pause: float = 0.0) -> Iterator[None]:
    listener = socket.create_server(("127.0.0.1", port))
    over = threading.Event()

    def serve() -> None:
        ends = []
        while not over.is_set():
            try:
                end, _ = listener.accept()
            except OSError:
                return
            ends.append(end)
            for at in range(0, len(answer), 1 if pause else max(1, len(answer))):
                if over.wait(pause):
                    break
                end.sendall(answer[at : at + (1 if pause else len(answer))].encode())

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def test_a_mail_refused_for_good_is_dropped_and_the_others_go(site: Site) -> None:
    write_mails(site, "Maud", "Ines", "Zoe")
    inbox = Strict({"maud": "550 no such address", "ines": "451 later"})
    with running(inbox, port_of(site)):
        assert send(site) is None

    assert states(site) == {"Maud": "dropped", "Ines": "waits", "Zoe": "sent"}


def test_an_address_that_no_mail_can_bear_is_set_aside_and_the_others_go(site: Site) -> None:
    write_mails(site, "Maud", "Ines")
    with site.app.app_context():
        db.session.execute(
            update(Member).where(Member.email.like("maud%")).values(email="maud@essai.example\nBcc: x@y.example")
        )
        db.session.commit()
    inbox = Inbox()
    with running(inbox, port_of(site)):
        assert send(site) is None

    assert states(site) == {"Maud": "dropped", "Ines": "sent"}
    with site.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SetAside).where(SetAside.work == "mail")) == 1


def test_a_server_that_is_away_for_days_loses_no_mail(site: Site) -> None:
    write_mails(site, "Maud")
    for _ in range(2 * sending.MOST_FAILURES):
        make_due(site)
        assert send(site)

    assert states(site) == {"Maud": "waits"}


_SEND = """
import sys
from comcep import create_app
from comcep.notify import sending
data, database, smtp = sys.argv[1:]
app = create_app({"DATA": data, "DATABASE_URL": database, "SMTP_URL": smtp, "TESTING": True})
with app.app_context():
    for _ in range(6):
        sending.send_due_mails()
"""


def test_two_processes_that_send_at_once_send_no_mail_twice(site: Site) -> None:
    names = [f"Membre{number}" for number in range(60)]
    write_mails(site, *names)
    config, inbox = site.app.config, Inbox()
    command = [sys.executable, "-c", _SEND, str(config["DATA"]), config.get("DATABASE_URL") or "", config["SMTP_URL"]]
    with running(inbox, port_of(site)):
        processes = [subprocess.Popen(command, cwd=ROOT, env=environment(config["DATA"])) for _ in range(3)]
        assert [process.wait(60) for process in processes] == [0, 0, 0]

    to = Counter(line for message in inbox.messages for line in message.splitlines() if line.startswith(b"To:"))
    assert len(to) == 60
    assert set(to.values()) == {1}


def test_a_gate_that_is_silent_is_told_as_the_server_away(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "ANSWER", 0.5)
    inbox, port = Inbox(), free_port()
    with running(inbox, port):
        gate = Gate(port)
        site.app.config["SMTP_URL"] = f"smtp://127.0.0.1:{gate.port}"
        write_mails(site, "Maud")
        gate.silence()
        assert send(site)
        gate.open()
        make_due(site)
        assert send(site) is None
        gate.shut()
    assert len(inbox.messages) == 1
